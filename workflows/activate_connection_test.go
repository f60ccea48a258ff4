package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/workflows"
)

// activationSuite is an activation whose activities answer as a test wants.
type activationSuite struct {
	suite
	check func() (activities.TokenCheck, error)
	fetch func() (activities.CatalogueResult, error)
	start func() error

	checks, fetches, starts []activities.ActivationInput

	// Of a preview.
	read   func(activities.ReadPeopleInput) (activities.ReadPeopleResult, error)
	reads  []activities.ReadPeopleInput
	plans  []activities.PlanInput
	closes []activities.CloseInput
}

func newActivation(t *testing.T) *activationSuite {
	t.Helper()
	s := &activationSuite{
		suite: newSuite(t, "activate/con-1"),
		check: func() (activities.TokenCheck, error) { return activities.TokenCheck{Accepted: true}, nil },
		fetch: func() (activities.CatalogueResult, error) {
			return activities.CatalogueResult{Venues: 3, WageCodes: 9, Connected: 2, Undecided: 1}, nil
		},
		start: func() error { return nil },
		read:  func(activities.ReadPeopleInput) (activities.ReadPeopleResult, error) { return readAll, nil },
	}
	answer(s.env, reading.ReadPeople, &s.reads, func(in activities.ReadPeopleInput) (activities.ReadPeopleResult, error) { return s.read(in) })
	answer(s.env, syncing.PlanSync, &s.plans, func(activities.PlanInput) (activities.PlanResult, error) {
		return activities.PlanResult{Total: 5, Closed: &activities.Ending{
			Outcome: domain.SyncOK, Counts: domain.Counts{"new": 3, "matched": 2, "skipped": 1, "skipped.email_blank": 1},
		}}, nil
	})
	answer(s.env, syncing.CloseSync, &s.closes, func(in activities.CloseInput) (activities.Ending, error) {
		return activities.Ending{Outcome: in.Outcome, Counts: domain.Counts{}}, nil
	})
	answer(s.env, reading.CheckToken, &s.checks, func(activities.ActivationInput) (activities.TokenCheck, error) { return s.check() })
	answer(s.env, reading.FetchCatalogue, &s.fetches, func(activities.ActivationInput) (activities.CatalogueResult, error) { return s.fetch() })
	s.env.OnActivity(nights.StartFirstSync, mock.Anything, mock.Anything).Return(func(_ context.Context, in activities.ActivationInput) error {
		s.starts = append(s.starts, in)
		return s.start()
	})
	return s
}

func (s *activationSuite) run() {
	s.env.ExecuteWorkflow(workflows.ActivateConnection, workflows.ActivateConnectionInput{ConnectionID: connection, RequestedBy: "user_42"})
}

func TestActivate_C1_C2_ChecksFetchesAndStartsTheFirstSync(t *testing.T) {
	t.Parallel()
	s := newActivation(t)
	s.run()
	require.JSONEq(t, `{"outcome":"ok","counts":{"venues":3,"wage_codes":9,"connected":2,"undecided":1}}`, s.result())
	asked := []activities.ActivationInput{{ConnectionID: connection, RequestedBy: "user_42"}}
	require.Equal(t, asked, s.checks)
	require.Equal(t, asked, s.fetches)
	require.Equal(t, asked, s.starts)
	require.JSONEq(t, `{"stage":"active","counts":{"venues":3,"wage_codes":9,"connected":2,"undecided":1},
		"next_step":"Decide about 1 venues: starter mappings list"}`, s.query(workflows.QueryStatus))
}

func (s *activationSuite) runPreviewFirst() {
	s.env.ExecuteWorkflow(workflows.ActivateConnection,
		workflows.ActivateConnectionInput{ConnectionID: connection, RequestedBy: "user_42", PreviewFirst: true})
}

func TestActivate_C2_S19_WhoLooksFirstSeesWhatTheFirstSyncWouldDo(t *testing.T) {
	t.Parallel()
	s := newActivation(t)
	var seen []string
	s.read = func(activities.ReadPeopleInput) (activities.ReadPeopleResult, error) {
		seen = append(seen, s.query(workflows.QueryStatus), s.details())
		return readAll, nil
	}
	s.runPreviewFirst()
	require.Equal(t, []activities.ActivationInput{{ConnectionID: connection, RequestedBy: "user_42", PreviewFirst: true}}, s.checks)
	require.Empty(t, s.starts, "nothing is synchronised before somebody resumes it")
	run := s.reads[0].Run
	require.Equal(t, activities.ModePreview, run.Mode)
	require.Equal(t, "activation", run.Trigger)
	require.Equal(t, "activate/con-1", run.WorkflowID)
	require.Equal(t, run, s.plans[0].Run)
	counts := `{"venues":3,"wage_codes":9,"connected":2,"undecided":1,"new":3,"matched":2,"skipped":1,"skipped.email_blank":1}`
	require.JSONEq(t, `{"outcome":"ok","counts":`+counts+`,"run_id":"`+run.ID+`"}`, s.result())

	require.Contains(t, seen[0], `"stage":"previewing the first synchronisation: reading"`)
	require.Contains(t, seen[0], `"undecided":1`, "what is known already is shown")
	require.Contains(t, seen[1], "2. fetch venues and wage codes, and connect those of equal name: done")
	require.Contains(t, seen[1], "3. preview the first synchronisation: **at work**")
	require.Contains(t, s.details(), "3. preview the first synchronisation: done")
	require.Contains(t, s.details(), "| skipped.email_blank | 1 |")
	status := s.query(workflows.QueryStatus)
	require.Contains(t, status, `"stage":"previewed"`)
	require.Contains(t, status, "starter connections resume --connection con-1")
	require.Contains(t, status, "starter sync items --run "+run.ID)
	require.Contains(t, status, "Decide about 1 venues")
}

func TestActivate_C2_WhatEndsThePreview(t *testing.T) {
	t.Parallel()
	for kind, outcome := range map[string]string{
		activities.ErrorTokenRefused: "refused", activities.ErrorRateLimited: "unreachable", activities.ErrorUnavailable: "unreachable",
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s := newActivation(t)
			s.read = func(activities.ReadPeopleInput) (r activities.ReadPeopleResult, _ error) {
				return r, temporal.NewNonRetryableApplicationError("no", kind, nil)
			}
			s.runPreviewFirst()
			require.Contains(t, s.result(), `"outcome":"`+outcome+`"`)
			require.Contains(t, s.details(), "3. preview the first synchronisation: **stopped here**")
			require.Len(t, s.closes, 1, "its run is closed")
			require.Empty(t, s.starts)
		})
	}
	t.Run("a cancellation closes its run", func(t *testing.T) {
		t.Parallel()
		s := newActivation(t)
		s.read = func(activities.ReadPeopleInput) (r activities.ReadPeopleResult, _ error) {
			return r, temporal.NewApplicationError("503", activities.ErrorUnavailable)
		}
		s.after(time.Minute, s.env.CancelWorkflow)
		s.runPreviewFirst()
		require.True(t, temporal.IsCanceledError(s.env.GetWorkflowError()))
		require.Equal(t, domain.SyncCancelled, s.closes[0].Outcome)
	})
}

func TestActivate_C1_C8_NothingIsFetchedUnderATokenThatIsNotTaken(t *testing.T) {
	t.Parallel()
	refused := temporal.NewNonRetryableApplicationError("401", activities.ErrorTokenRefused, nil)
	down := temporal.NewApplicationError("503", activities.ErrorUnavailable)
	tests := map[string]struct {
		check   activities.TokenCheck
		err     error
		outcome string
	}{
		"C1 refused":       {activities.TokenCheck{Problem: activities.ProblemTokenRefused}, nil, "refused"},
		"C8 other account": {activities.TokenCheck{Problem: activities.ProblemOtherAccount}, nil, "other_account"},
		"no token":         {activities.TokenCheck{}, refused, "refused"},
		"out of reach":     {activities.TokenCheck{}, down, "unreachable"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newActivation(t)
			s.check = func() (activities.TokenCheck, error) { return test.check, test.err }
			s.run()
			require.JSONEq(t, `{"outcome":"`+test.outcome+`","counts":{}}`, s.result())
			require.Empty(t, s.fetches)
			require.Empty(t, s.starts)
			require.Contains(t, s.query(workflows.QueryStatus), `"stage":"`+test.outcome+`"`)
			require.Contains(t, s.details(), "**What you can do:** ")
		})
	}
}

func TestActivate_WhatEndsTheFetching(t *testing.T) {
	t.Parallel()
	for kind, outcome := range map[string]string{
		activities.ErrorTokenRefused: "refused", activities.ErrorRateLimited: "unreachable", activities.ErrorUnavailable: "unreachable",
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s := newActivation(t)
			s.fetch = func() (r activities.CatalogueResult, _ error) {
				return r, temporal.NewNonRetryableApplicationError("no", kind, nil)
			}
			s.run()
			require.Contains(t, s.result(), `"outcome":"`+outcome+`"`)
			require.Empty(t, s.starts)
		})
	}
	for _, kind := range []string{activities.ErrorProtocol, activities.ErrorForbidden, activities.ErrorInvalidInput} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s := newActivation(t)
			s.fetch = func() (r activities.CatalogueResult, _ error) {
				return r, temporal.NewNonRetryableApplicationError("no", kind, nil)
			}
			s.run()
			require.Equal(t, kind, s.failure().Type())
			require.Empty(t, s.starts)
		})
	}
}

func TestActivate_FailsWhereTheFirstSyncCannotBeStarted(t *testing.T) {
	t.Parallel()
	s := newActivation(t)
	s.start = func() error { return temporal.NewNonRetryableApplicationError("no engine", "Engine", nil) }
	s.run()
	require.Equal(t, "Engine", s.failure().Type())
}
