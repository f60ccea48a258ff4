package endtoend

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/workflows"
)

// worked has a month of shifts at two venues: more than a part of each.
func worked(t *testing.T, s *system) *organisation {
	t.Helper()
	o := s.working(t, "Gewerkt", 40, 28)
	for _, venue := range []string{"ven_1", "ven_2"} {
		lines := value[int](t, s, `
			select 2 * count(*)::int from eitje.entries e join connexie.venue_mappings m using (venue_id)
			 where m.connexie_venue_id = $1`, venue)
		require.Greater(t, lines, 1000, "venue %s has more than a part", venue)
	}
	return o
}

// exported exports the month. Wherever the worker was killed, Connexie's ledger equals
// the lines, and the markers are true.
func exported(t *testing.T, o *organisation) {
	t.Helper()
	ended := o.export(t, o.allKinds())
	require.Equal(t, domain.ExportOK, ended.Outcome, ended.Problem)
	o.requireTrue(t)
	require.NotEmpty(t, o.ledger(t))
	require.Empty(t, o.drafts(t))
}

// exportedAndMoved has been exported. Since then one venue was given up, whose people
// worked elsewhere after all, and entries were edited, deleted and moved.
func exportedAndMoved(t *testing.T, s *system) *organisation {
	t.Helper()
	o := s.working(t, "Verplaatst", 6, 8)
	require.Equal(t, domain.ExportOK, o.export(t, o.allKinds()).Outcome)
	one, two := o.venueAt(t, "ven_1"), o.venueAt(t, "ven_2")
	o.write(t, `update eitje.entries set venue_id = $1 where venue_id = $2`, one, two)
	require.NoError(t, s.store.SetVenueNotUsed(t.Context(), o.connection, two, "test", time.Now()))
	require.NoError(t, s.store.SetConnexieVenueInactive(t.Context(), o.connection, "ven_2", time.Now()))
	// Nobody's contract may be at the venue that is Inactive now (X2).
	for _, employee := range o.Account.Employees {
		o.change(t, employee.ID, func(e *sandbox.Employee) { e.Contracts[0].VenueID = "ven_1" })
	}
	o.sync(t)
	o.edit(t, `update eitje.entries set minutes = 455 where id = $1`, o.entry(t, "emp_0001", 1))
	o.edit(t, `update eitje.entries set state = 'deleted' where id = $1`, o.entry(t, "emp_0001", 2))
	o.edit(t, `update eitje.entries set day = day - 40, starts_at = null, ends_at = null where id = $1`, o.entry(t, "emp_0002", 1))
	return o
}

// venueAt is the Eitje venue that is kept with a Connexie venue.
func (o *organisation) venueAt(t *testing.T, connexieVenue string) string {
	t.Helper()
	return value[string](t, o.system, `
		select venue_id::text from connexie.venue_mappings where connection_id = $1 and connexie_venue_id = $2`,
		o.connection, connexieVenue)
}

// exportedWhilePayrollRan meets payroll at one venue between the check and the commit
// (X9); the other venue goes (X13).
func exportedWhilePayrollRan(t *testing.T, o *organisation) {
	t.Helper()
	o.fault(t, sandbox.Fault{
		Kind: sandbox.FaultPayrollRun, Operation: "commitHourImport", Venue: "ven_1", Times: 1,
		Payroll: &sandbox.PayrollRun{VenueID: "ven_1", From: o.Export.LastMonth.From, To: o.Export.LastMonth.To},
	})
	ended := o.export(t, o.allKinds())
	require.Equal(t, domain.ExportPartly, ended.Outcome, ended.Problem)
	require.Equal(t, map[string]domain.VenueState{"ven_1": domain.VenueRefused, "ven_2": domain.VenueExported},
		o.venueStates(t, ended.ExportID))
	o.requireTrue(t)
	require.Empty(t, o.drafts(t))
	for _, line := range o.ledger(t) {
		require.Equal(t, "ven_2", line.Venue)
	}
}

// exportedThenCancelled is cancelled while Connexie does not answer the second part: the
// call is given up, and the draft discarded.
func exportedThenCancelled(t *testing.T, o *organisation) {
	t.Helper()
	held := o.fault(t, sandbox.Fault{Kind: sandbox.FaultHold, Operation: "putHourImportPart", FromCall: 2, Times: 1})
	run := o.startExport(t, o.allKinds())
	require.NoError(t, o.sandbox.AwaitFault(t.Context(), held))
	cancelled, err := o.cancelExport(t)
	require.NoError(t, err)
	require.NotEmpty(t, cancelled.ExportID)
	ended := result[workflows.ExportResult](t, run)
	require.Equal(t, domain.ExportCancelled, ended.Outcome)
	o.requireTrue(t)
	require.Empty(t, o.ledger(t))
	require.Empty(t, o.drafts(t))
}

// cancelExport sends the update that ends an export.
func (o *organisation) cancelExport(t *testing.T) (workflows.CancelResult, error) {
	t.Helper()
	handle, err := o.temporal.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{
		WorkflowID: workflows.ExportID(o.connection), UpdateName: workflows.UpdateCancel,
		WaitForStage: client.WorkflowUpdateStageCompleted, Args: []any{workflows.CancelInput{}},
	})
	if err != nil {
		return workflows.CancelResult{}, err
	}
	var answer workflows.CancelResult
	return answer, handle.Get(t.Context(), &answer)
}
