package workflows_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/workflows"
)

// housekeepingSuite is a housekeeping whose activities answer as a test wants.
type housekeepingSuite struct {
	suite
	prune  func(activities.PruneInput) (activities.PruneResult, error)
	left   func(activities.Housekeeping) (activities.LeftResult, error)
	settle func(activities.StrayDraftsInput) (activities.StrayDraftsResult, error)

	prunes  []activities.PruneInput
	lefts   []activities.Housekeeping
	settles []activities.StrayDraftsInput
	closes  []activities.CloseHousekeepingInput
}

const housekeepingID = "housekeeping-2026-11-23T03:00:00Z"

// newHousekeeping is one that removes five things in two slices, and finds a draft.
func newHousekeeping(t *testing.T, workflowID string) *housekeepingSuite {
	t.Helper()
	s := &housekeepingSuite{
		suite: newSuite(t, workflowID),
		prune: func(in activities.PruneInput) (activities.PruneResult, error) {
			position := activities.PrunePosition{Task: in.Position.Task + 4, Counts: domain.Counts{"mirror": in.Position.Task + 1}}
			return activities.PruneResult{Position: position, Done: position.Task == 8}, nil
		},
		left: func(activities.Housekeeping) (activities.LeftResult, error) {
			return activities.LeftResult{Closed: 1, ConnectionIDs: []string{connection}}, nil
		},
		settle: func(activities.StrayDraftsInput) (activities.StrayDraftsResult, error) {
			return activities.StrayDraftsResult{Settled: 1}, nil
		},
	}
	answer(s.env, keeping.PruneStored, &s.prunes, func(in activities.PruneInput) (activities.PruneResult, error) { return s.prune(in) })
	answer(s.env, keeping.CloseLeftExports, &s.lefts, func(in activities.Housekeeping) (activities.LeftResult, error) { return s.left(in) })
	answer(s.env, sending.SettleStrayDrafts, &s.settles, func(in activities.StrayDraftsInput) (activities.StrayDraftsResult, error) { return s.settle(in) })
	answer(s.env, keeping.CloseHousekeeping, &s.closes, func(in activities.CloseHousekeepingInput) (activities.CloseHousekeepingResult, error) {
		return activities.CloseHousekeepingResult{Outcome: domain.HousekeepingOutcomeOf(in.Counts)}, nil
	})
	return s
}

func (s *housekeepingSuite) run(input any) { s.env.ExecuteWorkflow(workflows.TypeHousekeeping, input) }

func TestHousekeeping_N5_PrunesSliceBySliceSettlesDraftsAndSumsUp(t *testing.T) {
	t.Parallel()
	s := newHousekeeping(t, housekeepingID)
	s.run(struct{}{})
	id := s.prunes[0].Housekeeping.ID
	require.JSONEq(t, `{"outcome":"ok","housekeeping_id":"`+id+`","counts":{"mirror":5,"exports_closed":1,"drafts_settled":1}}`, s.result())
	require.Len(t, s.prunes, 2)
	require.Equal(t, housekeepingID, s.prunes[0].Housekeeping.WorkflowID)
	require.Equal(t, activities.PrunePosition{Task: 4, Counts: domain.Counts{"mirror": 1}}, s.prunes[1].Position)
	require.Equal(t, []string{connection}, s.settles[0].ConnectionIDs)
	require.Equal(t, domain.Counts{"mirror": 5, "exports_closed": 1, "drafts_settled": 1}, s.closes[0].Counts)
	require.Contains(t, s.query(workflows.QueryProgress), `"stage":"closed"`)
}

func TestHousekeeping_ADayOnWhichNothingIsLeft(t *testing.T) {
	t.Parallel()
	s := newHousekeeping(t, "housekeeping")
	s.prune = func(activities.PruneInput) (activities.PruneResult, error) {
		return activities.PruneResult{Done: true}, nil
	}
	s.left = func(activities.Housekeeping) (activities.LeftResult, error) { return activities.LeftResult{}, nil }
	s.run(struct{}{})
	require.Contains(t, s.result(), `"outcome":"nothing"`)
	require.Empty(t, s.settles, "Connexie is not asked for nothing")
}

func TestHousekeeping_WhatIsLeftUndoneNeedsAttention(t *testing.T) {
	t.Parallel()
	s := newHousekeeping(t, housekeepingID)
	s.settle = func(activities.StrayDraftsInput) (activities.StrayDraftsResult, error) {
		return activities.StrayDraftsResult{Unsettled: 2}, nil
	}
	s.run(struct{}{})
	require.Contains(t, s.result(), `"outcome":"problems"`)
	require.Equal(t, 2, s.closes[0].Counts["drafts_unsettled"])
}

func TestHousekeeping_AFailureOfTheDatabaseIsRetriedAndThenFails(t *testing.T) {
	t.Parallel()
	s := newHousekeeping(t, housekeepingID)
	s.prune = func(activities.PruneInput) (activities.PruneResult, error) {
		return activities.PruneResult{}, temporal.NewApplicationError("away", activities.ErrorDatabase)
	}
	s.run(struct{}{})
	require.True(t, s.env.IsWorkflowCompleted())
	require.Error(t, s.env.GetWorkflowError())
	require.Greater(t, len(s.prunes), 3)
	var failure *temporal.ApplicationError
	require.ErrorAs(t, s.env.GetWorkflowError(), &failure)
}

func TestHousekeeping_BadInputIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		id    string
		input any
		says  string
	}{
		"another's id":   {"nightly-sync", struct{}{}, "housekeeping-"},
		"unknown member": {housekeepingID, map[string]any{"days": 1}, `"days"`},
		"no object":      {housekeepingID, "now", "{}"},
	} {
		s := newHousekeeping(t, c.id)
		s.run(c.input)
		failure := s.failure()
		require.Equal(t, "InvalidInput", failure.Type(), name)
		require.Contains(t, failure.Message(), c.says, name)
		require.Empty(t, s.prunes, name)
	}
}

// housekeepingCalls runs a housekeeping that calls every activity there is for one.
func housekeepingCalls(t *testing.T) *callSuite {
	t.Helper()
	s, calls := newHousekeeping(t, housekeepingID), &callSuite{}
	calls.watch(s.suite)
	s.run(struct{}{})
	return calls
}
