package eitjeseed_test

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/eitjeseed"
	"github.com/eitje/connexie-worker/internal/sandbox/seed"
	"github.com/eitje/connexie-worker/internal/testkit"
)

var now = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

func TestWrite_EveryEntryOfTheDemonstrationIsThereAsItWasMade(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	demo := seed.Demo(1, "2026-11-22")
	written, err := eitjeseed.Write(t.Context(), db.URL, demo.Account.ID, demo.Organisation, now)
	require.NoError(t, err)
	require.True(t, written)
	require.Equal(t, sorted(demo.Organisation.Entries), entries(t, db))
}

func TestWrite_AnOrganisationThatIsThereIsLeftAsItIs(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	demo := seed.Demo(1, "2026-11-22")
	_, err := eitjeseed.Write(t.Context(), db.URL, demo.Account.ID, demo.Organisation, now)
	require.NoError(t, err)
	before := testkit.TakeSnapshot(t, db.URL)
	written, err := eitjeseed.Write(t.Context(), db.URL, demo.Account.ID, demo.Organisation, now)
	require.NoError(t, err)
	require.False(t, written)
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, db.URL))
}

// entries reads all entries with their extras, in the order of their ids.
func entries(t *testing.T, db *testkit.DB) []seed.Entry {
	t.Helper()
	found, err := db.Pool.Query(t.Context(), `
		select id::text, team_member_id::text, venue_id::text, day::text, coalesce(starts_at, '0001-01-01 00:00Z'),
		       coalesce(ends_at, '0001-01-01 00:00Z'), break_minutes, minutes, kind, state,
		       coalesce((select jsonb_agg(jsonb_build_object(
		                            'Kind', x.kind, 'Type', x.type, 'Quantity', trim_scale(x.quantity)::text))
		                   from eitje.entry_extras x where x.entry_id = e.id), '[]')
		  from eitje.entries e`)
	require.NoError(t, err)
	rows, err := pgx.CollectRows(found, pgx.RowToStructByPos[seed.Entry])
	require.NoError(t, err)
	for i := range rows {
		rows[i].StartsAt, rows[i].EndsAt = rows[i].StartsAt.UTC(), rows[i].EndsAt.UTC()
	}
	return sorted(rows)
}

// sorted brings entries and their extras into one order, an entry without extras
// having none.
func sorted(entries []seed.Entry) []seed.Entry {
	entries = slices.Clone(entries)
	slices.SortFunc(entries, func(a, b seed.Entry) int { return cmp.Compare(a.ID, b.ID) })
	for i := range entries {
		extras := append([]seed.Extra{}, entries[i].Extras...)
		slices.SortFunc(extras, func(a, b seed.Extra) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Type, b.Type)) })
		entries[i].Extras = extras
	}
	return entries
}
