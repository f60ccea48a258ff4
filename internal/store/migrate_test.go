package store_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/pressly/goose/v3/lock"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// lastMigration is the newest version; each one before it has rows below.
var lastMigration = int64(len(migrations()))

// migrations are the files, which are numbered from 1 without a gap.
func migrations() []string {
	files, err := filepath.Glob("migrations/*.sql")
	if err != nil {
		panic(err)
	}
	return files
}

// rowsAfter are rows that a database may hold once a migration has run, so that the
// next one is tried on a database that holds data.
var rowsAfter = map[int64]string{
	1: `
		insert into eitje.organisations (id, name) values ('00000000-0000-7000-8000-000000000001', 'De Kade');
		insert into eitje.venues (id, organisation_id, name)
		values ('00000000-0000-7000-8000-000000000002', '00000000-0000-7000-8000-000000000001', 'Bar');
		insert into eitje.team_members (id, organisation_id, email)
		values ('00000000-0000-7000-8000-000000000003', '00000000-0000-7000-8000-000000000001', ' J@Example.com ');
		insert into eitje.contracts (id, team_member_id, type, start_date)
		values ('00000000-0000-7000-8000-000000000004', '00000000-0000-7000-8000-000000000003', 'flex', '2026-01-01');
		insert into eitje.entries (id, organisation_id, team_member_id, venue_id, day, state)
		values ('00000000-0000-7000-8000-000000000005', '00000000-0000-7000-8000-000000000001',
		        '00000000-0000-7000-8000-000000000003', '00000000-0000-7000-8000-000000000002', '2026-11-20', 'approved');
		insert into eitje.entry_extras (entry_id, kind, type, quantity)
		values ('00000000-0000-7000-8000-000000000005', 'meal', 'dinner', 1)`,
	2: `
		insert into connexie.connections (id, organisation_id, state, account_id, created_at)
		values ('00000000-0000-7000-8000-000000000006', '00000000-0000-7000-8000-000000000001', 'active', 'acc_1', now());
		insert into connexie.people (connection_id, connexie_id, email, email_state, employment_ended, modified_at, fingerprint)
		values ('00000000-0000-7000-8000-000000000006', 'per_1', 'j@example.com', 'valid', false, now(), '');
		insert into connexie.links (connection_id, team_member_id, connexie_id, linked_at)
		values ('00000000-0000-7000-8000-000000000006', '00000000-0000-7000-8000-000000000003', 'per_1', now());
		insert into connexie.sync_runs (id, connection_id, workflow_id, pass, trigger, mode, requested_by, day, stage, started_at)
		values ('00000000-0000-7000-8000-000000000007', '00000000-0000-7000-8000-000000000006', 'sync/x', 1, 'manual',
		        'apply', 'cli', '2026-11-22', 'reading', now());
		insert into connexie.notifications (id, organisation_id, connection_id, cause, subject, severity, next_step, opened_at)
		values ('00000000-0000-7000-8000-000000000008', '00000000-0000-7000-8000-000000000001',
		        '00000000-0000-7000-8000-000000000006', 'disputed', 'per_1', 'warning', 'Decide.', now())`,
	3: `
		insert into connexie.exports (id, connection_id, workflow_id, from_day, to_day, kinds, mode, requested_by, stage, started_at)
		values ('00000000-0000-7000-8000-000000000009', '00000000-0000-7000-8000-000000000006', 'export/x', '2026-11-01',
		        '2026-11-30', '{hours}', 'apply', 'cli', 'checking', now())`,
	4: `
		insert into connexie.people (connection_id, connexie_id, email, email_state, employment_ended, modified_at, fingerprint)
		values ('00000000-0000-7000-8000-000000000006', 'per_2', 'j@example.com', 'valid', false, now(), '')`,
	5: `
		insert into eitje.team_members (id, organisation_id, email)
		values ('00000000-0000-7000-8000-000000000010', '00000000-0000-7000-8000-000000000001', 'j@example.com')`,
	6: `
		update connexie.connections set failed_nights = 2`,
	7: `
		update eitje.entries set minutes = 480`,
	8: `
		insert into connexie.changes (id, run_id, connection_id, connexie_id, object, object_id, field, after, at, by)
		select '00000000-0000-7000-8000-000000000011', id, connection_id, 'per_1', 'link', 'x', 'connexie_id', 'per_1', now(), 'cli'
		  from connexie.sync_runs limit 1`,
	9: `
		insert into connexie.changes (id, act, act_id, connection_id, connexie_id, object, object_id, field, after, at, by)
		select '00000000-0000-7000-8000-000000000012', 'dispute', id, connection_id, 'per_1', 'dispute', 'x', 'decision', 'skip',
		       now(), 'cli'
		  from connexie.sync_runs limit 1`,
	10: `
		update connexie.notifications set read_at = now()`,
	11: `
		insert into connexie.holds (id, connection_id, connexie_id, until, reason, by, created_at)
		select '00000000-0000-7000-8000-000000000014', id, 'per_1', '2026-12-31', 'Away.', 'cli', now()
		  from connexie.connections limit 1`,
	12: `
		update eitje.team_members set first_name = 'J', last_name = 'Jansen', date_of_birth = '1999-04-01', phone = '+31 6 12345678'`,
	13: `
		insert into connexie.readings (connection_id, started_at) select id, now() from connexie.connections;
		insert into connexie.reading_pages (reading, page, ids) select number, 1, '{per_1}' from connexie.readings`,
	14: `
		insert into connexie.dispute_decisions (id, connection_id, connexie_id, decision, dispute, email_key, candidates, decided_by, decided_at)
		select '00000000-0000-7000-8000-000000000015', id, 'per_2', 'skip', 'likely_duplicate', 'j@example.com', '{}', 'cli', now()
		  from connexie.connections limit 1`,
	15: `
		insert into connexie.nights (id, night, workflow_id, started_at)
		values ('00000000-0000-7000-8000-000000000016', '2026-11-22', 'nightly-sync', now())`,
}

func TestMigrate_EachMigrationOnADatabaseThatHoldsData(t *testing.T) {
	t.Parallel()
	url := testkit.EmptyDatabase(t)
	connection, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer func() { _ = connection.Close(t.Context()) }()
	for version := int64(1); version <= lastMigration; version++ {
		from, to, err := store.MigrateTo(t.Context(), url, version, say)
		require.NoError(t, err)
		require.Equal(t, version-1, from)
		require.Equal(t, version, to)
		if rows := rowsAfter[version]; rows != "" {
			_, err = connection.Exec(t.Context(), rows)
			require.NoError(t, err)
		} else {
			require.Equal(t, lastMigration, version, "migration %d is tried on no data: add rows to rowsAfter", version)
		}
	}
	var members, hours int
	require.NoError(t, connection.QueryRow(t.Context(), `select count(*) from eitje.team_members`).Scan(&members))
	require.NoError(t, connection.QueryRow(t.Context(), `select count(*) from eitje.hours`).Scan(&hours))
	require.Equal(t, 2, members)
	require.Equal(t, 1, hours)
}

func TestMigrate_ASecondTimeDoesNothing(t *testing.T) {
	t.Parallel()
	url := testkit.EmptyDatabase(t)
	var said []string
	from, to, err := store.Migrate(t.Context(), url, func(message string) { said = append(said, message) })
	require.NoError(t, err)
	require.Equal(t, []int64{0, lastMigration}, []int64{from, to})
	require.Len(t, said, int(lastMigration))

	before := testkit.TakeSnapshot(t, url)
	from, to, err = store.Migrate(t.Context(), url, func(message string) { t.Errorf("said %q", message) })
	require.NoError(t, err)
	require.Equal(t, []int64{lastMigration, lastMigration}, []int64{from, to})
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, url))
}

func TestMigrate_SeveralProcessesAtOnceWaitForEachOther(t *testing.T) {
	t.Parallel()
	url := testkit.EmptyDatabase(t)
	var group errgroup.Group
	for range 3 {
		group.Go(func() error {
			_, to, err := store.Migrate(t.Context(), url, say)
			if err == nil && to != lastMigration {
				t.Errorf("a migration ended at version %d", to)
			}
			return err
		})
	}
	require.NoError(t, group.Wait())
}

func TestMigrate_WhileAnotherHoldsTheLockNothingIsMigrated(t *testing.T) {
	t.Parallel()
	url := testkit.EmptyDatabase(t)
	other, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer func() { _ = other.Close(t.Context()) }()
	_, err = other.Exec(t.Context(), `select pg_advisory_lock($1)`, lock.DefaultLockID)
	require.NoError(t, err)

	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	_, _, err = store.Migrate(ctx, url, func(message string) { t.Errorf("said %q", message) })
	require.ErrorIs(t, err, context.DeadlineExceeded)

	_, err = other.Exec(t.Context(), `select pg_advisory_unlock($1)`, lock.DefaultLockID)
	require.NoError(t, err)
	_, to, err := store.Migrate(t.Context(), url, say)
	require.NoError(t, err)
	require.Equal(t, lastMigration, to)
}

func TestPendingMigrations_CountsAndWritesNothing(t *testing.T) {
	t.Parallel()
	url := testkit.EmptyDatabase(t)
	opened, err := store.Open(t.Context(), url, 1)
	require.NoError(t, err)
	defer opened.Close()
	pending, err := opened.PendingMigrations(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, lastMigration, pending)

	_, _, err = store.MigrateTo(t.Context(), url, 2, say)
	require.NoError(t, err)
	pending, err = opened.PendingMigrations(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, lastMigration-2, pending)
}

func say(string) {}
