package store_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/govalues/decimal"
	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

func quantity(text string) *decimal.Decimal {
	made := decimal.MustParse(text)
	return &made
}

func TestExport_X18_TheReceiptHoldsWhatWasSentAndWhatWasReadBack(t *testing.T) {
	t.Parallel()
	x := newExporting(t)
	x.ConnexieVenues(t, x.connection, "ven_1", "Bar", "ven_2", "Keuken", "ven_3", "Terras")
	export := x.open(t, store.ExportOpening{}, []line{
		{entry: x.entry(t, 2)}, {entry: x.entry(t, 3), quantity: "7.25"}, {entry: x.entry(t, 4), code: "1001"},
		{entry: x.entry(t, 5), venue: "ven_2"},
	}, "ven_3")
	x.commit(t, export, "ven_1", "imp_1")
	require.NoError(t, x.Store.RecordReadBack(t.Context(), export.ID, "ven_1", 3, totals(t, "1000", "15.25", "1002", "8")))
	require.NoError(t, x.Store.EndVenue(t.Context(), export.ID, "ven_2", domain.VenueRefused, "X9"))
	x.bring(t, export, "ven_3", "imp_3")
	receipt := func() []store.ReceiptRow {
		rows, err := x.Store.Receipt(t.Context(), export.ID)
		require.NoError(t, err)
		return rows
	}
	bar := store.ReceiptRow{ConnexieVenueID: "ven_1", VenueName: "Bar", State: domain.VenueCommitted, ImportID: "imp_1"}
	row := func(of store.ReceiptRow, code string, lines *int, sent string, read *decimal.Decimal) store.ReceiptRow {
		of.Code, of.Lines, of.Sent, of.Read = code, lines, decimal.MustParse(sent), read
		return of
	}
	kitchen := store.ReceiptRow{ConnexieVenueID: "ven_2", VenueName: "Keuken", State: domain.VenueRefused}
	terrace := store.ReceiptRow{ConnexieVenueID: "ven_3", VenueName: "Terras", State: domain.VenueExported, ImportID: "imp_3"}
	require.Equal(t, []store.ReceiptRow{
		row(bar, "1000", new(2), "15.25", quantity("15.25")),
		row(bar, "1001", new(1), "8", nil),
		row(bar, "1002", new(0), "0", quantity("8")),
		row(kitchen, "1000", new(1), "8", nil),
		row(terrace, "", new(0), "0", nil),
	}, receipt())

	x.Exec(t, `delete from connexie.export_lines`)
	require.Equal(t, row(bar, "1000", nil, "15.25", quantity("15.25")), receipt()[0], "the lines are gone, the receipt stays")
	require.Equal(t, row(terrace, "", new(0), "0", nil), receipt()[4])
}

// changed is how Connexie's day of the team member differs.
func (x exporting) changed(change, venue string, day int, code, was, is string) store.DifferenceRow {
	return store.DifferenceRow{
		Change: change, ConnexieVenueID: venue, TeamMemberID: x.member, ConnexieID: "per_1", Name: "Jip Vos", Day: nov(day),
		Kind: domain.LineHours, Code: code, Was: decimal.MustParse(was), Is: decimal.MustParse(is),
	}
}

func TestExport_X16_APreviewTellsWhatIsAddedChangedAndRemoved(t *testing.T) {
	t.Parallel()
	x := newExporting(t)
	same, moved, gone := x.entry(t, 5), x.entry(t, 6), x.entry(t, 7)
	early, late := x.entry(t, 8), x.entry(t, 8)
	x.exported(t, store.ExportOpening{Period: november(1, 20)}, []line{
		{entry: x.entry(t, 2)}, {entry: same}, {entry: moved}, {entry: gone}, {entry: early, quantity: "3"}, {entry: late, quantity: "4.5"},
	})
	preview := x.open(t, store.ExportOpening{Period: november(5, 20), Mode: store.ModePreview}, []line{
		{entry: same}, {entry: moved, venue: "ven_2"}, {entry: early, quantity: "3"}, {entry: late, quantity: "5"},
		{entry: x.entry(t, 9), code: "1001"},
	})
	differences, err := x.Store.Differences(t.Context(), preview.ID)
	require.NoError(t, err)
	require.Equal(t, []store.DifferenceRow{
		x.changed("removed", "ven_1", 6, "1000", "8", "0"),
		x.changed("removed", "ven_1", 7, "1000", "8", "0"),
		x.changed("changed", "ven_1", 8, "1000", "7.5", "8"),
		x.changed("added", "ven_1", 9, "1001", "0", "8"),
		x.changed("added", "ven_2", 6, "1000", "0", "8"),
	}, differences, "the second is outside the period")

	first := x.open(t, store.ExportOpening{Period: november(21, 30), Mode: store.ModePreview}, []line{{entry: x.entry(t, 21)}})
	differences, err = x.Store.Differences(t.Context(), first.ID)
	require.NoError(t, err)
	require.Equal(t, []store.DifferenceRow{x.changed("added", "ven_1", 21, "1000", "0", "8")}, differences)
}

func TestExport_X9_TheCorrectionSheetListsWhatDiffersWherePayrollHasRun(t *testing.T) {
	t.Parallel()
	x := newExporting(t)
	run, open := x.entry(t, 2), x.entry(t, 3)
	x.exported(t, store.ExportOpening{}, []line{{entry: run}, {entry: open, venue: "ven_2"}})
	again := x.open(t, store.ExportOpening{}, []line{{entry: run, quantity: "6"}, {entry: open, venue: "ven_2", quantity: "5"}})
	corrections := func() []store.DifferenceRow {
		rows, err := x.Store.Corrections(t.Context(), again.ID)
		require.NoError(t, err)
		return rows
	}
	require.Empty(t, corrections())
	require.NoError(t, x.Store.EndVenue(t.Context(), again.ID, "ven_1", domain.VenueRefused, "X9: payroll has run."))
	want := []store.DifferenceRow{x.changed("changed", "ven_1", 2, "1000", "8", "6")}
	require.Equal(t, want, corrections())
	x.bring(t, again, "ven_2", "imp_2")
	require.Equal(t, want, corrections(), "the other venue goes on")
}

// What an import held on days that another has taken over since counts no more.
func TestExport_X10_DifferencesCountTheDaysThatAnImportStillHolds(t *testing.T) {
	t.Parallel()
	x := newExporting(t)
	x.exported(t, store.ExportOpening{Period: november(1, 30)}, []line{{entry: x.entry(t, 2)}, {entry: x.entry(t, 20)}})
	x.exported(t, store.ExportOpening{Period: november(16, 30)}, nil, "ven_1")
	preview := x.open(t, store.ExportOpening{Mode: store.ModePreview}, nil, "ven_1")
	differences, err := x.Store.Differences(t.Context(), preview.ID)
	require.NoError(t, err)
	require.Equal(t, []store.DifferenceRow{x.changed("removed", "ven_1", 2, "1000", "8", "0")}, differences)
}

// A request that was refused before anything was collected would change nothing.
func TestExport_X16_NothingDiffersWhereNothingWasCollected(t *testing.T) {
	t.Parallel()
	x := newExporting(t)
	x.exported(t, store.ExportOpening{}, []line{{entry: x.entry(t, 2)}})
	refused := x.open(t, store.ExportOpening{Mode: store.ModePreview}, nil)
	differences, err := x.Store.Differences(t.Context(), refused.ID)
	require.NoError(t, err)
	require.Empty(t, differences)
}

func TestExport_X16_X17_PeopleWhatIsLeftOutAndWhatWasRejected(t *testing.T) {
	t.Parallel()
	x := newExporting(t)
	entry, other := x.entry(t, 2), x.entry(t, 3)
	export := x.open(t, store.ExportOpening{Kinds: domain.ExportKinds()}, []line{
		{entry: entry}, {entry: other, quantity: "7.5"}, {entry: entry, kind: "meal", ownType: "lunch", code: "2000", quantity: "1"},
	})
	for _, skipped := range []struct{ entry, kind, rule, reason string }{
		{other, "meal", "X6", "not_a_count"}, {entry, "allowance", "C6", "unmapped"},
	} {
		x.Exec(t, `insert into connexie.export_skips (export_id, entry_id, kind, type, team_member_id, day, rule, reason)
		           select $1, id, $2, 'own', team_member_id, day, $3, $4 from eitje.entries where id = $5`,
			export.ID, skipped.kind, skipped.rule, skipped.reason, skipped.entry)
	}
	require.NoError(t, x.Store.RejectLines(t.Context(), export.ID, "ven_1", []store.LineProblem{{Line: 2, Code: "no_contract"}}))

	people, err := x.Store.ExportPeople(t.Context(), export.ID)
	require.NoError(t, err)
	jip := store.ExportPersonRow{TeamMemberID: x.member, ConnexieID: "per_1", Name: "Jip Vos"}
	hours, meals := jip, jip
	hours.Kind, hours.Code, hours.Lines, hours.Quantity = domain.LineHours, "1000", 2, decimal.MustParse("15.5")
	meals.Kind, meals.Type, meals.Code, meals.Lines, meals.Quantity = domain.LineMeal, "lunch", "2000", 1, decimal.MustParse("1")
	require.Equal(t, []store.ExportPersonRow{hours, meals}, people)

	skips, err := x.Store.ExportSkips(t.Context(), export.ID, 10)
	require.NoError(t, err)
	require.Equal(t, []store.SkipRow{
		{
			EntryID: entry, Kind: domain.LineAllowance, Type: "own", TeamMemberID: x.member, Name: "Jip Vos", Day: nov(2),
			Rule: "C6", Reason: domain.ReasonUnmapped,
		},
		{
			EntryID: other, Kind: domain.LineMeal, Type: "own", TeamMemberID: x.member, Name: "Jip Vos", Day: nov(3),
			Rule: "X6", Reason: domain.ReasonNotACount,
		},
	}, skips)
	skips, err = x.Store.ExportSkips(t.Context(), export.ID, 1)
	require.NoError(t, err)
	require.Len(t, skips, 1)

	rejected, err := x.Store.RejectedLines(t.Context(), export.ID)
	require.NoError(t, err)
	require.Equal(t, []store.RejectedRow{{
		Line: 2, ConnexieVenueID: "ven_1", TeamMemberID: x.member, ConnexieID: "per_1", Name: "Jip Vos", EntryID: other,
		Day: nov(3), Kind: domain.LineHours, Code: "1000", Quantity: decimal.MustParse("7.5"), Problem: "no_contract",
	}}, rejected)
}

func TestExport_C3_C6_C7_WhatTheConfigurationStillNeeds(t *testing.T) {
	t.Parallel()
	x := newExporting(t)
	x.ConnexieVenues(t, x.connection, "ven_1", "Bar", "ven_2", "Keuken")
	needs := func(kinds ...domain.ExportKind) domain.ExportConfiguration {
		configuration, err := x.Store.ExportConfiguration(t.Context(), x.connection, kinds)
		require.NoError(t, err)
		return configuration
	}
	require.Equal(t, domain.ExportConfiguration{Undecided: []string{"eitje:" + x.venue, "connexie:ven_1", "connexie:ven_2"}},
		needs(domain.ExportHours))
	require.NoError(t, x.Store.ConnectVenue(t.Context(), x.connection, x.venue, "ven_1", "cli", testkit.Now))
	require.NoError(t, x.Store.SetConnexieVenueInactive(t.Context(), x.connection, "ven_2", testkit.Now))
	x.Code(t, x.connection, domain.LineHours, "", "1000")
	x.Code(t, x.connection, domain.LineMeal, "lunch", "2000")
	x.Code(t, x.connection, domain.LineMeal, "diner", "2000")
	require.Equal(t, domain.ExportConfiguration{HourCode: true}, needs(domain.ExportKinds()...))

	x.Exec(t, `update connexie.wage_codes set gone_at = now()`)
	require.Equal(t, domain.ExportConfiguration{HourCode: true, Vanished: []string{"2000"}}, needs(domain.ExportMeals))
	require.Equal(t, domain.ExportConfiguration{HourCode: true, Vanished: []string{"1000"}},
		needs(domain.ExportHours, domain.ExportAllowances))
}

// The word that a code was chosen for is the word that the snapshot looks for: spaces
// around it do not count, other white space does.
func TestExport_C6_ACodeIsFoundForTheWordItWasChosenFor(t *testing.T) {
	t.Parallel()
	words := []string{"diner", " diner ", "\tdiner", "diner\u00a0", "diner\u3000"}
	for _, chosen := range words {
		t.Run(strconv.Quote(chosen), func(t *testing.T) {
			t.Parallel()
			x := newExporting(t)
			x.Code(t, x.connection, domain.LineMeal, chosen, "2000")
			x.Entry(t, testkit.Entry{
				OrganisationID: x.organisation, TeamMemberID: x.member, VenueID: x.venue, Day: nov(2),
				Extras: []testkit.Extra{{Type: chosen}},
			})
			kinds, err := x.Store.UnmappedKinds(t.Context(), x.connection, testkit.Now)
			require.NoError(t, err)
			require.Empty(t, kinds)
		})
	}
}

func TestExport_C6_TheKindsThatHaveNoCode(t *testing.T) {
	t.Parallel()
	x := newExporting(t)
	x.Code(t, x.connection, domain.LineMeal, "lunch", "2000")
	with := func(day domain.Date, state string, extras ...testkit.Extra) {
		x.Entry(t, testkit.Entry{
			OrganisationID: x.organisation, TeamMemberID: x.member, VenueID: x.venue, Day: day, State: state, Extras: extras,
		})
	}
	dinner, travel := testkit.Extra{Type: " diner"}, testkit.Extra{Kind: domain.LineAllowance, Type: "reis"}
	with(nov(2), "approved", dinner, testkit.Extra{Type: "lunch "})
	with(nov(3), "open", testkit.Extra{Type: "diner"}, travel)
	with(nov(4), "deleted", travel)
	with(domain.NewDate(2025, time.October, 21), "approved", travel)
	kinds, err := x.Store.UnmappedKinds(t.Context(), x.connection, testkit.Now)
	require.NoError(t, err)
	require.Equal(t, []store.UnmappedKind{
		{Kind: "allowance", Type: "reis", Entries: 1}, {Kind: "meal", Type: "diner", Entries: 2},
	}, kinds)
}
