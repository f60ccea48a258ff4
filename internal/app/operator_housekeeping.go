package app

import (
	"context"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/eitje/connexie-worker/internal/config"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/workflows"
)

// terms are the configured days as the rules know them.
func terms(r config.Retention) domain.Retention {
	return domain.Retention{
		Mirror: r.MirrorDays, Runs: r.RunsDays, Previews: r.PreviewsDays, Lines: r.LinesDays, Changes: r.ChangesDays,
		Notifications: r.NotificationsDays, Erased: r.ErasedDays,
	}
}

// Housekeeping is one day's housekeeping. Outcome is empty while it is under way.
type Housekeeping struct {
	HousekeepingID string                     `json:"housekeeping_id"`
	WorkflowID     string                     `json:"workflow_id"`
	Link           string                     `json:"link,omitempty"`
	Outcome        domain.HousekeepingOutcome `json:"outcome,omitempty"`
	// Counts has what went by kind, and what was left undone: failed and drafts_unsettled.
	Counts    domain.Counts `json:"counts"`
	StartedAt time.Time     `json:"started_at"`
	ClosedAt  time.Time     `json:"closed_at,omitzero"`
}

// Housekeepings lists the latest, the last one first. Needs the database.
func (o *Operator) Housekeepings(ctx context.Context, limit int) ([]Housekeeping, error) {
	found, err := o.store.Housekeepings(ctx, limit)
	listed := make([]Housekeeping, 0, len(found))
	for _, one := range found {
		listed = append(listed, Housekeeping{
			HousekeepingID: one.ID, WorkflowID: one.WorkflowID, Link: o.workflowLink(one.WorkflowID),
			Outcome: one.Outcome, Counts: one.Counts, StartedAt: one.StartedAt, ClosedAt: one.ClosedAt,
		})
	}
	return listed, err
}

// StartedHousekeeping is a housekeeping that was started by hand.
type StartedHousekeeping struct {
	WorkflowID string `json:"workflow_id"`
	Link       string `json:"link,omitempty"`
	// Result is what it came to; nil where nobody waited for it.
	Result *workflows.HousekeepingResult `json:"result,omitempty"`
}

// RunHousekeeping starts a housekeeping now, beside the schedule's own; two at once do no
// harm. Needs Temporal.
func (o *Operator) RunHousekeeping(ctx context.Context) (StartedHousekeeping, error) {
	ctx, cancel := context.WithTimeout(ctx, engineBound)
	defer cancel()
	started := StartedHousekeeping{
		WorkflowID: workflows.HousekeepingID + "-by-hand-" + o.now().UTC().Format("2006-01-02T15:04:05.000Z"),
	}
	started.Link = o.workflowLink(started.WorkflowID)
	_, err := o.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:                       started.WorkflowID,
		TaskQueue:                workflows.QueueMain,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowIDReusePolicy:    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		WorkflowExecutionTimeout: housekeepingTimeout,
		Priority:                 temporal.Priority{PriorityKey: workflows.PriorityHousekeeping},
		StaticSummary:            "A housekeeping started by hand",
	}, workflows.TypeHousekeeping, workflows.HousekeepingInput{})
	return started, fromEngine("start a housekeeping", err)
}

// AwaitHousekeeping waits until a housekeeping that was started has ended. It ends with the
// context's error where that ends first; the housekeeping goes on.
func (o *Operator) AwaitHousekeeping(ctx context.Context, started StartedHousekeeping) (StartedHousekeeping, error) {
	var result workflows.HousekeepingResult
	if err := o.temporal.GetWorkflow(ctx, started.WorkflowID, "").Get(ctx, &result); err != nil {
		return started, o.endedBadly(ctx, "the housekeeping "+started.WorkflowID, started.Link, err)
	}
	started.Result = &result
	return started, nil
}
