package endtoend

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/eitje/connexie-worker/internal/app"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/workflows"
)

// erased tells the story of somebody who asks to be forgotten: refused as long as there is
// an employment, erased, left out by the night although Connexie's list still shows the
// person, exported again with the period as before, and back when the erasure is lifted.
func erased(t *testing.T, s *system) {
	o := s.working(t, "Vergeten", 4, 3)
	require.Equal(t, domain.ExportOK, o.export(t, o.allKinds()).Outcome)
	ledger := withoutReferences(o.ledger(t))
	person := o.Account.Employees[0]
	member := o.member(t, person.ID)
	// Others who are invented share addresses with this organisation's.
	person.Email = sandbox.Some("vergeten@nergens.example")
	o.change(t, person.ID, func(e *sandbox.Employee) { e.Email = person.Email })
	o.write(t, `update eitje.team_members set email = $2 where id = $1`, member, text(person.Email))
	operator := o.operator(t)
	request := app.ErasureRequest{ConnectionID: o.connection, ConnexieID: person.ID, By: "user_42"}

	_, err := operator.Erase(t.Context(), request)
	require.ErrorContains(t, err, "Connexie shows the employment as active")
	o.change(t, person.ID, func(e *sandbox.Employee) {
		e.Employment.EndDate = sandbox.Some(s.sandbox.Today().AddDays(-1))
	})
	o.sync(t)
	report, err := operator.Erase(t.Context(), request)
	require.NoError(t, err)
	require.Equal(t, app.ErasureDone, report.Outcome)
	o.requireForgotten(t, person)

	t.Run("S14 the night leaves the person out, who is on the list", func(t *testing.T) {
		started, err := operator.RunNight(t.Context(), o.connection)
		require.NoError(t, err)
		night, err := operator.FollowNight(t.Context(), started, func(app.Night) {})
		require.NoError(t, err)
		require.Equal(t, domain.NightOK, night.Outcome)
		last := o.runs(t)[0]
		require.Equal(t, 1, last.Counts["erased"])
		require.NotContains(t, last.Counts, "missing")
		o.requireOpen(t, domain.CauseMissing)
		o.requireForgotten(t, person)
		failed := o.startPerson(t, person.ID)
		require.ErrorContains(t, failed.Get(t.Context(), nil), "starter erase lift")
		o.requireForgotten(t, person)
	})
	t.Run("X8 the period is exported again as it was", func(t *testing.T) {
		again := o.export(t, o.allKinds())
		require.Equal(t, domain.ExportOK, again.Outcome, again.Problem)
		require.Equal(t, ledger, withoutReferences(o.ledger(t)))
		o.requireTrue(t)
		o.requireForgotten(t, person)
	})
	t.Run("lifted, the person comes back under the same profile", func(t *testing.T) {
		_, err := operator.LiftErasure(t.Context(), request)
		require.NoError(t, err)
		o.change(t, person.ID, func(e *sandbox.Employee) {
			e.Employment = sandbox.Employment{Status: sandbox.EmploymentActive, StartDate: e.Employment.StartDate}
		})
		require.NotContains(t, o.sync(t).Counts, "erased")
		require.Equal(t, member, o.member(t, person.ID))
		require.Equal(t, person.LastName, o.field(t, person.ID, "last_name"))
	})
}

// requireForgotten looks for what only this person has in every row of both schemas, and
// in the log.
func (o *organisation) requireForgotten(t *testing.T, person sandbox.Employee) {
	t.Helper()
	tables := list(t, o.system, pgx.RowTo[string],
		`select format('%I.%I', table_schema, table_name) from information_schema.tables
		  where table_schema in ('eitje', 'connexie') and table_type = 'BASE TABLE'`)
	email := strings.ToLower(text(person.Email))
	require.NotEmpty(t, email)
	for _, table := range tables {
		rows := strings.ToLower(strings.Join(list(t, o.system, pgx.RowTo[string], `select to_jsonb(r)::text from `+table+` r`), "\n"))
		require.NotContains(t, rows, email, "%s tells of the person", table)
	}
	o.requireImpersonal(t, "the log", o.logs.String())
}

// houseKept runs a housekeeping over an export that was terminated with a draft open, and
// a notification that was closed long ago.
func houseKept(t *testing.T, s *system) {
	o := s.working(t, "Opgeruimd", 3, 2)
	held := o.fault(t, sandbox.Fault{Kind: sandbox.FaultHold, Operation: "putHourImportPart", Times: 1})
	run := o.startExport(t, o.allKinds())
	require.NoError(t, s.sandbox.AwaitFault(t.Context(), held))
	require.NoError(t, s.temporal.TerminateWorkflow(t.Context(), run.GetID(), run.GetRunID(), "by a test"))
	require.Len(t, o.drafts(t), 1)
	o.write(t, `update connexie.exports set started_at = started_at - interval '2 hours' where connection_id = $1`, o.connection)
	o.write(t, `
		insert into connexie.notifications (id, organisation_id, connection_id, cause, subject, severity, next_step, opened_at, closed_at)
		select gen_random_uuid(), organisation_id, id, 'email_blank', 'emp_9999', 'info', 'Fill it in.', now() - interval '200 days', now() - interval '199 days'
		  from connexie.connections where id = $1`, o.connection)

	operator := o.operator(t)
	keep := func(name string) workflows.HousekeepingResult {
		started, err := operator.RunHousekeeping(t.Context())
		require.NoError(t, err)
		ended, err := operator.AwaitHousekeeping(t.Context(), started)
		require.NoError(t, err)
		o.record(t, name, s.latest(started.WorkflowID))
		return *ended.Result
	}
	first := keep("ok")
	require.Equal(t, domain.HousekeepingOK, first.Outcome)
	require.Equal(t, 1, first.Counts["notifications"])
	require.Equal(t, 1, first.Counts["exports_closed"])
	require.Equal(t, 1, first.Counts["drafts_settled"])
	require.Empty(t, o.drafts(t))
	require.NoError(t, s.sandbox.RemoveFault(held)) // whoever was sending finds that it is over
	require.Eventually(t, func() bool { return o.answered("putHourImportPart", held) }, patience, glance)
	require.Equal(t, domain.HousekeepingNothing, keep("nothing").Outcome)
	listed, err := operator.Housekeepings(t.Context(), 2)
	require.NoError(t, err)
	require.Equal(t, []domain.HousekeepingOutcome{domain.HousekeepingNothing, domain.HousekeepingOK},
		[]domain.HousekeepingOutcome{listed[0].Outcome, listed[1].Outcome})

	handle := s.temporal.ScheduleClient().GetHandle(t.Context(), workflows.HousekeepingID)
	described, err := handle.Describe(t.Context())
	require.NoError(t, err)
	for _, at := range described.Info.NextActionTimes {
		require.Equal(t, "04:00", at.In(app.Amsterdam()).Format("15:04"))
	}
	require.NotEmpty(t, described.Info.NextActionTimes)
	require.IsType(t, &client.ScheduleWorkflowAction{}, described.Schedule.Action)

	completed := o.export(t, o.allKinds())
	require.Equal(t, domain.ExportOK, completed.Outcome, completed.Problem)
	o.requireTrue(t)
}
