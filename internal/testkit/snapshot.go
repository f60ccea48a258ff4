package testkit

import (
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// Snapshot is every row version of the schemas eitje and connexie, by table: where
// the version lies, which transaction wrote it, and what it says. A row that was
// written again is another version, even where it says the same; two equal snapshots
// therefore prove that nothing was written between them (S9).
type Snapshot map[string][]string

// TakeSnapshot reads the row versions of a database at one moment, tables named like
// connexie.sync_runs left out.
func TakeSnapshot(t testing.TB, databaseURL string, leaveOut ...string) Snapshot {
	t.Helper()
	connection, err := pgx.Connect(t.Context(), databaseURL)
	require.NoError(t, err)
	defer func() { _ = connection.Close(t.Context()) }()
	tx, err := connection.BeginTx(t.Context(), pgx.TxOptions{
		IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly,
	})
	require.NoError(t, err)
	defer func() { _ = tx.Rollback(t.Context()) }()
	snapshot := Snapshot{}
	for _, table := range tables(t, tx) {
		if !slices.Contains(leaveOut, table) {
			snapshot[table] = rowVersions(t, tx, table)
		}
	}
	return snapshot
}

// Rows counts the row versions of a table.
func (s Snapshot) Rows(table string) int { return len(s[table]) }

// RequireUnchanged fails the test, naming the tables, where a row was written.
func (s Snapshot) RequireUnchanged(t testing.TB, later Snapshot) {
	t.Helper()
	for table, versions := range later {
		require.Equal(t, s[table], versions, "rows of %s were written", table)
	}
	require.Len(t, later, len(s), "the snapshots are of other tables")
}

func tables(t testing.TB, tx pgx.Tx) []string {
	t.Helper()
	const query = `
		select format('%I.%I', n.nspname, c.relname)
		  from pg_catalog.pg_class c
		  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
		 where n.nspname in ('eitje', 'connexie') and c.relkind = 'r'
		 order by 1`
	return texts(t, tx, query)
}

func rowVersions(t testing.TB, tx pgx.Tx, table string) []string {
	t.Helper()
	return texts(t, tx, `select format('%s written by %s: %s', ctid, xmin, to_jsonb(r)) from `+table+` r order by ctid`)
}

func texts(t testing.TB, tx pgx.Tx, query string) []string {
	t.Helper()
	rows, err := tx.Query(t.Context(), query)
	require.NoError(t, err)
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	return found
}
