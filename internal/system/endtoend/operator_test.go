package endtoend

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"github.com/eitje/connexie-worker/internal/app"
	"github.com/eitje/connexie-worker/internal/config"
	"github.com/eitje/connexie-worker/workflows"
)

// operator is what a person at a command line works with.
func (s *system) operator(t *testing.T) *app.Operator {
	t.Helper()
	operator, err := app.OpenOperator(t.Context(), s.starter, zap.NewNop(), config.PartDatabase, config.PartKeys, config.PartTemporal)
	require.NoError(t, err)
	t.Cleanup(operator.Close)
	return operator
}

// pausedByHand pauses and resumes the schedule as the runbook says, and leaves it as the
// harness made it.
func (s *system) pausedByHand(t *testing.T, handle client.ScheduleHandle) {
	operator := s.operator(t)
	paused, err := operator.PauseNights(t.Context(), "user_42")
	require.NoError(t, err)
	require.True(t, paused.Paused)
	require.Equal(t, "paused by user_42", paused.Note)
	_, err = operator.PauseNights(t.Context(), "Jan de Vries")
	require.Error(t, err, "a note carries ids alone (N4)")

	resumed, err := operator.ResumeNights(t.Context(), "")
	require.NoError(t, err)
	require.False(t, resumed.Paused)
	require.Len(t, resumed.Nights, 1)
	require.NoError(t, handle.Pause(t.Context(), client.SchedulePauseOptions{Note: pausedBy}))
}

// cancelledByHand ends a run by hand while it reads; the next one does the rest.
func cancelledByHand(t *testing.T, s *system) {
	o := s.small(t, "Met de hand", 20)
	o.settle(t)
	operator := s.operator(t)
	_, err := operator.CancelSync(t.Context(), o.connection)
	var refused *app.Problem
	require.ErrorAs(t, err, &refused)
	require.Equal(t, app.KindRefused, refused.Kind, "nothing is under way")

	o.touch(t)
	before := o.state(t)
	reach, release := o.hold(t)
	run := o.startSync(t)
	reach()
	ticket, err := operator.CancelSync(t.Context(), o.connection)
	require.NoError(t, err)
	ended, err := operator.Follow(t.Context(), ticket, func(app.Run) {})
	require.NoError(t, err)
	require.EqualValues(t, "cancelled", ended.Outcome)
	require.Equal(t, before, o.state(t))
	require.Error(t, run.Get(t.Context(), nil))
	release()

	require.Equal(t, 1, o.await(t, o.startSync(t)).Counts["updated"], "the next one does the rest")
	require.Equal(t, workflows.SyncID(o.connection), run.GetID())
}
