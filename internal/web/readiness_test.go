package web_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/web"
)

func TestWeb_ReadinessNamesWhatFailsAndNotWhy(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var asked atomic.Int32
	handler := b.newHandler(t, b.db.Store, map[string]web.Check{
		"database": b.db.Store.Ping,
		"temporal": func(context.Context) error { asked.Add(1); return errors.New("dial temporal.internal") },
		"hanging":  func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
	})
	for range 5 {
		got := ask(t, handler, "GET", "/readyz", "", "Authorization", "")
		require.Equal(t, 503, got.status)
		require.JSONEq(t, `{"ready":false,"checks":{"database":"ok","temporal":"failed","hanging":"failed"}}`, got.text)
	}
	require.EqualValues(t, 1, asked.Load(), "who can reach the port must not make us ask as often")
}
