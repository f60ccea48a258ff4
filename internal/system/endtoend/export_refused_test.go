package endtoend

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
	"github.com/eitje/connexie-worker/workflows"
)

// exportsRefused are exports that an operator must do something about first.
func exportsRefused(t *testing.T, s *system) {
	for _, row := range []struct {
		name string
		tell func(*testing.T, *system)
	}{
		{"C8 a token refused in the middle", tokenRefusedInMidExport},
		{"C1 a token that may not import", permissionMissing},
		{"C3 a venue that nobody has decided about", venueUndecided},
		{"C6 a code that has vanished", codeVanished},
		{"C6 a meal without a code", mealUnmapped},
		{"X15 nothing to export", nothingToExport},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			row.tell(t, s)
		})
	}
}

// tokenRefusedInMidExport replaces the token while a part is on its way: the export is
// refused, and its draft waits for the next one, which has the new token.
func tokenRefusedInMidExport(t *testing.T, s *system) {
	o := s.working(t, "Token onderweg", 6, 2)
	run := o.meanwhile(t, sandbox.Fault{Operation: "putHourImportPart"}, func() {
		require.NoError(t, s.sandbox.SetToken(o.Account.ID, "token-onderweg"))
	})
	refused := result[workflows.ExportResult](t, run)
	require.Equal(t, domain.ExportRefused, refused.Outcome)
	require.Contains(t, refused.Problem, "C8")
	require.Equal(t, "needs_token", o.connectionState(t))
	o.requireTrue(t)
	require.Empty(t, o.ledger(t))
	require.Len(t, o.drafts(t), 1, "nobody may discard it")
	o.requirePrivateExports(t)
	o.record(t, "token-refused", run)

	again := o.export(t, o.allKinds())
	require.Equal(t, domain.ExportRefused, again.Outcome)
	require.Contains(t, again.Problem, "C8")
	require.Len(t, o.notices(t, domain.CauseTokenRefused), 1, "nobody is told again")
	o.requireOpen(t, domain.CauseTokenRefused, o.connection)

	o.setToken(t, "token-onderweg")
	require.Equal(t, workflows.ActivationOK, o.activate(t).Outcome)
	o.requireCompletes(t)
	require.Equal(t, []string{"discarded", "committed", "committed"}, o.imports(t))
	o.requireOpen(t, domain.CauseTokenRefused)
}

// permissionMissing takes the permission to import from the token, before an export and
// in the middle of one.
func permissionMissing(t *testing.T, s *system) {
	o := s.working(t, "Mag niet importeren", 6, 2)
	may := func(permissions ...sandbox.Permission) {
		require.NoError(t, s.sandbox.SetPermissions(o.Account.ID, permissions...))
	}
	may(sandbox.EmployeesRead)
	refused := o.export(t, o.allKinds())
	require.Equal(t, domain.ExportRefused, refused.Outcome)
	require.Contains(t, refused.Problem, "imports.write")
	require.Empty(t, o.imports(t))

	may(sandbox.EmployeesRead, sandbox.ImportsWrite)
	refused = result[workflows.ExportResult](t, o.meanwhile(t, sandbox.Fault{Operation: "createHourImport", AfterEffect: true},
		func() { may(sandbox.EmployeesRead) }))
	require.Equal(t, domain.ExportRefused, refused.Outcome)
	require.Contains(t, refused.Problem, "imports.write")
	require.Equal(t, "active", o.connectionState(t), "the token is good for everything else")
	require.Empty(t, o.markers(t))

	may(sandbox.EmployeesRead, sandbox.ImportsWrite)
	o.requireCompletes(t)
	require.Equal(t, []string{"discarded", "committed", "committed"}, o.imports(t))
}

// venueUndecided opens one more venue on each side.
func venueUndecided(t *testing.T, s *system) {
	o := s.working(t, "Onbeslist", 6, 2)
	opened := testkit.ID(t)
	o.edit(t, `insert into eitje.venues (id, organisation_id, name) values ($1, $2, 'Nieuw hier')`, opened, o.Organisation.ID)
	require.NoError(t, s.sandbox.PutVenue(o.Account.ID, sandbox.Venue{ID: "ven_3", Name: "Nieuw daar", Active: true}))
	o.sync(t)
	refused := o.export(t, o.allKinds())
	require.Equal(t, domain.ExportRefused, refused.Outcome)
	for _, told := range []string{"C3", opened, "ven_3"} {
		require.Contains(t, refused.Problem, told)
	}
	require.Empty(t, o.imports(t), "nothing is sent, of no venue")

	require.NoError(t, o.store.ConnectVenue(t.Context(), o.connection, opened, "ven_3", "test", time.Now()))
	o.requireCompletes(t)
}

// codeVanished takes a code away that is in use: the very next export knows, and the
// night tells it to everyone.
func codeVanished(t *testing.T, s *system) {
	o := s.working(t, "Code verdwenen", 6, 2)
	require.NoError(t, s.sandbox.RemoveWageCode(o.Account.ID, "2010"))
	refused := o.export(t, o.allKinds())
	require.Equal(t, domain.ExportRefused, refused.Outcome)
	require.Contains(t, refused.Problem, "C6: code 2010")
	require.Empty(t, o.imports(t))
	s.night(t, o.connection)
	o.requireOpen(t, domain.CauseCodeVanished, "2010")

	hours := o.allKinds()
	hours.Kinds = []domain.ExportKind{domain.ExportHours}
	require.Equal(t, domain.ExportOK, o.export(t, hours).Outcome, "the hours do not need it")
	o.requireHolds(t, "ven_1", "ven_2")

	o.choose(t, store.CodeMapping{Kind: "meal", Type: "dinner", Code: "2000"})
	o.requireCompletes(t)
	o.requireOpen(t, domain.CauseCodeVanished)
}

// mealUnmapped has one meal of a kind for which nobody has chosen a code: an export waits
// for a word, with which it leaves the meal out.
func mealUnmapped(t *testing.T, s *system) {
	o := s.working(t, "Snack zonder code", 6, 2)
	o.edit(t, `insert into eitje.entry_extras (entry_id, kind, type, quantity) values ($1, 'meal', 'snack', 1)`,
		o.entry(t, o.atFirst(t), 1))
	unasked := o.allKinds()
	unasked.AcknowledgeUnmapped = false
	run := o.startExport(t, unasked)
	waiting := result[workflows.ExportResult](t, run)
	require.Equal(t, domain.ExportNeedsAcknowledgement, waiting.Outcome)
	require.Contains(t, waiting.Problem, "C6")
	require.Equal(t, 1, waiting.Counts["unmapped"])
	require.Empty(t, o.imports(t))
	o.requireOpen(t, domain.CauseExportIncomplete)
	o.record(t, "needs-acknowledgement", run)

	acknowledged := o.export(t, o.allKinds())
	require.Equal(t, domain.ExportOK, acknowledged.Outcome, acknowledged.Problem)
	require.Equal(t, 1, acknowledged.Counts["skipped.C6.unmapped"])
	o.requireHolds(t, "ven_1", "ven_2")

	o.choose(t, store.CodeMapping{Kind: "meal", Type: "snack", Code: "2000"})
	completed := o.export(t, unasked)
	require.Equal(t, domain.ExportOK, completed.Outcome, completed.Problem)
	require.Equal(t, acknowledged.Counts["lines"]+1, completed.Counts["lines"])
	o.requireHolds(t, "ven_1", "ven_2")
}

// nothingToExport is a result, before and after: what an earlier export left in Connexie
// is emptied, with the markers.
func nothingToExport(t *testing.T, s *system) {
	o := s.working(t, "Niets te exporteren", 6, 2)
	require.Equal(t, domain.ExportOK, o.export(t, o.allKinds()).Outcome)
	entry := o.entry(t, o.atFirst(t), 1)
	o.write(t, `update eitje.entries set state = 'open' where organisation_id = $1`, o.Organisation.ID)
	require.Equal(t, "Exported, changed since", o.shown(t, entry))
	run := o.startExport(t, o.allKinds())
	emptied := result[workflows.ExportResult](t, run)
	require.Equal(t, domain.ExportNothing, emptied.Outcome, emptied.Problem)
	require.Equal(t, 2*2*6, emptied.Counts["skipped.X1.not_approved"], "hours and a dinner of six people on two days")
	require.Equal(t, 2, emptied.Counts["venues_exported"])
	o.requireTrue(t)
	require.Empty(t, o.ledger(t))
	require.Empty(t, o.markers(t))
	require.Empty(t, o.shown(t, entry))
	o.requireOpen(t, domain.CauseExportedChanged)
	o.record(t, "nothing", run)

	before := o.allKinds()
	before.From, before.To = before.From.AddDays(40), before.From.AddDays(41)
	imports := o.imports(t)
	none := o.export(t, before)
	require.Equal(t, domain.ExportNothing, none.Outcome, none.Problem)
	require.Equal(t, imports, o.imports(t), "where nothing is and nothing was, nothing is sent")
}
