package endtoend

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/workflows"
)

// TestServersCrash kills the servers under a worker that goes on running, and starts
// them again: Temporal and then PostgreSQL while Connexie is read, and PostgreSQL once
// more before a batch is committed. All three crash in one run, whose result equals
// that of a run where none did.
func TestServersCrash(t *testing.T) {
	t.Parallel()
	undisturbed, _ := scenario{prepare: everyCase, tell: activated}.happen(t, nil)
	own := startServers(t)
	s := bringUp(t, own.servers(t))
	s.answerInSmallPages(t)
	database := startProxy(t, s.url)
	s.launch(t, database.url)
	o := everyCase(t, s)
	restarted := make(chan struct{})
	database.arm(&point{side: before, words: "insert into connexie.changes", number: 2}, func() { <-restarted })
	pages := []string{o.holdPage(t, 2), o.holdPage(t, 4)}
	require.Equal(t, workflows.ActivationOK, o.activate(t).Outcome)

	require.NoError(t, s.sandbox.AwaitFault(t.Context(), pages[0]))
	own.killTemporal()
	own.startTemporal(t)
	require.NoError(t, s.sandbox.RemoveFault(pages[0]))

	require.NoError(t, s.sandbox.AwaitFault(t.Context(), pages[1]))
	own.killPostgres(t)
	own.startPostgres(t)
	require.NoError(t, s.sandbox.RemoveFault(pages[1]))

	require.Eventually(t, database.struck.Load, patience, glance)
	own.killPostgres(t)
	own.startPostgres(t)
	close(restarted)
	require.Equal(t, domain.SyncProblems, o.await(t, o.latest(workflows.SyncID(o.connection))).Outcome)
	undisturbed.requireSame(t, o.outcome(t))
}

// holdPage holds the call that asks for a page of people, and returns the fault's id.
func (o *organisation) holdPage(t *testing.T, number int) string {
	t.Helper()
	return o.fault(t, sandbox.Fault{Kind: sandbox.FaultHold, Operation: "listEmployees", FromCall: number, Times: 1})
}
