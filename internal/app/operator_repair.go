package app

import (
	"context"
	"errors"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/workflows"
)

// RepairMode is what is done to two profiles.
type RepairMode = string

// The modes of a repair.
const (
	RepairApply   RepairMode = workflows.RepairApply
	RepairPreview RepairMode = workflows.RepairPreview
	RepairUndo    RepairMode = workflows.RepairUndo
)

// RepairRequest asks to make two profiles of one person one (S22).
type RepairRequest struct {
	// KeepID is the profile that stays, DropID the duplicate.
	KeepID string
	DropID string
	Mode   RepairMode
	// By is the id of a person or program; DefaultRequester where empty.
	By string
}

// RepairReport is how a repair, its preview or its undo ended.
type RepairReport struct {
	ConnectionID string `json:"connection_id"`
	WorkflowID   string `json:"workflow_id"`
	Link         string `json:"link,omitempty"`
	Mode         string `json:"mode"`
	// Outcome is repaired, undone, previewed, nothing or refused; Reason says why it was
	// refused.
	Outcome  domain.RepairOutcome `json:"outcome"`
	Reason   domain.RepairRefusal `json:"reason,omitempty"`
	RepairID string               `json:"repair_id,omitempty"`
	KeepID   string               `json:"keep_id"`
	DropID   string               `json:"drop_id"`
	Counts   domain.Counts        `json:"counts"`
	// Keep and Drop are both sides, of a preview alone: they are about a person (N4).
	Keep     *RepairSide `json:"keep,omitempty"`
	Drop     *RepairSide `json:"drop,omitempty"`
	NextStep string      `json:"next_step"`
}

// The outcomes of a repair, for clients of this package.
const (
	RepairDone      = domain.RepairDone
	RepairUndone    = domain.RepairUndone
	RepairPreviewed = domain.RepairPreviewed
	RepairNothing   = domain.RepairNothing
	RepairRefused   = domain.RepairRefused
)

// Repair makes two profiles one, previews that, or takes it back, and waits for the end
// (S22). A refusal is an outcome, with the reason and the next step. Where another repair
// into the same profile is under way it waits for its turn. Repeating it changes nothing.
// Needs the database and Temporal.
func (o *Operator) Repair(ctx context.Context, request RepairRequest) (RepairReport, error) {
	by, err := requester(request.By)
	if err != nil {
		return RepairReport{}, err
	}
	connection, err := o.connectionOfProfiles(ctx, request.KeepID, request.DropID)
	if err != nil {
		return RepairReport{}, err
	}
	in := workflows.RepairDuplicateInput{
		ConnectionID: connection.ID, KeepID: request.KeepID, DropID: request.DropID, Mode: request.Mode, RequestedBy: by,
	}
	report := RepairReport{
		ConnectionID: connection.ID, WorkflowID: workflows.RepairID(in.KeepID), Mode: in.Mode, KeepID: in.KeepID, DropID: in.DropID,
	}
	report.Link = o.workflowLink(report.WorkflowID)
	result, err := o.runRepair(ctx, in, report.Link)
	if err != nil {
		return report, err
	}
	report.Outcome, report.Reason, report.RepairID, report.Counts = result.Outcome, result.Reason, result.RepairID, result.Counts
	report.NextStep = repairNextStep(report)
	if in.Mode == RepairPreview {
		err = o.addSides(ctx, &report)
	}
	return report, err
}

func (o *Operator) addSides(ctx context.Context, report *RepairReport) error {
	keep, drop, err := o.store.RepairSides(ctx, report.ConnectionID, report.KeepID, report.DropID, o.today())
	if keep != nil {
		report.Keep = new(repairSide(*keep))
	}
	if drop != nil {
		report.Drop = new(repairSide(*drop))
	}
	return err
}

// runRepair starts the workflow and waits for its result. What runs under the id already
// is waited for and is not joined: it was started with another pair, or another mode.
func (o *Operator) runRepair(ctx context.Context, in workflows.RepairDuplicateInput, link string) (workflows.RepairResult, error) {
	subject := fmt.Sprintf("%s the repair of %s and %s", in.Mode, in.KeepID, in.DropID)
	var result workflows.RepairResult
	for {
		started, err := o.executeRepair(ctx, in)
		running, taken := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err)
		switch {
		case taken:
			// However that one ends, it is this one's turn then.
			_ = o.temporal.GetWorkflow(ctx, workflows.RepairID(in.KeepID), running.RunId).Get(ctx, nil)
			if ctx.Err() != nil {
				return result, ctx.Err()
			}
			continue
		case err != nil:
			return result, fromEngine(subject, err)
		}
		if err := started.Get(ctx, &result); err != nil {
			return result, o.endedBadly(ctx, subject, link, err)
		}
		return result, nil
	}
}

func (o *Operator) executeRepair(ctx context.Context, in workflows.RepairDuplicateInput) (client.WorkflowRun, error) {
	ctx, cancel := context.WithTimeout(ctx, engineBound)
	defer cancel()
	return o.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:                                       workflows.RepairID(in.KeepID),
		TaskQueue:                                workflows.QueueMain,
		WorkflowIDReusePolicy:                    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		WorkflowIDConflictPolicy:                 enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		Priority:                                 temporal.Priority{PriorityKey: workflows.PriorityRepair, FairnessKey: in.ConnectionID},
		StaticSummary:                            fmt.Sprintf("Repair, %s: %s into %s", in.Mode, in.DropID, in.KeepID),
		TypedSearchAttributes: temporal.NewSearchAttributes(
			workflows.AttributeConnection.ValueSet(in.ConnectionID),
			workflows.AttributeTrigger.ValueSet(store.TriggerManual),
		),
	}, workflows.TypeRepairDuplicate, in)
}

func repairNextStep(report RepairReport) string {
	pair := pairFlags(report.KeepID, report.DropID)
	switch report.Outcome {
	case domain.RepairRefused:
		return "Nothing was changed: " + report.Reason.Explain()
	case domain.RepairPreviewed:
		return "If they are one person: starter duplicates repair " + pair
	case domain.RepairDone:
		return "Nothing: the next sync and export find all in place. To take it back: starter duplicates undo " + pair
	case domain.RepairUndone:
		return "Nothing. What the undo could not move back is counted as edited, gone or added since."
	}
	return "Nothing: it was so already. See: starter duplicates history --connection " + report.ConnectionID
}
