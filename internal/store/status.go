package store

import (
	"context"
	"time"

	"github.com/eitje/connexie-worker/internal/domain"
)

// Overview is where a connection stands, for people to look at.
type Overview struct {
	Connection Connection
	// Runs are the latest, the last one first, previews and one-person runs included.
	Runs []Run
	// People counts everyone in Connexie by situation and reason.
	People []PeopleCount
	// UndecidedVenues counts the venues of both sides that somebody must decide
	// about (C3).
	UndecidedVenues int
	Notifications   []Notification
}

// PeopleCount is how many people are in a situation for a reason, and which rule
// put them there.
type PeopleCount struct {
	Situation domain.Situation
	Reason    domain.Reason
	Rule      string
	Count     int
}

// Notification is one that is open.
type Notification struct {
	ID           string
	ConnectionID string
	Cause        domain.Cause
	Subject      string
	Severity     domain.Severity
	NextStep     string
	OpenedAt     time.Time
	// SnoozedUntil is when it comes again; nil where nobody has snoozed it. It may have
	// passed, until the next delivery notices.
	SnoozedUntil *time.Time
}

// overviewRuns is how many runs an overview shows.
const overviewRuns = 5

// Overview gathers where a connection stands; ErrNotFound where there is none.
func (s *Store) Overview(ctx context.Context, connectionID string) (Overview, error) {
	connection, err := s.Connection(ctx, connectionID)
	if err != nil {
		return Overview{}, err
	}
	overview := Overview{Connection: connection}
	if overview.Runs, err = s.LatestRuns(ctx, connectionID, overviewRuns); err != nil {
		return Overview{}, err
	}
	if overview.People, err = s.PeopleCounts(ctx, connectionID); err != nil {
		return Overview{}, err
	}
	if _, overview.UndecidedVenues, err = s.EveryVenueDecided(ctx, connectionID); err != nil {
		return Overview{}, err
	}
	overview.Notifications, err = s.OpenNotifications(ctx, connectionID)
	return overview, err
}

// PeopleCounts counts everyone in Connexie by where they stand.
func (s *Store) PeopleCounts(ctx context.Context, connectionID string) ([]PeopleCount, error) {
	const query = `
		select situation, reason, rule, count(*) as count
		  from connexie.people_status
		 where connection_id = @connection_id
		 group by situation, reason, rule
		 order by situation, reason, rule`
	return collect[PeopleCount](ctx, s.pool, "count the people of connection "+connectionID, query,
		args{"connection_id": connectionID})
}

// OpenNotifications lists what somebody must know or do about a connection, the most
// severe first, then the oldest; those that are snoozed too.
func (s *Store) OpenNotifications(ctx context.Context, connectionID string) ([]Notification, error) {
	const query = `
		select id, connection_id, cause, subject, severity, next_step, opened_at, snoozed_until
		  from connexie.notifications
		 where connection_id = @connection_id and closed_at is null
		 order by array_position(array['critical', 'warning', 'info'], severity), opened_at, cause, subject`
	return collect[Notification](ctx, s.pool, "list the notifications of connection "+connectionID, query,
		args{"connection_id": connectionID})
}
