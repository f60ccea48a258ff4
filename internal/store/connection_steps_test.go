package store_test

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// stepLine is an audit line of a connection as its table holds it.
type stepLine struct{ Act, ActID, Object, Field, Before, After, By string }

func stepLines(t *testing.T, db *testkit.DB, connectionID string) []stepLine {
	t.Helper()
	rows, err := db.Pool.Query(t.Context(), `
		select act, act_id::text, object, field, coalesce(before, ''), coalesce(after, ''), by
		  from connexie.changes where connection_id = $1 and run_id is null order by at, field`, connectionID)
	require.NoError(t, err)
	lines, err := pgx.CollectRows(rows, pgx.RowToStructByPos[stepLine])
	require.NoError(t, err)
	return lines
}

func stateLine(connectionID, before, after, by string) stepLine {
	return stepLine{"connection", connectionID, "connection", "state", before, after, by}
}

func TestStore_C9_PausingAndResumingChangeTheStateAloneAndAreAudited(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	connection := db.Connection(t, db.Organisation(t))
	kept := testkit.TakeSnapshot(t, db.URL, "connexie.connections", "connexie.changes")

	for range 2 { // again changes nothing
		paused, err := db.Store.PauseConnection(t.Context(), connection.ID, "user_42", now)
		require.NoError(t, err)
		require.Equal(t, store.ConnectionPaused, paused.State)
		require.Equal(t, paused, reload(t, db, connection.ID))
	}
	for range 2 {
		resumed, err := db.Store.ResumeConnection(t.Context(), connection.ID, "user_43", later)
		require.NoError(t, err)
		require.Equal(t, connection, resumed)
	}
	require.Equal(t, []stepLine{
		stateLine(connection.ID, "active", "paused", "user_42"), stateLine(connection.ID, "paused", "active", "user_43"),
	}, stepLines(t, db, connection.ID))
	kept.RequireUnchanged(t, testkit.TakeSnapshot(t, db.URL, "connexie.connections", "connexie.changes"))
}

func TestStore_C9_WhatCannotBePausedOrResumedStaysAsItIs(t *testing.T) {
	t.Parallel()
	for _, state := range []store.ConnectionState{store.ConnectionInactive, store.ConnectionRemoved} {
		t.Run(string(state), func(t *testing.T) {
			t.Parallel()
			db := testkit.New(t)
			connection := db.Connection(t, db.Organisation(t))
			db.Exec(t, `update connexie.connections set state = $1`, string(state))
			before := testkit.TakeSnapshot(t, db.URL)
			_, err := db.Store.PauseConnection(t.Context(), connection.ID, "user_42", now)
			require.ErrorIs(t, err, store.ErrNoStep)
			_, err = db.Store.ResumeConnection(t.Context(), connection.ID, "user_42", now)
			require.ErrorIs(t, err, store.ErrNoStep)
			before.RequireUnchanged(t, testkit.TakeSnapshot(t, db.URL))
		})
	}
}

func TestStore_C9_AnUnknownConnectionIsNotFound(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	keep := func(s domain.ConnectionSettings) (domain.ConnectionSettings, error) { return s, nil }
	for _, id := range []string{testkit.ID(t), "con-1", ""} {
		_, err := db.Store.PauseConnection(t.Context(), id, "user_42", now)
		require.ErrorIs(t, err, store.ErrNotFound, id)
		_, err = db.Store.ResumeConnection(t.Context(), id, "user_42", now)
		require.ErrorIs(t, err, store.ErrNotFound, id)
		_, err = db.Store.RemoveConnection(t.Context(), id, "user_42", now)
		require.ErrorIs(t, err, store.ErrNotFound, id)
		_, err = db.Store.DropTokens(t.Context(), id)
		require.ErrorIs(t, err, store.ErrNotFound, id)
		_, err = db.Store.ChooseSettings(t.Context(), id, "user_42", now, keep)
		require.ErrorIs(t, err, store.ErrNotFound, id)
	}
}

func TestStore_C9_N1_RemovingClosesWhatIsOpenAndOpensNothingMore(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	connection := db.Connection(t, db.Organisation(t))
	member := db.TeamMember(t, testkit.TeamMember{OrganisationID: connection.OrganisationID})
	db.Link(t, connection.ID, member, "per_1")
	db.Exec(t, `update connexie.connections set failed_nights = 3, last_failed_night = '2026-11-20'`)
	tell := []domain.Notice{domain.UnreachableNotice(connection.ID), domain.MissingNotice("per_1")}
	opened, err := db.Store.OpenNotices(t.Context(), connection.ID, tell, now)
	require.NoError(t, err)
	require.Equal(t, 2, opened)

	for range 2 {
		removed, err := db.Store.RemoveConnection(t.Context(), connection.ID, "user_42", later)
		require.NoError(t, err)
		require.Equal(t, store.ConnectionRemoved, removed.State)
	}
	require.Empty(t, causes(t, db, connection.ID))
	opened, err = db.Store.OpenNotices(t.Context(), connection.ID, tell, later)
	require.NoError(t, err)
	require.Zero(t, opened, "what is still under way tells nobody")
	require.NoError(t, db.Store.RefuseToken(t.Context(), connection.ID, token(t, db, connection.ID), later))
	require.Empty(t, causes(t, db, connection.ID))
	require.Equal(t, store.ConnectionRemoved, reload(t, db, connection.ID).State)
	require.Zero(t, reload(t, db, connection.ID).FailedNights, "it begins anew where it is added again")
	require.Equal(t, 1, testkit.Value[int](t, db, `select count(*) from connexie.links`))
	require.Equal(t, []stepLine{stateLine(connection.ID, "active", "removed", "user_42")}, stepLines(t, db, connection.ID))
}

func TestStore_N3_C9_TokensOfARemovedConnectionAreDeletedAndNoOthers(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	connection, other := db.Connection(t, db.Organisation(t)), db.Connection(t, db.Organisation(t))
	setToken(t, db, connection.ID, "one that waits")
	dropped, err := db.Store.DropTokens(t.Context(), connection.ID)
	require.NoError(t, err)
	require.False(t, dropped, "it has not been removed, or has been added again")
	require.Equal(t, 3, testkit.Value[int](t, db, `select count(*) from connexie.connection_tokens`))

	_, err = db.Store.RemoveConnection(t.Context(), connection.ID, "user_42", now)
	require.NoError(t, err)
	for _, want := range []bool{true, false} {
		dropped, err = db.Store.DropTokens(t.Context(), connection.ID)
		require.NoError(t, err)
		require.Equal(t, want, dropped)
	}
	require.Equal(t, other.ID, testkit.Value[string](t, db, `select connection_id::text from connexie.connection_tokens`))
}

// Somebody pauses while an activation or the night's probe is on its way.
func TestStore_C9_WhoeverAsksLastDecidesWhetherItIsPaused(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	connection := db.Connection(t, db.Organisation(t))
	_, err := db.Store.PauseConnection(t.Context(), connection.ID, "user_42", now)
	require.NoError(t, err)

	probe := taken(connection.AccountID, token(t, db, connection.ID))
	probe.Probe = true
	kept, err := db.Store.Activate(t.Context(), connection.ID, probe, later)
	require.NoError(t, err)
	require.Equal(t, store.ConnectionPaused, kept.State, "the night asks on nobody's behalf")

	active, err := db.Store.Activate(t.Context(), connection.ID, taken(connection.AccountID, token(t, db, connection.ID)), later)
	require.NoError(t, err)
	require.Equal(t, store.ConnectionActive, active.State)

	first := taken(connection.AccountID, token(t, db, connection.ID))
	first.Paused = true
	waits, err := db.Store.Activate(t.Context(), connection.ID, first, later)
	require.NoError(t, err)
	require.Equal(t, store.ConnectionPaused, waits.State)
	require.Len(t, stepLines(t, db, connection.ID), 3)
}

func TestStore_C9_WhatIsUnderWayIsFound(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	connection := db.Connection(t, db.Organisation(t))
	none, err := db.Store.OpenWork(t.Context(), connection.ID)
	require.NoError(t, err)
	require.Empty(t, none)
	closeRun(t, db, open(t, db, fullRun(t, connection.ID)).ID, domain.SyncOK)
	under := open(t, db, fullRun(t, connection.ID))
	export := db.Export(t, store.ExportOpening{ConnectionID: connection.ID})
	found, err := db.Store.OpenWork(t.Context(), connection.ID)
	require.NoError(t, err)
	require.ElementsMatch(t, []string{under.WorkflowID, export.WorkflowID}, found)
}

func TestStore_S16_E4_S22_SettingsAreKeptWithALineForEachThatDiffers(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	connection := db.Connection(t, db.Organisation(t))
	for range 2 {
		chosen, err := db.Store.ChooseSettings(t.Context(), connection.ID, "user_42", now,
			func(is domain.ConnectionSettings) (domain.ConnectionSettings, error) {
				is.Guard.CreationsFloor, is.AutomaticEndings, is.LikelyDuplicatesWait = 75, true, true
				return is, nil
			})
		require.NoError(t, err)
		require.Equal(t, chosen, reload(t, db, connection.ID))
	}
	require.Equal(t, 75, reload(t, db, connection.ID).Guard.CreationsFloor)
	line := func(field, before, after string) stepLine {
		return stepLine{"connection", connection.ID, "connection", field, before, after, "user_42"}
	}
	require.Equal(t, []stepLine{
		line("automatic_endings", "false", "true"), line("guard_creations_floor", "50", "75"), line("likely_duplicates_wait", "false", "true"),
	}, stepLines(t, db, connection.ID))
}

func TestStore_S16_SettingsThatAreRefusedChangeNothing(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	connection := db.Connection(t, db.Organisation(t))
	before := testkit.TakeSnapshot(t, db.URL)
	wrong := errors.New("wrong")
	_, err := db.Store.ChooseSettings(t.Context(), connection.ID, "user_42", now,
		func(is domain.ConnectionSettings) (domain.ConnectionSettings, error) { return is, wrong })
	require.ErrorIs(t, err, wrong)
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, db.URL))

	_, err = db.Store.RemoveConnection(t.Context(), connection.ID, "user_42", now)
	require.NoError(t, err)
	_, err = db.Store.ChooseSettings(t.Context(), connection.ID, "user_42", now,
		func(is domain.ConnectionSettings) (domain.ConnectionSettings, error) { return is, nil })
	require.ErrorIs(t, err, store.ErrRemoved)
}

// Two people choose at once: neither loses what the other chose.
func TestStore_S16_TwoWhoChooseAtOnceKeepBoth(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	connection := db.Connection(t, db.Organisation(t))
	var group errgroup.Group
	for _, choose := range []func(*domain.ConnectionSettings){
		func(is *domain.ConnectionSettings) { is.AutomaticEndings = true },
		func(is *domain.ConnectionSettings) { is.LikelyDuplicatesWait = true },
		func(is *domain.ConnectionSettings) { is.Guard.ChangesPercent = 33 },
	} {
		group.Go(func() error {
			_, err := db.Store.ChooseSettings(t.Context(), connection.ID, "user_42", now,
				func(is domain.ConnectionSettings) (domain.ConnectionSettings, error) { choose(&is); return is, nil })
			return err
		})
	}
	require.NoError(t, group.Wait())
	chosen := reload(t, db, connection.ID).Settings()
	require.True(t, chosen.AutomaticEndings && chosen.LikelyDuplicatesWait && chosen.Guard.ChangesPercent == 33)
}
