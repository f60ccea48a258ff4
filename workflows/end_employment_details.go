package workflows

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
)

// EndingStatus is the answer to the query status, and to every update.
type EndingStatus struct {
	Stage domain.EndingStage `json:"stage"`
	// EndDate is the last day: Connexie's, once there is one.
	EndDate domain.Date `json:"end_date"`
	// DueAt is when the ending is looked at again by itself.
	DueAt     time.Time `json:"due_at,omitzero"`
	Reminders int       `json:"reminders"`
	// ConfirmedBy did step two, or had it done; empty before.
	ConfirmedBy string               `json:"confirmed_by,omitempty"`
	Outcome     domain.EndingOutcome `json:"outcome,omitempty"`
	Reason      domain.EndingReason  `json:"reason,omitempty"`
	Counts      domain.Counts        `json:"counts"`
	// Problem says what stands in the way, in a sentence.
	Problem string `json:"problem,omitempty"`
	// NextStep says what somebody can do, in a sentence.
	NextStep string `json:"next_step"`
}

func (e *ending) status() EndingStatus {
	standing := e.state.Standing
	status := EndingStatus{
		Stage: standing.Stage, EndDate: standing.EndDate, DueAt: standing.NextAt, Reminders: standing.Reminders,
		ConfirmedBy: standing.ConfirmedBy, Outcome: standing.Outcome, Reason: standing.Reason, Counts: standing.Counts,
		Problem: standing.Problem, NextStep: e.nextStep(),
	}
	if status.Problem == "" {
		status.Problem = e.state.Problem
	}
	return status
}

func (e *ending) nextStep() string {
	standing := e.state.Standing
	switch standing.Stage {
	case domain.EndingClosed:
		return endingSteps[standing.Outcome]
	case domain.EndingWaitsForConnexie:
		return "End the employment in Connexie. The next sync sees it; to see it at once send the update " + UpdateCheckConnexie + "."
	case domain.EndingWaitsForDate:
		return fmt.Sprintf("Nothing until the day after %s. To change the date send the update %s.", standing.EndDate, UpdateChangeEndDate)
	case domain.EndingWaitsForConfirmation:
		return "Deactivate the team member in Eitje: send the update " + UpdateConfirmEnd + "."
	case domain.EndingWatches:
		return "Nothing: it ends once one more sync has passed, at the latest after 14 days."
	}
	return "Nothing: it goes on by itself."
}

var endingSteps = map[domain.EndingOutcome]string{
	domain.EndingEnded:       "Nothing more, but what the counts say is left: shifts to give to others, entries to approve, hours to export.",
	domain.EndingWithdrawn:   "Nothing was changed in Eitje. If the person leaves all the same, start anew.",
	domain.EndingRefused:     "Do what the problem says, then start anew.",
	domain.EndingReactivated: "A sync activated the team member again. End the employment in Connexie, then start anew.",
	domain.EndingUnwatched:   "The team member is deactivated, but no sync has seen the person since. Look why: starter status.",
}

// show notes where the ending stands, for whoever looks in the Temporal UI or searches.
func (e *ending) show(ctx workflow.Context) {
	workflow.SetCurrentDetails(ctx, e.details())
	standing := e.state.Standing
	if e.shown.stage == standing.Stage && e.shown.nextAt.Equal(standing.NextAt) || e.over() {
		return
	}
	e.shown.stage, e.shown.nextAt = standing.Stage, standing.NextAt
	attributes := []temporal.SearchAttributeUpdate{
		AttributeConnection.ValueSet(e.in.ConnectionID),
		AttributeStage.ValueSet(string(standing.Stage)),
		AttributeNeedsAttention.ValueSet(waitsForSomebody(standing.Stage)),
	}
	if standing.OrganisationID != "" {
		attributes = append(attributes, AttributeOrganisation.ValueSet(standing.OrganisationID))
	}
	if !standing.NextAt.IsZero() {
		attributes = append(attributes, AttributeDueAt.ValueSet(standing.NextAt))
	}
	upsert(ctx, attributes...)
}

// endAttributes makes an ending findable by how it ended.
func (e *ending) endAttributes(ctx workflow.Context, cause error) {
	outcome := string(e.state.Standing.Outcome)
	if cause != nil && outcome == "" {
		outcome = string(domain.SyncFailed)
	}
	attention := cause != nil && !temporal.IsCanceledError(cause)
	switch e.state.Standing.Outcome {
	case domain.EndingRefused, domain.EndingReactivated, domain.EndingUnwatched:
		attention = true
	}
	upsert(ctx,
		AttributeOutcome.ValueSet(outcome),
		AttributeStage.ValueSet(string(domain.EndingClosed)),
		AttributeNeedsAttention.ValueSet(attention),
		AttributeDueAt.ValueUnset())
}

// timerSummary says in the UI what is waited for.
func (e *ending) timerSummary() string {
	standing := e.state.Standing
	switch standing.Stage {
	case domain.EndingWaitsForDate:
		if standing.NextAt.Before(standing.EndDate.AddDays(1).At(0, 0)) {
			return "Looked at again meanwhile; the last day is " + standing.EndDate.String()
		}
		return "The day after " + standing.EndDate.String()
	case domain.EndingWatches:
		return "One more sync, or 14 days"
	}
	return fmt.Sprintf("Reminder %d", standing.Reminders+1)
}

// details shows the ending in the Temporal UI, ids and counts alone (N4).
func (e *ending) details() string {
	status := e.status()
	var text strings.Builder
	fmt.Fprintf(&text, "**%s** · last day %s · asked by `%s`\n\n", status.Stage, status.EndDate, e.state.Run.RequestedBy)
	if !status.DueAt.IsZero() {
		fmt.Fprintf(&text, "Looked at again at %s · reminders so far: %d\n\n", status.DueAt.UTC().Format(time.RFC3339), status.Reminders)
	}
	if status.ConfirmedBy != "" {
		fmt.Fprintf(&text, "Confirmed by `%s`\n\n", status.ConfirmedBy)
	}
	if status.Outcome != "" {
		fmt.Fprintf(&text, "Outcome: **%s**", status.Outcome)
		if status.Reason != "" {
			fmt.Fprintf(&text, " (%s)", status.Reason)
		}
		text.WriteString("\n\n")
	}
	if e.state.Standing.ByHand && status.Stage == domain.EndingWaitsForConnexie {
		text.WriteString("The token may not end an employment, so that somebody must do it in Connexie (E2).\n\n")
	}
	if status.Problem != "" {
		fmt.Fprintf(&text, "%s\n\n", shownProblem(status.Problem))
	}
	text.WriteString(wordsTable("number", status.Counts))
	for _, reject := range e.state.Rejects {
		fmt.Fprintf(&text, "Refused: %s\n\n", reject)
	}
	fmt.Fprintf(&text, "**What you can do:** %s\n\n%s", status.NextStep, e.messages())
	return text.String()
}

// messages lists what can be sent in the present stage.
func (e *ending) messages() string {
	possible := map[domain.EndingStage][]string{
		domain.EndingWaitsForConnexie:     {UpdateCheckConnexie, UpdateChangeEndDate, UpdateWithdraw},
		domain.EndingWaitsForDate:         {UpdateChangeEndDate, UpdateCheckConnexie, UpdateWithdraw},
		domain.EndingWaitsForConfirmation: {UpdateConfirmEnd, UpdateCheckConnexie, UpdateWithdraw},
		domain.EndingWatches:              {UpdateCheckConnexie},
	}[e.state.Standing.Stage]
	var text strings.Builder
	for _, name := range possible {
		fmt.Fprintf(&text, "- update `%s` with `%s`\n", name, endingExamples[name])
	}
	return text.String()
}

var endingExamples = map[string]string{
	UpdateCheckConnexie: checkConnexieExample, UpdateConfirmEnd: confirmEndExample,
	UpdateChangeEndDate: changeEndDateExample, UpdateWithdraw: withdrawExample,
}

// messageOf is what an error says, for the sender of a message that gets no answer.
func messageOf(err error) string {
	if failure, ok := errors.AsType[*temporal.ApplicationError](err); ok {
		if failure.Type() == activities.ErrorEndingRefused || failure.Type() == activities.ErrorInvalidInput {
			return shownProblem(failure.Message())
		}
		return failure.Type()
	}
	return "it could not be done"
}
