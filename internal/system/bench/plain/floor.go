package plain

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Floor synchronises everyone in sets: page by page into tables of its own, then one
// statement a table from there to Eitje. It reads the whole list each time and
// writes what differs, so that doing it again writes nothing.
func (p Program) Floor(ctx context.Context) error {
	if err := p.connectVenues(ctx); err != nil {
		return err
	}
	read, changed := 0, 0
	err := p.Connexie.eachPage(ctx, func(page []Person) error {
		written, err := p.mirror(ctx, page)
		read, changed = read+len(page), changed+written
		return err
	})
	if err != nil {
		return fmt.Errorf("read people: %w", err)
	}
	return p.toEitje(ctx, changed > read/bulk)
}

// bulk is the part of all people from which on PostgreSQL is told to count the tables
// anew: it plans for as many rows as it has counted.
const bulk = 10

func (p Program) toEitje(ctx context.Context, isBulk bool) error {
	return pgx.BeginFunc(ctx, p.Pool, func(tx pgx.Tx) error {
		for _, step := range floorSteps {
			if step.bulkOnly && !isBulk {
				continue
			}
			_, err := tx.Exec(ctx, step.query, pgx.NamedArgs{"organisation_id": p.OrganisationID, "day": p.day()})
			if err != nil {
				return fmt.Errorf("%s: %w", step.name, err)
			}
		}
		return nil
	})
}

// mirror upserts one page, those whom Connexie has modified since, and returns how many
// they are.
func (p Program) mirror(ctx context.Context, page []Person) (written int, err error) {
	err = pgx.BeginFunc(ctx, p.Pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, upsertPeople, p.peopleColumns(page)...)
		if err != nil {
			return err
		}
		changed, err := pgx.CollectRows(rows, pgx.RowTo[string])
		written = len(changed)
		if err != nil || written == 0 {
			return err
		}
		if _, err := tx.Exec(ctx, `delete from plain.contracts where connexie_id = any($1)`, changed); err != nil {
			return err
		}
		_, err = tx.CopyFrom(ctx, pgx.Identifier{"plain", "contracts"}, contractColumns, contractRows(page, changed))
		return err
	})
	return written, err
}

const upsertPeople = `
	insert into plain.people as kept
	select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::date[], $8::text[],
	       $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::boolean[], $15::boolean[], $16::timestamptz[])
	on conflict (connexie_id) do update
	   set email = excluded.email, email_key = excluded.email_key, first_name = excluded.first_name,
	       infix = excluded.infix, last_name = excluded.last_name, date_of_birth = excluded.date_of_birth,
	       phone = excluded.phone, street = excluded.street, house_number = excluded.house_number,
	       postal_code = excluded.postal_code, city = excluded.city, country = excluded.country,
	       employed = excluded.employed, importable = excluded.importable, modified_at = excluded.modified_at
	 where kept.modified_at < excluded.modified_at
	    or (kept.employed, kept.importable) <> (excluded.employed, excluded.importable)
	returning connexie_id`

// peopleColumns are the people of a page, an array a column.
func (p Program) peopleColumns(page []Person) []any {
	day, n := p.day(), len(page)
	texts := make([][]*string, 13)
	for i := range texts {
		texts[i] = make([]*string, n)
	}
	employed, importable, modified := make([]bool, n), make([]bool, n), make([]any, n)
	for i, person := range page {
		email, key, home := person.email(), person.emailKey(), person.Address
		for column, value := range []*string{
			&person.ID, &email, &key, &person.FirstName, person.Infix, &person.LastName, person.DateOfBirth, person.Phone,
			&home.Street, &home.HouseNumber, &home.PostalCode, &home.City, &home.Country,
		} {
			texts[column][i] = value
		}
		employed[i], importable[i], modified[i] = person.employed(day), person.importable(day), person.ModifiedAt
	}
	columns := make([]any, 0, len(texts)+3)
	for _, column := range texts {
		columns = append(columns, column)
	}
	return append(columns, employed, importable, modified)
}
