package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// How long a test waits for another goroutine, and how often it looks.
const (
	waiting = 10 * time.Second
	tick    = 5 * time.Millisecond
)

func connections(t testing.TB, db *testkit.DB, states ...store.ConnectionState) []string {
	t.Helper()
	var ids []string
	for _, state := range states {
		id := db.Connection(t, db.Organisation(t)).ID
		db.Exec(t, `update connexie.connections set state = $2 where id = $1`, id, state)
		ids = append(ids, id)
	}
	return ids
}

func openNight(t testing.TB, db *testkit.DB) store.Night {
	t.Helper()
	opening := store.NightOpening{ID: testkit.ID(t), Night: night, WorkflowID: "nightly-sync-1"}
	opened, left, err := db.Store.OpenNight(t.Context(), opening, now)
	require.NoError(t, err)
	require.Empty(t, left)
	return opened
}

// nightRun opens the run by which a connection answers for the night.
func nightRun(t testing.TB, db *testkit.DB, nightID, connectionID string) store.Run {
	t.Helper()
	opening := fullRun(t, connectionID)
	opening.Trigger, opening.Night = store.TriggerNightly, night
	require.NoError(t, db.Store.MarkStarted(t.Context(), nightID, connectionID, false, "", now))
	return open(t, db, opening)
}

func progress(t testing.TB, db *testkit.DB, nightID string) store.NightProgress {
	t.Helper()
	found, err := db.Store.NightProgress(t.Context(), nightID)
	require.NoError(t, err)
	return found
}

func TestStore_C9_TheNightTakesActiveConnectionsAndThoseThatNeedAToken(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	ids := connections(t, db, store.ConnectionActive, store.ConnectionNeedsToken, store.ConnectionPaused,
		store.ConnectionInactive, store.ConnectionRemoved)
	opened := openNight(t, db)
	require.Equal(t, 2, opened.Total)
	rows, err := db.Store.NightConnections(t.Context(), opened.ID, "", 10)
	require.NoError(t, err)
	require.Len(t, rows, 2)
	require.ElementsMatch(t, ids[:2], []string{rows[0].ConnectionID, rows[1].ConnectionID})
}

func TestStore_S1_TheGivenConnectionsAreTakenAndTheOthersNamed(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	ids := connections(t, db, store.ConnectionActive, store.ConnectionActive, store.ConnectionPaused)
	opening := store.NightOpening{
		ID: testkit.ID(t), Night: night, WorkflowID: "nightly-sync-1",
		ConnectionIDs: []string{ids[0], ids[2], "bogus"},
	}
	for range 2 {
		opened, left, err := db.Store.OpenNight(t.Context(), opening, now)
		require.NoError(t, err)
		require.Equal(t, 1, opened.Total)
		require.Equal(t, []string{ids[2], "bogus"}, left)
	}
}

func TestStore_S1_OpeningANightAgainFindsItAsItWas(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	connections(t, db, store.ConnectionActive)
	opening := store.NightOpening{ID: testkit.ID(t), Night: night, WorkflowID: "nightly-sync-1"}
	var group errgroup.Group
	for range 5 {
		group.Go(func() error {
			_, _, err := db.Store.OpenNight(t.Context(), opening, now)
			return err
		})
	}
	require.NoError(t, group.Wait())
	connections(t, db, store.ConnectionActive)
	before := testkit.TakeSnapshot(t, db.URL)
	again, _, err := db.Store.OpenNight(t.Context(), opening, later)
	require.NoError(t, err)
	require.Equal(t, 1, again.Total, "a connection that came later waits for the next night")
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, db.URL))
}

func TestStore_S1_TheConnectionsOfANightComeInPages(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	connections(t, db, store.ConnectionActive, store.ConnectionActive, store.ConnectionActive)
	opened := openNight(t, db)
	var seen []string
	for after := ""; ; after = seen[len(seen)-1] {
		rows, err := db.Store.NightConnections(t.Context(), opened.ID, after, 2)
		require.NoError(t, err)
		if len(rows) == 0 {
			break
		}
		for _, row := range rows {
			require.Equal(t, store.NightNotStarted, row.Standing)
			seen = append(seen, row.ConnectionID)
		}
	}
	require.Len(t, seen, 3)
}

func TestStore_S1_ProgressCountsEveryConnectionOnce(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	active := store.ConnectionActive
	ids := connections(t, db, active, active, active, active, active, active, store.ConnectionNeedsToken)
	opened := openNight(t, db)
	require.Equal(t, domain.Counts{"not_started": 7}, progress(t, db, opened.ID).Counts)

	closeRun(t, db, nightRun(t, db, opened.ID, ids[0]).ID, domain.SyncOK)
	closeRun(t, db, nightRun(t, db, opened.ID, ids[1]).ID, domain.SyncUnreachable)
	held := nightRun(t, db, opened.ID, ids[2])
	require.NoError(t, db.Store.SetStage(t.Context(), held.ID, store.StageHeld, 0, 60))
	nightRun(t, db, opened.ID, ids[3])
	require.NoError(t, db.Store.MarkStarted(t.Context(), opened.ID, ids[4], true, "", now))
	require.NoError(t, db.Store.MarkStarted(t.Context(), opened.ID, ids[5], false, "Temporal refused the start.", now))
	closeRun(t, db, nightRun(t, db, opened.ID, ids[6]).ID, domain.SyncRefused)

	found := progress(t, db, opened.ID)
	require.Equal(t, domain.Counts{
		"ok": 1, "unreachable": 1, "held": 1, "running": 2, "start_failed": 1, "refused": 1,
	}, found.Counts)
	require.Equal(t, 2, found.Open())
	require.False(t, found.Finished())
	require.Equal(t, domain.NightUnfinished, found.Outcome())

	nights, err := db.Store.Nights(t.Context(), 5)
	require.NoError(t, err)
	require.Equal(t, found.Counts, nights[0].Counts)
}

func TestStore_S1_HowANightEnds(t *testing.T) {
	t.Parallel()
	for outcomes, want := range map[[2]domain.SyncOutcome]domain.NightOutcome{
		{domain.SyncOK, domain.SyncNothing}:     domain.NightOK,
		{domain.SyncOK, domain.SyncProblems}:    domain.NightProblems,
		{domain.SyncOK, domain.SyncRefused}:     domain.NightProblems,
		{domain.SyncNothing, domain.SyncHeld}:   domain.NightProblems,
		{domain.SyncFailed, domain.SyncNothing}: domain.NightProblems,
		{domain.SyncOK, ""}:                     domain.NightUnfinished,
	} {
		t.Run(string(outcomes[0]+" and "+outcomes[1]), func(t *testing.T) {
			t.Parallel()
			db := testkit.New(t)
			ids := connections(t, db, store.ConnectionActive, store.ConnectionActive)
			opened := openNight(t, db)
			for i, outcome := range outcomes {
				run := nightRun(t, db, opened.ID, ids[i])
				if outcome != "" {
					closeRun(t, db, run.ID, outcome)
				}
			}
			closed, err := db.Store.CloseNight(t.Context(), opened.ID, later)
			require.NoError(t, err)
			require.Equal(t, want, closed.Outcome)
			again, err := db.Store.CloseNight(t.Context(), opened.ID, later.Add(time.Hour))
			require.NoError(t, err)
			require.Equal(t, closed, again)
		})
	}
}

func TestStore_S1_ANightWithoutConnectionsIsOK(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	closed, err := db.Store.CloseNight(t.Context(), openNight(t, db).ID, later)
	require.NoError(t, err)
	require.Equal(t, domain.NightOK, closed.Outcome)
	_, err = db.Store.CloseNight(t.Context(), testkit.ID(t), later)
	require.ErrorIs(t, err, store.ErrNotFound)
}

func TestStore_S1_TheSameNightOnceMoreRunsEveryConnectionAnew(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	ids := connections(t, db, store.ConnectionActive, store.ConnectionActive, store.ConnectionActive)
	first := openNight(t, db)
	closeRun(t, db, nightRun(t, db, first.ID, ids[0]).ID, domain.SyncUnreachable)
	held := nightRun(t, db, first.ID, ids[2])
	require.NoError(t, db.Store.SetStage(t.Context(), held.ID, store.StageHeld, 0, 1))
	stillOpen := nightRun(t, db, first.ID, ids[1])
	closedFirst, err := db.Store.CloseNight(t.Context(), first.ID, later)
	require.NoError(t, err)

	second := openNight(t, db)
	require.Equal(t, domain.Counts{"not_started": 2, "running": 1}, progress(t, db, second.ID).Counts)
	closeRun(t, db, nightRun(t, db, second.ID, ids[0]).ID, domain.SyncOK)
	closeRun(t, db, held.ID, domain.SyncSuperseded)
	closeRun(t, db, nightRun(t, db, second.ID, ids[2]).ID, domain.SyncOK)
	closeRun(t, db, stillOpen.ID, domain.SyncOK)
	closed, err := db.Store.CloseNight(t.Context(), second.ID, later)
	require.NoError(t, err)
	require.Equal(t, domain.NightOK, closed.Outcome)

	nights, err := db.Store.Nights(t.Context(), 5)
	require.NoError(t, err)
	require.Contains(t, nights, closedFirst, "what the first came to is kept")
}

func TestStore_S2_ANightIsAnsweredForByOneRun(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	connection := db.Connection(t, db.Organisation(t)).ID
	opening := fullRun(t, connection)
	opening.Night = night
	first := open(t, db, opening)
	closeRun(t, db, first.ID, domain.SyncOK)
	// The night's activity was repeated after a crash.
	opening.ID = testkit.ID(t)
	require.True(t, open(t, db, opening).Night.IsZero())
	found, err := db.Store.Run(t.Context(), first.ID)
	require.NoError(t, err)
	require.Equal(t, night, found.Night)
}

func TestStore_S2_AnAbandonedRunPassesItsNightOn(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	connection := db.Connection(t, db.Organisation(t)).ID
	opening := fullRun(t, connection)
	opening.Night = night
	open(t, db, opening)
	opening.ID = testkit.ID(t)
	require.Equal(t, night, open(t, db, opening).Night)
}
