package endtoend

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/sandbox/seed"
	"github.com/eitje/connexie-worker/workflows"
)

// scenarios hold every side effect that there is. The words of a point are those that
// only the statement of the effect has.
func scenarios() []scenario {
	return []scenario{
		{
			name: "activation and the first sync", prepare: everyCase, tell: activated,
			effects: []point{
				{side: asking, words: "getAccount", number: 1},
				{side: after, words: "update connexie.connection_tokens set candidate = false", number: 1},
				{side: before, words: "insert into connexie.venues ", number: 1},
				{side: after, words: "insert into connexie.venue_mappings", number: 1},
				{side: after, words: "insert into connexie.sync_runs", number: 1},
				{side: asking, words: "listEmployees", number: 2},
				{side: before, words: "insert into connexie.reading_pages", number: 3},
				{side: after, words: "insert into connexie.reading_pages", number: 2},
				{side: amid, words: "insert into connexie.person_contracts", number: 2},
				{side: after, words: "update connexie.readings set completed_at", number: 1},
				{side: amid, words: "insert into connexie.sync_items", number: 1},
				{side: after, words: "insert into connexie.sync_items", number: 1},
				{side: before, words: "insert into eitje.team_members", number: 1},
				{side: after, words: "insert into eitje.team_members", number: 3},
				{side: amid, words: "insert into connexie.changes", number: 2},
				{side: after, words: "state = 'failed'", number: 1},
				{side: after, words: "guard_armed_at = ", number: 1},
				{side: before, words: "set stage = 'closed', outcome = $1", number: 1},
				{side: after, words: "set stage = 'closed', outcome = $1", number: 1},
			},
		},
		{
			name: "a night over changes on both sides", prepare: changedOnBothSides, tell: synchronisedAtNight,
			effects: []point{
				{side: after, words: "insert into connexie.nights", number: 1},
				{side: before, words: "update connexie.night_connections", number: 1},
				{side: after, words: "insert into eitje.team_members", number: 1},
				{side: before, words: "insert into connexie.notifications", number: 2},
				{side: after, words: "update connexie.nights set outcome", number: 1},
			},
		},
		{
			name: "a run that the guard holds", prepare: settled, tell: heldThenAllowed,
			effects: []point{{side: after, words: "insert into connexie.notifications", number: 1}},
		},
		{
			name: "two nights with a refused token", prepare: settled, tell: refusedAtNight,
			effects: []point{
				{side: after, words: "set state = 'needs_token'", number: 1},
				{side: after, words: "update connexie.night_connections", number: 2},
			},
		},
		{
			name: "three nights without Connexie", prepare: settled, tell: unreachableForThreeNights,
			effects: []point{
				{side: before, words: "set failed_nights = failed_nights + 1", number: 3},
				{side: after, words: "set failed_nights = failed_nights + 1", number: 2},
			},
		},
		{
			name: "a preview and one person", prepare: changedOnBothSides, tell: previewedAndOnePerson,
			effects: []point{{side: after, words: "insert into connexie.sync_items", number: 1}},
		},
		{
			name: "decisions that are followed", prepare: quarrelled, tell: decidedAbout,
			effects: []point{
				{side: before, words: "insert into connexie.links", number: 1},
				{side: after, words: "insert into connexie.links", number: 1},
				{side: after, words: "insert into connexie.links", number: 2},
			},
		},
		{
			name: "an employment that ends", prepare: leaving, tell: endedInBothSteps,
			effects: []point{
				{side: before, words: "insert into connexie.endings", number: 1},
				{side: after, words: "insert into connexie.endings", number: 1},
				{side: asking, words: "getEmployee", number: 1},
				{side: asking, words: "endEmployment", number: 1},
				{side: answering, words: "endEmployment", number: 1},
				{side: before, words: "set stage = $1, stage_since", number: 1},
				{side: after, words: "set stage = $1, stage_since", number: 1},
				{side: asking, words: "getEmployee", number: 2},
				{side: before, words: "set active = false", number: 1},
				{side: after, words: "set active = false", number: 1},
				{side: after, words: "set stage = 'closed', outcome = $1", number: 1},
				{side: before, words: "set stage = $1, stage_since", number: 3},
				{side: after, words: "set stage = $1, stage_since", number: 3},
			},
		},
		{
			name: "a first export", prepare: worked, tell: exported,
			effects: []point{
				{side: after, words: "insert into connexie.exports", number: 1},
				{side: asking, words: "getAccount", number: 1},
				{side: before, words: "insert into connexie.export_lines", number: 1},
				{side: after, words: "insert into connexie.export_lines", number: 1},
				{side: asking, words: "listPayrollPeriods", number: 2},
				{side: asking, words: "createHourImport", number: 1},
				{side: answering, words: "createHourImport", number: 1},
				{side: before, words: "set connexie_import_id = ", number: 1},
				{side: after, words: "set connexie_import_id = ", number: 2},
				{side: asking, words: "putHourImportPart", number: 1},
				{side: answering, words: "putHourImportPart", number: 1},
				{side: asking, words: "putHourImportPart", number: 2},
				{side: answering, words: "putHourImportPart", number: 2},
				{side: asking, words: "putHourImportPart", number: 3},
				{side: answering, words: "putHourImportPart", number: 4},
				{side: asking, words: "commitHourImport", number: 1},
				{side: answering, words: "commitHourImport", number: 1},
				{side: answering, words: "commitHourImport", number: 2},
				{side: before, words: "insert into connexie.current_imports", number: 1},
				{side: after, words: "insert into connexie.current_imports", number: 1},
				{side: asking, words: "getHourImport", number: 1},
				{side: answering, words: "getHourImport", number: 2},
				{side: before, words: "set read_lines = ", number: 1},
				{side: after, words: "set read_lines = ", number: 1},
				{side: before, words: "insert into connexie.exported_entries", number: 1},
				{side: after, words: "insert into connexie.exported_entries", number: 1},
				{side: after, words: "insert into connexie.exported_entries", number: 2},
				{side: before, words: "set stage = $1, outcome = $2, counts = $3", number: 1},
				{side: after, words: "set stage = $1, outcome = $2, counts = $3", number: 1},
			},
		},
		{
			name: "an export that moves and empties what an earlier one left", prepare: exportedAndMoved, tell: exported,
			effects: []point{
				{side: answering, words: "commitHourImport", number: 1},
				{side: after, words: "delete from connexie.current_imports", number: 1},
				{side: after, words: "delete from connexie.exported_entries", number: 1},
				{side: before, words: "insert into connexie.exported_entries", number: 1},
			},
		},
		{
			name: "an export while payroll runs", prepare: worked, tell: exportedWhilePayrollRan,
			effects: []point{
				{side: answering, words: "discardHourImport", number: 1},
				{side: after, words: "problem = nullif", number: 1},
			},
		},
		{
			name: "a duplicate that is repaired and taken back", prepare: duplicatedForACrash, tell: repairedAndTakenBack,
			effects: []point{
				{side: amid, words: "update eitje.entries set team_member_id", number: 2},
				{side: before, words: "insert into connexie.repairs ", number: 1},
				{side: after, words: "insert into connexie.repairs ", number: 1},
				{side: before, words: "update connexie.repairs", number: 1},
				{side: after, words: "update connexie.repairs", number: 1},
			},
		},
		{
			name: "an export that is cancelled", prepare: worked, tell: exportedThenCancelled,
			effects: []point{
				{side: asking, words: "discardHourImport", number: 1},
				{side: answering, words: "discardHourImport", number: 1},
			},
		},
		{
			name: "an activation that is looked at first", prepare: notBegun, tell: lookedFirstThenResumed,
			effects: []point{
				{side: after, words: "activated_at = coalesce", number: 1},
				{side: asking, words: "listEmployees", number: 1},
				{side: after, words: "insert into connexie.sync_items", number: 1},
				{side: before, words: "set stage = 'closed', outcome = $1", number: 1},
				{side: before, words: "insert into eitje.team_members", number: 1},
			},
		},
		{
			name: "a connection that is removed while an export sends", prepare: worked, tell: removedWhileSending,
			effects: []point{
				{side: before, words: "state <> $", number: 1},
				{side: after, words: "state <> $", number: 1},
				{side: asking, words: "discardHourImport", number: 1},
				{side: answering, words: "discardHourImport", number: 1},
				{side: before, words: "delete from connexie.connection_tokens", number: 1},
				{side: after, words: "delete from connexie.connection_tokens", number: 1},
			},
		},
		{
			name: "a night in quarantine, and the one after it", prepare: settled, tell: quarantinedThenBack,
			effects: []point{
				{side: before, words: "set failed_nights = failed_nights + 1", number: 1},
				{side: after, words: "set failed_nights = failed_nights + 1", number: 1},
				{side: after, words: "set failed_nights = 0", number: 1},
			},
		},
	}
}

// refusedName is a name that Eitje refuses to keep, so that the batch is halved until
// its owner stands alone.
const refusedName = "Geweigerd"

// everyCase is an organisation with every awkward case of the rule book, and one
// person whom Eitje refuses.
func everyCase(t *testing.T, s *system) *organisation {
	t.Helper()
	_, err := s.pool.Exec(t.Context(), fmt.Sprintf(
		`alter table eitje.team_members add constraint refused check (last_name <> '%s')`, refusedName))
	require.NoError(t, err)
	demo := seed.Demo(1, s.sandbox.Today())
	for i := range demo.Account.Employees {
		employee := &demo.Account.Employees[i]
		if demo.Expected[employee.ID].Situation == seed.New {
			employee.LastName = refusedName
			return s.organisation(t, demo)
		}
	}
	require.Fail(t, "nobody is new")
	return nil
}

func activated(t *testing.T, o *organisation) {
	t.Helper()
	require.Equal(t, workflows.ActivationOK, o.activate(t).Outcome)
	require.Equal(t, domain.SyncProblems, o.await(t, o.latest(workflows.SyncID(o.connection))).Outcome)
}

// settled is a small organisation that is as it should be.
func settled(t *testing.T, s *system) *organisation {
	t.Helper()
	o := s.small(t, "Rustig", 20)
	o.settle(t)
	return o
}

// changedOnBothSides has since changed, lost somebody and spoilt a record.
func changedOnBothSides(t *testing.T, s *system) *organisation {
	t.Helper()
	o := s.withoutLast(t, seed.Small("Wijzigingen", 73, 1, s.sandbox.Today()))
	o.settle(t)
	o.changeInConnexie(t)
	o.changeInEitje(t)
	// The audit and a notification will tell when it was.
	o.edit(t, `update eitje.team_members set deactivated_at = '2026-01-02T03:04:05Z' where id = $1`, o.member(t, deactivated))
	require.NoError(t, s.sandbox.RemoveEmployee(o.Account.ID, o.employeeID(30)))
	o.fault(t, sandbox.Fault{
		Kind: sandbox.FaultBadRecord, Operation: "listEmployees", IDs: []string{o.employeeID(31)},
		Member: "contracts.0.start_date", Value: json.RawMessage(`"2026-02-30"`),
	})
	return o
}

func synchronisedAtNight(t *testing.T, o *organisation) {
	t.Helper()
	summary := o.night(t, o.connection)
	require.Equal(t, domain.NightProblems, summary.Outcome)
	require.Equal(t, domain.Counts{"problems": 1}, summary.Counts)
	require.Equal(t, domain.SyncProblems, o.await(t, o.latest(workflows.SyncID(o.connection))).Outcome)
}

func heldThenAllowed(t *testing.T, o *organisation) {
	t.Helper()
	run := o.overflow(t)
	o.awaitHeld(t)
	require.Eventually(t, func() bool {
		return attribute[string](t, o.described(t, run.GetID()), "Stage") == "held"
	}, patience, glance, "a worker that is gone answers no query, but the engine knows")
	_, err := o.word(t, "allow")
	require.NoError(t, err)
	require.Equal(t, domain.SyncOK, o.await(t, run).Outcome)
}

// refusedAtNight meets a refused token, then probes it, and is given a new one.
func refusedAtNight(t *testing.T, o *organisation) {
	t.Helper()
	require.NoError(t, o.sandbox.SetToken(o.Account.ID, ""))
	for range 2 {
		require.Equal(t, domain.Counts{"refused": 1}, o.night(t, o.connection).Counts)
	}
	require.Equal(t, domain.SyncRefused, o.await(t, o.latest(workflows.SyncID(o.connection))).Outcome)
	require.NoError(t, o.sandbox.SetToken(o.Account.ID, "token-again"))
	o.setToken(t, "token-again")
	o.settle(t)
}

func previewedAndOnePerson(t *testing.T, o *organisation) {
	t.Helper()
	require.Equal(t, domain.SyncProblems, o.preview(t).Outcome)
	require.Equal(t, domain.SyncOK, o.syncPerson(t, nameChanged).Outcome)
}

// unreachableForThreeNights closes the runs of three nights on which Connexie did not
// answer. A night waits five hours for Connexie, so the real worker's activity is
// called for by a workflow of the test's own.
func unreachableForThreeNights(t *testing.T, o *organisation) {
	t.Helper()
	const queue = "endtoend"
	worker := sdkworker.New(o.temporal, queue, sdkworker.Options{})
	worker.RegisterWorkflow(closeUnreachable)
	require.NoError(t, worker.Start())
	t.Cleanup(worker.Stop)
	for night := range 3 {
		id := fmt.Sprintf("unreachable-%d", night)
		started := options(id)
		started.TaskQueue = queue
		run, err := o.temporal.ExecuteWorkflow(t.Context(), started, closeUnreachable, activities.CloseInput{
			Run: activities.Run{
				ID: fmt.Sprintf("00000000-0000-5000-8000-%012d", night), ConnectionID: o.connection, WorkflowID: id,
				Pass: 1, Trigger: "nightly", Mode: activities.ModeApply, Night: today().AddDays(night), RequestedBy: "nightly-sync",
			},
			Outcome: domain.SyncUnreachable,
		})
		require.NoError(t, err)
		require.Equal(t, domain.SyncUnreachable, result[activities.Ending](t, run).Outcome)
	}
	o.requireOpen(t, domain.CauseUnreachable, o.connection)
}

func closeUnreachable(ctx workflow.Context, in activities.CloseInput) (activities.Ending, error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue: workflows.QueueMain, StartToCloseTimeout: 15 * time.Second,
	})
	var ending activities.Ending
	err := workflow.ExecuteActivity(ctx, "CloseSync", in).Get(ctx, &ending)
	return ending, err
}

// quarrelled has two people about whom it is uncertain whose profile they have.
func quarrelled(t *testing.T, s *system) *organisation {
	t.Helper()
	o := settled(t, s)
	o.quarrels(t, 2)
	return o
}

// decidedAbout links one of them and creates the other.
func decidedAbout(t *testing.T, o *organisation) {
	t.Helper()
	operator := o.operator(t)
	queue, err := operator.Disputes(t.Context(), o.connection)
	require.NoError(t, err)
	o.decideDispute(t, operator, queue[0].ConnexieID, domain.DecideLink, queue[0].Candidates[1])
	o.decideDispute(t, operator, queue[1].ConnexieID, domain.DecideCreate, "")
}
