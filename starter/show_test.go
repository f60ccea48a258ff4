package main

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/app"
	"github.com/eitje/connexie-worker/internal/domain"
)

const (
	connectionID = "0190a1b2-0000-7000-8000-000000000002"
	runID        = "0190a1b2-0000-5000-8000-000000000003"
	memberID     = "0190a1b2-0000-7000-8000-000000000004"
)

var begun = time.Date(2026, time.November, 22, 22, 0, 0, 0, time.UTC)

func exampleRun() app.Run {
	return app.Run{
		RunID: runID, ConnectionID: connectionID, WorkflowID: "preview/" + connectionID,
		Link:    "http://localhost:8233/namespaces/default/workflows/preview%2F" + connectionID,
		Trigger: "manual", Mode: "preview", RequestedBy: "cli", Day: domain.NewDate(2026, time.November, 22),
		Stage: "closed", Done: 2, Total: 2, Outcome: domain.SyncOK, StartedAt: begun, ClosedAt: begun.Add(1500 * time.Millisecond),
		Counts:   domain.Counts{"linked": 3, "skipped": 2, "skipped.email_blank": 2, "updated": 1},
		NextStep: "To do it, run the same without --preview.",
	}
}

func exampleItem() app.Item {
	return app.Item{
		ConnexieID: "emp_0001", TeamMemberID: memberID, Situation: domain.Linked, Rule: "S5", Action: domain.ActionUpdate,
		State: "planned", Changes: []domain.Change{
			{Object: domain.ObjectContract, ObjectID: memberID, Field: "hourly_wage", Before: "14.39", After: "21.50"},
			{Object: domain.ObjectTeamMember, ObjectID: memberID, Field: "phone", After: "+31600000001"},
		},
		Steps: []domain.Step{{Rule: "S5", Question: "Is the person linked to a team member?", Answer: "yes"}},
	}
}

func exampleHeld() app.Run {
	run := exampleRun()
	run.Mode, run.Stage, run.Outcome, run.ClosedAt, run.Counts = "apply", "held", domain.SyncHeld, time.Time{}, domain.Counts{}
	run.Guarded, run.Limit = &domain.Guarded{ContractsEnded: 40}, &domain.Guarded{Creations: 77, Reactivations: 31, ContractsEnded: 31}
	return run
}

func exampleStatus() app.Status {
	return app.Status{
		ConnectionID: connectionID, OrganisationID: memberID, Organisation: "Horecagroep De Brug", State: "active",
		AccountID: "acc_demo", ActivatedAt: begun, GuardArmed: true, UndecidedVenues: 1,
		People: []app.PeopleCount{
			{Situation: domain.Linked, Rule: "S5", Count: 154},
			{Situation: domain.Skipped, Reason: domain.ReasonEmailBlank, Rule: "S3", Count: 2},
		},
		Runs: []app.Run{exampleHeld(), exampleRun()},
		LastExport: &app.LastExport{
			ExportID: runID, From: november.From, To: november.To, Kinds: domain.ExportKinds(), Stage: "closed", Outcome: domain.ExportPartly,
			StartedAt: begun,
		},
		Notifications: []app.Notification{
			{ID: memberID, Cause: domain.CauseEmailBlank, Subject: "emp_0116", Severity: domain.SeverityWarning, NextStep: "Fill it in.", OpenedAt: begun},
			{ID: runID, Cause: domain.CauseEmailBlank, Subject: "emp_0117", Severity: domain.SeverityWarning, NextStep: "Fill it in.", OpenedAt: begun},
		},
	}
}

func exampleMappings() app.Mappings {
	return app.Mappings{
		ConnectionID: connectionID, Undecided: 1,
		Eitje: []app.VenueMapping{
			{ID: memberID, Name: "Grand Café De Brug", Decision: app.DecisionConnected, ConnexieID: "ven_brug", DecidedBy: "cli"},
			{ID: runID, Name: "Kantoor", Decision: app.DecisionUndecided, DecideWith: "starter mappings venue --connection … --connexie ID|not-used"},
		},
		Connexie:  []app.VenueMapping{{ID: "ven_brug", Name: "Grand Café De Brug", Decision: app.DecisionConnected}},
		Codes:     []app.CodeMapping{{Kind: "meal", Type: "dinner", Code: "2000"}, {Kind: "hours", Code: "0999", Gone: true}},
		Available: []app.WageCode{{Code: "2000", Description: "Maaltijd", Kind: "meal", Unit: "pieces"}},
		HourCode:  "0999",
		Unmapped: []app.UnmappedKind{
			{Kind: "meal", Type: "Late snack", Entries: 12, ChooseWith: "starter mappings code --connection … --kind meal --type 'Late snack' --code 2000"},
			{Kind: "allowance", Type: "laundry", Entries: 1},
		},
		Obstacles: []app.Obstacle{{Rule: "C3", What: "1 venue is undecided", NextStep: "Decide about each."}},
	}
}

func exampleDecided() app.Mappings {
	mappings := exampleMappings()
	mappings.Undecided, mappings.Eitje = 0, mappings.Eitje[:1]
	mappings.Codes, mappings.Unmapped, mappings.Obstacles = mappings.Codes[:1], nil, nil
	return mappings
}

func exampleNight() app.Night {
	return app.Night{
		NightID: runID, Night: domain.NewDate(2026, time.November, 22), WorkflowID: "nightly-sync-2026-11-22T22:00:00Z",
		Total: 2, Counts: domain.Counts{"ok": 1, "refused": 1}, Outcome: domain.NightProblems,
		StartedAt: begun, ClosedAt: begun.Add(65 * time.Second),
		Connections: []app.NightConnection{
			{ConnectionID: connectionID, OrganisationID: memberID, Standing: "ok", RunID: runID, Counts: domain.Counts{"linked": 154}},
			{ConnectionID: memberID, OrganisationID: memberID, Standing: "refused", Counts: domain.Counts{}, Problem: "token_refused"},
		},
	}
}

func examplePlanned() app.NextNights {
	return app.NextNights{
		ScheduleID: "nightly-sync", Paused: true, Note: "moving house", ComputedBy: "ListScheduleMatchingTimes",
		Nights: []app.PlannedHour{
			{At: begun, Amsterdam: "Sun 2026-11-22 23:00 CET", HoursSince: 24},
			{At: begun.AddDate(0, 4, 0), Amsterdam: "Sun 2027-03-28 23:00 CEST", HoursSince: 23, ClockChange: true},
		},
	}
}

func exampleDiagnosis() app.Diagnosis {
	return app.Diagnosis{Checks: []app.Check{
		{Name: "PostgreSQL", Status: app.CheckOK, Detail: "answers at localhost:5432/connexie"},
		{Name: "schedule", Status: app.CheckFailed, Detail: "there is no schedule nightly-sync, so no night runs", NextStep: "Run: starter migrate"},
	}}
}

func exampleLines() []app.ConnectionLine {
	return []app.ConnectionLine{
		{
			ConnectionID: connectionID, OrganisationID: memberID, Organisation: "Horecagroep De Brug", State: "needs_token",
			People: domain.Counts{"linked": 154, "skipped": 21}, Notifications: domain.Counts{"critical": 1, "warning": 3, "info": 9},
			UndecidedVenues: 1, LastRun: &app.LastRun{RunID: runID, Stage: "closed", Outcome: domain.SyncRefused, StartedAt: begun},
		},
		{ConnectionID: memberID, Organisation: "Lunchroom Noord", State: "active", People: domain.Counts{}, Notifications: domain.Counts{}},
	}
}

func TestShow_WhatPeopleSee(t *testing.T) {
	t.Parallel()
	report := syncReport{Run: exampleRun(), Items: []app.Item{exampleItem()}, More: true}
	person := report
	person.OnlyConnexieID = "emp_0001"
	for name, show := range map[string]func(*terminal){
		"preview":     func(t *terminal) { t.showReport(report) },
		"person":      func(t *terminal) { t.showReport(person) },
		"held":        func(t *terminal) { t.showRun(exampleHeld()) },
		"changes":     func(t *terminal) { t.showChanges([]app.ChangeLine{exampleChange()}) },
		"connections": func(t *terminal) { t.showConnections(exampleLines()) },
		"nobody":      func(t *terminal) { t.showConnections(nil) },
		"status":      func(t *terminal) { t.showStatus(exampleStatus()) },
		"mappings":    func(t *terminal) { t.showMappings(exampleMappings()) },
		"decided":     func(t *terminal) { t.showMappings(exampleDecided()) },
		"night":       func(t *terminal) { t.showNight(exampleNight()) },
		"nights":      func(t *terminal) { t.showNights([]app.Night{exampleNight()}) },
		"planned":     func(t *terminal) { t.showPlanned(examplePlanned()) },
		"diagnosis":   func(t *terminal) { t.showDiagnosis(exampleDiagnosis()) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			terminal, printed := drawing()
			show(terminal)
			golden(t, "show_"+name+".txt", printed.String())
		})
	}
}

func exampleChange() app.ChangeLine {
	return app.ChangeLine{
		ID: runID, ConnexieID: "emp_0001", Object: domain.ObjectContract, ObjectID: memberID, Field: "hourly_wage",
		Before: "14.39", After: "21.50", At: begun, By: "user_42",
	}
}

// The members of --json are what other programs rely on.
func TestJSON_MembersAreStable(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]any{
		"preview":     syncReport{Run: exampleRun(), Items: []app.Item{exampleItem()}, More: true},
		"held":        exampleHeld(),
		"ticket":      app.SyncTicket{ConnectionID: connectionID, WorkflowID: "sync/" + connectionID, Link: "l", RunID: runID, Pass: 1, Answered: true},
		"decided":     app.GuardDecided{ConnectionID: connectionID, RunID: runID, Decision: "allow"},
		"activation":  app.Activation{ConnectionID: connectionID, Stage: "active", Outcome: "ok", Counts: domain.Counts{"venues": 3}},
		"changes":     map[string]any{"run_id": runID, "changes": []app.ChangeLine{exampleChange()}},
		"connections": map[string]any{"connections": exampleLines()},
		"status":      exampleStatus(),
		"mappings":    exampleMappings(),
		"nights":      map[string]any{"nights": []app.Night{exampleNight()}},
		"planned":     examplePlanned(),
		"diagnosis":   exampleDiagnosis(),
		"started":     app.StartedNight{WorkflowID: "nightly-sync-by-hand-x"},
		"migration": app.Migration{FromVersion: 1, ToVersion: 3, SearchAttributes: []string{"Stage"}, Schedule: app.ScheduleCreated,
			Schedules: map[string]app.ScheduleChange{"nightly-sync": app.ScheduleCreated}},
		"sandbox": app.SandboxInfo{BaseURL: "http://127.0.0.1:8085/v1", Organisations: []app.SandboxOrganisation{{AccountID: "acc_demo"}}},
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

func TestJSON_NothingElseIsPrinted(t *testing.T) {
	t.Parallel()
	terminal, printed := drawing()
	terminal.json = true
	terminal.say("a line for people")
	terminal.table("a table", row{"for"}, row{"people"})
	terminal.progress().show("reading", 1, 2)
	require.Empty(t, printed.String())
}

// Names and values come from other systems and must not steer the terminal.
func TestShow_DataDoesNotSteerTheTerminal(t *testing.T) {
	t.Parallel()
	const evil = "\x1b[2J\x1b]0;owned\x07\r\n"
	terminal, printed := drawing()
	item := exampleItem()
	item.Changes[0].Before, item.Changes[0].After = evil, evil
	terminal.showItems([]app.Item{item})
	mappings := exampleMappings()
	mappings.Eitje[0].Name, mappings.Connexie[0].Name, mappings.Available[0].Description = evil, evil, evil
	mappings.Unmapped[0].Type, mappings.Unmapped[0].ChooseWith, mappings.Obstacles[0].What = evil, evil, evil
	terminal.showMappings(mappings)
	status := exampleStatus()
	status.Organisation = evil
	terminal.showStatus(status)
	require.NotContains(t, printed.String(), "\x1b")
	require.NotContains(t, printed.String(), "\x07")
}

func TestShow_N5_WhatAnErasureDoesByTable(t *testing.T) {
	t.Parallel()
	tables := []app.ErasedInTable{
		{Table: "connexie.people", Effect: "removed", Rows: 1}, {Table: "eitje.team_members", Effect: "emptied", Rows: 1},
		{Table: "eitje.entries", Effect: "kept", Rows: 40},
	}
	for name, report := range map[string]app.ErasureReport{
		"erase_preview": {Outcome: app.ErasureNeedsForce, Tables: tables, Obstacles: []app.ErasureReason{{
			Obstacle: "employment_active", Forceable: true, What: "Connexie shows the employment as active", NextStep: "End the employment in Connexie.",
		}}},
		"erase_done":    {Outcome: app.ErasureDone, Tables: tables, Erasure: app.Erasure{ID: runID, KeptOut: true}},
		"erase_already": {Outcome: app.ErasureAlready, Erasure: app.Erasure{ID: runID, ErasedAt: begun, ErasedBy: "user_42"}},
	} {
		term, out := drawing()
		term.showErasure(report)
		golden(t, name+".txt", out.String())
	}
	term, out := drawing()
	term.showErasures([]app.Erasure{
		{ID: runID, TeamMemberID: memberID, ErasedAt: begun, ErasedBy: "user_42", KeptOut: true},
		{ID: runID, ErasedAt: begun, ErasedBy: "cli", Forced: true, LiftedAt: begun.Add(time.Hour), LiftedBy: "user_1"},
	})
	golden(t, "erase_list.txt", out.String())
}
