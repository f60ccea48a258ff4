package subject

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/eitje/connexie-worker/internal/system/stack"
)

// readyTimeout bounds the start of a worker.
const readyTimeout = time.Minute

// RestartWorker runs a fresh worker process, so that its memory is not that of what
// came before.
func (s *Subject) RestartWorker(ctx context.Context) error {
	if err := s.StopWorker(ctx); err != nil {
		return err
	}
	child, err := stack.Launch(stack.Process{
		Path: s.Layout.Program(workerProgram), Env: s.environment(), Dir: s.Layout.Root, LogFile: s.Layout.Log(workerProgram),
	})
	if err != nil {
		return err
	}
	s.worker = child
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	return child.Await(ctx, s.ready)
}

func (s *Subject) ready(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.metrics+"/readyz", nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", answer.StatusCode)
	}
	return nil
}

// StopWorker stops the worker where one runs.
func (s *Subject) StopWorker(ctx context.Context) error {
	if s.worker == nil {
		return nil
	}
	child := s.worker
	s.worker = nil
	return child.Stop(ctx)
}
