package plain

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Program is one of the programs at work for one organisation.
type Program struct {
	Connexie       Connexie
	Pool           *pgxpool.Pool
	OrganisationID string
	// Day is the day that decides who is employed, in Amsterdam.
	Day time.Time
}

func (p Program) day() string { return p.Day.Format(time.DateOnly) }

// tables are the programs' own: what Connexie said last, which venues are connected,
// who is linked to whom, and what was exported. The naive ways fill links and venues
// alone.
const tables = `
create schema plain;
create table plain.people (
	connexie_id     text primary key,
	email           text not null,
	email_key       text not null,
	first_name      text not null,
	infix           text,
	last_name       text not null,
	date_of_birth   date,
	phone           text,
	street          text not null,
	house_number    text not null,
	postal_code     text not null,
	city            text not null,
	country         text not null,
	employed        boolean not null,
	importable      boolean not null,
	modified_at     timestamptz not null
);
create index people_by_email on plain.people (email_key);
create table plain.contracts (
	connexie_id          text not null references plain.people on delete cascade,
	contract_id          text not null,
	type                 text not null,
	start_date           date not null,
	end_date             date,
	hours_per_week       numeric(12, 4),
	hourly_wage          numeric(12, 4),
	job_title            text,
	venue_id             text not null,
	additional_venue_ids text[] not null,
	primary key (connexie_id, contract_id)
);
create table plain.venues (
	connexie_venue_id text primary key,
	venue_id          uuid not null references eitje.venues
);
create table plain.links (
	connexie_id    text primary key,
	team_member_id uuid not null unique references eitje.team_members
);
create table plain.exported (
	entry_id          uuid not null,
	connexie_venue_id text not null,
	day               date not null,
	primary key (entry_id, connexie_venue_id, day)
);
create index exported_by_venue on plain.exported (connexie_venue_id, day);`

// Links selects whom the programs have linked, as connexie_id and team_member_id.
const Links = `select connexie_id, team_member_id from plain.links`

// Exported selects which entries the programs have marked, as entry_id,
// connexie_venue_id and day.
const Exported = `select entry_id, connexie_venue_id, day from plain.exported`

// Prepare makes the programs' own tables in a database that has Eitje's.
func (p Program) Prepare(ctx context.Context) error {
	if _, err := p.Pool.Exec(ctx, tables); err != nil {
		return fmt.Errorf("make the plain program's tables: %w", err)
	}
	return nil
}

// connectVenues connects venues of equal name.
func (p Program) connectVenues(ctx context.Context) error {
	names, err := p.Connexie.venueNames(ctx)
	if err != nil {
		return fmt.Errorf("read venues: %w", err)
	}
	var ids, named []string
	for id, name := range names {
		ids, named = append(ids, id), append(named, name)
	}
	const query = `
		insert into plain.venues (connexie_venue_id, venue_id)
		select c.id, v.id
		  from unnest($2::text[], $3::text[]) as c(id, name)
		  join eitje.venues v on v.organisation_id = $1 and v.name = c.name
		on conflict do nothing`
	if _, err := p.Pool.Exec(ctx, query, p.OrganisationID, ids, named); err != nil {
		return fmt.Errorf("connect venues: %w", err)
	}
	return nil
}
