package filelock_test

import (
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/localpg/filelock"
)

// A lock whose reference the caller drops is still held: the users of a cluster are
// counted by such locks until their processes end.
func TestLock_OutlivesItsLastReference(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "users.lock")
	take := func() {
		_, err := filelock.Shared(t.Context(), path)
		require.NoError(t, err)
	}
	take()
	for range 3 {
		runtime.GC() // finds what is unreachable, then runs what was to be run for it
	}
	other, err := filelock.TryExclusive(path)
	require.NoError(t, err)
	require.Nil(t, other, "the lock went with its last reference")
}
