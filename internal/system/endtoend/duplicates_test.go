package endtoend

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"

	"github.com/eitje/connexie-worker/internal/app"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/testkit"
	"github.com/eitje/connexie-worker/workflows"
)

// TestDuplicates has a system of its own: its rows are counted.
func TestDuplicates(t *testing.T) { //nolint:tparallel // its rows are counted
	t.Parallel()
	s := start(t)
	for _, story := range []story{
		{"S22 a duplicate is announced, previewed, repaired, undone and repaired again", repairedByHand},
		{"S22 X11 X14 a repair while an export is sent", repairedWhileSent},
		{"S22 a repair while a synchronisation reads", repairedWhileReading},
		{"S22 repairs that meet", repairsThatMeet},
		{"S22 what cannot be repaired", repairsRefused},
		{"S22 look-alikes that wait", lookAlikesWait},
	} {
		t.Run(story.name, func(t *testing.T) { story.tell(t, s) })
	}
}

// twice is an organisation where a sync has made a second profile of a person, because
// the e-mail address differs, and where that one's hours were exported.
type twice struct {
	*organisation
	operator     *app.Operator
	person       string
	keep, drop   string
	first, later string // two entries of the duplicate, exported
}

// duplicated prepares it; also for the crash tests, which compare one with another.
func duplicated(t *testing.T, s *system, name string) *twice {
	t.Helper()
	o := s.working(t, name, 6, 2)
	d := &twice{organisation: o, person: "emp_twice", keep: "0190a1b2-0000-7000-8000-00000000" + nameDigits(name)}
	o.write(t, `
		insert into eitje.team_members (id, organisation_id, email, first_name, infix, last_name, date_of_birth)
		values ($1, $2, 'oud@example.nl', 'Noor', 'van', 'DUBBEL', '1999-04-01')`, d.keep, o.Organisation.ID)
	o.write(t, `
		insert into eitje.contracts (id, team_member_id, type, start_date, end_date)
		values (md5($1::text || 'old')::uuid, $1::uuid, 'flex', '2018-01-01', '2018-12-31')`, d.keep)
	newcomer := o.Account.Employees[0]
	newcomer.ID, newcomer.Email = d.person, sandbox.Some("nieuw@example.nl")
	newcomer.FirstName, newcomer.Infix, newcomer.LastName = "Noor", sandbox.Some("van"), "Dubbel"
	newcomer.DateOfBirth, newcomer.Phone = sandbox.Some(sandbox.Date("1999-04-01")), sandbox.Some("0687654321")
	newcomer.Contracts = append([]sandbox.Contract{}, newcomer.Contracts...)
	newcomer.Contracts[0].ID = "con_twice"
	require.NoError(t, o.sandbox.PutEmployee(o.Account.ID, newcomer))
	require.Equal(t, domain.SyncOK, o.sync(t).Outcome)
	d.drop = o.member(t, d.person)
	require.NotEqual(t, d.keep, d.drop)
	o.write(t, `
		insert into eitje.entries (id, organisation_id, team_member_id, venue_id, day, starts_at, ends_at, minutes, state)
		select md5($1::text || d)::uuid, $2, $3, v.venue_id, d, d + time '16:00', d + time '24:00', 480, 'approved'
		  from (select min(venue_id::text)::uuid as venue_id from eitje.team_member_venues where team_member_id = $3) v
		 cross join generate_series($4::text::date, $4::text::date + 1, interval '1 day') d`,
		d.keep, o.Organisation.ID, d.drop, string(o.Export.LastMonth.From))
	require.Equal(t, domain.ExportOK, o.export(t, o.allKinds()).Outcome)
	d.first, d.later = o.entry(t, d.person, 1), o.entry(t, d.person, 2)
	return d
}

// nameDigits makes four digits of a name, so that two stories have profiles of their own.
func nameDigits(name string) string {
	sum := 0
	for i, letter := range name {
		sum += (i + 1) * int(letter)
	}
	return string([]byte{'1', byte('0' + sum/100%10), byte('0' + sum/10%10), byte('0' + sum%10)})
}

func (d *twice) ask(mode app.RepairMode) app.RepairRequest {
	return app.RepairRequest{KeepID: d.keep, DropID: d.drop, Mode: mode, By: "user_42"}
}

func (d *twice) repair(t *testing.T, mode app.RepairMode) app.RepairReport {
	t.Helper()
	report, err := d.operator.Repair(t.Context(), d.ask(mode))
	require.NoError(t, err)
	return report
}

func (d *twice) requireExported(t *testing.T) {
	t.Helper()
	require.Equal(t, []string{"Exported", "Exported"}, []string{d.shown(t, d.first), d.shown(t, d.later)})
	d.requireTrue(t)
}

// requireQuiet synchronises and exports, which must find nothing to do.
func (d *twice) requireQuiet(t *testing.T) {
	t.Helper()
	before, ledger := d.state(t), d.ledger(t)
	require.Equal(t, domain.SyncNothing, d.sync(t).Outcome)
	require.Equal(t, before, d.state(t))
	require.Equal(t, domain.ExportOK, d.export(t, d.allKinds()).Outcome)
	exports, err := d.operator.Exports(t.Context(), d.connection, 1)
	require.NoError(t, err)
	differences, err := d.store.CountDifferences(t.Context(), exports[0].ExportID)
	require.NoError(t, err)
	require.Zero(t, differences)
	require.Equal(t, ledger, d.ledger(t), "exporting again changes nothing (X8)")
	d.requireExported(t)
}

func repairedByHand(t *testing.T, s *system) {
	d := duplicated(t, s, "Dubbel")
	d.operator = s.operator(t)
	d.requireOpen(t, domain.CauseLikelyDuplicate, d.person)
	require.Contains(t, d.notices(t, domain.CauseLikelyDuplicate)[0].NextStep, "--keep "+d.keep+" --drop "+d.drop)
	listed, err := d.operator.Duplicates(t.Context(), d.connection, 10)
	require.NoError(t, err)
	require.Len(t, listed, 1)
	require.Equal(t, []string{d.keep, d.drop}, []string{listed[0].Keep.TeamMemberID, listed[0].Drop.TeamMemberID})
	require.True(t, listed[0].SameName)

	before := d.state(t)
	rows := testkit.TakeSnapshot(t, s.url)
	preview := d.repair(t, app.RepairPreview)
	rows.RequireUnchanged(t, testkit.TakeSnapshot(t, s.url))
	require.Equal(t, app.RepairPreviewed, preview.Outcome)
	require.Equal(t, 2, preview.Counts["entries"])
	require.Equal(t, "nieuw@example.nl", preview.Drop.Email)
	d.record(t, "previewed", s.latest(workflows.RepairID(d.keep)))

	repaired := d.repair(t, app.RepairApply)
	require.Equal(t, app.RepairDone, repaired.Outcome)
	require.Equal(t, preview.Counts, repaired.Counts, "what the preview said")
	d.record(t, "repaired", s.latest(workflows.RepairID(d.keep)))
	require.Equal(t, d.keep, d.member(t, d.person))
	d.requireOpen(t, domain.CauseLikelyDuplicate)
	d.requireExported(t)
	d.requireQuiet(t)
	require.Equal(t, app.RepairNothing, d.repair(t, app.RepairApply).Outcome)

	undone := d.repair(t, app.RepairUndo)
	require.Equal(t, app.RepairUndone, undone.Outcome)
	d.record(t, "undone", s.latest(workflows.RepairID(d.keep)))
	require.Equal(t, before, d.state(t))
	require.Equal(t, d.drop, d.member(t, d.person))
	d.requireOpen(t, domain.CauseLikelyDuplicate, d.person)
	d.requireQuiet(t)
	require.Equal(t, app.RepairNothing, d.repair(t, app.RepairUndo).Outcome)

	require.Equal(t, app.RepairDone, d.repair(t, app.RepairApply).Outcome, "and again")
	d.requireQuiet(t)
	history, err := d.operator.Repairs(t.Context(), d.connection, 10)
	require.NoError(t, err)
	require.Len(t, history, 2)
	require.Equal(t, []string{"", "user_42"}, []string{history[0].UndoneBy, history[1].UndoneBy})
}

func repairedWhileSent(t *testing.T, s *system) {
	d := duplicated(t, s, "Onderweg")
	d.operator = s.operator(t)
	fault := d.fault(t, sandbox.Fault{Kind: sandbox.FaultHold, Operation: "commitHourImport"})
	run := d.startExport(t, d.allKinds())
	require.NoError(t, s.sandbox.AwaitFault(t.Context(), fault))
	require.Equal(t, app.RepairDone, d.repair(t, app.RepairApply).Outcome)
	require.NoError(t, s.sandbox.RemoveFault(fault))
	require.Equal(t, domain.ExportOK, result[workflows.ExportResult](t, run).Outcome)
	d.requireExported(t)
	d.requireQuiet(t)
}

func repairedWhileReading(t *testing.T, s *system) {
	d := duplicated(t, s, "Tussendoor")
	d.operator = s.operator(t)
	d.change(t, d.person, func(e *sandbox.Employee) { e.Phone = sandbox.Some("0611112222") })
	reach, release := d.hold(t)
	run := d.startSync(t)
	reach()
	require.Equal(t, app.RepairDone, d.repair(t, app.RepairApply).Outcome)
	release()
	require.Equal(t, domain.SyncOK, d.await(t, run).Outcome)
	require.Equal(t, d.keep, d.member(t, d.person))
	require.Equal(t, "0611112222", d.field(t, d.person, "phone"), "the kept profile is synchronised")
	d.requireQuiet(t)
}

// repairsThatMeet are two of the same pair, and two that share a profile, all at once.
func repairsThatMeet(t *testing.T, s *system) {
	d := duplicated(t, s, "Samen")
	d.operator = s.operator(t)
	third := testkit.ID(t)
	d.write(t, `insert into eitje.team_members (id, organisation_id, email) values ($1, $2, 'derde@example.nl')`, third, d.Organisation.ID)
	further := app.RepairRequest{KeepID: third, DropID: d.keep, Mode: app.RepairApply}
	requests := []app.RepairRequest{d.ask(app.RepairApply), d.ask(app.RepairApply), further}
	reports := make([]app.RepairReport, len(requests))
	var group errgroup.Group
	for i, request := range requests {
		group.Go(func() (err error) {
			reports[i], err = d.operator.Repair(t.Context(), request)
			return err
		})
	}
	require.NoError(t, group.Wait())
	outcomes := map[domain.RepairOutcome]int{}
	for _, report := range reports[:2] {
		outcomes[report.Outcome]++
	}
	linked := d.member(t, d.person)
	switch reports[2].Outcome {
	case app.RepairDone: // after the first: everything went on to the third
		require.Equal(t, third, linked)
		require.Equal(t, 1, outcomes[app.RepairDone])
	case app.RepairRefused: // before it: nobody was linked there
		require.Equal(t, d.keep, linked)
		require.Equal(t, map[domain.RepairOutcome]int{app.RepairDone: 1, app.RepairNothing: 1}, outcomes)
	default:
		require.Fail(t, "an outcome that cannot be", "%s", reports[2].Outcome)
	}
	d.requireExported(t)
	d.requireQuiet(t)
}

func repairsRefused(t *testing.T, s *system) {
	d := duplicated(t, s, "Geweigerde reparaties")
	d.operator = s.operator(t)
	others := s.small(t, "Vreemden", 3)
	others.settle(t)
	stranger, other := others.member(t, others.employeeID(1)), d.member(t, d.employeeID(1))
	before := testkit.TakeSnapshot(t, s.url)
	for name, row := range map[string]struct {
		request app.RepairRequest
		reason  domain.RepairRefusal
	}{
		"unknown duplicate":    {app.RepairRequest{KeepID: d.keep, DropID: testkit.ID(t)}, domain.RefusedUnknownProfile},
		"the same":             {app.RepairRequest{KeepID: d.keep, DropID: d.keep}, domain.RefusedSameProfile},
		"another organisation": {app.RepairRequest{KeepID: d.keep, DropID: stranger}, domain.RefusedOtherOrganisation},
		"two people":           {app.RepairRequest{KeepID: other, DropID: d.drop}, domain.RefusedBothLinked},
	} {
		for _, mode := range []app.RepairMode{app.RepairApply, app.RepairPreview} {
			row.request.Mode = mode
			report, err := d.operator.Repair(t.Context(), row.request)
			require.NoError(t, err, name)
			require.Equal(t, []any{app.RepairRefused, row.reason}, []any{report.Outcome, report.Reason}, name)
			require.Contains(t, report.NextStep, "Nothing was changed", name)
		}
	}
	d.record(t, "refused", s.latest(workflows.RepairID(d.keep)))
	never, err := d.operator.Repair(t.Context(), d.ask(app.RepairUndo))
	require.NoError(t, err)
	require.Equal(t, domain.RefusedNotRepaired, never.Reason)
	var problem *app.Problem
	_, err = d.operator.Repair(t.Context(), app.RepairRequest{KeepID: "Noor", DropID: d.drop, Mode: app.RepairApply})
	require.ErrorAs(t, err, &problem)
	require.Equal(t, app.KindInvalid, problem.Kind)
	_, err = d.operator.Repair(t.Context(), app.RepairRequest{KeepID: testkit.ID(t), DropID: d.drop, Mode: app.RepairApply})
	require.ErrorAs(t, err, &problem)
	require.Equal(t, app.KindNotFound, problem.Kind)
	run, err := s.temporal.ExecuteWorkflow(t.Context(), options("repair/x"), workflows.TypeRepairDuplicate,
		map[string]string{"keep_id": "x", "dropid": "y"})
	require.NoError(t, err)
	require.Contains(t, s.fails(t, run).Message(), `unknown member "dropid"`)
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, s.url))
}

// lookAlikesWait chooses that look-alikes wait: nobody is created beside a profile that
// looks like them, and the sync after the choice is taken back does.
func lookAlikesWait(t *testing.T, s *system) {
	o := s.small(t, "Wachtend", 4)
	o.settle(t)
	alike := testkit.ID(t)
	o.write(t, `insert into eitje.team_members (id, organisation_id, email, phone) values ($1, $2, 'x@example.nl', '+31 6 8765 4321')`,
		alike, o.Organisation.ID)
	o.write(t, `update connexie.connections set likely_duplicates_wait = true where id = $1`, o.connection)
	newcomer := o.Account.Employees[0]
	newcomer.ID, newcomer.Email, newcomer.Phone = "emp_wait", sandbox.Some("wacht@example.nl"), sandbox.Some("06-87654321")
	newcomer.LastName = "Wachter"
	newcomer.Contracts = append([]sandbox.Contract{}, newcomer.Contracts...)
	for i := range newcomer.Contracts {
		newcomer.Contracts[i].ID += "_wait"
	}
	require.NoError(t, o.sandbox.PutEmployee(o.Account.ID, newcomer))
	require.Equal(t, 1, o.sync(t).Counts["disputed"])
	o.requireOpen(t, domain.CauseDisputed, "emp_wait")
	require.Equal(t, alike, value[string](t, s, `
		select team_member_id::text from connexie.dispute_candidates where connection_id = $1`, o.connection))
	require.Equal(t, domain.SyncNothing, o.sync(t).Outcome, "and goes on waiting")
	o.write(t, `update connexie.connections set likely_duplicates_wait = false where id = $1`, o.connection)
	require.Equal(t, 1, o.sync(t).Counts["new"])
	o.requireOpen(t, domain.CauseDisputed)
	o.requireOpen(t, domain.CauseLikelyDuplicate, "emp_wait")
}

// repairedAndTakenBack is told to the crash tests.
func repairedAndTakenBack(t *testing.T, o *organisation) {
	t.Helper()
	keep := value[string](t, o.system, `select id::text from eitje.team_members where email = 'oud@example.nl'`)
	drop := o.member(t, "emp_twice")
	for _, step := range []struct {
		mode string
		want domain.RepairOutcome
	}{{app.RepairPreview, app.RepairPreviewed}, {app.RepairApply, app.RepairDone}, {app.RepairUndo, app.RepairUndone}} {
		run := o.startRepair(t, keep, drop, step.mode)
		require.Equal(t, step.want, result[workflows.RepairResult](t, run).Outcome)
	}
	require.Equal(t, drop, o.member(t, "emp_twice"))
	o.requireTrue(t)
}

func (o *organisation) startRepair(t *testing.T, keep, drop, mode string) client.WorkflowRun {
	t.Helper()
	run, err := o.temporal.ExecuteWorkflow(t.Context(), options(workflows.RepairID(keep)), workflows.TypeRepairDuplicate,
		workflows.RepairDuplicateInput{ConnectionID: o.connection, KeepID: keep, DropID: drop, Mode: mode, RequestedBy: "user_42"})
	require.NoError(t, err)
	return run
}

func duplicatedForACrash(t *testing.T, s *system) *organisation {
	t.Helper()
	o := duplicated(t, s, "Gesneuveld").organisation
	o.edit(t, `update eitje.entries set minutes = 455 where id = $1`, o.entry(t, "emp_twice", 2))
	// The audit tells when it was.
	o.edit(t, `update eitje.team_members set active = false, deactivated_by = 'manager-7', deactivated_at = '2026-01-02T03:04:05Z' where email = $1`, "oud@example.nl")
	return o
}
