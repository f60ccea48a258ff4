package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

func TestHours_X11_X12_TheTableShowsWhatWasExported(t *testing.T) {
	t.Parallel()
	x := newExporting(t)
	anna := x.TeamMember(t, testkit.TeamMember{OrganisationID: x.organisation, FirstName: "Anna"})
	add := func(entry testkit.Entry) string {
		entry.OrganisationID, entry.VenueID = x.organisation, x.venue
		return x.Entry(t, entry)
	}
	late := add(testkit.Entry{TeamMemberID: x.member, Day: nov(2), StartsAt: nov(2).At(18, 0), EndsAt: nov(2).At(23, 0), NoMinutes: true, BreakMinutes: 30})
	early := add(testkit.Entry{TeamMemberID: x.member, Day: nov(2)})
	hers := add(testkit.Entry{TeamMemberID: anna, Day: nov(2), NoStart: true, NoEnd: true, NoMinutes: true})
	first := add(testkit.Entry{TeamMemberID: x.member, Day: nov(1)})
	gone := add(testkit.Entry{TeamMemberID: x.member, Day: nov(30)})
	add(testkit.Entry{TeamMemberID: x.member, Day: nov(30).AddDays(1)})
	export := x.exported(t, store.ExportOpening{}, []line{{entry: early}, {entry: first}, {entry: gone}})
	x.Exec(t, `update eitje.entries set state = 'open' where id = $1`, first)
	x.Exec(t, `delete from eitje.entries where id = $1`, gone)

	list := func(filter store.HoursFilter) (rows []store.HoursRow, ids []string) {
		filter.ConnectionID, filter.Period = x.connection, november(1, 30)
		if filter.Limit == 0 {
			filter.Limit = 100
		}
		rows, err := x.Store.Hours(t.Context(), filter)
		require.NoError(t, err)
		for _, row := range rows {
			ids = append(ids, row.EntryID)
		}
		return rows, ids
	}
	rows, ids := list(store.HoursFilter{})
	require.Equal(t, []string{first, hers, early, late, gone}, ids, "by day, person and start")
	rows[2].StartsAt, rows[2].EndsAt, rows[2].ExportedAt = rows[2].StartsAt.UTC(), rows[2].EndsAt.UTC(), rows[2].ExportedAt.UTC()
	require.WithinDuration(t, testkit.Now, rows[2].ExportedAt, 0)
	require.Equal(t, store.HoursRow{
		EntryID: early, TeamMemberID: x.member, Name: "Jip Vos", VenueID: x.venue, VenueName: "Bar", Day: nov(2),
		StartsAt: nov(2).At(9, 0).UTC(), EndsAt: nov(2).At(17, 0).UTC(), Minutes: new(480), Kind: "worked",
		State: "approved", Exported: store.HoursExported, ExportID: export.ID, ExportedAt: rows[2].ExportedAt,
	}, rows[2])
	require.Equal(t, store.HoursRow{
		EntryID: gone, TeamMemberID: x.member, Name: "Jip Vos", Day: nov(30), Minutes: new(480), Kind: "worked",
		State: "deleted", Exported: store.HoursChangedSince, ExportID: export.ID, ExportedAt: rows[4].ExportedAt,
	}, rows[4])
	require.Equal(t, new(270), rows[3].Minutes, "the time between the instants less the break (X5)")
	require.Nil(t, rows[1].Minutes)
	require.True(t, rows[1].StartsAt.IsZero())
	require.Empty(t, rows[1].Exported+rows[1].ExportID)

	for name, choice := range map[string]struct {
		filter store.HoursFilter
		want   []string
	}{
		"exported":     {store.HoursFilter{Exported: "yes"}, []string{early}},
		"changed":      {store.HoursFilter{Exported: "changed"}, []string{first, gone}},
		"not exported": {store.HoursFilter{Exported: "no"}, []string{hers, late}},
		"one person":   {store.HoursFilter{TeamMemberID: anna}, []string{hers}},
	} {
		_, ids := list(choice.filter)
		require.Equal(t, choice.want, ids, name)
	}
	_, err := x.Store.Hours(t.Context(), store.HoursFilter{ConnectionID: x.connection, Exported: "perhaps"})
	require.Error(t, err)

	var paged []string
	var after store.HoursCursor
	for range 3 {
		page, ids := list(store.HoursFilter{Limit: 2, After: after})
		paged = append(paged, ids...)
		after = page[len(page)-1].Cursor()
	}
	require.Equal(t, []string{first, hers, early, late, gone}, paged, "page by page")
}

func TestHours_X12_AnEntryThatIsGoneAndHeldTwiceIsListedOnce(t *testing.T) {
	t.Parallel()
	x := newExporting(t)
	entry := x.entry(t, 2)
	x.exported(t, store.ExportOpening{Period: november(1, 10)}, []line{{entry: entry}})
	x.Exec(t, `update eitje.entries set day = '2026-11-12'`)
	later := x.exported(t, store.ExportOpening{Period: november(11, 20)}, []line{{entry: entry}})
	x.Exec(t, `update connexie.exported_entries set exported_at = exported_at + interval '1 hour' where export_id = $1`, later.ID)
	x.Exec(t, `delete from eitje.entries`)
	rows, err := x.Store.Hours(t.Context(), store.HoursFilter{ConnectionID: x.connection, Period: november(1, 30), Limit: 10})
	require.NoError(t, err)
	require.Len(t, rows, 1)
	require.Equal(t, []any{nov(12), later.ID, "deleted"}, []any{rows[0].Day, rows[0].ExportID, rows[0].State})
}

// Whether an entry has changed since it was exported is asked about those of the page, not
// about the whole period.
func TestHours_X12_APageJudgesItsOwnEntriesAlone(t *testing.T) {
	t.Parallel()
	const entries, page = 400, 10
	x := newExporting(t)
	var lines []line
	for i := range entries {
		lines = append(lines, line{entry: x.entry(t, i%30+1)})
	}
	x.exported(t, store.ExportOpening{}, lines)
	x.Exec(t, `insert into eitje.entry_extras select id, 'meal', 'lunch', 1 from eitje.entries`)
	for _, chosen := range []string{"", "no"} {
		read, err := x.Store.RowsReadListing(t.Context(), store.HoursFilter{
			ConnectionID: x.connection, Period: november(1, 30), Exported: chosen, Limit: page,
		})
		require.NoError(t, err)
		require.LessOrEqual(t, read["entry_extras"], 2*page, chosen)
	}
}
