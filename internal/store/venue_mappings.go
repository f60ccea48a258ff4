package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// VenueConnectedError says that a Connexie venue cannot be set Inactive, because
// Eitje venues are connected to it.
type VenueConnectedError struct {
	ConnexieVenueID string
	VenueIDs        []string
}

// Error names the venues and the next step.
func (e *VenueConnectedError) Error() string {
	return fmt.Sprintf("connexie venue %s is connected to eitje venue %s: set that one to not used or connect it elsewhere first",
		e.ConnexieVenueID, strings.Join(e.VenueIDs, ", "))
}

// DraftVenueMappings connects undecided Eitje venues with free Connexie venues of
// equal name (C2) and returns how many. What has been decided is never touched.
func (s *Store) DraftVenueMappings(ctx context.Context, connectionID, by string, now time.Time) (connected int, err error) {
	err = s.withTx(ctx, func(tx pgx.Tx) error {
		if _, err := lockConnection(ctx, tx, connectionID); err != nil {
			return err
		}
		drafts, err := draftVenues(ctx, tx, connectionID)
		if err != nil {
			return err
		}
		for _, draft := range drafts {
			if err := writeVenueMapping(ctx, tx, connectionID, draft, by, now); err != nil {
				return err
			}
		}
		connected = len(drafts)
		return syncVenueNotices(ctx, tx, connectionID, now)
	})
	if err != nil {
		return 0, fmt.Errorf("draft the venue mappings of connection %s: %w", connectionID, err)
	}
	return connected, nil
}

func draftVenues(ctx context.Context, tx pgx.Tx, connectionID string) ([]domain.VenueConnection, error) {
	eitje, err := eitjeVenues(ctx, tx, connectionID)
	if err != nil {
		return nil, err
	}
	connexie, err := connexieVenues(ctx, tx, connectionID)
	if err != nil {
		return nil, err
	}
	var undecided, free []domain.Venue
	for _, venue := range eitje {
		if !venue.Decided {
			undecided = append(undecided, domain.Venue{ID: venue.ID, Name: venue.Name, Active: true})
		}
	}
	for _, venue := range connexie {
		if venue.Undecided() {
			free = append(free, domain.Venue{ID: venue.ID, Name: venue.Name, Active: true})
		}
	}
	return domain.MatchVenues(undecided, free), nil
}

// ConnectVenue keeps an Eitje venue with a Connexie venue, in place of what was
// decided about it before: one Eitje venue never has two, and several may share one
// (C4). A Connexie venue that was set Inactive is in use again. The errors are
// ErrVenueUnknown and ErrConnexieVenueUnknown.
func (s *Store) ConnectVenue(
	ctx context.Context, connectionID, venueID, connexieVenueID, by string, now time.Time,
) error {
	const use = `
		update connexie.venues set set_inactive = false
		 where connection_id = @connection_id and connexie_venue_id = @connexie_venue_id and set_inactive`
	return s.decideVenue(ctx, connectionID, now, func(tx pgx.Tx) error {
		if err := findConnexieVenue(ctx, tx, connectionID, connexieVenueID); err != nil {
			return err
		}
		decision := domain.VenueConnection{EitjeID: venueID, ConnexieID: connexieVenueID}
		if err := writeVenueMapping(ctx, tx, connectionID, decision, by, now); err != nil {
			return err
		}
		_, err := execute(ctx, tx, "use the connexie venue again", use,
			args{"connection_id": connectionID, "connexie_venue_id": connexieVenueID})
		return err
	})
}

// SetVenueNotUsed decides that an Eitje venue has no part in the integration (C3).
// The error is ErrVenueUnknown where the organisation has no such venue.
func (s *Store) SetVenueNotUsed(ctx context.Context, connectionID, venueID, by string, now time.Time) error {
	return s.decideVenue(ctx, connectionID, now, func(tx pgx.Tx) error {
		return writeVenueMapping(ctx, tx, connectionID, domain.VenueConnection{EitjeID: venueID}, by, now)
	})
}

// SetConnexieVenueInactive decides that a Connexie venue is not used (C3). It is
// refused with a VenueConnectedError while an Eitje venue is connected to it;
// ErrConnexieVenueUnknown where the connection has no such venue.
func (s *Store) SetConnexieVenueInactive(ctx context.Context, connectionID, connexieVenueID string, now time.Time) error {
	const users = `
		select venue_id from connexie.venue_mappings
		 where connection_id = @connection_id and connexie_venue_id = @connexie_venue_id
		 order by venue_id`
	const set = `
		update connexie.venues set set_inactive = true
		 where connection_id = @connection_id and connexie_venue_id = @connexie_venue_id and not set_inactive`
	named := args{"connection_id": connectionID, "connexie_venue_id": connexieVenueID}
	return s.decideVenue(ctx, connectionID, now, func(tx pgx.Tx) error {
		if err := findConnexieVenue(ctx, tx, connectionID, connexieVenueID); err != nil {
			return err
		}
		connected, err := column[string](ctx, tx, "list the connected venues", users, named)
		if err != nil {
			return err
		}
		if len(connected) > 0 {
			return &VenueConnectedError{ConnexieVenueID: connexieVenueID, VenueIDs: connected}
		}
		_, err = execute(ctx, tx, "set the connexie venue inactive", set, named)
		return err
	})
}

// decideVenue takes one decision at a time per connection and keeps the
// notifications of what is undecided in step.
func (s *Store) decideVenue(ctx context.Context, connectionID string, now time.Time, decide func(tx pgx.Tx) error) error {
	err := s.withTx(ctx, func(tx pgx.Tx) error {
		if _, err := lockConnection(ctx, tx, connectionID); err != nil {
			return err
		}
		if err := decide(tx); err != nil {
			return err
		}
		return syncVenueNotices(ctx, tx, connectionID, now)
	})
	if err != nil {
		return fmt.Errorf("decide about a venue of connection %s: %w", connectionID, err)
	}
	return nil
}

func findConnexieVenue(ctx context.Context, tx pgx.Tx, connectionID, connexieVenueID string) error {
	const query = `
		select exists (
			select from connexie.venues
			 where connection_id = @connection_id and connexie_venue_id = @connexie_venue_id and gone_at is null)`
	found, err := value[bool](ctx, tx, "find the connexie venue", query,
		args{"connection_id": connectionID, "connexie_venue_id": connexieVenueID})
	if err == nil && !found {
		return fmt.Errorf("%s: %w", connexieVenueID, ErrConnexieVenueUnknown)
	}
	return err
}

// writeVenueMapping writes nothing where the same was decided before.
func writeVenueMapping(
	ctx context.Context, tx pgx.Tx, connectionID string, decision domain.VenueConnection, by string, now time.Time,
) error {
	const find = `
		select exists (
			select from eitje.venues v
			  join connexie.connections c on c.organisation_id = v.organisation_id
			 where c.id = @connection_id and v.id::text = lower(@venue_id))`
	const write = `
		insert into connexie.venue_mappings as kept (connection_id, venue_id, connexie_venue_id, decided_at, decided_by)
		values (@connection_id, @venue_id, nullif(@connexie_venue_id, ''), @now, @by)
		on conflict (connection_id, venue_id) do update
		   set connexie_venue_id = excluded.connexie_venue_id, decided_at = excluded.decided_at,
		       decided_by = excluded.decided_by
		 where kept.connexie_venue_id is distinct from excluded.connexie_venue_id`
	found, err := value[bool](ctx, tx, "find the venue", find,
		args{"connection_id": connectionID, "venue_id": decision.EitjeID})
	if err != nil {
		return err
	}
	if !found {
		return fmt.Errorf("%s: %w", decision.EitjeID, ErrVenueUnknown)
	}
	_, err = execute(ctx, tx, "keep the decision", write, args{
		"connection_id": connectionID, "venue_id": decision.EitjeID, "connexie_venue_id": decision.ConnexieID,
		"now": now, "by": by,
	})
	return err
}
