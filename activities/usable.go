package activities

import (
	"context"
	"errors"

	"github.com/eitje/connexie-worker/internal/store"
)

// usableConnection finds a connection that may be worked for; InvalidInput where there
// is none, or one that is not active. Of a paused one only what is under way goes on
// (C9): begun answers store.ErrNotFound where what asks has not begun.
func usableConnection(
	ctx context.Context, s *store.Store, id string, begun func() error,
) (store.Connection, error) {
	connection, err := s.Connection(ctx, id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return connection, invalidInput("there is no connection %s; list them with: starter status", id)
	case err != nil:
		return connection, fromStore(err)
	case usable(connection.State):
		return connection, nil
	case connection.State != store.ConnectionPaused:
		return connection, invalidInput("connection %s is %s; activate it with: starter activate", id, connection.State)
	}
	err = begun()
	if errors.Is(err, store.ErrNotFound) {
		return connection, invalidInput("connection %s is paused; resume it with: starter connections resume --connection %s", id, id)
	}
	return connection, fromStore(err)
}

// usable reports whether a connection in the state may be synchronised: one that
// needs a token is tried, since a new one may have been set (C8).
func usable(state store.ConnectionState) bool {
	return state == store.ConnectionActive || state == store.ConnectionNeedsToken
}
