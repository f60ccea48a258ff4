package endtoend

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/workflows"
)

// tooMany is one more than the guard lets pass of a small organisation.
const tooMany = 51

// guard lets more people appear in Connexie at once than anybody would believe.
func guard(t *testing.T, s *system) {
	t.Run("allow applies what was planned", func(t *testing.T) {
		t.Parallel()
		allowed(t, s)
	})
	t.Run("reject writes nothing", func(t *testing.T) {
		t.Parallel()
		rejected(t, s)
	})
	t.Run("the next night supersedes a held run and plans anew", func(t *testing.T) {
		t.Parallel()
		superseded(t, s)
	})
}

func allowed(t *testing.T, s *system) {
	o := s.small(t, "Bewaker akkoord", 20)
	o.settle(t)
	members := o.members(t)
	run := o.overflow(t)
	o.requireHeld(t, members)

	answer, err := o.word(t, "allow")
	require.NoError(t, err)
	result := o.await(t, run)
	require.Equal(t, domain.SyncOK, result.Outcome)
	require.Equal(t, answer.RunID, result.RunID)
	require.Equal(t, members+tooMany, o.members(t))
	o.requireOpen(t, domain.CauseGuardHeld)
	described := s.described(t, run.GetID())
	require.False(t, attribute[bool](t, described, "NeedsAttention"))
	require.Equal(t, "closed", attribute[string](t, described, "Stage"))
	o.record(t, "held-then-allowed", run)
}

func rejected(t *testing.T, s *system) {
	o := s.small(t, "Bewaker weigert", 20)
	o.settle(t)
	members, before := o.members(t), o.state(t)
	run := o.overflow(t)
	o.requireHeld(t, members)

	_, err := o.word(t, "perhaps")
	require.ErrorContains(t, err, `"allow"`, "the answer carries an example")
	_, err = o.word(t, "reject")
	require.NoError(t, err)
	result := o.await(t, run)
	require.Equal(t, domain.SyncRejected, result.Outcome)
	require.Equal(t, before, o.state(t))
	require.Empty(t, o.audit(t, result.RunID))
	o.requireOpen(t, domain.CauseGuardHeld)
	o.record(t, "held-then-rejected", run)
}

func superseded(t *testing.T, s *system) {
	o := s.small(t, "Bewaker opgevolgd", 20)
	o.settle(t)
	members := o.members(t)
	run := o.overflow(t)
	held := o.requireHeld(t, members)

	night := s.night(t, o.connection)
	require.Equal(t, domain.NightProblems, night.Outcome)
	require.Equal(t, domain.Counts{"held": 1}, night.Counts)
	require.Equal(t, "superseded", o.run(t, held.ID).Outcome)
	anew := o.requireHeld(t, members)
	require.Equal(t, 2, anew.Pass)
	require.Equal(t, night.Night.String(), anew.Night)

	// Another night of the same date, such as the schedule's after one by hand.
	night = s.night(t, o.connection)
	require.Equal(t, domain.Counts{"held": 1}, night.Counts)
	require.Equal(t, "superseded", o.run(t, anew.ID).Outcome)
	anew = o.requireHeld(t, members)
	require.Equal(t, 3, anew.Pass)

	_, err := o.word(t, "allow")
	require.NoError(t, err)
	require.Equal(t, anew.ID, o.await(t, run).RunID)
	require.Equal(t, members+tooMany, o.members(t))
	require.Len(t, o.notices(t, domain.CauseGuardHeld), 1, "the same again is told once (N1)")
	o.requireOpen(t, domain.CauseGuardHeld)
	o.record(t, "superseded", run)
}

// heldOverRestart stops the worker while a run is held: another worker takes it up
// from its history.
func heldOverRestart(t *testing.T, s *system) {
	o := s.small(t, "Bewaker overnacht", 20)
	o.settle(t)
	members := o.members(t)
	run := o.overflow(t)
	o.requireHeld(t, members)

	s.stop()
	s.runWorker()
	o.requireHeld(t, members)
	_, err := o.word(t, "allow")
	require.NoError(t, err)
	require.Equal(t, domain.SyncOK, o.await(t, run).Outcome)
	require.Equal(t, members+tooMany, o.members(t))
}

// overflow puts so many newcomers into Connexie that the guard wants somebody's
// word, and starts a run.
func (o *organisation) overflow(t *testing.T) client.WorkflowRun {
	t.Helper()
	o.newcomers(t, tooMany)
	return o.startSync(t)
}

// requireHeld waits until the connection's run is held, and holds against each other
// what database, query, attributes and notifications tell of it.
func (o *organisation) requireHeld(t *testing.T, members int) run {
	t.Helper()
	held := o.awaitHeld(t)
	require.Equal(t, members, o.members(t), "a held run has written nothing")
	require.Eventually(t, func() bool { return o.progress(t).Stage == workflows.StageHeld }, patience, glance)
	progress := o.progress(t)
	require.Equal(t, domain.Guarded{Creations: tooMany}, *progress.Guarded)
	require.Equal(t, domain.Guarded{Creations: 50, Reactivations: 10, ContractsEnded: 10}, *progress.Limit)
	require.Contains(t, progress.NextStep, workflows.UpdateDecideGuard)
	described := o.described(t, workflows.SyncID(o.connection))
	require.Equal(t, "held", attribute[string](t, described, "Stage"))
	require.True(t, attribute[bool](t, described, "NeedsAttention"))
	o.requireOpen(t, domain.CauseGuardHeld, o.connection)
	return held
}
