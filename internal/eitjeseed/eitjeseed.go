// Package eitjeseed writes an invented organisation into Eitje's own tables, as the
// platform would have: for demonstrations, tests and benchmarks. It stands for the
// platform and knows its tables alone, and those of a connection that was removed
// and left its links.
package eitjeseed

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/eitje/connexie-worker/internal/sandbox/seed"
)

// Write writes the organisation with its venues, profiles and entries in one transaction.
// Profiles that carry a link get the removed connection of accountID that left it,
// so that activating the organisation revives both. An organisation that is there
// already is left as it is, and written is false.
func Write(
	ctx context.Context, url, accountID string, organisation seed.Organisation, now time.Time,
) (written bool, err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return false, errors.New("seed Eitje: the database does not answer")
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if written, err = insertOrganisation(ctx, tx, organisation); err != nil || !written {
			return err
		}
		w := writer{tx: tx, organisation: organisation, accountID: accountID, now: now}
		return w.write(ctx)
	})
	if err != nil {
		return false, fmt.Errorf("seed organisation %s: %w", organisation.ID, err)
	}
	return written, nil
}

func insertOrganisation(ctx context.Context, tx pgx.Tx, organisation seed.Organisation) (bool, error) {
	const query = `insert into eitje.organisations (id, name) values ($1, $2) on conflict (id) do nothing`
	tag, err := tx.Exec(ctx, query, organisation.ID, organisation.Name)
	return tag.RowsAffected() > 0, err
}

type writer struct {
	tx           pgx.Tx
	organisation seed.Organisation
	accountID    string
	now          time.Time
}

func (w writer) write(ctx context.Context) error {
	for _, table := range []func(context.Context) error{
		w.venues, w.profiles, w.profileVenues, w.contracts, w.links, w.entries, w.extras,
	} {
		if err := table(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (w writer) copy(ctx context.Context, table string, columns []string, rows [][]any) error {
	_, err := w.tx.CopyFrom(ctx, pgx.Identifier{"eitje", table}, columns, pgx.CopyFromRows(rows))
	if answer, ok := errors.AsType[*pgconn.PgError](err); ok { // its detail would quote the row
		return fmt.Errorf("copy into eitje.%s: %s %s", table, answer.Code, answer.ConstraintName)
	}
	return err
}

func (w writer) venues(ctx context.Context) error {
	var rows [][]any
	for _, venue := range w.organisation.Venues {
		rows = append(rows, []any{venue.ID, w.organisation.ID, venue.Name})
	}
	return w.copy(ctx, "venues", []string{"id", "organisation_id", "name"}, rows)
}

func (w writer) profiles(ctx context.Context) error {
	columns := []string{
		"id", "organisation_id", "email", "first_name", "infix", "last_name", "date_of_birth", "phone", "street",
		"house_number", "postal_code", "city", "country", "active", "deactivated_at", "deactivated_by",
	}
	var rows [][]any
	for _, p := range w.organisation.Profiles {
		born, err := day(p.DateOfBirth)
		if err != nil {
			return err
		}
		rows = append(rows, []any{
			p.ID, w.organisation.ID, known(p.Email), known(p.FirstName), known(p.Infix), known(p.LastName), born,
			known(p.Phone), known(p.Street), known(p.HouseNumber), known(p.PostalCode), known(p.City), known(p.Country),
			p.Active, instant(p.DeactivatedAt), known(p.DeactivatedBy),
		})
	}
	return w.copy(ctx, "team_members", columns, rows)
}

func (w writer) profileVenues(ctx context.Context) error {
	var rows [][]any
	for _, p := range w.organisation.Profiles {
		for _, venue := range p.VenueIDs {
			rows = append(rows, []any{p.ID, venue})
		}
	}
	return w.copy(ctx, "team_member_venues", []string{"team_member_id", "venue_id"}, rows)
}

func (w writer) contracts(ctx context.Context) error {
	const query = `
		insert into eitje.contracts (id, team_member_id, connexie_contract_id, type, start_date, end_date,
		       hours_per_week, hourly_wage, job_title, venue_id)
		values ($1, $2, nullif($3, ''), $4, $5::text::date, nullif($6, '')::date, nullif($7, '')::numeric,
		       nullif($8, '')::numeric, nullif($9, ''), nullif($10, '')::uuid)`
	batch := &pgx.Batch{}
	for _, p := range w.organisation.Profiles {
		for _, c := range p.Contracts {
			batch.Queue(query, c.ID, p.ID, c.ConnexieContractID, c.Type, c.StartDate, c.EndDate,
				c.HoursPerWeek, c.HourlyWage, c.JobTitle, c.VenueID)
		}
	}
	return w.tx.SendBatch(ctx, batch).Close()
}

// links writes the removed connection that left the links, where there are any.
func (w writer) links(ctx context.Context) error {
	const connection = `
		insert into connexie.connections (id, organisation_id, state, account_id, created_at, activated_at)
		values ($1, $2, 'removed', $3, $4, $4)`
	const link = `
		insert into connexie.links (connection_id, team_member_id, connexie_id, linked_at)
		values ($1, $2, $3, $4)`
	batch := &pgx.Batch{}
	connectionID := uuid.Must(uuid.NewV7()).String()
	for _, p := range w.organisation.Profiles {
		if p.ConnexieID == "" {
			continue
		}
		if batch.Len() == 0 {
			batch.Queue(connection, connectionID, w.organisation.ID, w.accountID, w.now)
		}
		batch.Queue(link, connectionID, p.ID, p.ConnexieID, w.now)
	}
	return w.tx.SendBatch(ctx, batch).Close()
}

func (w writer) entries(ctx context.Context) error {
	columns := []string{
		"id", "organisation_id", "team_member_id", "venue_id", "day", "starts_at", "ends_at", "break_minutes",
		"minutes", "kind", "state",
	}
	rows := make([][]any, 0, len(w.organisation.Entries))
	for _, e := range w.organisation.Entries {
		on, err := day(string(e.Day))
		if err != nil {
			return err
		}
		rows = append(rows, []any{
			e.ID, w.organisation.ID, e.ProfileID, e.VenueID, on, instant(e.StartsAt), instant(e.EndsAt), e.BreakMinutes,
			e.Minutes, e.Kind, e.State,
		})
	}
	return w.copy(ctx, "entries", columns, rows)
}

func (w writer) extras(ctx context.Context) error {
	var rows [][]any
	for _, e := range w.organisation.Entries {
		for _, x := range e.Extras {
			rows = append(rows, []any{e.ID, x.Kind, x.Type, x.Quantity})
		}
	}
	return w.copy(ctx, "entry_extras", []string{"entry_id", "kind", "type", "quantity"}, rows)
}

func known(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func day(text string) (*time.Time, error) {
	if text == "" {
		return nil, nil
	}
	t, err := time.Parse(time.DateOnly, text)
	return &t, err
}
