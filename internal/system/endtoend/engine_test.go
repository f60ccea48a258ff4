package endtoend

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/workflows"
)

// What the stories ask of the engine itself.

// history is all that the engine recorded of one execution.
func (s *system) history(t *testing.T, run client.WorkflowRun) *historypb.History {
	t.Helper()
	iterator := s.temporal.GetWorkflowHistory(t.Context(), run.GetID(), run.GetRunID(), false,
		enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	var events []*historypb.HistoryEvent
	for iterator.HasNext() {
		event, err := iterator.Next()
		require.NoError(t, err)
		events = append(events, event)
	}
	require.NotEmpty(t, events)
	return &historypb.History{Events: events}
}

// activitiesOf counts the activities that a workflow began.
func activitiesOf(history *historypb.History) int {
	begun := 0
	for _, event := range history.GetEvents() {
		if event.GetEventType() == enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED {
			begun++
		}
	}
	return begun
}

// readable is a history as JSON with its payloads decoded behind it, so that no
// encoding hides what is in them.
func readable(t *testing.T, history *historypb.History) string {
	t.Helper()
	encoded, err := protojson.Marshal(history)
	require.NoError(t, err)
	var tree any
	require.NoError(t, json.Unmarshal(encoded, &tree))
	var text strings.Builder
	text.Write(encoded)
	decodePayloads(tree, &text)
	return text.String()
}

func decodePayloads(node any, text *strings.Builder) {
	switch node := node.(type) {
	case map[string]any:
		for name, child := range node {
			if data, isText := child.(string); isText && name == "data" {
				if decoded, err := base64.StdEncoding.DecodeString(data); err == nil {
					text.WriteString("\n" + string(decoded))
				}
			}
			decodePayloads(child, text)
		}
	case []any:
		for _, child := range node {
			decodePayloads(child, text)
		}
	}
}

// described is what the engine says of a workflow now. It is read from the
// workflow itself, not from visibility, which lags.
func (s *system) described(t *testing.T, id string) *workflowservice.DescribeWorkflowExecutionResponse {
	t.Helper()
	described, err := s.temporal.DescribeWorkflowExecution(t.Context(), id, "")
	require.NoError(t, err)
	return described
}

// attribute reads a search attribute.
func attribute[T any](t *testing.T, described *workflowservice.DescribeWorkflowExecutionResponse, name string) T {
	t.Helper()
	var found T
	payload := described.GetWorkflowExecutionInfo().GetSearchAttributes().GetIndexedFields()[name]
	require.NotNil(t, payload, "the search attribute %s is not set", name)
	require.NoError(t, converter.GetDefaultDataConverter().FromPayload(payload, &found))
	return found
}

// progress asks a sync how far it is.
func (o *organisation) progress(t *testing.T) workflows.SyncProgress {
	t.Helper()
	answer, err := o.temporal.QueryWorkflow(t.Context(), workflows.SyncID(o.connection), "", workflows.QueryProgress)
	require.NoError(t, err)
	var progress workflows.SyncProgress
	require.NoError(t, answer.Get(&progress))
	return progress
}

// request asks for a synchronisation by update-with-start, as the command line does.
func (o *organisation) request(t *testing.T, by string) (workflows.RequestSyncResult, error) {
	start := options(workflows.SyncID(o.connection))
	start.WorkflowIDConflictPolicy = enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING
	start.WorkflowExecutionErrorWhenAlreadyStarted = false
	var answer workflows.RequestSyncResult
	handle, err := o.temporal.UpdateWithStartWorkflow(t.Context(), client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: o.temporal.NewWithStartWorkflowOperation(start, workflows.TypeSyncTeamMembers,
			workflows.SyncTeamMembersInput{ConnectionID: o.connection}),
		UpdateOptions: client.UpdateWorkflowOptions{
			UpdateName: workflows.UpdateRequestSync, WaitForStage: client.WorkflowUpdateStageCompleted,
			Args: []any{workflows.RequestSyncInput{RequestedBy: by}},
		},
	})
	if err != nil {
		return answer, err
	}
	return answer, handle.Get(t.Context(), &answer)
}

// word sends somebody's word on a held run.
func (o *organisation) word(t *testing.T, decision string) (workflows.DecideGuardResult, error) {
	var answer workflows.DecideGuardResult
	handle, err := o.temporal.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{
		WorkflowID: workflows.SyncID(o.connection), UpdateName: workflows.UpdateDecideGuard,
		WaitForStage: client.WorkflowUpdateStageCompleted,
		Args:         []any{workflows.DecideGuardInput{Decision: decision, By: "user_42"}},
	})
	if err != nil {
		return answer, err
	}
	return answer, handle.Get(t.Context(), &answer)
}

// result waits for a workflow's result.
func result[T any](t *testing.T, run client.WorkflowRun) T {
	t.Helper()
	var found T
	require.NoError(t, ended(t, run, &found), "workflow %s", run.GetID())
	return found
}

// ended waits for a workflow's end, but not for ever.
func ended(t *testing.T, run client.WorkflowRun, result any) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	return run.Get(ctx, result)
}

// fails waits for a workflow that must fail, and returns why.
func (s *system) fails(t *testing.T, run client.WorkflowRun) *temporal.ApplicationError {
	t.Helper()
	err := ended(t, run, nil)
	var failure *temporal.ApplicationError
	require.ErrorAs(t, err, &failure)
	return failure
}

// rawInput is a workflow's input as somebody typed it into the Temporal UI.
func rawInput(body string) *commonpb.Payloads {
	return &commonpb.Payloads{Payloads: []*commonpb.Payload{{
		Metadata: map[string][]byte{converter.MetadataEncoding: []byte(converter.MetadataEncodingJSON)},
		Data:     []byte(body),
	}}}
}

// refusedInput is the type of the error that answers input nobody can work with.
const refusedInput = activities.ErrorInvalidInput
