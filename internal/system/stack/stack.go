package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// stopTimeout bounds giving one part back.
const stopTimeout = 45 * time.Second

// Say shows a line about a part while it starts.
type Say func(format string, args ...any)

// Component is one part of the stack.
type Component struct {
	Name string
	// Start brings the part up and returns when it can be used. When it fails it
	// leaves nothing running.
	Start func(ctx context.Context, say Say) (Running, error)
}

// Running is a part that has started. The zero value is a step that is done and
// leaves nothing to give back.
type Running struct {
	// Summary tells in a line what runs where.
	Summary string
	// Stop gives the part back; nil where there is nothing to.
	Stop func(ctx context.Context) error
	// Ended is closed when the part ends; nil for parts that cannot by themselves.
	Ended <-chan struct{}
	// Failure tells why a part has ended that was not stopped.
	Failure func() error
}

// Stack is what has been brought up so far. It is used by one goroutine.
type Stack struct {
	display *display
	parts   []part
}

type part struct {
	Running

	name string
}

// New returns an empty stack that tells on out what it does.
func New(out io.Writer) *Stack {
	return &Stack{display: &display{out: out}}
}

// Up starts the components in order, each when the one before is ready. It
// stops at the first failure; what is up by then stays so until Down.
func (s *Stack) Up(ctx context.Context, components ...Component) error {
	for _, component := range components {
		step := s.display.begin(component.Name)
		running, err := component.Start(ctx, step.say)
		if err != nil {
			step.failed()
			return fmt.Errorf("%s: %w", component.Name, err)
		}
		step.ready(running.Summary)
		s.parts = append(s.parts, part{Running: running, name: component.Name})
	}
	return nil
}

// Wait returns nil when ctx ends, or an error when a part has ended by itself.
func (s *Stack) Wait(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, len(s.parts))
	for _, p := range s.parts {
		go func() {
			select {
			case <-p.Ended: // nil is never ready
				ended <- fmt.Errorf("%s has ended by itself: %w", p.name, p.Failure())
			case <-ctx.Done():
			}
		}()
	}
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return nil
	}
}

// Down gives everything back, last part first, also when stopping one of them
// fails. It takes no context: it is what is done when that has ended.
func (s *Stack) Down() error {
	var problems []error
	for _, p := range slices.Backward(s.parts) {
		if p.Stop == nil {
			continue
		}
		step := s.display.begin(p.name)
		ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
		if err := p.Stop(ctx); err != nil {
			step.failed()
			problems = append(problems, fmt.Errorf("stop %s: %w", p.name, err))
		} else {
			step.stopped()
		}
		cancel()
	}
	s.parts = nil
	return errors.Join(problems...)
}
