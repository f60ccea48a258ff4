package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// overwritten is a contract that was edited in Eitje, and that a run overwrote.
type overwritten struct {
	quarrel
	member, contract, run string
}

func newOverwritten(t *testing.T) overwritten {
	t.Helper()
	o := overwritten{quarrel: newQuarrel(t)}
	o.connexieSends(t, "p3", "alone@example.nl")
	o.sync(t, today)
	o.member = o.linkOf(t, "p3")
	o.contract = testkit.Value[string](t, o.db, `select id::text from eitje.contracts where team_member_id = $1`, o.member)
	o.db.Exec(t, `update eitje.contracts set job_title = 'by hand', hourly_wage = 16.25, end_date = $2 where id = $1`,
		o.contract, today.AddDays(50))
	o.sync(t, today)
	o.run = testkit.Value[string](t, o.db, `select distinct run_id::text from connexie.changes where object_id = $1 and field = 'job_title'`, o.contract)
	require.Equal(t, "- - -", o.holds(t))
	return o
}

// holds is what the contract holds of what was edited.
func (o overwritten) holds(t *testing.T) string {
	t.Helper()
	return testkit.Value[string](t, o.db, `
		select coalesce((select concat_ws(' ', coalesce(job_title, '-'), coalesce(hourly_wage::text, '-'), coalesce(end_date::text, '-'))
		                   from eitje.contracts where id = $1), 'gone')`, o.contract)
}

const byHand = "by hand 16.2500 2027-01-11"

func (o overwritten) undo(t *testing.T, source string, change ...func(*store.UndoRequest)) (store.Undone, error) {
	t.Helper()
	request := store.UndoRequest{Source: source, ContractID: o.contract, By: "user_1", Today: today}
	for _, edit := range change {
		edit(&request)
	}
	return o.db.Store.UndoContract(t.Context(), request, now)
}

func (o overwritten) requireRefused(t *testing.T, source string, want domain.UndoRefusal) {
	t.Helper()
	before := testkit.TakeSnapshot(t, o.db.URL)
	_, err := o.undo(t, source)
	var refusal *domain.UndoRefusal
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, want, *refusal)
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, o.db.URL))
}

func TestUndo_S10_AnOverwriteIsTakenBackUntilTheNextSyncAndBackAgain(t *testing.T) {
	t.Parallel()
	o := newOverwritten(t)
	undone, err := o.undo(t, o.run)
	require.NoError(t, err)
	require.Equal(t, byHand, o.holds(t))
	require.Nil(t, undone.Hold)
	require.Equal(t, []string{"undo end_date user_1", "undo hourly_wage user_1", "undo job_title user_1"}, testkit.Value[[]string](t, o.db, `
		select array_agg(concat_ws(' ', act, field, by) order by field) from connexie.changes where act_id = $1 and connexie_id = 'p3'`, undone.ID))

	again, err := o.undo(t, o.run)
	require.NoError(t, err)
	require.Empty(t, again.ID, "there is nothing left to take back")
	require.Empty(t, again.Changes)

	redone, err := o.undo(t, undone.ID)
	require.NoError(t, err)
	require.Equal(t, "- - -", o.holds(t), "an undo can be undone")
	_, err = o.undo(t, redone.ID)
	require.NoError(t, err)
	require.Equal(t, byHand, o.holds(t), "and that too")

	require.Equal(t, []string{"p3"}, o.sync(t, today))
	require.Equal(t, "- - -", o.holds(t), "Connexie leads (S8)")
	require.Empty(t, o.sync(t, today), "S9")
}

func TestUndo_S10_S21_WithAHoldNoSyncOverwritesUntilItEnds(t *testing.T) {
	t.Parallel()
	o := newOverwritten(t)
	until := today.AddDays(2)
	undone, err := o.undo(t, o.run, func(r *store.UndoRequest) { r.HoldUntil, r.HoldReason = until, "payroll corrects it" })
	require.NoError(t, err)
	require.True(t, undone.HoldChanged)
	require.Equal(t, until, undone.Hold.Until)
	require.Equal(t, "payroll corrects it", undone.Hold.Reason)
	require.Empty(t, o.sync(t, until), "S9")
	require.Equal(t, byHand, o.holds(t))
	o.sync(t, until.AddDays(1))
	require.Equal(t, "- - -", o.holds(t))
}

func TestUndo_S10_S21_AHoldThatIsInForceIsTold(t *testing.T) {
	t.Parallel()
	o := newOverwritten(t)
	_, _, err := o.hold(t, "p3", today)
	require.NoError(t, err)
	undone, err := o.undo(t, o.run)
	require.NoError(t, err)
	require.Equal(t, today, undone.Hold.Until)
	require.False(t, undone.HoldChanged)

	_, _, err = o.hold(t, "p3", today.AddDays(9))
	require.NoError(t, err)
	undone, err = o.undo(t, o.run, func(r *store.UndoRequest) { r.HoldUntil = today.AddDays(2) })
	require.NoError(t, err)
	require.Equal(t, today.AddDays(9), undone.Hold.Until, "an undo shortens nobody's hold")
	undone, err = o.undo(t, o.run, func(r *store.UndoRequest) { r.HoldUntil = today.AddDays(20) })
	require.NoError(t, err)
	require.Equal(t, today.AddDays(20), undone.Hold.Until)
	require.Equal(t, "payroll looks into it", undone.Hold.Reason, "the reason stays where none is given")
	_, _, err = o.db.Store.LiftHold(t.Context(), o.connection, "p3", "user_1", today, now)
	require.NoError(t, err)
	undone, err = o.undo(t, o.run, func(r *store.UndoRequest) { r.HoldUntil = today.AddDays(2) })
	require.NoError(t, err)
	require.NotEmpty(t, undone.Hold.Reason, "a new hold says why")
}

func TestUndo_S10_IsRefusedWhereSomethingElseStandsThere(t *testing.T) {
	t.Parallel()
	o := newOverwritten(t)
	o.db.Exec(t, `update eitje.contracts set job_title = 'edited since' where id = $1`, o.contract)
	o.requireRefused(t, o.run, domain.UndoRefusal{Obstacle: domain.UndoChanged, Fields: []string{"job_title"}})
	o.db.Exec(t, `delete from eitje.contracts where id = $1`, o.contract)
	o.requireRefused(t, o.run, domain.UndoRefusal{Obstacle: domain.UndoGone})
	o.db.Exec(t, `delete from connexie.links where team_member_id = $1`, o.member)
	o.requireRefused(t, o.run, domain.UndoRefusal{Obstacle: domain.UndoUnlinked})
	o.db.Exec(t, `update connexie.changes set connexie_id = '', before = null, after = null where run_id = $1`, o.run)
	o.requireRefused(t, o.run, domain.UndoRefusal{Obstacle: domain.UndoErased})
	_, err := o.undo(t, testkit.ID(t))
	require.ErrorIs(t, err, store.ErrNotFound)
}

func TestUndo_S10_AContractThatARunCreatedIsNoMatterForAnUndo(t *testing.T) {
	t.Parallel()
	o := newOverwritten(t)
	creation := testkit.Value[string](t, o.db, `select run_id::text from connexie.changes where object_id = $1 and field = 'created'`, o.contract)
	o.requireRefused(t, creation, domain.UndoRefusal{Obstacle: domain.UndoCreated})
}

func TestUndo_S10_ARemovedContractComesBackUnderItsIDAndGoesAgain(t *testing.T) {
	t.Parallel()
	o := newOverwritten(t)
	gone := o.db.Contract(t, testkit.Contract{TeamMemberID: o.member, ConnexieID: "c_gone"})
	o.sync(t, today)
	o.contract = gone
	require.Equal(t, "gone", o.holds(t))
	run := testkit.Value[string](t, o.db, `select run_id::text from connexie.changes where object_id = $1 and field = 'removed'`, gone)

	undone, err := o.undo(t, run)
	require.NoError(t, err)
	require.Equal(t, "- - -", o.holds(t))
	redone, err := o.undo(t, undone.ID)
	require.NoError(t, err)
	require.Equal(t, "gone", o.holds(t))
	undone, err = o.undo(t, redone.ID)
	require.NoError(t, err)
	require.Equal(t, "- - -", o.holds(t))

	o.exported(t, "c_gone")
	o.requireRefused(t, undone.ID, domain.UndoRefusal{Obstacle: domain.UndoExported})
}

// exported is a line that Connexie holds under a contract of the team member.
func (o overwritten) exported(t *testing.T, contract string) {
	t.Helper()
	export := o.db.Export(t, store.ExportOpening{ConnectionID: o.connection})
	o.db.Exec(t, `insert into connexie.export_venues (export_id, connexie_venue_id, first_line, lines, state) values ($1, 'ven_1', 1, 1, 'exported')`, export.ID)
	o.db.Exec(t, `
		insert into connexie.export_lines (export_id, line, connexie_venue_id, connexie_id, team_member_id, entry_id, day, kind,
		       code, minutes, quantity, entry_version, content_hash, contract_id)
		values ($1, 1, 'ven_1', 'p3', $2, gen_random_uuid(), $3, 'hours', '1000', 60, 1, 1, '', $4)`, export.ID, o.member, today, contract)
}

func TestUndo_S10_NothingIsRestoredThatCannotStand(t *testing.T) {
	t.Parallel()
	o := newOverwritten(t)
	gone := o.db.Contract(t, testkit.Contract{TeamMemberID: o.member, ConnexieID: "c_gone"})
	o.sync(t, today)
	o.contract = gone
	run := testkit.Value[string](t, o.db, `select run_id::text from connexie.changes where object_id = $1 and field = 'removed'`, gone)
	o.db.Contract(t, testkit.Contract{TeamMemberID: o.member, ConnexieID: "c_gone"})
	o.requireRefused(t, run, domain.UndoRefusal{Obstacle: domain.UndoTaken})
	o.db.Exec(t, `delete from eitje.contracts where connexie_contract_id = 'c_gone'`)
	o.db.Exec(t, `insert into connexie.changes select gen_random_uuid(), run_id, connection_id, connexie_id, object, object_id, 'venue_id',
		gen_random_uuid()::text, null, at, by, act, act_id from connexie.changes where object_id = $1 and field = 'removed'`, gone)
	o.requireRefused(t, run, domain.UndoRefusal{Obstacle: domain.UndoVenueGone})
}

func TestUndo_S10_TheContractsOfARunAreListed(t *testing.T) {
	t.Parallel()
	o := newOverwritten(t)
	listed, err := o.db.Store.ChangedContracts(t.Context(), o.run, "")
	require.NoError(t, err)
	require.Equal(t, []store.ChangedContract{{
		ContractID: o.contract, ConnexieID: "p3", Fields: []string{"end_date", "hourly_wage", "job_title"},
	}}, listed)
	listed, err = o.db.Store.ChangedContracts(t.Context(), o.run, "p1")
	require.NoError(t, err)
	require.Empty(t, listed)
}
