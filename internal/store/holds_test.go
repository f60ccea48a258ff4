package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

func (q quarrel) hold(t *testing.T, id string, until domain.Date) (store.Hold, bool, error) {
	t.Helper()
	return q.db.Store.SetHold(t.Context(), store.HoldOn{
		ConnectionID: q.connection, ConnexieID: id, Until: until, Today: today, Reason: "payroll looks into it", By: "user_1",
	}, now)
}

func (q quarrel) openCauses(t *testing.T, id string) []string {
	t.Helper()
	return testkit.Value[[]string](t, q.db, `
		select coalesce(array_agg(cause order by cause), '{}') from connexie.notifications
		 where connection_id = $1 and subject = $2 and closed_at is null`, q.connection, id)
}

func TestHold_S21_AHoldExemptsThroughItsLastDayAndEndsByItself(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t)
	q.connexieSends(t, "p3", "alone@example.nl")
	q.sync(t, today)
	member := q.linkOf(t, "p3")
	until := today.AddDays(3)
	_, changed, err := q.hold(t, "p3", until)
	require.NoError(t, err)
	require.True(t, changed)
	require.Equal(t, domain.Standing{Situation: domain.OnHold, Rule: "S21"}, q.stands(t, "p3"), "at once")
	q.db.Exec(t, `update eitje.contracts set job_title = 'edited' where team_member_id = $1`, member)
	q.db.Exec(t, `update eitje.team_members set active = false where id = $1`, member)

	require.Empty(t, q.sync(t, until), "the last day is included, and a second sync writes nothing (S9)")
	require.Equal(t, domain.OnHold, q.stands(t, "p3").Situation)
	require.Equal(t, "edited", testkit.Value[string](t, q.db, `select job_title from eitje.contracts where team_member_id = $1`, member))

	require.Equal(t, []string{"p3"}, q.sync(t, until.AddDays(1)))
	require.Equal(t, domain.Linked, q.stands(t, "p3").Situation)
	require.True(t, testkit.Value[bool](t, q.db, `select active from eitje.team_members where id = $1`, member))
	require.Empty(t, q.sync(t, until.AddDays(1)), "S9")
}

func TestHold_S21_ShowsInTheCountsOfARun(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t)
	q.sync(t, today)
	_, _, err := q.hold(t, "p1", today)
	require.NoError(t, err)
	counts, err := q.db.Store.CountRun(t.Context(), open(t, q.db, fullRun(t, q.connection)).ID)
	require.NoError(t, err)
	require.Equal(t, domain.Counts{"on_hold": 1}, counts)
}

func TestHold_S21_NotificationsStayAsTheyAre(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t)
	q.connexieSends(t, "p3", "alone@example.nl")
	q.connexieSends(t, "p4", "too@example.nl")
	q.sync(t, today)
	_, _, err := q.hold(t, "p1", today)
	require.NoError(t, err)
	q.connexieSends(t, "p1", "")
	q.sync(t, today)
	require.Equal(t, []string{"disputed"}, q.openCauses(t, "p1"), "neither closed, nor another opened")

	for _, id := range []string{"p1", "p3"} {
		q.db.Exec(t, `update connexie.people set missing_since = now() where connection_id = $1 and connexie_id = $2`, q.connection, id)
	}
	_, _, err = q.hold(t, "p3", today)
	require.NoError(t, err, "somebody who is missing is known")
	require.NoError(t, q.db.Store.SyncMissingNotices(t.Context(), q.connection, now))
	require.Equal(t, []string{"disputed"}, q.openCauses(t, "p1"))
	require.Empty(t, q.openCauses(t, "p3"), "linked, and missing")

	require.NoError(t, q.db.Store.SyncMissingNotices(t.Context(), q.connection, now.AddDate(0, 0, 1)))
	require.Empty(t, q.openCauses(t, "p1"), "the day after they are judged again")
	require.Equal(t, []string{"missing_in_connexie"}, q.openCauses(t, "p3"))
	_, _, err = q.hold(t, "p3", today)
	require.NoError(t, err)
	q.db.Exec(t, `update connexie.people set missing_since = null where connection_id = $1`, q.connection)
	require.NoError(t, q.db.Store.SyncMissingNotices(t.Context(), q.connection, now))
	require.Equal(t, []string{"missing_in_connexie"}, q.openCauses(t, "p3"), "nor is one closed")
}

func TestHold_S21_S10_SettingMovingAndLiftingLeaveAnAuditLineEach(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t)
	hold, _, err := q.hold(t, "p1", today.AddDays(1))
	require.NoError(t, err)
	moved, changed, err := q.hold(t, "p1", today.AddDays(9))
	require.NoError(t, err)
	require.True(t, changed)
	require.Equal(t, hold.ID, moved.ID, "one hold a person")
	before := testkit.TakeSnapshot(t, q.db.URL)
	_, changed, err = q.hold(t, "p1", today.AddDays(9))
	require.NoError(t, err)
	require.False(t, changed)
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, q.db.URL))

	lifted, changed, err := q.db.Store.LiftHold(t.Context(), q.connection, "p1", "user_2", today, now)
	require.NoError(t, err)
	require.True(t, changed)
	require.Equal(t, "user_2", lifted.LiftedBy)
	_, changed, err = q.db.Store.LiftHold(t.Context(), q.connection, "p1", "user_2", today, now)
	require.NoError(t, err)
	require.False(t, changed)
	require.Equal(t, []string{
		"hold until - 2026-11-23 user_1", "hold until 2026-11-23 2026-12-01 user_1", "hold until 2026-12-01 - user_2",
	}, testkit.Value[[]string](t, q.db, `
		select array_agg(concat_ws(' ', object, field, coalesce(before, '-'), coalesce(after, '-'), by) order by id)
		  from connexie.changes where act = 'hold' and act_id = $1 and connexie_id = 'p1'`, hold.ID))

	again, _, err := q.hold(t, "p1", today)
	require.NoError(t, err)
	require.NotEqual(t, hold.ID, again.ID, "a new hold after one that was lifted")
	inForce, err := q.db.Store.Holds(t.Context(), q.connection, today, false)
	require.NoError(t, err)
	require.Len(t, inForce, 1)
	all, err := q.db.Store.Holds(t.Context(), q.connection, today, true)
	require.NoError(t, err)
	require.Len(t, all, 2)
	over, err := q.db.Store.Holds(t.Context(), q.connection, today.AddDays(1), false)
	require.NoError(t, err)
	require.Empty(t, over)
}

func TestHold_S21_ALiftedHoldLetsTheNextSyncAct(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t)
	q.connexieSends(t, "p3", "alone@example.nl")
	_, _, err := q.hold(t, "p3", today.AddDays(30))
	require.NoError(t, err)
	q.sync(t, today)
	require.Empty(t, q.linkOf(t, "p3"))
	_, _, err = q.db.Store.LiftHold(t.Context(), q.connection, "p3", "user_1", today, now)
	require.NoError(t, err)
	q.sync(t, today)
	require.NotEmpty(t, q.linkOf(t, "p3"))
}

func TestHold_S21_NobodyUnknownIsHeld(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t)
	before := testkit.TakeSnapshot(t, q.db.URL)
	_, _, err := q.hold(t, "nobody", today)
	require.ErrorIs(t, err, store.ErrNotFound)
	_, _, err = q.db.Store.LiftHold(t.Context(), q.connection, "nobody", "user_1", today, now)
	require.ErrorIs(t, err, store.ErrNotFound)
	_, _, err = q.db.Store.LiftHold(t.Context(), q.connection, "p1", "user_1", today, now)
	require.ErrorIs(t, err, store.ErrNotFound)
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, q.db.URL))
}
