package endtoend

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/workflows"
)

// lostAnswers loses an answer of Connexie at each of two venues, whether the call took
// effect or not: the repetition finds out, and the month is there once (X8, N6).
func lostAnswers(t *testing.T, s *system) {
	for number, loss := range []struct {
		name  string
		fault sandbox.Fault
	}{
		// Go repeats some calls by itself where a kept connection breaks.
		{"a connection that breaks after effect", sandbox.Fault{Kind: sandbox.FaultDropConnection, AfterEffect: true, Times: 2}},
		{"an answer cut off", sandbox.Fault{Kind: sandbox.FaultCutBody}},
		{"500 after effect", sandbox.Fault{Kind: sandbox.FaultStatus, Status: 500, AfterEffect: true}},
		{"504 after effect", sandbox.Fault{Kind: sandbox.FaultStatus, Status: 504, AfterEffect: true}},
		{"500 before effect", sandbox.Fault{Kind: sandbox.FaultStatus, Status: 500}},
	} {
		for _, lost := range [][2]string{{"commitHourImport", "createHourImport"}, {"getHourImport", "putHourImportPart"}} {
			t.Run(loss.name+" to "+lost[0]+" and "+lost[1], func(t *testing.T) {
				t.Parallel()
				o := s.working(t, fmt.Sprintf("Verloren %d %s", number, lost[0]), 6, 2)
				var faults []string
				for i, venue := range []string{"ven_1", "ven_2"} {
					fault := loss.fault
					fault.Operation, fault.Venue, fault.Times = lost[i], venue, max(fault.Times, 1)
					faults = append(faults, o.fault(t, fault))
				}
				run := o.startExport(t, o.allKinds())
				o.requireExportedOnce(t, run)
				for _, fault := range faults {
					require.Positive(t, o.struck(fault))
				}
				if loss.fault.Status == 504 && lost[0] == "commitHourImport" {
					o.record(t, "retried-after-lost-answers", run)
				}
			})
		}
	}
}

// requireExportedOnce waits for an export of two venues that must come to a good end:
// one import for each, committed and marked, and nothing to tell anybody.
func (o *organisation) requireExportedOnce(t *testing.T, run client.WorkflowRun) {
	t.Helper()
	ended := result[workflows.ExportResult](t, run)
	require.Equal(t, domain.ExportOK, ended.Outcome, ended.Problem)
	o.requireTrue(t)
	require.Len(t, o.ledger(t), ended.Counts["lines"])
	require.Equal(t, []string{"committed", "committed"}, o.imports(t))
	o.requireOpen(t, domain.CauseExportIncomplete)
}

// imports are the statuses of all imports of the account, in the order of their
// opening.
func (o *organisation) imports(t *testing.T) []string {
	t.Helper()
	imports, err := o.sandbox.HourImports(o.Account.ID)
	require.NoError(t, err)
	statuses := []string{}
	for _, made := range imports {
		statuses = append(statuses, made.Status)
	}
	return statuses
}

// exportInAStorm answers 429 to every other call of an export (N6).
func exportInAStorm(t *testing.T, s *system) {
	o := s.working(t, "Uren in de storm", 6, 2)
	asked := len(s.sandbox.Calls(o.Account.ID, ""))
	const refusals, pause = 6, time.Second
	o.fault(t, sandbox.Fault{
		Kind: sandbox.FaultRateLimited, OneIn: 2, Seed: 1, Times: refusals, RetryAfterSeconds: int(pause.Seconds()),
	})
	run := o.startExport(t, o.allKinds())
	o.requireExportedOnce(t, run)
	calls, refused := s.sandbox.Calls(o.Account.ID, "")[asked:], 0
	for i, call := range calls {
		if call.Status == http.StatusTooManyRequests {
			refused++
			require.GreaterOrEqual(t, calls[i+1].At.Sub(call.At), pause, "call %d came before Retry-After was over", i+1)
		}
	}
	require.Equal(t, refusals, refused)
}

// exportInAnOutage loses Connexie for good at the first venue, after the commit took effect:
// nobody knows what became of it. The other venue goes (X13), and the next export finds
// out and completes the month.
func exportInAnOutage(t *testing.T, s *system) {
	o := s.working(t, "Uren in een storing", 6, 2)
	away := o.fault(t, sandbox.Fault{
		Kind: sandbox.FaultStatus, Status: 503, Operation: "commitHourImport", Venue: "ven_1", AfterEffect: true,
	})
	back := o.fault(t, sandbox.Fault{Kind: sandbox.FaultStatus, Status: 503, Operation: "createHourImport", Venue: "ven_1", FromCall: 2})
	run := o.startExport(t, o.allKinds())
	require.NoError(t, s.sandbox.AwaitFault(t.Context(), back))
	o.endWindow(t, run, 2*time.Hour)
	partly := result[workflows.ExportResult](t, run)
	require.Equal(t, domain.ExportPartly, partly.Outcome, partly.Problem)
	require.Contains(t, partly.Problem, "out of reach")
	require.Equal(t, map[string]domain.VenueState{"ven_1": domain.VenueSending, "ven_2": domain.VenueExported},
		o.venueStates(t, partly.ExportID))
	require.Equal(t, []string{"ven_1", "ven_2"}, o.holds(t), "what nobody knows yet")
	require.Equal(t, []string{"ven_2"}, o.marked(t))
	o.requireOpen(t, domain.CauseExportIncomplete, o.period().String())
	o.record(t, "out-of-reach", run)

	for _, fault := range []string{away, back} {
		require.NoError(t, s.sandbox.RemoveFault(fault))
	}
	o.requireCompletes(t)
	require.Equal(t, []string{"replaced", "replaced", "committed", "committed"}, o.imports(t))
}

// exportBeforeAnOutage loses Connexie before anything is sent: the export is refused, or is
// cancelled meanwhile, and the next one does it all.
func exportBeforeAnOutage(t *testing.T, s *system) {
	o := s.working(t, "Storing vooraf", 6, 2)
	for _, row := range []struct {
		operation string
		ends      func(client.WorkflowRun)
		outcome   domain.ExportOutcome
	}{
		{"getAccount", func(run client.WorkflowRun) { o.endWindow(t, run, 30*time.Minute) }, domain.ExportRefused},
		{"listPayrollPeriods", func(run client.WorkflowRun) { o.endWindow(t, run, 30*time.Minute) }, domain.ExportRefused},
		{"listPayrollPeriods", func(client.WorkflowRun) {
			_, err := o.cancelExport(t)
			require.NoError(t, err)
		}, domain.ExportCancelled},
	} {
		away := o.fault(t, sandbox.Fault{Kind: sandbox.FaultStatus, Status: 503, Operation: row.operation})
		run := o.startExport(t, o.allKinds())
		require.NoError(t, s.sandbox.AwaitFault(t.Context(), away))
		row.ends(run)
		ended := result[workflows.ExportResult](t, run)
		require.Equal(t, row.outcome, ended.Outcome, ended.Problem)
		if row.outcome == domain.ExportRefused {
			require.Contains(t, ended.Problem, "out of reach")
		}
		require.Empty(t, o.imports(t))
		require.NoError(t, s.sandbox.RemoveFault(away))
	}
	o.requireCompletes(t)
}
