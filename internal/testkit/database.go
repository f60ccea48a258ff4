package testkit

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/store"
)

const (
	// connectionsPerTest keeps many parallel tests below a server's usual 100.
	connectionsPerTest = 6
	cleanUpTimeout     = 30 * time.Second
)

var databases atomic.Int64

// Database is the URL of a migrated, empty database that belongs to this test and is
// dropped when it ends, whoever is still connected.
func Database(t testing.TB) string {
	t.Helper()
	return createDatabase(t, requireServer(t).template)
}

// EmptyDatabase is the URL of a database without any schema, for tests of the
// migrations themselves.
func EmptyDatabase(t testing.TB) string {
	t.Helper()
	return createDatabase(t, "template1")
}

func createDatabase(t testing.TB, template string) string {
	t.Helper()
	s := requireServer(t)
	name := fmt.Sprintf("connexie_test_%d_%d_%d", os.Getpid(), time.Now().UnixNano(), databases.Add(1))
	_, err := s.admin.Exec(t.Context(), `create database `+name+` template `+template)
	require.NoError(t, err, "create a database for the test")
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), cleanUpTimeout)
		defer cancel()
		if _, err := s.admin.Exec(ctx, `drop database if exists `+name+` with (force)`); err != nil {
			t.Logf("drop the test's database: %v", err)
		}
	})
	return s.databaseURL(name)
}

// Store is a store on a database of its own, closed when the test ends.
func Store(t testing.TB) *store.Store {
	t.Helper()
	return New(t).Store
}

// DB is a test's database with a store on it and, for what the store does not do, a
// pool of its own. Its builders write rows with defaults and return their ids.
type DB struct {
	URL   string
	Store *store.Store
	Pool  *pgxpool.Pool
}

// New is a migrated database of the test's own with all that a test needs of it.
func New(t testing.TB) *DB {
	t.Helper()
	address := Database(t)
	opened, err := store.Open(t.Context(), address, connectionsPerTest)
	require.NoError(t, err)
	t.Cleanup(opened.Close)
	config, err := pgxpool.ParseConfig(address)
	require.NoError(t, err)
	config.MaxConns = connectionsPerTest
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	return &DB{URL: address, Store: opened, Pool: pool}
}

// Exec runs a statement that must succeed and returns how many rows it touched.
func (db *DB) Exec(t testing.TB, sql string, arguments ...any) int {
	t.Helper()
	tag, err := db.Pool.Exec(t.Context(), sql, arguments...)
	require.NoError(t, err)
	return int(tag.RowsAffected())
}

// Value reads the one column of the one row of a query.
func Value[T any](t testing.TB, db *DB, sql string, arguments ...any) T {
	t.Helper()
	var found T
	require.NoError(t, db.Pool.QueryRow(t.Context(), sql, arguments...).Scan(&found))
	return found
}
