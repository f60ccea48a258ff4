package endtoend

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/app"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
)

// exempt puts a person on hold through tomorrow.
func (o *organisation) exempt(t *testing.T, operator *app.Operator, id string) {
	t.Helper()
	done, err := operator.SetHold(t.Context(), app.HoldRequest{
		ConnectionID: o.connection, ConnexieID: id, Until: today().AddDays(1).String(), Reason: freeText, By: "user_42",
	})
	require.NoError(t, err)
	require.True(t, done.InForce)
}

// letHoldsEnd makes yesterday the last day of every hold: the server's clock is left
// alone.
func (o *organisation) letHoldsEnd(t *testing.T) {
	t.Helper()
	o.edit(t, `update connexie.holds set until = $2 where connection_id = $1`, o.connection, today().AddDays(-1))
}

func heldThroughANight(t *testing.T, s *system) {
	o := s.small(t, "Vrijgesteld", 20)
	o.settle(t)
	operator := s.operator(t)
	newcomer := o.newcomers(t, 1)[0].ID
	o.exempt(t, operator, wageChanged)
	o.exemptUnknown(t, operator, newcomer)
	o.change(t, wageChanged, func(e *sandbox.Employee) { e.Contracts[0].HourlyWage = sandbox.Some("29.75") })
	o.edit(t, `update eitje.team_members set active = false, deactivated_at = now(), deactivated_by = $2 where id = $1`,
		o.member(t, wageChanged), deactivatingUser)

	night := o.night(t, o.connection)
	require.Equal(t, domain.Counts{"ok": 1}, night.Counts, "the others go on")
	require.NotEmpty(t, o.member(t, newcomer))
	require.Equal(t, domain.Counts{"on_hold": 1}, onHold(o.sync(t).Counts))
	require.Equal(t, domain.Counts{"on_hold": 1}, onHold(o.syncPerson(t, wageChanged).Counts), "also alone")
	require.NotEqual(t, "29.75", o.wage(t, wageChanged))
	require.Equal(t, "false", o.field(t, wageChanged, "active"))
	require.Equal(t, "on_hold", o.standings(t)[wageChanged].Situation)
	o.requireSettled(t)

	o.letHoldsEnd(t)
	ended := o.sync(t)
	require.Zero(t, ended.Counts["on_hold"])
	require.Equal(t, "29.75", o.wage(t, wageChanged))
	require.Equal(t, "true", o.field(t, wageChanged, "active"))
	o.requireSettled(t)
	require.NotContains(t, s.logs.String(), freeText)
}

// exemptUnknown is refused for somebody whom no run has read yet.
func (o *organisation) exemptUnknown(t *testing.T, operator *app.Operator, id string) {
	t.Helper()
	_, err := operator.SetHold(t.Context(), app.HoldRequest{
		ConnectionID: o.connection, ConnexieID: id, Until: today().String(), Reason: freeText,
	})
	var problem *app.Problem
	require.ErrorAs(t, err, &problem)
	require.Equal(t, app.KindNotFound, problem.Kind)
}

func onHold(counts domain.Counts) domain.Counts {
	return domain.Counts{"on_hold": counts["on_hold"]}
}

func previewedWithAHold(t *testing.T, s *system) {
	o := s.small(t, "Proef met vrijstelling", 20)
	o.settle(t)
	operator := s.operator(t)
	o.change(t, wageChanged, func(e *sandbox.Employee) { e.Contracts[0].HourlyWage = sandbox.Some("29.75") })
	o.change(t, nameChanged, func(e *sandbox.Employee) { e.LastName = "Verhuisd" })
	o.exempt(t, operator, wageChanged)
	previewed := o.preview(t)
	require.Equal(t, 1, previewed.Counts["on_hold"])
	require.NotContains(t, o.items(t, previewed.RunID), wageChanged, "nothing would be done about who is on hold")
	synced := o.sync(t)
	require.Equal(t, previewed.Counts, synced.Counts)
	require.Equal(t, "Verhuisd", o.field(t, nameChanged, "last_name"))
	require.NotEqual(t, "29.75", o.wage(t, wageChanged))

	lifted, err := operator.LiftHold(t.Context(), o.connection, wageChanged, "user_1")
	require.NoError(t, err)
	require.True(t, lifted.Changed)
	require.Equal(t, "update", o.items(t, o.preview(t).RunID)[wageChanged].Action)
	o.sync(t)
	require.Equal(t, "29.75", o.wage(t, wageChanged))
	o.requireSettled(t)
}

// undoneOverwrite takes an overwrite back, first without a hold and then with one.
func undoneOverwrite(t *testing.T, s *system) {
	o := s.small(t, "Teruggedraaid", 20)
	o.settle(t)
	operator := s.operator(t)
	theirs := o.wage(t, wageEdited)
	overwrite := func() string {
		o.edit(t, `update eitje.contracts set hourly_wage = 31.25 where team_member_id = $1`, o.member(t, wageEdited))
		run := o.sync(t).RunID
		require.Equal(t, theirs, o.wage(t, wageEdited), "Connexie leads (S8)")
		return run
	}
	undone, err := operator.UndoContract(t.Context(), app.UndoRequest{RunID: overwrite(), ConnexieID: wageEdited, By: "user_42"})
	require.NoError(t, err)
	require.Equal(t, "31.25", o.wage(t, wageEdited))
	require.Contains(t, undone.NextStep, "The next sync overwrites it again")
	require.Equal(t, 1, o.sync(t).Counts["updated"], "as it was told")
	require.Equal(t, theirs, o.wage(t, wageEdited))

	run := overwrite()
	held, err := operator.UndoContract(t.Context(), app.UndoRequest{
		RunID: run, ConnexieID: wageEdited, HoldUntil: today().AddDays(1).String(), Reason: freeText, By: "user_42",
	})
	require.NoError(t, err)
	require.NotNil(t, held.Hold)
	require.Equal(t, 1, o.sync(t).Counts["on_hold"])
	require.Equal(t, "31.25", o.wage(t, wageEdited))
	o.requireSettled(t)

	redone, err := operator.UndoContract(t.Context(), app.UndoRequest{UndoID: held.UndoID, By: "user_42"})
	require.NoError(t, err)
	require.Equal(t, theirs, o.wage(t, wageEdited), "an undo can be undone")
	_, err = operator.UndoContract(t.Context(), app.UndoRequest{UndoID: redone.UndoID, By: "user_42"})
	require.NoError(t, err)
	require.Equal(t, "31.25", o.wage(t, wageEdited))
	o.change(t, wageEdited, func(e *sandbox.Employee) { e.Contracts[0].HourlyWage = sandbox.Some("31.25") })
	o.letHoldsEnd(t)
	require.Zero(t, o.sync(t).Counts["updated"], "corrected in Connexie meanwhile")
	require.Equal(t, "31.25", o.wage(t, wageEdited))
	o.requireSettled(t)
}
