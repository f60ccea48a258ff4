package endtoend

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
)

// exportCancelledInTheUI is cancelled by the engine's own cancellation while the second
// venue's part does not get through: the first venue stays, the draft is withdrawn (X13).
func exportCancelledInTheUI(t *testing.T, s *system) {
	o := s.working(t, "Afgebroken export", 6, 2)
	away := o.fault(t, sandbox.Fault{Kind: sandbox.FaultStatus, Status: 503, Operation: "putHourImportPart", Venue: "ven_2"})
	run := o.startExport(t, o.allKinds())
	require.NoError(t, s.sandbox.AwaitFault(t.Context(), away))
	require.NoError(t, s.temporal.CancelWorkflow(t.Context(), run.GetID(), run.GetRunID()))
	err := ended(t, run, nil)
	require.True(t, temporal.IsCanceledError(err), "%v", err)
	exports, err := o.store.Exports(t.Context(), o.connection, 1)
	require.NoError(t, err)
	require.Equal(t, domain.ExportCancelled, exports[0].Outcome)
	require.Equal(t, map[string]domain.VenueState{"ven_1": domain.VenueExported, "ven_2": domain.VenueCancelled},
		o.venueStates(t, exports[0].ID))
	o.requireHolds(t, "ven_1")
	require.Equal(t, []string{"committed", "discarded"}, o.imports(t))
	o.record(t, "cancelled-by-the-engine", run)

	require.NoError(t, s.sandbox.RemoveFault(away))
	o.requireCompletes(t)
}

// exportTerminated is terminated while a call is held, so that nothing of it can clean up:
// the next export finds out what became of it. What the held call does then, after all,
// comes to nothing (X14).
func exportTerminated(t *testing.T, s *system) {
	for _, row := range []struct {
		name string
		held sandbox.Fault
		// found is what became of the import that was left behind.
		found string
	}{
		{"a part on its way", sandbox.Fault{Operation: "putHourImportPart"}, "discarded"},
		{"a commit that was not noted", sandbox.Fault{Operation: "commitHourImport", AfterEffect: true}, "replaced"},
		{"a draft that was not noted", sandbox.Fault{Operation: "createHourImport", AfterEffect: true}, "discarded"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			o := s.working(t, "Beëindigd "+row.name, 6, 2)
			row.held.Kind, row.held.Times = sandbox.FaultHold, 1
			held := o.fault(t, row.held)
			run := o.startExport(t, o.allKinds())
			require.NoError(t, s.sandbox.AwaitFault(t.Context(), held))
			require.NoError(t, s.temporal.TerminateWorkflow(t.Context(), run.GetID(), run.GetRunID(), "by a test"))

			o.requireCompletes(t)
			require.Equal(t, []string{row.found, "committed", "committed"}, o.imports(t))
			exports, err := o.store.Exports(t.Context(), o.connection, 2)
			require.NoError(t, err)
			require.Equal(t, []domain.ExportOutcome{domain.ExportOK, domain.ExportFailed},
				[]domain.ExportOutcome{exports[0].Outcome, exports[1].Outcome})

			require.NoError(t, s.sandbox.RemoveFault(held))
			require.Eventually(t, func() bool { return o.answered(row.held.Operation, held) }, patience, glance)
			o.requireHolds(t, "ven_1", "ven_2")
			require.Equal(t, []string{row.found, "committed", "committed"}, o.imports(t))
		})
	}
}

// terminatedAfterCommit is terminated before it could note what Connexie had committed.
// That counts all the same: a period that would cut it is refused (X10).
func terminatedAfterCommit(t *testing.T, s *system) {
	o := s.working(t, "Beëindigd na vastleggen", 6, 8)
	held := o.fault(t, sandbox.Fault{
		Kind: sandbox.FaultHold, Operation: "commitHourImport", Venue: "ven_1", AfterEffect: true, Times: 1,
	})
	run := o.startExport(t, o.allKinds())
	require.NoError(t, s.sandbox.AwaitFault(t.Context(), held))
	require.NoError(t, s.temporal.TerminateWorkflow(t.Context(), run.GetID(), run.GetRunID(), "by a test"))

	refused := o.export(t, o.days(1, 4))
	require.Equal(t, domain.ExportRefused, refused.Outcome, refused.Problem)
	require.Contains(t, refused.Problem, "X10")
	require.Equal(t, o.sent(t), o.ledger(t), "found out, and kept")
	require.Equal(t, []string{"ven_1"}, o.holds(t))
	require.Empty(t, o.markers(t), "nobody compared it (X11)")
	o.requireCompletes(t)
}

// answered reports whether the call that a fault struck has come to its end.
func (o *organisation) answered(operation, fault string) bool {
	return slices.ContainsFunc(o.sandbox.Calls(o.Account.ID, operation), func(call sandbox.Call) bool {
		return slices.Contains(call.Faults, fault)
	})
}
