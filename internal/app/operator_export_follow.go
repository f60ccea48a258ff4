package app

import (
	"context"
	"errors"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
)

// awaitExport waits a moment for a worker to take the export, so that the ticket can
// tell whether one did.
func (o *Operator) awaitExport(ctx context.Context, ticket ExportTicket) (ExportTicket, error) {
	waiting, cancel := context.WithTimeout(ctx, updateBound)
	defer cancel()
	err := o.watchExport(waiting, ticket, func(store.Export) bool { return true })
	switch {
	case err == nil:
		ticket.Answered = true
	case ctx.Err() == nil && waiting.Err() != nil:
		err = nil // nobody took it yet, which the ticket tells
	}
	return ticket, err
}

// FollowExport waits until the export of a ticket is closed, and shows it at every
// look. It ends with the context's error where that ends first; the export goes on.
func (o *Operator) FollowExport(ctx context.Context, ticket ExportTicket, show func(Export)) (Export, error) {
	var export Export
	var failure error
	err := o.watchExport(ctx, ticket, func(found store.Export) bool {
		if export, failure = o.exportWithLines(ctx, found); failure != nil {
			return true
		}
		show(export)
		return export.Closed()
	})
	if err = errors.Join(err, failure); err != nil {
		return export, err
	}
	return export, o.explainFailedExport(ctx, export, ticket)
}

// watchExport looks at the export of a ticket until enough says so. A workflow that
// died opens and closes none, so the engine is asked as well, but less often.
func (o *Operator) watchExport(ctx context.Context, ticket ExportTicket, enough func(store.Export) bool) error {
	for look := 1; ; look++ {
		found, err := o.store.Export(ctx, ticket.ExportID)
		switch {
		case err == nil:
			if enough(found) {
				return nil
			}
		case !errors.Is(err, store.ErrNotFound):
			return err
		}
		if look%looksPerCheck == 0 {
			if ended, err := o.endedWithoutExport(ctx, ticket); ended {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-o.tick():
		}
	}
}

// endedWithoutExport reports whether the workflow of a ticket has ended and left no
// closed export, and why.
func (o *Operator) endedWithoutExport(ctx context.Context, ticket ExportTicket) (bool, error) {
	asking, cancel := context.WithTimeout(ctx, engineBound)
	defer cancel()
	described, err := o.temporal.DescribeWorkflowExecution(asking, ticket.WorkflowID, ticket.execution)
	if err != nil || described.GetWorkflowExecutionInfo().GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return false, nil // an engine that is down for a moment is no reason to stop looking
	}
	// It may have closed its export between the two looks.
	if found, err := o.store.Export(ctx, ticket.ExportID); err == nil && !found.ClosedAt.IsZero() {
		return false, nil
	}
	if err = o.temporal.GetWorkflow(asking, ticket.WorkflowID, ticket.execution).Get(asking, nil); err == nil {
		return false, nil
	}
	return true, o.endedBadly(ctx, "export hours of connection "+ticket.ConnectionID, ticket.Link, err)
}

// exportWithLines describes an export with how many lines Connexie has taken, which
// is known by venue while they are sent.
func (o *Operator) exportWithLines(ctx context.Context, found store.Export) (Export, error) {
	export := o.describeExport(found)
	venues, err := o.store.ExportVenues(ctx, found.ID)
	for _, venue := range venues {
		export.Done += venue.Sent
		export.Total += venue.Lines
		export.Venues = append(export.Venues, exportVenue(venue))
	}
	return export, err
}

// explainFailedExport adds the engine's own words to an export that failed.
func (o *Operator) explainFailedExport(ctx context.Context, export Export, ticket ExportTicket) error {
	if export.Outcome != domain.ExportFailed {
		return nil
	}
	asking, cancel := context.WithTimeout(ctx, engineBound)
	defer cancel()
	if err := o.temporal.GetWorkflow(asking, ticket.WorkflowID, ticket.execution).Get(asking, nil); err != nil {
		return o.endedBadly(ctx, fmt.Sprintf("export %s failed", export.ExportID), ticket.Link, err)
	}
	return nil
}
