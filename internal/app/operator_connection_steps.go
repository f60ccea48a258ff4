package app

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/temporal"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/workflows"
)

// Paused is what pausing a connection came to.
type Paused struct {
	ConnectionID string `json:"connection_id"`
	State        string `json:"state"`
	// Was is the state before.
	Was string `json:"was"`
	// RejectedRunID is the run that the guard held, which ends with the pause.
	RejectedRunID string `json:"rejected_run_id,omitempty"`
	// UnderWay are the workflows that go on until they have ended by themselves.
	UnderWay []string `json:"under_way"`
	NextStep string   `json:"next_step"`
}

// PauseConnection leaves a connection out of the night and of whatever is asked by hand,
// until somebody resumes it (C9). A sync or an export that is under way goes on; a run
// that the guard holds is rejected, since nobody is to decide about it meanwhile; an
// activation is cancelled. Links, exported markers and history stay.
//
// Pausing again changes nothing, and goes on where an earlier attempt was cut off. It is
// refused where the connection was never activated or is removed. Needs the database and
// Temporal.
func (o *Operator) PauseConnection(ctx context.Context, connectionID, by string) (Paused, error) {
	by, err := requester(by)
	if err != nil {
		return Paused{}, err
	}
	connection, err := o.stepping(ctx, connectionID, domain.StepPause)
	if err != nil {
		return Paused{}, err
	}
	if connection.State != store.ConnectionPaused {
		// It might make the connection active again a moment later.
		if err := o.endActivation(ctx, connection.ID); err != nil {
			return Paused{}, err
		}
	}
	paused, err := o.store.PauseConnection(ctx, connection.ID, by, o.now())
	if err != nil {
		return Paused{}, noStep(connection, domain.StepPause, err)
	}
	result := Paused{
		ConnectionID: paused.ID, State: string(paused.State), Was: string(connection.State), NextStep: awaken(paused),
	}
	if result.RejectedRunID, err = o.rejectHeld(ctx, paused.ID, by); err != nil {
		return Paused{}, err
	}
	if result.UnderWay, err = o.underWay(ctx, paused.ID); err != nil {
		return Paused{}, err
	}
	if result.RejectedRunID != "" {
		result.UnderWay = slices.DeleteFunc(result.UnderWay, func(id string) bool { return id == workflows.SyncID(paused.ID) })
	}
	return result, nil
}

// stepping finds a connection that a step can be taken with, or says what stands in the
// way.
func (o *Operator) stepping(ctx context.Context, connectionID string, step domain.ConnectionStep) (store.Connection, error) {
	connection, err := o.connection(ctx, connectionID)
	if err != nil {
		return connection, err
	}
	if _, may := connection.State.After(step); !may {
		return connection, noStep(connection, step, store.ErrNoStep)
	}
	return connection, nil
}

// noStep says why a step cannot be taken; any other error is passed on.
func noStep(connection store.Connection, step domain.ConnectionStep, err error) error {
	if !errors.Is(err, store.ErrNoStep) {
		return err
	}
	return refused("Activate it: starter activate --organisation "+connection.OrganisationID+" --token-file -",
		"connection %s is %s, so there is nothing to %s (%s)", connection.ID, connection.State, step, connectionRule(connection.State))
}

// rejectHeld rejects the run that the guard holds and returns its id; empty where none is
// held. A run shows as held a moment before it takes a decision, so that one which takes
// none is looked at again.
func (o *Operator) rejectHeld(ctx context.Context, connectionID, by string) (string, error) {
	id := workflows.SyncID(connectionID)
	until := time.NewTimer(updateBound)
	defer until.Stop()
	for {
		latest, err := o.store.WorkflowRuns(ctx, connectionID, id, 1)
		if err != nil || len(latest) == 0 || latest[0].Stage != store.StageHeld {
			return "", err
		}
		answer, err := o.sendDecision(ctx, id, workflows.DecideGuardInput{Decision: "reject", By: by})
		var (
			gone    *serviceerror.NotFound
			refusal *temporal.ApplicationError
		)
		switch {
		case err == nil:
			return answer.RunID, nil
		case errors.As(err, &gone): // its workflow was terminated
			return "", nil
		case unanswered(err):
			return "", stillHeld(connectionID)
		case !errors.As(err, &refusal):
			return "", fromEngine("end the held run of connection "+connectionID, err)
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-until.C:
			return "", stillHeld(connectionID)
		case <-o.tick():
		}
	}
}

func stillHeld(connectionID string) error {
	return &Problem{Kind: KindUnavailable,
		What:     "connection " + connectionID + " is paused, and no worker ended its held run in time",
		NextStep: "Look whether a worker runs: starter doctor. Then pause it again: starter connections pause --connection " + connectionID}
}

// ResumeConnection takes a paused connection back in (C9): its token is asked about, and
// a synchronisation starts at once, or joins the one that is under way. It is followed as
// an activation is. A token that is refused now leaves the connection needing one (C8).
//
// Resuming one that is not paused asks and synchronises all the same, so that an attempt
// that was cut off can be repeated. It is refused where the connection was never
// activated or is removed. Needs the database and Temporal.
func (o *Operator) ResumeConnection(ctx context.Context, connectionID, by string) (Activation, error) {
	by, err := requester(by)
	if err != nil {
		return Activation{}, err
	}
	connection, err := o.stepping(ctx, connectionID, domain.StepResume)
	if err != nil {
		return Activation{}, err
	}
	resumed, err := o.store.ResumeConnection(ctx, connection.ID, by, o.now())
	if err != nil {
		return Activation{}, noStep(connection, domain.StepResume, err)
	}
	return o.startActivation(ctx, resumed, by, false)
}
