package app

import (
	"context"
	"errors"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/workflows"
)

// cancelExportCommand ends an export, or a preview.
func cancelExportCommand(connectionID, mode string) string {
	command := "starter export cancel --connection " + connectionID
	if mode == store.ModePreview {
		command += " --preview"
	}
	return command
}

// CancelExport asks the export of a connection, or its preview, to end, and returns the
// ticket to wait for that. Venues that Connexie has committed stay; it is refused
// where nothing runs. Needs the database and Temporal.
func (o *Operator) CancelExport(ctx context.Context, connectionID string, preview bool) (ExportTicket, error) {
	connection, err := o.connection(ctx, connectionID)
	if err != nil {
		return ExportTicket{}, err
	}
	ticket := ExportTicket{ConnectionID: connection.ID, WorkflowID: workflows.ExportID(connection.ID), Answered: true}
	if preview {
		ticket.WorkflowID = workflows.ExportPreviewID(connection.ID)
	}
	ticket.Link = o.workflowLink(ticket.WorkflowID)
	answer, err := o.sendCancel(ctx, ticket.WorkflowID)
	if err != nil {
		return ExportTicket{}, uncancelled(connection.ID, err)
	}
	ticket.ExportID = answer.ExportID
	return ticket, nil
}

func (o *Operator) sendCancel(ctx context.Context, workflowID string) (answer workflows.CancelResult, err error) {
	ctx, cancel := context.WithTimeout(ctx, updateBound)
	defer cancel()
	handle, err := o.temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: workflowID, UpdateName: workflows.UpdateCancel, Args: []any{workflows.CancelInput{}},
		WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err != nil {
		return answer, err
	}
	return answer, handle.Get(ctx, &answer)
}

func uncancelled(connectionID string, err error) error {
	var (
		gone    *serviceerror.NotFound
		refusal *temporal.ApplicationError
	)
	look := "starter export list --connection " + connectionID
	switch {
	case errors.As(err, &gone), errors.As(err, &refusal):
		return refused("See how the last one ended: "+look,
			"no export of connection %s is under way, so there is nothing to cancel", connectionID)
	case unanswered(err):
		return &Problem{Kind: KindUnavailable,
			What:     "no worker took the cancellation for connection " + connectionID + " in time; it may still be taken",
			NextStep: "Look whether a worker runs: starter doctor. Then see: " + look}
	}
	return fromEngine("cancel the export of connection "+connectionID, err)
}
