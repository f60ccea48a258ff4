package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/workflows"
)

// removalSuite is a removal whose activities answer as a test wants and note their order.
type removalSuite struct {
	suite
	end      func() (activities.EndWorkResult, error)
	withdraw func() (activities.WithdrawStraysResult, error)

	order []string
	ends  []activities.EndWorkInput
	asked []activities.RemovalInput
}

func newRemoval(t *testing.T) *removalSuite {
	t.Helper()
	s := &removalSuite{
		suite:    newSuite(t, "remove/con-1"),
		end:      func() (activities.EndWorkResult, error) { return activities.EndWorkResult{Ended: 2}, nil },
		withdraw: func() (activities.WithdrawStraysResult, error) { return activities.WithdrawStraysResult{}, nil },
	}
	note := func(what string) { s.order = append(s.order, what) }
	answer(s.env, removing.MarkRemoved, &s.asked, func(activities.RemovalInput) (activities.MarkRemovedResult, error) {
		note("mark")
		return activities.MarkRemovedResult{OrganisationID: "org-1"}, nil
	})
	answer(s.env, removing.EndWork, &s.ends, func(activities.EndWorkInput) (activities.EndWorkResult, error) {
		note("end")
		return s.end()
	})
	answer(s.env, sending.WithdrawStrays, &s.asked, func(activities.RemovalInput) (activities.WithdrawStraysResult, error) {
		note("withdraw")
		return s.withdraw()
	})
	answer(s.env, removing.DropTokens, &s.asked, func(activities.RemovalInput) (activities.DropTokensResult, error) {
		note("drop")
		return activities.DropTokensResult{Dropped: true}, nil
	})
	return s
}

func (s *removalSuite) run() {
	s.env.ExecuteWorkflow(workflows.RemoveConnection, workflows.RemoveConnectionInput{ConnectionID: connection, RequestedBy: "user_42"})
}

func TestRemove_C9_N3_MarksFirstAndDeletesTheTokenLast(t *testing.T) {
	t.Parallel()
	s := newRemoval(t)
	s.run()
	require.JSONEq(t, `{"outcome":"removed","counts":{"ended":2}}`, s.result())
	require.Equal(t, []string{"mark", "end", "withdraw", "drop"}, s.order)
	require.Equal(t, activities.EndWorkInput{ConnectionID: connection, WorkflowIDs: []string{
		"activate/con-1", "sync/con-1", "preview/con-1", "export/con-1", "export-preview/con-1",
	}}, s.ends[0])
	for _, in := range s.asked {
		require.Equal(t, activities.RemovalInput{ConnectionID: connection, RequestedBy: "user_42"}, in)
	}
	require.JSONEq(t, `{"stage":"removed","counts":{"ended":2},
		"next_step":"Nothing. To revive it with its links: starter activate."}`, s.query(workflows.QueryStatus))
	require.Contains(t, s.details(), "Links, exported markers and history stay.")
}

func TestRemove_C9_CountsTheEndingsThatItWithdrew(t *testing.T) {
	t.Parallel()
	s := newRemoval(t)
	s.end = func() (activities.EndWorkResult, error) { return activities.EndWorkResult{Endings: 3}, nil }
	s.run()
	require.JSONEq(t, `{"outcome":"removed","counts":{"ended":0,"endings":3}}`, s.result())
}

func TestRemove_C9_WhatCannotBeSettledHoldsNothingUp(t *testing.T) {
	t.Parallel()
	down := temporal.NewApplicationError("503", activities.ErrorUnavailable)
	for name, test := range map[string]struct {
		prepare func(*removalSuite)
		order   []string
	}{
		"a draft while Connexie is away": {func(s *removalSuite) {
			s.withdraw = func() (r activities.WithdrawStraysResult, _ error) { return r, down }
		}, []string{"mark", "end", "withdraw", "drop"}},
		"an export that does not end": {func(s *removalSuite) {
			s.end = func() (r activities.EndWorkResult, _ error) { return r, down }
		}, []string{"mark", "end", "drop"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newRemoval(t)
			test.prepare(s)
			s.run()
			require.Contains(t, s.result(), `"unsettled":1`)
			var once []string
			for _, what := range s.order {
				if len(once) == 0 || once[len(once)-1] != what {
					once = append(once, what)
				}
			}
			require.Equal(t, test.order, once)
		})
	}
}

// Whoever cancels a removal keeps the token: the connection stays removed all the same,
// and removing it again goes on.
func TestRemove_C9_ACancelledRemovalDropsNoToken(t *testing.T) {
	t.Parallel()
	s := newRemoval(t)
	s.end = func() (r activities.EndWorkResult, _ error) {
		return r, temporal.NewApplicationError("503", activities.ErrorUnavailable)
	}
	s.after(10*time.Second, s.env.CancelWorkflow)
	s.run()
	require.True(t, temporal.IsCanceledError(s.env.GetWorkflowError()))
	require.NotContains(t, s.order, "drop")
}
