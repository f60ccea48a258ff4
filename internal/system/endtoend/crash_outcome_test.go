package endtoend

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// outcome is all that both schemas hold, by table, written so that two systems which
// went through the same can be compared: no instants, and stable names in place of
// ids that are drawn at random. Rows are in no order.
type outcome map[string][]string

// attempts are the tables that count attempts, of which a crash makes more.
var attempts = []string{"connexie.fences"}

// drawn are columns whose value differs from system to system by its nature: ids that
// nobody refers to, what was sealed, and what covers the instant of the last change in
// Connexie, as fingerprints and ETags do. Attempts draw numbers of readings, so that a
// run which is opened by another attempt has another one. A night that is repeated calls the run that it had
// started one that it joined.
var drawn = map[string][]string{
	"connexie.changes":             {"id"},
	"connexie.notifications":       {"id"},
	"connexie.notification_events": {"number", "notification_id"},
	"connexie.endings":             {"ended_number"},
	"connexie.connection_tokens":   {"ciphertext", "key_id"},
	"connexie.people":              {"fingerprint"},
	"connexie.list_etags":          {"etag"},
	"connexie.sync_runs":           {"opened_number"},
	"connexie.night_connections":   {"joined"},
	"connexie.export_lines":        {"content_hash"},
	"connexie.export_venues":       {"attempt", "connexie_import_id", "sent"},
	"connexie.exported_entries":    {"content_hash"},
	"connexie.repair_moves":        {"before", "after"},
}

// outcome reads the tables of a system that has this one organisation.
func (o *organisation) outcome(t *testing.T) outcome {
	t.Helper()
	names, reading := o.stableNames(t), o.completedReading(t)
	found := outcome{}
	tables := list(t, o.system, pgx.RowTo[string],
		`select table_schema || '.' || table_name from information_schema.tables
		  where table_schema in ('eitje', 'connexie') and table_type = 'BASE TABLE'`)
	require.Greater(t, len(tables), 20)
	for _, table := range tables {
		if slices.Contains(attempts, table) {
			continue
		}
		instants := list(t, o.system, pgx.RowTo[string],
			`select column_name from information_schema.columns
			  where table_schema || '.' || table_name = $1 and data_type like 'timestamp%'`, table)
		rows := []string{}
		for _, row := range list(t, o.system, pgx.RowTo[map[string]any], `select to_jsonb(r) from `+table+` r`) {
			if nameReading(table, row, reading) {
				rows = append(rows, names.Replace(stable(t, table, row, instants)))
			}
		}
		slices.Sort(rows)
		found[table] = rows
	}
	return found
}

// stable is a row without what differs from system to system by its nature.
func stable(t *testing.T, table string, row map[string]any, instants []string) string {
	t.Helper()
	for _, column := range drawn[table] {
		delete(row, column)
	}
	for _, column := range instants {
		row[column] = row[column] != nil
	}
	// The audit of an ending, and of a repair, tells the instants at which they archived or deactivated.
	if field := row["field"]; table == "connexie.changes" && (field == "archived_at" || field == "deactivated_at") {
		row["before"], row["after"] = row["before"] != nil, row["after"] != nil
	}
	encoded, err := json.Marshal(row)
	require.NoError(t, err)
	return string(encoded)
}

// stableNames gives every id that is drawn at random a name by what it stands for.
func (o *organisation) stableNames(t *testing.T) *strings.Replacer {
	t.Helper()
	const query = `
		select id::text, 'connection' from connexie.connections
		union all
		select l.team_member_id::text, 'member of ' || l.connexie_id
		  from connexie.links l where l.team_member_id <> all($1::uuid[])
		union all
		select c.id::text, format('contract %s from %s of %s', c.connexie_contract_id, c.start_date,
		       coalesce(l.connexie_id, c.team_member_id::text))
		  from eitje.contracts c left join connexie.links l using (team_member_id)
		union all
		select t.id::text, 'unlinked ' || row_number() over (order by t.id)
		  from eitje.team_members t
		 where t.id <> all($1::uuid[]) and t.id not in (select team_member_id from connexie.links)
		union all
		select id::text, 'decision about ' || connexie_id from connexie.dispute_decisions
		union all
		select id::text, 'run ' || row_number() over (order by started_at, pass) from connexie.sync_runs
		union all
		select id::text, 'repair ' || row_number() over (order by repaired_at) from connexie.repairs
		union all
		select undo_id::text, 'undo ' || row_number() over (order by repaired_at) from connexie.repairs where undo_id is not null
		union all
		select id::text, 'night ' || row_number() over (order by started_at) from connexie.nights
		union all
		select id::text, 'ending ' || row_number() over (order by opened_at) from connexie.endings
		union all
		select id::text, 'export ' || row_number() over (order by started_at) from connexie.exports
		union all
		select connexie_import_id, format('import of %s in export %s', connexie_venue_id,
		       dense_rank() over (order by (select started_at from connexie.exports where id = export_id)))
		  from connexie.export_venues where connexie_import_id is not null
		union all
		select workflow_id, 'night workflow ' || row_number() over (order by started_at) from connexie.nights`
	var seeded []string
	for _, profile := range o.Organisation.Profiles {
		seeded = append(seeded, profile.ID)
	}
	type named struct{ ID, Name string }
	var pairs []string
	for _, found := range list(t, o.system, pgx.RowToStructByPos[named], query, seeded) {
		pairs = append(pairs, found.ID, found.Name)
	}
	return strings.NewReplacer(pairs...)
}

// completedReading is the number of the latest reading that was completed, or zero.
func (o *organisation) completedReading(t *testing.T) float64 {
	t.Helper()
	return value[float64](t, o.system, `select coalesce(max(number), 0) from connexie.readings where completed_at is not null`)
}

// nameReading writes "completed" for the number of the reading that was completed
// last. It reports whether the row is of interest: what an attempt that died had read
// waits to be pruned.
func nameReading(table string, row map[string]any, completed float64) bool {
	column := map[string]string{
		"connexie.readings": "number", "connexie.reading_pages": "reading", "connexie.sync_runs": "reading",
	}[table]
	number, known := row[column].(float64)
	switch {
	case !known:
		return true
	case number == completed:
		row[column] = "completed"
	default:
		row[column] = "another"
	}
	return number == completed || table == "connexie.sync_runs"
}

// requireSame fails the test, naming the table, where two outcomes differ.
func (want outcome) requireSame(t *testing.T, got outcome) {
	t.Helper()
	require.NotEmpty(t, want["connexie.changes"])
	require.Len(t, got, len(want))
	for table, rows := range want {
		require.Equal(t, rows, got[table], "rows of %s", table)
	}
}
