package store_test

import (
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// A first reading fills tables that PostgreSQL takes for empty, because nobody has
// counted them yet. Whatever compares everyone with everyone then compares pairs: the
// pairs that a join throws away must not grow with the square of the people.
func TestSync_StatementsAboutEveryoneJoinSetsAlsoBeforeAnybodyCountedTheRows(t *testing.T) {
	t.Parallel()
	const people = 1500
	db := testkit.New(t)
	for _, table := range []string{
		"eitje.team_members", "connexie.people", "connexie.person_contracts", "connexie.links", "connexie.reading_pages",
	} {
		db.Exec(t, `alter table `+table+` set (autovacuum_enabled = false)`)
	}
	organisation := db.Organisation(t)
	connection := db.Connection(t, organisation)
	db.Exec(t, `insert into connexie.people (connection_id, connexie_id, email, email_state, employment_ended, modified_at, fingerprint)
		select $1, 'p_' || i, i || '@example.com', 'valid', false, 'epoch', '' from generate_series(1, $2::int) i`, connection.ID, people)
	db.Exec(t, `insert into connexie.person_contracts (connection_id, connexie_id, contract_id, type, start_date, venue_id)
		select $1, 'p_' || i, 'c_' || i, 'flex', '2026-01-01', 'ven_1' from generate_series(1, $2::int) i`, connection.ID, people)
	db.Exec(t, `insert into eitje.team_members (id, organisation_id, email)
		select gen_random_uuid(), $1, i || '@example.com' from generate_series(1, $2::int) i`, organisation, people)
	reading, err := db.Store.StartReading(t.Context(), connection.ID, now)
	require.NoError(t, err)
	db.Exec(t, `insert into connexie.reading_pages (reading, page, ids)
		select $1, 1, array_agg('p_' || i) from generate_series(1, $2::int) i`, reading, people)

	for name, statement := range map[string]struct {
		sql   string
		named map[string]any
	}{
		"S9_compare": {store.ComparePeople, map[string]any{
			"connection_id": connection.ID, "day": domain.DayOf(now), "standing_causes": []string{},
		}},
		"S14_missing": {store.MarkMissingPeople, map[string]any{
			"connection_id": connection.ID, "reading": reading, "nameless": false, "now": now,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lines, err := db.Store.Explain(t.Context(), statement.sql, statement.named)
			require.NoError(t, err)
			for _, line := range lines {
				if found := regexp.MustCompile(`Rows Removed by Join Filter: (\d+)`).FindStringSubmatch(line); found != nil {
					pairs, err := strconv.Atoi(found[1])
					require.NoError(t, err)
					require.Less(t, pairs, 10*people, "%s", lines)
				}
			}
		})
	}
}

// The check of a foreign key to people is planned once a session, perhaps over an empty
// table, where any index that begins like the primary key seems as good.
func TestSync_NoIndexOfPeopleLooksLikeThePrimaryKey(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	require.Equal(t, []string{"people_pkey"}, testkit.Value[[]string](t, db, `
		select array_agg(c.relname::text order by c.relname)
		  from pg_index x
		  join pg_class c on c.oid = x.indexrelid
		  join pg_attribute a on a.attrelid = x.indrelid and a.attnum = x.indkey[0]
		 where x.indrelid = 'connexie.people'::regclass and a.attname = 'connection_id'`))
}
