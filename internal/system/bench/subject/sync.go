package subject

import (
	"context"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"github.com/eitje/connexie-worker/internal/secrets"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/workflows"
)

// setBy is who sets tokens here.
const setBy = "bench"

// Execution is one execution of a workflow as its client saw it.
type Execution struct {
	Seconds float64
	// Events is the length of its histories, of what it started not counted.
	Events int
}

// Run is one synchronisation.
type Run struct {
	Execution

	Result workflows.SyncResult
}

// Connect gives an organisation a connection with a token, not active yet.
func (s *Subject) Connect(ctx context.Context, organisationID, token string) (connectionID string, err error) {
	connection, err := s.store.AddConnection(ctx, organisationID, time.Now())
	if err != nil {
		return "", err
	}
	keys, err := secrets.ParseKeyRing(s.keys)
	if err != nil {
		return "", err
	}
	sealed, err := keys.Seal([]byte(token), []byte(connection.ID))
	if err != nil {
		return "", err
	}
	return connection.ID, s.store.SetToken(ctx, connection.ID, store.SealedToken(sealed), setBy, time.Now())
}

// Activate activates a connection. The run is the first synchronisation, which
// activation starts by itself; its seconds count from the request to activate.
func (s *Subject) Activate(ctx context.Context, connectionID string) (Run, error) {
	begin := time.Now()
	activation, err := s.temporal.ExecuteWorkflow(ctx, start(workflows.ActivateID(connectionID)),
		workflows.TypeActivateConnection, workflows.ActivateConnectionInput{ConnectionID: connectionID, RequestedBy: setBy})
	if err != nil {
		return Run{}, err
	}
	var activated workflows.ActivationResult
	if err := activation.Get(ctx, &activated); err != nil {
		return Run{}, err
	}
	if activated.Outcome != workflows.ActivationOK || activated.Counts["undecided"] > 0 {
		return Run{}, fmt.Errorf("activation ended as %s with %v", activated.Outcome, activated.Counts)
	}
	return s.await(ctx, s.temporal.GetWorkflow(ctx, workflows.SyncID(connectionID), ""), begin)
}

// Sync makes one full synchronisation.
func (s *Subject) Sync(ctx context.Context, connectionID string) (Run, error) {
	begin := time.Now()
	run, err := s.temporal.ExecuteWorkflow(ctx, start(workflows.SyncID(connectionID)),
		workflows.TypeSyncTeamMembers, workflows.SyncTeamMembersInput{ConnectionID: connectionID, RequestedBy: setBy})
	if err != nil {
		return Run{}, err
	}
	return s.await(ctx, run, begin)
}

// start fails where the id is taken: a run that joins another measures neither.
func start(id string) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		ID: id, TaskQueue: workflows.QueueMain,
		WorkflowIDConflictPolicy:                 enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
	}
}

func (s *Subject) await(ctx context.Context, started client.WorkflowRun, begin time.Time) (run Run, err error) {
	run.Execution, err = s.awaitResult(ctx, started, begin, &run.Result)
	return run, err
}

// awaitResult reads what a workflow ended with.
func (s *Subject) awaitResult(
	ctx context.Context, started client.WorkflowRun, begin time.Time, result any,
) (execution Execution, err error) {
	first := started.GetRunID()
	if err := started.Get(ctx, result); err != nil {
		return execution, err
	}
	execution.Seconds = time.Since(begin).Seconds()
	execution.Events, err = Events(ctx, s.temporal, started.GetID(), first)
	return execution, err
}

// Events counts the events of an execution, of the latest one where the run id is
// empty, and of those that it continued as.
func Events(ctx context.Context, c client.Client, workflowID, runID string) (events int, err error) {
	for more := true; more; more = runID != "" {
		history := c.GetWorkflowHistory(ctx, workflowID, runID, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
		runID = ""
		for history.HasNext() {
			event, err := history.Next()
			if err != nil {
				return events, err
			}
			events++
			runID = event.GetWorkflowExecutionContinuedAsNewEventAttributes().GetNewExecutionRunId()
		}
	}
	return events, nil
}
