package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// HoursFilter chooses entries of Eitje's table of hours.
type HoursFilter struct {
	ConnectionID string
	Period       domain.Period
	// TeamMemberID chooses one person; all where empty.
	TeamMemberID string
	// Exported chooses by what shows: yes, no or changed; all where empty.
	Exported string
	// After is the Cursor of the last row of the page before; zero for the first page.
	After HoursCursor
	Limit int
}

// HoursRow is one entry as Eitje's table of hours shows it, or one whose row is gone and
// of which Connexie still holds something.
type HoursRow struct {
	EntryID      string
	TeamMemberID string
	Name         string
	// VenueID and VenueName are the Eitje venue; empty where the entry is gone.
	VenueID   string
	VenueName string
	Day       domain.Date
	// StartsAt and EndsAt are zero where there is none.
	StartsAt     time.Time
	EndsAt       time.Time
	BreakMinutes int
	// Minutes is the length net of breaks (X5); nil where it is not known.
	Minutes *int
	Kind    string
	State   string
	// Exported is empty, HoursExported or HoursChangedSince (X11, X12).
	Exported   string
	ExportID   string
	ExportedAt time.Time
}

// What the table of hours shows of an entry that was exported.
const (
	HoursExported     = "Exported"
	HoursChangedSince = "Exported, changed since"
)

// HoursCursor is a place in the table of hours.
type HoursCursor struct {
	Day      domain.Date
	Name     string
	StartsAt time.Time
	EntryID  string
}

// Cursor is the place of a row, after which the next page begins.
func (r HoursRow) Cursor() HoursCursor {
	return HoursCursor{Day: r.Day, Name: r.Name, StartsAt: r.StartsAt, EntryID: r.EntryID}
}

// hoursOf are the rows of the connection and the period, of eitje.entries or of
// eitje.hours, that meet a condition.
func hoursOf(rows, condition string) string {
	return `
		select h.id, h.team_member_id, h.day, h.starts_at
		  from connexie.connections c
		  join ` + rows + ` h on h.organisation_id = c.organisation_id
		 where c.id = @connection_id and h.day between @from and @to and ` + condition
}

// hoursChosen are the entries that a filter's Exported chooses. Whether an entry was
// exported, and has changed since, is costly to judge: it is left to the page wherever the
// choice does without it.
func hoursChosen(exported string) (string, error) {
	switch exported {
	case "":
		// An entry whose row is gone is at no venue.
		return hoursOf("eitje.entries", "true") + " union all " + hoursOf("eitje.hours", "h.venue_id is null"), nil
	case "no":
		return hoursOf("eitje.entries", "not exists (select from connexie.exported_entries m where m.entry_id = h.id)"), nil
	case "yes":
		return hoursOf("eitje.hours", "h.exported = '"+HoursExported+"'"), nil
	case "changed":
		return hoursOf("eitje.hours", "h.exported = '"+HoursChangedSince+"'"), nil
	}
	return "", errors.New("hours are chosen by yes, no or changed")
}

// hoursPage cuts a page of the entries asked for, and then judges those of the page.
func hoursPage(entries string) string {
	return `
	with page as materialized (
		select e.id, ` + fullName + ` as name, coalesce(e.starts_at, '-infinity') as start
		  from (` + entries + `) e
		  left join eitje.team_members t on t.id = e.team_member_id
		 where (@team_member_id::uuid is null or e.team_member_id = @team_member_id)
		   and (@after_day::date is null
		        or (e.day, ` + fullName + `, coalesce(e.starts_at, '-infinity'), e.id)
		           > (@after_day, @after_name::text, coalesce(@after_start::timestamptz, '-infinity'), @after_id::uuid))
		 order by e.day, name, start, e.id
		 limit @limit)
	select h.id as entry_id, h.team_member_id, p.name, coalesce(h.venue_id::text, '') as venue_id,
	       coalesce(v.name, '') as venue_name, h.day, h.starts_at, h.ends_at, coalesce(h.break_minutes, 0) as break_minutes,
	       eitje.net_minutes(h.starts_at, h.ends_at, h.break_minutes, h.minutes) as minutes, h.kind, h.state,
	       coalesce(h.exported, '') as exported, coalesce(h.export_id::text, '') as export_id, h.exported_at
	  from (select * from eitje.hours where id = any(array(select id from page))) h
	  join page p using (id)
	  left join eitje.venues v on v.id = h.venue_id
	 order by h.day, p.name, p.start, h.id`
}

type hoursRow struct {
	EntryID      string
	TeamMemberID string
	Name         string
	VenueID      string
	VenueName    string
	Day          domain.Date
	StartsAt     *time.Time
	EndsAt       *time.Time
	BreakMinutes int
	Minutes      *int
	Kind         string
	State        string
	Exported     string
	ExportID     string
	ExportedAt   *time.Time
}

func (r hoursRow) row() HoursRow {
	return HoursRow{
		EntryID: r.EntryID, TeamMemberID: r.TeamMemberID, Name: r.Name, VenueID: r.VenueID, VenueName: r.VenueName,
		Day: r.Day, StartsAt: orZero(r.StartsAt), EndsAt: orZero(r.EndsAt), BreakMinutes: r.BreakMinutes,
		Minutes: r.Minutes, Kind: r.Kind, State: r.State, Exported: r.Exported, ExportID: r.ExportID,
		ExportedAt: orZero(r.ExportedAt),
	}
}

// Hours is a page of Eitje's table of hours with its Exported column, by day, person and
// start (X11, X12).
func (s *Store) Hours(ctx context.Context, filter HoursFilter) (rows []HoursRow, err error) {
	err = s.withTx(ctx, func(tx pgx.Tx) error {
		rows, err = listHours(ctx, tx, filter)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the hours of connection %s: %w", filter.ConnectionID, err)
	}
	return rows, nil
}

func listHours(ctx context.Context, tx pgx.Tx, filter HoursFilter) ([]HoursRow, error) {
	entries, err := hoursChosen(filter.Exported)
	if err != nil {
		return nil, err
	}
	if err := compileNothing(ctx, tx); err != nil {
		return nil, err
	}
	from := filter.Period.From
	if from.Before(filter.After.Day) {
		from = filter.After.Day // the days before are not looked at
	}
	found, err := collect[hoursRow](ctx, tx, "read the page", hoursPage(entries), args{
		"connection_id": filter.ConnectionID, "from": from, "to": filter.Period.To,
		"team_member_id": orNull(filter.TeamMemberID),
		"after_day":      filter.After.Day, "after_name": filter.After.Name, "after_start": instantOrNull(filter.After.StartsAt),
		"after_id": orNull(filter.After.EntryID), "limit": filter.Limit,
	})
	rows := make([]HoursRow, 0, len(found))
	for _, row := range found {
		rows = append(rows, row.row())
	}
	return rows, err
}

func instantOrNull(instant time.Time) *time.Time {
	if instant.IsZero() {
		return nil
	}
	return &instant
}
