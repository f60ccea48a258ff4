package workflows_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/workflows"
)

// activationSuite is an activation whose activities answer as a test wants.
type activationSuite struct {
	suite
	check func() (activities.TokenCheck, error)
	fetch func() (activities.CatalogueResult, error)
	start func() error

	checks, fetches, starts []activities.ActivationInput
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
	}
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
