package activities_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// exportedEntry is an entry that shows as exported on its day.
func (b *bundle) exportedEntry(connexieID string, day domain.Date) string {
	b.Helper()
	entry := b.db.Entry(b.T, testkit.Entry{
		OrganisationID: b.organisation, TeamMemberID: b.profileOf(connexieID), VenueID: b.bar, Day: day,
	})
	export := b.db.Export(b.T, store.ExportOpening{
		ConnectionID: b.connection, Period: domain.Period{From: day, To: day},
	})
	b.db.Exec(b.T, `
		insert into connexie.exported_entries (entry_id, connexie_venue_id, day, connection_id, export_id, exported_at,
		       team_member_id, entry_version, covers, content_hash)
		select id, 'ven_1', day, $1, $2, $3, team_member_id, row_version, '{hours}',
		       eitje.content_hash(team_member_id, venue_id, day, minutes, null)
		  from eitje.entries where id = $4`, b.connection, export.ID, now, entry)
	return entry
}

// Also a night on which Connexie has nothing new tells what changed in Eitje since it
// was exported, and writes nothing more the night after.
func TestSync_X12_S9_AQuietNightTellsOfExportedEntriesThatChanged(t *testing.T) {
	t.Parallel()
	b := newBundle(t, person("p_1"))
	b.sync(b.newRun())
	day := today.AddDays(-1)
	entry := b.exportedEntry("p_1", day)
	b.sync(b.newRun())
	require.Empty(t, b.causes())

	b.db.Exec(t, `update eitje.entries set minutes = 10 where id = $1`, entry)
	b.db.Exec(t, `update connexie.exports set closed_at = $1, outcome = 'ok'`, now)
	preview := b.newPreview()
	b.sync(preview)
	require.Empty(t, b.causes(), "a preview tells nobody")
	period := domain.Period{From: day, To: day}
	told := []string{"exported_changed " + period.String()}
	ending := b.sync(b.newRun())
	require.Equal(t, domain.SyncNothing, ending.Outcome)
	require.Equal(t, told, b.causes())

	leftOut := append([]string{"connexie.list_etags"}, bookkeeping...)
	before := testkit.TakeSnapshot(t, b.db.URL, leftOut...)
	b.sync(b.newRun())
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, b.db.URL, leftOut...))

	b.db.Exec(t, `update eitje.entries set minutes = 480 where id = $1`, entry)
	b.sync(b.newRun())
	require.Empty(t, b.causes(), "it closes by itself")
}
