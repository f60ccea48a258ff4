package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/workflows"
)

// EndingRequest asks for the end of somebody's employment, as somebody types it.
type EndingRequest struct {
	// TeamMemberID is the profile in Eitje.
	TeamMemberID string
	// ConnectionID may be left out: that of the team member's organisation is taken, and
	// another one refused.
	ConnectionID string
	// EndDate is the last day, such as 2026-11-30; where it is empty Connexie's is taken.
	EndDate string
	// Reason is a code, such as own_request; may be empty.
	Reason string
	// Note is free text; it is kept in the database alone (N4).
	Note string
	// By is the id of a person or program; DefaultRequester where empty.
	By string
}

// EndingTicket tells which ending does what was asked.
type EndingTicket struct {
	EndingID     string      `json:"ending_id"`
	ConnectionID string      `json:"connection_id"`
	TeamMemberID string      `json:"team_member_id"`
	WorkflowID   string      `json:"workflow_id"`
	Link         string      `json:"link,omitempty"`
	EndDate      domain.Date `json:"end_date"`
	// Joined tells that an ending with this date was under way already.
	Joined bool `json:"joined"`
	// Answered is false where no worker took it in time: it waits in the engine and will
	// be done.
	Answered bool `json:"answered"`
	// Ending is where it stands, once a worker has answered.
	Ending *Ending `json:"ending,omitempty"`

	execution string
}

const (
	endDateExample = "Give the last day, such as --end-date 2026-11-30."
	reasonExample  = "Give a code, such as own_request; what you want to say in words goes into --note."
	// maxNote is what the database keeps.
	maxNote = 2000
)

// Validate reports what is wrong with the request by itself, before anything is opened.
func (r EndingRequest) Validate() error {
	_, err := r.input()
	return err
}

func (r EndingRequest) input() (workflows.EndEmploymentInput, error) {
	in := workflows.EndEmploymentInput{TeamMemberID: r.TeamMemberID, Reason: r.Reason}
	var err error
	if in.RequestedBy, err = requester(r.By); err != nil {
		return in, err
	}
	if !isRecordID(r.TeamMemberID) {
		return in, malformed("Give the id that Eitje, or a notification, names.", "a team member", r.TeamMemberID)
	}
	if err := checkReasonAndNote(r.Reason, r.Note); err != nil {
		return in, err
	}
	if r.EndDate == "" {
		return in, nil
	}
	if in.EndDate, err = domain.ParseDate(r.EndDate); err != nil {
		return in, invalid(endDateExample, "%q is not a calendar date", shorten(r.EndDate))
	}
	return in, nil
}

func checkReasonAndNote(reason, note string) error {
	if reason != "" && !idPattern.MatchString(reason) {
		return invalid(reasonExample, "%q is not a code: 1 to 64 letters, digits, - or _", shorten(reason))
	}
	if utf8.RuneCountInString(note) > maxNote || !printable(strings.ReplaceAll(note, "\n", " ")) {
		return invalid(fmt.Sprintf("Give at most %d characters.", maxNote), "the note is too long, or no text")
	}
	return nil
}

// StartEnding starts the end of an employment, or joins the one that is under way for the
// same last day; for another one it is refused, since changing the date is a word of its
// own. Who cannot be ended is refused with the reason. Needs the database and Temporal.
func (o *Operator) StartEnding(ctx context.Context, request EndingRequest) (EndingTicket, error) {
	in, err := request.input()
	if err != nil {
		return EndingTicket{}, err
	}
	if in, err = o.completeEnding(ctx, in, request.ConnectionID); err != nil {
		return EndingTicket{}, err
	}
	ticket, err := o.startEnding(ctx, in)
	if err != nil {
		return ticket, err
	}
	if err := o.noteEnding(ctx, ticket.EndingID, in.RequestedBy, request.Note); err != nil {
		return ticket, err
	}
	return o.awaitEnding(ctx, ticket)
}

// completeEnding finds the connection of a team member, and the last day where nobody
// gave one.
func (o *Operator) completeEnding(
	ctx context.Context, in workflows.EndEmploymentInput, connectionID string,
) (workflows.EndEmploymentInput, error) {
	leaver, err := o.store.Leaver(ctx, in.TeamMemberID)
	if errors.Is(err, store.ErrNotFound) {
		return in, notFound("Look the id up in Eitje.", "there is no team member %s", in.TeamMemberID)
	}
	if err != nil {
		return in, err
	}
	if connectionID == "" {
		connectionID = leaver.ConnectionID
	}
	connection, err := o.connection(ctx, connectionID)
	switch {
	case leaver.ConnectionID == "":
		return in, refused("Deactivate the profile in Eitje alone.",
			"the organisation of team member %s has no connection to Connexie", in.TeamMemberID)
	case err != nil:
		return in, err
	case connection.ID != leaver.ConnectionID:
		return in, notFound("Look both ids up: starter status",
			"there is no team member %s in the organisation of connection %s", in.TeamMemberID, connection.ID)
	case connection.State != store.ConnectionActive && connection.State != store.ConnectionNeedsToken:
		return in, refused(awaken(connection),
			"connection %s is %s (%s)", connection.ID, connection.State, connectionRule(connection.State))
	}
	in.ConnectionID = connection.ID
	if in.EndDate.IsZero() {
		in.EndDate = leaver.EmploymentEnd
	}
	if in.EndDate.IsZero() {
		return in, invalid(endDateExample, "Connexie has no last day of team member %s yet", in.TeamMemberID)
	}
	return in, nil
}

// startEnding starts the workflow or joins the one under way. One that ends while it is
// looked at makes room: the ending is then started after all.
func (o *Operator) startEnding(ctx context.Context, in workflows.EndEmploymentInput) (EndingTicket, error) {
	for {
		started, err := o.executeEnding(ctx, in)
		running, taken := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err)
		switch {
		case err == nil:
			return o.endingTicket(in, started.GetRunID()), nil
		case !taken:
			return EndingTicket{}, fromEngine("end the employment of team member "+in.TeamMemberID, err)
		}
		ticket, open, err := o.joinEnding(ctx, in, running.RunId)
		if err != nil || open {
			return ticket, err
		}
		select {
		case <-ctx.Done():
			return EndingTicket{}, ctx.Err()
		case <-o.tick():
		}
	}
}

func (o *Operator) executeEnding(ctx context.Context, in workflows.EndEmploymentInput) (client.WorkflowRun, error) {
	ctx, cancel := context.WithTimeout(ctx, engineBound)
	defer cancel()
	return o.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:                    workflows.EndEmploymentID(in.TeamMemberID),
		TaskQueue:             workflows.QueueMain,
		WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE, // who comes back may leave again (E7)
		// FAIL rather than USE_EXISTING, which would not tell one date from another.
		WorkflowIDConflictPolicy:                 enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		Priority:                                 temporal.Priority{PriorityKey: workflows.PriorityManual, FairnessKey: in.ConnectionID},
		StaticSummary:                            fmt.Sprintf("End the employment of team member %s on %s", in.TeamMemberID, in.EndDate),
		TypedSearchAttributes: temporal.NewSearchAttributes(
			workflows.AttributeConnection.ValueSet(in.ConnectionID),
			workflows.AttributeTrigger.ValueSet(store.TriggerManual),
		),
	}, workflows.TypeEndEmployment, in)
}

func (o *Operator) endingTicket(in workflows.EndEmploymentInput, execution string) EndingTicket {
	workflowID := workflows.EndEmploymentID(in.TeamMemberID)
	return EndingTicket{
		EndingID: workflows.DerivedID(workflowID, execution, 1), ConnectionID: in.ConnectionID, TeamMemberID: in.TeamMemberID,
		WorkflowID: workflowID, Link: o.workflowLink(workflowID), EndDate: in.EndDate, execution: execution,
	}
}

// joinEnding makes the ticket of the ending that is under way, where it has the last day
// that is asked for, and refuses where it has another; false where it has ended.
func (o *Operator) joinEnding(
	ctx context.Context, asked workflows.EndEmploymentInput, execution string,
) (ticket EndingTicket, open bool, err error) {
	dates, err := o.datesOf(ctx, asked.TeamMemberID, execution)
	if err != nil || len(dates) == 0 {
		return ticket, false, err
	}
	if slices.Contains(dates, asked.EndDate) {
		ticket = o.endingTicket(asked, execution)
		ticket.Joined = true
		if found, err := o.store.EndingOf(ctx, asked.TeamMemberID); err == nil && !found.Closed() {
			ticket.EndingID = found.ID
		}
		return ticket, true, nil
	}
	return ticket, false, refused(
		fmt.Sprintf("Change the date: starter end-employment change-date --team-member %s --end-date %s", asked.TeamMemberID, asked.EndDate),
		"the employment of team member %s is being ended already, with %s as its last day", asked.TeamMemberID, dates[0])
}

// datesOf are the last days of the ending that is under way, the one that counts first:
// those that it keeps or, as long as no worker has opened it, the one that it was started
// with. None where it has ended.
func (o *Operator) datesOf(ctx context.Context, teamMemberID, execution string) ([]domain.Date, error) {
	found, err := o.store.EndingOf(ctx, teamMemberID)
	switch {
	case err == nil && !found.Closed():
		return []domain.Date{found.EndDate, found.RequestedEndDate}, nil
	case err != nil && !errors.Is(err, store.ErrNotFound):
		return nil, err
	}
	asking, cancel := context.WithTimeout(ctx, engineBound)
	defer cancel()
	workflowID := workflows.EndEmploymentID(teamMemberID)
	open, err := runs(asking, o.temporal, workflowID)
	if err != nil || !open {
		return nil, fromEngine("look at workflow "+workflowID, err)
	}
	if found.Closed() && found.ID == workflows.DerivedID(workflowID, execution, 1) {
		return nil, nil // it is about to end
	}
	history := o.temporal.GetWorkflowHistory(asking, workflowID, execution, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	first, err := history.Next()
	if isNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fromEngine("look at workflow "+workflowID, err)
	}
	var in workflows.EndEmploymentInput
	_ = converter.GetDefaultDataConverter().FromPayloads(first.GetWorkflowExecutionStartedEventAttributes().GetInput(), &in)
	return []domain.Date{in.EndDate}, nil
}

// noteEnding keeps what somebody wrote; an ending need not have been opened yet.
func (o *Operator) noteEnding(ctx context.Context, endingID, by, note string) error {
	if strings.TrimSpace(note) == "" {
		return nil
	}
	return o.store.NoteEnding(ctx, endingID, store.EndingNote{At: o.now(), By: by, Note: strings.TrimSpace(note)})
}

// awaitEnding waits a moment until a worker has opened the ending and asked Connexie, or
// refused it.
func (o *Operator) awaitEnding(ctx context.Context, ticket EndingTicket) (EndingTicket, error) {
	until := time.NewTimer(updateBound)
	defer until.Stop()
	for look := 1; ; look++ {
		found, err := o.store.Ending(ctx, ticket.EndingID)
		switch {
		case err == nil && found.Stage != domain.EndingOpened:
			return o.answeredEnding(ticket, found)
		case err != nil && !errors.Is(err, store.ErrNotFound):
			return ticket, err
		}
		if err != nil && look%looksPerCheck == 0 {
			if refusal := o.refusedEnding(ctx, ticket); refusal != nil {
				return ticket, refusal
			}
		}
		select {
		case <-ctx.Done():
			return ticket, ctx.Err()
		case <-until.C:
			ticket.Answered = err == nil
			return ticket, nil
		case <-o.tick():
		}
	}
}

func (o *Operator) answeredEnding(ticket EndingTicket, found store.Ending) (EndingTicket, error) {
	shown := o.describeEnding(found)
	ticket.Answered, ticket.Ending, ticket.EndDate = true, &shown, found.EndDate
	if found.Outcome == domain.EndingRefused {
		return ticket, refused(shown.NextStep, "the ending was refused (%s)", found.OutcomeReason)
	}
	return ticket, nil
}

// refusedEnding is why the workflow of a ticket ended without opening anything; nil while
// it is at work.
func (o *Operator) refusedEnding(ctx context.Context, ticket EndingTicket) error {
	asking, cancel := context.WithTimeout(ctx, engineBound)
	defer cancel()
	described, err := o.temporal.DescribeWorkflowExecution(asking, ticket.WorkflowID, ticket.execution)
	if err != nil || described.GetWorkflowExecutionInfo().GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return nil // an engine that is down for a moment is no reason to stop looking
	}
	var result workflows.EndingResult
	if err := o.temporal.GetWorkflow(asking, ticket.WorkflowID, ticket.execution).Get(asking, &result); err != nil {
		return o.endedBadly(ctx, "end the employment of team member "+ticket.TeamMemberID, ticket.Link, err)
	}
	if result.Outcome != domain.EndingRefused {
		return nil
	}
	what, next, _ := strings.Cut(result.Problem, ". ")
	return refused(next, "%s", strings.TrimSuffix(what, "."))
}
