package config_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/config"
)

const (
	goodURL = "postgres://worker:hunter2@db:5432/connexie"
	goodKey = "key1:c2VjcmV0LWtleS1ieXRlcw"
)

// goodWorker is the least with which a worker starts.
var goodWorker = map[string]string{
	"DATABASE_URL":      goodURL,
	"CONNEXIE_BASE_URL": "https://api.connexie.example/v1",
	"ENCRYPTION_KEYS":   goodKey,
}

// setenv sets exactly these variables, whatever the machine that runs the tests
// has set: a blank one counts as not set. Tests that use it cannot be parallel.
func setenv(t *testing.T, environments ...map[string]string) {
	t.Helper()
	for _, name := range documentedNames(t) {
		t.Setenv(name, "")
	}
	t.Setenv("TEMPORAL_CONFIG_FILE", filepath.Join(t.TempDir(), "none.toml"))
	for _, environment := range environments {
		for name, value := range environment {
			t.Setenv(name, value)
		}
	}
}

// documentedNames are the variables of both processes, as a reader of -h sees
// them.
func documentedNames(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, spec := range []any{config.Worker{}, config.Starter{}} {
		var usage bytes.Buffer
		require.NoError(t, config.Usage(&usage, spec))
		for line := range strings.Lines(usage.String()) {
			if words := strings.Fields(line); strings.HasPrefix(line, "  ") && line[2] != ' ' {
				names = append(names, strings.TrimSuffix(words[0], "*"))
			}
		}
	}
	return names
}

// problems returns what Load complained about, as variable and wording.
func problems(t *testing.T, err error) map[string]string {
	t.Helper()
	var invalid *config.InvalidError
	require.ErrorAs(t, err, &invalid)
	result := map[string]string{}
	for _, problem := range invalid.Problems {
		require.NotContains(t, result, problem.Variable, "at most one problem per variable")
		result[problem.Variable] = problem.What
	}
	return result
}

func writeFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "temporal.toml")
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}
