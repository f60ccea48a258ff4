package workflows_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/eitje/connexie-worker/workflows"
)

const histories = "testdata/replay"

// Workflows under way when a version is deployed are replayed by it. Each history
// here was recorded from a version that was deployed; see the README beside them.
func TestReplay_EveryRecordedHistory(t *testing.T) {
	t.Parallel()
	for _, file := range recorded(t) {
		t.Run(filepath.ToSlash(file), func(t *testing.T) {
			t.Parallel()
			require.NoError(t, replay(t, file))
		})
	}
}

func TestReplay_CoversEveryTypeOnceAnythingIsRecorded(t *testing.T) {
	t.Parallel()
	byType := map[string]int{}
	for _, file := range recorded(t) {
		byType[filepath.Base(filepath.Dir(file))]++
	}
	if len(byType) == 0 {
		t.Skip("no history has been recorded yet")
	}
	for _, function := range workflows.All() {
		require.NotZero(t, byType[typeName(function)], "record a history of %s", typeName(function))
		delete(byType, typeName(function))
	}
	require.Empty(t, byType, "folders that are no workflow type")
}

// A replayer that accepts anything would prove nothing.
func TestReplay_NoticesAChangeOfOrder(t *testing.T) {
	t.Parallel()
	err := replay(t, "testdata/reordered.json")
	require.ErrorContains(t, err, "TMPRL1100", "that history plans before it reads")
}

// replay replays a history under the id that it was recorded under: the replayer
// would take one of its own, and our workflows refuse to run under an id that their
// input does not imply.
func replay(t *testing.T, file string) error {
	t.Helper()
	reader, err := os.Open(file)
	require.NoError(t, err)
	defer func() { _ = reader.Close() }()
	history, err := client.HistoryFromJSON(reader, client.HistoryJSONOptions{})
	require.NoError(t, err)
	started := history.GetEvents()[0].GetWorkflowExecutionStartedEventAttributes()
	return newReplayer(t).ReplayWorkflowHistoryWithOptions(quiet{}, history, worker.ReplayWorkflowHistoryOptions{
		OriginalExecution: workflow.Execution{ID: started.GetWorkflowId(), RunID: started.GetOriginalExecutionRunId()},
	})
}

// newReplayer registers as the worker does: aliasing would hide a custom name until
// the first replay (TMPRL1100).
func newReplayer(t *testing.T) worker.WorkflowReplayer {
	t.Helper()
	replayer, err := worker.NewWorkflowReplayerWithOptions(worker.WorkflowReplayerOptions{DisableRegistrationAliasing: true})
	require.NoError(t, err)
	for _, function := range workflows.All() {
		replayer.RegisterWorkflow(function)
	}
	return replayer
}

func recorded(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(histories, "*", "*.json"))
	require.NoError(t, err)
	stray, err := filepath.Glob(filepath.Join(histories, "*.json"))
	require.NoError(t, err)
	require.Empty(t, stray, "histories lie in a folder named like their workflow type")
	_, err = os.Stat(histories)
	require.NoError(t, err)
	return files
}
