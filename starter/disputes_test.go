package main

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/app"
	"github.com/eitje/connexie-worker/internal/domain"
)

const secondID = "0190a1b2-0000-7000-8000-000000000007"

func exampleDecision() *app.DisputeDecision {
	return &app.DisputeDecision{
		ID: runID, Decision: domain.DecideLink, TeamMemberID: memberID, Dispute: domain.ReasonSharedEmail,
		Reason: "asked her", DecidedBy: "user_42", DecidedAt: begun,
	}
}

func exampleDispute() app.DisputeSides {
	day := domain.NewDate(2026, time.September, 1)
	return app.DisputeSides{
		ConnectionID: connectionID,
		DisputeLine: app.DisputeLine{
			ConnexieID: "emp_0042", State: app.DisputeWaiting, Reason: domain.ReasonSharedEmail, Since: begun,
			Candidates: []string{memberID, secondID}, NextStep: "Decide: starter disputes decide -h",
		},
		Person: app.PersonSide{
			ConnexieID: "emp_0042", Name: "Noor de Wit", DateOfBirth: domain.NewDate(1999, time.April, 1), Email: "noor@example.com",
			Phone: "0612345678", City: "Amsterdam", Employed: true, Venues: []string{"Brug", "Strand"},
			Contracts: []app.ContractSide{{Type: domain.FixedHours, Start: day}},
		},
		Rivals: []app.PersonSide{{ConnexieID: "emp_0043", Name: "Sanne de Wit", Venues: []string{"Brug"}}},
		Profiles: []app.ProfileSide{
			{
				TeamMemberID: memberID, Name: "Noor de Wit", Email: "noor@example.com", DeactivatedAt: begun, LastWorked: domain.NewDate(2024, time.May, 3),
				Contracts: []app.ContractSide{{Type: domain.Flex, Start: domain.NewDate(2023, time.May, 1), End: domain.NewDate(2024, time.May, 31)}},
			},
			{TeamMemberID: secondID, Name: "Sanne\x1b[31m", Active: true, Venues: []string{"Strand"}},
		},
		Owners: []app.ProfileSide{{TeamMemberID: runID, ConnexieID: "emp_0001", Name: "Piet de Wit", Active: true}},
	}
}

func exampleHold() app.Hold {
	return app.Hold{
		ConnectionID: connectionID, HoldID: memberID, ConnexieID: "emp_0042", Until: domain.NewDate(2026, time.December, 31),
		Reason: "payroll corrects it", By: "user_42", CreatedAt: begun, InForce: true,
	}
}

func exampleUndone() app.Undone {
	hold := exampleHold()
	return app.Undone{
		UndoID: secondID, ConnectionID: connectionID, ConnexieID: "emp_0042", TeamMemberID: memberID, ContractID: runID, Hold: &hold,
		Changes: []domain.Change{
			{Object: domain.ObjectContract, ObjectID: runID, Field: "end_date", After: "2026-12-31"},
			{Object: domain.ObjectContract, ObjectID: runID, Field: "hourly_wage", Before: "14.39", After: "15.00"},
		},
		NextStep: "No sync touches it through 2026-12-31.",
	}
}

func TestShow_S6_S10_S21_DisputesHoldsAndUndosAreWhatPeopleSee(t *testing.T) {
	t.Parallel()
	lifted := exampleHold()
	lifted.InForce, lifted.LiftedBy = false, "user_1"
	lines := []app.DisputeLine{exampleDispute().DisputeLine, {ConnexieID: "emp_0050", State: app.DisputeSkipped, Decision: exampleDecision()}}
	run := exampleRun()
	item := exampleItem()
	taken := app.DisputeTaken{ConnectionID: connectionID, ConnexieID: "emp_0042", DisputeDecision: *exampleDecision()}
	again := app.DisputeTaken{ConnexieID: "emp_0042", DisputeDecision: app.DisputeDecision{Decision: app.DecideCreate}, Already: true}
	already := app.Undone{ConnexieID: "emp_0042", ContractID: runID, Already: true, NextStep: "The next sync overwrites it again."}
	for name, show := range map[string]func(*terminal){
		"disputes":         func(t *terminal) { t.showDisputes(connectionID, lines) },
		"disputes_none":    func(t *terminal) { t.showDisputes(connectionID, nil) },
		"dispute":          func(t *terminal) { t.showDispute(exampleDispute()) },
		"dispute_decided":  func(t *terminal) { t.showDisputeDecided(disputeReport{DisputeTaken: taken, Run: &run, Item: &item}) },
		"dispute_again":    func(t *terminal) { t.showDisputeDecided(disputeReport{DisputeTaken: again, Run: &run}) },
		"dispute_not_yet":  func(t *terminal) { t.showDisputeDecided(disputeReport{DisputeTaken: taken}) },
		"holds":            func(t *terminal) { t.showHolds([]app.Hold{exampleHold(), lifted}) },
		"hold_set":         func(t *terminal) { t.showHold(app.HoldDone{Hold: exampleHold(), Changed: true, NextStep: "Nothing."}) },
		"hold_set_already": func(t *terminal) { t.showHold(app.HoldDone{Hold: exampleHold(), NextStep: "Nothing."}) },
		"hold_lifted":      func(t *terminal) { t.showHold(app.HoldDone{Hold: lifted, Changed: true, NextStep: "Nothing."}) },
		"hold_was_lifted":  func(t *terminal) { t.showHold(app.HoldDone{Hold: lifted, NextStep: "Nothing."}) },
		"undone":           func(t *terminal) { t.showUndone(exampleUndone()) },
		"undone_already":   func(t *terminal) { t.showUndone(already) },
	} {
		t.Run(name, func(test *testing.T) {
			test.Parallel()
			terminal, out := drawing()
			show(terminal)
			golden(test, "show_"+name+".txt", out.String())
			require.NotContains(test, out.String(), "\x1b", "data steers no terminal")
		})
	}
}

func TestJSON_S6_S10_S21_DisputesHoldsAndUndosAreStable(t *testing.T) {
	t.Parallel()
	taken := app.DisputeTaken{ConnectionID: connectionID, ConnexieID: "emp_0042", DisputeDecision: *exampleDecision()}
	for name, value := range map[string]any{
		"dispute": exampleDispute(), "dispute_decided": disputeReport{DisputeTaken: taken},
		"hold": app.HoldDone{Hold: exampleHold(), Changed: true}, "undone": exampleUndone(),
	} {
		encoded, err := json.MarshalIndent(value, "", "  ")
		require.NoError(t, err)
		golden(t, "json_"+name+".json", string(encoded)+"\n")
	}
}

func TestExit_S6_ADecisionThatCouldNotBeFollowedHasProblems(t *testing.T) {
	t.Parallel()
	run := exampleRun()
	item := exampleItem()
	require.Equal(t, exitDone, disputeCode(disputeReport{Run: &run, Item: &item}))
	require.Equal(t, exitDone, disputeCode(disputeReport{Run: &run}))
	item.Situation = domain.Disputed
	require.Equal(t, exitProblems, disputeCode(disputeReport{Run: &run, Item: &item}))
	run.Outcome = domain.SyncRefused
	require.Equal(t, exitRefused, disputeCode(disputeReport{Run: &run}))
}
