package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// eventIDs is the name space of the ids of events.
var eventIDs = uuid.MustParse("0b4f1c56-5d3c-5a55-8f0e-6c1d3a9a7e42")

// eventID is the id of an event for its receivers, the same at every repetition.
func eventID(notificationID string, number int64) string {
	return uuid.NewSHA1(eventIDs, fmt.Appendf(nil, "%s|%d", notificationID, number)).String()
}

// Turn is a channel that one deliverer has to itself for a while, and what it carries
// there.
type Turn struct {
	Channel Channel
	// Lease tells this turn from a later one: another deliverer may take over once it
	// has run out.
	Lease string
	// Standing is how the channel fared before the turn.
	Standing domain.ChannelStanding
}

// Delivery is an event on its way to a channel.
type Delivery struct {
	Number   int64
	Attempts int
	Event    domain.NoticeEvent
}

// deliverable tells of a delivery d, its notification n and @now whether it may be
// sent: it is due, nobody snoozes the notification, and what happened to the
// notification before has been sent or refused: nobody hears of a beginning after its
// end.
const deliverable = `
	d.state = 'pending' and d.due_at <= @now and not ` + snoozed + `
	and not exists (select from connexie.notification_deliveries earlier
	                 where earlier.notification_id = d.notification_id and earlier.channel_id = d.channel_id
	                   and earlier.event_number < d.event_number and earlier.state = 'pending'`

// TakeTurn gives a channel that has something to be sent to whoever asks, for so long
// at most: the one whose last turn is the longest ago. Of several who ask at once each
// gets another one. Whoever opens notifications meanwhile refers to the channel's row,
// which its lock lets pass. ErrNotFound where there is none.
func (s *Store) TakeTurn(ctx context.Context, lasts time.Duration, now time.Time) (Turn, error) {
	const query = `
		update connexie.notification_channels c set lease = @lease, leased_until = @until, last_turn_at = @now
		 where c.id = (
			select c.id
			  from connexie.notification_channels c
			 where c.enabled and c.stopped_at is null and coalesce(c.retry_at, @now) <= @now and coalesce(c.leased_until, @now) <= @now
			   and exists (select from connexie.notification_deliveries d
			                 join connexie.notifications n on n.id = d.notification_id
			                where d.channel_id = c.id and` + deliverable + `))
			 order by c.last_turn_at nulls first, c.id
			 limit 1 for no key update of c skip locked)
		returning c.id`
	lease := newID()
	id, err := value[string](ctx, s.pool, "take a turn at delivering", query,
		args{"lease": lease, "until": now.Add(lasts), "now": now})
	if err != nil {
		return Turn{}, err
	}
	channel, err := s.ChannelByID(ctx, id)
	return Turn{Channel: channel.Channel, Lease: lease, Standing: channel.Standing}, err
}

// EndTurn gives the channel back. A turn that has run out has been given back already.
func (s *Store) EndTurn(ctx context.Context, turn Turn) error {
	const query = `
		update connexie.notification_channels set lease = null, leased_until = null
		 where id = @id and lease = @lease`
	_, err := execute(ctx, s.pool, "end a turn of channel "+turn.Channel.ID, query,
		args{"id": turn.Channel.ID, "lease": turn.Lease})
	return err
}

type deliveryRow struct {
	Number         int64
	Attempts       int
	Kind           domain.EventKind
	At             time.Time
	NotificationID string
	OrganisationID string
	ConnectionID   string
	Cause          domain.Cause
	Subject        string
	Severity       domain.Severity
	NextStep       string
}

func (r deliveryRow) delivery() Delivery {
	return Delivery{Number: r.Number, Attempts: r.Attempts, Event: domain.NoticeEvent{
		ID: eventID(r.NotificationID, r.Number), Kind: r.Kind, At: r.At, NotificationID: r.NotificationID,
		OrganisationID: r.OrganisationID, ConnectionID: r.ConnectionID, Cause: r.Cause, Subject: r.Subject,
		Severity: r.Severity, NextStep: r.NextStep,
	}}
}

const selectDeliveries = `
	select d.event_number as number, d.attempts, e.kind, e.at, e.notification_id, e.organisation_id, n.connection_id, n.cause,
	       n.subject, e.severity, e.next_step
	  from connexie.notification_deliveries d
	  join connexie.notification_events e on e.number = d.event_number
	  join connexie.notifications n on n.id = d.notification_id`

// DueEvents lists what is to be sent to a channel now, in order, one event at most of
// each notification.
func (s *Store) DueEvents(ctx context.Context, channelID string, limit int, now time.Time) ([]Delivery, error) {
	const query = selectDeliveries + `
		 where d.channel_id = @channel_id and` + deliverable + `)
		 order by d.due_at, d.event_number limit @limit`
	return deliveries(ctx, s.pool, channelID, query, args{"channel_id": channelID, "limit": limit, "now": now})
}

// DueMail gathers what is due into one mail, at most so many events, and keeps what it
// gathered: a mail that has to be sent again holds the same events. Of one notification
// it may hold several, in order. Nothing is due where it is empty.
func (s *Store) DueMail(ctx context.Context, channelID string, limit int, now time.Time) (mail []Delivery, err error) {
	const gathered = selectDeliveries + `
		 where d.channel_id = @channel_id and d.state = 'pending'
		   and d.mail = (select o.mail from connexie.notification_deliveries o
		                  where o.channel_id = @channel_id and o.state = 'pending' and o.mail is not null and o.due_at <= @now
		                  order by o.mail limit 1)
		 order by d.event_number`
	err = s.withTx(ctx, func(tx pgx.Tx) error {
		find := args{"channel_id": channelID, "now": now}
		if mail, err = deliveries(ctx, tx, channelID, gathered, find); err != nil || len(mail) > 0 {
			return err
		}
		if err := gatherMail(ctx, tx, channelID, limit, now); err != nil {
			return err
		}
		mail, err = deliveries(ctx, tx, channelID, gathered, find)
		return err
	})
	return mail, err
}

func gatherMail(ctx context.Context, tx pgx.Tx, channelID string, limit int, now time.Time) error {
	// An earlier event of the same notification may wait beside it: it is in the mail as
	// well, since it is due and comes first.
	const query = `
		with due as (
			select d.event_number
			  from connexie.notification_deliveries d
			  join connexie.notifications n on n.id = d.notification_id
			 where d.channel_id = @channel_id and` + deliverable + ` and earlier.due_at > @now)
			 order by d.event_number limit @limit)
		update connexie.notification_deliveries d set mail = (select min(event_number) from due)
		  from due where d.channel_id = @channel_id and d.event_number = due.event_number`
	_, err := execute(ctx, tx, "gather a mail of channel "+channelID, query,
		args{"channel_id": channelID, "limit": limit, "now": now})
	return err
}

func deliveries(ctx context.Context, db querier, channelID, query string, named args) ([]Delivery, error) {
	rows, err := collect[deliveryRow](ctx, db, "list what is due at channel "+channelID, query, named)
	if err != nil {
		return nil, err
	}
	due := make([]Delivery, 0, len(rows))
	for _, row := range rows {
		due = append(due, row.delivery())
	}
	return due, nil
}

// NoteAttempt notes what became of sending events to a channel, and how the channel
// fares since. What was delivered is so whoever has the turn by now; a failure counts
// for the turn's owner alone. It returns how the channel fares.
func (s *Store) NoteAttempt(
	ctx context.Context, turn Turn, sent []Delivery, tried domain.Attempt, now time.Time,
) (domain.ChannelStanding, error) {
	standing := turn.Standing.After(tried, now)
	err := s.withTx(ctx, func(tx pgx.Tx) error {
		owned, err := noteStanding(ctx, tx, turn, standing, tried.Result, now)
		if err != nil || (!owned && tried.Result != domain.Delivered) {
			return err
		}
		return noteDeliveries(ctx, tx, turn.Channel.ID, sent, tried, now)
	})
	if err != nil {
		return turn.Standing, fmt.Errorf("note what channel %s took: %w", turn.Channel.ID, err)
	}
	return standing, nil
}

// noteStanding notes how the channel fares; owned is false where another turn has begun,
// or the channel is gone.
func noteStanding(
	ctx context.Context, tx pgx.Tx, turn Turn, standing domain.ChannelStanding, result domain.SendResult, now time.Time,
) (owned bool, err error) {
	const query = `
		update connexie.notification_channels
		   set failures = @failures, refusals = @refusals, failing_since = @failing_since, problem = nullif(@problem, ''),
		       retry_at = @retry_at, stopped_at = @stopped_at,
		       last_delivered_at = case when @delivered then @now else last_delivered_at end
		 where id = @id and lease = @lease`
	touched, err := execute(ctx, tx, "note how it fares", query, args{
		"failures": standing.Failures, "refusals": standing.Refusals, "failing_since": instantOrNull(standing.FailingSince),
		"problem": standing.Problem, "retry_at": instantOrNull(standing.RetryAt), "stopped_at": instantOrNull(standing.StoppedAt),
		"delivered": result == domain.Delivered, "now": now, "id": turn.Channel.ID, "lease": turn.Lease,
	})
	return touched == 1, err
}

func noteDeliveries(
	ctx context.Context, tx pgx.Tx, channelID string, sent []Delivery, tried domain.Attempt, now time.Time,
) error {
	const query = `
		update connexie.notification_deliveries d
		   set state = @state, attempts = s.attempts, due_at = s.due_at, problem = nullif(@problem, ''),
		       delivered_at = case when @state = 'delivered' then @now::timestamptz end
		  from unnest(@numbers::bigint[], @attempts::int[], @due_at::timestamptz[]) s(number, attempts, due_at)
		 where d.channel_id = @channel_id and d.event_number = s.number and d.state <> 'delivered'`
	numbers, attempts, due := make([]int64, len(sent)), make([]int, len(sent)), make([]time.Time, len(sent))
	for i, delivery := range sent {
		numbers[i], attempts[i] = delivery.Number, delivery.Attempts+1
		due[i] = domain.RetryEventAt(attempts[i], tried, now)
	}
	_, err := execute(ctx, tx, "note what became of events", query, args{
		"state": stateAfter(tried.Result), "problem": tried.Problem, "numbers": numbers, "attempts": attempts, "due_at": due,
		"channel_id": channelID, "now": now,
	})
	return err
}

// stateAfter is how far a delivery is. What a receiver that is gone was sent waits like
// the rest of the channel.
func stateAfter(result domain.SendResult) string {
	switch result {
	case domain.Delivered:
		return "delivered"
	case domain.SendRefused:
		return "refused"
	}
	return "pending"
}

// PruneNotificationEvents deletes what happened to notifications that were closed
// before an instant, with what became of its delivery, at most so many events. What
// still waits to be delivered stays. It returns how many that were.
func (s *Store) PruneNotificationEvents(ctx context.Context, before time.Time, limit int) (int, error) {
	const query = `
		delete from connexie.notification_events
		 where number in (
			select e.number
			  from connexie.notification_events e
			  join connexie.notifications n on n.id = e.notification_id
			 where n.closed_at < @before
			   and not exists (select from connexie.notification_deliveries d
			                    where d.event_number = e.number and d.state = 'pending')
			 order by e.number limit @limit)`
	return execute(ctx, s.pool, "prune the events of notifications", query, args{"before": before, "limit": limit})
}

// NothingDue reports whether an error says that nobody waits to be told of anything.
func NothingDue(err error) bool { return errors.Is(err, ErrNotFound) }
