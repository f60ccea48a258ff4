package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// held shows what Connexie holds, in the order of venues and days.
func (x exporting) held(t testing.TB) []store.HeldImport {
	t.Helper()
	held, err := x.Store.HeldImports(t.Context(), x.connection)
	require.NoError(t, err)
	return held
}

func TestExport_X8_ACommitReplacesWhatWasThereOnItsDays(t *testing.T) {
	t.Parallel()
	hours := []domain.ExportKind{domain.ExportHours}
	type run struct {
		period   domain.Period
		importID string
		lines    int
		total    string
	}
	tests := map[string]struct {
		period domain.Period
		want   []run
	}{
		"the same days":       {november(5, 20), []run{{november(5, 20), "new", 0, ""}}},
		"a containing period": {november(1, 30), []run{{november(1, 30), "new", 0, ""}}},
		"days before it":      {november(1, 4), []run{{november(1, 4), "new", 0, ""}, {november(5, 20), "old", 3, "24"}}},
		"its first days":      {november(1, 10), []run{{november(1, 10), "new", 0, ""}, {november(11, 20), "old", 1, "8"}}},
		"its last days":       {november(15, 30), []run{{november(5, 14), "old", 2, "16"}, {november(15, 30), "new", 0, ""}}},
		"days within it": {november(9, 11), []run{
			{november(5, 8), "old", 1, "8"}, {november(9, 11), "new", 0, ""}, {november(12, 20), "old", 1, "8"},
		}},
		"its last day alone": {november(20, 20), []run{{november(5, 19), "old", 2, "16"}, {november(20, 20), "new", 0, ""}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newExporting(t)
			older := x.open(t, store.ExportOpening{Period: november(5, 20)},
				[]line{{entry: x.entry(t, 5)}, {entry: x.entry(t, 10)}, {entry: x.entry(t, 20)}}, "ven_2")
			x.commit(t, older, "ven_1", "old")
			x.commit(t, older, "ven_2", "other")
			x.close(t, older, domain.ExportOK)
			newer := x.open(t, store.ExportOpening{Period: test.period}, nil, "ven_1")
			x.commit(t, newer, "ven_1", "new")

			var want []store.HeldImport
			for _, r := range test.want {
				held := store.HeldImport{
					ConnexieVenueID: "ven_1", FromDay: r.period.From, ToDay: r.period.To, ExportID: newer.ID,
					ImportID: r.importID, Kinds: hours, Lines: r.lines, Totals: totals(t),
				}
				if r.importID == "old" {
					held.ExportID, held.Totals = older.ID, totals(t, "1000", r.total)
				}
				want = append(want, held)
			}
			want = append(want, store.HeldImport{
				ConnexieVenueID: "ven_2", FromDay: nov(5), ToDay: nov(20), ExportID: older.ID, ImportID: "other",
				Kinds: hours, Totals: totals(t),
			})
			require.Equal(t, want, x.held(t))
		})
	}
}

func TestExport_X8_RecordingACommitAgainChangesNothing(t *testing.T) {
	t.Parallel()
	x := newExporting(t)
	first := x.open(t, store.ExportOpening{}, []line{{entry: x.entry(t, 2)}})
	x.commit(t, first, "ven_1", "imp_1")
	recordAgain := func(export store.Export, importID string) error {
		return x.Store.RecordCommit(t.Context(), export.ID, "ven_1", importID, testkit.Now.Add(time.Hour))
	}
	before := testkit.TakeSnapshot(t, x.URL)
	require.NoError(t, recordAgain(first, "imp_1"))
	require.ErrorIs(t, recordAgain(first, "imp_2"), store.ErrVenueMovedOn)
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, x.URL))

	// A newer one takes its place; the older must not come back.
	x.close(t, first, domain.ExportOK)
	second := x.open(t, store.ExportOpening{}, nil, "ven_1")
	x.commit(t, second, "ven_1", "imp_2")
	before = testkit.TakeSnapshot(t, x.URL)
	require.ErrorIs(t, recordAgain(first, "imp_1"), store.ErrExportClosed)
	require.NoError(t, x.Store.SettleDraft(t.Context(), first.ID, "ven_1", "imp_1", true, testkit.Now))
	require.NoError(t, recordAgain(second, "imp_2"))
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, x.URL))
	require.Equal(t, "imp_2", x.held(t)[0].ImportID)
}

// Whoever records waits for whoever closes, so that nothing is noted for an export that
// has ended, however close the two are.
func TestExport_ACommitAndAClosingAtTheSameMomentTakeTurns(t *testing.T) {
	t.Parallel()
	x := newExporting(t)
	export := x.open(t, store.ExportOpening{}, nil, "ven_1")
	x.begin(t, export, "ven_1")
	tx, err := x.Pool.Begin(t.Context())
	require.NoError(t, err)
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
	_, err = tx.Exec(t.Context(), `
		update connexie.exports set stage = 'closed', outcome = 'failed', closed_at = now() where id = $1`, export.ID)
	require.NoError(t, err)
	recorded := make(chan error, 1)
	go func() {
		recorded <- x.Store.RecordCommit(t.Context(), export.ID, "ven_1", "imp_1", testkit.Now)
	}()
	require.Eventually(t, func() bool {
		return testkit.Value[int](t, x.DB, `
			select count(*) from pg_locks l join pg_database d on d.oid = l.database or l.database is null
			 where not l.granted and d.datname = current_database()`) > 0
	}, 30*time.Second, 5*time.Millisecond)
	require.NoError(t, tx.Commit(t.Context()))
	require.ErrorIs(t, <-recorded, store.ErrExportClosed)
	require.Empty(t, x.held(t))
}
