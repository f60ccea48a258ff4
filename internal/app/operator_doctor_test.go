package app_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/app"
	"github.com/eitje/connexie-worker/internal/config"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/secrets"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// nowhere is an address where nobody listens.
const nowhere = "127.0.0.1:1"

func sickConfiguration(databaseURL string) config.Starter {
	return config.Starter{
		Database: config.Database{URL: config.NewSecret(databaseURL), MaxConnections: 4},
		Connexie: config.Connexie{BaseURL: "http://" + nowhere + "/v1", RequestsPerSecond: 10},
		Keys:     config.Keys{EncryptionKeys: config.NewSecret(secrets.NewKey())},
		Temporal: config.NewTemporal(client.Options{HostPort: nowhere}),
	}
}

func statuses(diagnosis app.Diagnosis) map[string]app.CheckStatus {
	found := map[string]app.CheckStatus{}
	for _, check := range diagnosis.Checks {
		found[check.Name] = check.Status
	}
	return found
}

func TestDoctor_WhatDoesNotAnswerDoesNotHideTheRest(t *testing.T) {
	t.Parallel()
	diagnosis := app.Diagnose(t.Context(), sickConfiguration("postgres://u:hunter2@"+nowhere+"/x"), zap.NewNop())
	require.False(t, diagnosis.Healthy)
	require.Equal(t, map[string]app.CheckStatus{
		"PostgreSQL": app.CheckFailed, "Temporal": app.CheckFailed, "key ring": app.CheckOK,
	}, statuses(diagnosis))
	for _, check := range diagnosis.Checks {
		require.NotContains(t, check.Detail, "hunter2")
		require.True(t, check.Status == app.CheckOK || check.NextStep != "", check.Name)
	}
}

func TestDoctor_C8_ATokenThatTheKeyRingDoesNotOpenIsNamed(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	connection := db.Connection(t, db.Organisation(t)) // sealed by a key that nobody has
	diagnosis := app.Diagnose(t.Context(), sickConfiguration(db.URL), zap.NewNop())
	found := statuses(diagnosis)
	require.Equal(t, app.CheckOK, found["PostgreSQL"])
	require.Equal(t, app.CheckOK, found["schema"])
	require.Equal(t, app.CheckFailed, found["connection "+connection.ID])
}

func TestDoctor_AnEmptyDatabaseIsToldToMigrate(t *testing.T) {
	t.Parallel()
	diagnosis := app.Diagnose(t.Context(), sickConfiguration(testkit.EmptyDatabase(t)), zap.NewNop())
	require.Equal(t, app.CheckFailed, statuses(diagnosis)["schema"])
}

func TestDoctor_WithoutConnectionsThereIsNothingToDo(t *testing.T) {
	t.Parallel()
	diagnosis := app.Diagnose(t.Context(), sickConfiguration(testkit.Database(t)), zap.NewNop())
	require.Equal(t, app.CheckWarn, statuses(diagnosis)["connections"])
}

func TestDoctor_SaysWhyTheLastRunFailedAndWhatToDo(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	connection := db.Connection(t, db.Organisation(t))
	run := testkit.ID(t)
	_, err := db.Store.OpenRun(t.Context(), store.RunOpening{
		ID: run, ConnectionID: connection.ID, WorkflowID: "sync/" + connection.ID, Pass: 1, Trigger: store.TriggerManual,
		Mode: store.ModeApply, RequestedBy: "cli", Day: domain.DayOf(testkit.Now),
	}, testkit.Now)
	require.NoError(t, err)
	closing := store.RunClosing{Outcome: domain.SyncFailed, Problem: activities.ErrorReading, Counts: domain.Counts{}}
	_, err = db.Store.CloseRun(t.Context(), run, closing, testkit.Now)
	require.NoError(t, err)

	diagnosis := app.Diagnose(t.Context(), sickConfiguration(db.URL), zap.NewNop())

	require.Contains(t, diagnosis.Checks, app.Check{
		Name: "run of " + connection.ID, Status: app.CheckFailed, Detail: "run " + run + " failed: ReadingIncomplete",
		NextStep: activities.StepAfter(activities.ErrorReading),
	})
}

func TestDoctor_X8_DraftsThatAnExportLeftBehindAreNamed(t *testing.T) {
	t.Parallel()
	p := onPayroll(t)
	id := p.collected(t, store.ModeApply)
	_, _, err := p.db.Store.BeginVenue(t.Context(), id, "ven_1")
	require.NoError(t, err)
	_, err = p.db.Store.CloseExport(t.Context(), id, store.ExportClosing{Outcome: domain.ExportFailed, Problem: "Terminated"}, testkit.Now)
	require.NoError(t, err)

	diagnosis := app.Diagnose(t.Context(), sickConfiguration(p.db.URL), zap.NewNop())

	require.Equal(t, app.CheckWarn, statuses(diagnosis)["drafts of "+p.connection])
}
