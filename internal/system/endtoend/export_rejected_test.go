package endtoend

import (
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/workflows"
)

// oneBadLine exports somebody at the first venue whose contract Connexie has replaced
// since the last synchronisation (X17): nothing of that venue counts, the other one goes
// (X13), and once it is mended another export completes it.
func oneBadLine(t *testing.T, s *system) {
	o := s.working(t, "Foute regel", 6, 2)
	person := o.atFirst(t)
	o.change(t, person, func(e *sandbox.Employee) { e.Contracts[0].ID += "_new" })
	run := o.startExport(t, o.allKinds())
	partly := result[workflows.ExportResult](t, run)
	require.Equal(t, domain.ExportPartly, partly.Outcome, partly.Problem)
	require.Contains(t, partly.Problem, "X17")
	require.Equal(t, map[string]domain.VenueState{"ven_1": domain.VenueRejected, "ven_2": domain.VenueExported},
		o.venueStates(t, partly.ExportID))
	o.requireHolds(t, "ven_2")
	o.requireOpen(t, domain.CauseExportIncomplete, o.period().String())
	o.requireRejected(t, partly.ExportID, person, "no_contract")
	o.requirePrivateExports(t)
	o.record(t, "partly", run)

	o.sync(t)
	completed := o.export(t, o.allKinds())
	require.Equal(t, domain.ExportOK, completed.Outcome, completed.Problem)
	o.requireHolds(t, "ven_1", "ven_2")
	o.requireOpen(t, domain.CauseExportIncomplete)
}

// atFirst is somebody who has entries at the first Connexie venue.
func (o *organisation) atFirst(t *testing.T) string {
	t.Helper()
	return value[string](t, o.system, `
		select l.connexie_id from eitje.entries e
		  join connexie.links l on l.team_member_id = e.team_member_id and l.connection_id = $1
		 where e.venue_id = $2 order by 1 limit 1`, o.connection, o.venueAt(t, "ven_1"))
}

// requireHolds asserts that Connexie holds lines of these venues and of no other, that
// everything told of them is true, and that no draft is left.
func (o *organisation) requireHolds(t *testing.T, venues ...string) {
	t.Helper()
	o.requireTrue(t)
	require.Empty(t, o.drafts(t))
	require.Equal(t, venues, o.holds(t))
}

// requireRejected asserts that an operator is shown exactly the lines of one person,
// each with the entry that it came from and what is wrong (X17).
func (o *organisation) requireRejected(t *testing.T, exportID, person, problem string) {
	t.Helper()
	rejected, err := o.operator(t).RejectedLines(t.Context(), exportID)
	require.NoError(t, err)
	require.Len(t, rejected, value[int](t, o.system, `
		select count(*) from connexie.export_lines where export_id = $1 and connexie_id = $2`, exportID, person))
	require.NotEmpty(t, rejected)
	for _, line := range rejected {
		require.Equal(t, person, line.ConnexieID)
		require.Equal(t, o.member(t, person), line.TeamMemberID)
		require.NotEmpty(t, line.Name)
		require.Equal(t, problem, line.Problem)
		require.Equal(t, line.TeamMemberID, value[string](t, o.system,
			`select team_member_id::text from eitje.entries where id = $1`, line.EntryID))
	}
}

// onlyABadLine exports a single venue with somebody whom Connexie no longer knows:
// nothing goes, and the export is rejected (X17).
func onlyABadLine(t *testing.T, s *system) {
	o := s.working(t, "Alleen een foute regel", 6, 2)
	o.only(t, "ven_1")
	person := o.employeeID(1)
	employee, err := s.sandbox.Employee(o.Account.ID, person)
	require.NoError(t, err)
	require.NoError(t, s.sandbox.RemoveEmployee(o.Account.ID, person))
	run := o.startExport(t, o.allKinds())
	rejected := result[workflows.ExportResult](t, run)
	require.Equal(t, domain.ExportRejected, rejected.Outcome, rejected.Problem)
	require.Equal(t, 1, rejected.Counts["venues_rejected"])
	o.requireHolds(t)
	o.requireOpen(t, domain.CauseExportIncomplete, o.period().String())
	o.requireRejected(t, rejected.ExportID, person, "unknown_person")
	o.record(t, "rejected", run)

	require.NoError(t, s.sandbox.PutEmployee(o.Account.ID, employee))
	require.Equal(t, domain.ExportOK, o.export(t, o.allKinds()).Outcome)
	o.requireHolds(t, "ven_1")
	o.requireOpen(t, domain.CauseExportIncomplete)
}

// only has everybody work at one Connexie venue.
func (o *organisation) only(t *testing.T, venue string) {
	t.Helper()
	o.write(t, `update eitje.entries set venue_id = $1 where organisation_id = $2`, o.venueAt(t, venue), o.Organisation.ID)
}

// oneVenueFails keeps one venue from being exported, in ways that no repetition mends
// (X13): the other one goes, no draft is left, and exporting again completes it.
func oneVenueFails(t *testing.T, s *system) {
	refused, unreadable := sandbox.Fault{Kind: sandbox.FaultStatus, Status: 400}, sandbox.Fault{Kind: sandbox.FaultMalformedJSON}
	for _, row := range []struct {
		name       string
		fault      sandbox.Fault
		operations []string
		// holds are the venues of which Connexie has lines then.
		holds []string
	}{
		{"its part is refused", refused, []string{"putHourImportPart"}, []string{"ven_2"}},
		{"its commit is refused", refused, []string{"commitHourImport"}, []string{"ven_2"}},
		{"its draft cannot be read", once(unreadable), []string{"createHourImport"}, []string{"ven_2"}},
		{"what it holds cannot be read", unreadable, []string{"getHourImport"}, []string{"ven_1", "ven_2"}},
		{"its commit cannot be read", unreadable, []string{"commitHourImport", "getHourImport"}, []string{"ven_1", "ven_2"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			o := s.working(t, "Locatie faalt "+row.name, 6, 2)
			var faults []string
			for _, row.fault.Operation = range row.operations {
				row.fault.Venue = "ven_1"
				faults = append(faults, o.fault(t, row.fault))
			}
			partly := o.export(t, o.allKinds())
			require.Equal(t, domain.ExportPartly, partly.Outcome, partly.Problem)
			require.Contains(t, partly.Problem, "X13")
			require.Equal(t, map[string]domain.VenueState{"ven_1": domain.VenueFailed, "ven_2": domain.VenueExported},
				o.venueStates(t, partly.ExportID))
			require.Equal(t, o.sent(t), o.ledger(t), "our tables know what Connexie holds")
			require.Equal(t, []string{"ven_2"}, o.marked(t))
			require.Equal(t, row.holds, o.holds(t))
			require.Empty(t, o.drafts(t))
			o.requireOpen(t, domain.CauseExportIncomplete, o.period().String())

			for _, fault := range faults {
				require.Positive(t, o.struck(fault))
				require.NoError(t, s.sandbox.RemoveFault(fault))
			}
			completed := o.export(t, o.allKinds())
			require.Equal(t, domain.ExportOK, completed.Outcome, completed.Problem)
			o.requireHolds(t, "ven_1", "ven_2")
			o.requireOpen(t, domain.CauseExportIncomplete)
		})
	}
}

// once is a fault that strikes one call.
func once(fault sandbox.Fault) sandbox.Fault {
	fault.Times = 1
	return fault
}

// marked are the venues at which entries are marked (X11).
func (o *organisation) marked(t *testing.T) []string {
	t.Helper()
	return list(t, o.system, pgx.RowTo[string], `
		select distinct connexie_venue_id from connexie.exported_entries where connection_id = $1 order by 1`, o.connection)
}

// holds are the venues of which Connexie holds lines.
func (o *organisation) holds(t *testing.T) []string {
	t.Helper()
	var venues []string
	for _, line := range o.ledger(t) {
		venues = append(venues, line.Venue)
	}
	slices.Sort(venues)
	return slices.Compact(venues)
}
