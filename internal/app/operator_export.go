package app

import (
	"context"
	"errors"
	"fmt"
	"slices"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/workflows"
)

// ExportTicket tells which export does what was asked.
type ExportTicket struct {
	ConnectionID string              `json:"connection_id"`
	WorkflowID   string              `json:"workflow_id"`
	Link         string              `json:"link,omitempty"`
	ExportID     string              `json:"export_id"`
	From         domain.Date         `json:"from"`
	To           domain.Date         `json:"to"`
	Kinds        []domain.ExportKind `json:"kinds"`
	Mode         string              `json:"mode"`
	// Joined tells that the same export was under way already (X14).
	Joined bool `json:"joined"`
	// Answered is false where no worker took the export in time: it waits in the
	// engine and will be done.
	Answered bool `json:"answered"`

	// execution is the engine's id of the workflow's run.
	execution string
}

// exportPass is the only pass of an export: its record has the id derived from it.
const exportPass = 1

// RequestExport starts an export, or a preview of one. One that is under way for the
// same period, kinds and mode is joined; beside another one it is refused (X14). Needs
// the database and Temporal.
func (o *Operator) RequestExport(ctx context.Context, request ExportRequest) (ExportTicket, error) {
	in, err := request.input()
	if err != nil {
		return ExportTicket{}, err
	}
	connection, err := o.connection(ctx, request.ConnectionID)
	if err != nil {
		return ExportTicket{}, err
	}
	if err := exportable(connection); err != nil {
		return ExportTicket{}, err
	}
	in.ConnectionID = connection.ID
	ticket, err := o.startExport(ctx, in)
	if err != nil {
		return ticket, err
	}
	return o.awaitExport(ctx, ticket)
}

// exportable refuses at once what the workflow would refuse.
func exportable(connection store.Connection) error {
	if connection.State == store.ConnectionActive {
		return nil
	}
	return refused(awaken(connection), "connection %s is %s and exports nothing (%s)", connection.ID, connection.State, connectionRule(connection.State))
}

// startExport starts the workflow or joins the one under way. FAIL rather than
// USE_EXISTING, which would not tell an equal export from another one. One that ends
// while it is looked at makes room: the export is then started after all.
func (o *Operator) startExport(ctx context.Context, in workflows.ExportHoursInput) (ExportTicket, error) {
	for {
		started, err := o.executeExport(ctx, in)
		running, taken := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err)
		switch {
		case err == nil:
			return o.exportTicket(in, started.GetRunID(), started.GetRunID()), nil
		case !taken:
			return ExportTicket{}, fromEngine("export hours of connection "+in.ConnectionID, err)
		}
		ticket, open, err := o.joinExport(ctx, in, running.RunId)
		if err != nil || open {
			return ticket, err
		}
	}
}

func (o *Operator) executeExport(ctx context.Context, in workflows.ExportHoursInput) (client.WorkflowRun, error) {
	ctx, cancel := context.WithTimeout(ctx, engineBound)
	defer cancel()
	return o.temporal.ExecuteWorkflow(ctx, exportOptions(in), workflows.TypeExportHours, in)
}

// exportOptions are what an export is started with. The id may be used again: each
// export ends.
func exportOptions(in workflows.ExportHoursInput) client.StartWorkflowOptions {
	what := "Export"
	if in.Mode == store.ModePreview {
		what = "Preview the export of"
	}
	return client.StartWorkflowOptions{
		ID:                                       exportWorkflowID(in),
		TaskQueue:                                workflows.QueueMain,
		WorkflowIDReusePolicy:                    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		WorkflowIDConflictPolicy:                 enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		Priority:                                 temporal.Priority{PriorityKey: workflows.PriorityExport, FairnessKey: in.ConnectionID},
		StaticSummary:                            fmt.Sprintf("%s %s to %s of connection %s", what, in.From, in.To, in.ConnectionID),
		TypedSearchAttributes: temporal.NewSearchAttributes(
			workflows.AttributeConnection.ValueSet(in.ConnectionID),
			workflows.AttributeTrigger.ValueSet(store.TriggerManual),
			workflows.AttributePeriod.ValueSet(domain.Period{From: in.From, To: in.To}.String()),
		),
	}
}

func exportWorkflowID(in workflows.ExportHoursInput) string {
	if in.Mode == store.ModePreview {
		return workflows.ExportPreviewID(in.ConnectionID)
	}
	return workflows.ExportID(in.ConnectionID)
}

func (o *Operator) exportTicket(in workflows.ExportHoursInput, execution, originalRunID string) ExportTicket {
	workflowID := exportWorkflowID(in)
	return ExportTicket{
		ConnectionID: in.ConnectionID, WorkflowID: workflowID, Link: o.workflowLink(workflowID),
		ExportID: workflows.DerivedID(workflowID, originalRunID, exportPass),
		From:     in.From, To: in.To, Kinds: in.Kinds, Mode: in.Mode, execution: execution,
	}
}

// joinExport makes the ticket of the export that runs, where it is the one asked for,
// and refuses where it is another (X14); false where it has ended, or is closed and
// about to end. What it was started with stands in its history, so that no worker is
// needed to tell.
func (o *Operator) joinExport(
	ctx context.Context, asked workflows.ExportHoursInput, execution string,
) (ticket ExportTicket, open bool, err error) {
	asking, cancel := context.WithTimeout(ctx, engineBound)
	defer cancel()
	workflowID := exportWorkflowID(asked)
	running, originalRunID, err := o.startedWith(asking, workflowID, execution)
	if isNotFound(err) {
		return ticket, false, nil
	}
	if err != nil {
		return ticket, false, fromEngine("look at workflow "+workflowID, err)
	}
	ending, err := o.endedAfterClosing(ctx, workflowID, execution, originalRunID)
	if err != nil || ending {
		return ticket, false, err
	}
	if sameExport(running, asked) {
		ticket = o.exportTicket(asked, execution, originalRunID)
		ticket.Joined = true
		return ticket, true, nil
	}
	open, err = runs(asking, o.temporal, workflowID)
	if err != nil {
		return ticket, false, fromEngine("look at workflow "+workflowID, err)
	}
	if !open {
		return ticket, false, nil
	}
	return ticket, false, otherExport(asked.ConnectionID, running)
}

// endedAfterClosing reports whether an export is closed and its workflow has ended, for
// which it waits a moment: what it found is of the past, and nobody joins that.
func (o *Operator) endedAfterClosing(ctx context.Context, workflowID, execution, originalRunID string) (bool, error) {
	export, err := o.store.Export(ctx, workflows.DerivedID(workflowID, originalRunID, exportPass))
	if errors.Is(err, store.ErrNotFound) || err == nil && !export.Closed() {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	waiting, cancel := context.WithTimeout(ctx, updateBound)
	defer cancel()
	_ = o.temporal.GetWorkflow(waiting, workflowID, execution).Get(waiting, nil) // however it ended
	return waiting.Err() == nil, ctx.Err()
}

// otherExport is why an export is refused beside another one.
func otherExport(connectionID string, running workflows.ExportHoursInput) error {
	what := "an export"
	if running.Mode == store.ModePreview {
		what = "a preview of an export"
	}
	return refused(fmt.Sprintf("Wait until it has ended: starter export list --connection %s. Or end it: %s",
		connectionID, cancelExportCommand(connectionID, running.Mode)),
		"%s of %s to %s (%s) is under way for connection %s, and there is one at a time (X14)",
		what, running.From, running.To, joined(running.Kinds), connectionID)
}

// startedWith reads what an execution was started with, and the run id under which its
// chain of resets began.
func (o *Operator) startedWith(
	ctx context.Context, workflowID, execution string,
) (in workflows.ExportHoursInput, originalRunID string, err error) {
	history := o.temporal.GetWorkflowHistory(ctx, workflowID, execution, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	first, err := history.Next()
	if err != nil {
		return in, "", err
	}
	attributes := first.GetWorkflowExecutionStartedEventAttributes()
	return decodeInput(attributes), originalExecution(attributes, execution), nil
}

func originalExecution(attributes *historypb.WorkflowExecutionStartedEventAttributes, execution string) string {
	if original := attributes.GetOriginalExecutionRunId(); original != "" {
		return original
	}
	return execution
}

// decodeInput reads an input with its defaults; one that cannot be read is that of no
// export like ours.
func decodeInput(attributes *historypb.WorkflowExecutionStartedEventAttributes) workflows.ExportHoursInput {
	var in workflows.ExportHoursInput
	_ = converter.GetDefaultDataConverter().FromPayloads(attributes.GetInput(), &in)
	if in.Mode == "" {
		in.Mode = store.ModeApply
	}
	in.Kinds = inOrder(in.Kinds)
	return in
}

// sameExport reports whether two inputs ask for the same: period, kinds and mode.
func sameExport(a, b workflows.ExportHoursInput) bool {
	return a.From == b.From && a.To == b.To && a.Mode == b.Mode && slices.Equal(a.Kinds, b.Kinds)
}
