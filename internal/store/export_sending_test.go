package store_test

import (
	"testing"

	"github.com/govalues/decimal"
	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

func TestExport_X13_TheVenuesOfAnExportInTheOrderOfSending(t *testing.T) {
	t.Parallel()
	x := newExporting(t)
	export := x.open(t, store.ExportOpening{}, []line{{venue: "ven_1", entry: x.entry(t, 2)}, {venue: "ven_B", entry: x.entry(t, 3)}},
		"ven_c", "ven_Z")
	venues, err := x.Store.ExportVenues(t.Context(), export.ID)
	require.NoError(t, err)
	var order []string
	for _, venue := range venues {
		order = append(order, venue.ConnexieVenueID)
	}
	require.Equal(t, []string{"ven_Z", "ven_c", "ven_1", "ven_B"}, order, "what is emptied comes first (X8)")
	require.Equal(t, store.ExportVenue{
		ExportID: export.ID, ConnexieVenueID: "ven_B", FirstLine: 2, Lines: 1, Totals: venues[3].Totals,
		State: domain.VenuePlanned, Attempt: 1,
	}, venues[3])
	require.Equal(t, "8", venues[3].Totals["1000"].String())
	_, _, err = x.Store.BeginVenue(t.Context(), export.ID, "ven_none")
	require.ErrorIs(t, err, store.ErrNotFound)
}

func TestExport_ThePartOfAnExport(t *testing.T) {
	t.Parallel()
	x := newExporting(t)
	entry := x.entry(t, 2)
	export := x.open(t, store.ExportOpening{Kinds: []domain.ExportKind{domain.ExportHours, domain.ExportAllowances}},
		[]line{{entry: entry}, {entry: entry, kind: "allowance", ownType: "travel ", code: "3000", quantity: "2.5"}, {entry: x.entry(t, 3)}})
	part, err := x.Store.ExportPart(t.Context(), export.ID, 1, 2)
	require.NoError(t, err)
	require.Equal(t, []domain.ExportLine{
		{
			Number: 1, ConnexieVenueID: "ven_1", ConnexieID: "per_1", ContractID: "con_1", TeamMemberID: x.member,
			EntryID: entry, Day: nov(2), Kind: domain.LineHours, Code: "1000", Minutes: 480, Quantity: decimal.MustParse("8"),
		},
		{
			Number: 2, ConnexieVenueID: "ven_1", ConnexieID: "per_1", ContractID: "con_1", TeamMemberID: x.member,
			EntryID: entry, Day: nov(2), Kind: domain.LineAllowance, Type: "travel ", Code: "3000",
			Quantity: decimal.MustParse("2.5"),
		},
	}, part)
}

func TestExport_TheAttemptRisesOnceForEachImportThatIsGone(t *testing.T) {
	t.Parallel()
	x := newExporting(t)
	export := x.open(t, store.ExportOpening{}, nil, "ven_1")
	x.begin(t, export, "ven_1")
	require.NoError(t, x.Store.RecordDraft(t.Context(), export.ID, "ven_1", 1, "imp_1"))
	require.NoError(t, x.Store.RecordSent(t.Context(), export.ID, "ven_1", 1000))
	for range 2 {
		attempt, err := x.Store.RaiseAttempt(t.Context(), export.ID, "ven_1", 1)
		require.NoError(t, err)
		require.Equal(t, 2, attempt)
	}
	require.ErrorIs(t, x.Store.RecordDraft(t.Context(), export.ID, "ven_1", 1, "imp_1"), store.ErrVenueMovedOn)
	begun := x.begin(t, export, "ven_1")
	require.Equal(t, []any{2, "", 0}, []any{begun.Attempt, begun.ImportID, begun.Sent})
	require.NoError(t, x.Store.RecordDraft(t.Context(), export.ID, "ven_1", 2, "imp_2"))
	require.Equal(t, "imp_2", x.begin(t, export, "ven_1").ImportID)
}

// An attempt that has outlived its workflow finds the export closed, whatever it wants
// to write.
func TestExport_NobodyWritesForAVenueOfAnExportThatHasEnded(t *testing.T) {
	t.Parallel()
	x := newExporting(t)
	export := x.open(t, store.ExportOpening{}, []line{{entry: x.entry(t, 2)}, {entry: x.entry(t, 3), venue: "ven_2"}})
	x.begin(t, export, "ven_1")
	x.commit(t, export, "ven_2", "imp_2")
	x.readBack(t, export, "ven_2")
	x.close(t, export, domain.ExportFailed)
	before := testkit.TakeSnapshot(t, x.URL)

	_, open, err := x.Store.BeginVenue(t.Context(), export.ID, "ven_1")
	require.NoError(t, err)
	require.False(t, open)
	_, err = x.Store.RaiseAttempt(t.Context(), export.ID, "ven_1", 1)
	require.ErrorIs(t, err, store.ErrExportClosed)
	for name, write := range map[string]func() error{
		"draft":     func() error { return x.Store.RecordDraft(t.Context(), export.ID, "ven_1", 1, "imp_1") },
		"sent":      func() error { return x.Store.RecordSent(t.Context(), export.ID, "ven_1", 1) },
		"commit":    func() error { return x.Store.RecordCommit(t.Context(), export.ID, "ven_1", "imp_1", testkit.Now) },
		"read back": func() error { return x.Store.RecordReadBack(t.Context(), export.ID, "ven_2", 1, nil) },
		"mark":      func() error { return x.Store.MarkVenue(t.Context(), export.ID, "ven_2", testkit.Now) },
		"end":       func() error { return x.Store.EndVenue(t.Context(), export.ID, "ven_1", domain.VenueFailed, "") },
		"reject": func() error {
			return x.Store.RejectLines(t.Context(), export.ID, "ven_1", []store.LineProblem{{Line: 1, Code: "unknown"}})
		},
	} {
		require.ErrorIs(t, write(), store.ErrExportClosed, name)
	}
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, x.URL))
}

func TestExport_AVenueEndsOnceAndInOneWay(t *testing.T) {
	t.Parallel()
	x := newExporting(t)
	export := x.open(t, store.ExportOpening{}, nil, "ven_1", "ven_2")
	for range 2 {
		require.NoError(t, x.Store.EndVenue(t.Context(), export.ID, "ven_1", domain.VenueRefused, "X9: payroll has run."))
	}
	require.ErrorIs(t, x.Store.EndVenue(t.Context(), export.ID, "ven_1", domain.VenueFailed, ""), store.ErrVenueMovedOn)
	require.ErrorIs(t, x.Store.RecordCommit(t.Context(), export.ID, "ven_1", "imp_1", testkit.Now), store.ErrVenueMovedOn)
	require.Equal(t, "X9: payroll has run.", x.exportVenue(t, export, "ven_1").Problem)
	x.bring(t, export, "ven_2", "imp_2")
	require.ErrorIs(t, x.Store.EndVenue(t.Context(), export.ID, "ven_2", domain.VenueFailed, ""), store.ErrVenueMovedOn)
}

func TestExport_X17_RejectedLinesAreThoseOfTheLastAttempt(t *testing.T) {
	t.Parallel()
	x := newExporting(t)
	export := x.open(t, store.ExportOpening{}, []line{
		{entry: x.entry(t, 2)}, {entry: x.entry(t, 3)}, {entry: x.entry(t, 4), venue: "ven_2"},
	})
	reject := func(venue string, lines ...store.LineProblem) {
		require.NoError(t, x.Store.RejectLines(t.Context(), export.ID, venue, lines))
	}
	problems := func() []string {
		return testkit.Value[[]string](t, x.DB, `
			select array_agg(coalesce(problem, '') order by line) from connexie.export_lines`)
	}
	reject("ven_2", store.LineProblem{Line: 3, Code: "no_contract"})
	reject("ven_1", store.LineProblem{Line: 1, Code: "unknown_employee"})
	require.Equal(t, []string{"unknown_employee", "", "no_contract"}, problems())
	reject("ven_1", store.LineProblem{Line: 2, Code: "unknown_code"}, store.LineProblem{Line: 3, Code: "not of this venue"})
	require.Equal(t, []string{"", "unknown_code", "no_contract"}, problems())
}

// A draft that a terminated workflow left may have been committed after all.
func TestExport_X8_AStrayDraftIsSettledOnce(t *testing.T) {
	t.Parallel()
	x := newExporting(t)
	left := x.open(t, store.ExportOpening{}, []line{{entry: x.entry(t, 2)}}, "ven_2")
	x.begin(t, left, "ven_1")
	x.begin(t, left, "ven_2")
	require.ErrorIs(t, x.Store.SettleDraft(t.Context(), left.ID, "ven_1", "imp_1", true, testkit.Now), store.ErrVenueMovedOn,
		"its export is still open")
	x.Export(t, store.ExportOpening{ConnectionID: x.connection})
	for range 2 {
		require.NoError(t, x.Store.SettleDraft(t.Context(), left.ID, "ven_1", "imp_1", true, testkit.Now))
		require.NoError(t, x.Store.SettleDraft(t.Context(), left.ID, "ven_2", "", false, testkit.Now))
	}
	strays, err := x.Store.StrayDrafts(t.Context(), x.connection)
	require.NoError(t, err)
	require.Empty(t, strays)
	require.Equal(t, domain.VenueCommitted, x.exportVenue(t, left, "ven_1").State)
	require.Equal(t, domain.VenueFailed, x.exportVenue(t, left, "ven_2").State)
	current, err := x.Store.CurrentImports(t.Context(), x.connection)
	require.NoError(t, err)
	require.Equal(t, []domain.CurrentImport{
		{ConnexieVenueID: "ven_1", Period: november(1, 30), Kinds: []domain.ExportKind{domain.ExportHours}},
	}, current)
	require.Zero(t, testkit.Value[int](t, x.DB, `select count(*) from connexie.exported_entries`), "nothing was read back (X11)")
}
