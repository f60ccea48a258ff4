package app

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"github.com/eitje/connexie-worker/internal/config"
	"github.com/eitje/connexie-worker/internal/secrets"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/telemetry"
)

// dialTimeout bounds how long a process waits for Temporal at its start.
const dialTimeout = 10 * time.Second

// openStore connects to the database of the configuration.
func openStore(ctx context.Context, database config.Database) (*store.Store, error) {
	return store.Open(ctx, database.URL.Reveal(), int32(database.MaxConnections)) //nolint:gosec // the configuration allows 1000 at most
}

// openKeys reads the key ring that tokens are sealed with (N3).
func openKeys(keys config.Keys) (*secrets.KeyRing, error) {
	return secrets.ParseKeyRing(keys.EncryptionKeys.Reveal())
}

// dial connects to Temporal and makes sure that it answers.
func dial(
	ctx context.Context, temporal config.Temporal, logger *zap.Logger, metrics client.MetricsHandler,
) (client.Client, error) {
	options := temporal.ClientOptions()
	options.Logger = telemetry.NewSDKLogger(logger)
	options.MetricsHandler = metrics
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	c, err := client.DialContext(ctx, options)
	if err != nil {
		return nil, fmt.Errorf("reach Temporal at %s (TEMPORAL_ADDRESS): %w; is it running? try: make up",
			orLocal(options.HostPort), err)
	}
	return c, nil
}

func orLocal(address string) string {
	if address == "" {
		return client.DefaultHostPort
	}
	return address
}

// KeyRingCheck lets the configuration say what is wrong with ENCRYPTION_KEYS
// together with everything else.
func KeyRingCheck() config.Check {
	return config.Check{Variable: "ENCRYPTION_KEYS", Verify: func(value string) error {
		_, err := secrets.ParseKeyRing(value)
		return err
	}}
}
