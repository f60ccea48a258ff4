package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// DisputedPerson is somebody in the queue of disputes (S6).
type DisputedPerson struct {
	ConnexieID string
	// Since is when the person came into the situation that the last run found.
	Since time.Time
	// Dispute is what there is to decide now; the last run may have seen another.
	Dispute domain.Dispute
	// Decision is the one that no other has replaced, or nil.
	Decision *DecidedDispute
}

// Disputes lists who was disputed when the last run looked, or left out by somebody's
// decision, with what there is to decide now, in the order of their ids (S6).
func (s *Store) Disputes(ctx context.Context, connectionID string, day domain.Date) ([]DisputedPerson, error) {
	const queue = `
		select connexie_id, since
		  from connexie.person_standings
		 where connection_id = @connection_id and (situation = 'disputed' or reason = @skipped)
		 order by connexie_id`
	type row struct {
		ConnexieID string
		Since      time.Time
	}
	var people []DisputedPerson
	err := s.withTx(ctx, func(tx pgx.Tx) error {
		rows, err := collect[row](ctx, tx, "list who is disputed", queue,
			args{"connection_id": connectionID, "skipped": string(domain.ReasonDecidedSkip)})
		if err != nil {
			return err
		}
		since := make(map[string]time.Time, len(rows))
		ids := make([]string, 0, len(rows))
		for _, r := range rows {
			since[r.ConnexieID], ids = r.Since, append(ids, r.ConnexieID)
		}
		if err := lookUpRows(ctx, tx); err != nil {
			return err
		}
		facts, err := factsOn(ctx, tx, connectionID, ids, day)
		if err != nil {
			return err
		}
		decided, err := decisionsAbout(ctx, tx, connectionID, ids)
		for _, fact := range facts {
			id := fact.Person.ID
			people = append(people, DisputedPerson{
				ConnexieID: id, Since: since[id], Dispute: domain.DisputeOf(fact), Decision: decided[id],
			})
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the disputes of connection %s: %w", connectionID, err)
	}
	return people, nil
}

// DisputeSides is everything that somebody needs to see to decide about one person. It
// is about people: for an operator's own screen, and for nothing that is kept (N4).
type DisputeSides struct {
	DisputedPerson
	// Person is the one who is disputed, as Connexie has them; Rivals are other
	// unlinked people there with the same address.
	Person domain.Person
	Rivals []domain.Person
	// Candidates are the profiles that could be the person's; Owners those that have
	// the address and are somebody else's already.
	Candidates []DisputeProfile
	Owners     []DisputeProfile
	// VenueNames are those of Connexie, by id.
	VenueNames map[string]string
}

// DisputeProfile is a team member as somebody compares them with a person.
type DisputeProfile struct {
	ID string
	// ConnexieID is whose profile it is; empty for an unlinked one.
	ConnexieID    string
	Email         string
	FirstName     string
	Infix         string
	LastName      string
	DateOfBirth   domain.Date
	Phone         string
	City          string
	Active        bool
	DeactivatedAt time.Time
	DeactivatedBy string
	Venues        []string
	Contracts     []domain.HeldContract
	// LastWorked is the day of the last worked entry; zero where there is none.
	LastWorked domain.Date
}

// Dispute gathers both sides of one person's dispute, whatever the last run saw; a person
// about whom there is nothing to decide has them too. ErrNotFound where Connexie's list
// has no such person.
func (s *Store) Dispute(ctx context.Context, connectionID, connexieID string, day domain.Date) (DisputeSides, error) {
	var sides DisputeSides
	err := s.withTx(ctx, func(tx pgx.Tx) (err error) {
		if err := lookUpRows(ctx, tx); err != nil {
			return err
		}
		sides, err = disputeSides(ctx, tx, connectionID, connexieID, day)
		return err
	})
	if err != nil {
		return DisputeSides{}, fmt.Errorf("show the dispute about person %s of connection %s: %w", connexieID, connectionID, err)
	}
	return sides, nil
}

func disputeSides(ctx context.Context, tx pgx.Tx, connectionID, connexieID string, day domain.Date) (DisputeSides, error) {
	facts, err := factsOn(ctx, tx, connectionID, []string{connexieID}, day)
	if err != nil {
		return DisputeSides{}, err
	}
	if len(facts) == 0 {
		return DisputeSides{}, ErrNotFound
	}
	sides := DisputeSides{Person: facts[0].Person, VenueNames: map[string]string{}}
	sides.ConnexieID, sides.Dispute = connexieID, domain.DisputeOf(facts[0])
	if sides.Decision, err = currentDecision(ctx, tx, connectionID, connexieID); err != nil {
		return DisputeSides{}, err
	}
	if sides.Since, err = standingSince(ctx, tx, connectionID, connexieID); err != nil {
		return DisputeSides{}, err
	}
	if sides.Rivals, err = rivalsOf(ctx, tx, connectionID, facts[0]); err != nil {
		return DisputeSides{}, err
	}
	if err := sides.addProfiles(ctx, tx, connectionID, day); err != nil {
		return DisputeSides{}, err
	}
	venues, err := connexieVenues(ctx, tx, connectionID)
	for _, venue := range venues {
		sides.VenueNames[venue.ID] = venue.Name
	}
	return sides, err
}

func standingSince(ctx context.Context, q querier, connectionID, connexieID string) (time.Time, error) {
	const query = `
		select (select since from connexie.person_standings
		         where connection_id = @connection_id and connexie_id = @connexie_id) as since`
	since, err := value[*time.Time](ctx, q, "read since when", query,
		args{"connection_id": connectionID, "connexie_id": connexieID})
	return orZero(since), err
}

// rivalsOf are the other unlinked people with the address of somebody who is unlinked
// (S6).
func rivalsOf(ctx context.Context, q querier, connectionID string, fact domain.Facts) ([]domain.Person, error) {
	const query = `
		select p.connexie_id::text
		  from (select * from connexie.people where email_key = @email_key offset 0) p
		 where p.connection_id = @connection_id and p.connexie_id <> @connexie_id and p.missing_since is null
		   and not exists (select from connexie.links l
		                    where l.connection_id = p.connection_id and l.connexie_id = p.connexie_id)
		 order by p.connexie_id`
	key := domain.EmailKey(fact.Person.Email)
	if fact.Profile != nil || key == "" {
		return nil, nil
	}
	ids, err := column[string](ctx, q, "find who shares the address", query,
		args{"email_key": key, "connection_id": connectionID, "connexie_id": fact.Person.ID})
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	rows, err := mirrorPeople(ctx, q, connectionID, ids)
	if err != nil {
		return nil, err
	}
	contracts, err := mirrorContracts(ctx, q, connectionID, ids)
	people := make([]domain.Person, 0, len(rows))
	for _, row := range rows {
		person := row.person()
		person.Contracts = contracts[person.ID]
		people = append(people, person)
	}
	return people, err
}

// addProfiles adds the candidates, and whoever else has the address.
func (d *DisputeSides) addProfiles(ctx context.Context, q querier, connectionID string, day domain.Date) error {
	const owners = `
		select t.id::text
		  from (select * from eitje.team_members where email_key = @email_key and archived_at is null offset 0) t
		  join connexie.links l on l.team_member_id = t.id
		 where t.organisation_id = (select organisation_id from connexie.connections where id = @connection_id)
		   and l.connexie_id <> @connexie_id
		 order by t.id`
	var ids []string
	if key := domain.EmailKey(d.Person.Email); key != "" {
		var err error
		if ids, err = column[string](ctx, q, "find who has the address", owners,
			args{"email_key": key, "connection_id": connectionID, "connexie_id": d.ConnexieID}); err != nil {
			return err
		}
	}
	profiles, err := disputeProfiles(ctx, q, append(slices.Clone(d.Dispute.Candidates), ids...), day)
	for _, profile := range profiles {
		if slices.Contains(d.Dispute.Candidates, profile.ID) {
			d.Candidates = append(d.Candidates, profile)
		} else {
			d.Owners = append(d.Owners, profile)
		}
	}
	return err
}

func disputeProfiles(ctx context.Context, q querier, ids []string, day domain.Date) ([]DisputeProfile, error) {
	const query = `
		select t.id, coalesce(l.connexie_id, '') as connexie_id, coalesce(t.email, '') as email,
		       coalesce(t.first_name, '') as first_name, coalesce(t.infix, '') as infix,
		       coalesce(t.last_name, '') as last_name, t.date_of_birth, coalesce(t.phone, '') as phone,
		       coalesce(t.city, '') as city, t.active, t.deactivated_at, coalesce(t.deactivated_by, '') as deactivated_by,
		       array(select v.name from eitje.team_member_venues tv join eitje.venues v on v.id = tv.venue_id
		              where tv.team_member_id = t.id order by v.name) as venues,
		       (select max(e.day) from eitje.entries e
		         where e.team_member_id = t.id and e.kind = 'worked' and e.state <> 'deleted' and e.day <= @day) as last_worked
		  from unnest(@ids::uuid[]) as wanted(id)
		 cross join lateral (select * from eitje.team_members where id = wanted.id offset 0) t
		  left join lateral (select * from connexie.links where team_member_id = wanted.id offset 0) l on true
		 order by t.id`
	type row struct {
		ID            string
		ConnexieID    string
		Email         string
		FirstName     string
		Infix         string
		LastName      string
		DateOfBirth   domain.Date
		Phone         string
		City          string
		Active        bool
		DeactivatedAt *time.Time
		DeactivatedBy string
		Venues        []string
		LastWorked    domain.Date
	}
	rows, err := collect[row](ctx, q, "read the profiles of a dispute", query, args{"ids": ids, "day": day})
	if err != nil {
		return nil, err
	}
	var keys []profileRow
	for _, r := range rows {
		keys = append(keys, profileRow{ID: r.ID})
	}
	contracts, err := heldContracts(ctx, q, keys)
	profiles := make([]DisputeProfile, 0, len(rows))
	for _, r := range rows {
		profiles = append(profiles, DisputeProfile{
			ID: r.ID, ConnexieID: r.ConnexieID, Email: r.Email, FirstName: r.FirstName, Infix: r.Infix, LastName: r.LastName,
			DateOfBirth: r.DateOfBirth, Phone: r.Phone, City: r.City, Active: r.Active, DeactivatedAt: orZero(r.DeactivatedAt),
			DeactivatedBy: r.DeactivatedBy, Venues: r.Venues, LastWorked: r.LastWorked, Contracts: contracts[r.ID],
		})
	}
	return profiles, err
}
