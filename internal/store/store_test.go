package store_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/testkit"
)

func TestStore_ATransactionIsRolledBackOnACancelledContext(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	connection := db.Connection(t, db.Organisation(t)).ID
	fence, err := db.Store.BumpFence(t.Context(), connection, testkit.ID(t))
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	stopped := errors.New("stopped")
	err = db.Store.InFence(ctx, connection, fence, func() error {
		cancel()
		return stopped
	})
	require.ErrorIs(t, err, stopped, "what went wrong is told, not that the roll-back was late")
	// The row is free again, and the pool's connections with it.
	for range 10 {
		_, err = db.Store.BumpFence(t.Context(), connection, testkit.ID(t))
		require.NoError(t, err)
	}
}

func TestStore_ACancelledContextIsToldAsSuch(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := db.Store.Connections(ctx)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, db.Store.Ping(ctx), context.Canceled)
}
