package app_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/app"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// quarrel is an operation whose person p1 has two candidates.
type quarrel struct {
	operation
	candidates []string
	today      domain.Date
}

func operateQuarrel(t *testing.T) quarrel {
	t.Helper()
	q := quarrel{operation: operate(t)}
	venue := q.db.Venue(t, q.organisation, "Bar")
	q.db.ConnexieVenues(t, q.connection, "ven_1", "Brug")
	require.NoError(t, q.db.Store.ConnectVenue(t.Context(), q.connection, venue, "ven_1", "cli", testkit.Now))
	q.today = domain.DayOf(time.Now())
	for range 2 {
		q.candidates = append(q.candidates, q.db.TeamMember(t, testkit.TeamMember{
			OrganisationID: q.organisation, Email: "noor@example.nl", FirstName: "Noor", LastName: "Bakker",
		}))
	}
	q.db.Entry(t, testkit.Entry{OrganisationID: q.organisation, TeamMemberID: q.candidates[1], VenueID: venue, Day: q.today.AddDays(-40)})
	q.connexieSends(t, "p1", "noor@example.nl")
	q.sync(t, "p1")
	return q
}

func (q quarrel) connexieSends(t *testing.T, id, email string) {
	t.Helper()
	person := domain.Person{
		ID: id, Email: email, FirstName: "Noor", Infix: domain.Sent("de"), LastName: "Wit", ModifiedAt: testkit.Now,
		DateOfBirth: domain.Sent(domain.NewDate(1999, 4, 1)),
		Contracts:   []domain.Contract{{ID: "c_" + id, Type: domain.Flex, Start: q.today.AddDays(-10), VenueID: "ven_1"}},
	}
	_, err := q.db.Store.SavePage(t.Context(), store.MirrorPage{ConnectionID: q.connection, People: []domain.Person{person}})
	require.NoError(t, err)
}

// sync applies what the rules say now, and returns the run.
func (q quarrel) sync(t *testing.T, ids ...string) string {
	t.Helper()
	run, err := q.db.Store.OpenRun(t.Context(), store.RunOpening{
		ID: testkit.ID(t), ConnectionID: q.connection, WorkflowID: "sync/x", Pass: 1, Trigger: store.TriggerManual,
		Mode: store.ModeApply, RequestedBy: "cli", Day: q.today,
	}, testkit.Now)
	require.NoError(t, err)
	require.NoError(t, q.db.Store.ApplyBatch(t.Context(), store.Batch{
		Run: store.PlanOwner{RunID: run.ID, ConnectionID: q.connection}, Day: q.today, By: "cli", ConnexieIDs: ids,
	}, testkit.Now))
	return run.ID
}

func TestOperator_S6_TheQueueHasBothSidesNextToEachOther(t *testing.T) {
	t.Parallel()
	q := operateQuarrel(t)
	lines, err := q.Disputes(t.Context(), q.connection)
	require.NoError(t, err)
	require.Len(t, lines, 1)
	require.Equal(t, app.DisputeWaiting, lines[0].State)
	require.Equal(t, domain.ReasonSeveralCandidates, lines[0].Reason)
	require.Equal(t, q.candidates, lines[0].Candidates)
	require.Contains(t, lines[0].NextStep, "starter disputes show --connection "+q.connection+" --person p1")

	sides, err := q.Dispute(t.Context(), q.connection, "p1")
	require.NoError(t, err)
	require.Equal(t, "Noor de Wit", sides.Person.Name)
	require.Equal(t, domain.NewDate(1999, 4, 1), sides.Person.DateOfBirth)
	require.Equal(t, []string{"Brug"}, sides.Person.Venues)
	require.Len(t, sides.Person.Contracts, 1)
	require.Len(t, sides.Profiles, 2)
	require.Equal(t, q.today.AddDays(-40), sides.Profiles[1].LastWorked)
	require.True(t, sides.Profiles[0].Active)
	require.Empty(t, sides.Owners)

	q.connexieSends(t, "p2", "noor@example.nl")
	sides, err = q.Dispute(t.Context(), q.connection, "p1")
	require.NoError(t, err)
	require.Equal(t, "p2", sides.Rivals[0].ConnexieID)
	q.db.Link(t, q.connection, q.candidates[0], "p2")
	sides, err = q.Dispute(t.Context(), q.connection, "p1")
	require.NoError(t, err)
	require.Equal(t, domain.ReasonEmailOfLinkedProfile, sides.Reason)
	require.Equal(t, q.candidates[0], sides.Owners[0].TeamMemberID)
	require.Equal(t, "p2", sides.Owners[0].ConnexieID)
	require.Len(t, sides.Profiles, 1)
}

func TestOperator_S6_TheQueueTellsWhatBecameOfADispute(t *testing.T) {
	t.Parallel()
	q := operateQuarrel(t)
	state := func() string {
		lines, err := q.Disputes(t.Context(), q.connection)
		require.NoError(t, err)
		if len(lines) == 0 {
			return "none"
		}
		return lines[0].State
	}
	taken, _, err := q.db.Store.DecideDispute(t.Context(), store.DisputeDecision{
		ConnectionID: q.connection, ConnexieID: "p1", Kind: domain.DecideSkip, By: "user_1",
	}, q.today, testkit.Now)
	require.NoError(t, err)
	require.Equal(t, app.DisputeSkipped, state())
	_, _, err = q.db.Store.DecideDispute(t.Context(), store.DisputeDecision{
		ConnectionID: q.connection, ConnexieID: "p1", Kind: domain.DecideCreate, By: "user_1", Replaces: taken.ID,
	}, q.today, testkit.Now)
	require.NoError(t, err)
	require.Equal(t, app.DisputeDecided, state())
	_, _, err = q.db.Store.SetHold(t.Context(), store.HoldOn{
		ConnectionID: q.connection, ConnexieID: "p1", Until: q.today, Today: q.today, By: "user_1",
	}, testkit.Now)
	require.NoError(t, err)
	require.Equal(t, "none", state(), "who is on hold waits elsewhere")
}

func TestOperator_S6_WhatCannotBeDecidedIsAnsweredAndChangesNothing(t *testing.T) {
	t.Parallel()
	q := operateQuarrel(t)
	q.connexieSends(t, "p3", "alone@example.nl")
	q.sync(t, "p3")
	q.db.Exec(t, `update connexie.sync_runs set stage = 'closed', outcome = 'ok', closed_at = now()`)
	before := testkit.TakeSnapshot(t, q.db.URL)
	for _, c := range []struct {
		request app.DisputeRequest
		kind    app.ProblemKind
		says    string
	}{
		{app.DisputeRequest{ConnexieID: "p1", Decision: "merge"}, app.KindInvalid, "no decision"},
		{app.DisputeRequest{ConnexieID: "p1", Decision: domain.DecideLink}, app.KindInvalid, "not the id of a team member"},
		{app.DisputeRequest{ConnexieID: "p1", Decision: domain.DecideLink, TeamMemberID: "noor"}, app.KindInvalid, "not the id of a team member"},
		{app.DisputeRequest{ConnexieID: "p1", Decision: domain.DecideSkip, TeamMemberID: q.candidates[0]}, app.KindInvalid, "only link"},
		{app.DisputeRequest{ConnexieID: "p1", Decision: domain.DecideSkip, InsteadOf: "x"}, app.KindInvalid, "not the id of a decision"},
		{app.DisputeRequest{ConnexieID: "p1", Decision: domain.DecideSkip, Reason: "\x1b[31m"}, app.KindInvalid, "cannot be read"},
		{app.DisputeRequest{ConnexieID: "p1", Decision: domain.DecideSkip, Reason: strings.Repeat("é", 1001)}, app.KindInvalid, "longer than 1000"},
		{app.DisputeRequest{ConnexieID: "p1", Decision: domain.DecideSkip, By: "Jan de Vries"}, app.KindInvalid, "is not an id"},
		{app.DisputeRequest{ConnexieID: "Noor de Wit", Decision: domain.DecideSkip}, app.KindInvalid, "is not a Connexie ID"},
		{app.DisputeRequest{ConnexieID: "p9", Decision: domain.DecideSkip}, app.KindNotFound, "knows no person p9"},
		{app.DisputeRequest{ConnexieID: "p1", Decision: domain.DecideLink, TeamMemberID: testkit.ID(t)}, app.KindRefused, "is no candidate"},
		{app.DisputeRequest{ConnexieID: "p3", Decision: domain.DecideCreate}, app.KindRefused, "not disputed: linked"},
		{app.DisputeRequest{ConnectionID: testkit.ID(t), ConnexieID: "p1", Decision: domain.DecideSkip}, app.KindNotFound, "there is no connection"},
	} {
		if c.request.ConnectionID == "" {
			c.request.ConnectionID = q.connection
		}
		_, err := q.DecideDispute(t.Context(), c.request)
		requireProblem(t, err, c.kind, c.says)
	}
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, q.db.URL))
	_, err := q.Dispute(t.Context(), q.connection, "p9")
	requireProblem(t, err, app.KindNotFound, "knows no person")
}

func TestOperator_S6_WhoeverDecidesOtherwiseIsToldWhoWasFirst(t *testing.T) {
	t.Parallel()
	q := operateQuarrel(t)
	taken, _, err := q.db.Store.DecideDispute(t.Context(), store.DisputeDecision{
		ConnectionID: q.connection, ConnexieID: "p1", Kind: domain.DecideLink, TeamMemberID: q.candidates[0], By: "user_1",
	}, q.today, testkit.Now)
	require.NoError(t, err)
	_, err = q.DecideDispute(t.Context(), app.DisputeRequest{
		ConnectionID: q.connection, ConnexieID: "p1", Decision: domain.DecideCreate, By: "user_2",
	})
	requireProblem(t, err, app.KindRefused, "link to team member "+q.candidates[0]+", by user_1")
	require.ErrorContains(t, err, "--instead-of "+taken.ID)

	q.connexieSends(t, "p2", "noor@example.nl")
	_, err = q.DecideDispute(t.Context(), app.DisputeRequest{
		ConnectionID: q.connection, ConnexieID: "p2", Decision: domain.DecideLink, TeamMemberID: q.candidates[0], By: "user_2",
	})
	requireProblem(t, err, app.KindRefused, "was chosen for person p1")
	q.db.Exec(t, `update connexie.connections set state = 'paused' where id = $1`, q.connection)
	_, err = q.DecideDispute(t.Context(), app.DisputeRequest{ConnectionID: q.connection, ConnexieID: "p2", Decision: domain.DecideSkip})
	requireProblem(t, err, app.KindRefused, "is paused")
}

func TestOperator_S21_HoldsAreSetMovedListedAndLifted(t *testing.T) {
	t.Parallel()
	q := operateQuarrel(t)
	set := func(until domain.Date) app.HoldDone {
		done, err := q.SetHold(t.Context(), app.HoldRequest{
			ConnectionID: q.connection, ConnexieID: "p1", Until: until.String(), Reason: "payroll looks into it", By: "user_42",
		})
		require.NoError(t, err)
		return done
	}
	done := set(q.today)
	require.True(t, done.Changed)
	require.True(t, done.InForce, "today is the last day")
	require.True(t, set(q.today.AddDays(7)).Changed)
	require.False(t, set(q.today.AddDays(7)).Changed)
	holds, err := q.Holds(t.Context(), q.connection, false)
	require.NoError(t, err)
	require.Len(t, holds, 1)
	require.Equal(t, "payroll looks into it", holds[0].Reason)
	require.Equal(t, "user_42", holds[0].By)
	lifted, err := q.LiftHold(t.Context(), q.connection, "p1", "user_1")
	require.NoError(t, err)
	require.True(t, lifted.Changed)
	require.Contains(t, lifted.NextStep, "starter sync --connection "+q.connection+" --person p1")
	lifted, err = q.LiftHold(t.Context(), q.connection, "p1", "user_1")
	require.NoError(t, err)
	require.False(t, lifted.Changed)
	holds, err = q.Holds(t.Context(), q.connection, true)
	require.NoError(t, err)
	require.False(t, holds[0].InForce)
}

func TestOperator_S21_WhoCannotBeHeldIsAnsweredAndNothingChanges(t *testing.T) {
	t.Parallel()
	q := operateQuarrel(t)
	before := testkit.TakeSnapshot(t, q.db.URL)
	tomorrow := q.today.AddDays(1).String()
	for _, c := range []struct {
		request app.HoldRequest
		kind    app.ProblemKind
		says    string
	}{
		{app.HoldRequest{ConnexieID: "p1", Until: q.today.AddDays(-1).String(), Reason: "x"}, app.KindInvalid, "is past"},
		{app.HoldRequest{ConnexieID: "p1", Until: "31-12-2026", Reason: "x"}, app.KindInvalid, "not a calendar day"},
		{app.HoldRequest{ConnexieID: "p1", Until: tomorrow, Reason: " "}, app.KindInvalid, "needs a reason"},
		{app.HoldRequest{ConnexieID: "p1", Until: tomorrow, Reason: "\x00"}, app.KindInvalid, "cannot be read"},
		{app.HoldRequest{ConnexieID: "p1", Until: tomorrow, Reason: "x", By: "Jan de Vries"}, app.KindInvalid, "is not an id"},
		{app.HoldRequest{ConnexieID: "", Until: tomorrow, Reason: "x"}, app.KindInvalid, "is not a Connexie ID"},
		{app.HoldRequest{ConnexieID: "p9", Until: tomorrow, Reason: "x"}, app.KindNotFound, "knows no person p9"},
	} {
		c.request.ConnectionID = q.connection
		_, err := q.SetHold(t.Context(), c.request)
		requireProblem(t, err, c.kind, c.says)
	}
	_, err := q.LiftHold(t.Context(), q.connection, "p1", "")
	requireProblem(t, err, app.KindNotFound, "was never on hold")
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, q.db.URL))
}

// overwritten is a contract of p3 that a run overwrote.
func (q quarrel) overwritten(t *testing.T) (contract, run string) {
	t.Helper()
	q.connexieSends(t, "p3", "alone@example.nl")
	q.sync(t, "p3")
	q.db.Exec(t, `update connexie.sync_runs set stage = 'closed', outcome = 'ok', closed_at = now()`)
	contract = testkit.Value[string](t, q.db, `
		select c.id::text from eitje.contracts c join connexie.links l using (team_member_id) where l.connexie_id = 'p3'`)
	q.db.Exec(t, `update eitje.contracts set job_title = 'by hand', hourly_wage = 16 where id = $1`, contract)
	return contract, q.sync(t, "p3")
}

func TestOperator_S10_AnUndoSaysThatConnexieLeads(t *testing.T) {
	t.Parallel()
	q := operateQuarrel(t)
	contract, run := q.overwritten(t)
	undone, err := q.UndoContract(t.Context(), app.UndoRequest{RunID: run, ConnexieID: "p3", By: "user_42"})
	require.NoError(t, err)
	require.Equal(t, contract, undone.ContractID)
	require.Len(t, undone.Changes, 2)
	require.Contains(t, undone.NextStep, "The next sync overwrites it again, because Connexie leads (S8)")
	require.Contains(t, undone.NextStep, "starter holds set --connection "+q.connection+" --person p3")

	settled, err := q.Dispute(t.Context(), q.connection, "p3")
	require.NoError(t, err)
	require.Contains(t, settled.NextStep, "Nothing to decide: the person is linked")

	again, err := q.UndoContract(t.Context(), app.UndoRequest{UndoID: undone.UndoID})
	require.NoError(t, err)
	require.Contains(t, again.NextStep, "as before that undo")
	undone, err = q.UndoContract(t.Context(), app.UndoRequest{UndoID: again.UndoID})
	require.NoError(t, err)

	held, err := q.UndoContract(t.Context(), app.UndoRequest{RunID: run, HoldUntil: q.today.AddDays(3).String()})
	require.NoError(t, err, "once more, for the hold")
	require.True(t, held.Already)
	require.Equal(t, q.today.AddDays(3), held.Hold.Until)
	require.NotEmpty(t, held.Hold.Reason)
	require.Contains(t, held.NextStep, "No sync touches it through "+q.today.AddDays(3).String())

	redone, err := q.UndoContract(t.Context(), app.UndoRequest{UndoID: undone.UndoID})
	require.NoError(t, err)
	require.Equal(t, contract, redone.ContractID)
}

func TestOperator_S10_N4_WhatCannotBeUndoneIsAnsweredWithFieldsAndNoValues(t *testing.T) {
	t.Parallel()
	q := operateQuarrel(t)
	contract, run := q.overwritten(t)
	q.db.Exec(t, `update eitje.contracts set job_title = 'secret title' where id = $1`, contract)
	creation := testkit.Value[string](t, q.db, `select run_id::text from connexie.changes where object_id = $1 and field = 'created'`, contract)
	before := testkit.TakeSnapshot(t, q.db.URL)
	for _, c := range []struct {
		request app.UndoRequest
		kind    app.ProblemKind
		says    string
	}{
		{app.UndoRequest{}, app.KindInvalid, "a run or an undo"},
		{app.UndoRequest{RunID: run, UndoID: run}, app.KindInvalid, "a run or an undo"},
		{app.UndoRequest{RunID: "yesterday"}, app.KindInvalid, "not the id of a run"},
		{app.UndoRequest{UndoID: "yesterday"}, app.KindInvalid, "not the id of an undo"},
		{app.UndoRequest{RunID: run, ContractID: "c1"}, app.KindInvalid, "not the id of a contract"},
		{app.UndoRequest{RunID: run, ConnexieID: "Noor de Wit"}, app.KindInvalid, "not a Connexie ID"},
		{app.UndoRequest{RunID: run, By: "Jan de Vries"}, app.KindInvalid, "is not an id"},
		{app.UndoRequest{RunID: run, Reason: "x"}, app.KindInvalid, "there is none"},
		{app.UndoRequest{RunID: run, HoldUntil: q.today.AddDays(-1).String()}, app.KindInvalid, "is past"},
		{app.UndoRequest{RunID: run, ConnexieID: "p1"}, app.KindNotFound, "no change"},
		{app.UndoRequest{RunID: testkit.ID(t), ContractID: contract}, app.KindNotFound, "no change"},
		{app.UndoRequest{RunID: run, ContractID: contract, HoldUntil: q.today.String()}, app.KindRefused, "these fields hold something else by now: job_title"},
		{app.UndoRequest{RunID: creation, ContractID: contract}, app.KindRefused, "the run created the contract"},
	} {
		_, err := q.UndoContract(t.Context(), c.request)
		requireProblem(t, err, c.kind, c.says)
		require.NotContains(t, err.Error(), "secret")
	}
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, q.db.URL))
}

func TestOperator_S10_WhereARunChangedSeveralContractsTheyAreNamed(t *testing.T) {
	t.Parallel()
	q := operateQuarrel(t)
	contract, run := q.overwritten(t)
	q.connexieSends(t, "p4", "too@example.nl")
	q.db.Exec(t, `update connexie.sync_runs set stage = 'closed', outcome = 'ok', closed_at = now()`)
	q.db.Exec(t, `insert into connexie.changes (id, run_id, connection_id, connexie_id, object, object_id, field, after, at, by)
		select gen_random_uuid(), $1, $2, 'p4', 'contract', gen_random_uuid()::text, 'end_date', '2026-12-31', now(), 'cli'`, run, q.connection)
	_, err := q.UndoContract(t.Context(), app.UndoRequest{RunID: run})
	requireProblem(t, err, app.KindInvalid, "changed 2 contracts")
	require.ErrorContains(t, err, "--contract "+contract+" (p3: hourly_wage, job_title)")
}
