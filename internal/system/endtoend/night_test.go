package endtoend

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/testkit"
	"github.com/eitje/connexie-worker/workflows"
)

// nights numbers the nights of the tests: their ids must differ.
var nights atomic.Int64

func nightID() string { return fmt.Sprintf("%s-test-%d", workflows.NightlySyncID, nights.Add(1)) }

// startNight starts a night over some connections, as the schedule starts one over
// all of them.
func (s *system) startNight(t *testing.T, connections ...string) client.WorkflowRun {
	t.Helper()
	run, err := s.temporal.ExecuteWorkflow(t.Context(), options(nightID()), workflows.TypeNightlySync,
		workflows.NightlySyncInput{ConnectionIDs: connections})
	require.NoError(t, err)
	return run
}

func (s *system) night(t *testing.T, connections ...string) workflows.NightResult {
	t.Helper()
	return result[workflows.NightResult](t, s.startNight(t, connections...))
}

// aNight goes over organisations that fare differently.
func aNight(t *testing.T, s *system) {
	well, held, revoked := s.small(t, "Nacht goed", 20), s.small(t, "Nacht vast", 20), s.small(t, "Nacht dicht", 20)
	for _, o := range []*organisation{well, held, revoked} {
		o.settle(t)
	}
	well.change(t, well.employeeID(1), func(e *sandbox.Employee) { e.LastName = "Nachtwacht" })
	links := revoked.links(t)
	heldRun := held.overflow(t)
	held.awaitHeld(t)
	require.NoError(t, s.sandbox.SetToken(revoked.Account.ID, ""))

	first := s.startNight(t, well.connection, held.connection, revoked.connection)
	t.Run("S1 the summary answers who was synchronised", func(t *testing.T) {
		summary := result[workflows.NightResult](t, first)
		require.Equal(t, domain.NightProblems, summary.Outcome)
		require.Equal(t, today(), summary.Night)
		require.Equal(t, 3, summary.Total)
		require.Equal(t, domain.Counts{"ok": 1, "held": 1, "refused": 1}, summary.Counts)
		require.Equal(t, "Nachtwacht", well.field(t, well.employeeID(1), "last_name"))
		require.Equal(t, today().String(), well.runs(t)[0].Night)
	})
	t.Run("C8 a refused token stops the connection with one notification", func(t *testing.T) {
		require.Equal(t, "refused", revoked.runs(t)[0].Outcome)
		require.Equal(t, "needs_token", revoked.connectionState(t))
		revoked.requireOpen(t, domain.CauseTokenRefused, revoked.connection)
	})
	well.record(t, "problems", first)
	revoked.record(t, "refused", s.latest(workflows.SyncID(revoked.connection)))

	t.Run("C8 the next night probes it once", func(t *testing.T) { revoked.probedOnce(t, well) })
	t.Run("C8 a token of another account is refused", func(t *testing.T) {
		require.NoError(t, s.sandbox.SetToken(revoked.Account.ID, "token-again"))
		revoked.setToken(t, well.Account.Token)
		require.Equal(t, workflows.ActivationOtherAccount, revoked.activate(t).Outcome)
		require.Equal(t, "needs_token", revoked.connectionState(t))
		require.Equal(t, links, revoked.links(t))
	})
	t.Run("C8 a new token of the same account resumes with the links kept", func(t *testing.T) {
		revoked.setToken(t, "token-again")
		require.Equal(t, domain.SyncNothing, revoked.settle(t).Outcome)
		require.Equal(t, "active", revoked.connectionState(t))
		require.Equal(t, links, revoked.links(t))
		revoked.requireOpen(t, domain.CauseTokenRefused)
	})
	_, err := held.word(t, "reject")
	require.NoError(t, err)
	require.Equal(t, domain.SyncRejected, held.await(t, heldRun).Outcome)
}

// probedOnce is a night over a connection whose token was refused, beside one that
// is well. The refused call belongs to no account, so that all such calls are
// counted.
func (o *organisation) probedOnce(t *testing.T, well *organisation) {
	before, known := o.sandbox.Counter("", "getAccount").Requests, len(o.runs(t))
	reading := o.sandbox.Counter("", "listEmployees").Requests
	summary := o.night(t, well.connection, o.connection)
	require.Equal(t, domain.Counts{"nothing": 1, "refused": 1}, summary.Counts)
	require.Equal(t, before+1, o.sandbox.Counter("", "getAccount").Requests)
	require.Equal(t, reading, o.sandbox.Counter("", "listEmployees").Requests)
	require.Len(t, o.runs(t), known, "no run was opened for it")
	require.Len(t, o.notices(t, domain.CauseTokenRefused), 1, "nobody is told twice")
}

// nightAgain makes a night twice for one date, over a run that somebody had started
// by hand, and over a connection that nobody knows.
func nightAgain(t *testing.T, s *system) {
	o := s.small(t, "Nacht herhaald", 20)
	o.settle(t)

	t.Run("S2 the night joins a run that is under way", func(t *testing.T) {
		reach, release := o.hold(t)
		manual := o.startSync(t)
		reach()
		night := s.startNight(t, o.connection)
		require.Eventually(t, func() bool {
			return value[int](t, s, `select count(*) from connexie.night_connections
				where connection_id = $1 and joined`, o.connection) == 1
		}, patience, glance)
		release()
		require.Equal(t, domain.Counts{"nothing": 1}, result[workflows.NightResult](t, night).Counts)
		require.Equal(t, 2, o.run(t, o.await(t, manual).RunID).Pass, "the night's own pass reads after it asked")
	})
	t.Run("S1 a night of the same date runs anew", func(t *testing.T) {
		known := len(o.runs(t))
		night := s.startNight(t, o.connection)
		summary := result[workflows.NightResult](t, night)
		require.Equal(t, domain.NightOK, summary.Outcome)
		require.Equal(t, domain.Counts{"nothing": 1}, summary.Counts)
		runs := o.runs(t)
		require.Len(t, runs, known+1)
		require.Equal(t, today().String(), runs[0].Night)
		o.record(t, "ok", night)
	})
	t.Run("a connection that nobody knows is left out", func(t *testing.T) {
		summary := s.night(t, o.connection, testkit.ID(t))
		require.Equal(t, 1, summary.Total)
		require.Equal(t, domain.Counts{"nothing": 1, "left_out": 1}, summary.Counts)
	})
	t.Run("C9 a paused connection is left out", func(t *testing.T) {
		o.edit(t, `update connexie.connections set state = 'paused' where id = $1`, o.connection)
		summary := s.night(t, o.connection)
		require.Zero(t, summary.Total)
		require.Equal(t, domain.Counts{"left_out": 1}, summary.Counts)
	})
}

func (o *organisation) connectionState(t *testing.T) string {
	t.Helper()
	return value[string](t, o.system, `select state from connexie.connections where id = $1`, o.connection)
}
