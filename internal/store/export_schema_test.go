package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// The constraints of the export's tables carry rules.

type exported struct {
	*testkit.DB
	organisation, venue, member, connection, export string
}

func newExported(t testing.TB) exported {
	t.Helper()
	db := testkit.New(t)
	x := exported{DB: db, organisation: db.Organisation(t), export: testkit.ID(t)}
	x.venue = db.Venue(t, x.organisation, "Bar")
	x.member = db.TeamMember(t, testkit.TeamMember{OrganisationID: x.organisation})
	x.connection = db.Connection(t, x.organisation).ID
	require.NoError(t, x.insertExport(t, x.export, "2026-11-01", "2026-11-30"))
	return x
}

func (x exported) insertExport(t testing.TB, id, from, to string) error {
	t.Helper()
	_, err := x.Pool.Exec(t.Context(), `
		insert into connexie.exports (id, connection_id, workflow_id, from_day, to_day, kinds, mode, requested_by,
		       stage, started_at)
		values ($1, $2, 'export/x', $3::text::date, $4::text::date, '{hours}', 'apply', 'cli', 'sending', now())`,
		id, x.connection, from, to)
	return store.Fold(err)
}

func (x exported) insertImport(t testing.TB, venue, days string) error {
	t.Helper()
	_, err := x.Pool.Exec(t.Context(), `
		insert into connexie.current_imports (connection_id, connexie_venue_id, days, export_id, connexie_import_id,
		       kinds, lines, committed_at)
		values ($1, $2, $3::text::daterange, $4, 'imp_1', '{hours}', 1, now())`, x.connection, venue, days, x.export)
	return store.Fold(err)
}

func TestStore_X10_CurrentPeriodsOfAVenueNeverOverlap(t *testing.T) {
	t.Parallel()
	x := newExported(t)
	require.NoError(t, x.insertImport(t, "ven_1", "[2026-11-01,2026-11-30]"))
	require.ErrorContains(t, x.insertImport(t, "ven_1", "[2026-11-30,2026-12-06]"), "current_imports_never_overlap")
	require.ErrorContains(t, x.insertImport(t, "ven_1", "[2026-11-10,2026-11-10]"), "current_imports_never_overlap")
	require.NoError(t, x.insertImport(t, "ven_1", "[2026-12-01,2026-12-31]"))
	require.NoError(t, x.insertImport(t, "ven_2", "[2026-11-10,2026-11-12]"), "another venue")
}

func TestStore_X10_AnExportHasAtMost62Days(t *testing.T) {
	t.Parallel()
	x := newExported(t)
	x.Exec(t, `update connexie.exports set closed_at = now(), outcome = 'ok'`)
	for to, allowed := range map[string]bool{"2026-10-31": false, "2026-12-31": true, "2027-01-01": true, "2027-01-02": false} {
		err := x.insertExport(t, testkit.ID(t), "2026-11-01", to)
		require.Equal(t, allowed, err == nil, "%s: %v", to, err)
		x.Exec(t, `update connexie.exports set closed_at = now(), outcome = 'ok' where closed_at is null`)
	}
}

func TestStore_X14_OneExportPerConnectionAtATime(t *testing.T) {
	t.Parallel()
	x := newExported(t)
	require.ErrorContains(t, x.insertExport(t, testkit.ID(t), "2026-10-01", "2026-10-31"), "exports_one_open")
}

func TestStore_X6_AQuantityIsAboveZero(t *testing.T) {
	t.Parallel()
	x := newExported(t)
	for quantity, allowed := range map[string]bool{"0": false, "-1": false, "0.01": true} {
		_, err := x.Pool.Exec(t.Context(), `
			insert into connexie.export_lines (export_id, line, connexie_venue_id, connexie_id, contract_id, team_member_id,
			       entry_id, day, kind, code, minutes, quantity, entry_version, content_hash)
			values ($1, 1, 'ven_1', 'per_1', 'con_1', $2, $3, '2026-11-20', 'hours', '100', 1, $4::text::numeric, 1, '')`,
			x.export, x.member, testkit.ID(t), quantity)
		require.Equal(t, allowed, err == nil, "%s: %v", quantity, err)
	}
}

func TestStore_X11_X12_HoursShowWhatWasExportedAndWhatChangedSince(t *testing.T) {
	t.Parallel()
	x := newExported(t)
	entry := x.Entry(t, testkit.Entry{
		OrganisationID: x.organisation, TeamMemberID: x.member, VenueID: x.venue, Day: domain.NewDate(2026, 11, 20),
	})
	shown := func() string {
		return testkit.Value[string](t, x.DB, `
			select string_agg(coalesce(exported, 'no'), '/') from eitje.hours where id = $1`, entry)
	}
	require.Equal(t, "no", shown())

	x.Exec(t, `
		insert into connexie.export_lines (export_id, line, connexie_venue_id, connexie_id, contract_id, team_member_id,
		       entry_id, day, kind, code, minutes, quantity, entry_version, content_hash)
		values ($1, 1, 'ven_1', 'per_1', 'con_1', $2, $3, '2026-11-20', 'hours', '100', 480, 8, 1, '')`,
		x.export, x.member, entry)
	x.Exec(t, `
		insert into connexie.exported_entries (entry_id, connexie_venue_id, day, connection_id, export_id, exported_at,
		       team_member_id, entry_version, covers, content_hash)
		select id, 'ven_1', day, $1, $2, now(), team_member_id, row_version, '{hours,meals}',
		       eitje.content_hash(team_member_id, venue_id, day, minutes, eitje.extras_content(id, '{hours,meals}'))
		  from eitje.entries`, x.connection, x.export)
	require.Equal(t, "Exported", shown())

	for name, edit := range map[string]struct {
		edit, undo, shown string
	}{
		"other minutes":         {`update eitje.entries set minutes = 400`, `update eitje.entries set minutes = 480`, changedSince},
		"another day":           {`update eitje.entries set day = '2026-11-21'`, `update eitje.entries set day = '2026-11-20'`, changedSince},
		"its approval is lost":  {`update eitje.entries set state = 'open'`, `update eitje.entries set state = 'approved'`, changedSince},
		"it is deleted":         {`update eitje.entries set state = 'deleted'`, `update eitje.entries set state = 'approved'`, changedSince},
		"it became leave":       {`update eitje.entries set kind = 'leave'`, `update eitje.entries set kind = 'worked'`, changedSince},
		"a meal comes":          {`insert into eitje.entry_extras select id, 'meal', 'lunch', 1 from eitje.entries`, `delete from eitje.entry_extras`, changedSince},
		"what was not exported": {`insert into eitje.entry_extras select id, 'allowance', 'travel', 1 from eitje.entries`, `delete from eitje.entry_extras`, "Exported"},
		"the break, where the minutes were approved": {
			`update eitje.entries set break_minutes = 15`, `update eitje.entries set break_minutes = 0`, "Exported",
		},
	} {
		x.Exec(t, edit.edit)
		require.Equal(t, edit.shown, shown(), name)
		x.Exec(t, edit.undo)
		require.Equal(t, "Exported", shown(), "%s, and back again", name)
	}

	x.Exec(t, `
		insert into connexie.exported_entries (entry_id, connexie_venue_id, day, connection_id, export_id, exported_at,
		       team_member_id, entry_version, covers, content_hash)
		select entry_id, 'ven_2', day, connection_id, export_id, exported_at, team_member_id, entry_version, covers, content_hash
		  from connexie.exported_entries`)
	require.Equal(t, changedSince, shown(), "Connexie still holds it at another venue")
	x.Exec(t, `delete from eitje.entries`)
	require.Equal(t, changedSince, shown(), "it is really gone")
}

const changedSince = "Exported, changed since"
