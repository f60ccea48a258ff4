package domain_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
)

// Every state and every step: what is not allowed leaves the state as it is.
func TestConnection_C9_WhichStepsCanBeTakenWhere(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		from                domain.ConnectionState
		paused, resumed     domain.ConnectionState
		mayPause, mayResume bool
	}{
		{domain.ConnectionInactive, domain.ConnectionInactive, domain.ConnectionInactive, false, false},
		{domain.ConnectionActive, domain.ConnectionPaused, domain.ConnectionActive, true, true},
		{domain.ConnectionNeedsToken, domain.ConnectionPaused, domain.ConnectionNeedsToken, true, true},
		{domain.ConnectionPaused, domain.ConnectionPaused, domain.ConnectionActive, true, true},
		{domain.ConnectionRemoved, domain.ConnectionRemoved, domain.ConnectionRemoved, false, false},
	} {
		t.Run(string(row.from), func(t *testing.T) {
			t.Parallel()
			paused, may := row.from.After(domain.StepPause)
			require.Equal(t, row.paused, paused)
			require.Equal(t, row.mayPause, may)
			resumed, may := row.from.After(domain.StepResume)
			require.Equal(t, row.resumed, resumed)
			require.Equal(t, row.mayResume, may)
			removed, may := row.from.After(domain.StepRemove)
			require.Equal(t, domain.ConnectionRemoved, removed)
			require.True(t, may)
			_, may = row.from.After("forget")
			require.False(t, may, "a step that there is not")
		})
	}
}

func TestConnection_C9_TakingAStepAgainChangesNothing(t *testing.T) {
	t.Parallel()
	for _, from := range []domain.ConnectionState{
		domain.ConnectionInactive, domain.ConnectionActive, domain.ConnectionNeedsToken, domain.ConnectionPaused, domain.ConnectionRemoved,
	} {
		for _, step := range []domain.ConnectionStep{domain.StepPause, domain.StepResume, domain.StepRemove} {
			once, may := from.After(step)
			if !may {
				continue
			}
			twice, may := once.After(step)
			require.True(t, may, "%s %s", step, once)
			require.Equal(t, once, twice)
		}
	}
}

func TestConnection_N6_TheThirdNightInARowIsOneTooMany(t *testing.T) {
	t.Parallel()
	for nights, want := range []bool{false, false, false, true, true} {
		require.Equal(t, want, domain.Quarantined(nights), "%d nights", nights)
	}
}

func TestConnectionSettings_S10_OneLineForEachThatDiffers(t *testing.T) {
	t.Parallel()
	was := domain.ConnectionSettings{Guard: domain.GuardLimits{CreationsFloor: 50, CreationsPercent: 50, ChangesFloor: 10, ChangesPercent: 20}}
	require.Empty(t, was.Changes("con-1", was))
	is := domain.ConnectionSettings{
		Guard:            domain.GuardLimits{CreationsFloor: 60, CreationsPercent: 50, ChangesFloor: 0, ChangesPercent: 30},
		AutomaticEndings: true, LikelyDuplicatesWait: true,
	}
	line := func(field, before, after string) domain.Change {
		return domain.Change{Object: domain.ObjectConnection, ObjectID: "con-1", Field: field, Before: before, After: after}
	}
	require.Equal(t, []domain.Change{
		line("guard_creations_floor", "50", "60"), line("guard_changes_floor", "10", "0"), line("guard_changes_percent", "20", "30"),
		line("automatic_endings", "false", "true"), line("likely_duplicates_wait", "false", "true"),
	}, was.Changes("con-1", is))
}

func TestConnectionSettings_S16_WhatTheGuardMayBe(t *testing.T) {
	t.Parallel()
	require.Empty(t, domain.ConnectionSettings{}.Problems())
	require.Empty(t, domain.ConnectionSettings{Guard: domain.GuardLimits{
		CreationsFloor: 100_000, CreationsPercent: 1000, ChangesFloor: 100_000, ChangesPercent: 1000,
	}}.Problems())
	require.Equal(t, []string{
		"the creations floor must be 0 to 100000", "the creations percent must be 0 to 1000",
		"the changes floor must be 0 to 100000", "the changes percent must be 0 to 1000",
	}, domain.ConnectionSettings{Guard: domain.GuardLimits{
		CreationsFloor: -1, CreationsPercent: 1001, ChangesFloor: 100_001, ChangesPercent: -1,
	}}.Problems())
}

func TestConnection_S10_AStateThatChangesLeavesALine(t *testing.T) {
	t.Parallel()
	require.Empty(t, domain.StateChange("con-1", domain.ConnectionPaused, domain.ConnectionPaused))
	require.Equal(t, []domain.Change{{
		Object: domain.ObjectConnection, ObjectID: "con-1", Field: "state", Before: "active", After: "paused",
	}}, domain.StateChange("con-1", domain.ConnectionActive, domain.ConnectionPaused))
}
