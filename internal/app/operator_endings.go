package app

import (
	"context"
	"errors"
	"strings"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/workflows"
)

// Ending is the end of one employment, for people and programs to look at.
type Ending struct {
	EndingID     string `json:"ending_id"`
	ConnectionID string `json:"connection_id"`
	TeamMemberID string `json:"team_member_id"`
	ConnexieID   string `json:"connexie_id"`
	WorkflowID   string `json:"workflow_id"`
	Link         string `json:"link,omitempty"`
	// EndDate is the last day that counts; RequestedEndDate the one that was asked for.
	EndDate          domain.Date        `json:"end_date"`
	RequestedEndDate domain.Date        `json:"requested_end_date"`
	Reason           string             `json:"reason,omitempty"`
	RequestedBy      string             `json:"requested_by"`
	Stage            domain.EndingStage `json:"stage"`
	Reminders        int                `json:"reminders"`
	// DueAt is when it is looked at again by itself.
	DueAt time.Time `json:"due_at,omitzero"`
	// ConfirmedBy did step two, and EndedAt is when; empty before.
	ConfirmedBy   string               `json:"confirmed_by,omitempty"`
	EndedAt       time.Time            `json:"ended_at,omitzero"`
	Outcome       domain.EndingOutcome `json:"outcome,omitempty"`
	OutcomeReason domain.EndingReason  `json:"outcome_reason,omitempty"`
	WithdrawnBy   string               `json:"withdrawn_by,omitempty"`
	// Remains is what is left of the person, once step two is done (E6).
	Remains  *EndingRemains `json:"remains,omitempty"`
	OpenedAt time.Time      `json:"opened_at"`
	ClosedAt time.Time      `json:"closed_at,omitzero"`
	Notes    []EndingNote   `json:"notes,omitempty"`
	NextStep string         `json:"next_step"`
}

// EndingRemains counts what is left of somebody whose employment has ended.
type EndingRemains struct {
	FutureShifts int `json:"future_shifts"`
	Unapproved   int `json:"unapproved"`
	Unexported   int `json:"unexported"`
}

// EndingNote is what somebody wrote about an ending.
type EndingNote struct {
	At   time.Time `json:"at"`
	By   string    `json:"by"`
	Note string    `json:"note"`
}

func (o *Operator) describeEnding(ending store.Ending) Ending {
	described := Ending{
		EndingID: ending.ID, ConnectionID: ending.ConnectionID, TeamMemberID: ending.TeamMemberID, ConnexieID: ending.ConnexieID,
		WorkflowID: ending.WorkflowID, Link: o.workflowLink(ending.WorkflowID), EndDate: ending.EndDate,
		RequestedEndDate: ending.RequestedEndDate, Reason: ending.Reason, RequestedBy: ending.RequestedBy, Stage: ending.Stage,
		Reminders: ending.Reminders, DueAt: ending.NextAt, ConfirmedBy: ending.ConfirmedBy, EndedAt: ending.EndedAt,
		Outcome: ending.Outcome, OutcomeReason: ending.OutcomeReason, WithdrawnBy: ending.WithdrawnBy,
		OpenedAt: ending.OpenedAt, ClosedAt: ending.ClosedAt,
	}
	if !ending.EndedAt.IsZero() {
		remains := EndingRemains(ending.Remains)
		described.Remains = &remains
	}
	described.NextStep = nextAfterEnding(described)
	return described
}

// nextAfterEnding is what somebody can do about an ending.
func nextAfterEnding(ending Ending) string {
	command := func(verb string) string {
		return "starter end-employment " + verb + " --team-member " + ending.TeamMemberID
	}
	switch ending.Stage {
	case domain.EndingOpened:
		return "Nothing: Connexie is being asked. Where nothing moves: starter doctor"
	case domain.EndingWaitsForConnexie:
		return "End the employment in Connexie. The next sync sees it, or at once: " + command("check")
	case domain.EndingWaitsForDate:
		return "Nothing until the day after the last one. To change it: " + command("change-date") + " --end-date DAY"
	case domain.EndingWaitsForConfirmation:
		return "Deactivate the team member in Eitje: " + command("confirm")
	case domain.EndingWatches:
		return "Nothing: it ends once one more sync has passed. To have that now: starter sync --connection " + ending.ConnectionID
	}
	switch ending.Outcome {
	case domain.EndingEnded:
		if ending.Remains != nil && *ending.Remains != (EndingRemains{}) {
			return "Give away the shifts after the last day, approve what is open, and export what was approved: starter export -h"
		}
		return "Nothing."
	case domain.EndingReactivated:
		return "A sync activated the team member again. End the employment in Connexie, then: " + command("start")
	case domain.EndingUnwatched:
		return "The team member is deactivated, and no sync has seen the person since. Look why: starter status --connection " + ending.ConnectionID
	case domain.EndingAbandoned:
		return "Its workflow was terminated. Where the person leaves all the same: " + command("start")
	}
	return "Nothing was changed in Eitje. Where the person leaves all the same: " + command("start")
}

// Ending finds the latest ending of a team member, with its notes. Needs the database.
func (o *Operator) Ending(ctx context.Context, teamMemberID string) (Ending, error) {
	if !isRecordID(teamMemberID) {
		return Ending{}, malformed("The endings are in: starter end-employment list --connection ID", "a team member", teamMemberID)
	}
	found, err := o.store.EndingOf(ctx, teamMemberID)
	if errors.Is(err, store.ErrNotFound) {
		return Ending{}, notFound("Start it: starter end-employment start --team-member "+teamMemberID,
			"the employment of team member %s is not being ended, and never was", teamMemberID)
	}
	if err != nil {
		return Ending{}, err
	}
	described := o.describeEnding(found)
	notes, err := o.store.EndingNotes(ctx, found.ID)
	for _, note := range notes {
		described.Notes = append(described.Notes, EndingNote(note))
	}
	return described, err
}

// Endings lists the endings of a connection, those that are under way first. Needs the
// database.
func (o *Operator) Endings(ctx context.Context, connectionID string, all bool, limit int) ([]Ending, error) {
	connection, err := o.connection(ctx, connectionID)
	if err != nil {
		return nil, err
	}
	found, err := o.store.Endings(ctx, connection.ID, !all, limit)
	endings := make([]Ending, 0, len(found))
	for _, ending := range found {
		endings = append(endings, o.describeEnding(ending))
	}
	return endings, err
}

// CheckEnding asks Connexie at once whether step one is done (E2). Needs the database and
// Temporal, as every word to an ending that follows.
func (o *Operator) CheckEnding(ctx context.Context, teamMemberID string) (Ending, error) {
	return o.tellEnding(ctx, teamMemberID, workflows.UpdateCheckConnexie, workflows.CheckConnexieInput{})
}

// ConfirmEnding does step two: the team member is deactivated in Eitje. While Connexie
// shows the employment as active it is refused with the reason (E1).
func (o *Operator) ConfirmEnding(ctx context.Context, teamMemberID, by string) (Ending, error) {
	by, err := requester(by)
	if err != nil {
		return Ending{}, err
	}
	return o.tellEnding(ctx, teamMemberID, workflows.UpdateConfirmEnd, workflows.ConfirmEndInput{By: by})
}

// ChangeEndDate changes the last day, in Connexie too where the token may.
func (o *Operator) ChangeEndDate(ctx context.Context, teamMemberID, endDate, by string) (Ending, error) {
	by, err := requester(by)
	if err != nil {
		return Ending{}, err
	}
	day, err := domain.ParseDate(endDate)
	if err != nil {
		return Ending{}, invalid(endDateExample, "%q is not a calendar date", shorten(endDate))
	}
	return o.tellEnding(ctx, teamMemberID, workflows.UpdateChangeEndDate, workflows.ChangeEndDateInput{EndDate: day, By: by})
}

// EndingWithdrawal ends an ending before its time.
type EndingWithdrawal struct {
	TeamMemberID string
	// Reason is a code; may be empty.
	Reason string
	// Note is free text; it is kept in the database alone (N4).
	Note string
	By   string
}

// WithdrawEnding ends an ending before its time; nothing is opened again in Connexie.
func (o *Operator) WithdrawEnding(ctx context.Context, withdrawal EndingWithdrawal) (Ending, error) {
	by, err := requester(withdrawal.By)
	if err != nil {
		return Ending{}, err
	}
	if err := checkReasonAndNote(withdrawal.Reason, withdrawal.Note); err != nil {
		return Ending{}, err
	}
	told, err := o.tellEnding(ctx, withdrawal.TeamMemberID, workflows.UpdateWithdraw,
		workflows.WithdrawInput{By: by, Reason: withdrawal.Reason})
	if err != nil || strings.TrimSpace(withdrawal.Note) == "" {
		return told, err
	}
	if err := o.noteEnding(ctx, told.EndingID, by, withdrawal.Note); err != nil {
		return told, err
	}
	return o.Ending(ctx, withdrawal.TeamMemberID)
}

// endingBound is how long an ending may take to ask Connexie and answer.
const endingBound = 150 * time.Second

// tellEnding sends an update to the ending of a team member and answers with where it
// stands then.
func (o *Operator) tellEnding(ctx context.Context, teamMemberID, update string, in any) (Ending, error) {
	if !isRecordID(teamMemberID) {
		return Ending{}, malformed("The endings are in: starter end-employment list --connection ID", "a team member", teamMemberID)
	}
	if err := o.sendToEnding(ctx, workflows.EndEmploymentID(teamMemberID), update, in); err != nil {
		return Ending{}, untold(teamMemberID, err)
	}
	return o.Ending(ctx, teamMemberID)
}

func (o *Operator) sendToEnding(ctx context.Context, workflowID, update string, in any) error {
	accepting, cancel := context.WithTimeout(ctx, updateBound)
	defer cancel()
	handle, err := o.temporal.UpdateWorkflow(accepting, client.UpdateWorkflowOptions{
		WorkflowID: workflowID, UpdateName: update, Args: []any{in}, WaitForStage: client.WorkflowUpdateStageAccepted,
	})
	if err != nil {
		return err
	}
	answering, stop := context.WithTimeout(ctx, endingBound)
	defer stop()
	return handle.Get(answering, nil)
}

func untold(teamMemberID string, err error) error {
	var (
		gone    *serviceerror.NotFound
		refusal *temporal.ApplicationError
	)
	look := "starter end-employment status --team-member " + teamMemberID
	switch {
	case errors.As(err, &gone):
		return refused("See how the last one ended: "+look, "the employment of team member %s is not being ended", teamMemberID)
	case errors.As(err, &refusal):
		return refused("See where it stands: "+look, "%s", strings.TrimSuffix(refusal.Message(), "."))
	case unanswered(err):
		return &Problem{Kind: KindUnavailable,
			What:     "no worker answered about team member " + teamMemberID + " in time; what was asked may still be done",
			NextStep: "Look whether a worker runs: starter doctor. Then see: " + look}
	}
	return fromEngine("end the employment of team member "+teamMemberID, err)
}
