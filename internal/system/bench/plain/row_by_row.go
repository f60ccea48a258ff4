package plain

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// RowByRow synchronises one person after the other, one statement a row, each by
// itself: what is written first.
func (p Program) RowByRow(ctx context.Context) error {
	if err := p.connectVenues(ctx); err != nil {
		return err
	}
	everyone, err := p.everyone(ctx)
	if err != nil {
		return err
	}
	for _, one := range everyone {
		if err := p.SyncPerson(ctx, one); err != nil {
			return err
		}
	}
	return nil
}

// Someone is a person with what only the whole list tells.
type Someone struct {
	Person Person `json:"person"`
	// Shared tells that somebody else has the same e-mail address.
	Shared bool `json:"shared"`
}

func (p Program) everyone(ctx context.Context) ([]Someone, error) {
	var everyone []Someone
	owners := map[string]int{}
	err := p.Connexie.eachPage(ctx, func(page []Person) error {
		for _, person := range page {
			everyone = append(everyone, Someone{Person: person})
			owners[person.emailKey()]++
		}
		return nil
	})
	for i := range everyone {
		everyone[i].Shared = owners[everyone[i].Person.emailKey()] > 1
	}
	return everyone, err
}

// SyncPerson brings one person to Eitje. Doing it again changes nothing.
func (p Program) SyncPerson(ctx context.Context, one Someone) error {
	id, err := p.profileOf(ctx, one)
	if err == nil && id != "" {
		err = p.overwrite(ctx, id, one.Person)
	}
	if err != nil {
		return fmt.Errorf("synchronise person %s: %w", one.Person.ID, err)
	}
	return nil
}

// profileOf finds, links or creates the profile; empty where the person stays out.
func (p Program) profileOf(ctx context.Context, one Someone) (id string, err error) {
	person := one.Person
	err = p.Pool.QueryRow(ctx, `select team_member_id::text from plain.links where connexie_id = $1`, person.ID).Scan(&id)
	if !errors.Is(err, pgx.ErrNoRows) {
		return id, err
	}
	if one.Shared || !person.importable(p.day()) {
		return "", nil
	}
	rows, err := p.Pool.Query(ctx, `
		select t.id::text
		  from eitje.team_members t
		 where t.organisation_id = $1 and t.email_key = $2 and t.archived_at is null`, p.OrganisationID, person.emailKey())
	if err != nil {
		return "", err
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	switch {
	case err != nil:
		return "", err
	case len(found) > 1:
		return "", nil
	case len(found) == 1:
		id = found[0]
	default:
		err = p.Pool.QueryRow(ctx, `
			insert into eitje.team_members (id, organisation_id, email, first_name, infix, last_name, date_of_birth, phone,
			       street, house_number, postal_code, city, country)
			values (gen_random_uuid(), $1, $2, $3, $4, $5, $6::text::date, $7, $8, $9, $10, $11, $12)
			returning id::text`,
			p.OrganisationID, person.email(), person.FirstName, person.Infix, person.LastName, person.DateOfBirth, person.Phone,
			person.Address.Street, person.Address.HouseNumber, person.Address.PostalCode, person.Address.City,
			person.Address.Country).Scan(&id)
	}
	if err != nil {
		return "", err
	}
	_, err = p.Pool.Exec(ctx, `insert into plain.links (connexie_id, team_member_id) values ($1, $2)`, person.ID, id)
	return id, err
}

// overwrite writes what differs.
func (p Program) overwrite(ctx context.Context, id string, person Person) error {
	if err := p.overwriteProfile(ctx, id, person); err != nil {
		return err
	}
	for _, contract := range person.Contracts {
		if err := p.overwriteContract(ctx, id, contract); err != nil {
			return err
		}
	}
	active, _ := person.covering(p.day())
	for _, venue := range active.venues() {
		_, err := p.Pool.Exec(ctx, `
			insert into eitje.team_member_venues (team_member_id, venue_id)
			select $1, venue_id from plain.venues where connexie_venue_id = $2
			on conflict do nothing`, id, venue)
		if err != nil {
			return err
		}
	}
	return nil
}

func (p Program) overwriteProfile(ctx context.Context, id string, person Person) error {
	const query = `
		update eitje.team_members
		   set first_name = @first_name, infix = @infix, last_name = @last_name, date_of_birth = @born::text::date,
		       phone = @phone, street = @street, house_number = @house_number, postal_code = @postal_code, city = @city,
		       country = @country, active = active or @employed,
		       deactivated_at = case when @employed then null else deactivated_at end,
		       deactivated_by = case when @employed then null else deactivated_by end
		 where id = @id
		   and ((first_name, infix, last_name, date_of_birth, phone, street, house_number, postal_code, city, country)
		        is distinct from (@first_name::text, @infix::text, @last_name::text, @born::text::date, @phone::text,
		        @street::text, @house_number::text, @postal_code::text, @city::text, @country::text)
		        or @employed and not active)`
	home := person.Address
	_, err := p.Pool.Exec(ctx, query, pgx.NamedArgs{
		"id": id, "first_name": person.FirstName, "infix": person.Infix, "last_name": person.LastName,
		"born": person.DateOfBirth, "phone": person.Phone, "street": home.Street, "house_number": home.HouseNumber,
		"postal_code": home.PostalCode, "city": home.City, "country": home.Country, "employed": person.employed(p.day()),
	})
	return err
}

func (p Program) overwriteContract(ctx context.Context, id string, contract Contract) error {
	const query = `
		insert into eitje.contracts as kept (id, team_member_id, connexie_contract_id, type, start_date, end_date,
		       hours_per_week, hourly_wage, job_title, venue_id)
		select gen_random_uuid(), @id, @contract_id, @type, @start::text::date, @end::text::date, @hours::text::numeric,
		       @wage::text::numeric, @title, (select venue_id from plain.venues where connexie_venue_id = @venue_id)
		on conflict (team_member_id, connexie_contract_id) where connexie_contract_id is not null do update
		   set type = excluded.type, start_date = excluded.start_date, end_date = excluded.end_date,
		       hours_per_week = excluded.hours_per_week, hourly_wage = excluded.hourly_wage,
		       job_title = excluded.job_title, venue_id = excluded.venue_id
		 where (kept.type, kept.start_date, kept.end_date, kept.hours_per_week, kept.hourly_wage, kept.job_title, kept.venue_id)
		       is distinct from (excluded.type, excluded.start_date, excluded.end_date, excluded.hours_per_week,
		       excluded.hourly_wage, excluded.job_title, excluded.venue_id)`
	_, err := p.Pool.Exec(ctx, query, pgx.NamedArgs{
		"id": id, "contract_id": contract.ID, "type": contract.Type, "start": contract.Start, "end": contract.End,
		"hours": contract.HoursPerWeek, "wage": contract.HourlyWage, "title": contract.JobTitle, "venue_id": contract.VenueID,
	})
	return err
}
