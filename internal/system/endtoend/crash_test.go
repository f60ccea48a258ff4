package endtoend

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/workflows"
)

// TestWorkerKilledWhileReading kills the worker process while Connexie has not yet
// answered.
func TestWorkerKilledWhileReading(t *testing.T) {
	t.Parallel()
	s := bringUp(t, shared(t))
	worker := s.launch(t, s.url)
	o := s.demo(t, 1)
	reach, release := o.hold(t)
	require.Equal(t, workflows.ActivationOK, o.activate(t).Outcome)
	reach()
	worker.Kill()
	release()
	s.launch(t, s.url)
	require.Equal(t, domain.SyncOK, o.await(t, o.latest(workflows.SyncID(o.connection))).Outcome)
	o.requireStandings(t, o.BeforeDecisions())
}
