package app

import (
	"context"
	"fmt"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/connexie"
	"github.com/eitje/connexie-worker/internal/secrets"
	"github.com/eitje/connexie-worker/internal/store"
)

// accounts opens a connection's token and binds the Connexie client to it. The
// token exists in clear only on the way from the store to the client (N3).
type accounts struct {
	store  *store.Store
	keys   *secrets.KeyRing
	client *connexie.Client
}

// Account uses the token in use.
func (a *accounts) Account(ctx context.Context, connectionID string) (activities.Account, store.SealedToken, error) {
	return a.open(ctx, connectionID, a.store.Token)
}

// AccountToCheck prefers a new token that waits to be checked.
func (a *accounts) AccountToCheck(
	ctx context.Context, connectionID string,
) (activities.Account, store.SealedToken, error) {
	return a.open(ctx, connectionID, a.store.TokenToCheck)
}

func (a *accounts) open(
	ctx context.Context, connectionID string, load func(context.Context, string) (store.SealedToken, error),
) (activities.Account, store.SealedToken, error) {
	sealed, err := load(ctx, connectionID)
	if err != nil {
		return nil, sealed, err
	}
	text, err := a.keys.Open(secrets.Sealed(sealed), []byte(connectionID))
	if err != nil {
		return nil, sealed, fmt.Errorf("open the token of connection %s: %w", connectionID, err)
	}
	token, err := connexie.NewToken(string(text))
	if err != nil {
		return nil, sealed, fmt.Errorf("use the token of connection %s: %w", connectionID, err)
	}
	return a.client.For(token), sealed, nil
}

// sealToken seals a token for one connection.
func sealToken(keys *secrets.KeyRing, connectionID string, token []byte) (store.SealedToken, error) {
	sealed, err := keys.Seal(token, []byte(connectionID))
	return store.SealedToken(sealed), err
}

// idHasher recognises erased people by the key ring (N5).
type idHasher struct{ keys *secrets.KeyRing }

func (h idHasher) NewestKey() string { return h.keys.NewestKey() }

func (h idHasher) HashID(keyID, connectionID, connexieID string) ([]byte, error) {
	return h.keys.Mark(keyID, "erasure", connectionID, connexieID)
}
