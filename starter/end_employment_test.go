package main

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/app"
	"github.com/eitje/connexie-worker/internal/domain"
)

func exampleEnding() app.Ending {
	return app.Ending{
		EndingID: runID, ConnectionID: connectionID, TeamMemberID: memberID, ConnexieID: "emp_0003",
		WorkflowID: "end-employment/" + memberID, Link: "http://localhost:8233/namespaces/default/workflows/end-employment%2F" + memberID,
		EndDate: domain.NewDate(2026, time.November, 20), RequestedEndDate: domain.NewDate(2026, time.November, 30), Reason: "own_request",
		RequestedBy: "user_42", Stage: domain.EndingWaitsForConfirmation, Reminders: 2, DueAt: begun.AddDate(0, 0, 7), OpenedAt: begun,
		Notes:    []app.EndingNote{{At: begun, By: "user_42", Note: "Verhuist naar Gent."}},
		NextStep: "Deactivate the team member in Eitje: starter end-employment confirm --team-member " + memberID,
	}
}

func exampleEnded() app.Ending {
	ended := exampleEnding()
	ended.Stage, ended.Outcome, ended.DueAt, ended.ClosedAt = domain.EndingClosed, domain.EndingEnded, time.Time{}, begun.AddDate(0, 0, 3)
	ended.ConfirmedBy, ended.EndedAt = "user_1", begun.AddDate(0, 0, 2)
	ended.Remains = &app.EndingRemains{FutureShifts: 3, Unapproved: 1, Unexported: 12}
	ended.NextStep = "Give away the shifts after the last day."
	return ended
}

func TestShow_WhatPeopleSeeOfAnEnding(t *testing.T) {
	t.Parallel()
	ending, ended := exampleEnding(), exampleEnded()
	withdrawn := exampleEnding()
	withdrawn.Stage, withdrawn.Outcome, withdrawn.OutcomeReason, withdrawn.WithdrawnBy = domain.EndingClosed, domain.EndingWithdrawn, "stays", "user_1"
	withdrawn.DueAt, withdrawn.Notes = time.Time{}, nil
	ticket := app.EndingTicket{
		EndingID: runID, ConnectionID: connectionID, TeamMemberID: memberID, WorkflowID: "end-employment/" + memberID, EndDate: ending.EndDate,
	}
	joined := ticket
	joined.Joined, joined.Answered, joined.Ending = true, true, &ending
	for name, show := range map[string]func(*terminal){
		"E4_waits":     func(t *terminal) { t.showEnding(ending) },
		"E6_ended":     func(t *terminal) { t.showEnding(ended) },
		"E5_withdrawn": func(t *terminal) { t.showEnding(withdrawn) },
		"list":         func(t *terminal) { t.showEndings([]app.Ending{ending, ended}) },
		"none":         func(t *terminal) { t.showEndings(nil) },
		"unanswered":   func(t *terminal) { t.showEndingTicket(ticket) },
		"joined":       func(t *terminal) { t.showEndingTicket(joined) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			terminal, printed := drawing()
			show(terminal)
			golden(t, "ending_"+name+".txt", printed.String())
		})
	}
}

func TestJSON_MembersOfAnEndingAreStable(t *testing.T) {
	t.Parallel()
	ended := exampleEnded()
	for name, value := range map[string]any{
		"ending":        exampleEnding(),
		"ending_ended":  ended,
		"ending_ticket": app.EndingTicket{EndingID: runID, Joined: true, Answered: true, Ending: &ended},
		"ending_list":   map[string]any{"endings": []app.Ending{ended}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			terminal, printed := drawing()
			terminal.json = true
			terminal.result(value, func() { t.Error("drawn for people") })
			require.True(t, json.Valid(printed.Bytes()))
			golden(t, "json_"+name+".json", printed.String())
		})
	}
}

func TestShow_WhatSomebodyWroteDoesNotSteerTheTerminal(t *testing.T) {
	t.Parallel()
	ending := exampleEnding()
	ending.Notes[0].Note, ending.Reason, ending.ConnexieID = "\x1b[2J", "\x07", "\x1b]0;x"
	terminal, printed := drawing()
	terminal.showEnding(ending)
	terminal.showEndings([]app.Ending{ending})
	require.NotContains(t, printed.String(), "\x1b")
	require.NotContains(t, printed.String(), "\x07")
}
