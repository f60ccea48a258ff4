package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files of this package anew")

// typed is what a command line that was typed came to.
type typed struct {
	code     int
	out, err string
}

// typing runs a command line with nothing to read.
func typing(t *testing.T, args ...string) typed {
	t.Helper()
	var out, err bytes.Buffer
	code := run(t.Context(), &terminal{in: strings.NewReader(""), out: &out, err: &err}, args)
	return typed{code, out.String(), err.String()}
}

// golden compares with a file of testdata.
func golden(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), text, "if this is meant: go test ./starter -update")
}

// drawing is a terminal without colours and what is printed on it.
func drawing() (*terminal, *bytes.Buffer) {
	var out bytes.Buffer
	return &terminal{out: &out, err: &out}, &out
}

// bareEnvironment hides what the machine that tests has set.
func bareEnvironment(t *testing.T) {
	t.Helper()
	for _, name := range []string{"DATABASE_URL", "ENCRYPTION_KEYS", "CONNEXIE_BASE_URL", "TEMPORAL_ADDRESS", "TEMPORAL_UI_URL", "TEMPORAL_NAMESPACE"} {
		t.Setenv(name, "")
	}
}

func decoded(t *testing.T, text string) map[string]any {
	t.Helper()
	var value map[string]any
	require.NoError(t, json.Unmarshal([]byte(text), &value), text)
	return value
}
