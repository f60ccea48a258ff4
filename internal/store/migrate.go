package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var embedded embed.FS

// Migrations are the SQL files that make up the schema.
func Migrations() fs.FS {
	files, err := fs.Sub(embedded, "migrations")
	if err != nil {
		panic(fmt.Sprintf("open the embedded migrations: %v", err))
	}
	return files
}

// Processes that migrate at the same moment wait for each other: a look every
// second, for as long as the longest migration may take.
const (
	migrationLockPeriod = 1
	migrationLockTries  = 600
)

// Migrate brings the schema of the database to the newest version, one migration
// after the other, forward only, and tells say what it does. It returns the
// versions before and after; equal ones mean that there was nothing to do. Calls at
// the same moment wait for each other under an advisory lock, which needs a direct
// connection, not a transaction pooler. A migration that fails is rolled back and
// those before it stay, so that a repetition goes on from there.
func Migrate(ctx context.Context, url string, say func(message string)) (from, to int64, err error) {
	return migrateTo(ctx, url, newest, say)
}

// newest stands for the last version that there is.
const newest = -1

func migrateTo(ctx context.Context, url string, version int64, say func(string)) (from, to int64, err error) {
	store, err := Open(ctx, url, 0)
	if err != nil {
		return 0, 0, err
	}
	defer store.Close()
	db := stdlib.OpenDBFromPool(store.pool)
	defer func() { _ = db.Close() }()
	provider, err := migrations(db)
	if err != nil {
		return 0, 0, err
	}
	from, last, err := provider.GetVersions(ctx)
	if err != nil {
		return 0, 0, failed("read the version of the schema", err)
	}
	if version == newest {
		version = last
	}
	results, err := provider.UpTo(ctx, version)
	if err != nil {
		return from, from, failedMigration(err)
	}
	for _, result := range results {
		say(fmt.Sprintf("migration %s applied in %s", result.Source.Path, result.Duration))
	}
	to, err = provider.GetDBVersion(ctx)
	return from, to, failed("read the version of the schema", err)
}

func migrations(db *sql.DB) (*goose.Provider, error) {
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(migrationLockPeriod, migrationLockTries))
	if err != nil {
		return nil, fmt.Errorf("prepare the migration lock: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, Migrations(), goose.WithSessionLocker(locker))
	if err != nil {
		return nil, fmt.Errorf("read the embedded migrations: %w", err)
	}
	return provider, nil
}

// failedMigration names the migration that stands in the way.
func failedMigration(err error) error {
	if partial, ok := errors.AsType[*goose.PartialError](err); ok {
		return failed("migration "+partial.Failed.Source.Path, partial.Err)
	}
	return failed("migrate", err)
}

type appliedRow struct{ VersionID int64 }

// PendingMigrations counts the migrations that this program knows and the database
// has not had. It writes nothing, on an empty database neither.
func (s *Store) PendingMigrations(ctx context.Context) (int, error) {
	files, err := fs.Glob(Migrations(), "*.sql")
	if err != nil {
		return 0, fmt.Errorf("list the embedded migrations: %w", err)
	}
	const appliedVersions = `
		select version_id from public.goose_db_version where is_applied`
	rows, err := collect[appliedRow](ctx, s.pool, "read the applied migrations", appliedVersions, args{})
	var failure *Error
	if errors.As(err, &failure) && failure.Code == pgUndefinedTable {
		return len(files), nil
	}
	if err != nil {
		return 0, err
	}
	pending := 0
	for _, file := range files {
		version, err := goose.NumericComponent(file)
		if err != nil {
			return 0, fmt.Errorf("read the version of migration %s: %w", file, err)
		}
		if !slices.Contains(rows, appliedRow{VersionID: version}) {
			pending++
		}
	}
	return pending, nil
}
