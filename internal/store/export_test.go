package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
)

// What tests need that nobody else may use.

// MigrateTo stops at a version.
var MigrateTo = migrateTo

// Fold is how every error of pgx becomes one of ours.
var Fold = fold

// InFence runs do in a transaction that holds the fence.
func (s *Store) InFence(ctx context.Context, connectionID string, fence int64, do func() error) error {
	return s.withTx(ctx, func(tx pgx.Tx) error {
		if err := checkFence(ctx, tx, connectionID, fence); err != nil {
			return err
		}
		return do()
	})
}

// KeepETag is what saving a list does with its ETag.
func (s *Store) KeepETag(ctx context.Context, list CompleteList, name List) error {
	return keepETag(ctx, s.pool, list.ConnectionID, name, list.PageLimit, list.ETag, time.Unix(0, 0))
}

// The statements about everyone at once.
const (
	ComparePeople     = comparePeople
	CountRun          = countRun
	MarkMissingPeople = markMissingPeople
	FreezeExport      = freezeExport
)

// Explain runs a statement as the store does and returns PostgreSQL's plan of it with
// what really happened, as lines. Nothing of it is kept.
func (s *Store) Explain(ctx context.Context, sql string, named map[string]any) (lines []string, err error) {
	undo := errors.New("undo")
	err = s.withTx(ctx, func(tx pgx.Tx) error {
		if err := joinWholeSets(ctx, tx); err != nil {
			return err
		}
		if lines, err = column[string](ctx, tx, "explain", "explain (analyze) "+sql, named); err != nil {
			return err
		}
		return undo
	})
	if errors.Is(err, undo) {
		err = nil
	}
	return lines, err
}

// RowsReadApplying tells how many rows of each table applying a batch reads, the checks
// of foreign keys included. Nothing of it is kept.
func (s *Store) RowsReadApplying(ctx context.Context, batch Batch, now time.Time) (map[string]int, error) {
	return s.rowsRead(ctx, func(tx pgx.Tx) error { return applyBatch(ctx, tx, batch, now) })
}

// RowsReadSaving tells the same about saving a page.
func (s *Store) RowsReadSaving(ctx context.Context, page MirrorPage) (map[string]int, error) {
	return s.rowsRead(ctx, func(tx pgx.Tx) error {
		_, err := savePage(ctx, tx, page)
		return err
	})
}

// RowsReadListing tells the same about listing hours.
func (s *Store) RowsReadListing(ctx context.Context, filter HoursFilter) (map[string]int, error) {
	return s.rowsRead(ctx, func(tx pgx.Tx) error {
		_, err := listHours(ctx, tx, filter)
		return err
	})
}

func (s *Store) rowsRead(ctx context.Context, do func(pgx.Tx) error) (read map[string]int, err error) {
	// The server may not have taken over yet what this session read before.
	const query = `
		select coalesce(jsonb_object_agg(relname, seq_tup_read + coalesce(idx_tup_fetch, 0)), '{}')
		  from pg_stat_xact_user_tables where schemaname in ('eitje', 'connexie')`
	undo := errors.New("undo")
	err = s.withTx(ctx, func(tx pgx.Tx) error {
		before, err := value[map[string]int](ctx, tx, "count", query, args{})
		if err != nil {
			return err
		}
		if err := do(tx); err != nil {
			return err
		}
		if read, err = value[map[string]int](ctx, tx, "count", query, args{}); err != nil {
			return err
		}
		for table, rows := range before {
			read[table] -= rows
		}
		return undo
	})
	if errors.Is(err, undo) {
		err = nil
	}
	return read, err
}
