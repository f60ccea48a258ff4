package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

func TestExport_OpeningAgainAnswersWithWhatWasOpenedFirst(t *testing.T) {
	t.Parallel()
	x := newExporting(t)
	opening := store.ExportOpening{
		ID: testkit.ID(t), ConnectionID: x.connection, WorkflowID: "export/" + x.connection, Period: november(1, 30),
		Kinds: []domain.ExportKind{domain.ExportHours, domain.ExportMeals}, Mode: store.ModeApply,
		AcknowledgeUnmapped: true, RequestedBy: "user_1",
	}
	opened := x.Export(t, opening)
	require.Equal(t, store.Export{
		ID: opening.ID, ConnectionID: x.connection, WorkflowID: opening.WorkflowID, Period: opening.Period,
		Kinds: opening.Kinds, Mode: store.ModeApply, AcknowledgeUnmapped: true, RequestedBy: "user_1",
		Stage: "checking", Counts: domain.Counts{}, StartedAt: opened.StartedAt,
	}, opened)
	require.WithinDuration(t, testkit.Now, opened.StartedAt, 0)

	require.NoError(t, x.Store.SetExportStage(t.Context(), opened.ID, "sending"))
	again, err := x.Store.OpenExport(t.Context(), opening, testkit.Now.Add(time.Hour))
	require.NoError(t, err)
	opened.Stage = "sending"
	require.Equal(t, opened, again)

	under, err := x.Store.OpenExportOf(t.Context(), x.connection)
	require.NoError(t, err)
	require.Equal(t, opened, under)
	_, err = x.Store.OpenExport(t.Context(), store.ExportOpening{ID: testkit.ID(t), ConnectionID: testkit.ID(t)}, testkit.Now)
	require.ErrorIs(t, err, store.ErrNotFound)
	for _, unknown := range []string{testkit.ID(t), "no id"} {
		_, err = x.Store.Export(t.Context(), unknown)
		require.ErrorIs(t, err, store.ErrNotFound)
	}
}

func TestExport_X14_OneThatATerminatedWorkflowLeftOpenMakesRoom(t *testing.T) {
	t.Parallel()
	x := newExporting(t)
	left := x.open(t, store.ExportOpening{}, []line{{entry: x.entry(t, 2)}})
	x.begin(t, left, "ven_1")
	require.NoError(t, x.Store.RecordDraft(t.Context(), left.ID, "ven_1", 1, "imp_1"))
	x.Export(t, store.ExportOpening{ConnectionID: x.connection, Mode: store.ModePreview})
	still, err := x.Store.Export(t.Context(), left.ID)
	require.NoError(t, err)
	require.False(t, still.Closed(), "a preview stands in nobody's way")

	next := x.Export(t, store.ExportOpening{ConnectionID: x.connection})
	closed, err := x.Store.Export(t.Context(), left.ID)
	require.NoError(t, err)
	require.Equal(t, domain.ExportFailed, closed.Outcome)
	require.Equal(t, "Terminated", closed.Problem)

	strays, err := x.Store.StrayDrafts(t.Context(), x.connection)
	require.NoError(t, err)
	require.Equal(t, []store.Draft{{ExportID: left.ID, ConnexieVenueID: "ven_1", ImportID: "imp_1", Attempt: 1}}, strays)
	listed, err := x.Store.Exports(t.Context(), x.connection, 1)
	require.NoError(t, err)
	require.Equal(t, []store.Export{next}, listed)
}

func TestExport_TheFirstClosingWins(t *testing.T) {
	t.Parallel()
	x := newExporting(t)
	export := x.Export(t, store.ExportOpening{ConnectionID: x.connection})
	first := store.ExportClosing{Outcome: domain.ExportRefused, Counts: domain.Counts{"lines": 2}, Problem: "X9: payroll has run."}
	closed, err := x.Store.CloseExport(t.Context(), export.ID, first, testkit.Now)
	require.NoError(t, err)
	require.Equal(t, []any{domain.ExportRefused, first.Counts, first.Problem, "closed"},
		[]any{closed.Outcome, closed.Counts, closed.Problem, closed.Stage})
	again, err := x.Store.CloseExport(t.Context(), export.ID, store.ExportClosing{Outcome: domain.ExportOK}, testkit.Now.Add(time.Hour))
	require.NoError(t, err)
	require.Equal(t, closed, again)
	require.NoError(t, x.Store.SetExportStage(t.Context(), export.ID, "sending"))
	still, err := x.Store.Export(t.Context(), export.ID)
	require.NoError(t, err)
	require.Equal(t, closed, still)
	_, err = x.Store.OpenExportOf(t.Context(), x.connection)
	require.ErrorIs(t, err, store.ErrNotFound)
}

func TestExport_CancellingCancelsTheVenuesThatWereNotBegun(t *testing.T) {
	t.Parallel()
	for outcome, want := range map[domain.ExportOutcome][]string{
		domain.ExportCancelled: {"committed", "sending", "cancelled"},
		domain.ExportFailed:    {"committed", "sending", "planned"},
	} {
		x := newExporting(t)
		export := x.open(t, store.ExportOpening{}, nil, "ven_1", "ven_2", "ven_3")
		x.commit(t, export, "ven_1", "imp_1")
		x.begin(t, export, "ven_2")
		x.close(t, export, outcome)
		require.Equal(t, want, testkit.Value[[]string](t, x.DB,
			`select array_agg(state order by connexie_venue_id) from connexie.export_venues`), outcome)
	}
}
