// Package store keeps everything in PostgreSQL: the platform's own tables in
// schema eitje and the integration's in schema connexie, so that a change, its
// audit line and its notification share one transaction.
//
// Methods take the present instant as an argument; the clock is the caller's.
// Errors carry ids and PostgreSQL's own names, never the contents of a row (N4).
package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// applicationName is how the pool shows up in pg_stat_activity.
const applicationName = "connexie-worker"

// Store is a pool of connections to one database. It is safe for concurrent use.
type Store struct{ pool *pgxpool.Pool }

// Open connects to the database and makes sure that it answers. maxConns limits
// the pool; zero leaves pgx's default. An error names the host and the database,
// never the password.
func Open(ctx context.Context, url string, maxConns int32) (*Store, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		// pgx's text may quote what it could not parse, the password included.
		return nil, errors.New("open the database: the URL cannot be read; " +
			"write it as postgres://user:password@host:5432/database")
	}
	if maxConns > 0 {
		config.MaxConns = maxConns
	}
	if config.ConnConfig.RuntimeParams["application_name"] == "" {
		config.ConnConfig.RuntimeParams["application_name"] = applicationName
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, failed("open the database", err)
	}
	store := &Store{pool: pool}
	if err := store.Ping(ctx); err != nil {
		pool.Close()
		target := config.ConnConfig
		return nil, fmt.Errorf("open database %s at %s:%d: %w", target.Database, target.Host, target.Port, err)
	}
	return store, nil
}

// Close gives the connections back. It waits for those in use.
func (s *Store) Close() { s.pool.Close() }

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.pool.Ping(ctx); err != nil {
		return fold(err)
	}
	return nil
}

// withTx runs do in one transaction at READ COMMITTED: committed when do returns
// nil, rolled back otherwise, even where ctx has been cancelled meanwhile. An error
// of the commit may mean that it took effect nonetheless; whatever runs in here
// must bear a repetition.
func (s *Store) withTx(ctx context.Context, do func(tx pgx.Tx) error) error {
	return s.withTxAt(ctx, pgx.ReadCommitted, do)
}

// withSnapshotTx is withTx at REPEATABLE READ: all of do sees the database as it was at
// its first statement. Where somebody else has written a row since that do writes too,
// the error is retryable.
func (s *Store) withSnapshotTx(ctx context.Context, do func(tx pgx.Tx) error) error {
	return s.withTxAt(ctx, pgx.RepeatableRead, do)
}

func (s *Store) withTxAt(ctx context.Context, isolation pgx.TxIsoLevel, do func(tx pgx.Tx) error) error {
	tx, err := s.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: isolation})
	if err != nil {
		return failed("begin a transaction", err)
	}
	// After a commit this does nothing.
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if err := do(tx); err != nil {
		if known, ok := foldKnown(err); ok {
			return known
		}
		return err
	}
	if err := tx.Commit(ctx); err != nil {
		return failed("commit", err)
	}
	return nil
}
