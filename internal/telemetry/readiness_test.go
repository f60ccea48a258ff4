package telemetry

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
)

func TestReadiness_BoundsAHangingCheck(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		ready := &readiness{logger: zap.NewNop(), checks: map[string]Check{
			"deaf":  func(context.Context) error { <-release; return nil },
			"slow":  func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
			"quick": func(context.Context) error { return nil },
		}}
		began := time.Now()

		words := ready.run(t.Context())

		require.Equal(t, map[string]string{"deaf": checkTimedOut, "slow": checkTimedOut, "quick": checkOK}, words)
		require.Equal(t, checkTimeout, time.Since(began))
	})
}

func TestReadiness_NeverRunsACheckTwiceAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int32
		release := make(chan struct{})
		ready := &readiness{logger: zap.NewNop(), checks: map[string]Check{
			"deaf": func(context.Context) error { calls.Add(1); <-release; return nil },
		}}

		for range 5 {
			require.Equal(t, checkTimedOut, ready.run(t.Context())["deaf"])
		}
		require.EqualValues(t, 1, calls.Load(), "a hanging check must not pile up")

		close(release)
		synctest.Wait()
		require.Equal(t, checkOK, ready.run(t.Context())["deaf"])
	})
}

func TestReadiness_IgnoresAProberThatHangsUp(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	ready := &readiness{logger: zap.NewNop(), checks: map[string]Check{
		"database": func(ctx context.Context) error { return ctx.Err() },
	}}

	require.Equal(t, map[string]string{"database": checkOK}, ready.run(ctx))
}
