package app

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/workflows"
)

// GuardDecision is somebody's word on a held run (S16).
type GuardDecision struct {
	ConnectionID string
	// Allow lets the run go on; otherwise it is rejected and changes nothing.
	Allow bool
	// By is the id of a person or program; DefaultRequester where empty.
	By string
}

// GuardDecided repeats what was decided about which run.
type GuardDecided struct {
	ConnectionID string `json:"connection_id"`
	RunID        string `json:"run_id"`
	Decision     string `json:"decision"`
	Link         string `json:"link,omitempty"`
}

// DecideGuard allows or rejects the run of a connection that the guard holds. It is
// refused where no run is held. Needs the database and Temporal.
func (o *Operator) DecideGuard(ctx context.Context, decision GuardDecision) (GuardDecided, error) {
	by, err := requester(decision.By)
	if err != nil {
		return GuardDecided{}, err
	}
	connection, err := o.connection(ctx, decision.ConnectionID)
	if err != nil {
		return GuardDecided{}, err
	}
	word := "reject"
	if decision.Allow {
		word = "allow"
	}
	answer, err := o.sendDecision(ctx, workflows.SyncID(connection.ID), workflows.DecideGuardInput{Decision: word, By: by})
	if err != nil {
		return GuardDecided{}, undecided(connection.ID, err)
	}
	return GuardDecided{
		ConnectionID: connection.ID, RunID: answer.RunID, Decision: answer.Decision,
		Link: o.workflowLink(workflows.SyncID(connection.ID)),
	}, nil
}

func (o *Operator) sendDecision(
	ctx context.Context, workflowID string, in workflows.DecideGuardInput,
) (answer workflows.DecideGuardResult, err error) {
	ctx, cancel := context.WithTimeout(ctx, updateBound)
	defer cancel()
	handle, err := o.temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: workflowID, UpdateName: workflows.UpdateDecideGuard, Args: []any{in},
		WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err != nil {
		return answer, err
	}
	return answer, handle.Get(ctx, &answer)
}

func undecided(connectionID string, err error) error {
	var (
		gone    *serviceerror.NotFound
		refusal *temporal.ApplicationError
	)
	switch {
	case errors.As(err, &gone), errors.As(err, &refusal):
		return refused("See where it stands: starter status --connection "+connectionID,
			"no run of connection %s is held, so there is nothing to decide", connectionID)
	case unanswered(err):
		return &Problem{Kind: KindUnavailable,
			What:     "no worker took the decision about connection " + connectionID + " in time; it may still be taken",
			NextStep: "Look whether a worker runs: starter doctor. Then see: starter status --connection " + connectionID}
	}
	return fromEngine("decide about connection "+connectionID, err)
}

// DecidedTicket is the ticket to follow a decided run by, once the decision shows in
// the database: until then the run would still look held. A run that closes or waits
// for another decision shows too.
func (o *Operator) DecidedTicket(ctx context.Context, decided GuardDecided) (SyncTicket, error) {
	ticket := SyncTicket{
		ConnectionID: decided.ConnectionID, WorkflowID: workflows.SyncID(decided.ConnectionID),
		Link: decided.Link, RunID: decided.RunID, Answered: true,
	}
	until := time.NewTimer(updateBound)
	defer until.Stop()
	for {
		run, found, err := o.findRun(ctx, ticket)
		if err != nil || (found && run.Stage != store.StageHeld) {
			return ticket, err
		}
		select {
		case <-ctx.Done():
			return ticket, ctx.Err()
		case <-until.C:
			return ticket, nil
		case <-o.tick():
		}
	}
}
