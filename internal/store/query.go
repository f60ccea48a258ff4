package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// database is what a pool and a transaction have in common.
type database interface {
	querier
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// named are the arguments of a statement; one that is missing or unknown is an
// error.
type named = pgx.StrictNamedArgs

// rowsOf runs a query and reads every row into a struct by column name.
func rowsOf[T any](ctx context.Context, db querier, operation, sql string, arguments named) ([]T, error) {
	found, err := collect(ctx, db, sql, arguments, pgx.RowToStructByName[T])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	return found, nil
}

// rowOf reads the one row of a query into a struct by column name; without a row
// the error is ErrNotFound.
func rowOf[T any](ctx context.Context, db querier, operation, sql string, arguments named) (T, error) {
	return exactlyOne(ctx, db, operation, sql, arguments, pgx.RowToStructByName[T])
}

// valueOf reads the one column of the one row of a query; without a row the error
// is ErrNotFound.
func valueOf[T any](ctx context.Context, db querier, operation, sql string, arguments named) (T, error) {
	return exactlyOne(ctx, db, operation, sql, arguments, pgx.RowTo[T])
}

func exactlyOne[T any](
	ctx context.Context, db querier, operation, sql string, arguments named, row pgx.RowToFunc[T],
) (T, error) {
	rows, err := db.Query(ctx, sql, arguments)
	if err != nil {
		var none T
		return none, failed(operation, err)
	}
	found, err := pgx.CollectExactlyOneRow(rows, row)
	return found, failed(operation, err)
}

// execute runs a statement and returns how many rows it touched.
func execute(ctx context.Context, db database, operation, sql string, arguments named) (int, error) {
	tag, err := db.Exec(ctx, sql, arguments)
	if err != nil {
		return 0, failed(operation, err)
	}
	return int(tag.RowsAffected()), nil
}
