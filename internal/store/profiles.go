package store

import (
	"context"
	"time"

	"github.com/govalues/decimal"

	"github.com/eitje/connexie-worker/internal/domain"
)

// nearProfiles are the team members that matter to a set of people: those who are
// linked to them, those who have one of their e-mail keys, and those who somebody chose
// for them.
type nearProfiles struct {
	linked   map[string]*domain.Profile   // by Connexie ID
	byEmail  map[string][]*domain.Profile // by e-mail key; linked ones too
	linkOf   map[string]string            // Connexie ID by team member id
	linkable map[string]*domain.Profile   // by team member id; neither linked nor archived
}

// place puts the profiles that concern one person into their facts (S4, S5, S6).
func (n nearProfiles) place(facts *domain.Facts, emailKey string) {
	facts.Profile = n.linked[facts.Person.ID]
	if facts.Decision != nil && facts.Profile == nil {
		facts.Decision.Profile = n.linkable[facts.Decision.TeamMemberID]
	}
	if facts.Profile != nil || emailKey == "" {
		return
	}
	for _, profile := range n.byEmail[emailKey] {
		if n.linkOf[profile.ID] == "" {
			facts.Candidates = append(facts.Candidates, *profile)
		} else {
			facts.EmailTaken = true
		}
	}
}

type profileRow struct {
	ID            string
	ConnexieID    *string
	Wanted        bool
	Email         *string
	EmailKey      *string
	FirstName     *string
	Infix         *string
	LastName      *string
	DateOfBirth   domain.Date
	Phone         *string
	Street        *string
	HouseNumber   *string
	PostalCode    *string
	City          *string
	Country       *string
	Active        bool
	DeactivatedAt *time.Time
	DeactivatedBy *string
	Archived      bool
	Venues        []string
}

// idsOfProfilesNear selects the profiles near a set of people. Only profiles of the
// connection's organisation are near, and an archived one only where it is linked. An
// e-mail key is looked up in every organisation: few share it, and the index of the
// organisation's profiles would seem as good for both at once.
const idsOfProfilesNear = `
			select l.team_member_id as id
			  from unnest(@ids::text[]) as wanted(id)
			 cross join lateral (
			       select team_member_id from connexie.links
			        where connection_id = @connection_id and connexie_id = wanted.id offset 0) l
			union
			select t.id
			  from unnest(@ids::text[]) as wanted(id)
			 cross join lateral (
			       select p.email_key from connexie.people p
			        where p.connection_id = @connection_id and p.connexie_id = wanted.id
			          and not exists (select from connexie.links l
			                           where l.connection_id = @connection_id and l.connexie_id = wanted.id offset 0)
			       offset 0) p
			 cross join lateral (
			       select id, organisation_id from eitje.team_members
			        where email_key = p.email_key and archived_at is null offset 0) t
			 where t.organisation_id = (select organisation_id from connexie.connections where id = @connection_id)
			union
			select t.id
			  from unnest(@ids::text[]) as wanted(id)
			 cross join lateral (
			       select team_member_id from connexie.dispute_decisions
			        where connection_id = @connection_id and connexie_id = wanted.id and replaced_at is null offset 0) d
			 cross join lateral (
			       select id, organisation_id from eitje.team_members
			        where id = d.team_member_id and archived_at is null offset 0) t
			 where t.organisation_id = (select organisation_id from connexie.connections where id = @connection_id)`

// profilesNear reads the profiles near a set of people with their contracts and
// venues.
func profilesNear(ctx context.Context, q querier, connectionID string, ids []string) (nearProfiles, error) {
	const query = `
		with near as (` + idsOfProfilesNear + `)
		select t.id, l.connexie_id, coalesce(l.connexie_id = any(@ids), false) as wanted, t.email, t.email_key,
			   t.first_name, t.infix, t.last_name, t.date_of_birth, t.phone, t.street, t.house_number, t.postal_code,
			   t.city, t.country, t.active, t.deactivated_at, t.deactivated_by, t.archived_at is not null as archived,
			   array(select v.venue_id::text from eitje.team_member_venues v
			          where v.team_member_id = t.id order by v.venue_id) as venues
		  from near
		 cross join lateral (select * from eitje.team_members where id = near.id offset 0) t
		  left join lateral (select * from connexie.links where team_member_id = near.id offset 0) l on true
		 order by t.id`
	rows, err := collect[profileRow](ctx, q, "read profiles", query, args{"connection_id": connectionID, "ids": ids})
	if err != nil {
		return nearProfiles{}, err
	}
	contracts, err := heldContracts(ctx, q, rows)
	if err != nil {
		return nearProfiles{}, err
	}
	near := nearProfiles{
		linked: make(map[string]*domain.Profile), byEmail: make(map[string][]*domain.Profile), linkOf: make(map[string]string),
		linkable: make(map[string]*domain.Profile),
	}
	for _, row := range rows {
		profile := row.profile()
		profile.Contracts = contracts[profile.ID]
		near.add(row, &profile)
	}
	return near, nil
}

func (n nearProfiles) add(row profileRow, profile *domain.Profile) {
	n.linkOf[profile.ID] = orEmpty(row.ConnexieID)
	if row.Wanted {
		n.linked[*row.ConnexieID] = profile
	}
	if row.ConnexieID == nil && !row.Archived {
		n.linkable[profile.ID] = profile
	}
	if key := orEmpty(row.EmailKey); key != "" && !row.Archived {
		n.byEmail[key] = append(n.byEmail[key], profile)
	}
}

func (r profileRow) profile() domain.Profile {
	profile := domain.Profile{
		ID: r.ID, Email: orEmpty(r.Email), FirstName: orEmpty(r.FirstName), Infix: orEmpty(r.Infix),
		LastName: orEmpty(r.LastName), DateOfBirth: r.DateOfBirth, Phone: orEmpty(r.Phone), Street: orEmpty(r.Street),
		HouseNumber: orEmpty(r.HouseNumber), PostalCode: orEmpty(r.PostalCode), City: orEmpty(r.City),
		Country: orEmpty(r.Country), Active: r.Active, DeactivatedBy: orEmpty(r.DeactivatedBy), Venues: r.Venues,
	}
	if r.DeactivatedAt != nil {
		profile.DeactivatedAt = *r.DeactivatedAt
	}
	return profile
}

func heldContracts(ctx context.Context, q querier, profiles []profileRow) (map[string][]domain.HeldContract, error) {
	const query = `
		select c.id, team_member_id, connexie_contract_id, type, start_date, end_date, hours_per_week::text,
			   hourly_wage::text, job_title, venue_id
		  from unnest(@ids::uuid[]) as near(id)
		 cross join lateral (select * from eitje.contracts where team_member_id = near.id offset 0) c
		 order by team_member_id, c.id`
	type row struct {
		ID                 string
		TeamMemberID       string
		ConnexieContractID *string
		Type               string
		StartDate          domain.Date
		EndDate            domain.Date
		HoursPerWeek       decimal.NullDecimal
		HourlyWage         decimal.NullDecimal
		JobTitle           *string
		VenueID            *string
	}
	ids := make([]string, 0, len(profiles))
	for _, profile := range profiles {
		ids = append(ids, profile.ID)
	}
	rows, err := collect[row](ctx, q, "read held contracts", query, args{"ids": ids})
	contracts := make(map[string][]domain.HeldContract, len(ids))
	for _, r := range rows {
		contracts[r.TeamMemberID] = append(contracts[r.TeamMemberID], domain.HeldContract{
			ID: r.ID, ConnexieID: orEmpty(r.ConnexieContractID), Type: domain.ContractType(r.Type),
			Start: r.StartDate, End: r.EndDate, HoursPerWeek: r.HoursPerWeek, HourlyWage: r.HourlyWage,
			JobTitle: orEmpty(r.JobTitle), VenueID: orEmpty(r.VenueID),
		})
	}
	return contracts, err
}
