package localpg

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFolderBelowAClosedOneCannotBeEntered(t *testing.T) {
	t.Parallel()
	root, err := os.MkdirTemp("", "localpg-test-")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(root) })
	require.False(t, enterable(filepath.Join(root, "a", "b")), "made for its owner alone")
	require.NoError(t, os.Chmod(root, 0o711))
	require.True(t, enterable(filepath.Join(root, "a", "b")))
}

func TestRootPutsTheClusterWhereItsAccountCanGo(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("other users run the server as themselves, wherever they may write")
	}
	closed := t.TempDir()
	require.NoError(t, os.Chmod(closed, 0o700))
	var said []string
	opts := Options{Dir: filepath.Join(closed, "pg"), Say: func(format string, _ ...any) { said = append(said, format) }}
	h, err := openHome(opts)
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(h.dir) })
	require.NotContains(t, h.dir, closed)
	require.Len(t, said, 1)

	again, err := openHome(opts)
	require.NoError(t, err)
	require.Equal(t, h.dir, again.dir, "every process finds the same folder")
}

func TestFolderOfSomebodyElseIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, ours(dir))
	link := filepath.Join(dir, "link")
	require.NoError(t, os.Symlink("/etc", link))
	require.Error(t, ours(link))
	if os.Geteuid() == 0 {
		require.NoError(t, os.Chown(dir, 65534, 65534))
		require.ErrorContains(t, ours(dir), "not a folder of the user")
	}
}

func TestDataWithoutStateIsLeftAlone(t *testing.T) {
	t.Parallel()
	h := &home{dir: t.TempDir()}
	require.NoError(t, os.Mkdir(h.data(), 0o700))
	_, err := clearLeftovers(t.Context(), h, nil)
	require.ErrorContains(t, err, "move the folder aside")
	require.DirExists(t, h.data())
}

func TestDamagedStateIsTold(t *testing.T) {
	t.Parallel()
	h := &home{dir: t.TempDir()}
	require.NoError(t, os.WriteFile(h.stateFile(), []byte("{"), 0o600))
	_, err := h.readState()
	require.ErrorContains(t, err, "is damaged")
}
