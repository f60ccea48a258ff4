package sandbox_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/sandbox/contract"
)

// importStep is one call of an import, on a sandbox that has come that far, and
// whether it took effect.
type importStep struct {
	operation, method, path, body string
	effect                        func() bool
}

func importSteps(b *bundle) []importStep {
	line := worked("a", "2026-11-01", "1")
	parted, ready, gone := b.draft("1", november("ven_1")), b.draft("2", november("ven_1")), b.draft("3", november("ven_1"))
	b.stored(ready, 1, line)
	return []importStep{
		{"createHourImport", http.MethodPost, "", november("ven_1"), func() bool { return len(b.held()) == 4 }},
		{"putHourImportPart", http.MethodPut, "/" + parted + "/parts/1", partBody(line), func() bool { return b.fetched(parted).LineCount == 1 }},
		{"commitHourImport", http.MethodPost, "/" + ready + "/commit", commitBody(line), func() bool { return len(b.references("ven_1")) == 1 }},
		{"discardHourImport", http.MethodDelete, "/" + gone, "", func() bool { return b.fetched(gone).Status == sandbox.ImportDiscarded }},
	}
}

func (b *bundle) tryStep(step importStep) (reply, error) {
	return b.try(step.method, "/v1/hour-imports"+step.path, step.body, header{"Idempotency-Key", "4"})
}

func TestFault_BeforeAndAfterTheEffectOfAnImportsCalls(t *testing.T) {
	t.Parallel()
	for _, fault := range []sandbox.Fault{
		{Kind: sandbox.FaultStatus, Status: 503}, {Kind: sandbox.FaultRateLimited}, {Kind: sandbox.FaultDropConnection},
	} {
		for _, after := range []bool{false, true} {
			b := setupImports(t)
			// On a connection of its own, or net/http asks once more by itself where
			// the connection breaks: it takes an Idempotency-Key for leave to do so.
			b.client = &http.Client{Transport: contract.Transport(b, &http.Transport{DisableKeepAlives: true})}
			for _, step := range importSteps(b) {
				fault.Operation, fault.AfterEffect, fault.Times = step.operation, after, 1
				b.fault(fault)
				answered, err := b.tryStep(step)
				if fault.Kind == sandbox.FaultDropConnection {
					require.Error(t, err)
				} else {
					require.GreaterOrEqual(t, answered.status, 429)
				}
				require.Equal(t, after, step.effect(), "%s, %s", step.operation, fault.Kind)
				answered, err = b.tryStep(step)
				require.NoError(t, err)
				require.Less(t, answered.status, 300, "%s again: %s", step.operation, answered.body)
				require.True(t, step.effect(), step.operation)
			}
		}
	}
}

func TestFault_AnswersOfAnImportThatAreCutOrNoJSON(t *testing.T) {
	t.Parallel()
	for _, kind := range []sandbox.FaultKind{sandbox.FaultCutBody, sandbox.FaultMalformedJSON} {
		b := setupImports(t)
		b.client = http.DefaultClient // no JSON is not the contract's
		for _, step := range importSteps(b) {
			b.fault(sandbox.Fault{Kind: kind, Operation: step.operation, Times: 1})
			answered, err := b.tryStep(step)
			hasBody := step.operation == "createHourImport" || step.operation == "commitHourImport"
			switch {
			case kind == sandbox.FaultCutBody:
				require.Error(t, err, step.operation)
			case hasBody:
				require.False(t, json.Valid(answered.body), step.operation)
			default:
				require.Equal(t, 204, answered.status, "a body that is not there is not spoilt")
			}
			require.True(t, step.effect(), "%s, %s", step.operation, kind)
		}
	}
}

func TestFault_HoldsACommitBeforeAndAfterItsEffect(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} {
		b := setupImports(t).asContract()
		line := worked("a", "2026-11-01", "1")
		id := b.draft("k", november("ven_1"))
		b.stored(id, 1, line)
		held := b.fault(sandbox.Fault{Kind: sandbox.FaultHold, Operation: "commitHourImport", AfterEffect: after})
		var group errgroup.Group
		group.Go(func() error {
			_, err := b.try(http.MethodPost, "/v1/hour-imports/"+id+"/commit", commitBody(line))
			return err
		})
		require.NoError(t, b.sandbox.AwaitFault(t.Context(), held))
		if !after {
			require.Empty(t, b.references("ven_1"))
		}
		require.NoError(t, b.sandbox.RemoveFault(held))
		require.NoError(t, group.Wait())
		require.Equal(t, []string{"a"}, b.references("ven_1"))
	}
}

// A caller who gives up a call with a body is noticed: the server, which closes
// at the end of the test, waits for every call.
func TestFault_HeldCallEndsWithItsCaller(t *testing.T) {
	t.Parallel()
	b := setupImports(t)
	held := b.fault(sandbox.Fault{Kind: sandbox.FaultHold, Operation: "createHourImport"})
	impatient, giveUp := context.WithCancel(t.Context())
	var group errgroup.Group
	group.Go(func() error {
		asked, _ := http.NewRequestWithContext(impatient, http.MethodPost, b.url+"/v1/hour-imports", strings.NewReader(november("ven_1")))
		asked.Header.Set("Authorization", "Bearer "+token)
		_, err := b.client.Do(asked)
		return err
	})
	require.NoError(t, b.sandbox.AwaitFault(t.Context(), held))
	giveUp()
	require.ErrorIs(t, group.Wait(), context.Canceled)
}

func TestFault_OfOneVenue(t *testing.T) {
	t.Parallel()
	b := setupImports(t).asContract()
	drafts := map[string]string{"ven_1": b.draft("1", november("ven_1")), "ven_2": b.draft("2", november("ven_2"))}
	id := b.fault(sandbox.Fault{Kind: sandbox.FaultStatus, Status: 503, Venue: "ven_2"})
	for venue, want := range map[string]int{"ven_1": 200, "ven_2": 503} {
		created := b.create("new "+venue, november(venue)).status
		require.Equal(t, want == 503, created == 503, venue)
		require.Equal(t, want, b.get("/v1/payroll-periods?venue_id="+venue+"&from=2026-11-01&to=2026-11-30").status)
		require.Equal(t, want, b.get("/v1/hour-imports/"+drafts[venue]).status)
		require.Equal(t, want == 503, b.part(drafts[venue], 1).status == 503)
		require.Equal(t, want, b.commit(drafts[venue]).status)
	}
	require.Equal(t, 200, b.get("/v1/employees").status)
	require.Equal(t, 200, b.get("/v1/venues").status)
	b.get("/v1/hour-imports/imp_9").problem(t, 404, "not_found")
	require.Equal(t, []any{id, 5, 5}, []any{b.sandbox.Faults()[0].ID, b.sandbox.Faults()[0].Seen, b.sandbox.Faults()[0].Struck})
}

func TestFault_PayrollRunsBetweenCheckAndCommit(t *testing.T) {
	t.Parallel()
	line := worked("a", "2026-11-01", "1")
	november := &sandbox.PayrollRun{VenueID: "ven_1", From: "2026-11-01", To: "2026-11-30"}
	for _, after := range []bool{false, true} {
		b := setupImports(t).asContract()
		b.fault(sandbox.Fault{
			Kind: sandbox.FaultPayrollRun, Operation: "commitHourImport", Venue: "ven_1", FromCall: 2, Times: 1,
			Payroll: november, AfterEffect: after,
		})
		b.committed("ven_2", "2026-11-01", "2026-11-30")
		b.committed("ven_1", "2026-11-01", "2026-11-01", worked("before", "2026-11-01", "1"))
		id := b.draft("k", newImport("ven_1", "2026-11-01", "2026-11-30"))
		b.stored(id, 1, line)
		answered := b.commit(id, line)
		if after {
			require.Equal(t, 200, answered.status)
			require.Equal(t, 200, b.commit(id, line).status)
			require.Equal(t, []string{"a"}, b.references("ven_1"))
		} else {
			answered.problem(t, 409, "payroll_already_run")
			require.Equal(t, []string{"before"}, b.references("ven_1"))
		}
		b.create("later", newImport("ven_1", "2026-11-01", "2026-11-30")).problem(t, 409, "payroll_already_run")
	}
}
