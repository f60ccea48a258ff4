package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/workflows"
)

// nightSuite is a night whose activities answer as a test wants.
type nightSuite struct {
	suite
	open   func(activities.OpenNightInput) (activities.OpenNightResult, error)
	start  func(activities.StartSyncsInput) (activities.StartSyncsResult, error)
	probe  func(activities.ProbeInput) (activities.ProbeResult, error)
	follow func(activities.FollowNightInput) (activities.FollowNightResult, error)

	opens   []activities.OpenNightInput
	starts  []activities.StartSyncsInput
	probes  []activities.ProbeInput
	follows []activities.FollowNightInput
}

const nightID = "nightly-sync-2026-11-22T22:00:00Z"

// newNight is a night over three connections on which everything goes well.
func newNight(t *testing.T, workflowID string) *nightSuite {
	t.Helper()
	s := &nightSuite{
		suite: newSuite(t, workflowID),
		open: func(activities.OpenNightInput) (activities.OpenNightResult, error) {
			return activities.OpenNightResult{Night: today, Total: 3}, nil
		},
		start: func(activities.StartSyncsInput) (activities.StartSyncsResult, error) {
			return activities.StartSyncsResult{After: "con-3", Started: 3, Done: true}, nil
		},
		probe: func(activities.ProbeInput) (activities.ProbeResult, error) { return activities.ProbeResult{}, nil },
		follow: func(activities.FollowNightInput) (activities.FollowNightResult, error) {
			return activities.FollowNightResult{Outcome: domain.NightOK, Total: 3, Counts: domain.Counts{"ok": 1, "nothing": 2}}, nil
		},
	}
	answer(s.env, nights.OpenNight, &s.opens, func(in activities.OpenNightInput) (activities.OpenNightResult, error) { return s.open(in) })
	answer(s.env, nights.StartSyncs, &s.starts, func(in activities.StartSyncsInput) (activities.StartSyncsResult, error) { return s.start(in) })
	answer(s.env, reading.ProbeTokens, &s.probes, func(in activities.ProbeInput) (activities.ProbeResult, error) { return s.probe(in) })
	answer(s.env, nights.FollowNight, &s.follows, func(in activities.FollowNightInput) (activities.FollowNightResult, error) { return s.follow(in) })
	return s
}

func (s *nightSuite) run(input any) { s.env.ExecuteWorkflow(workflows.TypeNightlySync, input) }

func TestNight_S1_ListsStartsFollowsAndSumsUp(t *testing.T) {
	t.Parallel()
	// Nothing decodes as null does; the engine's test environment insists on an input.
	for name, input := range map[string]any{
		"null": nil, "empty object": struct{}{}, "empty list": map[string]any{"connection_ids": []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newNight(t, nightID)
			begin := s.env.Now()
			s.run(input)
			require.JSONEq(t, `{"outcome":"ok","night_id":"`+s.opens[0].NightID+`","night":"2026-11-22","total":3,"counts":{"ok":1,"nothing":2}}`, s.result())
			require.Equal(t, nightID, s.opens[0].WorkflowID)
			require.Empty(t, s.opens[0].ConnectionIDs)
			require.Equal(t, activities.StartSyncsInput{NightID: s.opens[0].NightID, Night: today, StartsPerSecond: 20}, s.starts[0])
			require.Empty(t, s.probes)
			require.WithinDuration(t, begin.Add(6*time.Hour), s.follows[0].Until, time.Minute)
		})
	}
}

func TestNight_S1_ACaughtUpNightAnswersForItsOwnEvening(t *testing.T) {
	t.Parallel()
	s := newNight(t, nightID)
	scheduled := time.Date(2026, time.November, 22, 22, 0, 0, 0, time.UTC)
	require.NoError(t, s.env.SetTypedSearchAttributesOnStart(temporal.NewSearchAttributes(
		temporal.NewSearchAttributeKeyTime("TemporalScheduledStartTime").ValueSet(scheduled))))
	s.env.SetStartTime(scheduled.Add(5 * time.Hour))
	s.run(struct{}{})
	s.result()
	require.True(t, scheduled.Equal(s.opens[0].Scheduled))
	require.WithinDuration(t, scheduled.Add(11*time.Hour), s.follows[0].Until, time.Minute, "six hours from when it really began")
}

func TestNight_StartsTheConnectionsGivenAtTheGivenPace(t *testing.T) {
	t.Parallel()
	s := newNight(t, "nightly-sync-by-hand")
	s.open = func(activities.OpenNightInput) (activities.OpenNightResult, error) {
		return activities.OpenNightResult{Night: today, Total: 250, LeftOut: 2}, nil
	}
	s.start = func(in activities.StartSyncsInput) (activities.StartSyncsResult, error) {
		return activities.StartSyncsResult{After: in.After + "x", Started: 100, Done: in.After == "xx"}, nil
	}
	s.run(workflows.NightlySyncInput{ConnectionIDs: []string{"con-1", "con-2"}, StartsPerSecond: 0.5})
	require.Contains(t, s.result(), `"left_out":2`)
	require.Equal(t, []string{"con-1", "con-2"}, s.opens[0].ConnectionIDs)
	require.Len(t, s.starts, 3)
	for i, after := range []string{"", "x", "xx"} {
		require.Equal(t, after, s.starts[i].After)
		require.InDelta(t, 0.5, s.starts[i].StartsPerSecond, 0)
	}
}

func TestNight_C8_ProbesRefusedTokensBeforeItStarts(t *testing.T) {
	t.Parallel()
	s := newNight(t, nightID)
	s.open = func(activities.OpenNightInput) (activities.OpenNightResult, error) {
		return activities.OpenNightResult{Night: today, Total: 3, NeedToken: 2}, nil
	}
	var startedBefore int
	s.probe = func(activities.ProbeInput) (activities.ProbeResult, error) {
		startedBefore = len(s.starts)
		return activities.ProbeResult{Accepted: 1, Refused: 1}, nil
	}
	s.run(struct{}{})
	s.result()
	require.Equal(t, []activities.ProbeInput{{NightID: s.opens[0].NightID}}, s.probes)
	require.Zero(t, startedBefore, "a token that works again takes part in this very night")
}

func TestNight_N6_ProbesWhoIsInQuarantineBeforeItStarts(t *testing.T) {
	t.Parallel()
	s := newNight(t, nightID)
	s.open = func(activities.OpenNightInput) (activities.OpenNightResult, error) {
		return activities.OpenNightResult{Night: today, Total: 3, Quarantined: 2}, nil
	}
	var startedBefore int
	s.probe = func(activities.ProbeInput) (activities.ProbeResult, error) {
		startedBefore = len(s.starts)
		return activities.ProbeResult{Accepted: 1, Unanswered: 1}, nil
	}
	s.run(struct{}{})
	s.result()
	require.Equal(t, []activities.ProbeInput{{NightID: s.opens[0].NightID}}, s.probes)
	require.Zero(t, startedBefore, "one that answers again takes part in this very night")
	require.Len(t, s.starts, 1, "the others are started whoever stays away")
}

func TestNight_WhatIsNotWellIsAResultThatWantsAttention(t *testing.T) {
	t.Parallel()
	for _, outcome := range []domain.NightOutcome{domain.NightProblems, domain.NightUnfinished} {
		t.Run(string(outcome), func(t *testing.T) {
			t.Parallel()
			s := newNight(t, nightID)
			s.follow = func(activities.FollowNightInput) (activities.FollowNightResult, error) {
				return activities.FollowNightResult{Outcome: outcome, Total: 3}, nil // without counts
			}
			s.run(struct{}{})
			require.Contains(t, s.result(), `"outcome":"`+string(outcome)+`"`)
			require.Contains(t, s.result(), `"counts":{}`)
		})
	}
}

func TestNight_ProgressAndDetails(t *testing.T) {
	t.Parallel()
	s := newNight(t, nightID)
	s.run(struct{}{})
	require.JSONEq(t, `{"stage":"closed","done":3,"total":3,"counts":{"ok":1,"nothing":2},
		"next_step":"See every connection of the night with: starter nights --night 2026-11-22"}`, s.query(workflows.QueryProgress))
	require.Contains(t, s.details(), "**closed** · night of 2026-11-22 · 3 connections")
	require.Contains(t, s.details(), "| nothing | 2 |")
}

func TestNight_FailsWhereTheDatabaseDoes(t *testing.T) {
	t.Parallel()
	broken := temporal.NewNonRetryableApplicationError("gone", activities.ErrorDatabase, nil)
	for name, breakIt := range map[string]func(*nightSuite){
		"listing": func(s *nightSuite) {
			s.open = func(activities.OpenNightInput) (r activities.OpenNightResult, _ error) { return r, broken }
		},
		"starting": func(s *nightSuite) {
			s.start = func(activities.StartSyncsInput) (r activities.StartSyncsResult, _ error) { return r, broken }
		},
		"following": func(s *nightSuite) {
			s.follow = func(activities.FollowNightInput) (r activities.FollowNightResult, _ error) { return r, broken }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newNight(t, nightID)
			breakIt(s)
			s.run(struct{}{})
			require.Equal(t, activities.ErrorDatabase, s.failure().Type())
		})
	}
}
