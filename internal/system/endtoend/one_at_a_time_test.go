package endtoend

import (
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/temporal"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/workflows"
)

// oneAtATime asks for synchronisations in every way that there is, alone and at
// once: what the time-skipping environment cannot show, since it knows no ids.
func oneAtATime(t *testing.T, s *system) {
	o := s.small(t, "Samenloop", 20)
	o.settle(t)
	id := workflows.SyncID(o.connection)

	t.Run("a request on a free id joins nobody and makes one pass", func(t *testing.T) {
		known := len(o.runs(t))
		answer, err := o.request(t, "user_1")
		require.NoError(t, err)
		require.Equal(t, 1, answer.Pass)
		require.False(t, answer.Joined)
		require.Equal(t, answer.RunID, o.await(t, o.latest(id)).RunID)
		require.Len(t, o.runs(t), known+1)
	})
	t.Run("requests at once share one run", func(t *testing.T) { o.requestAtOnce(t) })
	t.Run("a signal on a free id makes one pass", func(t *testing.T) {
		known := len(o.runs(t))
		start := options(id)
		start.WorkflowIDConflictPolicy = enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING
		start.WorkflowExecutionErrorWhenAlreadyStarted = false
		run, err := s.temporal.SignalWithStartWorkflow(t.Context(), id, workflows.SignalJoinRequested,
			workflows.RequestSyncInput{RequestedBy: "user_1"}, start, workflows.TypeSyncTeamMembers,
			workflows.SyncTeamMembersInput{ConnectionID: o.connection})
		require.NoError(t, err)
		o.await(t, run)
		require.Len(t, o.runs(t), known+1)
	})
	t.Run("requests while reading share one more pass", func(t *testing.T) { o.requestWhileReading(t) })
}

// requestAtOnce sends requests together. Whichever of them starts the run joins
// nobody; every other joins the pass that it finds waiting, or the one after.
func (o *organisation) requestAtOnce(t *testing.T) {
	const requests = 3
	known := len(o.runs(t))
	reach, release := o.hold(t)
	answers := make(chan workflows.RequestSyncResult, requests)
	failures := make(chan error, requests)
	for range requests {
		go func() {
			answer, err := o.request(t, "user_1")
			failures <- err
			answers <- answer
		}()
	}
	alone, passes := 0, map[int]string{}
	for range requests {
		require.NoError(t, <-failures)
		answer := <-answers
		if !answer.Joined {
			alone++
			require.Equal(t, 1, answer.Pass)
		}
		if shared, known := passes[answer.Pass]; known {
			require.Equal(t, shared, answer.RunID, "one pass is one run")
		}
		passes[answer.Pass] = answer.RunID
	}
	reach()
	release()
	result := o.await(t, o.latest(workflows.SyncID(o.connection)))
	require.Equal(t, 1, alone, "exactly one request started the run")
	require.LessOrEqual(t, len(passes), 2)
	require.Equal(t, passes[len(passes)], result.RunID)
	require.Len(t, o.runs(t), known+len(passes), "no pass was made that nobody asked for")
}

// requestWhileReading asks for more while Connexie lets a reading wait.
func (o *organisation) requestWhileReading(t *testing.T) {
	id := workflows.SyncID(o.connection)
	o.change(t, o.employeeID(1), func(e *sandbox.Employee) { e.Phone = sandbox.Some("+31611111111") })
	known := len(o.runs(t))
	reach, release := o.hold(t)
	first := o.startSync(t)
	reach()
	shared, err := o.request(t, "user_1")
	require.NoError(t, err)
	require.Equal(t, 2, shared.Pass)
	require.True(t, shared.Joined)
	again, err := o.request(t, "user_2")
	require.NoError(t, err)
	require.Equal(t, shared, again)
	require.NoError(t, o.temporal.SignalWorkflow(t.Context(), id, "", workflows.SignalJoinRequested,
		workflows.RequestSyncInput{RequestedBy: "user_3"}))

	t.Run("a start in the Temporal UI meets the run that is there", func(t *testing.T) {
		var running *serviceerror.WorkflowExecutionAlreadyStarted
		require.ErrorAs(t, o.startLikeTheUI(t, id), &running)
		require.Equal(t, first.GetRunID(), running.RunId)
	})
	t.Run("a preview and one person alone go through at once", func(t *testing.T) {
		require.Equal(t, domain.SyncOK, o.preview(t).Outcome)
		require.Equal(t, domain.SyncOK, o.syncPerson(t, o.employeeID(1)).Outcome)
		require.Equal(t, "+31611111111", o.field(t, o.employeeID(1), "phone"))
		require.Equal(t, workflows.StageReading, o.progress(t).Stage, "the full run still waits")
	})
	release()
	result := o.await(t, first)
	require.Equal(t, shared.RunID, result.RunID, "the second pass answers for the run")
	require.Len(t, o.runs(t), known+4, "two passes, the preview and the one person")
	o.record(t, "joined-while-reading", first)
}

// startLikeTheUI starts as the Temporal UI does: it states no conflict policy.
func (o *organisation) startLikeTheUI(t *testing.T, id string) error {
	_, err := o.temporal.WorkflowService().StartWorkflowExecution(t.Context(), o.uiStart(id,
		workflows.TypeSyncTeamMembers, rawInput(`{"connection_id":"`+o.connection+`"}`)))
	return err
}

// uiStart is the request that the Temporal UI makes.
func (s *system) uiStart(
	id, workflowType string, input *commonpb.Payloads,
) *workflowservice.StartWorkflowExecutionRequest {
	return &workflowservice.StartWorkflowExecutionRequest{
		Namespace: s.namespace, WorkflowId: id, RequestId: id + "-ui", Input: input,
		WorkflowType: &commonpb.WorkflowType{Name: workflowType},
		TaskQueue:    &taskqueuepb.TaskQueue{Name: workflows.QueueMain},
	}
}

// cancelled cancels a run that reads: it is closed as such, and the next is as any
// other.
func cancelled(t *testing.T, s *system) {
	o := s.small(t, "Afgebroken", 20)
	o.settle(t)
	reach, release := o.hold(t)
	run := o.startSync(t)
	reach()
	require.NoError(t, s.temporal.CancelWorkflow(t.Context(), run.GetID(), run.GetRunID()))
	// The activity of the cancelled run is told at its next heartbeat; the workflow
	// does not wait for it.
	err := ended(t, run, nil)
	require.True(t, temporal.IsCanceledError(err), "%v", err)
	release()
	closed := o.runs(t)[0]
	require.Equal(t, "closed", closed.Stage)
	require.Equal(t, string(domain.SyncCancelled), closed.Outcome)
	described := o.described(t, run.GetID())
	require.Equal(t, "cancelled", attribute[string](t, described, "Outcome"))
	require.False(t, attribute[bool](t, described, "NeedsAttention"))
	require.Equal(t, domain.SyncNothing, o.sync(t).Outcome)
	o.record(t, "cancelled-findable", run)
}
