package plain

// floorSteps bring Eitje to what the floor's own tables say, in their order.
var floorSteps = []struct {
	name     string
	bulkOnly bool
	query    string
}{
	{"count what was read", true, `analyze plain.people, plain.contracts`},
	{"join sets, not pairs", true, `set local enable_nestloop = off`},
	{"link the profiles that exist", false, `
		with ` + unlinked + `,
		owners as (
			select t.email_key, count(*) as profiles, count(l.connexie_id) as linked, (array_agg(t.id))[1] as id
			  from eitje.team_members t
			  left join plain.links l on l.team_member_id = t.id
			 where t.organisation_id = @organisation_id and t.archived_at is null
			   and t.email_key in (select email_key from unlinked)
			 group by t.email_key)
		insert into plain.links (connexie_id, team_member_id)
		select u.connexie_id, o.id
		  from unlinked u join owners o using (email_key)
		 where o.profiles = 1 and o.linked = 0`},
	{"count who was linked", true, `analyze plain.links`},
	{"create the others", false, `
		with ` + unlinked + `,
		newcomers as materialized (
			select gen_random_uuid() as id, u.*
			  from unlinked u
			 where not exists (select from eitje.team_members t
			                    where t.organisation_id = @organisation_id and t.email_key = u.email_key
			                      and t.archived_at is null)),
		created as (
			insert into eitje.team_members (id, organisation_id, email, first_name, infix, last_name, date_of_birth, phone,
			       street, house_number, postal_code, city, country)
			select id, @organisation_id, email, first_name, infix, last_name, date_of_birth, phone,
			       street, house_number, postal_code, city, country
			  from newcomers)
		insert into plain.links (connexie_id, team_member_id) select connexie_id, id from newcomers`},
	{"count who is linked", true, `analyze plain.links`},
	{"overwrite profiles", false, `
		update eitje.team_members t
		   set first_name = p.first_name, infix = p.infix, last_name = p.last_name, date_of_birth = p.date_of_birth,
		       phone = p.phone, street = p.street, house_number = p.house_number, postal_code = p.postal_code,
		       city = p.city, country = p.country, active = t.active or p.employed,
		       deactivated_at = case when p.employed then null else t.deactivated_at end,
		       deactivated_by = case when p.employed then null else t.deactivated_by end
		  from plain.people p join plain.links l using (connexie_id)
		 where t.id = l.team_member_id
		   and ((t.first_name, t.infix, t.last_name, t.date_of_birth, t.phone, t.street, t.house_number, t.postal_code,
		         t.city, t.country) is distinct from
		        (p.first_name, p.infix, p.last_name, p.date_of_birth, p.phone, p.street, p.house_number, p.postal_code,
		         p.city, p.country)
		        or (p.employed and not t.active))`},
	{"remove contracts", false, `
		delete from eitje.contracts c
		 using plain.links l
		 where c.team_member_id = l.team_member_id and c.connexie_contract_id is not null
		   and not exists (select from plain.contracts w
		                    where w.connexie_id = l.connexie_id and w.contract_id = c.connexie_contract_id)`},
	{"overwrite contracts", false, `
		update eitje.contracts c
		   set type = w.type, start_date = w.start_date, end_date = w.end_date, hours_per_week = w.hours_per_week,
		       hourly_wage = w.hourly_wage, job_title = w.job_title, venue_id = v.venue_id
		  from plain.contracts w
		  join plain.links l using (connexie_id)
		  left join plain.venues v on v.connexie_venue_id = w.venue_id
		 where c.team_member_id = l.team_member_id and c.connexie_contract_id = w.contract_id
		   and (c.type, c.start_date, c.end_date, c.hours_per_week, c.hourly_wage, c.job_title, c.venue_id)
		       is distinct from
		       (w.type, w.start_date, w.end_date, w.hours_per_week, w.hourly_wage, w.job_title, v.venue_id)`},
	{"add contracts", false, `
		insert into eitje.contracts (id, team_member_id, connexie_contract_id, type, start_date, end_date, hours_per_week,
		       hourly_wage, job_title, venue_id)
		select gen_random_uuid(), l.team_member_id, w.contract_id, w.type, w.start_date, w.end_date, w.hours_per_week,
		       w.hourly_wage, w.job_title, v.venue_id
		  from plain.contracts w
		  join plain.links l using (connexie_id)
		  left join plain.venues v on v.connexie_venue_id = w.venue_id
		 where not exists (select from eitje.contracts c
		                    where c.team_member_id = l.team_member_id and c.connexie_contract_id = w.contract_id)`},
	{"add venues", false, `
		insert into eitje.team_member_venues (team_member_id, venue_id)
		select distinct l.team_member_id, v.venue_id
		  from plain.contracts w
		  join plain.links l using (connexie_id)
		  join plain.venues v on v.connexie_venue_id = any(w.venue_id || w.additional_venue_ids)
		 where w.start_date <= @day and coalesce(w.end_date >= @day, true)
		   and not exists (select from eitje.team_member_venues tv
		                    where tv.team_member_id = l.team_member_id and tv.venue_id = v.venue_id)`},
}

// unlinked are the people to link or create: nobody else who is not linked has their
// e-mail address.
const unlinked = `
		unlinked as materialized (
			select *
			  from (select p.*, count(*) over (partition by p.email_key) as sharing
			          from plain.people p
			         where not exists (select from plain.links l where l.connexie_id = p.connexie_id)) p
			 where p.importable and p.sharing = 1)`
