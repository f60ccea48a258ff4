package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/govalues/decimal"
	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// Facts gathers what the rules look at for the people named, in the order of their
// ids. People who are missing from Connexie, or not in the mirror, are left out
// (S14).
func (s *Store) Facts(ctx context.Context, scope Scope, connexieIDs []string) ([]domain.Facts, error) {
	var facts []domain.Facts
	err := s.withTx(ctx, func(tx pgx.Tx) (err error) {
		if err := lookUpRows(ctx, tx); err != nil {
			return err
		}
		facts, err = gather(ctx, tx, scope, connexieIDs)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("gather the facts of %d people of connection %s: %w", len(connexieIDs), scope.ConnectionID, err)
	}
	return facts, nil
}

// Scope is what a run decides within.
type Scope struct {
	ConnectionID string
	// Day is the Amsterdam day that the rules are applied for.
	Day    domain.Date
	Venues domain.VenueMap
}

// gather reads a set of people in a fixed number of statements, whatever their
// number. The transaction looks rows up (lookUpRows).
func gather(ctx context.Context, q querier, scope Scope, ids []string) ([]domain.Facts, error) {
	people, err := mirrorPeople(ctx, q, scope.ConnectionID, ids)
	if err != nil {
		return nil, err
	}
	contracts, err := mirrorContracts(ctx, q, scope.ConnectionID, ids)
	if err != nil {
		return nil, err
	}
	profiles, err := profilesNear(ctx, q, scope.ConnectionID, ids)
	if err != nil {
		return nil, err
	}
	causes, err := openCauses(ctx, q, scope.ConnectionID, ids)
	if err != nil {
		return nil, err
	}
	facts := make([]domain.Facts, 0, len(people))
	for _, row := range people {
		person := row.person()
		person.Contracts = contracts[person.ID]
		fact := domain.Facts{
			Day: scope.Day, Person: person, Problem: orEmpty(row.Problem), Rivals: row.Rivals,
			Venues: scope.Venues, Standing: row.standing(), KnownCandidates: row.Candidates,
			OpenCauses: causes[person.ID], Decision: row.decision(), HoldUntil: row.HoldUntil, Ending: row.Ending,
		}
		profiles.place(&fact, orEmpty(row.EmailKey))
		facts = append(facts, fact)
	}
	if err := placeLookAlikes(ctx, q, scope.ConnectionID, facts); err != nil {
		return nil, err
	}
	return facts, placeLastExported(ctx, q, facts)
}

type personRow struct {
	ConnexieID      string
	Email           *string
	EmailKey        *string
	FirstName       *string
	Infix           *string
	LastName        *string
	DateOfBirth     domain.Date
	Phone           *string
	Street          *string
	HouseNumber     *string
	PostalCode      *string
	City            *string
	Country         *string
	Sent            []string
	EmploymentEnded bool
	EmploymentStart domain.Date
	EmploymentEnd   domain.Date
	ModifiedAt      time.Time
	Problem         *string
	Situation       *string
	Reason          *string
	Rule            *string
	Rivals          int
	Candidates      []string
	HoldUntil       domain.Date
	Decision        *string
	DecidedProfile  *string
	DecidedEmailKey *string
	DecidedAmong    []string
	Ending          bool
}

func mirrorPeople(ctx context.Context, q querier, connectionID string, ids []string) ([]personRow, error) {
	const query = `
		select p.connexie_id, p.email, p.email_key, p.first_name, p.infix, p.last_name, p.date_of_birth, p.phone,
			   p.street, p.house_number, p.postal_code, p.city, p.country, p.sent, p.employment_ended,
			   p.employment_start, p.employment_end, p.modified_at, p.problem, s.situation, s.reason, s.rule,
			   (select count(*)
			      from (select * from connexie.people where email_key = p.email_key offset 0) r
			     where r.connection_id = p.connection_id
			       and r.connexie_id <> p.connexie_id and r.missing_since is null
			       and not exists (select from connexie.links l
			                        where l.connection_id = r.connection_id and l.connexie_id = r.connexie_id offset 0)
			   ) as rivals,
			   array(select d.team_member_id::text
			           from connexie.dispute_candidates d
			          where d.connection_id = p.connection_id and d.connexie_id = p.connexie_id
			          order by d.team_member_id) as candidates,
			   (select max(h.until)
			      from (select until from connexie.holds
			             where connection_id = @connection_id and connexie_id = wanted.id and lifted_at is null offset 0) h
			   ) as hold_until,
			   d.decision, d.team_member_id::text as decided_profile, d.email_key as decided_email_key,
			   d.candidates::text[] as decided_among,
			   exists (select from connexie.endings e
			            where e.connection_id = p.connection_id and e.connexie_id = p.connexie_id and e.closed_at is null
			            offset 0) as ending
		  from unnest(@ids::text[]) as wanted(id)
		 cross join lateral (
			   select * from connexie.people
			    where connection_id = @connection_id and connexie_id = wanted.id offset 0) p
		  left join lateral (
			   select * from connexie.person_standings
			    where connection_id = @connection_id and connexie_id = wanted.id offset 0) s on true
		  left join lateral (
			   select * from connexie.dispute_decisions
			    where connection_id = @connection_id and connexie_id = wanted.id and replaced_at is null offset 0) d on true
		 where p.missing_since is null
		 order by p.connexie_id`
	return collect[personRow](ctx, q, "read people", query, args{"connection_id": connectionID, "ids": ids})
}

func (r personRow) person() domain.Person {
	return domain.Person{
		ID: r.ConnexieID, Email: orEmpty(r.Email), FirstName: orEmpty(r.FirstName), LastName: orEmpty(r.LastName),
		Infix:       sentText(r.Sent, "infix", r.Infix),
		DateOfBirth: domain.Field[domain.Date]{Sent: slices.Contains(r.Sent, "date_of_birth"), Value: r.DateOfBirth},
		Phone:       sentText(r.Sent, "phone", r.Phone),
		Street:      sentText(r.Sent, "street", r.Street),
		HouseNumber: sentText(r.Sent, "house_number", r.HouseNumber),
		PostalCode:  sentText(r.Sent, "postal_code", r.PostalCode),
		City:        sentText(r.Sent, "city", r.City),
		Country:     sentText(r.Sent, "country", r.Country),
		Employment:  domain.Employment{Ended: r.EmploymentEnded, Start: r.EmploymentStart, End: r.EmploymentEnd},
		ModifiedAt:  r.ModifiedAt,
	}
}

func sentText(sent []string, member string, value *string) domain.Field[string] {
	return domain.Field[string]{Sent: slices.Contains(sent, member), Value: orEmpty(value)}
}

func (r personRow) standing() domain.Standing {
	return domain.Standing{
		Situation: domain.Situation(orEmpty(r.Situation)), Reason: domain.Reason(orEmpty(r.Reason)), Rule: orEmpty(r.Rule),
	}
}

// decision is what somebody decided about the person, without the profile that was
// chosen; nil where nobody has (S6).
func (r personRow) decision() *domain.Decision {
	if r.Decision == nil {
		return nil
	}
	return &domain.Decision{
		Kind: domain.DecisionKind(*r.Decision), EmailKey: orEmpty(r.DecidedEmailKey), Candidates: r.DecidedAmong,
		TeamMemberID: orEmpty(r.DecidedProfile),
	}
}

func mirrorContracts(ctx context.Context, q querier, connectionID string, ids []string) (map[string][]domain.Contract, error) {
	const query = `
		select connexie_id, contract_id, type, start_date, end_date, hours_per_week::text, hourly_wage::text,
			   job_title, venue_id, additional_venue_ids
		  from unnest(@ids::text[]) as wanted(id)
		 cross join lateral (
			   select * from connexie.person_contracts
			    where connection_id = @connection_id and connexie_id = wanted.id offset 0) c
		 order by connexie_id, start_date, contract_id collate "C"`
	type row struct {
		ConnexieID         string
		ContractID         string
		Type               string
		StartDate          domain.Date
		EndDate            domain.Date
		HoursPerWeek       decimal.NullDecimal
		HourlyWage         decimal.NullDecimal
		JobTitle           *string
		VenueID            string
		AdditionalVenueIDs []string
	}
	rows, err := collect[row](ctx, q, "read contracts", query, args{"connection_id": connectionID, "ids": ids})
	contracts := make(map[string][]domain.Contract, len(ids))
	for _, r := range rows {
		contracts[r.ConnexieID] = append(contracts[r.ConnexieID], domain.Contract{
			ID: r.ContractID, Type: domain.ContractType(r.Type), Start: r.StartDate, End: r.EndDate,
			HoursPerWeek: r.HoursPerWeek, HourlyWage: r.HourlyWage, JobTitle: orEmpty(r.JobTitle),
			VenueID: r.VenueID, AdditionalVenueIDs: r.AdditionalVenueIDs,
		})
	}
	return contracts, err
}

func openCauses(ctx context.Context, q querier, connectionID string, ids []string) (map[string][]domain.Cause, error) {
	const query = `
		select subject, cause
		  from unnest(@ids::text[]) as wanted(id)
		 cross join lateral (
			   select * from connexie.notifications
			    where connection_id = @connection_id and subject = wanted.id and closed_at is null offset 0) n`
	type row struct {
		Subject string
		Cause   string
	}
	rows, err := collect[row](ctx, q, "read open notifications", query, args{"connection_id": connectionID, "ids": ids})
	causes := make(map[string][]domain.Cause)
	for _, r := range rows {
		causes[r.Subject] = append(causes[r.Subject], domain.Cause(r.Cause))
	}
	return causes, err
}
