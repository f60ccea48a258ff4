package store_test

import (
	"testing"

	"github.com/govalues/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// The snapshot in SQL and the plan in Go answer the same question. In any world they
// give the same lines, in the same order with the same numbers and quantities, and leave
// out the same with the same rule; and again after the world has moved on.
func TestSnapshotExport_X1_X2_X3_X4_X5_X6_X8_X12_X14_X16_C3_C5_C6_IsWhatThePlainReferencePlans(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	rapid.Check(t, func(rt *rapid.T) {
		w := drawExportWorld(rt, t.Context(), db)
		w.requireSnapshotAsPlanned()
		w.moveOn()
		w.requireSnapshotAsPlanned()
	})
}

// moveOn changes an entry and lets another come.
func (w *exportWorld) moveOn() {
	if len(w.entries) > 0 {
		w.exec(`update eitje.entries set state = $2, minutes = $3, venue_id = $4 where id = $1`, pick(w.world, "edited", w.entries...),
			mostly(w, "state", domain.EntryApproved, domain.EntryOpen, domain.EntryDeleted), w.drawMinutes(), pick(w.world, "moved to", w.venues...))
	}
	w.drawEntry()
}

func (w *exportWorld) requireSnapshotAsPlanned() {
	snapshot, err := w.db.Store.SnapshotExport(w.ctx, w.export)
	require.NoError(w, err)
	lines, skips := domain.PlanExport(w.facts())
	frozen := w.frozenLines()
	require.Equal(w, alike(lines), alike(frozen), "lines")
	require.ElementsMatch(w, skips, w.frozenSkips(), "what is left out")
	require.Equal(w, w.venuesOf(lines), w.frozenVenues(), "venues")
	require.Equal(w, countsOf(lines, skips), snapshot)
	w.requireOneLineEach(frozen)
	w.requireHashes()
}

// requireOneLineEach holds that an entry has one line of a kind and type: no constraint
// of the table does.
func (w *exportWorld) requireOneLineEach(lines []domain.ExportLine) {
	type part struct {
		entry    string
		kind     domain.LineKind
		kindType string
	}
	seen := map[part]bool{}
	for _, line := range lines {
		one := part{line.EntryID, line.Kind, line.Type}
		require.False(w, seen[one], "%v has two lines", one)
		seen[one] = true
	}
}

// alike is the lines with their quantities in one form.
func alike(lines []domain.ExportLine) []domain.ExportLine {
	same := make([]domain.ExportLine, len(lines))
	for i, line := range lines {
		line.Quantity = line.Quantity.Trim(0)
		same[i] = line
	}
	return same
}

// venuesOf groups the lines, and adds the venues that hold an earlier import (X8).
func (w *exportWorld) venuesOf(lines []domain.ExportLine) map[string]frozenVenue {
	venues := map[string]frozenVenue{}
	for _, line := range lines {
		venue, known := venues[line.ConnexieVenueID]
		if !known {
			venue = frozenVenue{FirstLine: line.Number, Totals: map[string]decimal.Decimal{}}
		}
		venue.Lines++
		total, err := venue.Totals[line.Code].Add(line.Quantity)
		require.NoError(w, err)
		venue.Totals[line.Code] = total.Trim(0)
		venues[line.ConnexieVenueID] = venue
	}
	type held struct {
		ConnexieVenueID string
		From, To        domain.Date
	}
	for _, h := range rowsOf[held](w, `select connexie_venue_id, lower(days) as from, upper(days) - 1 as to
			from connexie.current_imports where connection_id = $1`, w.connection) {
		_, hasLines := venues[h.ConnexieVenueID]
		if !hasLines && w.period.Overlaps(domain.Period{From: h.From, To: h.To}) {
			venues[h.ConnexieVenueID] = frozenVenue{FirstLine: 1, Totals: map[string]decimal.Decimal{}}
		}
	}
	return venues
}

func countsOf(lines []domain.ExportLine, skips []domain.ExportSkip) store.Snapshot {
	counts := store.Snapshot{Lines: len(lines), Skips: len(skips), Skipped: domain.Counts{}}
	entries := map[string]bool{}
	for _, line := range lines {
		entries[line.EntryID] = true
	}
	counts.Entries = len(entries)
	for _, skip := range skips {
		counts.Skipped[skip.Rule+"."+skip.Reason]++
		if skip.Rule == "C6" {
			counts.Unmapped++
		}
	}
	return counts
}

// requireHashes holds the hash of every line against that of the live entry (X12):
// nobody has touched it since the snapshot.
func (w *exportWorld) requireHashes() {
	differing := rowsOf[struct{ Line int }](w, `
		select l.line
		  from connexie.export_lines l
		  join connexie.exports x on x.id = l.export_id
		  join eitje.entries e on e.id = l.entry_id
		 cross join lateral (select array_agg(kind) as covers
		                       from unnest(x.kinds) kind
		                      where kind <> 'hours'
		                         or exists (select from connexie.export_lines h
		                                     where h.export_id = l.export_id and h.entry_id = l.entry_id and h.kind = 'hours')) c
		 where l.export_id = $1
		   and (l.entry_version <> e.row_version
		        or l.content_hash <> eitje.content_hash(e.team_member_id, e.venue_id, e.day,
		               case when 'hours' = any (c.covers) then eitje.net_minutes(e.starts_at, e.ends_at, e.break_minutes, e.minutes) end,
		               eitje.extras_content(e.id, c.covers)))`, w.export)
	require.Empty(w, differing, "lines whose hash is not that of their entry")
}
