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
	MarkMissingPeople = markMissingPeople
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
