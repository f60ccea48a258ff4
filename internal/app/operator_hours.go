package app

import (
	"context"
	"time"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
)

// HoursQuery asks for the table of hours.
type HoursQuery struct {
	ConnectionID string
	Days         Days
	// TeamMemberID chooses one person; all where empty.
	TeamMemberID string
	// Exported chooses by the marker: yes, no or changed; all where empty.
	Exported string
	Limit    int
}

// HoursLine is one entry as Eitje's table of hours shows it.
type HoursLine struct {
	EntryID      string      `json:"entry_id"`
	TeamMemberID string      `json:"team_member_id"`
	Name         string      `json:"name"`
	VenueID      string      `json:"venue_id,omitempty"`
	Venue        string      `json:"venue"`
	Day          domain.Date `json:"day"`
	StartsAt     time.Time   `json:"starts_at,omitzero"`
	EndsAt       time.Time   `json:"ends_at,omitzero"`
	// Minutes is the length of the entry, net of breaks; null where it is not known.
	Minutes *int   `json:"minutes"`
	Kind    string `json:"kind"`
	State   string `json:"state"`
	// Exported is empty, Exported, or Exported, changed since (X11, X12).
	Exported   string    `json:"exported"`
	ExportID   string    `json:"export_id,omitempty"`
	ExportedAt time.Time `json:"exported_at,omitzero"`
}

// Hours lists the entries of a period by day, person and start, with what shows as
// exported. Needs the database.
func (o *Operator) Hours(ctx context.Context, query HoursQuery) ([]HoursLine, error) {
	filter, err := query.filter()
	if err != nil {
		return nil, err
	}
	connection, err := o.connection(ctx, query.ConnectionID)
	if err != nil {
		return nil, err
	}
	filter.ConnectionID = connection.ID
	rows, err := o.store.Hours(ctx, filter)
	lines := make([]HoursLine, 0, len(rows))
	for _, row := range rows {
		lines = append(lines, hoursLine(row))
	}
	return lines, err
}

// Validate reports what is wrong with the query by itself, before anything is opened.
func (q HoursQuery) Validate() error {
	_, err := q.filter()
	return err
}

// filter reads the query; without the connection, which is looked for first.
func (q HoursQuery) filter() (store.HoursFilter, error) {
	period, err := q.Days.Period()
	if err != nil {
		return store.HoursFilter{}, err
	}
	if q.TeamMemberID != "" && !isRecordID(q.TeamMemberID) {
		return store.HoursFilter{}, malformed("Give one that starter hours lists, without --person.", "a team member", q.TeamMemberID)
	}
	switch q.Exported {
	case "", "yes", "no", "changed":
	default:
		return store.HoursFilter{}, invalid("Give yes, no or changed.", "%q is no choice of what was exported", shorten(q.Exported))
	}
	return store.HoursFilter{Period: period, TeamMemberID: q.TeamMemberID, Exported: q.Exported, Limit: q.Limit}, nil
}

func hoursLine(row store.HoursRow) HoursLine {
	return HoursLine{
		EntryID: row.EntryID, TeamMemberID: row.TeamMemberID, Name: row.Name, VenueID: row.VenueID, Venue: row.VenueName,
		Day: row.Day, StartsAt: row.StartsAt, EndsAt: row.EndsAt, Minutes: row.Minutes, Kind: row.Kind, State: row.State,
		Exported: row.Exported, ExportID: row.ExportID, ExportedAt: row.ExportedAt,
	}
}
