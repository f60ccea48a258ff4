package app

import (
	"context"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
)

// engine ends what the engine runs.
type engine struct {
	temporal client.Client
}

// Execution is the execution that runs under the id now; empty where none does.
func (e *engine) Execution(ctx context.Context, workflowID string) (string, error) {
	latest, err := latestExecution(ctx, e.temporal, workflowID)
	if err != nil || latest.GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return "", err
	}
	return latest.GetExecution().GetRunId(), nil
}

// Cancel asks an execution to end. One that has ended is well.
func (e *engine) Cancel(ctx context.Context, workflowID, execution string) error {
	err := e.temporal.CancelWorkflow(ctx, workflowID, execution)
	if isNotFound(err) {
		return nil
	}
	return err
}
