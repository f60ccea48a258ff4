package telemetry_test

import (
	"bytes"
	"encoding/json"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/eitje/connexie-worker/internal/telemetry"
)

// recorder is a real logger and what it wrote.
type recorder struct {
	*zap.Logger
	out bytes.Buffer
}

func record(t *testing.T, level string) *recorder {
	t.Helper()
	r := &recorder{}
	logger, err := telemetry.NewLogger(level, "json", &r.out)
	require.NoError(t, err)
	r.Logger = logger
	return r
}

// entries returns every line written, decoded.
func (r *recorder) entries(t *testing.T) []map[string]any {
	t.Helper()
	var entries []map[string]any
	for line := range bytes.Lines(r.out.Bytes()) {
		var entry map[string]any
		require.NoError(t, json.Unmarshal(line, &entry))
		entries = append(entries, entry)
	}
	return entries
}

// entry returns the only line written.
func (r *recorder) entry(t *testing.T) map[string]any {
	t.Helper()
	entries := r.entries(t)
	require.Len(t, entries, 1)
	return entries[0]
}

func discard() (*zap.Logger, error) {
	return telemetry.NewLogger("info", "json", io.Discard)
}
