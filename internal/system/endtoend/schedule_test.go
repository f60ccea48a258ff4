package endtoend

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.uber.org/zap"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/eitje/connexie-worker/internal/app"
	"github.com/eitje/connexie-worker/workflows"
)

// theSchedule looks at the one schedule that starts the nights. The harness has
// paused it as an operator would.
func theSchedule(t *testing.T, s *system) {
	handle := s.temporal.ScheduleClient().GetHandle(t.Context(), workflows.NightlySyncID)
	t.Run("it is created once and then left alone", func(t *testing.T) {
		require.Equal(t, app.ScheduleCreated, s.migrated.Schedule)
		require.Equal(t, app.ScheduleUnchanged, s.migrateAgain(t).Schedule)
		require.Empty(t, s.migrateAgain(t).SearchAttributes)
	})
	t.Run("what an operator paused stays paused", func(t *testing.T) {
		s.requirePaused(t, handle)
	})
	t.Run("an older one is brought up to date and stays paused", func(t *testing.T) {
		age(t, handle)
		require.Equal(t, app.ScheduleUpdated, s.migrateAgain(t).Schedule)
		require.Equal(t, app.ScheduleUnchanged, s.migrateAgain(t).Schedule)
		s.requirePaused(t, handle)
	})
	t.Run("an operator pauses and resumes it", func(t *testing.T) { s.pausedByHand(t, handle) })
	t.Run("every night of next year is 23:00 in Amsterdam, exactly once", s.everyNight)
}

func (s *system) migrateAgain(t *testing.T) app.Migration {
	t.Helper()
	again, err := app.Migrate(t.Context(), s.starter, zap.NewNop(), func(string) {})
	require.NoError(t, err)
	return again
}

func (s *system) requirePaused(t *testing.T, handle client.ScheduleHandle) {
	t.Helper()
	described, err := handle.Describe(t.Context())
	require.NoError(t, err)
	require.True(t, described.Schedule.State.Paused)
	require.Equal(t, pausedBy, described.Schedule.State.Note)
}

// age makes the schedule what an earlier version could have left: another hour, and
// the hash of that.
func age(t *testing.T, handle client.ScheduleHandle) {
	t.Helper()
	require.NoError(t, handle.Update(t.Context(), client.ScheduleUpdateOptions{
		DoUpdate: func(in client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
			schedule := in.Description.Schedule
			schedule.Spec = &client.ScheduleSpec{
				Calendars: []client.ScheduleCalendarSpec{{Hour: []client.ScheduleRange{{Start: 4}}}},
			}
			attributes := temporal.NewSearchAttributes(workflows.AttributeSpecHash.ValueSet("older"))
			return &client.ScheduleUpdate{Schedule: &schedule, TypedSearchAttributes: &attributes}, nil
		},
	}))
	// The engine takes an update at once and does it a moment later.
	require.Eventually(t, func() bool {
		described, err := handle.Describe(t.Context())
		require.NoError(t, err)
		hash, _ := described.TypedSearchAttributes.GetKeyword(workflows.AttributeSpecHash)
		return hash == "older"
	}, patience, glance)
}

// everyNight asks the engine itself when it would start the nights of next year,
// both clock changes included.
func (s *system) everyNight(t *testing.T) {
	amsterdam, err := time.LoadLocation("Europe/Amsterdam")
	require.NoError(t, err)
	first := time.Date(time.Now().Year()+1, time.January, 1, 0, 0, 0, 0, amsterdam)
	next := first.AddDate(1, 0, 0)
	answer, err := s.temporal.WorkflowService().ListScheduleMatchingTimes(t.Context(),
		&workflowservice.ListScheduleMatchingTimesRequest{
			Namespace: s.namespace, ScheduleId: workflows.NightlySyncID,
			StartTime: timestamppb.New(first), EndTime: timestamppb.New(next),
		})
	require.NoError(t, err)
	gaps := map[time.Duration]int{}
	var before time.Time
	for i, stamp := range answer.GetStartTime() {
		night := stamp.AsTime().In(amsterdam)
		day := first.AddDate(0, 0, i)
		require.Equal(t, time.Date(day.Year(), day.Month(), day.Day(), 23, 0, 0, 0, amsterdam), night)
		if !before.IsZero() {
			gaps[night.Sub(before)]++
		}
		before = night
	}
	days := int(next.Sub(first).Hours()+1) / 24
	require.Len(t, answer.GetStartTime(), days)
	require.Equal(t, map[time.Duration]int{
		24 * time.Hour: days - 3, 23 * time.Hour: 1, 25 * time.Hour: 1,
	}, gaps, "one night after a short day and one after a long one")
}
