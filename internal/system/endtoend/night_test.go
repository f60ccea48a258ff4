package endtoend

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/eitje/connexie-worker/workflows"
)

// nights numbers the nights of the tests: their ids must differ.
var nights atomic.Int64

// startNight starts a night over some connections, as the schedule starts one over
// all of them.
func (s *system) startNight(t *testing.T, connections ...string) client.WorkflowRun {
	t.Helper()
	id := fmt.Sprintf("%s-test-%d", workflows.NightlySyncID, nights.Add(1))
	run, err := s.temporal.ExecuteWorkflow(t.Context(), options(id), workflows.TypeNightlySync,
		workflows.NightlySyncInput{ConnectionIDs: connections})
	require.NoError(t, err)
	return run
}

func (s *system) night(t *testing.T, connections ...string) workflows.NightResult {
	t.Helper()
	return result[workflows.NightResult](t, s.startNight(t, connections...))
}
