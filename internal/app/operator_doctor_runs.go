package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/workflows"
)

// finding is what somebody must know about something that may be well.
type finding struct {
	status       CheckStatus
	detail, next string
}

// runs looks at the last full run of each connection: at those that wait for somebody,
// failed, or do not come on. A run that goes well is counted and not named.
func (d *doctor) runs(ctx context.Context) {
	if d.store == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, callBound)
	defer cancel()
	summaries, err := d.store.ConnectionSummaries(ctx)
	if err != nil {
		return // the schema has been reported
	}
	well := 0
	for _, summary := range summaries {
		if summary.StartedAt == nil {
			continue
		}
		found := judgeRun(summary, d.pending(ctx, summary), d.now())
		if summary.Outcome == domain.SyncFailed {
			found = d.failed(ctx, summary, found)
		}
		if found.status == CheckOK {
			well++
			continue
		}
		d.note(found.status, "run of "+summary.ConnectionID, found.next, "%s", found.detail)
	}
	if well > 0 {
		d.ok("last runs", "%d need nobody", well)
	}
}

// pending is what the engine knows of a run that has not ended; nil where it has, or
// where the engine does not tell.
func (d *doctor) pending(ctx context.Context, summary store.ConnectionSummary) *workflowservice.DescribeWorkflowExecutionResponse {
	if d.temporal == nil || summary.Stage == store.StageClosed {
		return nil
	}
	described, err := d.temporal.DescribeWorkflowExecution(ctx, workflows.SyncID(summary.ConnectionID), "")
	if err != nil {
		return nil
	}
	return described
}

// failed adds why a run failed, and what can be done about that.
func (d *doctor) failed(ctx context.Context, summary store.ConnectionSummary, found finding) finding {
	run, err := d.store.Run(ctx, summary.RunID)
	if err != nil || run.Problem == "" {
		return found
	}
	found.detail += ": " + run.Problem
	found.next = activities.StepAfter(run.Problem)
	return found
}

// runLasts is how long a run is let go on before somebody is told: the night itself
// stops following one then.
const runLasts = 6 * time.Hour

// judgeRun tells whether the last run of a connection needs somebody.
func judgeRun(
	summary store.ConnectionSummary, engine *workflowservice.DescribeWorkflowExecutionResponse, now time.Time,
) finding {
	look := "Look at " + workflows.SyncID(summary.ConnectionID) + " in the Temporal UI, then: starter sync --connection " + summary.ConnectionID
	age := now.Sub(*summary.StartedAt).Round(time.Second)
	switch {
	case engine.GetPendingWorkflowTask().GetAttempt() > 1:
		return finding{CheckFailed, fmt.Sprintf("run %s stands at %s: its workflow task is at attempt %d",
			summary.RunID, summary.Stage, engine.GetPendingWorkflowTask().GetAttempt()),
			"The worker's log says why. If another version runs than the one that began it, start that one again."}
	case summary.Stage == store.StageHeld:
		return finding{CheckWarn, fmt.Sprintf("run %s, begun %s ago, is held (S16)", summary.RunID, age),
			"Look at it: starter sync items --run " + summary.RunID +
				". Then: starter sync decide --connection " + summary.ConnectionID + " --allow, or --reject"}
	case summary.Outcome == domain.SyncFailed:
		return finding{CheckFailed, fmt.Sprintf("run %s failed", summary.RunID), look}
	case summary.Outcome == domain.SyncUnreachable:
		return finding{CheckWarn, fmt.Sprintf("run %s could not reach Connexie (N6)", summary.RunID),
			"Nothing, or when Connexie answers again: starter sync --connection " + summary.ConnectionID}
	case summary.Stage == store.StageClosed:
		return finding{status: CheckOK}
	case engine != nil && engine.GetWorkflowExecutionInfo().GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING:
		return finding{CheckFailed, fmt.Sprintf("run %s stands at %s, and its workflow has ended", summary.RunID, summary.Stage), look}
	}
	if stuck := judgePending(engine, now); stuck != "" {
		return finding{CheckWarn, fmt.Sprintf("run %s stands at %s for %s: %s", summary.RunID, summary.Stage, age, stuck),
			"It goes on by itself once the cause is gone."}
	}
	if age > runLasts {
		return finding{CheckWarn, fmt.Sprintf("run %s stands at %s for %s", summary.RunID, summary.Stage, age), look}
	}
	return finding{status: CheckOK}
}

// judgePending tells what a workflow tries again and again, in the words of the last
// failure.
func judgePending(engine *workflowservice.DescribeWorkflowExecutionResponse, now time.Time) string {
	for _, activity := range engine.GetPendingActivities() {
		if activity.GetAttempt() > 1 {
			return retried(activity, now)
		}
	}
	return ""
}

func retried(activity *workflowpb.PendingActivityInfo, now time.Time) string {
	text := fmt.Sprintf("%s is at attempt %d", activity.GetActivityType().GetName(), activity.GetAttempt())
	if next := activity.GetScheduledTime(); activity.GetState() == enumspb.PENDING_ACTIVITY_STATE_SCHEDULED && next.AsTime().After(now) {
		text += fmt.Sprintf(", the next in %s", next.AsTime().Sub(now).Round(time.Second))
	}
	if last := activity.GetLastFailure().GetMessage(); last != "" {
		text += "; the last said: " + strings.TrimSpace(last)
	}
	return text
}
