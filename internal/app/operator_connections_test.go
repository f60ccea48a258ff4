package app_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/app"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

func TestOperator_C9_WhatCannotBePausedOrResumedIsAnsweredAndStays(t *testing.T) {
	t.Parallel()
	o := operate(t)
	for state, rule := range map[store.ConnectionState]string{store.ConnectionInactive: "C1", store.ConnectionRemoved: "C9"} {
		o.db.Exec(t, `update connexie.connections set state = $1`, string(state))
		before := testkit.TakeSnapshot(t, o.db.URL)
		for _, err := range []error{
			second(o.PauseConnection(t.Context(), o.connection, "user_42")),
			second(o.ResumeConnection(t.Context(), o.connection, "user_42")),
		} {
			requireProblem(t, err, app.KindRefused, "is "+string(state)+", so there is nothing to")
			require.ErrorContains(t, err, rule)
			require.ErrorContains(t, err, "starter activate --organisation "+o.organisation)
		}
		before.RequireUnchanged(t, testkit.TakeSnapshot(t, o.db.URL))
	}
}

func TestOperator_C9_APausedConnectionIsResumedByItsOwnCommand(t *testing.T) {
	t.Parallel()
	o := operate(t)
	o.db.Exec(t, `update connexie.connections set state = 'paused'`)
	resume := "starter connections resume --connection " + o.connection
	_, err := o.RequestSync(t.Context(), app.SyncRequest{ConnectionID: o.connection})
	require.ErrorContains(t, requireRefused(t, err), resume)
	_, err = o.RequestExport(t.Context(), app.ExportRequest{
		ConnectionID: o.connection, Days: app.Days{Month: "2026-11"}, Kinds: []string{"hours"},
	})
	require.ErrorContains(t, requireRefused(t, err), resume)
	detail, err := o.ConnectionDetail(t.Context(), o.connection)
	require.NoError(t, err)
	require.Equal(t, "paused", detail.State)
	require.Contains(t, detail.NextStep, resume)
}

func requireRefused(t *testing.T, err error) error {
	t.Helper()
	requireProblem(t, err, app.KindRefused, "")
	return err
}

func TestOperator_C9_WithoutConfirmationNothingIsRemoved(t *testing.T) {
	t.Parallel()
	o := operate(t)
	leaver := o.db.TeamMember(t, testkit.TeamMember{OrganisationID: o.organisation})
	o.db.Link(t, o.connection, leaver, "emp_leaver")
	opened, err := o.db.Store.OpenEnding(t.Context(), store.EndingOpening{
		ID: testkit.ID(t), ConnectionID: o.connection, TeamMemberID: leaver, WorkflowID: "end-employment/" + leaver,
		EndDate: domain.NewDate(2026, time.December, 31), RequestedBy: "user_42",
	}, time.Now())
	require.NoError(t, err)
	require.Empty(t, opened.Refused)
	before := testkit.TakeSnapshot(t, o.db.URL)
	err = o.ConfirmRemoval(t.Context(), o.connection)
	requireProblem(t, err, app.KindRefused, "nothing was done")
	require.ErrorContains(t, err, "the endings of employments that are not over (1)")
	require.ErrorContains(t, err, "starter connections remove --connection "+o.connection+" --yes")
	require.ErrorContains(t, err, "stay")
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, o.db.URL))
}

func TestOperator_N6_AQuarantinedConnectionSaysSo(t *testing.T) {
	t.Parallel()
	o := operate(t)
	for nights, want := range []bool{false, false, false, true} {
		o.db.Exec(t, `update connexie.connections set failed_nights = $1`, nights)
		detail, err := o.ConnectionDetail(t.Context(), o.connection)
		require.NoError(t, err)
		require.Equal(t, want, detail.Quarantined)
		require.Equal(t, nights, detail.FailedNights)
	}
}

func TestOperator_S16_E4_S22_SettingsAreChosenOneByOne(t *testing.T) {
	t.Parallel()
	o := operate(t)
	on, floor := true, 80
	chosen, err := o.ChooseSettings(t.Context(), app.SettingsChange{ConnectionID: o.connection, LikelyDuplicatesWait: &on})
	require.NoError(t, err)
	require.Equal(t, app.LikelyDuplicatesWait, chosen.Settings.LikelyDuplicates)
	require.False(t, chosen.Settings.AutomaticEndings)
	chosen, err = o.ChooseSettings(t.Context(), app.SettingsChange{ConnectionID: o.connection, CreationsFloor: &floor, AutomaticEndings: &on})
	require.NoError(t, err)
	require.Equal(t, app.Settings{
		Guard:            app.GuardSettings{CreationsFloor: 80, CreationsPercent: 50, ChangesFloor: 10, ChangesPercent: 20},
		AutomaticEndings: true, LikelyDuplicates: app.LikelyDuplicatesWait,
	}, chosen.Settings)
}

func TestOperator_S16_SettingsThatCannotBeChangeNothing(t *testing.T) {
	t.Parallel()
	o := operate(t)
	before := testkit.TakeSnapshot(t, o.db.URL)
	low, high, on := -1, 2000, true
	_, err := o.ChooseSettings(t.Context(), app.SettingsChange{
		ConnectionID: o.connection, CreationsFloor: &low, ChangesPercent: &high, AutomaticEndings: &on,
	})
	requireProblem(t, err, app.KindInvalid, "the creations floor must be 0 to 100000; the changes percent must be 0 to 1000")
	_, err = o.ChooseSettings(t.Context(), app.SettingsChange{ConnectionID: o.connection})
	requireProblem(t, err, app.KindInvalid, "no setting is named")
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, o.db.URL))

	o.db.Exec(t, `update connexie.connections set state = 'removed'`)
	_, err = o.ChooseSettings(t.Context(), app.SettingsChange{ConnectionID: o.connection, AutomaticEndings: &on})
	requireProblem(t, err, app.KindRefused, "is removed and has no settings (C9)")
}
