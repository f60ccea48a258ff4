package app

import (
	"context"
	"errors"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/workflows"
)

// syncStarter starts synchronisations under their fixed id (S2).
type syncStarter struct {
	temporal client.Client
}

// StartSync starts a connection's full run, or asks the one that is running for a
// pass. A run that ends between the two is started after all: a signal that finds
// nobody starts the sync again.
func (s *syncStarter) StartSync(ctx context.Context, request activities.StartSync) (joined bool, err error) {
	if started, err := s.startedSince(ctx, request); started || err != nil {
		return false, err
	}
	for {
		err := s.start(ctx, request)
		if _, running := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err); !running {
			return false, err
		}
		err = s.temporal.SignalWorkflow(ctx, workflows.SyncID(request.ConnectionID), "", workflows.SignalJoinRequested,
			workflows.RequestSyncInput{RequestedBy: request.RequestedBy, Night: request.Night})
		if _, gone := errors.AsType[*serviceerror.NotFound](err); !gone {
			return true, err
		}
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
	}
}

// startedSince reports whether the connection's latest full run was started at the
// instant that the request names, or later. Both are the engine's own times.
func (s *syncStarter) startedSince(ctx context.Context, request activities.StartSync) (bool, error) {
	if request.Since.IsZero() {
		return false, nil
	}
	latest, err := latestExecution(ctx, s.temporal, workflows.SyncID(request.ConnectionID))
	return latest != nil && !latest.GetStartTime().AsTime().Before(request.Since), err
}

// SyncRuns reports whether a full run of the connection is open in the engine.
func (s *syncStarter) SyncRuns(ctx context.Context, connectionID string) (bool, error) {
	return runs(ctx, s.temporal, workflows.SyncID(connectionID))
}

// exportEngine tells of exports what the engine alone knows.
type exportEngine struct {
	temporal client.Client
}

// ExportRuns reports whether the workflow of an export has not ended.
func (e *exportEngine) ExportRuns(ctx context.Context, workflowID string) (bool, error) {
	return runs(ctx, e.temporal, workflowID)
}

// runs reports whether a workflow has the id and has not ended.
func runs(ctx context.Context, temporal client.Client, workflowID string) (bool, error) {
	latest, err := latestExecution(ctx, temporal, workflowID)
	return latest.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, err
}

// latestExecution is the workflow that has the id, or had it last; nil where none did.
func latestExecution(
	ctx context.Context, temporal client.Client, workflowID string,
) (*workflowpb.WorkflowExecutionInfo, error) {
	described, err := temporal.DescribeWorkflowExecution(ctx, workflowID, "")
	if isNotFound(err) {
		return nil, nil //nolint:nilnil // none is an answer
	}
	return described.GetWorkflowExecutionInfo(), err
}

func (s *syncStarter) start(ctx context.Context, request activities.StartSync) error {
	options := syncOptions(workflows.SyncID(request.ConnectionID), request.ConnectionID, request.Trigger)
	options.WorkflowIDConflictPolicy = enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL
	options.WorkflowExecutionErrorWhenAlreadyStarted = true
	_, err := s.temporal.ExecuteWorkflow(ctx, options, workflows.TypeSyncTeamMembers, workflows.SyncTeamMembersInput{
		ConnectionID: request.ConnectionID, Trigger: request.Trigger,
		Night: request.Night, RequestedBy: request.RequestedBy,
	})
	return err
}

// syncOptions are what every start of a synchronisation has in common. The caller
// states the conflict policy. An id may be used again: each run ends.
func syncOptions(workflowID, connectionID, trigger string) client.StartWorkflowOptions {
	priority := workflows.PriorityManual
	if trigger == "nightly" {
		priority = workflows.PriorityNightly
	}
	return client.StartWorkflowOptions{
		ID:                    workflowID,
		TaskQueue:             workflows.QueueMain,
		WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		Priority:              temporal.Priority{PriorityKey: priority, FairnessKey: connectionID},
		StaticSummary:         fmt.Sprintf("Synchronise connection %s (%s)", connectionID, trigger),
		TypedSearchAttributes: temporal.NewSearchAttributes(
			workflows.AttributeConnection.ValueSet(connectionID),
			workflows.AttributeTrigger.ValueSet(trigger),
		),
	}
}
