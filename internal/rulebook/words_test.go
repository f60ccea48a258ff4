package rulebook_test

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	// declaredIn finds `Store.CompleteReading` in `internal/store/readings.go`.
	declaredIn = regexp.MustCompile("`([A-Za-z.]+)` in\\s+`([a-z][A-Za-z0-9_/.-]*\\.go)`")
	// goWord and sqlWord find `domain.Person` and `connexie.people`.
	goWord  = regexp.MustCompile("`(domain|connexie|store|secrets)\\.([A-Z]\\w*(?:\\.\\w+)?)`")
	sqlWord = regexp.MustCompile("`((?:connexie|eitje)\\.[a-z_]+)(?:\\.([a-z_]+))?`")
)

// Names of the code that documents use are names in the code.
func TestDocuments_WordsOfTheCodeExist(t *testing.T) {
	t.Parallel()
	migrations := migrationText(t)
	used := 0
	for name, text := range documents(t) {
		for _, match := range declaredIn.FindAllStringSubmatch(text, -1) {
			require.True(t, declares(t, place{file: match[2], name: match[1]}), "%s: %s declares no %s", name, match[2], match[1])
			used++
		}
		for _, match := range goWord.FindAllStringSubmatch(text, -1) {
			require.NotEmpty(t, fileOf(t, "internal/"+match[1], match[2]), "%s: package %s declares no %s", name, match[1], match[2])
			used++
		}
		for _, match := range sqlWord.FindAllStringSubmatch(text, -1) {
			require.Regexp(t, regexp.QuoteMeta(match[1])+`\b`, migrations, name)
			require.Regexp(t, `\b`+match[2]+`\b`, migrations, name)
			used++
		}
	}
	require.Greater(t, used, 20)
}

func migrationText(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "internal", "store", "migrations", "*.sql"))
	require.NoError(t, err)
	var all strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		all.Write(text)
	}
	return all.String()
}

// fileOf is the file of a folder that declares a name, or empty.
func fileOf(t *testing.T, dir, name string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(dir), "*.go"))
	require.NoError(t, err)
	for _, file := range files {
		found := place{file: path.Join(dir, filepath.Base(file)), name: name}
		if !strings.HasSuffix(file, "_test.go") && declares(t, found) {
			return found.file
		}
	}
	return ""
}
