package stack_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/system/stack"
)

// journal is a component that writes down what is done with it.
func journal(name string, done *[]string, startError, stopError error) stack.Component {
	return stack.Component{Name: name, Start: func(context.Context, stack.Say) (stack.Running, error) {
		*done = append(*done, "start "+name)
		return stack.Running{Summary: "at " + name, Stop: func(context.Context) error {
			*done = append(*done, "stop "+name)
			return stopError
		}}, startError
	}}
}

func TestStackStartsInOrderAndGivesBackInReverse(t *testing.T) {
	t.Parallel()
	var done []string
	var out strings.Builder
	s := stack.New(&out)
	require.NoError(t, s.Up(t.Context(), journal("a", &done, nil, nil), journal("b", &done, nil, nil)))
	require.NoError(t, s.Up(t.Context(), journal("c", &done, nil, nil)))
	require.NoError(t, s.Down())
	require.NoError(t, s.Down(), "may be repeated")
	require.Equal(t, []string{"start a", "start b", "start c", "stop c", "stop b", "stop a"}, done)
	require.Contains(t, out.String(), "at b")
}

func TestFailureStopsTheStartAndKeepsTheReason(t *testing.T) {
	t.Parallel()
	var done []string
	s := stack.New(&strings.Builder{})
	reason := errors.New("no room")
	err := s.Up(t.Context(), journal("a", &done, nil, nil), journal("b", &done, reason, nil), journal("c", &done, nil, nil))
	require.ErrorIs(t, err, reason)
	require.ErrorContains(t, err, "b: ")
	require.NoError(t, s.Down())
	require.Equal(t, []string{"start a", "start b", "stop a"}, done)
}

func TestFailureToStopOnePartDoesNotKeepTheOthers(t *testing.T) {
	t.Parallel()
	var done []string
	s := stack.New(&strings.Builder{})
	stuck := errors.New("stuck")
	require.NoError(t, s.Up(t.Context(), journal("a", &done, nil, nil), journal("b", &done, nil, stuck)))
	require.ErrorIs(t, s.Down(), stuck)
	require.Equal(t, []string{"start a", "start b", "stop b", "stop a"}, done)
}

func TestWaitEndsWithItsContextOrWithAPart(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{})
	part := stack.Component{Name: "part", Start: func(context.Context, stack.Say) (stack.Running, error) {
		return stack.Running{Ended: ended, Failure: func() error { return errors.New("crashed") }}, nil
	}}
	step := stack.Component{Name: "step", Start: func(context.Context, stack.Say) (stack.Running, error) {
		return stack.Running{}, nil
	}}
	s := stack.New(&strings.Builder{})
	require.NoError(t, s.Up(t.Context(), step, part))

	over, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, s.Wait(over))

	close(ended)
	require.ErrorContains(t, s.Wait(t.Context()), "part has ended by itself: crashed")
}
