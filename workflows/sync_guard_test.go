package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/workflows"
)

var guardLimit = domain.Guarded{Creations: 50, Reactivations: 10, ContractsEnded: 10}

// held plans more than the guard lets pass; what is allowed passes from the given
// plan on.
func held(times int) func(activities.PlanInput) (activities.PlanResult, error) {
	planned := 0
	return func(activities.PlanInput) (activities.PlanResult, error) {
		planned++
		return activities.PlanResult{
			Total: 99, Held: planned <= times, Limit: guardLimit, Guarded: domain.Guarded{Creations: 50 + planned},
		}, nil
	}
}

func TestSync_S16_AHeldRunSaysWhyAndWhatToDo(t *testing.T) {
	t.Parallel()
	s := newSync(t, "sync/con-1")
	s.plan = held(1)
	s.after(time.Hour, func() {
		require.JSONEq(t, `{"stage":"held","done":0,"total":99,"counts":{},
			"next_step":"Look at what would change, then allow or reject the run with the update decideGuard.",
			"guarded":{"creations":51,"reactivations":0,"contracts_ended":0},
			"limit":{"creations":50,"reactivations":10,"contracts_ended":10}}`, s.query(workflows.QueryProgress))
		require.Contains(t, s.details(), "| creations | 51 | 50 |")
		require.Contains(t, s.details(), `{"decision":"allow","by":"user_42"}`)
		s.update(workflows.UpdateDecideGuard, "1", workflows.DecideGuardInput{Decision: "reject"})
	})
	s.fullRun()
	s.result()
}

func TestSync_S16_AllowedPlansAnewWithinWhatWasAllowed(t *testing.T) {
	t.Parallel()
	s := newSync(t, "sync/con-1")
	s.plan = held(1)
	var decided *updated
	s.after(8*time.Hour, func() {
		decided = s.update(workflows.UpdateDecideGuard, "1", workflows.DecideGuardInput{Decision: "allow", By: "user_7"})
	})
	s.fullRun()
	require.Contains(t, s.result(), `"outcome":"ok"`)
	require.JSONEq(t, `{"run_id":"`+s.reads[0].Run.ID+`","decision":"allow"}`, decided.answer)
	require.Len(t, s.plans, 2)
	require.Nil(t, s.plans[0].Allowed)
	require.Equal(t, &domain.Guarded{Creations: 51}, s.plans[1].Allowed)
	require.Equal(t, s.plans[0].Run, s.plans[1].Run, "it is the same run")
	require.Len(t, s.applies, 1)
}

func TestSync_S16_MoreThanWasAllowedIsHeldAgain(t *testing.T) {
	t.Parallel()
	s := newSync(t, "sync/con-1")
	s.plan = held(2)
	for i, id := range []string{"1", "2"} {
		s.after(time.Duration(i+1)*time.Hour, func() {
			require.Equal(t, workflows.StageHeld, s.progress().Stage)
			s.update(workflows.UpdateDecideGuard, id, workflows.DecideGuardInput{Decision: "allow"})
		})
	}
	s.fullRun()
	s.result()
	require.Len(t, s.plans, 3)
	require.Equal(t, &domain.Guarded{Creations: 52}, s.plans[2].Allowed, "the later word counts")
}

func TestSync_S16_RejectedEndsTheRunAndAppliesNothing(t *testing.T) {
	t.Parallel()
	s := newSync(t, "sync/con-1")
	s.plan = held(9)
	s.after(time.Hour, func() {
		s.update(workflows.UpdateDecideGuard, "1", workflows.DecideGuardInput{Decision: "reject"})
	})
	s.fullRun()
	require.JSONEq(t, `{"outcome":"rejected","run_id":"`+s.reads[0].Run.ID+`","counts":{}}`, s.result())
	require.Equal(t, []activities.CloseInput{{Run: s.reads[0].Run, Outcome: domain.SyncRejected}}, s.closes)
	require.Empty(t, s.applies)
}

func TestSync_S16_TheNextNightSupersedesAndPlansAnew(t *testing.T) {
	t.Parallel()
	s := newSync(t, "sync/con-1")
	planned := held(1)
	s.plan = func(in activities.PlanInput) (activities.PlanResult, error) { return planned(in) }
	s.after(20*time.Hour, func() {
		s.env.SignalWorkflow(workflows.SignalJoinRequested, workflows.RequestSyncInput{RequestedBy: "nightly-sync", Night: today.AddDays(1)})
	})
	s.run(workflows.SyncTeamMembersInput{ConnectionID: connection, Trigger: "nightly", Night: today})
	require.Contains(t, s.result(), `"outcome":"ok"`)
	require.Equal(t, []activities.CloseInput{{Run: s.reads[0].Run, Outcome: domain.SyncSuperseded}}, s.closes)
	require.Len(t, s.reads, 2)
	second := s.reads[1].Run
	require.Equal(t, today.AddDays(1), second.Night)
	require.Equal(t, "nightly", second.Trigger)
	require.Equal(t, 2, second.Pass)
	require.NotEqual(t, s.reads[0].Run.ID, second.ID)
}

// The night may come while a run is being planned that the guard will then hold: it
// must not wait for the night after.
func TestSync_S16_ANightThatCameBeforeTheHoldSupersedesIt(t *testing.T) {
	t.Parallel()
	s := newSync(t, "sync/con-1")
	planned := held(1)
	s.plan = func(in activities.PlanInput) (activities.PlanResult, error) {
		if len(s.plans) == 1 {
			s.env.SignalWorkflow(workflows.SignalJoinRequested, workflows.RequestSyncInput{RequestedBy: "nightly-sync", Night: today})
		}
		return planned(in)
	}
	s.fullRun()
	require.Contains(t, s.result(), `"outcome":"ok"`)
	require.Equal(t, []activities.CloseInput{{Run: s.reads[0].Run, Outcome: domain.SyncSuperseded}}, s.closes)
	require.Len(t, s.reads, 2)
	require.Equal(t, today, s.reads[1].Run.Night)
}

// Somebody ran a night by hand in the small hours; the schedule's of that evening has
// the same date.
func TestSync_S16_AnotherNightOfTheSameDateSupersedesOnce(t *testing.T) {
	t.Parallel()
	s := newSync(t, "sync/con-1")
	s.plan = held(1)
	s.after(20*time.Hour, func() {
		for range 2 { // the second repeats the first after a crash
			s.env.SignalWorkflow(workflows.SignalJoinRequested, workflows.RequestSyncInput{Night: today})
		}
	})
	s.run(workflows.SyncTeamMembersInput{ConnectionID: connection, Trigger: "nightly", Night: today})
	require.Contains(t, s.result(), `"outcome":"ok"`)
	require.Equal(t, []activities.CloseInput{{Run: s.reads[0].Run, Outcome: domain.SyncSuperseded}}, s.closes)
	require.Len(t, s.reads, 2)
	require.Equal(t, today, s.reads[1].Run.Night)
}

func TestSync_S16_ANightThatComesLateSupersedesNothing(t *testing.T) {
	t.Parallel()
	s := newSync(t, "sync/con-1")
	s.plan = held(1)
	s.after(time.Hour, func() {
		s.env.SignalWorkflow(workflows.SignalJoinRequested, workflows.RequestSyncInput{Night: today.AddDays(-1)})
	})
	s.after(2*time.Hour, func() {
		require.Equal(t, workflows.StageHeld, s.progress().Stage)
		s.update(workflows.UpdateDecideGuard, "1", workflows.DecideGuardInput{Decision: "allow"})
	})
	s.run(workflows.SyncTeamMembersInput{ConnectionID: connection, Trigger: "nightly", Night: today})
	s.result()
	require.Len(t, s.reads, 1)
}

// A manual request while the run is held waits its turn; it decides nothing.
func TestSync_S16_ARequestWhileHeldQueuesAndDoesNotSupersede(t *testing.T) {
	t.Parallel()
	s := newSync(t, "sync/con-1")
	s.plan = held(1)
	s.after(time.Hour, func() {
		s.update(workflows.UpdateRequestSync, "1", workflows.RequestSyncInput{})
		s.env.SignalWorkflow(workflows.SignalJoinRequested, workflows.RequestSyncInput{RequestedBy: "user_8"})
	})
	s.after(2*time.Hour, func() {
		require.Contains(t, s.details(), "One more pass is queued.")
		s.update(workflows.UpdateDecideGuard, "2", workflows.DecideGuardInput{Decision: "reject"})
	})
	s.fullRun()
	s.result()
	require.Equal(t, domain.SyncRejected, s.closes[0].Outcome)
	require.Len(t, s.reads, 2)
}

func TestSync_S16_WordsThatAreRefused(t *testing.T) {
	t.Parallel()
	s := newSync(t, "sync/con-1")
	s.plan = held(1)
	var early *updated
	s.read = func(activities.ReadPeopleInput) (activities.ReadPeopleResult, error) {
		early = s.update(workflows.UpdateDecideGuard, "early", workflows.DecideGuardInput{Decision: "allow"})
		return readAll, nil
	}
	refused := map[string]any{
		"other word":   map[string]any{"decision": "yes"},
		"none":         map[string]any{},
		"other member": map[string]any{"decision": "allow", "because": "of Jan"},
		"mistyped":     map[string]any{"decision": true},
		"by a name":    map[string]any{"decision": "allow", "by": "Jan Jansen"},
		"null":         nil,
	}
	s.after(time.Hour, func() {
		for name, argument := range refused {
			outcome := s.update(workflows.UpdateDecideGuard, name, argument)
			s.after(time.Minute, func() {
				require.ErrorContains(t, outcome.rejected, `Example: {"decision":"allow","by":"user_42"}`, name)
			})
		}
	})
	var first, second *updated
	s.after(2*time.Hour, func() {
		first = s.update(workflows.UpdateDecideGuard, "first", workflows.DecideGuardInput{Decision: "reject"})
		second = s.update(workflows.UpdateDecideGuard, "second", workflows.DecideGuardInput{Decision: "allow"})
	})
	s.fullRun()
	require.Contains(t, s.result(), `"outcome":"rejected"`)
	require.ErrorContains(t, early.rejected, "this run is not held")
	require.NoError(t, first.rejected)
	require.ErrorContains(t, second.rejected, "this run is not held", "the first word counts")
}
