package store

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// querier is a pool or a transaction.
type querier interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// args are the named arguments of a statement; one that is missing or unknown is an
// error.
type args = pgx.StrictNamedArgs

// collect runs a query and reads every row into a struct by column name.
func collect[T any](ctx context.Context, db querier, operation, sql string, named args) ([]T, error) {
	rows, err := db.Query(ctx, sql, named)
	if err != nil {
		return nil, failed(operation, err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[T])
	if err != nil {
		return nil, failed(operation, err)
	}
	return found, nil
}

// collectOne reads the one row of a query into a struct by column name; without a
// row the error is ErrNotFound.
func collectOne[T any](ctx context.Context, db querier, operation, sql string, named args) (T, error) {
	return exactlyOne(ctx, db, operation, sql, named, pgx.RowToStructByName[T])
}

// value reads the one column of the one row of a query; without a row the error is
// ErrNotFound.
func value[T any](ctx context.Context, db querier, operation, sql string, named args) (T, error) {
	return exactlyOne(ctx, db, operation, sql, named, pgx.RowTo[T])
}

func exactlyOne[T any](
	ctx context.Context, db querier, operation, sql string, named args, row pgx.RowToFunc[T],
) (T, error) {
	rows, err := db.Query(ctx, sql, named)
	if err != nil {
		var none T
		return none, failed(operation, err)
	}
	found, err := pgx.CollectExactlyOneRow(rows, row)
	return found, failed(operation, err)
}

// execute runs a statement and returns how many rows it touched.
func execute(ctx context.Context, db querier, operation, sql string, named args) (int, error) {
	tag, err := db.Exec(ctx, sql, named)
	if err != nil {
		return 0, failed(operation, err)
	}
	return int(tag.RowsAffected()), nil
}

// joinWholeSets makes the planner hash and merge in the statements of this
// transaction. A first reading writes more rows than the tables have statistics for;
// a nested loop, which looks cheap over tables that seem empty, then takes minutes
// for 10,000 people. Compiling such a statement takes longer than running it.
func joinWholeSets(ctx context.Context, tx pgx.Tx) error {
	const query = `select set_config('enable_nestloop', 'off', true), set_config('jit', 'off', true)`
	_, err := execute(ctx, tx, "settle how sets are joined", query, args{})
	return err
}

// compileNothing keeps PostgreSQL from compiling the statements of this transaction: it
// takes a third as long as a statement over 100,000 rows runs.
func compileNothing(ctx context.Context, tx pgx.Tx) error {
	_, err := execute(ctx, tx, "settle that nothing is compiled", `select set_config('jit', 'off', true)`, args{})
	return err
}

// lookUpRows makes the planner look rows up by their keys in the statements of this
// transaction, the checks of foreign keys included. They concern a handful of people
// among many, and PostgreSQL plans them once a connection, perhaps over tables that
// are empty or that nobody has counted: reading a whole table then seems as good as
// an index, and goes on when the table has grown. Such a statement also keeps the
// order of its lookups with "offset 0", which no planner moves a condition across.
func lookUpRows(ctx context.Context, tx pgx.Tx) error {
	const query = `
		select set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
		       set_config('enable_mergejoin', 'off', true), set_config('jit', 'off', true)`
	_, err := execute(ctx, tx, "settle how rows are looked up", query, args{})
	return err
}
