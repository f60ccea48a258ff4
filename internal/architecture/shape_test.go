package architecture_test

import (
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Past these a file holds more than one idea.
const (
	maxLines     = 400
	maxTestLines = 600
)

// longFiles may be longer, each for a reason.
var longFiles = map[string]string{}

func TestShape_FilesAreShort(t *testing.T) {
	t.Parallel()
	for _, file := range load(t, everything) {
		limit := maxLines
		if file.test {
			limit = maxTestLines
		}
		_, excused := longFiles[file.path]
		require.True(t, excused || file.lines <= limit, "%s has %d lines, more than %d: split it", file.path, file.lines, limit)
		require.False(t, excused && file.lines <= limit, "%s needs no excuse any more", file.path)
	}
}

func TestShape_EveryPackageSaysWhatItIs(t *testing.T) {
	t.Parallel()
	comments := map[string]string{}
	for _, file := range load(t, everything) {
		if strings.HasSuffix(file.syntax.Name.Name, "_test") {
			continue
		}
		comments[file.dir] += file.syntax.Doc.Text()
	}
	for dir, comment := range comments {
		require.Regexp(t, `^(Package|Command) `+path.Base(dir)+` `, comment, "the package comment of %s", dir)
	}
}

func TestShape_NoGrabBags(t *testing.T) {
	t.Parallel()
	for _, file := range load(t, everything) {
		for _, name := range []string{"util", "utils", "common", "helper", "helpers", "misc", "shared", "base"} {
			require.NotEqual(t, name, file.syntax.Name.Name, file.path)
		}
	}
}
