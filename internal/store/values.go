package store

import (
	"context"

	"github.com/govalues/decimal"
	"github.com/jackc/pgx/v5"
)

// column reads the one column of every row of a query.
func column[T any](ctx context.Context, db querier, operation, sql string, named args) ([]T, error) {
	rows, err := db.Query(ctx, sql, named)
	if err != nil {
		return nil, failed(operation, err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[T])
	return found, failed(operation, err)
}

// orNull writes text that is not known as NULL.
func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func orEmpty(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

func decimalOrNull(d decimal.NullDecimal) *string {
	if !d.Valid {
		return nil
	}
	text := d.Decimal.String()
	return &text
}
