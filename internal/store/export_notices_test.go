package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// told syncs the notices and shows the open ones by period, with what they say.
func (x exporting) told(t testing.TB) map[string]string {
	t.Helper()
	require.NoError(t, x.Store.SyncExportNotices(t.Context(), x.connection, testkit.Now))
	return testkit.Value[map[string]string](t, x.DB, `
		select coalesce(jsonb_object_agg(subject, next_step), '{}')
		  from connexie.notifications where cause = 'exported_changed' and closed_at is null`)
}

func changedNotices(periodsAndEntries ...any) map[string]string {
	wanted := map[string]string{}
	for i := 0; i < len(periodsAndEntries); i += 2 {
		notice := domain.ExportChangedNotice(periodsAndEntries[i].(domain.Period), periodsAndEntries[i+1].(int))
		wanted[notice.Subject] = notice.NextStep
	}
	return wanted
}

func TestExport_X12_EachPeriodWithChangedEntriesHasOneNotice(t *testing.T) {
	t.Parallel()
	x := newExporting(t)
	first, last := november(1, 15), november(16, 30)
	one, two, three := x.entry(t, 2), x.entry(t, 3), x.entry(t, 20)
	x.exported(t, store.ExportOpening{Period: first}, []line{{entry: one}, {entry: two, venue: "ven_2"}})
	x.exported(t, store.ExportOpening{Period: last}, []line{{entry: three}})
	require.Empty(t, x.told(t))

	x.Exec(t, `update eitje.entries set break_minutes = 30`)
	require.Empty(t, x.told(t), "another version, the same content")
	x.Exec(t, `update eitje.entries set minutes = 10 where id = $1`, one)
	require.Equal(t, changedNotices(first, 1), x.told(t))
	x.Exec(t, `update eitje.entries set state = 'open' where id = $1`, two)
	x.Exec(t, `delete from eitje.entries where id = $1`, three)
	require.Equal(t, changedNotices(first, 2, last, 1), x.told(t), "it tells anew where the number is another")

	x.Exec(t, `update connexie.notifications set read_at = now()`)
	before := testkit.TakeSnapshot(t, x.URL)
	require.NoError(t, x.Store.SyncExportNotices(t.Context(), x.connection, testkit.Now.Add(time.Hour)))
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, x.URL))

	x.Exec(t, `update eitje.entries set minutes = 480 where id = $1`, one)
	x.Exec(t, `update eitje.entries set state = 'approved' where id = $1`, two)
	require.Equal(t, changedNotices(last, 1), x.told(t), "it is as it was exported again")
	x.exported(t, store.ExportOpening{Period: last}, nil, "ven_1")
	require.Empty(t, x.told(t), "Connexie no longer holds what is gone")
}

func TestExport_X12_AnEntryThatIsHeldTwiceCountsForBothPeriods(t *testing.T) {
	t.Parallel()
	x := newExporting(t)
	first, last := november(1, 15), november(16, 30)
	moved := x.entry(t, 2)
	x.exported(t, store.ExportOpening{Period: first}, []line{{entry: moved}})
	x.Exec(t, `update eitje.entries set day = '2026-11-20'`)
	require.Equal(t, changedNotices(first, 1), x.told(t))
	x.exported(t, store.ExportOpening{Period: last}, []line{{entry: moved}})
	require.Equal(t, changedNotices(first, 1, last, 1), x.told(t))
	x.exported(t, store.ExportOpening{Period: first}, nil, "ven_1")
	require.Empty(t, x.told(t))
}

func TestExport_X12_NobodyIsToldOfAnotherConnection(t *testing.T) {
	t.Parallel()
	x := newExporting(t)
	x.exported(t, store.ExportOpening{}, []line{{entry: x.entry(t, 2)}})
	x.Exec(t, `delete from eitje.entries`)
	other := x.DB.Connection(t, x.Organisation(t)).ID
	require.NoError(t, x.Store.SyncExportNotices(t.Context(), other, testkit.Now))
	require.Zero(t, testkit.Value[int](t, x.DB, `select count(*) from connexie.notifications`))
}
