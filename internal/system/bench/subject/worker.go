package subject

import (
	"context"
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
	return child.Await(ctx, stack.Answers("http://"+s.metrics+"/readyz"))
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
