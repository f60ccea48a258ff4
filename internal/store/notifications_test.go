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

var (
	disputed    = domain.Notice{Cause: domain.CauseDisputed, Subject: "per_1", Severity: domain.SeverityWarning, NextStep: "Decide."}
	reactivated = domain.Notice{Cause: domain.CauseReactivated, Subject: "per_1", Severity: domain.SeverityWarning, NextStep: "By a."}
)

func TestStore_N1_OneOpenRowPerConnectionCauseAndSubject(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	connection := db.Connection(t, db.Organisation(t)).ID
	other := db.Connection(t, db.Organisation(t)).ID
	var group errgroup.Group
	for range 6 {
		group.Go(func() error {
			_, err := db.Store.OpenNotices(t.Context(), connection, []domain.Notice{disputed, disputed, reactivated}, now)
			return err
		})
	}
	require.NoError(t, group.Wait())
	opened, err := db.Store.OpenNotices(t.Context(), other, []domain.Notice{disputed}, now)
	require.NoError(t, err)
	require.Equal(t, 1, opened, "another connection is another subject")
	require.Len(t, causes(t, db, connection), 2)

	before := testkit.TakeSnapshot(t, db.URL)
	opened, err = db.Store.OpenNotices(t.Context(), connection, []domain.Notice{disputed}, later)
	require.NoError(t, err)
	require.Zero(t, opened)
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, db.URL))
}

// A held run that is planned anew may come to other numbers.
func TestStore_N1_OneThatSaysSomethingElseIsToldAnew(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	connection := db.Connection(t, db.Organisation(t)).ID
	_, err := db.Store.OpenNotices(t.Context(), connection, []domain.Notice{disputed}, now)
	require.NoError(t, err)
	db.Exec(t, `update connexie.notifications set read_at = now()`)
	changed := disputed
	changed.NextStep = "Decide about three."
	told, err := db.Store.OpenNotices(t.Context(), connection, []domain.Notice{changed}, later)
	require.NoError(t, err)
	require.Equal(t, 1, told)
	open, err := db.Store.OpenNotifications(t.Context(), connection)
	require.NoError(t, err)
	require.Len(t, open, 1)
	require.Equal(t, changed.NextStep, open[0].NextStep)
	require.WithinDuration(t, later, open[0].OpenedAt, 0)
	require.True(t, testkit.Value[bool](t, db, `select read_at is null from connexie.notifications`))
}

func TestStore_N1_AClosedOneOpensAgainAsANewRow(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	connection := db.Connection(t, db.Organisation(t)).ID
	keys := []store.NoticeKey{{Cause: disputed.Cause, Subject: disputed.Subject}, {Cause: "none", Subject: ""}}
	for range 2 {
		opened, err := db.Store.OpenNotices(t.Context(), connection, []domain.Notice{disputed}, now)
		require.NoError(t, err)
		require.Equal(t, 1, opened)
		closed, err := db.Store.CloseNotices(t.Context(), connection, keys, later)
		require.NoError(t, err)
		require.Equal(t, 1, closed)
		closed, err = db.Store.CloseNotices(t.Context(), connection, keys, later)
		require.NoError(t, err)
		require.Zero(t, closed)
	}
	require.Equal(t, 2, testkit.Value[int](t, db, `select count(*) from connexie.notifications where closed_at is not null`))
}

func TestStore_N1_AnEventThatHappensAgainIsUnreadAgain(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	connection := db.Connection(t, db.Organisation(t)).ID
	for _, at := range []time.Time{now, later} {
		notice := reactivated
		notice.NextStep = "At " + at.String()
		written, err := db.Store.RefreshNotices(t.Context(), connection, []domain.Notice{reactivated, notice}, at)
		require.NoError(t, err)
		require.Equal(t, 1, written)
		open, err := db.Store.OpenNotifications(t.Context(), connection)
		require.NoError(t, err)
		require.Len(t, open, 1)
		require.Equal(t, notice.NextStep, open[0].NextStep, "the last of one batch counts")
		require.WithinDuration(t, at, open[0].OpenedAt, 0)
		require.True(t, testkit.Value[bool](t, db, `select read_at is null from connexie.notifications`))
		db.Exec(t, `update connexie.notifications set read_at = now()`)
	}
}

func TestStore_S14_WhoIsLinkedAndMissingIsToldOnceAndClosedWhenBack(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	organisation := db.Organisation(t)
	connection := db.Connection(t, organisation).ID
	for _, person := range []string{"per_linked", "per_unlinked", "per_there"} {
		db.Exec(t, `
			insert into connexie.people (connection_id, connexie_id, email_state, employment_ended, modified_at,
			       fingerprint, missing_since)
			values ($1, $2::text, 'blank', false, now(), '', case when $2::text <> 'per_there' then now() end)`, connection, person)
	}
	for _, person := range []string{"per_linked", "per_there"} {
		db.Link(t, connection, db.TeamMember(t, testkit.TeamMember{OrganisationID: organisation}), person)
	}
	require.NoError(t, db.Store.SyncMissingNotices(t.Context(), connection, now))
	open, err := db.Store.OpenNotifications(t.Context(), connection)
	require.NoError(t, err)
	require.Len(t, open, 1)
	require.Equal(t, "per_linked", open[0].Subject)

	before := testkit.TakeSnapshot(t, db.URL)
	require.NoError(t, db.Store.SyncMissingNotices(t.Context(), connection, later))
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, db.URL))

	db.Exec(t, `update connexie.people set missing_since = null`)
	require.NoError(t, db.Store.SyncMissingNotices(t.Context(), connection, later))
	require.Empty(t, causes(t, db, connection))
}

// What stood in a record can no longer be mended once the record is gone.
func TestStore_N1_S14_NothingIsToldOfTheRecordOfSomebodyWhoIsGone(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	connection := db.Connection(t, db.Organisation(t)).ID
	var notices []domain.Notice
	for _, person := range []string{"per_gone", "per_there"} {
		db.Exec(t, `
			insert into connexie.people (connection_id, connexie_id, email_state, employment_ended, modified_at,
			       fingerprint, missing_since)
			values ($1, $2::text, 'blank', false, now(), '', case when $2::text = 'per_gone' then now() end)`, connection, person)
		notices = append(notices, domain.RefusedRecordNotice(person))
	}
	_, err := db.Store.OpenNotices(t.Context(), connection, notices, now)
	require.NoError(t, err)
	require.NoError(t, db.Store.SyncMissingNotices(t.Context(), connection, later))
	open, err := db.Store.OpenNotifications(t.Context(), connection)
	require.NoError(t, err)
	require.Len(t, open, 1)
	require.Equal(t, "per_there", open[0].Subject)
}
