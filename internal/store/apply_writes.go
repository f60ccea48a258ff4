package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// Each function here writes one table for a whole batch in one statement; the rows
// travel as one JSON argument.

// rowsAsJSON encodes the rows that pick returns for each plan, or nothing where
// there are none.
func rowsAsJSON[T any](plans []domain.Plan, pick func(domain.Plan) []T) (string, bool, error) {
	var rows []T
	for _, plan := range plans {
		rows = append(rows, pick(plan)...)
	}
	if len(rows) == 0 {
		return "", false, nil
	}
	encoded, err := json.Marshal(rows)
	return string(encoded), true, err
}

func executeRows[T any](
	ctx context.Context, tx pgx.Tx, operation, query string, plans []domain.Plan, pick func(domain.Plan) []T, named args,
) error {
	rows, some, err := rowsAsJSON(plans, pick)
	if err != nil || !some {
		return err
	}
	named["rows"] = rows
	_, err = execute(ctx, tx, operation, query, named)
	return err
}

type profileWrite struct {
	ID            string      `json:"id"`
	Email         *string     `json:"email"`
	FirstName     *string     `json:"first_name"`
	Infix         *string     `json:"infix"`
	LastName      *string     `json:"last_name"`
	DateOfBirth   domain.Date `json:"date_of_birth"`
	Phone         *string     `json:"phone"`
	Street        *string     `json:"street"`
	HouseNumber   *string     `json:"house_number"`
	PostalCode    *string     `json:"postal_code"`
	City          *string     `json:"city"`
	Country       *string     `json:"country"`
	Active        bool        `json:"active"`
	DeactivatedAt *time.Time  `json:"deactivated_at"`
	DeactivatedBy *string     `json:"deactivated_by"`
}

// writeProfiles creates profiles and overwrites those that differ. The log-in
// e-mail is written at creation alone (S8), and a sync never deactivates (S14).
func writeProfiles(ctx context.Context, tx pgx.Tx, batch Batch, plans []domain.Plan, _ time.Time) error {
	const query = `
		insert into eitje.team_members as t (
			   id, organisation_id, email, first_name, infix, last_name, date_of_birth, phone, street, house_number,
			   postal_code, city, country, active)
		select r.id, c.organisation_id, r.email, r.first_name, r.infix, r.last_name, r.date_of_birth, r.phone, r.street,
			   r.house_number, r.postal_code, r.city, r.country, r.active
		  from jsonb_to_recordset(@rows) as r(
			   id uuid, email text, first_name text, infix text, last_name text, date_of_birth date, phone text,
			   street text, house_number text, postal_code text, city text, country text, active boolean,
			   deactivated_at timestamptz, deactivated_by text)
		  join connexie.connections c on c.id = @connection_id
		on conflict (id) do update
		   set first_name = excluded.first_name, infix = excluded.infix, last_name = excluded.last_name,
			   date_of_birth = excluded.date_of_birth, phone = excluded.phone, street = excluded.street,
			   house_number = excluded.house_number, postal_code = excluded.postal_code, city = excluded.city,
			   country = excluded.country, active = t.active or excluded.active,
			   deactivated_at = case when excluded.active then null else t.deactivated_at end,
			   deactivated_by = case when excluded.active then null else t.deactivated_by end`
	return executeRows(ctx, tx, "write profiles", query, plans, profileRows, args{"connection_id": batch.Run.ConnectionID})
}

func profileRows(plan domain.Plan) []profileWrite {
	if !plan.WritesProfile {
		return nil
	}
	p := plan.Profile
	return []profileWrite{{
		ID: p.ID, Email: orNull(p.Email), FirstName: orNull(p.FirstName), Infix: orNull(p.Infix),
		LastName: orNull(p.LastName), DateOfBirth: p.DateOfBirth, Phone: orNull(p.Phone), Street: orNull(p.Street),
		HouseNumber: orNull(p.HouseNumber), PostalCode: orNull(p.PostalCode), City: orNull(p.City),
		Country: orNull(p.Country), Active: p.Active,
	}}
}

type linkWrite struct {
	TeamMemberID string `json:"team_member_id"`
	ConnexieID   string `json:"connexie_id"`
}

// writeLinks links who was matched or created (S4, S7); a link that is there is
// never moved.
func writeLinks(ctx context.Context, tx pgx.Tx, batch Batch, plans []domain.Plan, now time.Time) error {
	const query = `
		insert into connexie.links (connection_id, team_member_id, connexie_id, linked_at)
		select @connection_id, r.team_member_id, r.connexie_id, @now
		  from jsonb_to_recordset(@rows) as r(team_member_id uuid, connexie_id text)`
	pick := func(plan domain.Plan) []linkWrite {
		if plan.Action != domain.ActionLink && plan.Action != domain.ActionCreate {
			return nil
		}
		return []linkWrite{{TeamMemberID: plan.Profile.ID, ConnexieID: plan.ConnexieID}}
	}
	return executeRows(ctx, tx, "write links", query, plans, pick,
		args{"connection_id": batch.Run.ConnectionID, "now": now})
}

type contractWrite struct {
	ID           string              `json:"id"`
	TeamMemberID string              `json:"team_member_id"`
	ConnexieID   string              `json:"connexie_contract_id"`
	Type         domain.ContractType `json:"type"`
	Start        domain.Date         `json:"start_date"`
	End          domain.Date         `json:"end_date"`
	HoursPerWeek *string             `json:"hours_per_week"`
	HourlyWage   *string             `json:"hourly_wage"`
	JobTitle     *string             `json:"job_title"`
	VenueID      *string             `json:"venue_id"`
}

// writeContracts makes the contracts those of Connexie (S8). Removals come first:
// a contract may take over the Connexie ID of one that goes.
func writeContracts(ctx context.Context, tx pgx.Tx, _ Batch, plans []domain.Plan, _ time.Time) error {
	const remove = `
		delete from eitje.contracts
		 where id in (select r.id from jsonb_to_recordset(@rows) as r(id uuid))`
	const write = `
		insert into eitje.contracts (
			   id, team_member_id, connexie_contract_id, type, start_date, end_date, hours_per_week, hourly_wage,
			   job_title, venue_id)
		select r.*
		  from jsonb_to_recordset(@rows) as r(
			   id uuid, team_member_id uuid, connexie_contract_id text, type text, start_date date, end_date date,
			   hours_per_week numeric, hourly_wage numeric, job_title text, venue_id uuid)
		on conflict (id) do update
		   set connexie_contract_id = excluded.connexie_contract_id, type = excluded.type,
			   start_date = excluded.start_date, end_date = excluded.end_date,
			   hours_per_week = excluded.hours_per_week, hourly_wage = excluded.hourly_wage,
			   job_title = excluded.job_title, venue_id = excluded.venue_id`
	type id struct {
		ID string `json:"id"`
	}
	removed := func(plan domain.Plan) []id {
		var ids []id
		for _, contract := range plan.RemoveContracts {
			ids = append(ids, id{contract})
		}
		return ids
	}
	if err := executeRows(ctx, tx, "remove contracts", remove, plans, removed, args{}); err != nil {
		return err
	}
	return executeRows(ctx, tx, "write contracts", write, plans, contractRows, args{})
}

func contractRows(plan domain.Plan) []contractWrite {
	var rows []contractWrite
	for _, c := range plan.WriteContracts {
		rows = append(rows, contractWrite{
			ID: c.ID, TeamMemberID: plan.Profile.ID, ConnexieID: c.ConnexieID, Type: c.Type, Start: c.Start, End: c.End,
			HoursPerWeek: decimalOrNull(c.HoursPerWeek), HourlyWage: decimalOrNull(c.HourlyWage),
			JobTitle: orNull(c.JobTitle), VenueID: orNull(c.VenueID),
		})
	}
	return rows
}

type venueWrite struct {
	TeamMemberID string `json:"team_member_id"`
	VenueID      string `json:"venue_id"`
}

// writeVenues adds venues and never removes one (S18).
func writeVenues(ctx context.Context, tx pgx.Tx, _ Batch, plans []domain.Plan, _ time.Time) error {
	const query = `
		insert into eitje.team_member_venues (team_member_id, venue_id)
		select r.* from jsonb_to_recordset(@rows) as r(team_member_id uuid, venue_id uuid)
		on conflict do nothing`
	pick := func(plan domain.Plan) []venueWrite {
		var rows []venueWrite
		for _, venue := range plan.AddVenues {
			rows = append(rows, venueWrite{TeamMemberID: plan.Profile.ID, VenueID: venue})
		}
		return rows
	}
	return executeRows(ctx, tx, "add venues", query, plans, pick, args{})
}

type changeWrite struct {
	ID         string `json:"id"`
	ConnexieID string `json:"connexie_id"`
	domain.Change
}

// writeChanges leaves the audit (S10).
func writeChanges(ctx context.Context, tx pgx.Tx, batch Batch, plans []domain.Plan, now time.Time) error {
	const query = `
		insert into connexie.changes (
			   id, run_id, connection_id, connexie_id, object, object_id, field, before, after, at, by)
		select r.id, @run_id, @connection_id, r.connexie_id, r.object, r.object_id, r.field, r.before, r.after, @now, @by
		  from jsonb_to_recordset(@rows) as r(
			   id uuid, connexie_id text, object text, object_id text, field text, before text, after text)`
	pick := func(plan domain.Plan) []changeWrite {
		var rows []changeWrite
		for _, change := range plan.Changes {
			rows = append(rows, changeWrite{ID: newID(), ConnexieID: plan.ConnexieID, Change: change})
		}
		return rows
	}
	return executeRows(ctx, tx, "write the audit", query, plans, pick, args{
		"run_id": batch.Run.RunID, "connection_id": batch.Run.ConnectionID, "now": now, "by": batch.By,
	})
}
