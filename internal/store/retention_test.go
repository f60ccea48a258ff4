package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

var terms = domain.Retention{Mirror: 90, Runs: 90, Previews: 7, Lines: 400, Changes: 400, Notifications: 180, Erased: 400}

// keepHouse does every task to its end, in batches, and returns what went.
func keepHouse(t *testing.T, db *testkit.DB, at time.Time, limit int) domain.Counts {
	t.Helper()
	gone := domain.Counts{}
	for _, task := range domain.RetentionTasks() {
		before, has := terms.Before(task, at)
		require.True(t, has)
		for range 10_000 {
			number, err := db.Store.Prune(t.Context(), store.Pruning{Task: task, Before: before, Limit: limit, Now: at})
			require.NoError(t, err, task)
			require.LessOrEqual(t, number, limit+2, "a batch is a batch")
			if number == 0 {
				break
			}
			gone[string(task)] += number
		}
	}
	return gone
}

// year writes a year of nights behind an organisation: a row of each kind for every day.
func (x *erasing) year(t *testing.T) {
	t.Helper()
	x.Exec(t, `
		insert into connexie.people (connection_id, connexie_id, email_state, employment_ended, modified_at, fingerprint, missing_since)
		select $1, 'emp_y'||n, 'blank', true, now(), '', $2::timestamptz - n * interval '1 day' from generate_series(1, 365) n`, x.connection, now)
	x.Exec(t, `
		with run as (
		    insert into connexie.sync_runs (id, connection_id, workflow_id, pass, trigger, mode, requested_by, day, stage, outcome, started_at, closed_at)
		    select gen_random_uuid(), $1::uuid, 'sync/'||$1::uuid, 1, 'nightly', 'apply', 'cli', ($2::timestamptz - n * interval '1 day')::date, 'closed', 'ok',
		           $2::timestamptz - n * interval '1 day', $2::timestamptz - n * interval '1 day'
		      from generate_series(1, 500) n
		    returning id, closed_at),
		items as (
		    insert into connexie.sync_items (run_id, connexie_id, situation, action, rule)
		    select id, 'emp_'||k, 'linked', 'update', 'S8' from run cross join generate_series(1, 3) k)
		insert into connexie.changes (id, run_id, connection_id, connexie_id, object, object_id, field, before, after, at, by)
		select gen_random_uuid(), id, $1::uuid, 'emp_1', 'team_member', 'x', 'phone', 'old', 'new', closed_at, 'cli' from run`, x.connection, now)
	x.Exec(t, `
		insert into connexie.notifications (id, organisation_id, connection_id, cause, subject, severity, next_step, opened_at, closed_at)
		select gen_random_uuid(), $1, $2, 'email_blank', 'emp_'||n, 'info', 'Fill it in.', $3::timestamptz - n * interval '1 day',
		       case when n % 2 = 0 then $3::timestamptz - n * interval '1 day' end
		  from generate_series(1, 365) n`, x.organisation, x.connection, now)
	x.Exec(t, `
		insert into connexie.nights (id, night, workflow_id, outcome, started_at, closed_at)
		select gen_random_uuid(), current_date, 'nightly-sync-'||n, 'ok', $1::timestamptz - n * interval '1 day', $1::timestamptz - n * interval '1 day'
		  from generate_series(1, 365) n`, now)
	x.Exec(t, `
		insert into connexie.readings (connection_id, started_at, completed_at)
		select $1, $2::timestamptz - n * interval '1 day', case when n % 5 = 0 then now() end from generate_series(1, 365) n`, x.connection, now)
}

func TestRetention_N5_AYearIsPrunedToItsTermsInBatchesAndOnlyOnce(t *testing.T) {
	t.Parallel()
	x := newErasing(t)
	x.year(t)
	kept := func(query string) int { return testkit.Value[int](t, x.DB, query) }
	links := kept(`select count(*) from connexie.links`)
	changes := kept(`select count(*) from connexie.changes`)
	runs := kept(`select count(*) from connexie.sync_runs`)
	_, err := x.read(t, oneKey, x.person, colleague("emp_stays", "stays@example.org"))
	require.NoError(t, err)
	require.NotEmpty(t, x.etag(t))

	gone := keepHouse(t, x.DB, now, 7)
	require.Equal(t, 275, gone["mirror"], "those who are missing for longer than 90 days")
	require.Equal(t, 90, kept(`select count(*) from connexie.people where connexie_id like 'emp\_y%'`))
	require.Empty(t, x.etag(t), "whoever comes back is read")
	require.Equal(t, links, kept(`select count(*) from connexie.links`))
	require.Equal(t, 90*3, kept(`select count(*) from connexie.sync_items where connexie_id in ('emp_1', 'emp_2', 'emp_3')`))
	require.Equal(t, runs, kept(`select count(*) from connexie.sync_runs`), "their counts stay")
	require.Equal(t, changes, kept(`select count(*) from connexie.changes`), "that something changed stays (S10)")
	require.Equal(t, 400, kept(`select count(*) from connexie.changes where field = 'phone' and before = 'old'`))
	require.Equal(t, 90, kept(`select count(*) from connexie.notifications where cause = 'email_blank' and closed_at is not null`))
	require.Equal(t, 183, kept(`select count(*) from connexie.notifications where cause = 'email_blank' and closed_at is null`), "whatever its age")
	require.Equal(t, 90, kept(`select count(*) from connexie.nights`))
	require.LessOrEqual(t, kept(`select count(*) from connexie.readings`), 92)

	before := testkit.TakeSnapshot(t, x.URL)
	require.Empty(t, keepHouse(t, x.DB, now, 1000))
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, x.URL))
	require.Equal(t, domain.Counts{"mirror": 1, "nights": 1, "notifications": 1, "changes": 1, "runs": 4},
		keepHouse(t, x.DB, now.AddDate(0, 0, 1), 1000), "the next day one day more")
}

func TestRetention_N5_NothingGoesThatIsNeeded(t *testing.T) {
	t.Parallel()
	x := newErasing(t)
	later := now.AddDate(10, 0, 0)
	open(t, x.DB, fullRun(t, x.connection))
	x.Exec(t, `update connexie.people set missing_since = now() - interval '9 years'`)
	names := []string{
		"connexie.links", "connexie.people", "connexie.person_contracts", "connexie.export_lines", "connexie.exports", "connexie.export_venues",
		"connexie.current_imports", "connexie.exported_entries", "eitje.team_members", "eitje.contracts", "eitje.entries",
	}
	before := testkit.TakeSnapshot(t, x.URL)
	openNotices := testkit.Value[int](t, x.DB, `select count(*) from connexie.notifications where closed_at is null`)
	keepHouse(t, x.DB, later, 1000)
	after := testkit.TakeSnapshot(t, x.URL)
	for _, table := range names {
		require.Equal(t, before[table], after[table], table)
	}
	require.Equal(t, openNotices, testkit.Value[int](t, x.DB, `select count(*) from connexie.notifications where closed_at is null`))
	require.Equal(t, 1, testkit.Value[int](t, x.DB, `select count(*) from connexie.sync_runs where closed_at is null`))
}

// A page that shows somebody unchanged does not write the row: it must not be taken away
// while the list is being read.
func TestRetention_S14_NobodyIsForgottenWhileAListIsRead(t *testing.T) {
	t.Parallel()
	x := newErasing(t)
	x.year(t)
	run := open(t, x.DB, fullRun(t, x.connection))
	before, _ := terms.Before(domain.RetainMirror, now)
	pruning := store.Pruning{Task: domain.RetainMirror, Before: before, Limit: 1000, Now: now}
	gone, err := x.Store.Prune(t.Context(), pruning)
	require.NoError(t, err)
	require.Zero(t, gone)
	closeRun(t, x.DB, run.ID, domain.SyncOK)
	gone, err = x.Store.Prune(t.Context(), pruning)
	require.NoError(t, err)
	require.Equal(t, 275, gone)

	pruning.Task = domain.RetainReadings
	gone, err = x.Store.Prune(t.Context(), pruning)
	require.NoError(t, err)
	require.Equal(t, 274, gone, "the last whole one tells who is missing, and stays")
}

func TestRetention_N5_TheIDsOfTheErasedGoWhenNoExportNeedsThem(t *testing.T) {
	t.Parallel()
	x := newErasing(t)
	x.erase(t)
	keepHouse(t, x.DB, now.AddDate(0, 0, 399), 1000)
	require.NotEmpty(t, x.found(t, "emp_gone"), "the period may be exported again")
	totals := testkit.Value[string](t, x.DB, `select jsonb_agg(totals)::text from connexie.current_imports`)
	gone := keepHouse(t, x.DB, now.AddDate(0, 0, 401), 1000)
	require.Equal(t, 1, gone["erased"])
	require.Empty(t, x.found(t, traces...))
	require.Equal(t, totals, testkit.Value[string](t, x.DB, `select jsonb_agg(totals)::text from connexie.current_imports`))
	require.Equal(t, 2, testkit.Value[int](t, x.DB, `select count(*) from eitje.entries where team_member_id = $1`, x.member))

	// Still nobody brings the person back, and lifted, it is somebody new.
	back := x.person
	back.Employment.Ended, back.ModifiedAt = false, now.Add(time.Hour)
	x.sync(t, back, colleague("emp_stays", "stays@example.org"))
	require.Empty(t, x.found(t, "emp_gone"))
	_, found, err := x.Store.LiftErasure(t.Context(), oneKey, x.request(), now)
	require.NoError(t, err)
	require.True(t, found)
	x.sync(t, back, colleague("emp_stays", "stays@example.org"))
	require.NotEqual(t, x.member, x.linkOf(t, "emp_gone"))
	require.NotEmpty(t, x.linkOf(t, "emp_gone"))
	require.Zero(t, testkit.Value[int](t, x.DB, `select count(*) from eitje.team_members where id = $1 and last_name is not null`, x.member))
}

// Old previews go with their lines, and lines that a later export replaced; what tells of
// what Connexie holds stays, however old.
func TestRetention_X16_X18_OldPreviewsAndOldLinesGo(t *testing.T) {
	t.Parallel()
	x := newExporting(t)
	preview := x.open(t, store.ExportOpening{Mode: store.ModePreview}, []line{{entry: x.entry(t, 2)}})
	fresh := x.open(t, store.ExportOpening{Mode: store.ModePreview}, []line{{entry: x.entry(t, 2)}})
	replaced := x.exported(t, store.ExportOpening{}, []line{{entry: x.entry(t, 3)}})
	current := x.exported(t, store.ExportOpening{}, []line{{entry: x.entry(t, 4)}})
	refused := x.open(t, store.ExportOpening{}, []line{{entry: x.entry(t, 5)}})
	x.Exec(t, `insert into connexie.export_skips select export_id, entry_id, kind, 'x', team_member_id, day, 'X3', 'contract_type'
	             from connexie.export_lines where export_id = any ($1)`, []string{refused.ID, preview.ID})
	x.close(t, refused, domain.ExportRefused)
	told := x.open(t, store.ExportOpening{Period: november(7, 8)}, []line{{entry: x.entry(t, 7)}})
	x.close(t, told, domain.ExportRefused)
	_, err := x.Store.OpenNotices(t.Context(), x.connection,
		[]domain.Notice{domain.ExportIncompleteNotice(domain.ExportRequest{Period: told.Period}, told.ID, domain.ExportRefused, "")}, testkit.Now)
	require.NoError(t, err)
	x.Exec(t, `update connexie.exports set started_at = started_at - interval '8 days' where id = $1`, preview.ID)
	x.Exec(t, `update connexie.exports set closed_at = closed_at - interval '401 days' where mode = 'apply'`)

	require.Equal(t, domain.Counts{"previews": 1, "lines": 2}, keepHouse(t, x.DB, now, 1000))
	_, err = x.Store.Export(t.Context(), preview.ID)
	require.ErrorIs(t, err, store.ErrNotFound)
	kept := func(export store.Export) [2]int {
		return [2]int{
			testkit.Value[int](t, x.DB, `select count(*) from connexie.export_lines where export_id = $1`, export.ID),
			testkit.Value[int](t, x.DB, `select count(*) from connexie.export_venues where export_id = $1`, export.ID),
		}
	}
	require.Equal(t, [2]int{0, 0}, kept(preview))
	require.Equal(t, [2]int{1, 1}, kept(fresh))
	require.Equal(t, [2]int{1, 1}, kept(current))
	require.Equal(t, [2]int{1, 1}, kept(told))
	require.Equal(t, [2]int{0, 1}, kept(replaced), "its receipt stays")
	require.Equal(t, [2]int{0, 1}, kept(refused), "its receipt stays")
	require.Zero(t, testkit.Value[int](t, x.DB, `select count(*) from connexie.export_skips`))
}

func TestRetention_AHousekeepingIsKeptAsItWasClosedFirst(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	id := testkit.ID(t)
	for range 2 {
		require.NoError(t, db.Store.OpenHousekeeping(t.Context(), id, "housekeeping-x", now))
	}
	for _, counts := range []domain.Counts{{"mirror": 3}, {"mirror": 4}} {
		require.NoError(t, db.Store.CloseHousekeeping(t.Context(), id, domain.HousekeepingOK, counts, now.Add(time.Minute)))
	}
	listed, err := db.Store.Housekeepings(t.Context(), 5)
	require.NoError(t, err)
	require.Len(t, listed, 1)
	require.Equal(t, fmt.Sprint(domain.Counts{"mirror": 3}), fmt.Sprint(listed[0].Counts))
	require.False(t, listed[0].ClosedAt.IsZero())
	_, err = db.Store.Prune(t.Context(), store.Pruning{Task: "unknown"})
	require.ErrorIs(t, err, store.ErrNotFound)
}
