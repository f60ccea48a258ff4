package store

import (
	"context"
	"fmt"
	"time"

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

const selectHours = `
	select h.id as entry_id, h.team_member_id, h.name, coalesce(h.venue_id::text, '') as venue_id,
	       coalesce(v.name, '') as venue_name, h.day, nullif(h.start, '-infinity') as starts_at, h.ends_at,
	       coalesce(h.break_minutes, 0) as break_minutes,
	       eitje.net_minutes(h.starts_at, h.ends_at, h.break_minutes, h.minutes) as minutes, h.kind, h.state,
	       coalesce(h.exported, '') as exported, coalesce(h.export_id::text, '') as export_id, h.exported_at
	  from (select h.*, concat_ws(' ', t.first_name, t.infix, t.last_name) as name,
	               coalesce(h.starts_at, '-infinity') as start
	          from eitje.hours h
	          join connexie.connections c on c.organisation_id = h.organisation_id
	          left join eitje.team_members t on t.id = h.team_member_id
	         where c.id = @connection_id and h.day between @from and @to
	           and (@team_member_id::uuid is null or h.team_member_id = @team_member_id)
	           and (@exported = '' or coalesce(h.exported, '') = @shown)) h
	  left join eitje.venues v on v.id = h.venue_id
	 where @after_day::date is null
	    or (h.day, h.name, h.start, h.id) > (@after_day, @after_name::text, coalesce(@after_start::timestamptz, '-infinity'), @after_id::uuid)
	 order by h.day, h.name, h.start, h.id
	 limit @limit`

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
func (s *Store) Hours(ctx context.Context, filter HoursFilter) ([]HoursRow, error) {
	operation := "list the hours of connection " + filter.ConnectionID
	shown, err := shownAs(filter.Exported)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	named := args{
		"connection_id": filter.ConnectionID, "from": filter.Period.From, "to": filter.Period.To,
		"team_member_id": orNull(filter.TeamMemberID), "exported": filter.Exported, "shown": shown,
		"after_day": filter.After.Day, "after_name": filter.After.Name, "after_start": instantOrNull(filter.After.StartsAt),
		"after_id": orNull(filter.After.EntryID), "limit": filter.Limit,
	}
	found, err := collect[hoursRow](ctx, s.pool, operation, selectHours, named)
	if err != nil {
		return nil, err
	}
	rows := make([]HoursRow, 0, len(found))
	for _, row := range found {
		rows = append(rows, row.row())
	}
	return rows, nil
}

// shownAs is what the view shows of the entries chosen.
func shownAs(exported string) (string, error) {
	switch exported {
	case "", "no":
		return "", nil
	case "yes":
		return HoursExported, nil
	case "changed":
		return HoursChangedSince, nil
	}
	return "", fmt.Errorf("hours are chosen by yes, no or changed")
}

func instantOrNull(instant time.Time) *time.Time {
	if instant.IsZero() {
		return nil
	}
	return &instant
}
