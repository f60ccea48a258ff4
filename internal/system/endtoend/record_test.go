package endtoend

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/sdk/client"
)

const (
	// recordVariable makes the stories keep their histories for the replay tests.
	recordVariable = "RECORD_HISTORIES"
	// recordFolder is where those tests look.
	recordFolder = "../../../workflows/testdata/replay"
)

// record keeps the history of a finished workflow, under its type and the name of
// the case, where recording is asked for. Whether asked or not, a history that would
// be kept tells nothing of anybody (N4).
func (o *organisation) record(t *testing.T, name string, run client.WorkflowRun) {
	t.Helper()
	history := o.history(t, run)
	o.requireImpersonal(t, "the history of "+run.GetID(), readable(t, history))
	if os.Getenv(recordVariable) == "" {
		return
	}
	anonymise(history)
	started := history.GetEvents()[0].GetWorkflowExecutionStartedEventAttributes()
	folder := filepath.Join(recordFolder, started.GetWorkflowType().GetName())
	require.NoError(t, os.MkdirAll(folder, 0o755))
	encoded, err := temporalproto.CustomJSONMarshalOptions{Indent: " "}.Marshal(history)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(folder, name+".json"), append(encoded, '\n'), 0o600))
}

// anonymise takes out the machine's name, which the SDK gives its sticky queue.
func anonymise(history *historypb.History) {
	for _, event := range history.GetEvents() {
		queue := event.GetWorkflowTaskScheduledEventAttributes().GetTaskQueue()
		if queue.GetKind() == enumspb.TASK_QUEUE_KIND_STICKY {
			queue.Name = "sticky"
		}
	}
}
