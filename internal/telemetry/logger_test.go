package telemetry_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/eitje/connexie-worker/internal/telemetry"
)

func TestNewLogger_WritesJSON(t *testing.T) {
	t.Parallel()
	log := record(t, "info")

	log.Info("run closed", zap.String("run_id", "r1"), zap.Int("created", 3), zap.Duration("took", 1500*time.Millisecond))
	log.Debug("not at this level")

	entry := log.entry(t)
	require.Equal(t, "info", entry["level"])
	require.Equal(t, "run closed", entry["message"])
	require.Equal(t, "r1", entry["run_id"])
	require.EqualValues(t, 3, entry["created"])
	require.Equal(t, "1.5s", entry["took"])
	require.Contains(t, entry["caller"], "telemetry/logger_test.go")
	at, err := time.Parse(time.RFC3339Nano, entry["time"].(string))
	require.NoError(t, err)
	require.Equal(t, time.UTC, at.Location())
}

func TestNewLogger_WritesForPeople(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log, err := telemetry.NewLogger("debug", "console", &out)
	require.NoError(t, err)

	log.Debug("reading", zap.Int("page", 2), zap.String("email", "jan@example.nl"))

	require.Regexp(t, `^\d\d:\d\d:\d\d  DEBUG  .*reading  \{"page": 2, "email": "\[redacted\]"\}\n$`, out.String())
}

func TestNewLogger_NamesWhatItTakes(t *testing.T) {
	t.Parallel()
	_, err := telemetry.NewLogger("verbose", "json", &bytes.Buffer{})
	require.EqualError(t, err, `log level "verbose" is unknown: use debug, info, warn or error`)
	_, err = telemetry.NewLogger("info", "xml", &bytes.Buffer{})
	require.EqualError(t, err, `log format "xml" is unknown: use json or console`)
}
