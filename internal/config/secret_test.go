package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/eitje/connexie-worker/internal/config"
)

func TestSecret_N3_NoPrintingShowsIt(t *testing.T) {
	t.Parallel()
	secret := config.NewSecret("hunter2")
	holder := struct{ hidden config.Secret }{secret}
	worker := config.Worker{
		Database: config.Database{URL: secret},
		Keys:     config.Keys{EncryptionKeys: secret},
		Temporal: config.NewTemporal(client.Options{Identity: "hunter2"}),
	}

	for _, value := range []any{secret, &secret, holder, &holder, worker, &worker, []config.Secret{secret}, map[string]any{"k": worker}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T"} {
			requireHidden(t, fmt.Sprintf(verb, value))
		}
		encoded, err := json.Marshal(value)
		require.NoError(t, err)
		requireHidden(t, string(encoded))

		var out bytes.Buffer
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "k", value)
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "k", value)
		core := zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), zapcore.AddSync(&out), zapcore.DebugLevel)
		zap.New(core).Info("x", zap.Any("k", value), zap.Reflect("r", value))
		requireHidden(t, out.String())
	}
	require.Equal(t, "[redacted]", secret.String())
	require.Equal(t, "[not set]", config.Secret{}.String())
}

// requireHidden also looks for the text as fmt writes it in hexadecimal.
func requireHidden(t *testing.T, printed string) {
	t.Helper()
	require.NotContains(t, printed, "hunter2")
	require.NotContains(t, printed, "68756e74657232")
	require.NotContains(t, printed, "68756E74657232")
}

func TestSecret_RevealsOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	require.Equal(t, "hunter2", config.NewSecret(" hunter2\n").Reveal())
	require.Empty(t, config.NewSecret(" \n").Reveal())
	require.Empty(t, config.Secret{}.Reveal())
}

func TestDatabase_N3_LocationHasNoCredentials(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"postgres://worker:hunter2@db:5432/connexie?sslpassword=hunter2": "db:5432/connexie",
		"postgres:///connexie?host=/run/postgresql":                      "/run/postgresql/connexie",
		"postgres://hunter2 %":                                           "",
		"":                                                               "",
	} {
		require.Equal(t, want, config.Database{URL: config.NewSecret(url)}.Location())
	}
}
