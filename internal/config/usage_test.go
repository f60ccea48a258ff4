package config_test

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/config"
)

var update = flag.Bool("update", false, "write the golden files of this package anew")

func TestUsage_IsWhatPeopleSee(t *testing.T) {
	t.Parallel()
	for name, spec := range map[string]any{"worker": config.Worker{}, "starter": &config.Starter{}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var usage bytes.Buffer
			require.NoError(t, config.Usage(&usage, spec))

			golden := "testdata/usage_" + name + ".txt"
			if *update {
				require.NoError(t, os.WriteFile(golden, usage.Bytes(), 0o600))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			require.Equal(t, string(want), usage.String(), "if this is meant: go test ./internal/config -update")
		})
	}
}

func TestUsage_FitsATerminal(t *testing.T) {
	t.Parallel()
	var usage bytes.Buffer
	require.NoError(t, config.Usage(&usage, config.Worker{}))

	for line := range strings.Lines(usage.String()) {
		words := strings.Fields(line)
		if len([]rune(line)) > 121 { // with its newline
			require.Greater(t, len(words[len(words)-1]), 20, "only a word that cannot be broken may stick out: %q", line)
		}
	}
}

func TestUnknown(t *testing.T) {
	t.Parallel()
	warnings := config.Unknown([]string{
		"PATH=/bin", "HOME=/", "HTTP_PROXY=x", "LOG_DIR=x",
		"DATABASE_URL=postgres://u:hunter2@db/x", "TEMPORAL_ADDRESS=x", "HTTP_ADDR=x",
		"TEMPORAL_GRPC_META_X=1", "TEMPORAL_CODEC_ENDPOINT=x",
		"CONNEXIE_WORKER_SERVICE_HOST=10.0.0.1", "CONNEXIE_WORKER_SERVICE_PORT_HTTP=80", "TEMPORAL_PORT=tcp://x", "TEMPORAL_PORT_7233_TCP_ADDR=x",
		"DATABSE_URL=hunter2", "LOG_LEVELS=x", "WORKER_SLOTS=hunter2", "CONNEXIE_BASEURL=x", "TEMPORAL_ADRES=x", "MALFORMED",
	})

	require.Equal(t, []string{
		"CONNEXIE_BASEURL is not a variable of this program: did you mean CONNEXIE_BASE_URL?",
		"DATABSE_URL is not a variable of this program: did you mean DATABASE_URL?",
		"LOG_LEVELS is not a variable of this program: did you mean LOG_LEVEL?",
		"TEMPORAL_ADRES is not a variable of this program: did you mean TEMPORAL_ADDRESS?",
		"WORKER_SLOTS is not a variable of this program and has no effect",
	}, warnings)
}
