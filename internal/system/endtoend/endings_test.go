package endtoend

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/eitje/connexie-worker/internal/app"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/workflows"
)

// leaver is the person of a small organisation whose employment ends.
const leaver = 3

// endingOf is the workflow that ends somebody's employment now, or did last.
func (o *organisation) endingOf(member string) client.WorkflowRun {
	return o.latest(workflows.EndEmploymentID(member))
}

// awaitEnding waits until an ending stands at a stage.
func (o *organisation) awaitEnding(t *testing.T, member string, stage domain.EndingStage) {
	t.Helper()
	require.Eventually(t, func() bool {
		found, err := o.store.EndingOf(t.Context(), member)
		return err == nil && found.Stage == stage
	}, patience, glance, "the ending never stood at %s", stage)
}

// endThere ends an employment in Connexie, as somebody who works there does; days ahead
// of today.
func (o *organisation) endThere(t *testing.T, person string, days int) {
	t.Helper()
	o.change(t, person, func(e *sandbox.Employee) {
		e.Employment.EndDate = sandbox.Some(o.sandbox.Today().AddDays(days))
	})
}

// openThere opens an employment again in Connexie.
func (o *organisation) openThere(t *testing.T, person string) {
	t.Helper()
	o.change(t, person, func(e *sandbox.Employee) {
		e.Employment.Status, e.Employment.EndDate = sandbox.EmploymentActive, sandbox.Null[sandbox.Date]()
		for i := range e.Contracts {
			e.Contracts[i].EndDate = sandbox.Null[sandbox.Date]()
		}
	})
}

func (o *organisation) mayEnd(t *testing.T) {
	t.Helper()
	require.NoError(t, o.sandbox.SetPermissions(o.Account.ID, sandbox.EmployeesRead, sandbox.EmploymentWrite, sandbox.ImportsWrite))
}

func daysAhead(n int) string { return today().AddDays(n).String() }

// endedByPeople goes the way of the runbook where the token may not end an employment:
// step one in Connexie, seen by the sync; step two confirmed by two managers at once; and
// one more sync.
func endedByPeople(t *testing.T, s *system) {
	o := s.small(t, "Vertrek", 20)
	o.settle(t)
	operator, person := s.operator(t), o.employeeID(leaver)
	member := o.member(t, person)
	request := app.EndingRequest{TeamMemberID: member, EndDate: daysAhead(5), Reason: "own_request", Note: "Verhuist.", By: "user_1"}
	ticket, err := operator.StartEnding(t.Context(), request)
	require.NoError(t, err)
	require.NotNil(t, ticket.Ending, "a worker answered")
	require.Equal(t, domain.EndingWaitsForConnexie, ticket.Ending.Stage)
	o.requireOpen(t, domain.CauseEndingStepOne, person)

	again, err := operator.StartEnding(t.Context(), request)
	require.NoError(t, err)
	require.True(t, again.Joined)
	require.Equal(t, ticket.EndingID, again.EndingID)
	other := request
	other.EndDate = daysAhead(9)
	_, err = operator.StartEnding(t.Context(), other)
	requireRefused(t, err, "is being ended already")
	_, err = operator.ConfirmEnding(t.Context(), member, "user_1")
	requireRefused(t, err, "E1: Connexie still shows the employment as active")

	o.endThere(t, person, -1)
	o.sync(t)
	o.awaitEnding(t, member, domain.EndingWaitsForConfirmation)
	o.requireOpen(t, domain.CauseEndingStepTwo, person)
	o.requireOpen(t, domain.CauseEmploymentEnded) // S12 is not told a second time
	require.Equal(t, "true", o.field(t, person, "active"), "E4: nobody has confirmed")

	var managers sync.WaitGroup
	for _, manager := range []string{"user_1", "user_2"} {
		managers.Go(func() {
			confirmed, err := operator.ConfirmEnding(t.Context(), member, manager)
			assert.NoError(t, err)
			assert.Equal(t, domain.EndingWatches, confirmed.Stage)
		})
	}
	managers.Wait()
	require.Equal(t, "false", o.field(t, person, "active"))
	require.Equal(t, []string{"active", "deactivated_at", "deactivated_by"}, o.auditOfEnding(t, ticket.EndingID))

	o.sync(t)
	ended := result[workflows.EndingResult](t, o.endingOf(member))
	require.Equal(t, domain.EndingEnded, ended.Outcome)
	require.Equal(t, today().AddDays(-1), ended.EndDate)
	shown, err := operator.Ending(t.Context(), member)
	require.NoError(t, err)
	require.Len(t, shown.Notes, 1)
	require.Equal(t, shown.ConfirmedBy, o.field(t, person, "deactivated_by"))
	for _, cause := range domain.EndingCauses() {
		o.requireOpen(t, cause)
	}
	require.Equal(t, domain.SyncNothing, o.sync(t).Outcome, "and all is quiet")
	o.record(t, "by-people", o.endingOf(member))

	_, err = operator.StartEnding(t.Context(), request)
	requireRefused(t, err, "has ended already")
	_, err = operator.ConfirmEnding(t.Context(), member, "user_1")
	requireRefused(t, err, "is not being ended")

	o.rehired(t, person, member)
}

// auditOfEnding are the fields that step two left audit lines of.
func (o *organisation) auditOfEnding(t *testing.T, endingID string) []string {
	t.Helper()
	return value[[]string](t, o.system,
		`select array_agg(field order by field) from connexie.changes where act = 'ending' and act_id::text = $1`, endingID)
}

// rehired lets somebody come back under the same Connexie ID: the same profile is
// activated again (E7), and may leave again.
func (o *organisation) rehired(t *testing.T, person, member string) {
	t.Helper()
	members := o.members(t)
	o.openThere(t, person)
	o.sync(t)
	require.Equal(t, member, o.member(t, person))
	require.Equal(t, members, o.members(t), "no second profile")
	require.Equal(t, "true", o.field(t, person, "active"))

	operator := o.operator(t)
	o.endThere(t, person, -1)
	ticket, err := operator.StartEnding(t.Context(), app.EndingRequest{TeamMemberID: member, EndDate: daysAhead(-1)})
	require.NoError(t, err)
	require.Equal(t, domain.EndingWaitsForConfirmation, ticket.Ending.Stage)
	o.openThere(t, person)
	o.sync(t)
	withdrawn := result[workflows.EndingResult](t, o.endingOf(member))
	require.Equal(t, domain.EndingWithdrawn, withdrawn.Outcome)
	require.Equal(t, domain.EndingReopened, withdrawn.Reason, "E5")
	o.requireOpen(t, domain.CauseEndingOver, person)
	o.record(t, "reopened", o.endingOf(member))
}

// endedThroughTheAPI has step one done by the token, a date moved, another ending
// withdrawn, and one that goes by itself.
func endedThroughTheAPI(t *testing.T, s *system) {
	o := s.small(t, "Vertrek via de API", 20)
	o.mayEnd(t)
	o.settle(t)
	operator, person := s.operator(t), o.employeeID(leaver)
	member := o.member(t, person)
	ticket, err := operator.StartEnding(t.Context(), app.EndingRequest{TeamMemberID: member, EndDate: daysAhead(3), Reason: "own_request"})
	require.NoError(t, err)
	require.Equal(t, domain.EndingWaitsForDate, ticket.Ending.Stage, "E3")
	require.Equal(t, today().AddDays(4).At(0, 0).UTC(), ticket.Ending.DueAt.UTC())
	require.Equal(t, daysAhead(3), o.lastDayThere(t, person), "E2: done by the token")

	changed, err := operator.ChangeEndDate(t.Context(), member, daysAhead(-1), "user_1")
	require.NoError(t, err)
	require.Equal(t, domain.EndingWaitsForConfirmation, changed.Stage, "it lies behind now")
	require.Equal(t, daysAhead(-1), o.lastDayThere(t, person))
	_, err = operator.ChangeEndDate(t.Context(), member, daysAhead(7), "user_1")
	requireRefused(t, err, "has ended in Connexie")
	_, err = operator.ConfirmEnding(t.Context(), member, "user_1")
	require.NoError(t, err)
	o.sync(t)
	require.Equal(t, domain.EndingEnded, result[workflows.EndingResult](t, o.endingOf(member)).Outcome)
	o.record(t, "through-the-api", o.endingOf(member))

	o.withdrawnOnTheWay(t, operator)
	o.endedByItself(t, operator)
}

func (o *organisation) lastDayThere(t *testing.T, person string) string {
	t.Helper()
	found, err := o.sandbox.Employee(o.Account.ID, person)
	require.NoError(t, err)
	end, _ := found.Employment.EndDate.Get()
	return string(end)
}

// withdrawnOnTheWay withdraws after step one: nothing is opened again in Connexie, and
// somebody is told.
func (o *organisation) withdrawnOnTheWay(t *testing.T, operator *app.Operator) {
	t.Helper()
	person := o.employeeID(leaver + 1)
	member := o.member(t, person)
	_, err := operator.StartEnding(t.Context(), app.EndingRequest{TeamMemberID: member, EndDate: daysAhead(20)})
	require.NoError(t, err)
	_, err = operator.ChangeEndDate(t.Context(), member, "2019-01-01", "user_1")
	requireRefused(t, err, "cannot end on 2019-01-01")
	withdrawn, err := operator.WithdrawEnding(t.Context(), app.EndingWithdrawal{TeamMemberID: member, Reason: "stays", Note: "Blijft toch.", By: "user_1"})
	require.NoError(t, err)
	require.Equal(t, domain.EndingWithdrawn, withdrawn.Outcome)
	require.Equal(t, "user_1", withdrawn.WithdrawnBy)
	require.Len(t, withdrawn.Notes, 1)
	require.Equal(t, daysAhead(20), o.lastDayThere(t, person), "E5: nothing is opened again there")
	o.requireOpen(t, domain.CauseEndingOver, person)
	require.Equal(t, domain.EndingWithdrawn, result[workflows.EndingResult](t, o.endingOf(member)).Outcome)
	o.record(t, "withdrawn", o.endingOf(member))
}

// endedByItself needs no confirmation (E4).
func (o *organisation) endedByItself(t *testing.T, operator *app.Operator) {
	t.Helper()
	person := o.employeeID(leaver + 2)
	member := o.member(t, person)
	o.edit(t, `update connexie.connections set automatic_endings = true where id = $1`, o.connection)
	_, err := operator.StartEnding(t.Context(), app.EndingRequest{TeamMemberID: member, EndDate: daysAhead(-2)})
	require.NoError(t, err)
	o.awaitEnding(t, member, domain.EndingWatches)
	require.Equal(t, "automatic", o.field(t, person, "deactivated_by"))
	o.sync(t)
	require.Equal(t, domain.EndingEnded, result[workflows.EndingResult](t, o.endingOf(member)).Outcome)
	o.record(t, "by-itself", o.endingOf(member))
}

// startedAtStepTwo begins where an employment ended in Connexie alone (S12), and meets a
// sync that activates the person again while it watches (E6).
func startedAtStepTwo(t *testing.T, s *system) {
	o := s.small(t, "Alleen in Connexie", 20)
	o.settle(t)
	operator, person := s.operator(t), o.employeeID(leaver)
	member := o.member(t, person)
	o.endThere(t, person, -1)
	o.sync(t)
	o.requireOpen(t, domain.CauseEmploymentEnded, person)
	told := o.notices(t, domain.CauseEmploymentEnded)
	require.Contains(t, told[len(told)-1].NextStep, "starter end-employment start --team-member "+member+" --end-date "+daysAhead(-1))

	ticket, err := operator.StartEnding(t.Context(), app.EndingRequest{TeamMemberID: member})
	require.NoError(t, err)
	require.Equal(t, domain.EndingWaitsForConfirmation, ticket.Ending.Stage)
	require.Equal(t, today().AddDays(-1), ticket.Ending.EndDate, "Connexie's, where nobody gives one")
	o.requireOpen(t, domain.CauseEmploymentEnded)
	require.Equal(t, domain.SyncNothing, o.sync(t).Outcome, "S12 is not told a second time")
	_, err = operator.ConfirmEnding(t.Context(), member, "user_1")
	require.NoError(t, err)
	o.openThere(t, person)
	o.sync(t)
	require.Equal(t, domain.EndingReactivated, result[workflows.EndingResult](t, o.endingOf(member)).Outcome)
	require.Equal(t, "true", o.field(t, person, "active"))
	o.requireOpen(t, domain.CauseEndingOver, person)
	o.record(t, "reactivated", o.endingOf(member))
}

// endedBetween ends an employment while a sync and an export are under way, and exports
// the leaver's hours afterwards (E7).
func endedBetween(t *testing.T, s *system) {
	o := s.working(t, "Ondertussen", 6, 5)
	o.mayEnd(t)
	operator, person := s.operator(t), "emp_0002"
	member := o.member(t, person)
	reach, release := o.hold(t)
	syncing := o.startSync(t)
	reach()
	sending := o.fault(t, sandbox.Fault{Kind: sandbox.FaultHold, Operation: "createHourImport", Times: 1})
	exporting := o.startExport(t, o.allKinds())
	require.NoError(t, o.sandbox.AwaitFault(t.Context(), sending))

	_, err := operator.StartEnding(t.Context(), app.EndingRequest{TeamMemberID: member, EndDate: daysAhead(-1)})
	require.NoError(t, err)
	confirmed, err := operator.ConfirmEnding(t.Context(), member, "user_1")
	require.NoError(t, err)
	require.Equal(t, 5, confirmed.Remains.Unexported, "what the export is sending is not held yet")
	release()
	require.NoError(t, o.sandbox.RemoveFault(sending))
	o.await(t, syncing)
	require.Equal(t, domain.ExportOK, result[workflows.ExportResult](t, exporting).Outcome)
	o.requireTrue(t)
	require.Equal(t, "false", o.field(t, person, "active"), "the sync that was reading has not taken it back")
	o.sync(t)
	ended := result[workflows.EndingResult](t, o.endingOf(member))
	require.Equal(t, domain.EndingEnded, ended.Outcome)
	require.Equal(t, domain.Counts{"future_shifts": 0, "unapproved": 0, "unexported": 0}, ended.Counts)

	// An entry that is approved late goes out too, up to the last day.
	o.edit(t, `update eitje.entries set minutes = 455 where id = $1`, o.entry(t, person, 1))
	require.Equal(t, domain.ExportOK, o.export(t, o.allKinds()).Outcome)
	o.requireTrue(t)
	require.Equal(t, "Exported", o.shown(t, o.entry(t, person, 1)), "E7")
}

// endingsRefused are those that cannot be, through every door, and nothing is changed.
func endingsRefused(t *testing.T, s *system) {
	o, stranger := s.small(t, "Onmogelijk", 12), s.small(t, "Een ander", 3)
	o.settle(t)
	stranger.settle(t)
	operator := s.operator(t)
	member, theirs := o.member(t, o.employeeID(leaver)), stranger.member(t, stranger.employeeID(1))
	unlinked := value[string](t, s, `
		insert into eitje.team_members (id, organisation_id, email) values (gen_random_uuid(), $1, 'los@example.nl') returning id::text`, o.Organisation.ID)
	before := o.state(t)
	const nobody = "0190a1b2-0000-7000-8000-00000000dead"
	for reason, in := range map[domain.EndingReason]workflows.EndEmploymentInput{
		domain.EndingUnknownPerson: {TeamMemberID: nobody, EndDate: today()},
		domain.EndingOtherCompany:  {TeamMemberID: theirs, EndDate: today()},
		domain.EndingNotLinked:     {TeamMemberID: unlinked, EndDate: today()},
		domain.EndingBeforeStart:   {TeamMemberID: member, EndDate: domain.NewDate(1999, time.January, 1)},
		domain.EndingTooFarAhead:   {TeamMemberID: member, EndDate: domain.NewDate(2999, time.January, 1)},
	} {
		in.ConnectionID = o.connection
		run, err := o.temporal.ExecuteWorkflow(t.Context(), options(workflows.EndEmploymentID(in.TeamMemberID)), workflows.TypeEndEmployment, in)
		require.NoError(t, err)
		refused := result[workflows.EndingResult](t, run)
		require.Equal(t, domain.EndingRefused, refused.Outcome)
		require.Equal(t, reason, refused.Reason)
		require.NotEmpty(t, refused.Problem)
		if reason == domain.EndingBeforeStart {
			o.record(t, "refused", run)
		}
	}
	_, err := operator.StartEnding(t.Context(), app.EndingRequest{TeamMemberID: member, EndDate: "1999-01-01"})
	requireRefused(t, err, "cannot end on 1999-01-01")
	_, err = operator.StartEnding(t.Context(), app.EndingRequest{TeamMemberID: theirs, ConnectionID: o.connection, EndDate: daysAhead(1)})
	var problem *app.Problem
	require.ErrorAs(t, err, &problem)
	require.Equal(t, app.KindNotFound, problem.Kind)
	require.Equal(t, before, o.state(t))
	require.Zero(t, value[int](t, s, `select count(*) from connexie.endings where connection_id = $1`, o.connection))
	o.requireImpersonal(t, "the log", o.logs.String())
}
