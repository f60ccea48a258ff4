package app_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/app"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

func TestOperator_N5_ErasureIsLookedAtThenDoneThenLifted(t *testing.T) {
	t.Parallel()
	p := onPayroll(t)
	request := app.ErasureRequest{ConnectionID: p.connection, ConnexieID: "emp_1", By: "user_1"}

	preview, err := p.PreviewErasure(t.Context(), request)
	require.NoError(t, err)
	require.Equal(t, app.ErasureNeedsForce, preview.Outcome)
	require.Len(t, preview.Obstacles, 1)
	require.Equal(t, "hours_not_exported", preview.Obstacles[0].Obstacle)
	require.Contains(t, preview.Obstacles[0].NextStep, "--from 2026-11-01 --to 2026-11-02")
	_, err = p.Erase(t.Context(), request)
	requireProblem(t, err, app.KindRefused, "2 approved entries from 2026-11-01 to 2026-11-02")

	exported := p.collected(t, store.ModeApply)
	_, err = p.Erase(t.Context(), request)
	requireProblem(t, err, app.KindRefused, "an export of this connection is under way")
	p.send(t, exported)
	p.close(t, exported, store.ExportClosing{Outcome: "ok"})

	done, err := p.Erase(t.Context(), request)
	require.NoError(t, err)
	require.Equal(t, app.ErasureDone, done.Outcome)
	require.True(t, done.KeptOut)
	require.Empty(t, done.Obstacles)
	require.Equal(t, p.member, done.TeamMemberID)
	again, err := p.Erase(t.Context(), request)
	require.NoError(t, err)
	require.Equal(t, app.ErasureAlready, again.Outcome)
	require.Equal(t, done.ID, again.ID)

	people, err := p.ExportPeople(t.Context(), exported)
	require.NoError(t, err)
	for _, person := range people {
		require.Empty(t, person.Name)
	}
	listed, err := p.Erasures(t.Context(), p.connection, 10)
	require.NoError(t, err)
	require.Len(t, listed, 1)
	require.Equal(t, []any{done.ID, "user_1", true, false}, []any{listed[0].ID, listed[0].ErasedBy, listed[0].KeptOut, listed[0].Forced})

	lifted, err := p.LiftErasure(t.Context(), request)
	require.NoError(t, err)
	require.False(t, lifted.KeptOut)
	require.Equal(t, "user_1", lifted.LiftedBy)
	_, err = p.LiftErasure(t.Context(), request)
	requireProblem(t, err, app.KindRefused, "not erased")
}

func TestOperator_N5_BadInputIsAnsweredAndChangesNothing(t *testing.T) {
	t.Parallel()
	p := onPayroll(t)
	elsewhere := p.db.TeamMember(t, testkit.TeamMember{OrganisationID: p.db.Organisation(t)})
	before := testkit.TakeSnapshot(t, p.db.URL)
	for name, c := range map[string]struct {
		request app.ErasureRequest
		kind    app.ProblemKind
	}{
		"nobody named":                {app.ErasureRequest{ConnectionID: p.connection}, app.KindInvalid},
		"named twice":                 {app.ErasureRequest{ConnectionID: p.connection, ConnexieID: "emp_1", TeamMemberID: p.member}, app.KindInvalid},
		"no Connexie ID":              {app.ErasureRequest{ConnectionID: p.connection, ConnexieID: "Noor Vos"}, app.KindInvalid},
		"no team member's id":         {app.ErasureRequest{ConnectionID: p.connection, TeamMemberID: "Noor"}, app.KindInvalid},
		"a name for who asks":         {app.ErasureRequest{ConnectionID: p.connection, ConnexieID: "emp_1", By: "Jan de Vries"}, app.KindInvalid},
		"unknown in Connexie":         {app.ErasureRequest{ConnectionID: p.connection, ConnexieID: "emp_9", Force: true}, app.KindNotFound},
		"another organisation's (N7)": {app.ErasureRequest{ConnectionID: p.connection, TeamMemberID: elsewhere, Force: true}, app.KindNotFound},
		"no such connection":          {app.ErasureRequest{ConnectionID: testkit.ID(t), ConnexieID: "emp_1"}, app.KindNotFound},
	} {
		for _, do := range []func() error{
			func() error { _, err := p.Erase(t.Context(), c.request); return err },
			func() error { _, err := p.PreviewErasure(t.Context(), c.request); return err },
		} {
			var problem *app.Problem
			err := do()
			require.ErrorAs(t, err, &problem, name)
			require.Equal(t, c.kind, problem.Kind, name)
			require.NotEmpty(t, problem.NextStep, name)
		}
	}
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, p.db.URL))
}
