package plain

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// RowByRow synchronises one person after the other, one row after the other: look it
// up, then insert or update it, each statement by itself. It is what is written first,
// or what an object mapper does where nobody looks.
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

// overwrite brings profile, contracts and venues up to date.
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
