package store_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

var (
	now   = testkit.Now
	later = now.Add(time.Hour)
)

func TestStore_C1_AConnectionBeginsInactive(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	organisation := db.Organisation(t)
	added, err := db.Store.AddConnection(t.Context(), organisation, now)
	require.NoError(t, err)
	require.Equal(t, store.ConnectionInactive, added.State)
	require.Empty(t, added.AccountID)
	require.Equal(t, domain.GuardLimits{CreationsFloor: 50, CreationsPercent: 50, ChangesFloor: 10, ChangesPercent: 20}, added.Guard)

	again, err := db.Store.AddConnection(t.Context(), organisation, later)
	require.NoError(t, err)
	require.Equal(t, added, again)
	found, err := db.Store.ConnectionOf(t.Context(), organisation)
	require.NoError(t, err)
	require.Equal(t, added, found)
	all, err := db.Store.Connections(t.Context())
	require.NoError(t, err)
	require.Equal(t, []store.Connection{added}, all)
}

func TestStore_C1_AnUnknownOrganisationHasNoConnection(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	for _, organisation := range []string{testkit.ID(t), "bogus", "", "'; drop table eitje.venues; --"} {
		_, err := db.Store.AddConnection(t.Context(), organisation, now)
		require.ErrorIs(t, err, store.ErrOrganisationUnknown, organisation)
		_, err = db.Store.ConnectionOf(t.Context(), organisation)
		require.ErrorIs(t, err, store.ErrNotFound, organisation)
		_, err = db.Store.Connection(t.Context(), organisation)
		require.ErrorIs(t, err, store.ErrNotFound, organisation)
	}
}

func TestStore_C1_TwoWhoAddAtOnceGetTheSameConnection(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	organisation := db.Organisation(t)
	var (
		group errgroup.Group
		mutex sync.Mutex
		ids   = map[string]bool{}
	)
	for range 6 {
		group.Go(func() error {
			added, err := db.Store.AddConnection(t.Context(), organisation, now)
			mutex.Lock()
			defer mutex.Unlock()
			ids[added.ID] = true
			return err
		})
	}
	require.NoError(t, group.Wait())
	require.Len(t, ids, 1)
}

func TestStore_C9_AddingARemovedConnectionRevivesItWithItsLinks(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	organisation := db.Organisation(t)
	connection := db.Connection(t, organisation)
	member := db.TeamMember(t, testkit.TeamMember{OrganisationID: organisation})
	db.Link(t, connection.ID, member, "per_1")
	db.Exec(t, `update connexie.connections set state = 'removed' where id = $1`, connection.ID)

	_, err := db.Store.Activate(t.Context(), connection.ID, taken(connection.AccountID, token(t, db, connection.ID)), now)
	require.ErrorIs(t, err, store.ErrRemoved)

	revived, err := db.Store.AddConnection(t.Context(), organisation, later)
	require.NoError(t, err)
	require.Equal(t, connection.ID, revived.ID)
	require.Equal(t, store.ConnectionInactive, revived.State)
	require.Equal(t, 1, testkit.Value[int](t, db, `select count(*) from connexie.links`))
}

func TestStore_C1_ARefusedTokenLeavesTheConnectionInactiveWithOneNotification(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	connection, err := db.Store.AddConnection(t.Context(), db.Organisation(t), now)
	require.NoError(t, err)
	sealed := setToken(t, db, connection.ID, "first")
	for range 2 {
		require.NoError(t, db.Store.RefuseToken(t.Context(), connection.ID, sealed, now))
	}
	// An empty one is nothing that could be tried.
	require.NoError(t, db.Store.RefuseToken(t.Context(), connection.ID, store.SealedToken{}, later))

	require.Equal(t, store.ConnectionInactive, reload(t, db, connection.ID).State)
	require.Equal(t, []domain.Cause{domain.CauseTokenRefused}, causes(t, db, connection.ID))
	_, err = db.Store.TokenToCheck(t.Context(), connection.ID)
	require.ErrorIs(t, err, store.ErrNotFound)

	sealed = setToken(t, db, connection.ID, "second")
	active, err := db.Store.Activate(t.Context(), connection.ID, taken("acc_1", sealed), later)
	require.NoError(t, err)
	require.Equal(t, store.ConnectionActive, active.State)
	require.Empty(t, causes(t, db, connection.ID), "the notification closes by itself")
}

func TestStore_C8_TheTokenInUseIsRefusedAndANewOneOfTheSameAccountResumes(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	connection := db.Connection(t, db.Organisation(t))
	require.NoError(t, db.Store.RefuseToken(t.Context(), connection.ID, token(t, db, connection.ID), now))
	require.Equal(t, store.ConnectionNeedsToken, reload(t, db, connection.ID).State)
	require.Equal(t, []domain.Cause{domain.CauseTokenRefused}, causes(t, db, connection.ID))

	renewed := setToken(t, db, connection.ID, "renewed")
	active, err := db.Store.Activate(t.Context(), connection.ID, taken(connection.AccountID, renewed), later)
	require.NoError(t, err)
	require.Equal(t, store.ConnectionActive, active.State)
	require.Equal(t, connection.ActivatedAt, active.ActivatedAt)
	require.Equal(t, renewed, token(t, db, connection.ID))
	require.Empty(t, causes(t, db, connection.ID))
}

// A row may be deleted by hand, or not come back with a restored database.
func TestStore_C1_C8_AnActiveConnectionWhoseTokenIsLostNeedsOne(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	connection := db.Connection(t, db.Organisation(t))
	refuseNone := func() {
		t.Helper()
		require.NoError(t, db.Store.RefuseToken(t.Context(), connection.ID, store.SealedToken{}, now))
	}
	refuseNone()
	require.Equal(t, store.ConnectionActive, reload(t, db, connection.ID).State, "an empty one beside the one in use")
	require.Empty(t, causes(t, db, connection.ID))

	db.Exec(t, `delete from connexie.connection_tokens`)
	refuseNone()
	require.Equal(t, store.ConnectionNeedsToken, reload(t, db, connection.ID).State)
	require.Equal(t, []domain.Cause{domain.CauseTokenRefused}, causes(t, db, connection.ID))
}

func TestStore_C8_ATokenOfAnotherAccountChangesNothing(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	connection := db.Connection(t, db.Organisation(t))
	before := testkit.TakeSnapshot(t, db.URL)
	other := setToken(t, db, connection.ID, "of another account")
	require.NotEqual(t, other, token(t, db, connection.ID), "a token that nobody checked is not in use")

	_, err := db.Store.Activate(t.Context(), connection.ID, taken("acc_other", other), later)
	require.ErrorIs(t, err, store.ErrOtherAccount)
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, db.URL))
}

func TestStore_C8_ARefusedNewTokenLeavesAnActiveConnectionAtWork(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	connection := db.Connection(t, db.Organisation(t))
	before := testkit.TakeSnapshot(t, db.URL)
	mistyped := setToken(t, db, connection.ID, "mistyped")
	require.NoError(t, db.Store.RefuseToken(t.Context(), connection.ID, mistyped, later))
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, db.URL))
}

func TestStore_C8_WhatWasReplacedMeanwhileIsNeitherUsedNorRefused(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	connection := db.Connection(t, db.Organisation(t))
	old := token(t, db, connection.ID)
	first := setToken(t, db, connection.ID, "first")
	second := setToken(t, db, connection.ID, "second")

	_, err := db.Store.Activate(t.Context(), connection.ID, taken(connection.AccountID, first), later)
	require.ErrorIs(t, err, store.ErrTokenReplaced)
	_, err = db.Store.Activate(t.Context(), connection.ID, taken(connection.AccountID, second), later)
	require.NoError(t, err)
	// A run that began with the old token hears its refusal late.
	require.NoError(t, db.Store.RefuseToken(t.Context(), connection.ID, old, later))
	require.Equal(t, store.ConnectionActive, reload(t, db, connection.ID).State)
}

func TestStore_S9_ActivatingAgainWritesNothing(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	connection := db.Connection(t, db.Organisation(t))
	before := testkit.TakeSnapshot(t, db.URL)
	again, err := db.Store.Activate(t.Context(), connection.ID, taken(connection.AccountID, token(t, db, connection.ID)), later)
	require.NoError(t, err)
	require.Equal(t, connection, again)
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, db.URL))
}

func TestStore_N3_ATokenOfNoConnectionIsNotKept(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	err := db.Store.SetToken(t.Context(), testkit.ID(t), store.SealedToken{KeyID: "k", Ciphertext: []byte("sealed")}, "cli", now)
	require.ErrorIs(t, err, store.ErrNotFound)
	require.NotContains(t, err.Error(), "sealed")
}

func TestStore_N6_ThreeNightsWithoutConnexieAreToldOnce(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	connection := db.Connection(t, db.Organisation(t))
	night := func(number int, outcome domain.SyncOutcome) {
		opening := fullRun(t, connection.ID)
		opening.Night = domain.NewDate(2026, time.November, number)
		closeRun(t, db, open(t, db, opening).ID, outcome)
	}
	for i, told := range []int{0, 0, 1, 1} {
		night(i+1, domain.SyncUnreachable)
		require.Len(t, causes(t, db, connection.ID), told, "after night %d", i+1)
	}
	require.Equal(t, 4, reload(t, db, connection.ID).FailedNights)

	night(5, domain.SyncNothing)
	require.Zero(t, reload(t, db, connection.ID).FailedNights)
	require.Empty(t, causes(t, db, connection.ID))

	before := testkit.TakeSnapshot(t, db.URL, "connexie.sync_runs")
	night(6, domain.SyncNothing)
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, db.URL, "connexie.sync_runs"))
}

func setToken(t testing.TB, db *testkit.DB, connectionID, text string) store.SealedToken {
	t.Helper()
	sealed := store.SealedToken{KeyID: "test", Ciphertext: []byte(text)}
	require.NoError(t, db.Store.SetToken(t.Context(), connectionID, sealed, "cli", now))
	waiting, err := db.Store.TokenToCheck(t.Context(), connectionID)
	require.NoError(t, err)
	require.Equal(t, sealed, waiting)
	return sealed
}

func token(t testing.TB, db *testkit.DB, connectionID string) store.SealedToken {
	t.Helper()
	inUse, err := db.Store.Token(t.Context(), connectionID)
	require.NoError(t, err)
	return inUse
}

func reload(t testing.TB, db *testkit.DB, connectionID string) store.Connection {
	t.Helper()
	connection, err := db.Store.Connection(t.Context(), connectionID)
	require.NoError(t, err)
	return connection
}

func causes(t testing.TB, db *testkit.DB, connectionID string) []domain.Cause {
	t.Helper()
	open, err := db.Store.OpenNotifications(t.Context(), connectionID)
	require.NoError(t, err)
	var found []domain.Cause
	for _, notification := range open {
		require.NotEmpty(t, notification.NextStep)
		found = append(found, notification.Cause)
	}
	return found
}

// taken is that Connexie took a token, asked by hand.
func taken(account string, checked store.SealedToken) store.Activation {
	return store.Activation{AccountID: account, Checked: checked, By: "user_42"}
}
