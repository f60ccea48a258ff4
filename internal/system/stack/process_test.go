package stack_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/system/stack"
)

func launch(t *testing.T, script string) *stack.Child {
	t.Helper()
	child, err := stack.Launch(stack.Process{
		Path: "/bin/sh", Args: []string{"-c", script}, LogFile: filepath.Join(t.TempDir(), "sh.log"),
		Env: []string{"GREETING=hello"},
	})
	require.NoError(t, err)
	t.Cleanup(child.Kill)
	return child
}

func TestChildIsAskedToEnd(t *testing.T) {
	t.Parallel()
	child := launch(t, `trap 'exit 0' TERM; echo "$GREETING you"; while :; do sleep 0.05; done`)
	line, err := child.FirstLine(t.Context())
	require.NoError(t, err)
	require.Equal(t, "hello you", line)
	require.NoError(t, child.Stop(t.Context()))
	require.NoError(t, child.Stop(t.Context()), "may be repeated")
}

func TestStubbornChildIsKilledWithWhatItStarted(t *testing.T) {
	t.Parallel()
	child := launch(t, `trap '' TERM; sleep 1000 & echo $!; wait; while :; do sleep 1; done`)
	line, err := child.FirstLine(t.Context())
	require.NoError(t, err)
	grandchild, err := strconv.Atoi(line)
	require.NoError(t, err)

	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	require.ErrorContains(t, child.Stop(ctx), "was killed")
	require.Eventually(t, func() bool { return !alive(grandchild) }, 10*time.Second, 20*time.Millisecond)
}

func TestChildThatEndsTellsWhy(t *testing.T) {
	t.Parallel()
	child := launch(t, `echo starting; echo "no such database" >&2; exit 3`)
	err := child.Await(t.Context(), func(context.Context) error { return errors.New("not yet") })
	require.ErrorContains(t, err, "exit status 3")
	require.ErrorContains(t, err, "no such database")
	<-child.Ended()
	require.ErrorContains(t, child.Failure(), "exit status 3")
	require.NoError(t, child.Stop(t.Context()))
}

func TestAwaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	child := launch(t, "sleep 1000")
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	err := child.Await(ctx, func(context.Context) error { return errors.New("connection refused") })
	require.ErrorContains(t, err, "is not ready: connection refused")
}

func TestMissingProgramIsAnError(t *testing.T) {
	t.Parallel()
	_, err := stack.Launch(stack.Process{Path: "/missing/program", LogFile: filepath.Join(t.TempDir(), "log")})
	require.ErrorContains(t, err, "launch program")
}

// alive does not count a process that has ended and waits to be collected.
func alive(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err == nil && strings.Contains(string(stat), ") Z ") {
		return false
	}
	return syscall.Kill(pid, 0) == nil
}
