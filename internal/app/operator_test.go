package app_test

import (
	"context"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/eitje/connexie-worker/internal/app"
	"github.com/eitje/connexie-worker/internal/config"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/secrets"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// operation is an operator on a database of the test's own, with one connection.
type operation struct {
	*app.Operator

	db           *testkit.DB
	organisation string
	connection   string
}

func operate(t *testing.T) operation {
	t.Helper()
	db := testkit.New(t)
	organisation := db.Organisation(t)
	return operation{
		Operator: operatorOn(t, db), db: db, organisation: organisation,
		connection: db.Connection(t, organisation).ID,
	}
}

func operatorOn(t *testing.T, db *testkit.DB) *app.Operator {
	t.Helper()
	cfg := config.Starter{
		Database: config.Database{URL: config.NewSecret(db.URL), MaxConnections: 4},
		Keys:     config.Keys{EncryptionKeys: config.NewSecret(secrets.NewKey())},
		UI:       config.UI{TemporalURL: "http://localhost:8233/"},
	}
	operator, err := app.OpenOperator(t.Context(), cfg, zap.NewNop(), config.PartDatabase, config.PartKeys)
	require.NoError(t, err)
	t.Cleanup(operator.Close)
	return operator
}

// requireProblem wants an error that somebody can act on.
func requireProblem(t *testing.T, err error, kind app.ProblemKind, says string) {
	t.Helper()
	var problem *app.Problem
	require.ErrorAs(t, err, &problem)
	require.Equal(t, kind, problem.Kind, err)
	require.Contains(t, problem.What, says)
	require.NotEmpty(t, problem.NextStep)
}

func TestOperator_UnknownIDsSayWhatToDo(t *testing.T) {
	t.Parallel()
	o := operate(t)
	for what, err := range o.asked(t, testkit.ID(t)) {
		requireProblem(t, err, app.KindNotFound, "there is no "+what)
	}
}

func TestOperator_WhatIsNoIDIsBadUsage(t *testing.T) {
	t.Parallel()
	o := operate(t)
	for _, id := range []string{
		"", "nobody", "'; drop table connexie.connections; --", "\x00", "{" + o.connection + "}", o.connection + " ",
	} {
		for what, err := range o.asked(t, id) {
			requireProblem(t, err, app.KindInvalid, "is not the id of "+article[what])
		}
	}
}

var article = map[string]string{"connection": "a connection", "run": "a run", "export": "an export"}

// asked gives an id to everything that takes the id of a connection, an export or a run.
func (o operation) asked(t *testing.T, id string) iter.Seq2[string, error] {
	t.Helper()
	ctx := t.Context()
	answers := []struct {
		what string
		err  error
	}{
		{"connection", second(o.Status(ctx, id))},
		{"connection", second(o.Mappings(ctx, id))},
		{"connection", second(o.RequestSync(ctx, app.SyncRequest{ConnectionID: id}))},
		{"connection", second(o.DecideGuard(ctx, app.GuardDecision{ConnectionID: id}))},
		{"connection", second(o.RunNight(ctx, id))},
		{"connection", second(o.ConnectionDetail(ctx, id))},
		{"connection", second(o.PauseConnection(ctx, id, ""))},
		{"connection", second(o.ResumeConnection(ctx, id, ""))},
		{"connection", second(o.RemoveConnection(ctx, id, ""))},
		{"connection", o.ConfirmRemoval(ctx, id)},
		{"connection", second(o.ChooseSettings(ctx, app.SettingsChange{ConnectionID: id, AutomaticEndings: new(bool)}))},
		{"connection", second(o.Exports(ctx, id, 1))},
		{"connection", second(o.CancelExport(ctx, id, false))},
		{"connection", second(o.Hours(ctx, app.HoursQuery{ConnectionID: id, Days: app.Days{Month: "2026-11"}, Limit: 1}))},
		{"connection", second(o.Disputes(ctx, id))},
		{"connection", second(o.Dispute(ctx, id, "emp_1"))},
		{"connection", second(o.DecideDispute(ctx, app.DisputeRequest{ConnectionID: id, ConnexieID: "emp_1", Decision: domain.DecideSkip}))},
		{"connection", second(o.Holds(ctx, id, true))},
		{"connection", second(o.LiftHold(ctx, id, "emp_1", ""))},
		{"export", second(o.Export(ctx, id))},
		{"run", second(o.Run(ctx, id))},
	}
	return func(yield func(string, error) bool) {
		for _, answer := range answers {
			if !yield(answer.what, answer.err) {
				return
			}
		}
	}
}

func TestOperator_N4_WhoAsksIsAnID(t *testing.T) {
	t.Parallel()
	o := operate(t)
	const name = "Jan de Vries"
	for _, err := range []error{
		second(o.RequestSync(t.Context(), app.SyncRequest{ConnectionID: o.connection, By: name})),
		second(o.DecideGuard(t.Context(), app.GuardDecision{ConnectionID: o.connection, By: name})),
		second(o.DecideVenue(t.Context(), app.VenueDecision{ConnectionID: o.connection, By: name})),
		second(o.DecideCode(t.Context(), app.CodeDecision{ConnectionID: o.connection, By: name})),
		second(o.Activate(t.Context(), app.ActivationRequest{OrganisationID: o.organisation, By: name})),
		second(o.PauseConnection(t.Context(), o.connection, name)),
		second(o.ResumeConnection(t.Context(), o.connection, name)),
		second(o.RemoveConnection(t.Context(), o.connection, name)),
		second(o.ChooseSettings(t.Context(), app.SettingsChange{ConnectionID: o.connection, By: name})),
	} {
		requireProblem(t, err, app.KindInvalid, "is not an id")
	}
}

func second[T any](_ T, err error) error { return err }

func TestOperator_C1_AnEmptyTokenLeavesTheConnectionInactiveWithANotification(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	operator, organisation := operatorOn(t, db), db.Organisation(t)

	_, err := operator.Activate(t.Context(), app.ActivationRequest{OrganisationID: organisation, Token: config.NewSecret(" \n")})

	requireProblem(t, err, app.KindRefused, "the token is empty")
	lines, err := operator.Connections(t.Context())
	require.NoError(t, err)
	require.Len(t, lines, 1)
	require.Equal(t, "inactive", lines[0].State)
	require.Equal(t, domain.Counts{"critical": 1}, lines[0].Notifications)
}

func TestOperator_C8_AnEmptyTokenTakesNothingFromAnActiveConnection(t *testing.T) {
	t.Parallel()
	o := operate(t)
	_, err := o.Activate(t.Context(), app.ActivationRequest{OrganisationID: o.organisation})
	requireProblem(t, err, app.KindRefused, "stays active")
	status, err := o.Status(t.Context(), o.connection)
	require.NoError(t, err)
	require.Equal(t, "active", status.State)
	require.Empty(t, status.Notifications)
}

func TestOperator_N3_ATokenIsNeverRepeated(t *testing.T) {
	t.Parallel()
	o := operate(t)
	_, err := o.Activate(t.Context(), app.ActivationRequest{
		OrganisationID: o.organisation, Token: config.NewSecret("tok 4711\nsecond line"),
	})
	requireProblem(t, err, app.KindInvalid, "this is no API token")
	require.NotContains(t, err.Error(), "4711")
	_, err = o.Activate(t.Context(), app.ActivationRequest{OrganisationID: testkit.ID(t), Token: config.NewSecret("tok_4711")})
	requireProblem(t, err, app.KindNotFound, "there is no organisation")
	require.NotContains(t, err.Error(), "4711")
}

func TestOperator_C9_APausedOrRemovedConnectionIsNotSynchronised(t *testing.T) {
	t.Parallel()
	o := operate(t)
	for _, state := range []store.ConnectionState{store.ConnectionPaused, store.ConnectionRemoved, store.ConnectionInactive} {
		o.db.Exec(t, `update connexie.connections set state = $1`, state)
		_, err := o.RequestSync(t.Context(), app.SyncRequest{ConnectionID: o.connection})
		requireProblem(t, err, app.KindRefused, string(state))
	}
}

func TestOperator_S20_OnePersonIsNamedByAConnexieID(t *testing.T) {
	t.Parallel()
	o := operate(t)
	_, err := o.RequestSync(t.Context(), app.SyncRequest{ConnectionID: o.connection, OnlyConnexieID: "emp/1"})
	requireProblem(t, err, app.KindInvalid, "is not a Connexie ID")
}

func TestOperator_WithoutASchemaSaysToMigrate(t *testing.T) {
	t.Parallel()
	cfg := config.Starter{Database: config.Database{URL: config.NewSecret(testkit.EmptyDatabase(t)), MaxConnections: 4}}
	_, err := app.OpenOperator(t.Context(), cfg, zap.NewNop(), config.PartDatabase)
	requireProblem(t, err, app.KindUnavailable, "migrations")
	require.ErrorContains(t, err, "starter migrate")
}

func TestOperator_WhatDoesNotAnswerIsNamedWithoutItsPassword(t *testing.T) {
	t.Parallel()
	cfg := config.Starter{Database: config.Database{URL: config.NewSecret("postgres://u:hunter2@127.0.0.1:1/x"), MaxConnections: 4}}
	_, err := app.OpenOperator(t.Context(), cfg, zap.NewNop(), config.PartDatabase)
	requireProblem(t, err, app.KindUnavailable, "127.0.0.1:1")
	require.NotContains(t, err.Error(), "hunter2")
}

func TestOperator_ACancelledContextIsPassedOn(t *testing.T) {
	t.Parallel()
	o := operate(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := o.Status(ctx, o.connection)
	require.ErrorIs(t, err, context.Canceled)
}
