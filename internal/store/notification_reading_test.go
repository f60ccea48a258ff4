package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

func TestSnooze_N1_ASnoozedOneIsNeitherListedNorDeliveredUntilItComesAgain(t *testing.T) {
	t.Parallel()
	d := newTold(t)
	d.webhook(t)
	d.open(t, now, disputed)
	id := d.only(t)
	monday := now.Add(24 * time.Hour)
	_, err := d.Store.ReadNotification(t.Context(), id, "user_41", now)
	require.NoError(t, err)
	snoozed, err := d.Store.SnoozeNotification(t.Context(), id, "user_42", monday, now)
	require.NoError(t, err)
	require.WithinDuration(t, monday, *snoozed.SnoozedUntil, 0)
	require.Equal(t, "user_42", snoozed.SnoozedBy)
	require.Empty(t, d.listed(t, store.NotificationFilter{}, now))
	require.Len(t, d.listed(t, store.NotificationFilter{All: true}, now), 1)
	require.Empty(t, d.sends(t, now))
	before := testkit.TakeSnapshot(t, d.URL)
	ended, err := d.Store.EndSnoozes(t.Context(), monday.Add(-time.Second))
	require.NoError(t, err)
	require.Zero(t, ended)
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, d.URL))

	ended, err = d.Store.EndSnoozes(t.Context(), monday)
	require.NoError(t, err)
	require.Equal(t, 1, ended)
	require.Len(t, d.listed(t, store.NotificationFilter{Unread: true}, monday), 1, "it counts as unread")
	require.Equal(t, []string{"opened per_1", "due_again per_1"}, d.sends(t, monday))
	ended, err = d.Store.EndSnoozes(t.Context(), monday)
	require.NoError(t, err)
	require.Zero(t, ended)
}

func (d told) listed(t *testing.T, filter store.NotificationFilter, at time.Time) []store.NotificationDetail {
	t.Helper()
	filter.OrganisationID, filter.Limit = d.organisation, 100
	found, err := d.Store.Notifications(t.Context(), filter, at)
	require.NoError(t, err)
	return found
}

func TestSnooze_N1_EndsWhereSomethingElseIsToldOrTheCauseIsGone(t *testing.T) {
	t.Parallel()
	changed := disputed
	changed.NextStep = "Decide about three."
	for name, test := range map[string]struct {
		happens func(*testing.T, told)
		sent    []string
		listed  int
	}{
		"told the same": {func(t *testing.T, d told) {
			t.Helper()
			d.open(t, later, disputed)
		}, []string{}, 0},
		"happened again": {func(t *testing.T, d told) {
			t.Helper()
			_, err := d.Store.RefreshNotices(t.Context(), d.connection, []domain.Notice{disputed}, later)
			require.NoError(t, err)
		}, []string{}, 0},
		"told something else": {func(t *testing.T, d told) {
			t.Helper()
			d.open(t, later, changed)
		}, []string{"opened per_1", "told_anew per_1"}, 1},
		"closed": {func(t *testing.T, d told) {
			t.Helper()
			d.end(t, later, disputed)
		}, []string{"opened per_1", "closed per_1"}, 0},
		"unsnoozed": {func(t *testing.T, d told) {
			t.Helper()
			_, err := d.Store.UnsnoozeNotification(t.Context(), d.only(t), "user_43", later)
			require.NoError(t, err)
		}, []string{"opened per_1"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newTold(t)
			d.webhook(t)
			d.open(t, now, disputed)
			id := d.only(t)
			_, err := d.Store.ReadNotification(t.Context(), id, "user_42", now)
			require.NoError(t, err)
			_, err = d.Store.SnoozeNotification(t.Context(), id, "user_42", later.Add(time.Hour), now)
			require.NoError(t, err)
			test.happens(t, d)
			require.Equal(t, test.sent, d.sends(t, later))
			require.Len(t, d.listed(t, store.NotificationFilter{}, later), test.listed)
		})
	}
}

func TestRead_N1_TheFirstReaderStaysUntilItIsToldAnew(t *testing.T) {
	t.Parallel()
	d := newTold(t)
	d.open(t, now, disputed)
	id := d.only(t)
	for _, by := range []string{"user_41", "user_42"} {
		read, err := d.Store.ReadNotification(t.Context(), id, by, later)
		require.NoError(t, err)
		require.Equal(t, "user_41", read.ReadBy)
	}
	changed := disputed
	changed.Severity = domain.SeverityCritical
	d.open(t, later, changed)
	found, err := d.Store.Notification(t.Context(), id, later)
	require.NoError(t, err)
	require.Nil(t, found.ReadAt)
	require.Empty(t, found.ReadBy)
	d.end(t, later, changed)
	closed, err := d.Store.SnoozeNotification(t.Context(), id, "user_42", later.Add(time.Hour), later)
	require.NoError(t, err)
	require.Nil(t, closed.SnoozedUntil, "what is closed stays as it is")
	_, err = d.Store.Notification(t.Context(), testkit.ID(t), later)
	require.ErrorIs(t, err, store.ErrNotFound)
}
