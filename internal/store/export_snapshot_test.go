package store_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// newExportable is an export with one approved entry of eight hours, which goes out.
func newExportable(t *testing.T) (x exported, entry string) {
	t.Helper()
	x = newExported(t)
	x.ConnexieVenues(t, x.connection, "ven_1", "Bar")
	x.Exec(t, `insert into connexie.venue_mappings (connection_id, venue_id, connexie_venue_id, decided_at, decided_by)
		values ($1, $2, 'ven_1', $3, 'cli')`, x.connection, x.venue, now)
	x.Code(t, x.connection, domain.LineHours, "", "1000")
	x.Link(t, x.connection, x.member, "emp_1")
	x.Contract(t, testkit.Contract{TeamMemberID: x.member, ConnexieID: "con_1"})
	return x, x.Entry(t, testkit.Entry{OrganisationID: x.organisation, TeamMemberID: x.member, VenueID: x.venue})
}

func (x exported) snapshot(t *testing.T) store.Snapshot {
	t.Helper()
	snapshot, err := x.Store.SnapshotExport(t.Context(), x.export)
	require.NoError(t, err)
	return snapshot
}

// A repeated activity replaces what an earlier attempt froze, until something of it may
// stand in an import; from then on it says again what is frozen.
func TestSnapshotExport_X14_RepeatedItReplacesItsLinesUntilAVenueHasBegun(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]string{
		"a venue has begun":    `update connexie.export_venues set state = 'sending'`,
		"the export was ended": `update connexie.exports set closed_at = now(), outcome = 'cancelled'`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x, entry := newExportable(t)
			one := store.Snapshot{Lines: 1, Entries: 1, Skipped: domain.Counts{}}
			require.Equal(t, one, x.snapshot(t))
			require.Equal(t, one, x.snapshot(t), "again")
			x.Exec(t, `update eitje.entries set state = 'open'`)
			none := store.Snapshot{Skips: 1, Skipped: domain.Counts{"X1.not_approved": 1}}
			require.Equal(t, none, x.snapshot(t), "after the entry lost its approval")
			x.Exec(t, `update eitje.entries set state = 'approved'`)
			require.Equal(t, one, x.snapshot(t), "after it was approved again")

			x.Exec(t, begin)
			x.Exec(t, `update eitje.entries set state = 'open' where id = $1`, entry)
			lines, venues := frozenRows(t, x)
			require.Equal(t, one, x.snapshot(t), "what is frozen")
			linesAfter, venuesAfter := frozenRows(t, x)
			require.Equal(t, lines, linesAfter)
			require.Equal(t, venues, venuesAfter)
		})
	}
}

// A slip of the pen in one entry stops nobody: not the export of the others, and not
// whoever looks at the table of hours.
func TestSnapshotExport_X5_AnAbsurdLengthIsLeftOutAndTheOthersGoOut(t *testing.T) {
	t.Parallel()
	x, _ := newExportable(t)
	slip := func(entry testkit.Entry) {
		entry.OrganisationID, entry.TeamMemberID, entry.VenueID = x.organisation, x.member, x.venue
		x.Entry(t, entry)
	}
	slip(testkit.Entry{NoMinutes: true, EndsAt: domain.NewDate(9999, 12, 31).At(9, 0)})
	slip(testkit.Entry{NoMinutes: true, EndsAt: time.Date(294_276, 12, 31, 0, 0, 0, 0, time.UTC)})
	slip(testkit.Entry{NoMinutes: true, EndsAt: time.Date(-4_712, 1, 1, 0, 0, 0, 0, time.UTC)})
	slip(testkit.Entry{NoMinutes: true, BreakMinutes: math.MaxInt32, EndsAt: testkit.Now.AddDate(-1, 0, 0)})
	slip(testkit.Entry{Minutes: math.MaxInt32})
	require.Equal(t, store.Snapshot{Lines: 1, Entries: 1, Skips: 5,
		Skipped: domain.Counts{"X5.too_long": 3, "X5.negative_length": 2}}, x.snapshot(t))

	day := domain.DayOf(testkit.Now)
	hours, err := x.Store.Hours(t.Context(), store.HoursFilter{
		ConnectionID: x.connection, Period: domain.Period{From: day, To: day}, Limit: 10,
	})
	require.NoError(t, err)
	require.Len(t, hours, 6)
}

// frozenRows are the row versions of the lines and the venues.
func frozenRows(t *testing.T, x exported) (lines, venues []string) {
	t.Helper()
	snapshot := testkit.TakeSnapshot(t, x.URL)
	require.NotEmpty(t, snapshot["connexie.export_lines"])
	return snapshot["connexie.export_lines"], snapshot["connexie.export_venues"]
}

// Two attempts at once: the second cannot see what the first writes, so it must not go
// on; repeated, it finds it.
func TestSnapshotExport_X14_AnAttemptThatMeetsAnotherOneIsRepeated(t *testing.T) {
	t.Parallel()
	x, _ := newExportable(t)
	first, err := x.Pool.Begin(t.Context())
	require.NoError(t, err)
	defer func() { _ = first.Rollback(context.WithoutCancel(t.Context())) }()
	_, err = first.Exec(t.Context(), `update connexie.exports set stage = stage where id = $1`, x.export)
	require.NoError(t, err)

	second := make(chan error, 1)
	go func() {
		_, err := x.Store.SnapshotExport(t.Context(), x.export)
		second <- err
	}()
	x.waitForABlockedStatement(t)
	require.NoError(t, first.Commit(t.Context()))
	require.True(t, store.IsRetryable(<-second))
	require.Equal(t, 1, x.snapshot(t).Lines)
}

// waitForABlockedStatement returns when a session of the database waits for a row.
func (x exported) waitForABlockedStatement(t *testing.T) {
	t.Helper()
	const blocked = `select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')`
	for !testkit.Value[bool](t, x.DB, blocked) {
		require.NoError(t, t.Context().Err())
	}
}

// Nothing to export is a result (X15), and what an earlier export left is to be emptied.
func TestSnapshotExport_X15_NothingToExportStillNamesTheVenuesToBeEmptied(t *testing.T) {
	t.Parallel()
	x, _ := newExportable(t)
	x.Exec(t, `update eitje.entries set state = 'deleted'`)
	require.NoError(t, x.insertImport(t, "ven_gone", "[2026-11-30,2026-12-31]"))
	require.NoError(t, x.insertImport(t, "ven_later", "[2026-12-01,2026-12-31]"))
	require.Equal(t, store.Snapshot{Skips: 1, Skipped: domain.Counts{"X1.deleted": 1}}, x.snapshot(t))
	require.Equal(t, []string{"ven_gone"}, testkit.Value[[]string](t, x.DB,
		`select array_agg(connexie_venue_id::text) from connexie.export_venues where lines = 0 and totals = '{}' and state = 'planned'`))
}

func TestSnapshotExport_OfAnExportThatIsNotThereIsNotFound(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	_, err := db.Store.SnapshotExport(t.Context(), testkit.ID(t))
	require.ErrorIs(t, err, store.ErrNotFound)
}
