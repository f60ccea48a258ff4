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
	child, err := s.launchProcess(t.Context(), database)
	require.NoError(t, err)
	t.Cleanup(child.Kill)
	return child
}

// launchProcess is launch for who is not the test's own goroutine, and kills the
// process.
func (s *system) launchProcess(ctx context.Context, database string) (*stack.Child, error) {
	program, err := workerProgram()
	if err != nil {
		return nil, err
	}
	log := s.logs.newFile()
	child, err := stack.Launch(stack.Process{
		Path: program, Env: s.environment(database), Dir: s.logs.folder, LogFile: log,
	})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := child.Await(ctx, func(context.Context) error { return running(log) }); err != nil {
		child.Kill()
		return nil, err
	}
	return child, nil
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
		"SMTP_ADDR=" + s.mailbox.Addr(),
		"SMTP_FROM=" + mailsFrom,
		"SMTP_TLS=none",
		"WORKER_STOP_TIMEOUT=" + stopTimeout.String(),
		"LOG_LEVEL=debug",
		"LOG_FORMAT=json",
	}
}
