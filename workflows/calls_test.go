package workflows_test

import (
	"context"
	"maps"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/workflows"
)

// callSuite notes on which queue each activity was called.
type callSuite struct {
	queues map[string]string
}

func (c *callSuite) watch(s suite) {
	c.queues = map[string]string{}
	s.env.SetOnActivityStartedListener(func(info *activity.Info, _ context.Context, _ converter.EncodedValues) {
		c.queues[info.ActivityType.Name] = info.TaskQueue
	})
}

// syncCalls runs a sync that calls every activity there is for one.
func syncCalls(t *testing.T) *callSuite {
	t.Helper()
	s, calls := newSync(t, "sync/con-1"), &callSuite{}
	calls.watch(s.suite)
	s.plan = func(activities.PlanInput) (activities.PlanResult, error) { return twoLeft, nil }
	s.apply = func(activities.ApplyInput) (activities.ApplyResult, error) {
		s.env.CancelWorkflow() // so that the run must be closed
		return activities.ApplyResult{Done: 1}, nil
	}
	s.fullRun()
	return calls
}

func nightCalls(t *testing.T) *callSuite {
	t.Helper()
	s, calls := newNight(t, nightID), &callSuite{}
	calls.watch(s.suite)
	s.open = func(activities.OpenNightInput) (activities.OpenNightResult, error) {
		return activities.OpenNightResult{Night: domain.Date{}, NeedToken: 1}, nil
	}
	s.run(struct{}{})
	return calls
}

func activationCalls(t *testing.T) *callSuite {
	t.Helper()
	s, calls := newActivation(t), &callSuite{}
	calls.watch(s.suite)
	s.run()
	return calls
}

func removalCalls(t *testing.T) *callSuite {
	t.Helper()
	s, calls := newRemoval(t), &callSuite{}
	calls.watch(s.suite)
	s.run()
	return calls
}

// exportCalls runs an export that calls every activity there is for one, and previewCalls
// the one that only a preview calls.
func exportCalls(t *testing.T) *callSuite {
	t.Helper()
	s, calls := newExport(t, "export/con-1"), &callSuite{}
	calls.watch(s.suite)
	s.mark = func(activities.VenueInput) (activities.VenueStanding, error) {
		s.env.CancelWorkflow() // so that the venue must be withdrawn
		return activities.VenueStanding{}, nil
	}
	s.run(exportInput())
	return calls
}

func previewCalls(t *testing.T) *callSuite {
	t.Helper()
	s, calls := newExport(t, "export-preview/con-1"), &callSuite{}
	calls.watch(s.suite)
	s.run(previewInput())
	return calls
}

// endingCalls runs an ending that calls every activity there is for one.
func endingCalls(t *testing.T) *callSuite {
	t.Helper()
	s, calls := newEnding(t), &callSuite{}
	calls.watch(s.suite)
	s.facts.Employment = endedInConnexie
	s.after(time.Hour, s.connexieChanged)
	s.after(2*time.Hour, func() { s.update(workflows.UpdateConfirmEnd, "", workflows.ConfirmEndInput{}) })
	s.after(3*time.Hour, s.env.CancelWorkflow)
	s.run()
	return calls
}

// repairCalls runs a repair in each of its modes.
func repairCalls(t *testing.T) *callSuite {
	t.Helper()
	all := &callSuite{queues: map[string]string{}}
	for _, mode := range []string{workflows.RepairApply, workflows.RepairPreview, workflows.RepairUndo} {
		s, calls := newRepair(t), &callSuite{}
		calls.watch(s.suite)
		s.run(mode)
		maps.Copy(all.queues, calls.queues)
	}
	return all
}
