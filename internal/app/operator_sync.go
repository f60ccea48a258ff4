package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/workflows"
)

// SyncRequest asks for a synchronisation by hand.
type SyncRequest struct {
	ConnectionID string
	// Preview computes what a synchronisation would do and changes nothing (S19).
	Preview bool
	// OnlyConnexieID synchronises, or previews, one person alone (S20).
	OnlyConnexieID string
	// By is the id of a person or program; DefaultRequester where empty.
	By string
	// RequestID makes a repetition of the same request get the first answer; a fresh
	// one where empty.
	RequestID string
}

func (r SyncRequest) workflowID() string {
	switch {
	case r.Preview && r.OnlyConnexieID != "":
		return workflows.PreviewPersonID(r.ConnectionID, r.OnlyConnexieID)
	case r.Preview:
		return workflows.PreviewID(r.ConnectionID)
	case r.OnlyConnexieID != "":
		return workflows.SyncPersonID(r.ConnectionID, r.OnlyConnexieID)
	}
	return workflows.SyncID(r.ConnectionID)
}

func (r SyncRequest) full() bool { return !r.Preview && r.OnlyConnexieID == "" }

// SyncTicket tells which pass of which run does what was asked.
type SyncTicket struct {
	ConnectionID string `json:"connection_id"`
	WorkflowID   string `json:"workflow_id"`
	Link         string `json:"link,omitempty"`
	// RunID is empty while no worker has answered.
	RunID string `json:"run_id,omitempty"`
	Pass  int    `json:"pass,omitempty"`
	// Joined tells that the run was under way already (S2).
	Joined bool `json:"joined"`
	// Answered is false where no worker took the request in time: it waits in the
	// engine and will be done.
	Answered bool `json:"answered"`

	// earlier are the runs of the workflow id that were there before the request.
	earlier map[string]bool
}

// RequestSync asks for a synchronisation. A full one joins the run under way, or the
// pass that follows it where reading has begun (S2); a preview and one person alone
// have ids of their own. Needs the database and Temporal.
func (o *Operator) RequestSync(ctx context.Context, request SyncRequest) (SyncTicket, error) {
	var err error
	if request.By, err = requester(request.By); err != nil {
		return SyncTicket{}, err
	}
	if only := request.OnlyConnexieID; only != "" && !idPattern.MatchString(only) {
		return SyncTicket{}, invalid("Give the person's Connexie ID, such as emp_0001; see: starter sync items",
			"%q is not a Connexie ID: 1 to 64 letters, digits, - or _", shorten(only))
	}
	connection, err := o.connection(ctx, request.ConnectionID)
	if err != nil {
		return SyncTicket{}, err
	}
	if err := request.possible(connection); err != nil {
		return SyncTicket{}, err
	}
	request.ConnectionID = connection.ID
	ticket := SyncTicket{ConnectionID: connection.ID, WorkflowID: request.workflowID()}
	ticket.Link = o.workflowLink(ticket.WorkflowID)
	if ticket.earlier, err = o.knownRuns(ctx, connection.ID, ticket.WorkflowID); err != nil {
		return SyncTicket{}, err
	}
	if request.full() {
		return o.requestFull(ctx, request, ticket)
	}
	return o.startAlone(ctx, request, ticket)
}

// possible refuses at once what the workflow would refuse. A paused connection may be
// previewed: that changes nothing (C9).
func (r SyncRequest) possible(connection store.Connection) error {
	if r.Preview && connection.State == store.ConnectionPaused {
		return nil
	}
	return syncable(connection)
}

// syncable refuses to synchronise where the workflow would.
func syncable(connection store.Connection) error {
	switch connection.State {
	case store.ConnectionActive, store.ConnectionNeedsToken:
		return nil
	}
	return refused(awaken(connection), "connection %s is %s and is not synchronised", connection.ID, connection.State)
}

// awaken says how a connection that does nothing is made to work again.
func awaken(connection store.Connection) string {
	if connection.State == store.ConnectionPaused {
		return "Resume it: starter connections resume --connection " + connection.ID
	}
	return "Activate it: starter activate --organisation " + connection.OrganisationID + " --token-file -"
}

func (o *Operator) knownRuns(ctx context.Context, connectionID, workflowID string) (map[string]bool, error) {
	runs, err := o.store.WorkflowRuns(ctx, connectionID, workflowID, 10)
	known := make(map[string]bool, len(runs))
	for _, run := range runs {
		known[run.ID] = true
	}
	return known, err
}

// requestFull starts the connection's one full run or joins it, in one call
// (update-with-start). Where no worker answers in time the request is left as a
// signal, which the run takes up when there is one; should the update have been
// taken after all, both ask for the same pass.
func (o *Operator) requestFull(ctx context.Context, request SyncRequest, ticket SyncTicket) (SyncTicket, error) {
	updating, cancel := context.WithTimeout(ctx, updateBound)
	defer cancel()
	answer, err := o.updateWithStart(updating, request)
	if err == nil {
		ticket.RunID, ticket.Pass, ticket.Joined, ticket.Answered = answer.RunID, answer.Pass, answer.Joined, true
		return ticket, nil
	}
	if !unanswered(err) {
		return ticket, fromEngine("synchronise connection "+request.ConnectionID, err)
	}
	if ctx.Err() != nil {
		return ticket, ctx.Err()
	}
	return ticket, o.signalWithStart(ctx, request)
}

func (o *Operator) updateWithStart(ctx context.Context, request SyncRequest) (workflows.RequestSyncResult, error) {
	options := syncOptions(workflows.SyncID(request.ConnectionID), request.ConnectionID, store.TriggerManual)
	options.WorkflowIDConflictPolicy = enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING
	if request.RequestID == "" {
		request.RequestID = uuid.NewString()
	}
	var answer workflows.RequestSyncResult
	handle, err := o.temporal.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: o.temporal.NewWithStartWorkflowOperation(
			options, workflows.TypeSyncTeamMembers, request.input()),
		UpdateOptions: client.UpdateWorkflowOptions{
			UpdateID: request.RequestID, UpdateName: workflows.UpdateRequestSync,
			Args:         []any{workflows.RequestSyncInput{RequestedBy: request.By}},
			WaitForStage: client.WorkflowUpdateStageCompleted,
		},
	})
	if err != nil {
		return answer, err
	}
	return answer, handle.Get(ctx, &answer)
}

func (r SyncRequest) input() workflows.SyncTeamMembersInput {
	in := workflows.SyncTeamMembersInput{
		ConnectionID: r.ConnectionID, Trigger: store.TriggerManual, RequestedBy: r.By, OnlyConnexieID: r.OnlyConnexieID,
	}
	if r.Preview {
		in.Mode = store.ModePreview
	}
	return in
}

// unanswered reports whether an update got no answer in time; it may have been
// accepted all the same.
func unanswered(err error) bool {
	var timeout *client.WorkflowUpdateServiceTimeoutOrCanceledError
	var deadline *serviceerror.DeadlineExceeded
	return errors.As(err, &timeout) || errors.As(err, &deadline) || errors.Is(err, context.DeadlineExceeded)
}

func (o *Operator) signalWithStart(ctx context.Context, request SyncRequest) error {
	ctx, cancel := context.WithTimeout(ctx, engineBound)
	defer cancel()
	id := workflows.SyncID(request.ConnectionID)
	options := syncOptions(id, request.ConnectionID, store.TriggerManual)
	options.WorkflowIDConflictPolicy = enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING
	_, err := o.temporal.SignalWithStartWorkflow(ctx, id, workflows.SignalJoinRequested,
		workflows.RequestSyncInput{RequestedBy: request.By}, options, workflows.TypeSyncTeamMembers, request.input())
	return fromEngine("synchronise connection "+request.ConnectionID, err)
}

// startAlone starts a preview or one person's run. One that is under way already is
// joined: it was asked the same question a moment ago. FAIL rather than USE_EXISTING,
// which would not tell the two apart. One that has closed its run and is about to end
// makes room: it has looked before it was asked.
func (o *Operator) startAlone(ctx context.Context, request SyncRequest, ticket SyncTicket) (SyncTicket, error) {
	for {
		err := o.executeAlone(ctx, request, ticket)
		running, taken := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err)
		switch {
		case err == nil:
			return o.awaitRun(ctx, ticket)
		case !taken:
			return ticket, fromEngine("start workflow "+ticket.WorkflowID, err)
		}
		over, err := o.joinAlone(ctx, &ticket, running.RunId)
		if err != nil {
			return ticket, err
		}
		if !over {
			return o.awaitRun(ctx, ticket)
		}
	}
}

func (o *Operator) executeAlone(ctx context.Context, request SyncRequest, ticket SyncTicket) error {
	ctx, cancel := context.WithTimeout(ctx, engineBound)
	defer cancel()
	options := syncOptions(ticket.WorkflowID, request.ConnectionID, store.TriggerManual)
	options.WorkflowIDConflictPolicy = enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL
	options.WorkflowExecutionErrorWhenAlreadyStarted = true
	if request.Preview {
		options.StaticSummary = fmt.Sprintf("Preview the synchronisation of connection %s", request.ConnectionID)
	}
	_, err := o.temporal.ExecuteWorkflow(ctx, options, workflows.TypeSyncTeamMembers, request.input())
	return err
}

// joinAlone makes the ticket that of the run under way, whose id follows from its
// workflow's: it makes one pass. Where that run is over, it waits until the workflow is
// as well, and reports so.
func (o *Operator) joinAlone(ctx context.Context, ticket *SyncTicket, execution string) (over bool, err error) {
	runID := workflows.DerivedID(ticket.WorkflowID, execution, 1)
	run, err := o.store.Run(ctx, runID)
	switch {
	case errors.Is(err, store.ErrNotFound): // not opened yet
	case err != nil:
		return false, err
	case run.Closed():
		ending, cancel := context.WithTimeout(ctx, engineBound)
		defer cancel()
		// How it ends is for whoever asked for it.
		_ = o.temporal.GetWorkflow(ending, ticket.WorkflowID, execution).Get(ending, nil)
		if ending.Err() != nil {
			return false, fromEngine("start workflow "+ticket.WorkflowID, ending.Err())
		}
		return true, nil
	}
	ticket.RunID, ticket.Joined = runID, true
	return false, nil
}
