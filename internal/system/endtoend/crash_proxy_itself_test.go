package endtoend

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/testkit"
)

// TestProxy holds the crash tests' own tool against PostgreSQL: what was struck before
// its commit is not there, what was struck after it is, and nobody hears of either.
func TestProxy(t *testing.T) {
	t.Parallel()
	const statement = `insert into connexie.notes values ($1)`
	alone := func(conn *pgx.Conn) error {
		_, err := conn.Exec(t.Context(), statement, 1)
		return err
	}
	together := func(conn *pgx.Conn) error {
		return pgx.BeginFunc(t.Context(), conn, func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), statement, 1)
			return err
		})
	}
	for _, row := range []struct {
		name string
		side side
		do   func(*pgx.Conn) error
		kept int
	}{
		{"before a statement alone", before, alone, 0},
		{"after a statement alone", after, alone, 1},
		{"before a transaction's commit", before, together, 0},
		{"after a transaction's commit", after, together, 1},
		{"amid a transaction", amid, together, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			database := testkit.EmptyDatabase(t)
			direct, err := pgx.Connect(t.Context(), database)
			require.NoError(t, err)
			defer func() { _ = direct.Close(t.Context()) }()
			_, err = direct.Exec(t.Context(), `create schema connexie; create table connexie.notes (number int)`)
			require.NoError(t, err)

			p := startProxy(t, database)
			conn, err := pgx.Connect(t.Context(), p.url)
			require.NoError(t, err)
			p.arm(&point{side: row.side, words: "notes", number: 2}, func() {})
			require.NoError(t, row.do(conn), "it strikes at the second")
			require.False(t, p.struck.Load())
			require.Error(t, row.do(conn))
			require.True(t, p.struck.Load())

			var kept int
			require.NoError(t, direct.QueryRow(t.Context(), `select count(*) from connexie.notes`).Scan(&kept))
			require.Equal(t, 1+row.kept, kept)
		})
	}
}
