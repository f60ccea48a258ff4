package domain_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/eitje/connexie-worker/internal/domain"
)

func TestNextNight_S1_AroundTheHourAndTheClockChanges(t *testing.T) {
	t.Parallel()
	rows := map[string][2]string{
		"S1_before_the_hour":         {"2026-11-22T12:00:00Z", "2026-11-22T22:00:00Z"},
		"S1_a_moment_before":         {"2026-11-22T21:59:59.999999999Z", "2026-11-22T22:00:00Z"},
		"S1_on_the_hour_is_the_next": {"2026-11-22T22:00:00Z", "2026-11-23T22:00:00Z"},
		"S1_after_midnight":          {"2026-11-22T23:30:00Z", "2026-11-23T22:00:00Z"},
		"S1_summer":                  {"2026-07-01T12:00:00Z", "2026-07-01T21:00:00Z"},
		"S1_clocks_go_forward":       {"2026-03-28T22:00:00Z", "2026-03-29T21:00:00Z"},
		"S1_clocks_go_back":          {"2026-10-24T21:00:00Z", "2026-10-25T22:00:00Z"},
		"S1_last_night_of_the_year":  {"2026-12-31T22:30:00Z", "2027-01-01T22:00:00Z"},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			after, err := time.Parse(time.RFC3339, row[0])
			require.NoError(t, err)
			require.Equal(t, row[1], domain.NextNight(after).UTC().Format(time.RFC3339Nano))
		})
	}
}

func TestNextNight_S1_EveryDayOfThreeYearsHasOneNight(t *testing.T) {
	t.Parallel()
	amsterdam, err := time.LoadLocation("Europe/Amsterdam")
	require.NoError(t, err)
	day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	night := domain.NextNight(time.Date(2026, 1, 1, 0, 0, 0, 0, amsterdam))
	odd := map[time.Duration]int{}
	for ; day.Year() < 2029; day = day.AddDate(0, 0, 1) {
		require.Equal(t, day.Format(time.DateOnly)+" 23:00:00", night.In(amsterdam).Format(time.DateTime))
		next := domain.NextNight(night)
		odd[next.Sub(night)]++
		night = next
	}
	require.Equal(t, map[time.Duration]int{23 * time.Hour: 3, 24 * time.Hour: 1090, 25 * time.Hour: 3}, odd,
		"three years change their clocks three times each way")
}

func TestNextNight_S1_IsTheFirstAfterAnyInstant(t *testing.T) {
	t.Parallel()
	amsterdam, err := time.LoadLocation("Europe/Amsterdam")
	require.NoError(t, err)
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		after := from.Add(time.Duration(rapid.Int64Range(0, int64(3*366*24*time.Hour)).Draw(t, "after")))
		next := domain.NextNight(after)
		require.True(t, next.After(after))
		require.Equal(t, "23:00:00", next.In(amsterdam).Format(time.TimeOnly))
		require.LessOrEqual(t, next.Sub(after), 25*time.Hour)
		for between := next.Add(-time.Hour); between.After(after); between = between.Add(-time.Hour) {
			require.NotEqual(t, 23, between.In(amsterdam).Hour(), "a night was passed over")
		}
	})
}
