package domain_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
)

func TestRetention_N5_EveryTaskHasItsTerm(t *testing.T) {
	t.Parallel()
	terms := domain.Retention{Mirror: 1, Runs: 2, Previews: 3, Lines: 4, Changes: 5, Notifications: 6, Erased: 7}
	now := time.Date(2026, time.March, 30, 4, 0, 0, 0, time.UTC)
	var days []int
	for _, task := range domain.RetentionTasks() {
		days = append(days, terms.Days(task))
		before, has := terms.Before(task, now)
		require.True(t, has)
		require.Equal(t, now.AddDate(0, 0, -terms.Days(task)), before)
		_, has = domain.Retention{}.Before(task, now)
		require.False(t, has, "without a term nothing goes")
	}
	require.Equal(t, []int{1, 2, 2, 2, 3, 4, 5, 6, 7}, days)
	require.Zero(t, terms.Days("unknown"))
}

func TestRetention_HowAHousekeepingEnded(t *testing.T) {
	t.Parallel()
	require.Equal(t, domain.HousekeepingNothing, domain.HousekeepingOutcomeOf(domain.Counts{}))
	require.Equal(t, domain.HousekeepingNothing, domain.HousekeepingOutcomeOf(domain.Counts{"mirror": 0}))
	require.Equal(t, domain.HousekeepingOK, domain.HousekeepingOutcomeOf(domain.Counts{"mirror": 3}))
	require.Equal(t, domain.HousekeepingProblems, domain.HousekeepingOutcomeOf(domain.Counts{"mirror": 3, "failed": 1}))
	require.Equal(t, domain.HousekeepingProblems, domain.HousekeepingOutcomeOf(domain.Counts{"drafts_unsettled": 1}))
}
