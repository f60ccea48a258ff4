package filelock_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/localpg/filelock"
)

func TestExclusiveKeepsOthersOut(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")

	first, err := filelock.Exclusive(t.Context(), path)
	require.NoError(t, err)
	second, err := filelock.TryExclusive(path)
	require.NoError(t, err)
	require.Nil(t, second, "a second holder within the same process")

	first.Unlock()
	first.Unlock() // harmless
	second, err = filelock.TryExclusive(path)
	require.NoError(t, err)
	require.NotNil(t, second)
	second.Unlock()
}

func TestSharedHoldersTogetherKeepExclusiveOut(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")

	one, err := filelock.Shared(t.Context(), path)
	require.NoError(t, err)
	two, err := filelock.Shared(t.Context(), path)
	require.NoError(t, err)

	one.Unlock()
	taken, err := filelock.TryExclusive(path)
	require.NoError(t, err)
	require.Nil(t, taken, "one shared holder is left")

	two.Unlock()
	taken, err = filelock.TryExclusive(path)
	require.NoError(t, err)
	require.NotNil(t, taken)
	taken.Unlock()
}

func TestWaitingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	held, err := filelock.Exclusive(t.Context(), path)
	require.NoError(t, err)
	defer held.Unlock()

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = filelock.Exclusive(ctx, path)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestMissingFolderIsAnError(t *testing.T) {
	t.Parallel()
	_, err := filelock.TryExclusive(filepath.Join(t.TempDir(), "missing", "lock"))
	require.Error(t, err)
}
