package store_test

import (
	"cmp"
	"testing"
	"time"

	"github.com/govalues/decimal"
	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// exporting is an organisation with one team member, ready to export. The lines of an
// export are written by hand here: how they come about is proven elsewhere.
type exporting struct {
	*testkit.DB
	organisation, venue, member, connection string
}

func newExporting(t testing.TB) exporting {
	t.Helper()
	x := exporting{DB: testkit.New(t)}
	x.organisation = x.Organisation(t)
	x.venue = x.Venue(t, x.organisation, "Bar")
	x.member = x.TeamMember(t, testkit.TeamMember{OrganisationID: x.organisation, FirstName: "Jip", LastName: "Vos"})
	x.connection = x.DB.Connection(t, x.organisation).ID
	x.Link(t, x.connection, x.member, "per_1")
	return x
}

func november(from, to int) domain.Period { return domain.Period{From: nov(from), To: nov(to)} }

func nov(day int) domain.Date { return domain.NewDate(2026, time.November, day) }

func (x exporting) entry(t testing.TB, day int) string {
	t.Helper()
	return x.Entry(t, testkit.Entry{
		OrganisationID: x.organisation, TeamMemberID: x.member, VenueID: x.venue, Day: nov(day),
	})
}

// line is one line of an export: eight hours under code 1000 at ven_1 where nothing
// else is said.
type line struct {
	venue, entry, code, quantity, kind, ownType string
}

// open opens an export of a period with lines at venues, and with the empty venues named.
func (x exporting) open(t testing.TB, opening store.ExportOpening, lines []line, empty ...string) store.Export {
	t.Helper()
	opening.ConnectionID = x.connection
	export := x.Export(t, opening)
	x.plan(t, export, lines, empty...)
	return export
}

func (x exporting) plan(t testing.TB, export store.Export, lines []line, empty ...string) {
	t.Helper()
	for i, l := range lines {
		kind := cmp.Or(l.kind, "hours")
		x.Exec(t, `
			insert into connexie.export_lines (export_id, line, connexie_venue_id, connexie_id, contract_id,
			       team_member_id, entry_id, day, kind, type, code, minutes, quantity, entry_version, content_hash)
			select $1, $2, $3, coalesce(l.connexie_id, 'per_x'), 'con_1', e.team_member_id, e.id, e.day, $4, $5, $6,
			       case when $4 = 'hours' then 480 end, $7::text::numeric, e.row_version,
			       eitje.content_hash(e.team_member_id, e.venue_id, e.day, case when $4 = 'hours' then e.minutes end,
			                          eitje.extras_content(e.id, $8))
			  from eitje.entries e
			  left join connexie.links l on l.team_member_id = e.team_member_id
			 where e.id = $9`,
			export.ID, i+1, cmp.Or(l.venue, "ven_1"), kind, l.ownType, cmp.Or(l.code, "1000"), cmp.Or(l.quantity, "8"),
			export.Kinds, l.entry)
	}
	x.Exec(t, `
		insert into connexie.export_venues (export_id, connexie_venue_id, first_line, lines, totals)
		select $1, connexie_venue_id, min(first_line), sum(lines), jsonb_object_agg(code, total)
		  from (select connexie_venue_id, code, min(line) as first_line, count(*) as lines, trim_scale(sum(quantity))::text as total
		          from connexie.export_lines where export_id = $1 group by 1, 2) by_code
		 group by connexie_venue_id`, export.ID)
	for _, venue := range empty {
		x.Exec(t, `
			insert into connexie.export_venues (export_id, connexie_venue_id, first_line, lines)
			values ($1, $2, 1, 0)`, export.ID, venue)
	}
}

func (x exporting) begin(t testing.TB, export store.Export, venue string) store.ExportVenue {
	t.Helper()
	begun, open, err := x.Store.BeginVenue(t.Context(), export.ID, venue)
	require.NoError(t, err)
	require.True(t, open)
	return begun
}

func (x exporting) commit(t testing.TB, export store.Export, venue, importID string) {
	t.Helper()
	x.begin(t, export, venue)
	require.NoError(t, x.Store.RecordCommit(t.Context(), export.ID, venue, importID, testkit.Now))
}

// readBack notes that Connexie holds what was sent.
func (x exporting) readBack(t testing.TB, export store.Export, venue string) {
	t.Helper()
	sent := x.exportVenue(t, export, venue)
	require.NoError(t, x.Store.RecordReadBack(t.Context(), export.ID, venue, sent.Lines, sent.Totals))
}

// bring brings a venue's lines to Connexie and marks them.
func (x exporting) bring(t testing.TB, export store.Export, venue, importID string) {
	t.Helper()
	x.commit(t, export, venue, importID)
	x.readBack(t, export, venue)
	require.NoError(t, x.Store.MarkVenue(t.Context(), export.ID, venue, testkit.Now))
}

func (x exporting) close(t testing.TB, export store.Export, outcome domain.ExportOutcome) {
	t.Helper()
	_, err := x.Store.CloseExport(t.Context(), export.ID, store.ExportClosing{Outcome: outcome}, testkit.Now)
	require.NoError(t, err)
}

// exported is an export that went well: opened, brought and closed.
func (x exporting) exported(t testing.TB, opening store.ExportOpening, lines []line, empty ...string) store.Export {
	t.Helper()
	export := x.open(t, opening, lines, empty...)
	venues, err := x.Store.ExportVenues(t.Context(), export.ID)
	require.NoError(t, err)
	for _, venue := range venues {
		x.bring(t, export, venue.ConnexieVenueID, "imp_"+testkit.ID(t))
	}
	x.close(t, export, domain.ExportOK)
	return export
}

func (x exporting) exportVenue(t testing.TB, export store.Export, venue string) store.ExportVenue {
	t.Helper()
	venues, err := x.Store.ExportVenues(t.Context(), export.ID)
	require.NoError(t, err)
	for _, found := range venues {
		if found.ConnexieVenueID == venue {
			return found
		}
	}
	require.Fail(t, "no such venue", venue)
	return store.ExportVenue{}
}

func totals(t testing.TB, codesAndQuantities ...string) map[string]decimal.Decimal {
	t.Helper()
	made := map[string]decimal.Decimal{}
	for i := 0; i < len(codesAndQuantities); i += 2 {
		made[codesAndQuantities[i]] = decimal.MustParse(codesAndQuantities[i+1])
	}
	return made
}
