package demo

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// A refused or held synchronisation must not take down the stack in which somebody
// could put it right; a stack that does not work must not look like one that does.
func TestMainJob_GoesOnAfterACommandThatEndedBadly(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	s := &Story{Surroundings: Surroundings{Out: &out}}
	refused := exitError([]string{"sync"}, exec.CommandContext(t.Context(), "sh", "-c", "exit 4").Run(), "")
	require.ErrorContains(t, refused, "exit status 4")
	require.NoError(t, s.goOn(t.Context(), refused))
	require.Contains(t, out.String(), "starter sync: exit status 4")
	require.Contains(t, out.String(), "the stack stays up")

	require.NoError(t, s.goOn(t.Context(), nil))
	missing := errors.New("no such program")
	require.ErrorIs(t, s.goOn(t.Context(), missing), missing)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, s.goOn(ended, refused), refused, "Ctrl-C ends it all")
}
