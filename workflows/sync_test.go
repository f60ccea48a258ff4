package workflows_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/workflows"
)

func TestSync_ReadsPlansAppliesAndTells(t *testing.T) {
	t.Parallel()
	s := newSync(t, "sync/con-1")
	var attributes []string
	s.env.OnUpsertTypedSearchAttributes(mock.Anything).Run(func(arguments mock.Arguments) {
		set := arguments.Get(0).(temporal.SearchAttributes)
		outcome, _ := set.GetKeyword(workflows.AttributeOutcome)
		stage, _ := set.GetKeyword(workflows.AttributeStage)
		organisation, _ := set.GetKeyword(workflows.AttributeOrganisation)
		attributes = append(attributes, strings.Trim(stage+" "+outcome+" "+organisation, " "))
	}).Return(nil)
	s.fullRun()

	// The UUIDv5 of "sync/con-1||1": a repetition, also by a later version, finds the
	// same run. The test environment has no original run id.
	const run = "f0f346c0-5f51-5851-b9cd-16dcefdd9e47"
	require.JSONEq(t, `{"outcome":"ok","run_id":"`+run+`","counts":{"linked":2}}`, s.result())
	require.Equal(t, activities.Run{
		ID: run, ConnectionID: connection, WorkflowID: "sync/con-1", Pass: 1,
		Trigger: "manual", Mode: activities.ModeApply, RequestedBy: "user_42",
	}, s.reads[0].Run)
	require.Equal(t, activities.PlanInput{Run: s.reads[0].Run, Day: today}, s.plans[0])
	require.Equal(t, activities.ApplyInput{Run: s.reads[0].Run, Day: today, Total: 2}, s.applies[0])
	require.Empty(t, s.closes, "the last activity closed the run itself")
	require.Equal(t, []string{"reading", "closed ok org-1"}, attributes)
}

func TestSync_S9_AQuietNightTakesTwoActivities(t *testing.T) {
	t.Parallel()
	s := newSync(t, "sync/con-1")
	s.plan = func(activities.PlanInput) (activities.PlanResult, error) {
		return activities.PlanResult{Closed: &nothing}, nil
	}
	s.fullRun()
	require.Contains(t, s.result(), `"outcome":"nothing"`)
	require.Len(t, s.reads, 1)
	require.Len(t, s.plans, 1)
	require.Empty(t, s.applies)
	require.Empty(t, s.closes)
}

func TestSync_GoesOnFromSliceToSlice(t *testing.T) {
	t.Parallel()
	s := newSync(t, "sync/con-1")
	s.read = func(in activities.ReadPeopleInput) (activities.ReadPeopleResult, error) {
		slice := readAll
		slice.Position = activities.Position{Reading: 7, Page: in.Position.Page + 20, Cursor: "next", People: in.Position.People + 10_000, Unreadable: 3}
		slice.Done = slice.Position.Page == 60
		return slice, nil
	}
	s.apply = func(activities.ApplyInput) (activities.ApplyResult, error) {
		if len(s.applies) == 1 {
			return activities.ApplyResult{Done: 1}, nil
		}
		return activities.ApplyResult{Done: 2, Closed: &ended}, nil
	}
	s.fullRun()
	s.result()
	require.Len(t, s.reads, 3)
	require.Equal(t, activities.Position{Reading: 7, Page: 40, Cursor: "next", People: 20_000, Unreadable: 3}, s.reads[2].Position)
	require.Equal(t, 3, s.plans[0].Unreadable, "records without an id make the run one with problems (S15)")
	require.Equal(t, 3, s.applies[0].Unreadable)
	require.Len(t, s.applies, 2)
}

// Whatever ends a run, the run is closed; what an operator can expect is an outcome,
// anything else fails the workflow.
func TestSync_C8_N6_WhatEndsARun(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		err     error
		outcome domain.SyncOutcome
		problem string
		fails   bool
	}{
		"C8 refused":         {temporal.NewNonRetryableApplicationError("no", activities.ErrorTokenRefused, nil), domain.SyncRefused, "ConnexieTokenRefused", false},
		"N6 out of reach":    {temporal.NewApplicationError("down", activities.ErrorUnavailable), domain.SyncUnreachable, "ConnexieUnavailable", false},
		"N6 too many calls":  {temporal.NewApplicationError("slow down", activities.ErrorRateLimited), domain.SyncUnreachable, "ConnexieRateLimited", false},
		"S14 not believed":   {temporal.NewNonRetryableApplicationError("empty", activities.ErrorReading, nil), domain.SyncFailed, "ReadingIncomplete", true},
		"broken contract":    {temporal.NewNonRetryableApplicationError("odd", activities.ErrorProtocol, nil), domain.SyncFailed, "ConnexieProtocol", true},
		"unknown connection": {temporal.NewNonRetryableApplicationError("who", activities.ErrorInvalidInput, nil), domain.SyncFailed, "InvalidInput", true},
		"fence lost":         {temporal.NewNonRetryableApplicationError("newer", activities.ErrorFenceLost, nil), domain.SyncFailed, "FenceLost", true},
		"of no type":         {temporal.NewNonRetryableApplicationError("odd", "", errors.New("odd")), domain.SyncFailed, "", true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSync(t, "sync/con-1")
			s.read = func(activities.ReadPeopleInput) (activities.ReadPeopleResult, error) {
				return activities.ReadPeopleResult{}, test.err
			}
			s.fullRun()
			require.Equal(t, []activities.CloseInput{{Run: s.reads[0].Run, Outcome: test.outcome, Problem: test.problem}}, s.closes)
			require.Empty(t, s.plans)
			if test.fails {
				require.Equal(t, test.problem, s.failure().Type())
				return
			}
			require.JSONEq(t, `{"outcome":"`+string(test.outcome)+`","run_id":"`+s.reads[0].Run.ID+`","counts":{}}`, s.result())
			require.NotEmpty(t, s.progress().NextStep)
		})
	}
}

func TestSync_N6_AnOutageIsBorneLongerAtNightThanWhileSomebodyWaits(t *testing.T) {
	t.Parallel()
	for trigger, bound := range map[string]time.Duration{"manual": 30 * time.Minute, "activation": 30 * time.Minute, "nightly": 5 * time.Hour} {
		t.Run(trigger, func(t *testing.T) {
			t.Parallel()
			s := newSync(t, "sync/con-1")
			var borne time.Duration
			s.env.SetOnActivityStartedListener(func(info *activity.Info, _ context.Context, _ converter.EncodedValues) {
				if info.ActivityType.Name == "ReadPeople" {
					borne = info.ScheduleToCloseTimeout
				}
			})
			s.run(workflows.SyncTeamMembersInput{ConnectionID: connection, Trigger: trigger})
			s.result()
			require.Equal(t, bound, borne)
		})
	}
}

// A run that cannot be closed must not pass for one that ended well.
func TestSync_AFailureToCloseFailsTheWorkflow(t *testing.T) {
	t.Parallel()
	broken := temporal.NewNonRetryableApplicationError("disk full", activities.ErrorDatabase, nil)
	for name, cause := range map[string]error{
		"after an outcome": temporal.NewNonRetryableApplicationError("no", activities.ErrorTokenRefused, nil),
		"after a failure":  temporal.NewNonRetryableApplicationError("odd", activities.ErrorProtocol, nil),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSync(t, "sync/con-1")
			s.plan = func(activities.PlanInput) (activities.PlanResult, error) { return activities.PlanResult{}, cause }
			s.close = func(activities.CloseInput) (activities.Ending, error) { return activities.Ending{}, broken }
			s.fullRun()
			s.failure()
		})
	}
}

func TestSync_CancelInEachStageClosesTheRunAsCancelled(t *testing.T) {
	t.Parallel()
	stages := map[string]func(*syncSuite){
		"reading": func(s *syncSuite) {
			s.read = func(activities.ReadPeopleInput) (activities.ReadPeopleResult, error) {
				s.env.CancelWorkflow()
				return activities.ReadPeopleResult{}, nil // not done: it would go on
			}
		},
		"planning": func(s *syncSuite) {
			s.plan = func(activities.PlanInput) (activities.PlanResult, error) { s.env.CancelWorkflow(); return twoLeft, nil }
		},
		"held": func(s *syncSuite) {
			s.plan = held(1)
			s.after(time.Hour, s.env.CancelWorkflow)
		},
		"applying": func(s *syncSuite) {
			s.apply = func(activities.ApplyInput) (activities.ApplyResult, error) {
				s.env.CancelWorkflow()
				return activities.ApplyResult{Done: 1}, nil
			}
		},
	}
	for stage, prepare := range stages {
		t.Run(stage, func(t *testing.T) {
			t.Parallel()
			s := newSync(t, "sync/con-1")
			prepare(s)
			s.fullRun()
			require.True(t, temporal.IsCanceledError(s.env.GetWorkflowError()), "got %v", s.env.GetWorkflowError())
			require.Equal(t, []activities.CloseInput{{Run: s.reads[0].Run, Outcome: domain.SyncCancelled}}, s.closes)
		})
	}
}

func TestSync_S19_S20_PreviewsAndOnePersonHaveIdsOfTheirOwnAndNoMessages(t *testing.T) {
	t.Parallel()
	tests := map[string]workflows.SyncTeamMembersInput{
		"preview/con-1":     {ConnectionID: connection, Mode: "preview"},
		"sync/con-1/p_1":    {ConnectionID: connection, OnlyConnexieID: "p_1"},
		"preview/con-1/p_1": {ConnectionID: connection, OnlyConnexieID: "p_1", Mode: "preview"},
	}
	for id, input := range tests {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			s := newSync(t, id)
			s.run(input)
			s.result()
			require.Empty(t, s.metadata().GetDefinition().GetUpdateDefinitions())
			require.Empty(t, s.metadata().GetDefinition().GetSignalDefinitions())
			require.Equal(t, id, s.reads[0].Run.WorkflowID)
			require.Equal(t, input.OnlyConnexieID, s.reads[0].Run.OnlyConnexieID)
		})
	}
}
