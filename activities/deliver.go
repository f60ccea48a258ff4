package activities

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
)

// Postman sends to the channels of organisations. It makes one attempt and answers in
// words that carry neither an address nor a secret (N3, N4).
type Postman interface {
	// Send sends events, of which there is one unless the channel is a mailbox.
	Send(ctx context.Context, channel store.Channel, events []domain.NoticeEvent) domain.Attempt
}

// Delivering holds the activities that bring notifications to people (N1).
type Delivering struct {
	Store   *store.Store
	Postman Postman
	// Now is the clock.
	Now func() time.Time
}

const (
	// deliverSlice is how long one activity goes on taking turns.
	deliverSlice = 50 * time.Second
	// channelsAtOnce is how many channels one activity serves side by side: one that is
	// slow holds up a quarter of it and no more.
	channelsAtOnce = 4
	// turnWorks is how long a channel is served until the others come first; turnLasts
	// is when somebody else may take it for abandoned: far above turnWorks and the
	// slowest attempt together.
	turnWorks = 20 * time.Second
	turnLasts = 90 * time.Second
	// eventsAtOnce is how many events are looked up together, and mailEvents how many
	// one mail holds.
	eventsAtOnce = 50
	mailEvents   = 500
)

// DeliverInput is one slice of delivering; there is nothing to say about it.
type DeliverInput struct{}

// DeliverResult tells what a slice did.
type DeliverResult struct {
	// Counts has a number for events that were delivered, that wait to be tried later,
	// and that were refused; and for notifications whose snooze has run out.
	Counts domain.Counts `json:"counts"`
	// Done is false where more is due.
	Done bool `json:"done"`
}

// DeliverEvents lets what is no longer snoozed come again, then sends what is due: each
// channel in turn, several side by side, without a transaction while it sends. What
// became of an event is noted after it was sent, so that an attempt that dies in
// between sends it once more, under the same id. Failures of receivers are noted and
// fail nothing. Errors: Database.
func (a *Delivering) DeliverEvents(ctx context.Context, _ DeliverInput) (DeliverResult, error) {
	ended, err := a.Store.EndSnoozes(ctx, a.Now())
	if err != nil {
		return DeliverResult{}, fromStore(err)
	}
	r := &round{Delivering: a, until: time.Now().Add(deliverSlice), counts: domain.Counts{}, done: true}
	r.count("due_again", ended)
	return beating(ctx, func(ctx context.Context) (DeliverResult, error) {
		group, ctx := errgroup.WithContext(ctx)
		for range channelsAtOnce {
			group.Go(func() error { return r.takeTurns(ctx) })
		}
		err := group.Wait()
		return DeliverResult{Counts: r.counts, Done: r.done}, fromStore(err)
	})
}

// round is one slice of delivering.
type round struct {
	*Delivering

	until  time.Time
	mutex  sync.Mutex
	counts domain.Counts
	done   bool
}

func (r *round) count(word string, number int) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if number > 0 {
		r.counts[word] += number
	}
}

// over reports whether the slice must end, and notes that there may be more to do.
func (r *round) over(ctx context.Context) bool {
	if !stopping(ctx) && time.Now().Before(r.until) {
		return false
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.done = false
	return true
}

// takeTurns serves one channel after the other until nothing is due.
func (r *round) takeTurns(ctx context.Context) error {
	for !r.over(ctx) {
		turn, err := r.Store.TakeTurn(ctx, turnLasts, r.Now())
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		sent, err := r.serve(ctx, turn)
		// Given back also where the context has ended: nobody need wait for the lease.
		err = errors.Join(err, r.Store.EndTurn(context.WithoutCancel(ctx), turn))
		if err != nil || sent == 0 {
			return err
		}
	}
	return nil
}

// serve sends what is due at one channel, until its time is over, or until it cannot
// take more; it returns how many attempts that were.
func (r *round) serve(ctx context.Context, turn store.Turn) (sent int, err error) {
	until := time.Now().Add(turnWorks)
	for {
		batches, err := r.due(ctx, turn.Channel)
		if err != nil || len(batches) == 0 {
			return sent, err
		}
		for _, batch := range batches {
			result, err := r.send(ctx, &turn, batch)
			if err != nil {
				return sent, err
			}
			sent++
			if result == domain.SendLater || !turn.Standing.StoppedAt.IsZero() || !time.Now().Before(until) || stopping(ctx) {
				return sent, nil
			}
		}
	}
}

// due lists what is sent together: an event by itself, or a mail of several.
func (r *round) due(ctx context.Context, channel store.Channel) (batches [][]store.Delivery, err error) {
	if channel.Kind == domain.ChannelEmail {
		mail, err := r.Store.DueMail(ctx, channel.ID, mailEvents, r.Now())
		if len(mail) == 0 {
			return nil, err
		}
		return [][]store.Delivery{mail}, err
	}
	events, err := r.Store.DueEvents(ctx, channel.ID, eventsAtOnce, r.Now())
	for _, event := range events {
		batches = append(batches, []store.Delivery{event})
	}
	return batches, err
}

// send makes one attempt and notes what became of it.
func (r *round) send(ctx context.Context, turn *store.Turn, batch []store.Delivery) (domain.SendResult, error) {
	events := make([]domain.NoticeEvent, 0, len(batch))
	for _, delivery := range batch {
		events = append(events, delivery.Event)
	}
	tried := r.Postman.Send(ctx, turn.Channel, events)
	if tried.Result == domain.Delivered {
		ctx = context.WithoutCancel(ctx) // it is a fact, whoever waits for it
	}
	if ctx.Err() != nil {
		return tried.Result, ctx.Err() // it was us who hung up
	}
	standing, err := r.Store.NoteAttempt(ctx, *turn, batch, tried, r.Now())
	if err != nil {
		return tried.Result, err
	}
	turn.Standing = standing
	word := map[domain.SendResult]string{domain.Delivered: "delivered", domain.SendRefused: "refused"}[tried.Result]
	if word == "" {
		word = "later"
	}
	r.count(word, len(batch))
	return tried.Result, nil
}

// TestChannelInput names the channel to try.
type TestChannelInput struct {
	ChannelID string `json:"channel_id"`
	// EventID is the id of what is sent; a repetition has the same.
	EventID string `json:"event_id"`
}

// TestChannelResult tells what became of the test.
type TestChannelResult struct {
	Delivered bool `json:"delivered"`
	// Problem is empty where it was delivered.
	Problem string `json:"problem,omitempty"`
}

// TestChannel sends a test to a channel at once, also to one that is off or stopped. A
// channel that takes it counts as well again, and what it refused before waits once
// more. Errors: InvalidInput where there is no such channel, Database.
func (a *Delivering) TestChannel(ctx context.Context, in TestChannelInput) (TestChannelResult, error) {
	channel, err := a.Store.ChannelByID(ctx, in.ChannelID)
	if errors.Is(err, store.ErrNotFound) {
		return TestChannelResult{}, invalidInput("there is no channel %s; see: starter notifications channels list", in.ChannelID)
	}
	if err != nil {
		return TestChannelResult{}, fromStore(err)
	}
	test := domain.Testing(in.EventID, channel.OrganisationID, a.Now())
	tried := a.Postman.Send(ctx, channel.Channel, []domain.NoticeEvent{test})
	if tried.Result != domain.Delivered {
		return TestChannelResult{Problem: tried.Problem}, ctx.Err()
	}
	return TestChannelResult{Delivered: true}, fromStore(a.Store.MendChannel(ctx, channel.ID, a.Now()))
}
