package testkit

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/store"
)

// templateLock is the advisory lock under which processes make the template; the
// number means nothing.
const templateLock = 7_301_164_905

// makeTemplate makes the migrated database that tests copy, or finds the one that
// another process made of the same migrations: its name carries their hash. It
// counts as made once it is marked as a template, the last step.
func makeTemplate(ctx context.Context, s *server) (name string, err error) {
	hash, err := hashMigrations()
	if err != nil {
		return "", err
	}
	name = "connexie_template_" + hash
	connection, err := s.admin.Acquire(ctx)
	if err != nil {
		return "", fmt.Errorf("connect to the test server: %w", err)
	}
	defer connection.Release()
	if _, err := connection.Exec(ctx, `select pg_advisory_lock($1)`, templateLock); err != nil {
		return "", fmt.Errorf("lock the template: %w", err)
	}
	defer func() {
		_, unlockErr := connection.Exec(context.WithoutCancel(ctx), `select pg_advisory_unlock($1)`, templateLock)
		err = errors.Join(err, unlockErr)
	}()
	var made bool
	const query = `select coalesce((select datistemplate from pg_database where datname = $1), false)`
	if err := connection.QueryRow(ctx, query, name).Scan(&made); err != nil {
		return "", fmt.Errorf("look for the template: %w", err)
	}
	if made {
		return name, nil
	}
	return name, fillTemplate(ctx, s, connection.Conn(), name)
}

func fillTemplate(ctx context.Context, s *server, admin *pgx.Conn, name string) error {
	for _, statement := range []string{`drop database if exists ` + name, `create database ` + name} {
		if _, err := admin.Exec(ctx, statement); err != nil {
			return fmt.Errorf("make the template: %w", err)
		}
	}
	if _, _, err := store.Migrate(ctx, s.databaseURL(name), func(string) {}); err != nil {
		return fmt.Errorf("migrate the template: %w", err)
	}
	if _, err := admin.Exec(ctx, `alter database `+name+` is_template true`); err != nil {
		return fmt.Errorf("mark the template: %w", err)
	}
	return nil
}

func hashMigrations() (string, error) {
	hash := sha256.New()
	files := store.Migrations()
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return "", fmt.Errorf("list the migrations: %w", err)
	}
	for _, name := range names {
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return "", fmt.Errorf("read a migration: %w", err)
		}
		_, _ = fmt.Fprintf(hash, "%s %d\n%s", name, len(content), content)
	}
	return fmt.Sprintf("%x", hash.Sum(nil))[:16], nil
}
