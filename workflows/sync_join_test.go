package workflows_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/workflows"
)

// onRead does something while the first pass is read.
func (s *syncSuite) onRead(do func()) {
	s.read = func(in activities.ReadPeopleInput) (activities.ReadPeopleResult, error) {
		if in.Run.Pass == 1 {
			do()
		}
		return readAll, nil
	}
}

func (u *updated) requestResult(t *testing.T) workflows.RequestSyncResult {
	t.Helper()
	require.NoError(t, u.rejected)
	require.NoError(t, u.failed)
	var result workflows.RequestSyncResult
	require.NoError(t, json.Unmarshal([]byte(u.answer), &result))
	return result
}

// The update that starts the workflow asks for the very pass that it starts.
func TestSync_S2_ARequestBeforeReadingSharesThePass(t *testing.T) {
	t.Parallel()
	s := newSync(t, "sync/con-1")
	var first, second *updated
	s.after(0, func() {
		first = s.update(workflows.UpdateRequestSync, "first", workflows.RequestSyncInput{RequestedBy: "user_1"})
		second = s.update(workflows.UpdateRequestSync, "second", workflows.RequestSyncInput{RequestedBy: "user_2"})
	})
	s.fullRun()
	s.result()
	require.Len(t, s.reads, 1)
	require.JSONEq(t, `{"run_id":"`+s.reads[0].Run.ID+`","pass":1,"joined":false}`, first.answer)
	require.JSONEq(t, `{"run_id":"`+s.reads[0].Run.ID+`","pass":1,"joined":true}`, second.answer)
}

func TestSync_S2_RequestsWhileReadingShareOneMorePass(t *testing.T) {
	t.Parallel()
	s := newSync(t, "sync/con-1")
	var requests []*updated
	s.onRead(func() {
		for i := range 3 {
			requests = append(requests, s.update(workflows.UpdateRequestSync, fmt.Sprint(i), workflows.RequestSyncInput{RequestedBy: fmt.Sprintf("user_%d", i)}))
		}
	})
	s.apply = func(in activities.ApplyInput) (activities.ApplyResult, error) {
		if in.Run.Pass == 1 {
			requests = append(requests, s.update(workflows.UpdateRequestSync, "late", workflows.RequestSyncInput{}))
		}
		return activities.ApplyResult{Done: 2, Closed: &ended}, nil
	}
	s.fullRun()
	require.Contains(t, s.result(), `"run_id":"`+s.reads[1].Run.ID+`"`, "the result is that of the last pass")
	require.Len(t, s.reads, 2)
	for _, request := range requests {
		require.Equal(t, workflows.RequestSyncResult{RunID: s.reads[1].Run.ID, Pass: 2, Joined: true}, request.requestResult(t))
	}
	require.Equal(t, "user_0", s.reads[1].Run.RequestedBy, "who asked first")
	require.Equal(t, "manual", s.reads[1].Run.Trigger)
}

func TestSync_S2_ARequestDuringTheSecondPassGetsAThird(t *testing.T) {
	t.Parallel()
	s := newSync(t, "sync/con-1")
	s.read = func(in activities.ReadPeopleInput) (activities.ReadPeopleResult, error) {
		if in.Run.Pass < 3 {
			s.update(workflows.UpdateRequestSync, fmt.Sprint(in.Run.Pass), workflows.RequestSyncInput{})
		}
		return readAll, nil
	}
	s.fullRun()
	s.result()
	require.Len(t, s.reads, 3)
}

// Sent twice under one id, which is the Idempotency-Key of the API, an update is
// taken once.
func TestSync_S2_ARepeatedUpdateIsTakenOnce(t *testing.T) {
	t.Parallel()
	s := newSync(t, "sync/con-1")
	var first, again *updated
	s.onRead(func() {
		first = s.update(workflows.UpdateRequestSync, "key", workflows.RequestSyncInput{RequestedBy: "user_1"})
		again = s.update(workflows.UpdateRequestSync, "key", workflows.RequestSyncInput{RequestedBy: "user_1"})
	})
	s.fullRun()
	s.result()
	require.Len(t, s.reads, 2)
	require.Equal(t, first.requestResult(t), again.requestResult(t))
}

func TestSync_S2_TheNightJoinsBySignal(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		prepare func(s *syncSuite, join func())
		passes  int
	}{
		"with the start":       {func(s *syncSuite, join func()) { s.after(0, join) }, 1},
		"while reading":        {func(s *syncSuite, join func()) { s.onRead(join) }, 2},
		"again after a crash":  {func(s *syncSuite, join func()) { s.onRead(func() { join(); join() }) }, 2},
		"again in the pass it": {func(s *syncSuite, join func()) { s.after(0, join); s.onRead(join) }, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSync(t, "sync/con-1")
			test.prepare(s, func() {
				s.env.SignalWorkflow(workflows.SignalJoinRequested, workflows.RequestSyncInput{RequestedBy: "nightly-sync", Night: today})
			})
			s.fullRun()
			s.result()
			require.Len(t, s.reads, test.passes)
			answering := s.reads[test.passes-1].Run
			require.Equal(t, today, answering.Night, "the pass that reads after the signal answers for the night")
			require.Equal(t, "nightly", answering.Trigger)
		})
	}
}

// A run by hand that fails must not take along the pass that a night has queued behind
// it: nobody else would synchronise the connection that night.
func TestSync_S1_S2_AQueuedPassIsMadeAlsoWhereTheOneBeforeItFailed(t *testing.T) {
	t.Parallel()
	broken := temporal.NewNonRetryableApplicationError("odd", activities.ErrorProtocol, nil)
	for name, last := range map[string]error{"and goes well": nil, "and fails": broken} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSync(t, "sync/con-1")
			s.read = func(in activities.ReadPeopleInput) (activities.ReadPeopleResult, error) {
				if in.Run.Pass == 1 {
					s.env.SignalWorkflow(workflows.SignalJoinRequested, workflows.RequestSyncInput{Night: today})
					return readAll, broken
				}
				return readAll, last
			}
			s.fullRun()
			require.Len(t, s.reads, 2)
			require.Equal(t, today, s.reads[1].Run.Night)
			require.Equal(t, activities.CloseInput{Run: s.reads[0].Run, Outcome: domain.SyncFailed, Problem: activities.ErrorProtocol}, s.closes[0])
			if last == nil {
				require.Contains(t, s.result(), s.reads[1].Run.ID)
				return
			}
			require.Equal(t, activities.ErrorProtocol, s.failure().Type())
		})
	}
}

func TestSync_S2_ACancelledRunClosesThePassThatWasQueued(t *testing.T) {
	t.Parallel()
	s := newSync(t, "sync/con-1")
	s.read = func(activities.ReadPeopleInput) (activities.ReadPeopleResult, error) {
		s.env.SignalWorkflow(workflows.SignalJoinRequested, workflows.RequestSyncInput{Night: today})
		s.env.CancelWorkflow()
		return activities.ReadPeopleResult{}, nil
	}
	s.close = func(in activities.CloseInput) (activities.Ending, error) {
		if in.Run.Pass == 2 { // too late for the pass that is being closed
			s.env.SignalWorkflow(workflows.SignalJoinRequested, workflows.RequestSyncInput{RequestedBy: "user_1"})
		}
		return activities.Ending{Outcome: in.Outcome, Counts: domain.Counts{}}, nil
	}
	s.fullRun()
	require.True(t, temporal.IsCanceledError(s.env.GetWorkflowError()), "got %v", s.env.GetWorkflowError())
	require.Len(t, s.reads, 1)
	require.Len(t, s.closes, 3)
	for i, closed := range s.closes {
		require.Equal(t, domain.SyncCancelled, closed.Outcome)
		require.Equal(t, i+1, closed.Run.Pass)
	}
	require.Equal(t, today, s.closes[1].Run.Night, "the night sees its end")
}

// A signal that comes with the very last task is not lost.
func TestSync_S2_ASignalAtTheEndGetsItsPass(t *testing.T) {
	t.Parallel()
	s := newSync(t, "sync/con-1")
	s.apply = func(in activities.ApplyInput) (activities.ApplyResult, error) {
		if in.Run.Pass == 1 {
			s.env.SignalWorkflowSkippingWorkflowTask(workflows.SignalJoinRequested, workflows.RequestSyncInput{Night: today})
		}
		return activities.ApplyResult{Done: 2, Closed: &ended}, nil
	}
	s.fullRun()
	s.result()
	require.Len(t, s.reads, 2)
	require.Equal(t, today, s.reads[1].Run.Night)
}

func TestSync_SignalsThatCannotBeReadShowAndChangeNothing(t *testing.T) {
	t.Parallel()
	secret := "Jan Jansen"
	bad := map[string]any{
		"a text": secret, "a number": 7, "a list": []string{secret}, "an unknown member": map[string]any{secret: 1},
		"a mistyped member": map[string]any{"requested_by": 5}, "a name": map[string]any{"requested_by": secret},
		"no date": map[string]any{"night": "tonight"},
	}
	for name, signal := range bad {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSync(t, "sync/con-1")
			s.onRead(func() { s.env.SignalWorkflow(workflows.SignalJoinRequested, signal) })
			s.fullRun()
			s.result()
			require.Len(t, s.reads, 1)
			require.Contains(t, s.details(), "Refused: a signal")
			require.Contains(t, s.details(), `send {"requested_by":"user_42"}`)
			require.NotContains(t, s.details(), secret)
		})
	}
}

func TestSync_AFloodOfBadSignalsStaysReadable(t *testing.T) {
	t.Parallel()
	s := newSync(t, "sync/con-1")
	s.onRead(func() {
		for range 500 {
			s.env.SignalWorkflow(workflows.SignalJoinRequested, "x")
		}
	})
	s.fullRun()
	s.result()
	require.Less(t, len(s.details()), 2000)
}

// Whoever signals by hand and leaves the body out means what the name says.
func TestSync_S2_ASignalWithoutABodyIsARequest(t *testing.T) {
	t.Parallel()
	for name, signal := range map[string]any{"nil": nil, "empty object": struct{}{}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSync(t, "sync/con-1")
			s.onRead(func() { s.env.SignalWorkflow(workflows.SignalJoinRequested, signal) })
			s.fullRun()
			s.result()
			require.Len(t, s.reads, 2)
			require.Equal(t, "ui", s.reads[1].Run.RequestedBy)
		})
	}
}

func TestSync_S2_UpdatesThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, argument := range map[string]any{
		"unknown member": map[string]any{"by": "user_1"}, "mistyped": map[string]any{"requested_by": []int{1}},
		"a name": map[string]any{"requested_by": "Jan Jansen"}, "a text": "now", "a list": []string{}, "a number": 1,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSync(t, "sync/con-1")
			var outcome *updated
			s.onRead(func() { outcome = s.update(workflows.UpdateRequestSync, "1", argument) })
			s.fullRun()
			s.result()
			require.ErrorContains(t, outcome.rejected, `Example: {"requested_by":"user_42"}`)
			require.NotContains(t, outcome.rejected.Error(), "Jansen")
			require.Len(t, s.reads, 1)
		})
	}
}

// Each queued pass that begins under a long history begins in one of its own, and
// nobody's request is lost on the way.
func TestSync_ContinuesAsNewBetweenPassesWhereTheEngineSuggestsIt(t *testing.T) {
	t.Parallel()
	s := newSync(t, "sync/con-1")
	s.env.SetContinueAsNewSuggested(true)
	s.onRead(func() {
		s.env.SignalWorkflow(workflows.SignalJoinRequested, workflows.RequestSyncInput{RequestedBy: "nightly-sync", Night: today})
	})
	s.run(workflows.SyncTeamMembersInput{ConnectionID: connection, Trigger: "activation", RequestedBy: "user_42"})
	var again *workflow.ContinueAsNewError
	require.ErrorAs(t, s.env.GetWorkflowError(), &again)
	require.Equal(t, workflows.TypeSyncTeamMembers, again.WorkflowType.Name)
	var input string
	for _, payload := range again.Input.GetPayloads() {
		input += string(payload.GetData())
	}
	require.JSONEq(t, `{"connection_id":"con-1","trigger":"nightly","requested_by":"nightly-sync","mode":"apply","night":"2026-11-22"}`, input)
}

func TestSync_WithoutARequestItEndsWhateverTheEngineSuggests(t *testing.T) {
	t.Parallel()
	s := newSync(t, "sync/con-1")
	s.env.SetContinueAsNewSuggested(true)
	s.fullRun()
	s.result()
}

func TestSync_DetailsAndProgressTellTheStory(t *testing.T) {
	t.Parallel()
	s := newSync(t, "sync/con-1")
	s.plan = held(1)
	s.after(time.Hour, func() { s.update(workflows.UpdateDecideGuard, "1", workflows.DecideGuardInput{Decision: "allow"}) })
	s.apply = func(activities.ApplyInput) (activities.ApplyResult, error) {
		if len(s.applies) == 1 {
			return activities.ApplyResult{Done: 40}, nil
		}
		return activities.ApplyResult{Done: 99, Closed: &ended}, nil
	}
	s.fullRun()
	s.result()
	require.JSONEq(t, `{"stage":"closed","done":0,"total":0,"counts":{"linked":2},"outcome":"ok","next_step":"Nothing."}`,
		s.query(workflows.QueryProgress))
	require.Equal(t, strings.Join([]string{
		"**closed** · pass 1 · asked by `user_42`", "", "Outcome: **ok**", "",
		"| what | people |", "| --- | ---: |", "| linked | 2 |", "", "**What you can do:** Nothing.", "",
	}, "\n"), s.details())
}

func TestSync_TheUISaysWhatItTakes(t *testing.T) {
	t.Parallel()
	s := newSync(t, "sync/con-1")
	s.fullRun()
	definition := s.metadata().GetDefinition()
	described := map[string]string{}
	for _, handler := range definition.GetUpdateDefinitions() {
		described[handler.GetName()] = handler.GetDescription()
	}
	for _, handler := range definition.GetSignalDefinitions() {
		described[handler.GetName()] = handler.GetDescription()
	}
	for name, example := range map[string]string{
		workflows.UpdateRequestSync: `{"requested_by":"user_42"}`, workflows.SignalJoinRequested: `{"requested_by":"user_42"}`,
		workflows.UpdateDecideGuard: `{"decision":"allow","by":"user_42"}`,
	} {
		require.Contains(t, described[name], example, name)
	}
}
