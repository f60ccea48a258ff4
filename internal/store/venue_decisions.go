package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// EitjeVenue is a venue of the organisation with what was decided about it (C3).
type EitjeVenue struct {
	ID      string
	Name    string
	Decided bool
	// ConnexieVenueID is empty for a venue that is not used or undecided.
	ConnexieVenueID string
	// DecidedBy is the id of a person or program; empty while undecided.
	DecidedBy string
}

// ConnexieVenue is a venue of the Connexie account with what was decided about it.
type ConnexieVenue struct {
	ID   string
	Name string
	// Active is Connexie's own word.
	Active bool
	// SetInactive tells that it was decided here not to use the venue.
	SetInactive bool
	// Gone tells that Connexie no longer lists the venue.
	Gone bool
	// Connected tells that an Eitje venue is kept with it.
	Connected bool
}

// Undecided reports whether somebody must still decide about the venue (C3): it is
// neither connected nor inactive. There is nothing to decide about one that is gone.
func (v ConnexieVenue) Undecided() bool {
	return !v.Connected && v.Active && !v.SetInactive && !v.Gone
}

// VenueDecisions are the venues of both sides.
type VenueDecisions struct {
	Eitje    []EitjeVenue
	Connexie []ConnexieVenue
}

// Undecided counts what somebody must still decide (C3).
func (d VenueDecisions) Undecided() int {
	eitje, connexie := d.undecided()
	return len(eitje) + len(connexie)
}

// undecided are the ids of the venues of each side that somebody must still decide about.
func (d VenueDecisions) undecided() (eitje, connexie []string) {
	for _, venue := range d.Eitje {
		if !venue.Decided {
			eitje = append(eitje, venue.ID)
		}
	}
	for _, venue := range d.Connexie {
		if venue.Undecided() {
			connexie = append(connexie, venue.ID)
		}
	}
	return eitje, connexie
}

// VenueDecisions lists the venues of both sides by name, with what was decided.
func (s *Store) VenueDecisions(ctx context.Context, connectionID string) (VenueDecisions, error) {
	var decisions VenueDecisions
	err := s.withTx(ctx, func(tx pgx.Tx) (err error) {
		decisions, err = venueDecisions(ctx, tx, connectionID)
		return err
	})
	return decisions, err
}

func venueDecisions(ctx context.Context, db querier, connectionID string) (VenueDecisions, error) {
	eitje, err := eitjeVenues(ctx, db, connectionID)
	if err != nil {
		return VenueDecisions{}, err
	}
	connexie, err := connexieVenues(ctx, db, connectionID)
	return VenueDecisions{Eitje: eitje, Connexie: connexie}, err
}

func eitjeVenues(ctx context.Context, db querier, connectionID string) ([]EitjeVenue, error) {
	const query = `
		select v.id, v.name, m.venue_id is not null as decided,
		       coalesce(m.connexie_venue_id, '') as connexie_venue_id, coalesce(m.decided_by, '') as decided_by
		  from connexie.connections c
		  join eitje.venues v on v.organisation_id = c.organisation_id
		  left join connexie.venue_mappings m on m.connection_id = c.id and m.venue_id = v.id
		 where c.id = @connection_id
		 order by v.name, v.id`
	return collect[EitjeVenue](ctx, db, "list the Eitje venues of connection "+connectionID, query,
		args{"connection_id": connectionID})
}

func connexieVenues(ctx context.Context, db querier, connectionID string) ([]ConnexieVenue, error) {
	const query = `
		select v.connexie_venue_id as id, v.name, v.active, v.set_inactive, v.gone_at is not null as gone,
		       exists (select from connexie.venue_mappings m
		                where m.connection_id = v.connection_id
		                  and m.connexie_venue_id = v.connexie_venue_id) as connected
		  from connexie.venues v
		 where v.connection_id = @connection_id
		 order by v.name, v.connexie_venue_id`
	return collect[ConnexieVenue](ctx, db, "list the Connexie venues of connection "+connectionID, query,
		args{"connection_id": connectionID})
}

// EveryVenueDecided reports whether the venues leave nothing to decide, and how many
// of both sides do (C3).
func (s *Store) EveryVenueDecided(ctx context.Context, connectionID string) (every bool, undecided int, err error) {
	decisions, err := s.VenueDecisions(ctx, connectionID)
	if err != nil {
		return false, 0, err
	}
	undecided = decisions.Undecided()
	return undecided == 0, undecided, nil
}

// Map is what has been decided, as the rules look at it. A Connexie venue is Inactive
// when it was set so or Connexie has closed it, also where an Eitje venue is still
// connected to it: the export means the same (C5).
func (d VenueDecisions) Map() domain.VenueMap {
	var connections []domain.VenueConnection
	for _, venue := range d.Eitje {
		connections = append(connections, domain.VenueConnection{EitjeID: venue.ID, ConnexieID: venue.ConnexieVenueID})
	}
	var venues []domain.ConnexieVenue
	for _, venue := range d.Connexie {
		venues = append(venues, domain.ConnexieVenue{ID: venue.ID, Inactive: venue.SetInactive || !venue.Active})
	}
	return domain.NewVenueMap(connections, venues)
}

// closedInUse are the ids of the venues that Connexie has closed and that an Eitje venue is
// still connected to.
func (d VenueDecisions) closedInUse() []string {
	var closed []string
	for _, venue := range d.Connexie {
		if venue.Connected && !venue.Active && !venue.Gone {
			closed = append(closed, venue.ID)
		}
	}
	return closed
}

// SyncConfigurationNotices makes the open notifications about the configuration
// those that hold: one for each undecided venue (C3), for each that is connected and
// closed in Connexie (C5), for each venue that people wait for and nobody can decide
// (C2), and for each code that is in use and gone from Connexie (C6).
func (s *Store) SyncConfigurationNotices(ctx context.Context, connectionID string, now time.Time) error {
	err := s.withTx(ctx, func(tx pgx.Tx) error {
		if err := syncVenueNotices(ctx, tx, connectionID, now); err != nil {
			return err
		}
		if err := syncUnlistedVenueNotices(ctx, tx, connectionID, now); err != nil {
			return err
		}
		return syncCodeNotices(ctx, tx, connectionID, now)
	})
	if err != nil {
		return fmt.Errorf("notify about the configuration of connection %s: %w", connectionID, err)
	}
	return nil
}

func syncVenueNotices(ctx context.Context, tx pgx.Tx, connectionID string, now time.Time) error {
	decisions, err := venueDecisions(ctx, tx, connectionID)
	if err != nil {
		return err
	}
	var wanted []domain.Notice
	eitje, connexie := decisions.undecided()
	for _, id := range eitje {
		wanted = append(wanted, domain.EitjeVenueUndecidedNotice(id))
	}
	for _, id := range connexie {
		wanted = append(wanted, domain.ConnexieVenueUndecidedNotice(id))
	}
	if err := keepNotices(ctx, tx, connectionID, domain.CauseVenueUndecided, wanted, now); err != nil {
		return err
	}
	var closed []domain.Notice
	for _, id := range decisions.closedInUse() {
		closed = append(closed, domain.VenueClosedNotice(id))
	}
	return keepNotices(ctx, tx, connectionID, domain.CauseVenueClosed, closed, now)
}

// syncUnlistedVenueNotices announces each venue that keeps somebody out although
// Connexie does not list it: it stands in no list of what is to decide, so that
// nothing else would tell anybody (C2, N1).
func syncUnlistedVenueNotices(ctx context.Context, tx pgx.Tx, connectionID string, now time.Time) error {
	const unlisted = `
		select distinct n.venue_id
		  from connexie.person_standings s
		  join connexie.person_contracts c using (connection_id, connexie_id)
		 cross join unnest(c.additional_venue_ids || c.venue_id::text) n (venue_id)
		  left join connexie.venues v
		         on v.connection_id = c.connection_id and v.connexie_venue_id = n.venue_id and v.gone_at is null
		 where s.connection_id = @connection_id and s.reason = @reason and v.connexie_venue_id is null
		   and (@now::timestamptz at time zone 'Europe/Amsterdam')::date
		       between c.start_date and coalesce(c.end_date, 'infinity')
		 order by n.venue_id`
	type row struct{ VenueID string }
	venues, err := collect[row](ctx, tx, "list the venues that connection "+connectionID+" cannot decide", unlisted,
		args{"connection_id": connectionID, "reason": string(domain.ReasonVenueUndecided), "now": now})
	if err != nil {
		return err
	}
	wanted := make([]domain.Notice, 0, len(venues))
	for _, venue := range venues {
		wanted = append(wanted, domain.VenueUnlistedNotice(venue.VenueID))
	}
	return keepNotices(ctx, tx, connectionID, domain.CauseVenueUnlisted, wanted, now)
}
