package store_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// The first export reads tables that nobody has counted, too. What it does must grow with
// the entries, not with entries times people or contracts, and a query for each entry is
// as bad.
func TestSnapshotExport_JoinsSetsAlsoBeforeAnybodyCountedTheRows(t *testing.T) {
	t.Parallel()
	const people, days = 300, 10
	x, _ := newExportable(t)
	for _, table := range []string{"eitje.entries", "eitje.entry_extras", "eitje.contracts", "connexie.links"} {
		x.Exec(t, `alter table `+table+` set (autovacuum_enabled = false)`)
	}
	x.Exec(t, `with members as (
			insert into eitje.team_members (id, organisation_id) select gen_random_uuid(), $1 from generate_series(1, $2::int)
			returning id),
		linked as (
			insert into connexie.links (connection_id, team_member_id, connexie_id, linked_at)
			select $3, id, 'p_' || row_number() over (), now() from members),
		held as (
			insert into eitje.contracts (id, team_member_id, connexie_contract_id, type, start_date)
			select gen_random_uuid(), id, 'c_' || i, 'flex', date '2026-10-30' + i from members, generate_series(1, 4) i)
		insert into eitje.entries (id, organisation_id, team_member_id, venue_id, day, minutes, state)
		select gen_random_uuid(), $1, id, $4, date '2026-11-01' + i, 480, 'approved' from members, generate_series(1, $5::int) i`,
		x.organisation, people, x.connection, x.venue, days)
	x.Exec(t, `insert into eitje.entry_extras select id, 'meal', 'lunch', 1 from eitje.entries`)

	plan, err := x.Store.Explain(t.Context(), store.FreezeExport, map[string]any{
		"export_id": x.export, "connection_id": x.connection, "organisation_id": x.organisation,
		"from_day": "2026-11-01", "to_day": "2026-11-30", "kinds": []string{"hours", "meals"}, "max_minutes": domain.MaxEntryMinutes,
	})
	require.NoError(t, err)
	requireFewPairs(t, plan, 10*people*days)
	all := strings.Join(plan, "\n")
	require.Contains(t, all, "Insert on export_lines")
	require.NotContains(t, all, "Nested Loop", "%s", all)
	require.NotContains(t, all, "SubPlan", "%s", all)
}

// A function that is not inlined is called with an executor of its own, once an entry or
// more often: that doubles what the snapshot of 100,000 entries takes.
func TestSnapshotExport_FunctionsOfAnEntryAreInlined(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	plan := testkit.Value[string](t, db, `explain (verbose, format json)
		select eitje.net_minutes(starts_at, ends_at, break_minutes, minutes),
		       eitje.content_hash(team_member_id, venue_id, day, minutes, kind)
		  from eitje.entries`)
	require.Contains(t, plan, "md5")
	require.NotContains(t, plan, "net_minutes(")
	require.NotContains(t, plan, "content_hash(")
}
