package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/workflows"
)

// awaitRun waits a moment for a worker to open the run, so that the ticket can name
// it.
func (o *Operator) awaitRun(ctx context.Context, ticket SyncTicket) (SyncTicket, error) {
	until := time.NewTimer(updateBound)
	defer until.Stop()
	for {
		run, found, err := o.findRun(ctx, ticket)
		if err != nil {
			return ticket, err
		}
		if found {
			ticket.RunID, ticket.Pass, ticket.Answered = run.ID, run.Pass, true
			return ticket, nil
		}
		if ended, err := o.endedWithoutRun(ctx, ticket); ended {
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

// findRun looks for the run of a ticket: by its id where that is known, else as the
// newest one of the workflow that was not there before, or is still open.
func (o *Operator) findRun(ctx context.Context, ticket SyncTicket) (store.Run, bool, error) {
	if ticket.RunID != "" {
		run, err := o.store.Run(ctx, ticket.RunID)
		if errors.Is(err, store.ErrNotFound) {
			return run, false, nil
		}
		return run, err == nil, err
	}
	runs, err := o.store.WorkflowRuns(ctx, ticket.ConnectionID, ticket.WorkflowID, 1)
	if err != nil || len(runs) == 0 {
		return store.Run{}, false, err
	}
	newest := runs[0]
	return newest, !ticket.earlier[newest.ID] || (ticket.Joined && !newest.Closed()), nil
}

// heldBefore is the run that a ticket's own waits behind, because the guard holds it
// and nobody has decided.
func (o *Operator) heldBefore(ctx context.Context, ticket SyncTicket) (store.Run, bool, error) {
	runs, err := o.store.WorkflowRuns(ctx, ticket.ConnectionID, ticket.WorkflowID, 1)
	if err != nil || len(runs) == 0 {
		return store.Run{}, false, err
	}
	return runs[0], runs[0].Stage == store.StageHeld, nil
}

// Follow waits until the run of a ticket is closed or held, and shows it at every
// look. A ticket that joined a held run waits for somebody's word: Follow then
// returns the held run, and the pass that was asked for comes after the decision. It
// ends with the context's error where that ends first; the run goes on.
func (o *Operator) Follow(ctx context.Context, ticket SyncTicket, show func(Run)) (Run, error) {
	for look := 0; ; look++ {
		found, ok, err := o.findRun(ctx, ticket)
		if err == nil && !ok {
			found, ok, err = o.heldBefore(ctx, ticket)
		}
		if err != nil {
			return Run{}, err
		}
		if ok {
			run := o.describe(found)
			show(run)
			switch {
			case run.Held():
				o.explainHold(ctx, &run)
				return run, nil
			case run.Closed():
				return run, o.explainFailure(ctx, run, ticket)
			}
		}
		// A workflow that died opens and closes no run, so the engine is asked as
		// well, but less often.
		if look%looksPerCheck == looksPerCheck-1 {
			if ended, err := o.endedWithoutRun(ctx, ticket); ended {
				return Run{}, err
			}
		}
		select {
		case <-ctx.Done():
			return Run{}, ctx.Err()
		case <-o.tick():
		}
	}
}

const looksPerCheck = 4

// endedWithoutRun reports whether the workflow of a ticket has ended and left no
// closed run, and why.
func (o *Operator) endedWithoutRun(ctx context.Context, ticket SyncTicket) (bool, error) {
	asking, cancel := context.WithTimeout(ctx, engineBound)
	defer cancel()
	described, err := o.temporal.DescribeWorkflowExecution(asking, ticket.WorkflowID, "")
	if err != nil || described.GetWorkflowExecutionInfo().GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return false, nil // an engine that is down for a moment is no reason to stop looking
	}
	// It may have closed its run between the two looks.
	if run, found, err := o.findRun(ctx, ticket); err != nil || (found && run.Closed()) {
		return false, nil
	}
	err = o.temporal.GetWorkflow(asking, ticket.WorkflowID, "").Get(asking, nil)
	if err == nil {
		return false, nil
	}
	return true, o.endedBadly(ctx, "synchronise connection "+ticket.ConnectionID, ticket.Link, err)
}

// explainHold adds what the guard counted; without a worker nobody tells.
func (o *Operator) explainHold(ctx context.Context, run *Run) {
	ctx, cancel := context.WithTimeout(ctx, queryBound)
	defer cancel()
	var progress workflows.SyncProgress
	answer, err := o.temporal.QueryWorkflow(ctx, run.WorkflowID, "", workflows.QueryProgress)
	if err == nil && answer.Get(&progress) == nil && progress.Stage == workflows.StageHeld {
		run.Guarded, run.Limit = progress.Guarded, progress.Limit
	}
}

// explainFailure adds the engine's own words to a run that failed.
func (o *Operator) explainFailure(ctx context.Context, run Run, ticket SyncTicket) error {
	if run.Outcome != domain.SyncFailed {
		return nil
	}
	asking, cancel := context.WithTimeout(ctx, engineBound)
	defer cancel()
	if err := o.temporal.GetWorkflow(asking, ticket.WorkflowID, "").Get(asking, nil); err != nil {
		return o.endedBadly(ctx, fmt.Sprintf("run %s failed", run.RunID), ticket.Link, err)
	}
	return nil
}
