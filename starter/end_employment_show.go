package main

import (
	"context"

	"github.com/eitje/connexie-worker/internal/app"
	"github.com/eitje/connexie-worker/internal/config"
)

// ending does something about one ending and prints where it stands then.
func (t *terminal) ending(
	ctx context.Context, needs []config.Part, do func(context.Context, *app.Operator) (app.Ending, error),
) error {
	return withOperator(ctx, needs, func(ctx context.Context, operator *app.Operator) error {
		ending, err := do(ctx, operator)
		if err != nil {
			return err
		}
		t.result(ending, func() { t.showEnding(ending) })
		return nil
	})
}

// showEndingTicket prints which ending does what was asked.
func (t *terminal) showEndingTicket(ticket app.EndingTicket) {
	if ticket.Joined {
		t.say("Joined the ending that was under way.")
	}
	if ticket.Ending != nil {
		t.showEnding(*ticket.Ending)
		return
	}
	t.say("%s %s: started, with %s as the last day", t.bold("Ending"), ticket.EndingID, ticket.EndDate)
	if !ticket.Answered {
		t.say("No worker has answered yet: it is kept and will be done. Is one running? See: starter doctor")
	}
	if ticket.Link != "" {
		t.say("Temporal UI: %s", ticket.Link)
	}
	t.say("Next: starter end-employment status --team-member %s", ticket.TeamMemberID)
}

// showEnding prints one ending in full.
func (t *terminal) showEnding(ending app.Ending) {
	t.say("%s of team member %s (%s in Connexie)", t.bold("End of the employment"), ending.TeamMemberID, printable(ending.ConnexieID))
	t.say("%s; last day %s", t.bold(endingStage(ending)), ending.EndDate)
	if ending.RequestedEndDate != ending.EndDate {
		t.say("%s was asked for; Connexie's last day counts.", ending.RequestedEndDate)
	}
	t.say("Asked by %s at %s%s", printable(ending.RequestedBy), when(ending.OpenedAt), because(ending.Reason))
	if ending.ConfirmedBy != "" {
		t.say("Deactivated in Eitje by %s at %s", printable(ending.ConfirmedBy), when(ending.EndedAt))
	}
	if ending.WithdrawnBy != "" {
		t.say("Withdrawn by %s", printable(ending.WithdrawnBy))
	}
	if !ending.DueAt.IsZero() {
		t.say("Looked at again: %s; reminders so far: %d", when(ending.DueAt), ending.Reminders)
	}
	if remains := ending.Remains; remains != nil {
		t.table("What is left", row{"what", "number"},
			row{"shifts after the last day", remains.FutureShifts}, row{"entries to approve", remains.Unapproved},
			row{"approved entries to export", remains.Unexported})
	}
	for _, note := range ending.Notes {
		t.say("%s, %s: %s", when(note.At), printable(note.By), printable(note.Note))
	}
	if ending.Link != "" {
		t.say("Temporal UI: %s", ending.Link)
	}
	t.say("Next: %s", ending.NextStep)
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return " (" + printable(words(reason)) + ")"
}

// endingStage is where an ending stands, as people say it.
func endingStage(ending app.Ending) string {
	if ending.Outcome != "" {
		return words(string(ending.Outcome)) + because(string(ending.OutcomeReason))
	}
	switch ending.Stage {
	case "opened":
		return "asking Connexie"
	case "waiting_for_connexie":
		return "waits for step one, in Connexie"
	case "waiting_for_date":
		return "waits for the day after the last one"
	case "waiting_for_confirmation":
		return "waits for step two, in Eitje"
	case "watching":
		return "waits for one more synchronisation"
	}
	return words(string(ending.Stage))
}

// showEndings prints the endings of a connection.
func (t *terminal) showEndings(endings []app.Ending) {
	if len(endings) == 0 {
		t.say("Nobody's employment is being ended.")
		return
	}
	var rows []row
	for _, ending := range endings {
		rows = append(rows, row{
			ending.TeamMemberID, orDash(ending.ConnexieID), ending.EndDate.String(), endingStage(ending), when(ending.DueAt), ending.NextStep,
		})
	}
	t.table("Endings", row{"team member", "in Connexie", "last day", "where it stands", "looked at again", "next step"}, rows...)
}
