package app

import (
	"context"

	"go.temporal.io/sdk/client"

	"github.com/eitje/connexie-worker/workflows"
)

// PauseNights keeps the schedule from starting nights until ResumeNights; a night that
// is under way goes on. Pausing again changes the note alone. by is the id of a person
// or program, which the note names. Needs Temporal.
func (o *Operator) PauseNights(ctx context.Context, by string) (NextNights, error) {
	return o.setPause(ctx, by, true, func(ctx context.Context, schedule client.ScheduleHandle, by string) error {
		return schedule.Pause(ctx, client.SchedulePauseOptions{Note: "paused by " + by})
	})
}

// ResumeNights lets the schedule start nights again; those that were missed do not come
// after. Needs Temporal.
func (o *Operator) ResumeNights(ctx context.Context, by string) (NextNights, error) {
	return o.setPause(ctx, by, false, func(ctx context.Context, schedule client.ScheduleHandle, by string) error {
		return schedule.Unpause(ctx, client.ScheduleUnpauseOptions{Note: "resumed by " + by})
	})
}

func (o *Operator) setPause(
	ctx context.Context, by string, paused bool, set func(context.Context, client.ScheduleHandle, string) error,
) (NextNights, error) {
	by, err := requester(by)
	if err != nil {
		return NextNights{}, err
	}
	asking, cancel := context.WithTimeout(ctx, engineBound)
	defer cancel()
	if err := set(asking, o.temporal.ScheduleClient().GetHandle(asking, workflows.NightlySyncID), by); err != nil {
		return NextNights{}, noSchedule(err)
	}
	if err := o.awaitPause(asking, paused); err != nil {
		return NextNights{}, err
	}
	return o.NextNights(ctx, "", 1)
}

// awaitPause waits until the schedule shows what was asked for: the engine takes it at
// once and does it a moment later.
func (o *Operator) awaitPause(ctx context.Context, paused bool) error {
	for {
		schedule, err := o.describeSchedule(ctx)
		if err != nil || schedule.Paused == paused {
			return err
		}
		select {
		case <-ctx.Done():
			return fromEngine("wait for the schedule "+workflows.NightlySyncID, ctx.Err())
		case <-o.tick():
		}
	}
}

// CancelSync asks the full run of a connection to end. It ends between two batches:
// what was applied stays, and the run is closed as cancelled. It is refused where no
// run is under way. Needs the database and Temporal.
func (o *Operator) CancelSync(ctx context.Context, connectionID string) (SyncTicket, error) {
	connection, err := o.connection(ctx, connectionID)
	if err != nil {
		return SyncTicket{}, err
	}
	ticket := SyncTicket{ConnectionID: connection.ID, WorkflowID: workflows.SyncID(connection.ID), Joined: true}
	ticket.Link = o.workflowLink(ticket.WorkflowID)
	run, under, err := o.findRun(ctx, ticket)
	if err != nil {
		return ticket, err
	}
	if under {
		ticket.RunID, ticket.Pass, ticket.Answered = run.ID, run.Pass, true
	}
	asking, cancel := context.WithTimeout(ctx, engineBound)
	defer cancel()
	// The engine takes the cancellation of what has ended for done.
	running, err := runs(asking, o.temporal, ticket.WorkflowID)
	if err == nil && !running {
		return ticket, refused("See where it stands: starter status --connection "+connection.ID,
			"no run of connection %s is under way, so there is nothing to cancel", connection.ID)
	}
	if err == nil {
		err = o.temporal.CancelWorkflow(asking, ticket.WorkflowID, "")
	}
	return ticket, fromEngine("cancel the run of connection "+connection.ID, err)
}
