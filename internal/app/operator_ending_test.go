package app_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/app"
	"github.com/eitje/connexie-worker/internal/testkit"
)

const leavingMember = "0190a1b2-0000-7000-8000-000000000004"

func TestOperator_E1_ARequestThatCannotBeIsAnsweredBeforeAnythingIsOpened(t *testing.T) {
	t.Parallel()
	good := app.EndingRequest{TeamMemberID: leavingMember, EndDate: "2026-11-30", Reason: "own_request", Note: "Verhuist\nnaar Gent.", By: "user_42"}
	require.NoError(t, good.Validate())
	require.NoError(t, app.EndingRequest{TeamMemberID: leavingMember}.Validate(), "Connexie may have a last day")
	for says, change := range map[string]func(*app.EndingRequest){
		"is not the id of a team member": func(r *app.EndingRequest) { r.TeamMemberID = "Jan de Vries" },
		"is not a calendar date":         func(r *app.EndingRequest) { r.EndDate = "2026-02-30" },
		"is not a code":                  func(r *app.EndingRequest) { r.Reason = "gaat verhuizen" },
		"is not an id":                   func(r *app.EndingRequest) { r.By = "Jan de Vries" },
		"the note is too long":           func(r *app.EndingRequest) { r.Note = strings.Repeat("x", 2001) },
		"or no text":                     func(r *app.EndingRequest) { r.Note = "\x1b[2J" },
	} {
		request := good
		change(&request)
		var problem *app.Problem
		require.ErrorAs(t, request.Validate(), &problem, says)
		require.Equal(t, app.KindInvalid, problem.Kind)
		require.Contains(t, problem.What, says)
		require.NotEmpty(t, problem.NextStep)
	}
}

func TestOperator_C9_AnEndingOfAPausedConnectionIsRefusedWithTheWayBack(t *testing.T) {
	t.Parallel()
	o := operate(t)
	member := o.db.TeamMember(t, testkit.TeamMember{OrganisationID: o.organisation})
	o.db.Exec(t, `update connexie.connections set state = 'paused'`)
	_, err := o.StartEnding(t.Context(), app.EndingRequest{TeamMemberID: member, EndDate: "2026-11-30"})
	requireProblem(t, err, app.KindRefused, "is paused (C9)")
	require.ErrorContains(t, err, "starter connections resume --connection "+o.connection)
}
