package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

func TestStore_S9_SavingTheSameListsWritesNothing(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	connection := db.Connection(t, db.Organisation(t))
	list := store.CompleteList{ConnectionID: connection.ID, PageLimit: 100, ETag: `"one"`}
	venues := []domain.Venue{{ID: "ven_1", Name: "Bar", Active: true}, {ID: "ven_2", Name: "Kitchen"}}
	codes := []domain.WageCode{{Code: "100", Description: "Hours", Kind: "hours", Unit: "hours"}}
	save := func() (changed int) {
		saved, err := db.Store.SaveVenues(t.Context(), list, venues, now)
		require.NoError(t, err)
		changed += saved
		saved, err = db.Store.SaveWageCodes(t.Context(), list, codes, now)
		require.NoError(t, err)
		return changed + saved
	}
	require.Equal(t, 3, save())
	before := testkit.TakeSnapshot(t, db.URL)
	require.Zero(t, save())
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, db.URL))

	saved, err := db.Store.Venues(t.Context(), connection.ID)
	require.NoError(t, err)
	require.Equal(t, venues, saved)
	found, err := db.Store.WageCodes(t.Context(), connection.ID)
	require.NoError(t, err)
	require.Equal(t, codes, found)
}

func TestStore_C2_AVenueThatIsGoneComesBackWithItsDecision(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	connection := db.Connection(t, db.Organisation(t))
	db.ConnexieVenues(t, connection.ID, "ven_1", "Bar", "ven_2", "Kitchen")
	require.NoError(t, db.Store.SetConnexieVenueInactive(t.Context(), connection.ID, "ven_2", now))

	db.ConnexieVenues(t, connection.ID, "ven_1", "Bar")
	venues, err := db.Store.Venues(t.Context(), connection.ID)
	require.NoError(t, err)
	require.Len(t, venues, 1)

	db.ConnexieVenues(t, connection.ID, "ven_1", "Bar", "ven_2", "Kitchen upstairs")
	decisions, err := db.Store.VenueDecisions(t.Context(), connection.ID)
	require.NoError(t, err)
	require.Equal(t, store.ConnexieVenue{ID: "ven_2", Name: "Kitchen upstairs", Active: true, SetInactive: true}, decisions.Connexie[1])
}

func TestStore_ETag_IsOfOnePageLimitAndTheNewestList(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	connection := db.Connection(t, db.Organisation(t))
	etag := func(limit int) string {
		kept, err := db.Store.ETag(t.Context(), connection.ID, store.ListPeople, limit)
		require.NoError(t, err)
		return kept
	}
	keep := func(limit int, etag string) {
		list := store.CompleteList{ConnectionID: connection.ID, PageLimit: limit, ETag: etag}
		require.NoError(t, db.Store.KeepETag(t.Context(), list, store.ListPeople))
	}
	require.Empty(t, etag(100))
	keep(100, `"a"`)
	require.Equal(t, `"a"`, etag(100))
	require.Empty(t, etag(200), "an etag of another page size is of another answer")
	keep(200, `"b"`)
	require.Empty(t, etag(100), "the list was another when it was read with this page size")
	keep(200, "")
	require.Empty(t, etag(200))
}
