package store_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/testkit"
)

// aboutNobody are the columns that say nothing about a person, or that stay for a reason:
// ids of people and programs who did something, words of ours, and what a period's export
// is made of. Whoever adds a column that may hold something about the person that its row
// is about adds it to erasureSteps; any other is added here.
var aboutNobody = []string{
	"eitje.organisations.*", "eitje.venues.*",
	"eitje.contracts.connexie_contract_id", "eitje.contracts.type", "eitje.contracts.start_date", "eitje.contracts.end_date",
	"eitje.entries.*", "eitje.entry_extras.*",
	"connexie.connections.*", "connexie.connection_tokens.*", "connexie.venues.*", "connexie.wage_codes.*",
	"connexie.venue_mappings.*", "connexie.code_mappings.*", "connexie.list_etags.*",
	// The id stays as long as an export may need it.
	"connexie.links.connexie_id", "connexie.export_lines.*", "connexie.export_skips.*",
	"connexie.exports.*", "connexie.export_venues.*", "connexie.current_imports.*", "connexie.exported_entries.*",
	"connexie.sync_runs.trigger", "connexie.sync_runs.mode", "connexie.sync_runs.night", "connexie.sync_runs.requested_by",
	"connexie.sync_runs.day", "connexie.sync_runs.stage", "connexie.sync_runs.counts", "connexie.sync_runs.outcome",
	"connexie.sync_runs.problem", // the type of an error
	"connexie.nights.*", "connexie.night_connections.*",
	"connexie.changes.object", "connexie.changes.object_id", "connexie.changes.field", "connexie.changes.by", "connexie.changes.act",
	"connexie.reading_pages.ids", // holds several people: the other test looks at it
	"connexie.erasures.*", "connexie.housekeepings.*",
	"connexie.notification_channels.*",
	"connexie.ending_notes.*", // its row names the ending alone: the other test looks for what it said
	// They go with their notification: the other test looks for what it said.
	"connexie.notification_events.*", "connexie.notification_deliveries.*",
}

// column of a table, and how a trace of a person would stand in it.
type tracedColumn struct{ table, name, trace string }

// sweepTrace is found in a row's JSON however it was written.
const sweepTrace = "4711"

// tracedColumns are all columns that could hold something about a person, and are not
// known to be about nobody.
func (x *erasing) tracedColumns(t *testing.T) []tracedColumn {
	t.Helper()
	const query = `
		select format('%I.%I', table_schema, table_name), column_name,
		       case data_type when 'jsonb' then '["4711"]' when 'ARRAY' then '{4711}' when 'date' then '4711-01-01'
		                      when 'numeric' then '4711' when 'bytea' then '4711' else 'Sweep4711' end
		  from information_schema.columns
		  join information_schema.tables using (table_schema, table_name)
		 where table_schema in ('eitje', 'connexie') and table_type = 'BASE TABLE' and is_generated = 'NEVER'
		   and data_type not in ('uuid', 'boolean', 'smallint', 'integer', 'bigint', 'timestamp with time zone', 'interval', 'daterange', 'USER-DEFINED')
		 order by 1, 2`
	rows, err := x.Pool.Query(t.Context(), query)
	require.NoError(t, err)
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (column tracedColumn, err error) {
		return column, row.Scan(&column.table, &column.name, &column.trace)
	})
	require.NoError(t, err)
	return slices.DeleteFunc(found, func(column tracedColumn) bool {
		return slices.Contains(aboutNobody, column.table+".*") || slices.Contains(aboutNobody, column.table+"."+column.name)
	})
}

// Every column is either erased or known to be about nobody: a trace is written into each
// in turn, in the rows of the person, and must be gone afterwards. A new column is found
// here without anybody thinking of it.
func TestErasure_N5_EveryColumnIsErasedOrAboutNobody(t *testing.T) {
	t.Parallel()
	x := newErasing(t)
	columns := x.tracedColumns(t)
	require.Greater(t, len(columns), 50)
	for _, column := range columns {
		require.Positive(t, x.trace(t, column), "no row of %s is about the person whose erasure is tried: "+
			"add one to newErasing, and the table to erasureSteps; or, where its rows are about nobody, to aboutNobody", column.table)
	}
	x.erase(t)
	for table := range x.found(t, sweepTrace) {
		var names []string
		for _, column := range columns {
			if column.table == table {
				names = append(names, column.name)
			}
		}
		require.Fail(t, "something about the person is left", "%s, in one of %s: erase it in erasureSteps, or list it in aboutNobody",
			table, strings.Join(names, ", "))
	}
}

// trace writes a trace into the column of every row that names the person, and returns how
// many rows those are. An id by which the row is found stays; a column that takes a fixed
// set of words, or is part of a key, refuses the trace.
func (x *erasing) trace(t *testing.T, column tracedColumn) (rows int) {
	t.Helper()
	const theirs = ` where to_jsonb(r)::text like any (array['%emp_gone%', '%'||$1||'%'])`
	_, _ = x.Pool.Exec(t.Context(), `update `+column.table+` r set `+column.name+` = '`+column.trace+`'`+theirs+`
		   and coalesce(r.`+column.name+`::text, '') not in ('emp_gone', $1)`, x.member)
	return testkit.Value[int](t, x.DB, `select count(*) from `+column.table+` r`+theirs, x.member)
}

// The lists are of columns that are there.
func TestErasure_N5_TheListOfColumnsIsOfThoseThatAreThere(t *testing.T) {
	t.Parallel()
	x := exporting{DB: testkit.New(t)}
	there := testkit.Value[[]string](t, x.DB, `
		select array_agg(distinct name) from (
		    select format('%I.%I.%I', table_schema, table_name, column_name) as name from information_schema.columns
		    union all
		    select format('%I.%I.*', table_schema, table_name) from information_schema.tables) n`)
	for _, name := range aboutNobody {
		require.Contains(t, there, name)
	}
}
