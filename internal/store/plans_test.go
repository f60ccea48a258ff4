package store_test

import (
	"fmt"
	"regexp"
	"strconv"
	"testing"
	"time"

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
		"connexie.sync_items", "connexie.person_standings", "connexie.holds", "connexie.dispute_decisions",
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
	run := open(t, db, fullRun(t, connection.ID)).ID
	db.Exec(t, `insert into connexie.sync_items (run_id, connexie_id, situation, action, rule)
		select $1, 'p_' || i, 'new', 'create', 'S4' from generate_series(1, $2::int / 2) i`, run, people)
	db.Exec(t, `insert into connexie.person_standings (connection_id, connexie_id, situation, reason, rule, since)
		select $1, 'p_' || i, 'skipped', 'no_contract', 'S3', now() from generate_series(1, $2::int) i`, connection.ID, people)

	db.Exec(t, `insert into connexie.holds (id, connection_id, connexie_id, until, reason, by, created_at)
		select gen_random_uuid(), $1, 'p_' || i, 'infinity', '', 'cli', now() from generate_series(1, $2::int) i`, connection.ID, people)
	db.Exec(t, `insert into connexie.dispute_decisions (id, connection_id, connexie_id, decision, dispute, email_key, candidates,
		       decided_by, decided_at)
		select gen_random_uuid(), $1, 'p_' || i, 'skip', '', '', '{}', 'cli', now() from generate_series(1, $2::int) i`, connection.ID, people)

	for name, statement := range map[string]struct {
		sql   string
		named map[string]any
	}{
		"the counts of a run": {store.CountRun, map[string]any{"run_id": run}},
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
			requireFewPairs(t, lines, 10*people)
		})
	}
}

// requireFewPairs holds the pairs that any join of a plan throws away below a limit.
func requireFewPairs(t *testing.T, plan []string, limit int) {
	t.Helper()
	for _, line := range plan {
		if found := regexp.MustCompile(`Rows Removed by Join Filter: (\d+)`).FindStringSubmatch(line); found != nil {
			pairs, err := strconv.Atoi(found[1])
			require.NoError(t, err)
			require.Less(t, pairs, limit, "%s", plan)
		}
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

// A connection to the database may have planned its statements when there was nobody
// yet, and an organisation of thousands comes in after that. What is done for a few
// people must go on reading the rows of those few, or a first synchronisation grows
// with the square of the people.
func TestSync_StatementsAboutAFewReadTheRowsOfThoseFewAlone(t *testing.T) {
	t.Parallel()
	const few, others = 20, 2000
	w := newCrowd(t)
	page := store.MirrorPage{ConnectionID: w.connection, People: w.people(1, few, now)}
	_, err := w.store.SavePage(t.Context(), page)
	require.NoError(t, err)
	later := store.MirrorPage{ConnectionID: w.connection, People: w.people(1, few, now.Add(time.Hour))}
	read := func() (saving, applying map[string]int) {
		saving, err := w.store.RowsReadSaving(t.Context(), later)
		require.NoError(t, err)
		applying, err = w.store.RowsReadApplying(t.Context(), w.batch(1, few), now)
		require.NoError(t, err)
		return saving, applying
	}
	for range 10 { // PostgreSQL keeps a plan after five times
		read()
	}
	for from := 1 + few; from <= others; from += 500 {
		_, err := w.store.SavePage(t.Context(), store.MirrorPage{ConnectionID: w.connection, People: w.people(from, from+499, now)})
		require.NoError(t, err)
		require.NoError(t, w.store.ApplyBatch(t.Context(), w.batch(from, from+499), now))
	}
	saving, applying := read()
	for table, rows := range applying {
		require.Less(t, rows, 20*few, "applying reads %s", table)
	}
	for table, rows := range saving {
		require.Less(t, rows, 20*few, "saving reads %s", table)
	}
	require.GreaterOrEqual(t, applying["people"], few, "nothing was counted")
}

// crowd is a connection whose people are all new, and a store that has one connection
// to the database.
type crowd struct {
	store      *store.Store
	connection string
	run        string
}

func newCrowd(t *testing.T) crowd {
	t.Helper()
	db := testkit.New(t)
	for _, table := range []string{
		"eitje.team_members", "eitje.contracts", "eitje.team_member_venues", "connexie.people", "connexie.person_contracts",
		"connexie.links", "connexie.person_standings", "connexie.sync_items", "connexie.changes", "connexie.notifications",
	} {
		db.Exec(t, `alter table `+table+` set (autovacuum_enabled = false)`)
	}
	organisation := db.Organisation(t)
	w := crowd{connection: db.Connection(t, organisation).ID, run: testkit.ID(t)}
	venue := db.Venue(t, organisation, "Bar")
	db.ConnexieVenues(t, w.connection, "ven_1", "Bar")
	db.Exec(t, `insert into connexie.venue_mappings (connection_id, venue_id, connexie_venue_id, decided_at, decided_by)
		values ($1, $2, 'ven_1', $3, 'cli') on conflict do nothing`, w.connection, venue, now)
	_, err := db.Store.OpenRun(t.Context(), store.RunOpening{
		ID: w.run, ConnectionID: w.connection, WorkflowID: "sync", Pass: 1, Trigger: store.TriggerManual,
		Mode: store.ModeApply, RequestedBy: "cli", Day: today,
	}, now)
	require.NoError(t, err)
	w.store, err = store.Open(t.Context(), db.URL, 1)
	require.NoError(t, err)
	t.Cleanup(w.store.Close)
	return w
}

func (w crowd) people(from, to int, modified time.Time) []domain.Person {
	var people []domain.Person
	for i := from; i <= to; i++ {
		person := wholePerson()
		person.ID, person.Email, person.ModifiedAt = crowdID(i), crowdID(i)+"@example.com", modified
		person.FirstName, person.Phone = crowdID(i), domain.Sent(fmt.Sprintf("06%08d", i))
		for j := range person.Contracts {
			person.Contracts[j].VenueID, person.Contracts[j].AdditionalVenueIDs = "ven_1", nil
		}
		people = append(people, person)
	}
	return people
}

func (w crowd) batch(from, to int) store.Batch {
	batch := store.Batch{Run: store.PlanOwner{RunID: w.run, ConnectionID: w.connection}, Day: today, By: "cli"}
	for i := from; i <= to; i++ {
		batch.ConnexieIDs = append(batch.ConnexieIDs, crowdID(i))
	}
	return batch
}

func crowdID(i int) string { return fmt.Sprintf("p_%05d", i) }
