package endtoend

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	activitypb "go.temporal.io/api/activity/v1"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/workflows"
)

// refusedInMidRun revokes the token between two pages.
func refusedInMidRun(t *testing.T, s *system) {
	o := s.small(t, "Halverwege geweigerd", crowded)
	o.settle(t)
	onFirst, gone := o.employeeID(1), o.employeeID(2)
	o.change(t, onFirst, func(e *sandbox.Employee) { e.LastName = "Gelezen" })
	require.NoError(t, s.sandbox.RemoveEmployee(o.Account.ID, gone))
	before, links, asked := o.state(t), o.links(t), len(s.sandbox.Calls(o.Account.ID, "listEmployees"))
	fault := o.fault(t, sandbox.Fault{Kind: sandbox.FaultInvalidToken, Operation: "listEmployees", FromCall: 2})
	run := o.startSync(t)
	result := o.await(t, run)

	t.Run("C8 the run is refused and somebody is told once", func(t *testing.T) {
		require.Equal(t, domain.SyncRefused, result.Outcome)
		require.Equal(t, "needs_token", o.connectionState(t))
		require.Len(t, o.notices(t, domain.CauseTokenRefused), 1)
		o.requireOpen(t, domain.CauseTokenRefused, o.connection)
		require.Len(t, s.sandbox.Calls(o.Account.ID, "listEmployees"), asked+2, "a refused call is not repeated (N6)")
	})
	t.Run("S14 half a list concludes nothing", func(t *testing.T) {
		require.Equal(t, before, o.state(t))
		o.requireOpen(t, domain.CauseMissing)
		require.Zero(t, value[int](t, s, `select count(*) from connexie.people
			where connection_id = $1 and missing_since is not null`, o.connection))
	})
	t.Run("C8 another run by hand tries, and tells nobody again", func(t *testing.T) {
		require.Equal(t, domain.SyncRefused, o.sync(t).Outcome)
		require.Len(t, o.notices(t, domain.CauseTokenRefused), 1)
	})
	t.Run("C8 a new token resumes with the links kept", func(t *testing.T) {
		require.NoError(t, s.sandbox.RemoveFault(fault))
		require.NoError(t, s.sandbox.SetToken(o.Account.ID, "token-halverwege"))
		o.setToken(t, "token-halverwege")
		require.Equal(t, domain.SyncOK, o.settle(t).Outcome)
		require.Equal(t, "active", o.connectionState(t))
		require.Equal(t, links, o.links(t))
		require.Equal(t, "Gelezen", o.field(t, onFirst, "last_name"))
		o.requireOpen(t, domain.CauseMissing, gone)
		o.requireOpen(t, domain.CauseTokenRefused)
	})
	o.requireSettled(t)
	o.record(t, "refused-in-mid-run", run)
}

// outages are how Connexie may be away for a whole night.
var outages = []sandbox.Fault{
	{Kind: sandbox.FaultStatus, Status: 503, RetryAfterSeconds: 1},
	{Kind: sandbox.FaultDropConnection},
	{Kind: sandbox.FaultRateLimited, RetryAfterSeconds: 1},
}

// threeNights keeps Connexie away for three nights and brings it back (N6).
func threeNights(t *testing.T, s *system) {
	o := s.small(t, "Drie nachten weg", 20)
	o.settle(t)
	links, before := o.links(t), o.state(t)
	o.touch(t)
	begin := today()
	var last client.WorkflowRun
	for i, outage := range outages {
		last = o.nightOut(t, begin.AddDays(i), outage)
		require.Equal(t, "unreachable", o.runs(t)[0].Outcome)
		require.Equal(t, before, o.state(t))
		if i < len(outages)-1 {
			require.Empty(t, o.notices(t, domain.CauseUnreachable), "after night %d", i+1)
		}
	}
	t.Run("after the third night somebody is told", func(t *testing.T) {
		o.requireOpen(t, domain.CauseUnreachable, o.connection)
	})
	t.Run("N1 after the fourth nobody is told again", func(t *testing.T) {
		away := o.fault(t, outages[0])
		night := s.nightOf(t, begin.AddDays(3), o.connection)
		require.Equal(t, domain.Counts{"unreachable": 1}, result[workflows.NightResult](t, night).Counts)
		require.NoError(t, s.sandbox.RemoveFault(away))
		require.Len(t, o.notices(t, domain.CauseUnreachable), 1)
	})
	o.record(t, "unreachable", last)
	t.Run("the first good night closes it", func(t *testing.T) {
		night := s.nightOf(t, begin.AddDays(4), o.connection)
		require.Equal(t, domain.Counts{"ok": 1}, result[workflows.NightResult](t, night).Counts)
		o.requireOpen(t, domain.CauseUnreachable)
		require.Zero(t, o.failedNights(t))
		require.Equal(t, links, o.links(t))
	})
	t.Run("an outage after it counts anew", func(t *testing.T) {
		o.nightOut(t, begin.AddDays(5), outages[0])
		require.Equal(t, 1, o.failedNights(t))
		o.requireOpen(t, domain.CauseUnreachable)
	})
}

// sameNightTwice repeats a night by hand while Connexie is away: it is one night.
func sameNightTwice(t *testing.T, s *system) {
	o := s.small(t, "Zelfde nacht weg", 20)
	o.settle(t)
	for range 3 {
		o.nightOut(t, today(), outages[0])
		require.Equal(t, 1, o.failedNights(t))
	}
	require.Empty(t, o.notices(t, domain.CauseUnreachable))
	o.nightOut(t, today().AddDays(1), outages[0])
	require.Equal(t, 2, o.failedNights(t))
}

func (o *organisation) failedNights(t *testing.T) int {
	t.Helper()
	return value[int](t, o.system, `select failed_nights from connexie.connections where id = $1`, o.connection)
}

// nightOut is a night on which Connexie is away from beginning to end.
func (o *organisation) nightOut(t *testing.T, date domain.Date, outage sandbox.Fault) client.WorkflowRun {
	t.Helper()
	id := o.fault(t, outage)
	night := o.nightOf(t, date, o.connection)
	require.NoError(t, o.sandbox.AwaitFault(t.Context(), id))
	run := o.latest(workflows.SyncID(o.connection))
	o.endWindow(t, run, 5*time.Hour)
	summary := result[workflows.NightResult](t, night)
	require.Equal(t, domain.NightProblems, summary.Outcome)
	require.Equal(t, date, summary.Night)
	require.Equal(t, domain.Counts{"unreachable": 1}, summary.Counts)
	require.NoError(t, o.sandbox.RemoveFault(id))
	return run
}

// nightOf starts the night of a date, as the schedule does when it catches up.
func (s *system) nightOf(t *testing.T, date domain.Date, connections ...string) client.WorkflowRun {
	t.Helper()
	start := options(nightID())
	start.TypedSearchAttributes = temporal.NewSearchAttributes(
		temporal.NewSearchAttributeKeyTime("TemporalScheduledStartTime").ValueSet(date.At(23, 0)))
	run, err := s.temporal.ExecuteWorkflow(t.Context(), start, workflows.TypeNightlySync,
		workflows.NightlySyncInput{ConnectionIDs: connections})
	require.NoError(t, err)
	return run
}

// endWindow lets the hours pass for which a run tries to reach Connexie: it shortens
// them, as an operator could, once the run is seen to have them. What is left is enough
// for another attempt, since the engine forgets what failed before.
func (s *system) endWindow(t *testing.T, run client.WorkflowRun, window time.Duration) {
	t.Helper()
	var pending *workflowservice.DescribeWorkflowExecutionResponse
	require.Eventually(t, func() bool {
		pending = s.described(t, run.GetID())
		return len(pending.GetPendingActivities()) == 1 && pending.GetPendingActivities()[0].GetAttempt() > 1
	}, patience, glance, "it was never tried again")
	activity := pending.GetPendingActivities()[0]
	left := time.Since(pending.GetWorkflowExecutionInfo().GetStartTime().AsTime()) + 5*time.Second
	soon := durationpb.New(500 * time.Millisecond)
	require.Equal(t, window, activity.GetActivityOptions().GetScheduleToCloseTimeout().AsDuration())
	_, err := s.temporal.WorkflowService().UpdateActivityOptions(t.Context(), &workflowservice.UpdateActivityOptionsRequest{
		Namespace: s.namespace, Execution: &commonpb.WorkflowExecution{WorkflowId: run.GetID()},
		Activity: &workflowservice.UpdateActivityOptionsRequest_Id{Id: activity.GetActivityId()},
		ActivityOptions: &activitypb.ActivityOptions{
			ScheduleToCloseTimeout: durationpb.New(left),
			RetryPolicy:            &commonpb.RetryPolicy{InitialInterval: soon, MaximumInterval: soon},
		},
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{
			"schedule_to_close_timeout", "retry_policy.initial_interval", "retry_policy.maximum_interval",
		}},
	})
	require.NoError(t, err)
}
