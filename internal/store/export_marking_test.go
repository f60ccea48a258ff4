package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// markers shows the markers as entry, venue, day and export, with the names given.
func (x exporting) markers(t testing.TB, names map[string]string) []string {
	t.Helper()
	rows, err := x.Pool.Query(t.Context(), `
		select entry_id::text, connexie_venue_id::text, extract(day from day)::int, export_id::text
		  from connexie.exported_entries`)
	require.NoError(t, err)
	defer rows.Close()
	shown := []string{}
	for rows.Next() {
		var entry, venue, export string
		var day int
		require.NoError(t, rows.Scan(&entry, &venue, &day, &export))
		shown = append(shown, fmt.Sprintf("%s at %s on %d by %s", names[entry], venue, day, names[export]))
	}
	require.NoError(t, rows.Err())
	slices.Sort(shown)
	return shown
}

func TestExport_X11_MarkersAreSetAndTakenWithTheVenueThatIsExported(t *testing.T) {
	t.Parallel()
	x := newExporting(t)
	stays, goes, moves, other := x.entry(t, 2), x.entry(t, 3), x.entry(t, 4), x.entry(t, 25)
	names := map[string]string{stays: "stays", goes: "goes", moves: "moves", other: "other"}
	first := x.exported(t, store.ExportOpening{Period: november(1, 20)},
		[]line{{entry: stays}, {entry: goes}, {entry: moves}})
	second := x.exported(t, store.ExportOpening{Period: november(21, 30)}, []line{{entry: other}})
	names[first.ID], names[second.ID] = "first", "second"
	require.Equal(t, []string{
		"goes at ven_1 on 3 by first", "moves at ven_1 on 4 by first", "other at ven_1 on 25 by second", "stays at ven_1 on 2 by first",
	}, x.markers(t, names))

	x.Exec(t, `update eitje.entries set day = '2026-11-06' where id = $1`, moves)
	again := x.open(t, store.ExportOpening{Period: november(1, 20)},
		[]line{{entry: stays}, {entry: moves, venue: "ven_2"}})
	names[again.ID] = "again"
	x.bring(t, again, "ven_2", "imp_2")
	require.Equal(t, []string{
		"goes at ven_1 on 3 by first", "moves at ven_1 on 4 by first", "moves at ven_2 on 6 by again",
		"other at ven_1 on 25 by second", "stays at ven_1 on 2 by first",
	}, x.markers(t, names), "what Connexie still holds keeps its marker")
	x.bring(t, again, "ven_1", "imp_3")
	require.Equal(t, []string{
		"moves at ven_2 on 6 by again", "other at ven_1 on 25 by second", "stays at ven_1 on 2 by again",
	}, x.markers(t, names))

	before := testkit.TakeSnapshot(t, x.URL)
	require.NoError(t, x.Store.MarkVenue(t.Context(), again.ID, "ven_1", testkit.Now.Add(time.Hour)))
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, x.URL))
}

func TestExport_X15_AVenueWithoutLinesLosesItsMarkers(t *testing.T) {
	t.Parallel()
	x := newExporting(t)
	x.exported(t, store.ExportOpening{}, []line{{entry: x.entry(t, 2)}})
	x.exported(t, store.ExportOpening{}, nil, "ven_1")
	require.Empty(t, x.markers(t, nil))
}

func TestExport_X11_OnlyWhatWasReadBackAsItWasSentIsMarked(t *testing.T) {
	t.Parallel()
	x := newExporting(t)
	export := x.open(t, store.ExportOpening{}, []line{{entry: x.entry(t, 2), quantity: "7.5"}, {entry: x.entry(t, 3), code: "1001"}})
	mark := func() error { return x.Store.MarkVenue(t.Context(), export.ID, "ven_1", testkit.Now) }
	x.begin(t, export, "ven_1")
	require.ErrorIs(t, mark(), store.ErrVenueMovedOn, "it is not committed")
	require.ErrorIs(t, x.Store.RecordReadBack(t.Context(), export.ID, "ven_1", 2, nil), store.ErrVenueMovedOn)
	require.NoError(t, x.Store.RecordCommit(t.Context(), export.ID, "ven_1", "imp_1", testkit.Now))
	require.ErrorIs(t, mark(), store.ErrReadBackDiffers, "nothing was read back")
	for name, read := range map[string]struct {
		lines  int
		totals []string
	}{
		"a line is missing":     {1, []string{"1000", "7.5", "1001", "8"}},
		"another quantity":      {2, []string{"1000", "7.51", "1001", "8"}},
		"a code is missing":     {2, []string{"1000", "7.5"}},
		"a code too many":       {2, []string{"1000", "7.5", "1001", "8", "1002", "0"}},
		"another code":          {2, []string{"1000", "7.5", "1002", "8"}},
		"the codes are swapped": {2, []string{"1000", "8", "1001", "7.5"}},
	} {
		require.NoError(t, x.Store.RecordReadBack(t.Context(), export.ID, "ven_1", read.lines, totals(t, read.totals...)))
		require.ErrorIs(t, mark(), store.ErrReadBackDiffers, name)
	}
	require.Empty(t, x.markers(t, nil))
	require.NoError(t, x.Store.RecordReadBack(t.Context(), export.ID, "ven_1", 2, totals(t, "1001", "8", "1000", "7.50")))
	require.NoError(t, mark())
	require.Equal(t, domain.VenueExported, x.exportVenue(t, export, "ven_1").State)
}

// One line is enough for the marker, and the marker stands for what the export was to
// bring of the entry.
func TestExport_X11_X12_AMarkerCoversWhatTheExportWasToBring(t *testing.T) {
	t.Parallel()
	x := newExporting(t)
	worked, eaten := x.entry(t, 2), x.entry(t, 3)
	x.Exec(t, `insert into eitje.entry_extras values ($1, 'meal', 'lunch', 1)`, eaten)
	x.exported(t, store.ExportOpening{Kinds: []domain.ExportKind{domain.ExportAllowances, domain.ExportHours, domain.ExportMeals}},
		[]line{{entry: worked}, {entry: eaten, kind: "meal", ownType: "lunch", code: "2000", quantity: "1"}})
	covers := func(entry string) []string {
		return testkit.Value[[]string](t, x.DB, `select covers from connexie.exported_entries where entry_id = $1`, entry)
	}
	require.Equal(t, []string{"hours", "allowances", "meals"}, covers(worked))
	require.Equal(t, []string{"allowances", "meals"}, covers(eaten), "its hours were left out")
	x.Exec(t, `update eitje.entries set minutes = 10`)
	require.Equal(t, map[string]string{worked: changedSince, eaten: "Exported"}, map[string]string{
		worked: testkit.Value[string](t, x.DB, `select exported from eitje.hours where id = $1`, worked),
		eaten:  testkit.Value[string](t, x.DB, `select exported from eitje.hours where id = $1`, eaten),
	})
}

func TestExport_X12_WhatWasEditedSinceTheSnapshotShowsAsChanged(t *testing.T) {
	t.Parallel()
	x := newExporting(t)
	entry := x.entry(t, 2)
	export := x.open(t, store.ExportOpening{}, []line{{entry: entry}})
	x.Exec(t, `update eitje.entries set minutes = 10`)
	x.bring(t, export, "ven_1", "imp_1")
	require.Equal(t, changedSince, testkit.Value[string](t, x.DB, `select exported from eitje.hours where id = $1`, entry))
}
