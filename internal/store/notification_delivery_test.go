package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// told is an organisation with a connection about which notifications open.
type told struct {
	*testkit.DB

	organisation, connection string
}

func newTold(t *testing.T) told {
	t.Helper()
	db := testkit.New(t)
	organisation := db.Organisation(t)
	return told{DB: db, organisation: organisation, connection: db.Connection(t, organisation).ID}
}

func (d told) open(t *testing.T, at time.Time, notices ...domain.Notice) {
	t.Helper()
	_, err := d.Store.OpenNotices(t.Context(), d.connection, notices, at)
	require.NoError(t, err)
}

func (d told) end(t *testing.T, at time.Time, notices ...domain.Notice) {
	t.Helper()
	var keys []store.NoticeKey
	for _, notice := range notices {
		keys = append(keys, store.NoticeKey{Cause: notice.Cause, Subject: notice.Subject})
	}
	_, err := d.Store.CloseNotices(t.Context(), d.connection, keys, at)
	require.NoError(t, err)
}

// only is the id of the one notification that is open.
func (d told) only(t *testing.T) string {
	t.Helper()
	return testkit.Value[string](t, d.DB, `select id::text from connexie.notifications where closed_at is null`)
}

// channel adds a channel that hears of everything from a severity on.
func (d told) channel(t *testing.T, kind domain.ChannelKind, target string, least domain.Severity) store.Channel {
	t.Helper()
	channel := store.Channel{
		ID: testkit.ID(t), OrganisationID: d.organisation, Kind: kind, Target: target, MinimumSeverity: least, Enabled: true, SetBy: "cli",
	}
	if kind == domain.ChannelWebhook {
		channel.Secret = store.SealedSecret{KeyID: "key", Ciphertext: []byte("sealed")}
	}
	require.NoError(t, d.Store.SetChannel(t.Context(), channel, now))
	return channel
}

func (d told) webhook(t *testing.T) store.Channel {
	t.Helper()
	return d.channel(t, domain.ChannelWebhook, "https://example.com/hook", domain.SeverityInfo)
}

// events lists the outbox as "kind subject".
func (d told) events(t *testing.T) []string {
	t.Helper()
	return testkit.Value[[]string](t, d.DB, `
		select coalesce(array_agg(e.kind || ' ' || n.subject order by e.number), '{}')
		  from connexie.notification_events e join connexie.notifications n on n.id = e.notification_id`)
}

// turn takes a turn, which there must be.
func (d told) turn(t *testing.T, at time.Time) store.Turn {
	t.Helper()
	turn, err := d.Store.TakeTurn(t.Context(), time.Minute, at)
	require.NoError(t, err)
	return turn
}

func (d told) requireNoTurn(t *testing.T, at time.Time, why ...any) {
	t.Helper()
	_, err := d.Store.TakeTurn(t.Context(), time.Minute, at)
	require.True(t, store.NothingDue(err), why...)
}

func (d told) due(t *testing.T, channelID string, at time.Time) []store.Delivery {
	t.Helper()
	due, err := d.Store.DueEvents(t.Context(), channelID, 100, at)
	require.NoError(t, err)
	return due
}

// sends plays a deliverer until nothing is due, and lists what it sent as "kind subject".
func (d told) sends(t *testing.T, at time.Time) []string {
	t.Helper()
	sent := []string{}
	for {
		turn, err := d.Store.TakeTurn(t.Context(), time.Minute, at)
		if store.NothingDue(err) {
			return sent
		}
		require.NoError(t, err)
		for _, delivery := range d.due(t, turn.Channel.ID, at) {
			sent = append(sent, said(delivery))
			d.note(t, turn, delivery, domain.Attempt{Result: domain.Delivered}, at)
		}
		require.NoError(t, d.Store.EndTurn(t.Context(), turn))
	}
}

func said(delivery store.Delivery) string {
	return string(delivery.Event.Kind) + " " + delivery.Event.Subject
}

func (d told) note(
	t *testing.T, turn store.Turn, delivery store.Delivery, tried domain.Attempt, at time.Time,
) domain.ChannelStanding {
	t.Helper()
	standing, err := d.Store.NoteAttempt(t.Context(), turn, []store.Delivery{delivery}, tried, at)
	require.NoError(t, err)
	return standing
}

var refusedRecord = domain.RefusedRecordNotice("per_2")

func TestOutbox_N1_OneEventForWhateverHappensToANotification(t *testing.T) {
	t.Parallel()
	d := newTold(t)
	d.open(t, now, disputed, refusedRecord)
	d.open(t, later, disputed)
	changed := disputed
	changed.NextStep = "Decide about three."
	d.open(t, later, changed)
	_, err := d.Store.RefreshNotices(t.Context(), d.connection, []domain.Notice{changed}, later.Add(time.Minute))
	require.NoError(t, err)
	d.end(t, later.Add(time.Hour), disputed)
	d.end(t, later.Add(time.Hour), disputed)
	d.open(t, later.Add(2*time.Hour), disputed)
	require.Equal(t, []string{
		"opened per_1", "opened per_2", "told_anew per_1", "told_anew per_1", "closed per_1", "opened per_1",
	}, d.events(t))
	require.Equal(t, changed.NextStep, testkit.Value[string](t, d.DB,
		`select next_step from connexie.notification_events where kind = 'closed'`))
	require.Equal(t, later.Add(time.Hour), testkit.Value[time.Time](t, d.DB,
		`select at from connexie.notification_events where kind = 'closed'`).UTC())
}

// Whoever closes or opens by a statement of their own need not know of the outbox.
func TestOutbox_N1_WritesWhateverStatementChangesANotification(t *testing.T) {
	t.Parallel()
	d := newTold(t)
	d.open(t, now, disputed, refusedRecord)
	d.Exec(t, `update connexie.notifications set severity = 'critical' where subject = 'per_1'`)
	d.Exec(t, `update connexie.notifications set closed_at = now()`)
	d.Exec(t, `
		insert into connexie.notifications (id, organisation_id, connection_id, cause, subject, severity, next_step, opened_at)
		select gen_random_uuid(), $1, $2, 'of_tomorrow', 's' || i, 'info', 'Do.', now() + i * interval '1 second'
		  from generate_series(1, 2) i`, d.organisation, d.connection)
	d.Exec(t, `update connexie.notifications set read_at = now(), read_by = 'user_42'`)
	events := d.events(t)
	require.Equal(t, []string{"opened per_1", "opened per_2", "told_anew per_1"}, events[:3])
	require.ElementsMatch(t, []string{"closed per_1", "closed per_2"}, events[3:5])
	require.Equal(t, []string{"opened s1", "opened s2"}, events[5:])
	d.Exec(t, `delete from connexie.notifications where subject = 'per_1'`)
	require.NotContains(t, d.events(t), "opened per_1", "whoever erases a notification erases what is told of it")
}

func TestOutbox_S9_UnchangedNotificationsWriteNothing(t *testing.T) {
	t.Parallel()
	d := newTold(t)
	d.webhook(t)
	d.open(t, now, disputed)
	before := testkit.TakeSnapshot(t, d.URL)
	d.open(t, later, disputed)
	d.end(t, later, refusedRecord)
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, d.URL))
}

func TestOutbox_N1_WhatIsRolledBackTellsNobody(t *testing.T) {
	t.Parallel()
	d := newTold(t)
	d.webhook(t)
	tx, err := d.Pool.Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), `
		insert into connexie.notifications (id, organisation_id, connection_id, cause, subject, severity, next_step, opened_at)
		values ($1, $2, $3, 'disputed', 'per_1', 'warning', 'Decide.', now())`, testkit.ID(t), d.organisation, d.connection)
	require.NoError(t, err)
	var written int
	require.NoError(t, tx.QueryRow(t.Context(), `select count(*) from connexie.notification_deliveries`).Scan(&written))
	require.Equal(t, 1, written, "in the very transaction")
	require.NoError(t, tx.Rollback(t.Context()))
	require.Empty(t, d.events(t))
	require.Zero(t, testkit.Value[int](t, d.DB, `select count(*) from connexie.notification_deliveries`))
}

// Ten thousand at once are still one statement, whose triggers join sets and not pairs,
// also where their plans were made for a single row.
func TestOutbox_N1_TenThousandAtOnce(t *testing.T) {
	t.Parallel()
	d := newTold(t)
	d.webhook(t)
	d.open(t, now, disputed) // so that the triggers are planned
	d.end(t, now, disputed)
	notices := make([]domain.Notice, 10_000)
	for i := range notices {
		notices[i] = domain.RefusedRecordNotice(fmt.Sprintf("per_%05d", i))
	}
	begin := time.Now()
	d.open(t, now, notices...)
	opened := time.Since(begin)
	d.Exec(t, `update connexie.notifications set closed_at = now() where closed_at is null`)
	require.Equal(t, 20_002, testkit.Value[int](t, d.DB, `select count(*) from connexie.notification_deliveries`))
	t.Logf("opened 10,000 in %s, opened and closed them in %s", opened, time.Since(begin))
	require.Less(t, time.Since(begin), 30*time.Second, "pairs would take minutes")
}

func TestChannel_N1_HearsFromItsSeverityOnAndTheSequelOfWhatItHeard(t *testing.T) {
	t.Parallel()
	d := newTold(t)
	channel := d.channel(t, domain.ChannelWebhook, "https://example.com/hook", domain.SeverityWarning)
	elsewhere := newToldBeside(t, d)
	elsewhere.webhook(t)
	quiet := domain.Notice{Cause: "c", Subject: "s", Severity: domain.SeverityInfo, NextStep: "Know."}
	loud := quiet
	loud.Severity = domain.SeverityCritical
	d.open(t, now, quiet)
	require.Empty(t, d.sends(t, now))
	d.open(t, now.Add(time.Minute), loud)
	d.open(t, now.Add(2*time.Minute), quiet)
	d.end(t, now.Add(3*time.Minute), quiet)
	require.Equal(t, []string{"told_anew s", "told_anew s", "closed s"}, d.sends(t, later))

	channel.Enabled = false
	require.NoError(t, d.Store.SetChannel(t.Context(), channel, later))
	d.open(t, later, loud)
	channel.Enabled = true
	require.NoError(t, d.Store.SetChannel(t.Context(), channel, later))
	require.Empty(t, d.sends(t, later), "what happened while it was off is not told")
}

// newToldBeside is another organisation in the same database.
func newToldBeside(t *testing.T, d told) told {
	t.Helper()
	organisation := d.Organisation(t)
	return told{DB: d.DB, organisation: organisation, connection: d.Connection(t, organisation).ID}
}

func TestDelivery_N1_InOrderOfWhatHappenedToANotification(t *testing.T) {
	t.Parallel()
	d := newTold(t)
	channel := d.webhook(t)
	d.open(t, now, disputed, refusedRecord)
	d.end(t, now, disputed)
	turn := d.turn(t, now)
	due := d.due(t, channel.ID, now)
	require.Len(t, due, 2, "the end waits for the beginning")
	require.Equal(t, "opened per_1", said(due[0]))

	d.note(t, turn, due[0], domain.Attempt{Result: domain.SendLater, Problem: "it answered 503"}, now)
	require.NoError(t, d.Store.EndTurn(t.Context(), turn))
	d.requireNoTurn(t, now.Add(59*time.Second), "the channel waits")
	require.Equal(t, []string{"opened per_2", "opened per_1", "closed per_1"}, d.sends(t, now.Add(time.Minute)))
}

// The id of an event, and all else of it, is the same at every repetition.
func TestDelivery_N1_ARepetitionIsTheSameEvent(t *testing.T) {
	t.Parallel()
	d := newTold(t)
	channel := d.webhook(t)
	d.open(t, now, disputed)
	d.turn(t, now) // of a deliverer that dies
	first := d.due(t, channel.ID, now)
	d.open(t, later, domain.Notice{Cause: disputed.Cause, Subject: disputed.Subject, Severity: domain.SeverityCritical, NextStep: "Hurry."})
	d.requireNoTurn(t, now.Add(30*time.Second), "nobody else has the channel meanwhile")
	d.turn(t, later)
	require.Equal(t, first, d.due(t, channel.ID, later))
	require.Equal(t, domain.NoticeEvent{
		ID: first[0].Event.ID, Kind: domain.EventOpened, At: first[0].Event.At, NotificationID: d.only(t), OrganisationID: d.organisation,
		ConnectionID: d.connection, Cause: disputed.Cause, Subject: "per_1", Severity: disputed.Severity, NextStep: disputed.NextStep,
	}, first[0].Event)
	require.WithinDuration(t, now, first[0].Event.At, 0)
}

func TestDelivery_N1_SeveralDeliverersLoseNothingAndHaveAChannelEach(t *testing.T) {
	t.Parallel()
	d := newTold(t)
	for i := range 4 {
		d.channel(t, domain.ChannelEmail, fmt.Sprintf("p%d@example.com", i), domain.SeverityInfo)
	}
	for i := range 30 {
		d.open(t, now, domain.RefusedRecordNotice(fmt.Sprintf("per_%d", i)))
	}
	var group errgroup.Group
	for range 6 {
		group.Go(func() error {
			for {
				if err := d.deliverSome(t.Context(), 7); store.NothingDue(err) {
					return nil
				} else if err != nil {
					return err
				}
			}
		})
	}
	require.NoError(t, group.Wait())
	require.Equal(t, 120, testkit.Value[int](t, d.DB, `
		select count(*) from connexie.notification_deliveries where state = 'delivered' and attempts = 1`), "each once")
}

// deliverSome delivers up to a number of events in one turn, as one of many deliverers.
func (d told) deliverSome(ctx context.Context, limit int) error {
	turn, err := d.Store.TakeTurn(ctx, time.Minute, now)
	if err != nil {
		return err
	}
	due, err := d.Store.DueEvents(ctx, turn.Channel.ID, limit, now)
	if err != nil {
		return err
	}
	for _, delivery := range due {
		_, err := d.Store.NoteAttempt(ctx, turn, []store.Delivery{delivery}, domain.Attempt{Result: domain.Delivered}, now)
		if err != nil {
			return err
		}
	}
	return d.Store.EndTurn(ctx, turn)
}

// Somebody who comes back after the lease has run out may say what arrived, and nothing
// else: another one works there.
func TestDelivery_N1_AnOldTurnCannotHoldUpTheNewOne(t *testing.T) {
	t.Parallel()
	d := newTold(t)
	channel := d.webhook(t)
	d.open(t, now, disputed, refusedRecord)
	old := d.turn(t, now)
	due := d.due(t, channel.ID, now)
	d.turn(t, later)
	d.note(t, old, due[0], domain.Attempt{Result: domain.SendGone, Problem: "it answered 410"}, later)
	status, err := d.Store.ChannelByID(t.Context(), channel.ID)
	require.NoError(t, err)
	require.Zero(t, status.Standing)
	d.note(t, old, due[0], domain.Attempt{Result: domain.Delivered}, later)
	require.Len(t, d.due(t, channel.ID, later), 1)
	require.NoError(t, d.Store.EndTurn(t.Context(), old))
	d.requireNoTurn(t, later, "the new turn goes on")
}

func TestChannel_N1_RefusalsAreKeptAndWaitOnceMoreWhenItIsMended(t *testing.T) {
	t.Parallel()
	d := newTold(t)
	channel := d.webhook(t)
	refuse := domain.Attempt{Result: domain.SendRefused, Problem: "it answered 400"}
	d.open(t, now, disputed, refusedRecord)
	turn := d.turn(t, now)
	due := d.due(t, channel.ID, now)
	turn.Standing = d.note(t, turn, due[0], refuse, now)
	require.Equal(t, []string{"opened per_2"}, saidAll(d.due(t, channel.ID, now)), "one bad event holds up no other")
	d.end(t, now, disputed)
	require.NoError(t, d.Store.EndTurn(t.Context(), turn))
	status, err := d.Store.ChannelByID(t.Context(), channel.ID)
	require.NoError(t, err)
	require.Equal(t, domain.ChannelStanding{Failures: 1, Refusals: 1, FailingSince: status.Standing.FailingSince, Problem: "it answered 400"}, status.Standing)
	require.WithinDuration(t, now, status.Standing.FailingSince, 0)
	require.Equal(t, 1, status.Refused)

	require.NoError(t, d.Store.MendChannel(t.Context(), channel.ID, later))
	require.Equal(t, []string{"opened per_1", "opened per_2", "closed per_1"}, d.sends(t, later))

	again := disputed
	again.Subject = "per_3"
	d.open(t, later, again)
	turn = d.turn(t, later)
	d.note(t, turn, d.due(t, channel.ID, later)[0], refuse, later)
	require.NoError(t, d.Store.EndTurn(t.Context(), turn))
	d.end(t, later, again)
	require.Equal(t, []string{"closed per_3"}, d.sends(t, later))
	require.NoError(t, d.Store.MendChannel(t.Context(), channel.ID, later))
	require.Empty(t, d.sends(t, later), "nothing opens after its end")
}

func saidAll(due []store.Delivery) []string {
	all := make([]string, 0, len(due))
	for _, delivery := range due {
		all = append(all, said(delivery))
	}
	return all
}

func TestChannel_N1_OneThatIsStoppedOrAwayHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	d := newTold(t)
	d.channel(t, domain.ChannelWebhook, "https://example.com/a", domain.SeverityInfo)
	d.channel(t, domain.ChannelWebhook, "https://example.com/b", domain.SeverityInfo)
	d.open(t, now, disputed)
	first, second := d.turn(t, now), d.turn(t, now)
	require.NotEqual(t, first.Channel.ID, second.Channel.ID)
	d.note(t, first, d.due(t, first.Channel.ID, now)[0], domain.Attempt{Result: domain.SendGone, Problem: "it answered 410"}, now)
	d.note(t, second, d.due(t, second.Channel.ID, now)[0], domain.Attempt{Result: domain.SendLater, RetryAfter: time.Hour, Problem: "it answered 429"}, now)
	for _, turn := range []store.Turn{first, second} {
		require.NoError(t, d.Store.EndTurn(t.Context(), turn))
	}
	d.requireNoTurn(t, now.Add(59*time.Minute), "Retry-After is obeyed")
	require.Equal(t, second.Channel.ID, d.turn(t, now.Add(time.Hour)).Channel.ID)
	d.requireNoTurn(t, now.Add(time.Hour+time.Second), "who is gone is asked no more")
}

func TestMail_N1_WhatIsDueTogetherIsOneMailThatStaysTheSame(t *testing.T) {
	t.Parallel()
	d := newTold(t)
	channel := d.channel(t, domain.ChannelEmail, "payroll@example.com", domain.SeverityInfo)
	mail := func(at time.Time) []store.Delivery {
		due, err := d.Store.DueMail(t.Context(), channel.ID, 3, at)
		require.NoError(t, err)
		return due
	}
	require.Empty(t, mail(now))
	d.open(t, now, disputed, refusedRecord)
	d.end(t, now, disputed)
	d.open(t, now, reactivated)
	turn := d.turn(t, now)
	first := mail(now)
	require.Equal(t, []string{"opened per_1", "opened per_2", "closed per_1"}, saidAll(first), "in order, also of one notification")
	d.open(t, now, domain.Notice{Cause: "c", Subject: "s", Severity: domain.SeverityCritical, NextStep: "Do."})
	require.Equal(t, first, mail(now), "it may have arrived: a repetition holds the same")
	_, err := d.Store.NoteAttempt(t.Context(), turn, first, domain.Attempt{Result: domain.SendLater, Problem: "p"}, now)
	require.NoError(t, err)
	again := mail(now.Add(time.Minute))
	require.Equal(t, saidAll(first), saidAll(again))
	require.Equal(t, 1, again[0].Attempts)
	_, err = d.Store.NoteAttempt(t.Context(), turn, again, domain.Attempt{Result: domain.Delivered}, later)
	require.NoError(t, err)
	require.Equal(t, []string{"opened per_1", "opened s"}, saidAll(mail(later)))
}

func TestChannel_SettingIt(t *testing.T) {
	t.Parallel()
	d := newTold(t)
	channel := d.webhook(t)
	second := channel
	second.ID = testkit.ID(t)
	require.ErrorIs(t, d.Store.SetChannel(t.Context(), second, now), store.ErrChannelExists)
	second.OrganisationID, second.Target = testkit.ID(t), "https://example.com/other"
	require.ErrorIs(t, d.Store.SetChannel(t.Context(), second, now), store.ErrNotFound)
	found, err := d.Store.FindChannel(t.Context(), d.organisation, domain.ChannelWebhook, channel.Target)
	require.NoError(t, err)
	channel.SetAt = found.SetAt
	require.Equal(t, channel, found.Channel)
	require.NoError(t, d.Store.RemoveChannel(t.Context(), channel.ID))
	require.ErrorIs(t, d.Store.RemoveChannel(t.Context(), channel.ID), store.ErrNotFound)
}

func TestOutbox_PrunesWhatIsClosedAndDelivered(t *testing.T) {
	t.Parallel()
	d := newTold(t)
	d.webhook(t)
	d.open(t, now, disputed, refusedRecord)
	d.end(t, now, disputed)
	prune := func() int {
		pruned, err := d.Store.PruneNotificationEvents(t.Context(), later, 100)
		require.NoError(t, err)
		return pruned
	}
	require.Zero(t, prune(), "it waits to be delivered")
	d.sends(t, later)
	require.Equal(t, 2, prune())
	require.Equal(t, []string{"opened per_2"}, d.events(t))
}

// A synchronisation that opens notifications for a while must not keep a channel from
// delivering what was told before it, nor be kept waiting by whoever delivers.
func TestDelivery_N1_GoesOnBesideATransactionThatOpensNotifications(t *testing.T) {
	t.Parallel()
	d := newTold(t)
	d.webhook(t)
	d.open(t, now, disputed)
	tx, err := d.Pool.Begin(t.Context())
	require.NoError(t, err)
	defer func() { _ = tx.Rollback(t.Context()) }()
	_, err = tx.Exec(t.Context(), `
		insert into connexie.notifications (id, organisation_id, connection_id, cause, subject, severity, next_step, opened_at)
		values ($1, $2, $3, 'disputed', 'per_9', 'warning', 'Decide.', $4)`, testkit.ID(t), d.organisation, d.connection, now)
	require.NoError(t, err)
	require.Equal(t, []string{"opened per_1"}, d.sends(t, now))
	require.NoError(t, tx.Commit(t.Context()))
	require.Equal(t, []string{"opened per_9"}, d.sends(t, now))
}
