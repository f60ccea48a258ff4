package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// SealedToken is a connection's API token, encrypted by the application (N3).
type SealedToken struct {
	KeyID      string
	Ciphertext []byte
}

// SetToken keeps a new token beside the one in use, until Connexie has answered
// whose it is: Activate then puts it to use, RefuseToken drops it (C8). A token
// that still waits is replaced.
func (s *Store) SetToken(ctx context.Context, connectionID string, token SealedToken, by string, now time.Time) error {
	const query = `
		insert into connexie.connection_tokens (connection_id, candidate, key_id, ciphertext, set_at, set_by)
		values (@connection_id, true, @key_id, @ciphertext, @now, @by)
		on conflict (connection_id, candidate) do update
		   set key_id = excluded.key_id, ciphertext = excluded.ciphertext,
		       set_at = excluded.set_at, set_by = excluded.set_by`
	_, err := execute(ctx, s.pool, "set the token of connection "+connectionID, query, args{
		"connection_id": connectionID, "key_id": token.KeyID, "ciphertext": token.Ciphertext, "by": by, "now": now,
	})
	if violates(err, "connection_tokens_connection_id_fkey") {
		return fmt.Errorf("set the token of connection %s: %w", connectionID, ErrNotFound)
	}
	return err
}

// Token is the token in use; ErrNotFound before the first activation.
func (s *Store) Token(ctx context.Context, connectionID string) (SealedToken, error) {
	const query = `
		select key_id, ciphertext from connexie.connection_tokens
		 where connection_id = @connection_id and not candidate`
	return collectOne[SealedToken](ctx, s.pool, "get the token of connection "+connectionID, query,
		args{"connection_id": connectionID})
}

// TokenToCheck is the token that an activation asks Connexie about: a new one that
// waits, else the one in use. ErrNotFound where there is neither.
func (s *Store) TokenToCheck(ctx context.Context, connectionID string) (SealedToken, error) {
	const query = `
		select key_id, ciphertext from connexie.connection_tokens
		 where connection_id = @connection_id
		 order by candidate desc limit 1`
	return collectOne[SealedToken](ctx, s.pool, "get the token of connection "+connectionID, query,
		args{"connection_id": connectionID})
}

// RefuseToken notes that Connexie refused a token, or that there was none to try,
// which is the zero token. A new one that waited is dropped; where the one in use was
// refused, or there is none in use, an active connection needs a token from now on. Unless the connection
// stays active with the token that it had, one notification says so (C1, C8).
// Refusing a token that was replaced meanwhile, or that of a removed connection,
// changes nothing.
func (s *Store) RefuseToken(ctx context.Context, connectionID string, refused SealedToken, now time.Time) error {
	err := s.withTx(ctx, func(tx pgx.Tx) error {
		connection, err := lockConnection(ctx, tx, connectionID)
		if err != nil || connection.State == ConnectionRemoved {
			return err
		}
		which, err := whichToken(ctx, tx, connectionID, refused)
		if err != nil {
			return err
		}
		switch which {
		case tokenReplaced:
			return nil
		case tokenWaiting:
			if err := dropCandidate(ctx, tx, connectionID, refused); err != nil {
				return err
			}
		case tokenInUse, tokenLost:
			if err := needToken(ctx, tx, connectionID); err != nil {
				return err
			}
			connection.State = ConnectionNeedsToken
		}
		if connection.State == ConnectionActive {
			return nil
		}
		_, err = openNotices(ctx, tx, connectionID, []domain.Notice{domain.TokenRefusedNotice(connectionID)}, now)
		return err
	})
	if err != nil {
		return fmt.Errorf("refuse the token of connection %s: %w", connectionID, err)
	}
	return nil
}

func needToken(ctx context.Context, tx pgx.Tx, connectionID string) error {
	const query = `
		update connexie.connections set state = 'needs_token'
		 where id = @connection_id and state = 'active'`
	_, err := execute(ctx, tx, "set the state", query, args{"connection_id": connectionID})
	return err
}

// tokenPlace is where a token is found that somebody tried a moment ago.
type tokenPlace int

const (
	tokenReplaced tokenPlace = iota
	// tokenMissing is none to try beside the one in use, tokenLost none at all.
	tokenMissing
	tokenLost
	tokenWaiting
	tokenInUse
)

func whichToken(ctx context.Context, tx pgx.Tx, connectionID string, tried SealedToken) (tokenPlace, error) {
	const query = `
		select candidate from connexie.connection_tokens
		 where connection_id = @connection_id and ciphertext = @ciphertext`
	if len(tried.Ciphertext) == 0 {
		return whetherLost(ctx, tx, connectionID)
	}
	candidate, err := value[bool](ctx, tx, "find the token", query,
		args{"connection_id": connectionID, "ciphertext": tried.Ciphertext})
	switch {
	case errors.Is(err, ErrNotFound):
		return tokenReplaced, nil
	case err != nil:
		return tokenReplaced, err
	case candidate:
		return tokenWaiting, nil
	}
	return tokenInUse, nil
}

func whetherLost(ctx context.Context, tx pgx.Tx, connectionID string) (tokenPlace, error) {
	const query = `
		select exists (select from connexie.connection_tokens where connection_id = @connection_id and not candidate)`
	inUse, err := value[bool](ctx, tx, "ask whether there is a token in use", query, args{"connection_id": connectionID})
	if err != nil || inUse {
		return tokenMissing, err
	}
	return tokenLost, nil
}

func dropCandidate(ctx context.Context, tx pgx.Tx, connectionID string, refused SealedToken) error {
	const query = `
		delete from connexie.connection_tokens
		 where connection_id = @connection_id and candidate and ciphertext = @ciphertext`
	_, err := execute(ctx, tx, "drop the refused token", query,
		args{"connection_id": connectionID, "ciphertext": refused.Ciphertext})
	return err
}

// promoteToken puts the checked token to use in place of the one before. One that is
// in use already stays.
func promoteToken(ctx context.Context, tx pgx.Tx, connectionID string, checked SealedToken) error {
	const removeOld = `
		delete from connexie.connection_tokens
		 where connection_id = @connection_id and not candidate`
	const promote = `
		update connexie.connection_tokens set candidate = false
		 where connection_id = @connection_id and candidate`
	which, err := whichToken(ctx, tx, connectionID, checked)
	if err != nil || which == tokenInUse {
		return err
	}
	if which != tokenWaiting {
		return ErrTokenReplaced
	}
	for _, query := range []string{removeOld, promote} {
		if _, err := execute(ctx, tx, "put the token to use", query, args{"connection_id": connectionID}); err != nil {
			return err
		}
	}
	return nil
}
