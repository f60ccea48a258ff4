package localpg

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// fakeBinaries is a folder with programs that know their version alone.
func fakeBinaries(t *testing.T, dir, version string) string {
	t.Helper()
	require.NoError(t, os.MkdirAll(dir, 0o755))
	for _, name := range []string{"initdb", "postgres", "pg_ctl"} {
		script := "#!/bin/sh\necho '" + name + " (PostgreSQL) " + version + "'\n"
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755))
	}
	return dir
}

func dirs(found []binaries) (dirs []string) {
	for _, b := range found {
		dirs = append(dirs, b.dir)
	}
	return dirs
}

func TestGivenFolderIsTheOnlyPlace(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	fakeBinaries(t, filepath.Join(root, "17"), "17.2")
	found, vain := places{binDir: filepath.Join(root, "missing"), globs: []string{root + "/*"}}.find(t.Context())
	require.Empty(t, found)
	require.Len(t, vain, 1)
	require.Contains(t, vain[0], "PG_BIN: no program initdb")
}

func TestLinksOnPathAreResolved(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	dir := fakeBinaries(t, filepath.Join(root, "lib"), "16.4 (Debian 16.4-1)")
	bin := filepath.Join(root, "bin")
	require.NoError(t, os.Mkdir(bin, 0o755))
	require.NoError(t, os.Symlink(filepath.Join(dir, "initdb"), filepath.Join(bin, "initdb")))
	found, _ := places{path: bin + string(filepath.ListSeparator) + dir}.find(t.Context())
	require.Equal(t, []binaries{{dir: dir, version: "16.4", major: 16}}, found)
}

func TestNewestInstalledVersionComesFirst(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	old := fakeBinaries(t, filepath.Join(root, "9", "bin"), "9.6.24")
	fifteen := fakeBinaries(t, filepath.Join(root, "15", "bin"), "15.18")
	seventeen := fakeBinaries(t, filepath.Join(root, "17", "bin"), "17.2")
	found, vain := places{globs: []string{root + "/*/bin", root + "/nothing*"}}.find(t.Context())
	require.Equal(t, []string{seventeen, fifteen}, dirs(found))
	require.Len(t, vain, 3)
	require.Equal(t, "PATH: nothing there", vain[0])
	require.Contains(t, vain[1], old+" is too old")
	require.Contains(t, vain[2], "nothing there")
}

func TestClusterGetsTheBinariesOfItsVersion(t *testing.T) {
	t.Parallel()
	found := []binaries{{dir: "/17", version: "17.2", major: 17}, {dir: "/15", version: "15.18", major: 15}}
	h := &home{dir: "/home"}
	var st state
	require.NoError(t, st.useBinaries(h, found, 0))
	require.Equal(t, "/17", st.BinDir)
	require.NoError(t, st.useBinaries(h, found, 15))
	require.Equal(t, "/15", st.BinDir)
	require.ErrorContains(t, st.useBinaries(h, found, 16), "point PG_BIN at version 16")
}

func TestUnusableGivenFolderIsAnError(t *testing.T) {
	t.Parallel()
	_, err := Start(t.Context(), Options{Dir: filepath.Join(t.TempDir(), "pg"), BinDir: "/missing"})
	require.ErrorContains(t, err, "PG_BIN cannot be used")
}
