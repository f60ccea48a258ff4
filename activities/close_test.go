package activities_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

func (b *bundle) closeRun(of activities.Run, outcome domain.SyncOutcome, problem string) activities.Ending {
	b.Helper()
	ending, err := run(b, b.syncing.CloseSync, activities.CloseInput{Run: of, Outcome: outcome, Problem: problem})
	require.NoError(b, err)
	return ending
}

func TestClose_TellsWhoeverMustAct(t *testing.T) {
	t.Parallel()
	tests := map[domain.SyncOutcome][]string{
		domain.SyncFailed:      {"sync_failed connection"},
		domain.SyncRejected:    {},
		domain.SyncSuperseded:  {"guard_held connection"}, // which the next pass closes, or keeps
		domain.SyncCancelled:   {},
		domain.SyncUnreachable: {},
		domain.SyncRefused:     {},
	}
	for outcome, causes := range tests {
		t.Run(string(outcome), func(t *testing.T) {
			t.Parallel()
			b := newBundle(t, person("p_1"))
			full := b.newRun()
			b.read(full)
			held := []domain.Notice{domain.GuardHeldNotice(b.connection, domain.Guarded{})}
			_, err := b.db.Store.OpenNotices(t.Context(), b.connection, held, now)
			require.NoError(t, err)

			ending := b.closeRun(full, outcome, "Because")
			require.Equal(t, outcome, ending.Outcome)
			require.Equal(t, causes, b.causes())
			closed, err := b.db.Store.Run(t.Context(), full.ID)
			require.NoError(t, err)
			require.True(t, closed.Closed())
			require.Equal(t, "Because", closed.Problem)

			require.Equal(t, ending, b.closeRun(full, domain.SyncFailed, "again"), "what was written first stays")
		})
	}
}

func TestClose_N1_ARunThatGoesWellClosesWhatTheFailedOneTold(t *testing.T) {
	t.Parallel()
	b := newBundle(t, person("p_1"))
	b.closeRun(b.newRun(), domain.SyncFailed, activities.ErrorProtocol)
	require.Equal(t, []string{"sync_failed connection"}, b.causes())
	b.sync(b.newRun())
	require.Empty(t, b.causes())
}

func TestClose_APreviewOrOnePersonTellsNobody(t *testing.T) {
	t.Parallel()
	b := newBundle(t, person("p_1"))
	b.closeRun(b.newPreview(), domain.SyncFailed, "")
	b.closeRun(b.oneRun("p_1"), domain.SyncFailed, "")
	require.Empty(t, b.causes())
}

// A night waits for the run that answers for it, also for one that ended before its
// first activity began.
func TestClose_ARunThatNeverBeganIsOpenedAndClosed(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	full := b.newRun()
	full.Night = today
	b.closeRun(full, domain.SyncCancelled, "")
	closed, err := b.db.Store.Run(t.Context(), full.ID)
	require.NoError(t, err)
	require.True(t, closed.Closed())
	require.Equal(t, today, closed.Night)
}

// Whoever pauses a connection must not leave its run open for ever.
func TestClose_C9_ARunIsClosedAlsoWhereItsConnectionWasPaused(t *testing.T) {
	t.Parallel()
	for _, state := range []store.ConnectionState{store.ConnectionPaused, store.ConnectionRemoved, store.ConnectionInactive} {
		t.Run(string(state), func(t *testing.T) {
			t.Parallel()
			b := newBundle(t, person("p_1"))
			full := b.newRun()
			b.read(full)
			b.db.Exec(t, `update connexie.connections set state = $1`, string(state))
			require.Equal(t, domain.SyncRejected, b.closeRun(full, domain.SyncRejected, "").Outcome)
			closed, err := b.db.Store.Run(t.Context(), full.ID)
			require.NoError(t, err)
			require.True(t, closed.Closed())
		})
	}
}

func TestClose_WhereThereNeverWasARun(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	unknown := b.newRun()
	unknown.ConnectionID = testkit.ID(t)
	require.Equal(t, activities.Ending{Outcome: domain.SyncFailed, Counts: domain.Counts{}}, b.closeRun(unknown, domain.SyncFailed, "InvalidInput"))
	require.Zero(t, testkit.Value[int](t, b.db, `select count(*) from connexie.sync_runs`))
}

func TestClose_N6_ThreeNightsOutOfReachAreToldOnce(t *testing.T) {
	t.Parallel()
	b := newBundle(t, person("p_1"))
	for night := range 4 {
		full := b.newRun()
		full.Trigger, full.Night = "nightly", today.AddDays(night)
		b.closeRun(full, domain.SyncUnreachable, activities.ErrorUnavailable)
		require.Equal(t, night >= 2, len(b.causes()) == 1, "after night %d", night+1)
	}
	require.Equal(t, []string{"connexie_unreachable connection"}, b.causes())
	b.sync(b.newRun())
	require.Empty(t, b.causes())
}

// The workflow does not wait for the activity that it cancelled: what that one is still
// writing must not come after the counts.
func TestClose_S2_ACancelledRunWritesNothingMore(t *testing.T) {
	t.Parallel()
	b := newBundle(t, people(2)...)
	full := b.newRun()
	b.read(full)
	b.plan(full)
	applying := store.PlanOwner{RunID: full.ID, ConnectionID: b.connection}
	var err error
	applying.Fence, err = b.db.Store.BumpFence(t.Context(), b.connection, full.ID)
	require.NoError(t, err)
	b.closeRun(full, domain.SyncCancelled, "")
	batch := store.Batch{Run: applying, Day: today, ConnexieIDs: []string{"p_0001"}}
	require.ErrorIs(t, b.db.Store.ApplyBatch(t.Context(), batch, now), store.ErrFenceLost)
	require.Empty(t, b.profileOf("p_0001"))
}

// The closing of a workflow that was terminated may be tried once more after the next
// one has begun.
func TestClose_S2_ARunThatWasOvertakenLeavesTheNextOneAlone(t *testing.T) {
	t.Parallel()
	b := newBundle(t, people(2)...)
	older, newer := b.newRun(), b.newRun()
	b.read(older)
	b.read(newer)
	plan := b.plan(newer)
	ending := b.closeRun(older, domain.SyncFailed, activities.ErrorDatabase)
	require.Equal(t, domain.SyncAbandoned, ending.Outcome)
	require.Empty(t, b.causes())
	b.apply(newer, plan.Total)
}

func TestClose_N1_AFailureIsToldWithItsReasonAndToldAgainWhereItIsAnother(t *testing.T) {
	t.Parallel()
	b := newBundle(t, person("p_1"))
	told := func() store.Notification {
		b.Helper()
		open, err := b.db.Store.OpenNotifications(t.Context(), b.connection)
		require.NoError(t, err)
		require.Len(t, open, 1)
		return open[0]
	}
	fail := func(problem string) store.Notification {
		b.Helper()
		b.closeRun(b.newRun(), domain.SyncFailed, problem)
		return told()
	}
	first := fail(activities.ErrorReading)
	require.Contains(t, first.NextStep, "ReadingIncomplete")
	require.Contains(t, first.NextStep, activities.StepAfter(activities.ErrorReading))
	b.read(b.newRun())
	require.Equal(t, first, fail(activities.ErrorReading), "the same failure again says nothing new")
	require.Contains(t, fail(activities.ErrorForbidden).NextStep, "employees.read")
}

func TestClose_EveryReasonHasANextStep(t *testing.T) {
	t.Parallel()
	for _, reason := range []string{
		activities.ErrorForbidden, activities.ErrorProtocol, activities.ErrorReading, activities.ErrorDatabase,
		activities.ErrorFenceLost, activities.ErrorInvalidInput, activities.ErrorConfiguration, "Timeout", "", "NobodyKnows",
	} {
		step := activities.StepAfter(reason)
		require.Regexp(t, `^[A-Z].*\.$`, step, reason)
		require.Equal(t, reason == "" || reason == "NobodyKnows", step == activities.StepAfter("x"), reason)
	}
}
