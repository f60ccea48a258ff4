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

// toTell is what should be told, by period and number of entries.
func (x exporting) toTell(periodsAndEntries ...any) map[string]string {
	wanted := map[string]string{}
	for i := 0; i < len(periodsAndEntries); i += 2 {
		again := domain.ExportRequest{
			ConnectionID: x.connection, Period: periodsAndEntries[i].(domain.Period), Kinds: []domain.ExportKind{domain.ExportHours},
		}
		notice := domain.ExportChangedNotice(again, periodsAndEntries[i+1].(int))
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
	require.Equal(t, x.toTell(first, 1), x.told(t))
	x.Exec(t, `update eitje.entries set state = 'open' where id = $1`, two)
	x.Exec(t, `delete from eitje.entries where id = $1`, three)
	require.Equal(t, x.toTell(first, 2, last, 1), x.told(t), "it tells anew where the number is another")

	x.Exec(t, `update connexie.notifications set read_at = now()`)
	before := testkit.TakeSnapshot(t, x.URL)
	require.NoError(t, x.Store.SyncExportNotices(t.Context(), x.connection, testkit.Now.Add(time.Hour)))
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, x.URL))

	x.Exec(t, `update eitje.entries set minutes = 480 where id = $1`, one)
	x.Exec(t, `update eitje.entries set state = 'approved' where id = $1`, two)
	require.Equal(t, x.toTell(last, 1), x.told(t), "it is as it was exported again")
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
	require.Equal(t, x.toTell(first, 1), x.told(t))
	x.exported(t, store.ExportOpening{Period: last}, []line{{entry: moved}})
	require.Equal(t, x.toTell(first, 1, last, 1), x.told(t))
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

// What is told to be run is not refused by X7: it has all kinds that Connexie holds of the
// period, also those of a later export of some of its days.
func TestExport_X7_X12_TheCommandThatIsToldCoversTheKindsThatWereExported(t *testing.T) {
	t.Parallel()
	x := newExporting(t)
	hours, meals := []domain.ExportKind{domain.ExportHours}, []domain.ExportKind{domain.ExportMeals, domain.ExportHours}
	edited := x.entry(t, 2)
	x.exported(t, store.ExportOpening{Period: november(1, 30), Kinds: hours}, []line{{entry: edited}})
	x.Exec(t, `update eitje.entries set minutes = 10`)
	command := "starter export --connection " + x.connection + " --from 2026-11-01 --to 2026-11-30 --kinds hours"
	require.Contains(t, x.told(t)["2026-11-01_2026-11-30"], command+".")
	x.exported(t, store.ExportOpening{Period: november(16, 30), Kinds: meals}, nil, "ven_1")
	require.Contains(t, x.told(t)["2026-11-01_2026-11-30"], command+",meals.")
}

func TestExport_N1_AnExportClosesWhatWasToldOfThePeriodsThatItContains(t *testing.T) {
	t.Parallel()
	x := newExporting(t)
	other := x.DB.Connection(t, x.Organisation(t)).ID
	tell := func(connection string, period domain.Period) {
		notice := domain.ExportIncompleteNotice(domain.ExportRequest{Period: period}, "", domain.ExportPartly, "")
		_, err := x.Store.OpenNotices(t.Context(), connection, []domain.Notice{notice}, testkit.Now)
		require.NoError(t, err)
	}
	for _, period := range []domain.Period{november(2, 15), november(2, 8), november(8, 15), november(1, 8), november(8, 16), november(20, 21)} {
		tell(x.connection, period)
	}
	tell(other, november(2, 8))
	x.Exec(t, `insert into connexie.notifications (id, organisation_id, connection_id, cause, subject, severity, next_step, opened_at)
		select gen_random_uuid(), organisation_id, id, 'exported_changed', '2026-11-02_2026-11-08', 'warning', '', now()
		  from connexie.connections where id = $1`, x.connection)
	require.NoError(t, x.Store.CloseIncompleteExports(t.Context(), x.connection, november(2, 15), testkit.Now))
	open := testkit.Value[[]string](t, x.DB, `
		select array_agg(cause || ' ' || subject order by cause, subject)
		  from connexie.notifications where connection_id = $1 and closed_at is null`, x.connection)
	require.Equal(t, []string{"export_incomplete 2026-11-01_2026-11-08", "export_incomplete 2026-11-08_2026-11-16",
		"export_incomplete 2026-11-20_2026-11-21", "exported_changed 2026-11-02_2026-11-08"}, open)
	require.Equal(t, 1, testkit.Value[int](t, x.DB, `
		select count(*) from connexie.notifications where connection_id = $1 and closed_at is null`, other))
}
