package store_test

import (
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

var (
	today = domain.NewDate(2026, 11, 22)
	night = domain.NewDate(2026, 11, 22)
)

// fullRun is a full run of a connection to be opened.
func fullRun(t testing.TB, connectionID string) store.RunOpening {
	t.Helper()
	return store.RunOpening{
		ID: testkit.ID(t), ConnectionID: connectionID, WorkflowID: "sync/" + connectionID, Pass: 1,
		Trigger: store.TriggerManual, Mode: store.ModeApply, RequestedBy: "cli", Day: today,
	}
}

func open(t testing.TB, db *testkit.DB, opening store.RunOpening) store.Run {
	t.Helper()
	run, err := db.Store.OpenRun(t.Context(), opening, now)
	require.NoError(t, err)
	return run
}

func closeRun(t testing.TB, db *testkit.DB, runID string, outcome domain.SyncOutcome) store.Run {
	t.Helper()
	run, err := db.Store.CloseRun(t.Context(), runID, store.RunClosing{Outcome: outcome}, later)
	require.NoError(t, err)
	return run
}

func TestStore_S2_OpeningARunAgainFindsItAsItWas(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	opening := fullRun(t, db.Connection(t, db.Organisation(t)).ID)
	run := open(t, db, opening)
	require.Equal(t, store.StageReading, run.Stage)

	before := testkit.TakeSnapshot(t, db.URL)
	opening.Day = today.AddDays(1)
	again, err := db.Store.OpenRun(t.Context(), opening, later)
	require.NoError(t, err)
	require.Equal(t, run, again, "the day that was stored first wins")
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, db.URL))
}

func TestStore_S2_ManyWhoOpenTheSameRunAtOnceGetOne(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	opening := fullRun(t, db.Connection(t, db.Organisation(t)).ID)
	var group errgroup.Group
	for range 6 {
		group.Go(func() error {
			_, err := db.Store.OpenRun(t.Context(), opening, now)
			return err
		})
	}
	require.NoError(t, group.Wait())
	require.Equal(t, 1, testkit.Value[int](t, db, `select count(*) from connexie.sync_runs`))
}

func TestStore_S2_AFullRunIsAloneAndOlderOnesAreAbandoned(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	connection := db.Connection(t, db.Organisation(t)).ID
	var group errgroup.Group
	for range 5 {
		opening := fullRun(t, connection)
		group.Go(func() error {
			_, err := db.Store.OpenRun(t.Context(), opening, now)
			return err
		})
	}
	require.NoError(t, group.Wait())
	require.Equal(t, 1, testkit.Value[int](t, db, `select count(*) from connexie.sync_runs where closed_at is null`))
	require.Equal(t, 4, testkit.Value[int](t, db, `select count(*) from connexie.sync_runs where outcome = 'abandoned'`))
}

func TestStore_S2_PreviewsAndOnePersonRunsStandInNobodysWay(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	connection := db.Connection(t, db.Organisation(t)).ID
	full := open(t, db, fullRun(t, connection))
	preview, person := fullRun(t, connection), fullRun(t, connection)
	preview.Mode = store.ModePreview
	person.OnlyConnexieID = "per_1"
	open(t, db, preview)
	open(t, db, person)
	found, err := db.Store.Run(t.Context(), full.ID)
	require.NoError(t, err)
	require.False(t, found.Closed())

	runs, err := db.Store.LatestRuns(t.Context(), connection, 2)
	require.NoError(t, err)
	require.Len(t, runs, 2)
	require.Equal(t, person.ID, runs[0].ID)
}

func TestStore_S2_AClosedRunStaysAsItWasClosed(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	run := open(t, db, fullRun(t, db.Connection(t, db.Organisation(t)).ID))
	require.NoError(t, db.Store.SetStage(t.Context(), run.ID, store.StageApplying, 3, 10))
	require.NoError(t, db.Store.SetReading(t.Context(), run.ID, 7))
	closing := store.RunClosing{Outcome: domain.SyncOK, Counts: domain.Counts{"linked": 3}}
	closed, err := db.Store.CloseRun(t.Context(), run.ID, closing, later)
	require.NoError(t, err)
	require.True(t, closed.Closed())
	require.Equal(t, domain.Counts{"linked": 3}, closed.Counts)
	require.Equal(t, []int{3, 10}, []int{closed.Done, closed.Total})
	require.EqualValues(t, 7, closed.Reading)

	again, err := db.Store.CloseRun(t.Context(), run.ID, store.RunClosing{Outcome: domain.SyncFailed, Problem: "late"}, later)
	require.NoError(t, err)
	require.Equal(t, closed, again)
	require.NoError(t, db.Store.SetStage(t.Context(), run.ID, store.StageReading, 0, 0))
	found, err := db.Store.Run(t.Context(), run.ID)
	require.NoError(t, err)
	require.Equal(t, closed, found)
}

func TestStore_S2_ClosingARunAndOpeningTheNextNeverWaitForEachOther(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	connection := db.Connection(t, db.Organisation(t)).ID
	for range 30 {
		db.Exec(t, `update connexie.connections set failed_nights = 1 where id = $1`, connection)
		run, next := open(t, db, fullRun(t, connection)), fullRun(t, connection)
		var group errgroup.Group
		group.Go(func() error {
			_, err := db.Store.OpenRun(t.Context(), next, now)
			return err
		})
		closeRun(t, db, run.ID, domain.SyncOK)
		require.NoError(t, group.Wait())
	}
}

func TestStore_Run_UnknownIdsAreNotFound(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	for _, id := range []string{testkit.ID(t), "bogus", ""} {
		_, err := db.Store.Run(t.Context(), id)
		require.ErrorIs(t, err, store.ErrNotFound)
	}
	_, err := db.Store.CloseRun(t.Context(), testkit.ID(t), store.RunClosing{Outcome: domain.SyncOK}, now)
	require.ErrorIs(t, err, store.ErrNotFound)
	_, err = db.Store.OpenRun(t.Context(), fullRun(t, testkit.ID(t)), now)
	require.ErrorIs(t, err, store.ErrNotFound)
}

func TestStore_S2_AnOlderAttemptLosesTheFence(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	connection := db.Connection(t, db.Organisation(t)).ID
	first, err := db.Store.BumpFence(t.Context(), connection, testkit.ID(t))
	require.NoError(t, err)
	nothing := func() error { return nil }
	require.NoError(t, db.Store.InFence(t.Context(), connection, first, nothing))
	second, err := db.Store.BumpFence(t.Context(), connection, testkit.ID(t))
	require.NoError(t, err)
	require.Greater(t, second, first)
	require.ErrorIs(t, db.Store.InFence(t.Context(), connection, first, nothing), store.ErrFenceLost)
	require.NoError(t, db.Store.InFence(t.Context(), connection, second, nothing))
	require.NoError(t, db.Store.InFence(t.Context(), connection, 0, nothing), "no fence, no check")
	_, err = db.Store.BumpFence(t.Context(), testkit.ID(t), testkit.ID(t))
	require.ErrorIs(t, err, store.ErrNotFound)
}

// An activity of a workflow that was terminated may begin one more attempt.
func TestStore_S2_AnAttemptOfARunThatWasOvertakenGetsNoFence(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	connection := db.Connection(t, db.Organisation(t)).ID
	older := open(t, db, fullRun(t, connection))
	newer := open(t, db, fullRun(t, connection))
	fence, err := db.Store.BumpFence(t.Context(), connection, newer.ID)
	require.NoError(t, err)
	_, err = db.Store.BumpFence(t.Context(), connection, older.ID)
	require.ErrorIs(t, err, store.ErrFenceLost)
	require.NoError(t, db.Store.InFence(t.Context(), connection, fence, func() error { return nil }))

	closeRun(t, db, newer.ID, domain.SyncOK)
	_, err = db.Store.BumpFence(t.Context(), connection, newer.ID)
	require.NoError(t, err, "a run that ended by itself may be repeated")
}

// A write that has passed the fence commits before the next attempt gets its number.
func TestStore_S2_ANewAttemptWaitsForTheWriteOfTheOld(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	connection := db.Connection(t, db.Organisation(t)).ID
	fence, err := db.Store.BumpFence(t.Context(), connection, testkit.ID(t))
	require.NoError(t, err)
	var (
		bumped atomic.Bool
		group  errgroup.Group
	)
	err = db.Store.InFence(t.Context(), connection, fence, func() error {
		group.Go(func() error {
			_, err := db.Store.BumpFence(t.Context(), connection, testkit.ID(t))
			bumped.Store(true)
			return err
		})
		require.Eventually(t, func() bool {
			return testkit.Value[bool](t, db, `select exists (select from pg_locks where not granted)`)
		}, waiting, tick, "the new attempt waits")
		require.False(t, bumped.Load())
		return nil
	})
	require.NoError(t, err)
	require.NoError(t, group.Wait())
}

func TestStore_N6_OnlyNightsCountAndAnyFullRunThatGetsThroughBeginsAnew(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	connection := db.Connection(t, db.Organisation(t)).ID
	failed := func() int { return reload(t, db, connection).FailedNights }

	manual := open(t, db, fullRun(t, connection))
	closeRun(t, db, manual.ID, domain.SyncUnreachable)
	require.Zero(t, failed(), "a manual run is no night")
	for i := range 3 {
		nightly := fullRun(t, connection)
		nightly.Trigger, nightly.Night = store.TriggerNightly, night.AddDays(i)
		run := open(t, db, nightly)
		closeRun(t, db, run.ID, domain.SyncUnreachable)
		closeRun(t, db, run.ID, domain.SyncUnreachable)
		require.Equal(t, i+1, failed(), "closing again does not count")
		db.Exec(t, `update connexie.sync_runs set night = null where id = $1`, run.ID) // as another night of the date does
		nightly.ID = testkit.ID(t)
		closeRun(t, db, open(t, db, nightly).ID, domain.SyncUnreachable)
		require.Equal(t, i+1, failed(), "a night that is repeated is one night")
	}
	require.Equal(t, []domain.Cause{domain.CauseUnreachable}, causes(t, db, connection))

	cancelled := open(t, db, fullRun(t, connection))
	closeRun(t, db, cancelled.ID, domain.SyncCancelled)
	require.Equal(t, 3, failed(), "a cancelled run tells nothing")
	manual = open(t, db, fullRun(t, connection))
	closeRun(t, db, manual.ID, domain.SyncNothing)
	require.Zero(t, failed())
	require.Empty(t, causes(t, db, connection))
}
