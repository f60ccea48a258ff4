package endtoend

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"github.com/eitje/connexie-worker/internal/testkit"
	"github.com/eitje/connexie-worker/workflows"
)

// door is a workflow as somebody starts it in the Temporal UI, with an input that
// nobody can work with.
type door struct {
	name     string
	workflow string
	id       string
	input    *commonpb.Payloads
	// tells are what the answer must name.
	tells []string
	// undecodable is input that the engine cannot even hand over: it answers in its
	// own words. No client of Temporal's sends such, but a program of one's own may.
	undecodable bool
}

// doors knocks at every workflow with the worst that people and programs send.
func doors(t *testing.T, s *system) {
	for _, knocked := range wrongInputs(testkit.ID(t)) {
		t.Run(knocked.workflow+" "+knocked.name, func(t *testing.T) {
			t.Parallel()
			knocked.requireAnswer(t, s)
		})
	}
}

// requireAnswer asserts that the workflow has failed at once, that the answer says
// what is wrong and shows an example, and that nothing was begun.
func (d door) requireAnswer(t *testing.T, s *system) {
	t.Helper()
	started, err := s.temporal.WorkflowService().StartWorkflowExecution(t.Context(), s.uiStart(d.id, d.workflow, d.input))
	require.NoError(t, err)
	run := s.temporal.GetWorkflow(t.Context(), d.id, started.GetRunId())
	failure := s.fails(t, run)
	if d.undecodable {
		require.Contains(t, failure.Message(), "unable to decode the workflow function input payload")
	} else {
		require.Equal(t, refusedInput, failure.Type())
		require.Contains(t, failure.Message(), "Example: {")
	}
	for _, told := range d.tells {
		require.Contains(t, failure.Message(), told)
	}
	require.Less(t, len(failure.Message()), 3000, "the engine cuts a long text off")
	require.Equal(t, enumspb.WORKFLOW_EXECUTION_STATUS_FAILED, s.described(t, d.id).GetWorkflowExecutionInfo().GetStatus())
	require.Zero(t, activitiesOf(s.history(t, run)), "no activity is begun for it")
}

// wrongInputs are the same mistakes for each of the workflows.
func wrongInputs(connection string) []door {
	var all []door
	for _, target := range []struct {
		workflow string
		id       string
		required string
	}{
		{workflows.TypeActivateConnection, "activate/", "connection_id"},
		{workflows.TypeSyncTeamMembers, "sync/", "connection_id"},
		{workflows.TypeNightlySync, workflows.NightlySyncID + "-", ""},
		{workflows.TypeExportHours, "export/", "connection_id"},
		{workflows.TypeDeliverNotifications, workflows.DeliverNotificationsID + "-", ""},
	} {
		for i, wrong := range wrongBodies(target.required) {
			wrong.workflow = target.workflow
			wrong.id = fmt.Sprintf("%s%s-%d", target.id, connection, i)
			all = append(all, wrong)
		}
	}
	return append(append(all, wrongExports(connection)...), door{
		name: "an id that the input does not imply", workflow: workflows.TypeSyncTeamMembers, id: "sync/another-" + connection,
		input: rawInput(`{"connection_id":"` + connection + `"}`), tells: []string{"sync/" + connection},
	}, door{
		name: "dates and modes that there are not", workflow: workflows.TypeSyncTeamMembers, id: "sync/modes-" + connection,
		input: rawInput(`{"connection_id":"` + connection + `","mode":"try","trigger":"moon","night":"2026-02-30"}`),
		tells: []string{"mode", "trigger", "night"},
	})
}

func wrongBodies(required string) []door {
	bodies := []door{
		{name: "no JSON", input: rawInput(`{"connection_id":`), undecodable: true},
		{name: "a list", input: rawInput(`["sync"]`), tells: []string{"one JSON object"}},
		{name: "a text", input: rawInput(`"sync"`), tells: []string{"one JSON object"}},
		{name: "a misspelt member", input: rawInput(`{"conection_id":"x","Requested By":"y"}`),
			tells: []string{`"conection_id"`, `"Requested By"`}},
		{name: "wrong types", input: rawInput(`{"connection_id":7,"connection_ids":"x","starts_per_second":"fast"}`),
			tells: []string{"connection_id"}},
		{name: "a member as long as a book", input: rawInput(`{"` + strings.Repeat("lang", 20_000) + `":1}`)},
		{name: "an encoding of its own", input: encoded("binary/encrypted", "\x00\x01"), undecodable: true},
	}
	if required == "" {
		return bodies
	}
	missing := []string{required}
	return append(bodies,
		door{name: "no input at all", tells: missing},
		door{name: "null", input: rawInput(`null`), tells: missing},
		door{name: "an empty object", input: rawInput(`{}`), tells: missing},
		door{name: "an id that is a sentence", input: rawInput(`{"connection_id":"'; drop table --"}`), tells: missing},
	)
}

// encoded is an input that no data converter of ours wrote.
func encoded(encoding, data string) *commonpb.Payloads {
	return &commonpb.Payloads{Payloads: []*commonpb.Payload{{
		Metadata: map[string][]byte{converter.MetadataEncoding: []byte(encoding)}, Data: []byte(data),
	}}}
}

// messages sends a held run what nobody can work with: it stays as it is.
func messages(t *testing.T, s *system) {
	o := s.small(t, "Berichten", 20)
	o.settle(t)
	members := o.members(t)
	run := o.overflow(t)
	o.requireHeld(t, members)
	for name, sent := range map[string]any{
		workflows.UpdateDecideGuard: map[string]string{"decision": "allow", "bye": "x"},
		workflows.UpdateRequestSync: map[string]int{"requested_by": 7},
	} {
		require.ErrorContains(t, o.update(t, name, sent), "Example: {", name)
	}
	for _, sent := range []any{"please", 7, []string{"x"}, map[string]string{"night": "tomorrow"}} {
		require.NoError(t, s.temporal.SignalWorkflow(t.Context(), run.GetID(), "", workflows.SignalJoinRequested, sent))
	}
	o.requireHeld(t, members)
	_, err := o.word(t, "reject")
	require.NoError(t, err)
	known := len(o.runs(t))
	o.await(t, run)
	require.Len(t, o.runs(t), known, "a message that was refused asks for no pass")
	_, err = o.word(t, "allow")
	require.Error(t, err, "nothing is held any more")
}

func (o *organisation) update(t *testing.T, name string, body any) error {
	t.Helper()
	handle, err := o.temporal.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{
		WorkflowID: workflows.SyncID(o.connection), UpdateName: name, Args: []any{body},
		WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err != nil {
		return err
	}
	return handle.Get(t.Context(), nil)
}

// unknownConnection starts what names a connection that there is not.
func unknownConnection(t *testing.T, s *system) {
	stranger := &organisation{system: s, connection: testkit.ID(t)}
	failure := s.fails(t, stranger.startSync(t))
	require.Equal(t, refusedInput, failure.Type())
	require.Contains(t, failure.Message(), stranger.connection)
	require.Contains(t, failure.Message(), "starter status")
	run, err := s.temporal.ExecuteWorkflow(t.Context(), options(workflows.ActivateID(stranger.connection)),
		workflows.TypeActivateConnection, workflows.ActivateConnectionInput{ConnectionID: stranger.connection})
	require.NoError(t, err)
	require.Contains(t, s.fails(t, run).Message(), "starter activate")
}

// refusedActivation activates with a token that Connexie does not know (C1).
func refusedActivation(t *testing.T, s *system) {
	o := s.small(t, "Verkeerd token", 20)
	o.setToken(t, "no-such-token")
	counted := s.sandbox.Counter("", "listEmployees").Requests
	require.Equal(t, workflows.ActivationRefused, o.activate(t).Outcome)
	require.Equal(t, "inactive", o.connectionState(t))
	require.Empty(t, o.runs(t), "nothing is fetched and no sync begins")
	require.Equal(t, counted, s.sandbox.Counter("", "listEmployees").Requests)
	require.Empty(t, o.countCalls())
	o.requireOpen(t, "token_refused", o.connection)
	o.record(t, "refused", s.latest(workflows.ActivateID(o.connection)))
}
