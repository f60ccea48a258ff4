package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// mirrored is a connection whose mirror holds three people.
type mirrored struct {
	db         *testkit.DB
	connection string
}

func newMirrored(t *testing.T) mirrored {
	t.Helper()
	db := testkit.New(t)
	m := mirrored{db: db, connection: db.Connection(t, db.Organisation(t)).ID}
	m.complete(t, m.read(t, "emp_1", "emp_2", "emp_3"), false)
	return m
}

// read starts a reading that shows the people named, on one page.
func (m mirrored) read(t *testing.T, ids ...string) int64 {
	t.Helper()
	number, err := m.db.Store.StartReading(t.Context(), m.connection, testkit.Now)
	require.NoError(t, err)
	page := store.MirrorPage{ConnectionID: m.connection, Reading: number, Page: 1}
	for _, id := range ids {
		page.People = append(page.People, domain.Person{
			ID: id, FirstName: "A", LastName: "B", ModifiedAt: testkit.Now,
			Employment: domain.Employment{Start: domain.NewDate(2020, time.January, 1)},
		})
	}
	_, err = m.db.Store.SavePage(t.Context(), page)
	require.NoError(t, err)
	return number
}

func (m mirrored) complete(t *testing.T, number int64, nameless bool) {
	t.Helper()
	require.NoError(t, m.db.Store.CompleteReading(t.Context(), store.CompletedReading{
		ConnectionID: m.connection, Number: number, PageLimit: 500, Nameless: nameless,
	}, testkit.Now))
}

func (m mirrored) missing(t *testing.T) []string {
	t.Helper()
	return testkit.Value[[]string](t, m.db, `
		select coalesce(array_agg(connexie_id::text order by connexie_id), '{}')
		  from connexie.people where connection_id = $1 and missing_since is not null`, m.connection)
}

func TestStore_S14_OnlyAWholeReadingTellsWhoIsMissing(t *testing.T) {
	t.Parallel()
	m := newMirrored(t)
	number := m.read(t, "emp_1", "emp_3")
	require.Empty(t, m.missing(t), "nothing is concluded before the end of the list")
	m.complete(t, number, false)
	require.Equal(t, []string{"emp_2"}, m.missing(t))
	m.complete(t, m.read(t, "emp_1", "emp_2", "emp_3"), false)
	require.Empty(t, m.missing(t), "who is back is no longer missing")
}

// Somebody may come to Connexie and be synchronised alone behind the page that is being
// read.
func TestStore_S14_WhoIsReadAloneDuringAReadingIsNotMissingFromIt(t *testing.T) {
	t.Parallel()
	m := newMirrored(t)
	run := open(t, m.db, fullRun(t, m.connection))
	number := m.read(t, "emp_1", "emp_2")
	require.NoError(t, m.db.Store.SetReading(t.Context(), run.ID, number))
	require.NoError(t, m.db.Store.SeePerson(t.Context(), m.connection, "emp_3"))
	m.complete(t, number, false)
	require.Empty(t, m.missing(t))

	next := open(t, m.db, fullRun(t, m.connection))
	number = m.read(t, "emp_1", "emp_2")
	require.NoError(t, m.db.Store.SetReading(t.Context(), next.ID, number))
	m.complete(t, number, false)
	require.Equal(t, []string{"emp_3"}, m.missing(t), "the reading after it shows who is gone")
	require.NoError(t, m.db.Store.SeePerson(t.Context(), m.connection, "emp_3"))
	require.Empty(t, m.missing(t), "and who is back")
}

// A record whose id cannot be read may be anybody's.
func TestStore_S14_NobodyIsMissingWhileARecordHasNoName(t *testing.T) {
	t.Parallel()
	m := newMirrored(t)
	m.complete(t, m.read(t, "emp_1"), false)
	require.Equal(t, []string{"emp_2", "emp_3"}, m.missing(t))
	m.complete(t, m.read(t, "emp_2"), true)
	require.Equal(t, []string{"emp_3"}, m.missing(t), "seen again counts, not seen does not")
}

func TestStore_S14_AReadingThatWasOvertakenConcludesNothing(t *testing.T) {
	t.Parallel()
	m := newMirrored(t)
	older := m.read(t, "emp_1")
	m.complete(t, m.read(t, "emp_1", "emp_2", "emp_3"), false)
	m.complete(t, older, false)
	require.Empty(t, m.missing(t))
}

func TestStore_S9_CompletingAgainWritesNothing(t *testing.T) {
	t.Parallel()
	m := newMirrored(t)
	number := m.read(t, "emp_1")
	m.complete(t, number, false)
	before := testkit.TakeSnapshot(t, m.db.URL)
	m.complete(t, number, false)
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, m.db.URL))
}
