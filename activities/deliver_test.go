package activities_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/mail"
	"github.com/eitje/connexie-worker/internal/sink"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
	"github.com/eitje/connexie-worker/internal/webhook"
)

// post sends as the worker does, to real receivers, with secrets that lie in the store
// unsealed.
type post struct {
	hooks *webhook.Client
	mails *mail.Sender
	// before, where given, is called before each attempt, and after behind it.
	before, after func(channel store.Channel, tried domain.Attempt)
}

func (p *post) Send(ctx context.Context, channel store.Channel, events []domain.NoticeEvent) domain.Attempt {
	if p.before != nil {
		p.before(channel, domain.Attempt{})
	}
	tried := p.send(ctx, channel, events)
	if p.after != nil {
		p.after(channel, tried)
	}
	return tried
}

func (p *post) send(ctx context.Context, channel store.Channel, events []domain.NoticeEvent) domain.Attempt {
	if channel.Kind == domain.ChannelEmail {
		return p.mails.Send(ctx, mail.Envelope{ChannelID: channel.ID, To: channel.Target, Events: events, Link: func(string) string { return "" }})
	}
	return p.hooks.Send(ctx, channel.Target, string(channel.Secret.Ciphertext), events[0], "")
}

// deliveries are a database with an organisation, a mail server, and the activities
// that deliver.
type deliveries struct {
	*bundle

	organisation string
	mailbox      *sink.Mailbox
	post         *post
	delivering   *activities.Delivering
	clock        time.Time
	mutex        sync.Mutex
}

func newDeliveries(t *testing.T) *deliveries {
	t.Helper()
	db := testkit.New(t)
	organisation := db.Organisation(t)
	mailbox, err := sink.OpenMailbox("127.0.0.1:0", "")
	require.NoError(t, err)
	t.Cleanup(mailbox.Close)
	hooks := webhook.New(webhook.Options{Timeout: 2 * time.Second})
	t.Cleanup(hooks.Close)
	d := &deliveries{
		bundle: &bundle{T: t, db: db, connection: db.Connection(t, organisation).ID}, organisation: organisation, mailbox: mailbox,
		post: &post{hooks: hooks, mails: mail.New(mail.Options{
			Addr: mailbox.Addr(), From: "notifications@eitje.example", TLS: mail.Plain, Timeout: 2 * time.Second,
		})},
		clock: now,
	}
	d.delivering = &activities.Delivering{Store: db.Store, Postman: d.post, Now: func() time.Time {
		d.mutex.Lock()
		defer d.mutex.Unlock()
		return d.clock
	}}
	return d
}

// wait moves the clock on.
func (d *deliveries) wait(duration time.Duration) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.clock = d.clock.Add(duration)
}

// hook is a webhook with a channel to it.
func (d *deliveries) hook() (*sink.Hook, string) {
	d.Helper()
	hook := sink.OpenHook()
	d.Cleanup(hook.Close)
	return hook, d.channel(domain.ChannelWebhook, hook.URL())
}

func (d *deliveries) channel(kind domain.ChannelKind, target string) string {
	d.Helper()
	channel := store.Channel{
		ID: testkit.ID(d), OrganisationID: d.organisation, Kind: kind, Target: target, MinimumSeverity: domain.SeverityInfo, Enabled: true, SetBy: "cli",
	}
	if kind == domain.ChannelWebhook {
		channel.Secret = store.SealedSecret{KeyID: "open", Ciphertext: []byte(webhook.NewSecret())}
	}
	require.NoError(d, d.db.Store.SetChannel(d.Context(), channel, now))
	return channel.ID
}

func (d *deliveries) opens(subjects ...string) {
	d.Helper()
	var notices []domain.Notice
	for _, subject := range subjects {
		notices = append(notices, domain.RefusedRecordNotice(subject))
	}
	_, err := d.db.Store.OpenNotices(d.Context(), d.connection, notices, d.delivering.Now())
	require.NoError(d, err)
}

func (d *deliveries) closes(subject string) {
	d.Helper()
	_, err := d.db.Store.CloseNotices(d.Context(), d.connection,
		[]store.NoticeKey{{Cause: domain.CauseBadRecord, Subject: subject}}, d.delivering.Now())
	require.NoError(d, err)
}

func (d *deliveries) deliver() domain.Counts {
	d.Helper()
	result, err := run(d.bundle, d.delivering.DeliverEvents, activities.DeliverInput{})
	require.NoError(d, err)
	require.True(d, result.Done)
	return result.Counts
}

func (d *deliveries) status(channel string) store.ChannelStatus {
	d.Helper()
	status, err := d.db.Store.ChannelByID(d.Context(), channel)
	require.NoError(d, err)
	return status
}

func TestDelivery_N1_WhatHappensReachesWebhookAndMailboxOnce(t *testing.T) {
	t.Parallel()
	d := newDeliveries(t)
	hook, _ := d.hook()
	d.channel(domain.ChannelEmail, "payroll@example.com")
	require.Empty(t, d.deliver())
	d.opens("per_1", "per_2")
	require.Equal(t, domain.Counts{"delivered": 4}, d.deliver())
	d.closes("per_1")
	require.Equal(t, domain.Counts{"delivered": 2}, d.deliver())
	require.Empty(t, d.deliver())
	require.Len(t, hook.Calls(), 3)
	require.Len(t, d.mailbox.Mails(), 2, "what is due together is one mail")
	require.Contains(t, hook.Calls()[2].Body, `"notification.closed"`)
}

// What passes is tried later, as much later as the receiver asks; nothing else waits.
func TestDelivery_N6_AReceiverThatIsAwayIsTriedLater(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer  sink.Answer
		wait    time.Duration
		problem string
	}{
		"500":                  {sink.Answer{Status: 500}, time.Minute, "it answered 500"},
		"429 with Retry-After": {sink.Answer{Status: 429, RetryAfter: "600"}, 10 * time.Minute, "it answered 429"},
		"408":                  {sink.Answer{Status: 408}, time.Minute, "it answered 408"},
		"no answer in time":    {sink.Answer{Silent: true}, time.Minute, "it did not answer in time"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDeliveries(t)
			bad, channel := d.hook()
			good, _ := d.hook()
			bad.AnswerNext(test.answer)
			d.opens("per_1")
			require.Equal(t, domain.Counts{"delivered": 1, "later": 1}, d.deliver(), "the other channel goes on")
			require.Len(t, good.Calls(), 1)
			require.Equal(t, test.problem, d.status(channel).Standing.Problem)
			d.closes("per_1")
			d.wait(test.wait - time.Second)
			require.Equal(t, domain.Counts{"delivered": 1}, d.deliver())
			require.Len(t, bad.Calls(), 1)
			d.wait(time.Second)
			require.Equal(t, domain.Counts{"delivered": 2}, d.deliver())
			calls := bad.Calls()
			require.Equal(t, calls[0].ID(), calls[1].ID())
			require.Contains(t, calls[2].Body, "closed", "the end comes after the beginning")
			require.Zero(t, d.status(channel).Standing)
		})
	}
}

// The receiver has it and the answer is lost: it comes again, and is the same.
func TestDelivery_N1_ALostAnswerIsDeliveredTwiceUnderOneID(t *testing.T) {
	t.Parallel()
	d := newDeliveries(t)
	hook, _ := d.hook()
	hook.AnswerNext(sink.Answer{Lost: true})
	d.opens("per_1")
	require.Equal(t, domain.Counts{"later": 1}, d.deliver())
	d.wait(time.Minute)
	require.Equal(t, domain.Counts{"delivered": 1}, d.deliver())
	calls := hook.Calls()
	require.Len(t, calls, 2)
	require.Equal(t, calls[0].ID(), calls[1].ID())
	require.Equal(t, calls[0].Body, calls[1].Body)
}

// A worker may die between sending and noting it.
func TestDelivery_N1_AWorkerThatDiesAfterSendingSendsAgainUnderTheSameID(t *testing.T) {
	t.Parallel()
	d := newDeliveries(t)
	hook, _ := d.hook()
	d.channel(domain.ChannelEmail, "payroll@example.com")
	d.opens("per_1")
	d.post.after = func(store.Channel, domain.Attempt) { panic("the worker is killed") }
	died := func() { // as a process does: nothing is noted, nor given back
		for {
			turn, err := d.db.Store.TakeTurn(t.Context(), time.Minute, d.delivering.Now())
			if store.NothingDue(err) {
				return
			}
			require.NoError(t, err)
			due, err := d.db.Store.DueEvents(t.Context(), turn.Channel.ID, 1, d.delivering.Now())
			require.NoError(t, err)
			if turn.Channel.Kind == domain.ChannelEmail {
				due, err = d.db.Store.DueMail(t.Context(), turn.Channel.ID, 1, d.delivering.Now())
				require.NoError(t, err)
			}
			require.Panics(t, func() { d.post.Send(t.Context(), turn.Channel, []domain.NoticeEvent{due[0].Event}) })
		}
	}
	died()
	d.post.after = nil
	d.opens("per_2") // must not get into the mail that was sent
	require.Empty(t, d.deliver(), "the lease of the dead lasts")
	d.wait(time.Minute)
	require.Equal(t, domain.Counts{"delivered": 4}, d.deliver())
	calls := hook.Calls()
	require.Equal(t, calls[0], withoutTimestamps(calls[1], calls[0]))
	mails := d.mailbox.Mails()
	require.Len(t, mails, 3)
	require.Equal(t, mails[0], mails[1], "the very same mail")
}

// withoutTimestamps is a call with the time, and so the signature, of another.
func withoutTimestamps(call, of sink.Call) sink.Call {
	for _, name := range []string{"Webhook-Timestamp", "Webhook-Signature"} {
		call.Header.Set(name, of.Header.Get(name))
	}
	return call
}

func TestDelivery_N1_ARefusedEventHoldsUpNoOtherAndMarksTheChannel(t *testing.T) {
	t.Parallel()
	d := newDeliveries(t)
	hook, channel := d.hook()
	hook.AnswerNext(sink.Answer{Status: 422})
	d.opens("per_1", "per_2")
	require.Equal(t, domain.Counts{"delivered": 1, "refused": 1}, d.deliver())
	require.Equal(t, 1, d.status(channel).Refused)
	require.Empty(t, d.deliver(), "no repetition mends it")
	require.Equal(t, 2, testkit.Value[int](t, d.db, `select count(*) from connexie.notifications`), "and nobody is notified of it")
}

func TestDelivery_N1_OneThatRefusesEverythingOrIsGoneIsStoppedUntilATestArrives(t *testing.T) {
	t.Parallel()
	for status, attempts := range map[int]int{401: 10, 410: 1} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			d := newDeliveries(t)
			hook, channel := d.hook()
			hook.AnswerAll(sink.Answer{Status: status})
			var subjects []string
			for i := range 30 {
				subjects = append(subjects, fmt.Sprintf("per_%02d", i))
			}
			d.opens(subjects...)
			d.deliver()
			d.wait(48 * time.Hour)
			require.Empty(t, d.deliver())
			require.Len(t, hook.Calls(), attempts)
			require.False(t, d.status(channel).Standing.StoppedAt.IsZero())

			test := activities.TestChannelInput{ChannelID: channel, EventID: testkit.ID(t)}
			tried, err := run(d.bundle, d.delivering.TestChannel, test)
			require.NoError(t, err)
			require.Equal(t, activities.TestChannelResult{Problem: fmt.Sprintf("it answered %d", status)}, tried)
			require.Empty(t, d.deliver())

			hook.AnswerAll(sink.Answer{})
			tried, err = run(d.bundle, d.delivering.TestChannel, test)
			require.NoError(t, err)
			require.Equal(t, activities.TestChannelResult{Delivered: true}, tried)
			require.Equal(t, domain.Counts{"delivered": 30}, d.deliver(), "nothing was lost")
		})
	}
}

func TestDelivery_N1_WithoutAMailServerMailsWait(t *testing.T) {
	t.Parallel()
	d := newDeliveries(t)
	channel := d.channel(domain.ChannelEmail, "payroll@example.com")
	there := d.post.mails
	d.post.mails = mail.New(mail.Options{})
	d.opens("per_1")
	require.Equal(t, domain.Counts{"later": 1}, d.deliver())
	require.Equal(t, mail.NoServer, d.status(channel).Standing.Problem)
	d.post.mails = there
	d.wait(time.Minute)
	require.Equal(t, domain.Counts{"delivered": 1}, d.deliver())
}

func TestDelivery_N1_TwoDeliverersAtOnceLoseNothingAndRepeatNothing(t *testing.T) {
	t.Parallel()
	d := newDeliveries(t)
	var hooks []*sink.Hook
	for range 3 {
		hook, _ := d.hook()
		hooks = append(hooks, hook)
	}
	var subjects []string
	for i := range 40 {
		subjects = append(subjects, fmt.Sprintf("per_%02d", i))
	}
	d.opens(subjects...)
	d.closes("per_07")
	var group errgroup.Group
	for range 2 {
		group.Go(func() error {
			_, err := run(d.bundle, d.delivering.DeliverEvents, activities.DeliverInput{})
			return err
		})
	}
	require.NoError(t, group.Wait())
	for _, hook := range hooks {
		seen := map[string]bool{}
		for _, call := range hook.Calls() {
			require.False(t, seen[call.ID()], "twice")
			seen[call.ID()] = true
		}
		require.Len(t, seen, 41)
	}
}

func TestDelivery_N1_ASnoozedOneComesAgain(t *testing.T) {
	t.Parallel()
	d := newDeliveries(t)
	hook, _ := d.hook()
	d.opens("per_1")
	require.Equal(t, domain.Counts{"delivered": 1}, d.deliver())
	id := testkit.Value[string](t, d.db, `select id::text from connexie.notifications`)
	_, err := d.db.Store.SnoozeNotification(t.Context(), id, "user_42", now.Add(time.Hour), now)
	require.NoError(t, err)
	require.Empty(t, d.deliver())
	d.wait(time.Hour)
	require.Equal(t, domain.Counts{"delivered": 1, "due_again": 1}, d.deliver())
	require.Contains(t, hook.Calls()[1].Body, `"notification.due_again"`)
}

func TestDelivery_AStoppingWorkerSaysThatMoreIsDue(t *testing.T) {
	t.Parallel()
	d := newDeliveries(t)
	d.hook()
	d.opens("per_1", "per_2")
	result, err := run(d.bundle, d.delivering.DeliverEvents, activities.DeliverInput{}, stopped)
	require.NoError(t, err)
	require.False(t, result.Done)
	require.Equal(t, domain.Counts{"delivered": 2}, d.deliver(), "nobody waits for its lease")
}

func TestDelivery_ATestOfNoChannelIsBadInput(t *testing.T) {
	t.Parallel()
	d := newDeliveries(t)
	_, err := run(d.bundle, d.delivering.TestChannel, activities.TestChannelInput{ChannelID: testkit.ID(t)})
	requireFailure(t, err, activities.ErrorInvalidInput, false)
	d.db.Exec(t, `drop table connexie.notification_channels cascade`)
	_, err = run(d.bundle, d.delivering.DeliverEvents, activities.DeliverInput{})
	require.Error(t, err)
	require.NotErrorIs(t, err, context.Canceled)
}
