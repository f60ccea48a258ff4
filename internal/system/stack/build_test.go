package stack

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBuildOutputIsTakenApart(t *testing.T) {
	t.Parallel()
	p := beginProgress(t.Logf)
	defer p.end()
	_, err := p.Write([]byte(strings.Join([]string{
		"go: downloading go.temporal.io/server v1.32.1",
		"internal/goarch",
		"go.temporal.io/server/common",
		"# go.temporal.io/server/common",
		"common/log.go:12:3: undefined: nothing",
		"",
	}, "\n")))
	require.NoError(t, err)
	downloaded, compiled := p.counts()
	require.Equal(t, 1, downloaded)
	require.Equal(t, 2, compiled)
	require.Equal(t, "# go.temporal.io/server/common\ncommon/log.go:12:3: undefined: nothing\n", p.problems())
}

func TestEveryChangeOfTheSourcesIsSeen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) string {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
		hash, err := hashSources(dir)
		require.NoError(t, err)
		return hash
	}
	first := write("go.sum", "one")
	require.Equal(t, first, write("go.sum", "one"))
	changed := write("go.sum", "two")
	require.NotEqual(t, first, changed)
	require.NotEqual(t, changed, write("main.go", ""))
}

func TestFailedBuildShowsTheCompilersWords(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module broken\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), []byte("package main\nfunc main() { missing() }\n"), 0o600))
	err := goBuild(t.Context(), dir, ".", filepath.Join(dir, "bin", "broken"), t.Logf)
	require.ErrorContains(t, err, "undefined: missing")
	require.NoFileExists(t, filepath.Join(dir, "bin", "broken"))
}
