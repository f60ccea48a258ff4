package plain

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// overwriteProfile looks whether the profile differs and then writes it.
func (p Program) overwriteProfile(ctx context.Context, id string, person Person) error {
	const look = `
		select (first_name, infix, last_name, date_of_birth, phone, street, house_number, postal_code, city, country)
		       is distinct from
		       (@first_name::text, @infix::text, @last_name::text, @born::text::date, @phone::text, @street::text,
		        @house_number::text, @postal_code::text, @city::text, @country::text)
		       or @employed and not active
		  from eitje.team_members
		 where id = @id`
	const write = `
		update eitje.team_members
		   set first_name = @first_name, infix = @infix, last_name = @last_name, date_of_birth = @born::text::date,
		       phone = @phone, street = @street, house_number = @house_number, postal_code = @postal_code, city = @city,
		       country = @country, active = active or @employed,
		       deactivated_at = case when @employed then null else deactivated_at end,
		       deactivated_by = case when @employed then null else deactivated_by end
		 where id = @id`
	home := person.Address
	return p.lookAndWrite(ctx, look, write, pgx.NamedArgs{
		"id": id, "first_name": person.FirstName, "infix": person.Infix, "last_name": person.LastName,
		"born": person.DateOfBirth, "phone": person.Phone, "street": home.Street, "house_number": home.HouseNumber,
		"postal_code": home.PostalCode, "city": home.City, "country": home.Country, "employed": person.employed(p.day()),
	})
}

// overwriteContract looks for the contract and inserts it where it is not there, or
// updates it where it differs.
func (p Program) overwriteContract(ctx context.Context, id string, contract Contract) error {
	const look = `
		select not exists (
			select from eitje.contracts c
			  left join plain.venues v on v.connexie_venue_id = @venue_id
			 where c.team_member_id = @id and c.connexie_contract_id = @contract_id
			   and (c.type, c.start_date, c.end_date, c.hours_per_week, c.hourly_wage, c.job_title, c.venue_id)
			       is not distinct from
			       (@type::text, @start::text::date, @end::text::date, @hours::text::numeric, @wage::text::numeric,
			        @title::text, v.venue_id))`
	const write = `
		insert into eitje.contracts (id, team_member_id, connexie_contract_id, type, start_date, end_date,
		       hours_per_week, hourly_wage, job_title, venue_id)
		select gen_random_uuid(), @id, @contract_id, @type, @start::text::date, @end::text::date, @hours::text::numeric,
		       @wage::text::numeric, @title, (select venue_id from plain.venues where connexie_venue_id = @venue_id)
		on conflict (team_member_id, connexie_contract_id) where connexie_contract_id is not null do update
		   set type = excluded.type, start_date = excluded.start_date, end_date = excluded.end_date,
		       hours_per_week = excluded.hours_per_week, hourly_wage = excluded.hourly_wage,
		       job_title = excluded.job_title, venue_id = excluded.venue_id`
	return p.lookAndWrite(ctx, look, write, pgx.NamedArgs{
		"id": id, "contract_id": contract.ID, "type": contract.Type, "start": contract.Start, "end": contract.End,
		"hours": contract.HoursPerWeek, "wage": contract.HourlyWage, "title": contract.JobTitle, "venue_id": contract.VenueID,
	})
}

// lookAndWrite writes where the look says that something differs.
func (p Program) lookAndWrite(ctx context.Context, look, write string, named pgx.NamedArgs) error {
	var differs bool
	if err := p.Pool.QueryRow(ctx, look, named).Scan(&differs); err != nil || !differs {
		return err
	}
	_, err := p.Pool.Exec(ctx, write, named)
	return err
}
