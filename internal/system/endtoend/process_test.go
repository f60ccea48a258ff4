package endtoend

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/system/stack"
)

// workerProgram builds the worker once for all tests and answers with its path.
var workerProgram = sync.OnceValues(func() (string, error) {
	layout, err := stack.FindLayout()
	if err != nil {
		return "", err
	}
	return layout.Build(context.Background(), "worker", "./worker", func(string, ...any) {})
})

// launch runs the worker as operators do, as a process of its own that can be killed,
// and returns once it works. database is the DATABASE_URL that it is given: the
// system's own, or that of a proxy in front of it. What it logs is found in the
// system's logs. It is killed when the test ends.
func (s *system) launch(t *testing.T, database string) *stack.Child {
	t.Helper()
	program, err := workerProgram()
	require.NoError(t, err)
	log := s.logs.newFile()
	child, err := stack.Launch(stack.Process{
		Path: program, Env: s.environment(database), Dir: s.logs.folder, LogFile: log,
	})
	require.NoError(t, err)
	t.Cleanup(child.Kill)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	require.NoError(t, child.Await(ctx, func(context.Context) error { return running(log) }))
	return child
}

// running reads in its log whether a worker works: its ports are chosen by the
// system, so that many run side by side.
func running(log string) error {
	text, err := os.ReadFile(log)
	if err == nil && !strings.Contains(string(text), "the worker is running") {
		err = fmt.Errorf("it has not said that it runs")
	}
	return err
}

// environment configures a worker process.
func (s *system) environment(database string) []string {
	return []string{
		"DATABASE_URL=" + database,
		"TEMPORAL_ADDRESS=" + s.address,
		"TEMPORAL_NAMESPACE=" + s.namespace,
		"CONNEXIE_BASE_URL=" + s.starter.BaseURL,
		fmt.Sprintf("CONNEXIE_REQUESTS_PER_SECOND=%g", s.starter.RequestsPerSecond),
		"ENCRYPTION_KEYS=" + s.starter.EncryptionKeys.Reveal(),
		"METRICS_ADDR=127.0.0.1:0",
		"WORKER_STOP_TIMEOUT=" + stopTimeout.String(),
		"LOG_LEVEL=debug",
		"LOG_FORMAT=json",
	}
}
