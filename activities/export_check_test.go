package activities_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

func TestCheckExport_LetsAnExportGoOn(t *testing.T) {
	t.Parallel()
	b := newExporting(t, 1)
	checked := b.check(b.newExport())
	require.Equal(t, activities.CheckExportResult{OrganisationID: b.organisation}, checked)
}

func TestCheckExport_C3_C7_NamesEverythingThatIsMissing(t *testing.T) {
	t.Parallel()
	b := newExporting(t, 1)
	b.db.Exec(t, `delete from connexie.code_mappings`)
	terrace := b.db.Venue(t, b.organisation, "Terras")
	problem := b.check(b.newExport()).Problem
	require.Contains(t, problem, "C7")
	require.Contains(t, problem, "C3")
	require.Contains(t, problem, terrace)
	require.Zero(t, b.calls(createImport))
}

// A code that vanished from Connexie since the last night is found before anything is
// sent.
func TestCheckExport_C6_ReadsTheCodesAnew(t *testing.T) {
	t.Parallel()
	b := newExporting(t, 1)
	require.NoError(t, b.sandbox.RemoveWageCode(account, hourCode))
	problem := b.check(b.newExport()).Problem
	require.Contains(t, problem, "C6")
	require.Contains(t, problem, hourCode)
}

func TestCheckExport_C1_TheTokenMustBeAllowedToImport(t *testing.T) {
	t.Parallel()
	b := newExporting(t, 1)
	require.NoError(t, b.sandbox.SetPermissions(account, sandbox.EmployeesRead))
	require.Contains(t, b.check(b.newExport()).Problem, "imports.write")
	preview := b.newExport()
	preview.Mode = activities.ModePreview
	require.Empty(t, b.check(preview).Problem, "a preview sends nothing")
}

func TestCheckExport_X7_FewerKindsThanBeforeAreRefused(t *testing.T) {
	t.Parallel()
	b := newExporting(t, 1)
	b.entry("p_0001", b.bar, nov(3))
	both := b.newExport()
	both.Kinds = []domain.ExportKind{domain.ExportHours, domain.ExportMeals}
	require.Equal(t, domain.ExportOK, b.export(both).Outcome)
	problem := b.check(b.newExport()).Problem
	require.Contains(t, problem, "X7")
	require.Contains(t, problem, "--kinds hours,meals")
}

func TestCheckExport_X10_APeriodThatCutsAnEarlierOneIsRefusedWithThoseThatWouldDo(t *testing.T) {
	t.Parallel()
	b := newExporting(t, 1)
	b.entry("p_0001", b.bar, nov(3))
	b.export(b.newExport())
	half := b.newExport()
	half.Period = domain.Period{From: nov(1), To: nov(15)}
	problem := b.check(half).Problem
	require.Contains(t, problem, "X10")
	require.Contains(t, problem, "--from 2026-11-01 --to 2026-11-30")
}

// The days whose payroll has run are closed; what is left open is a period of its own.
func TestCheckExport_X10_TheOpenDaysOfAnEarlierPeriodAreAPeriodOfTheirOwn(t *testing.T) {
	t.Parallel()
	b := newExporting(t, 1)
	b.entry("p_0001", b.bar, nov(20))
	b.export(b.newExport())
	half := b.newExport()
	half.Period = domain.Period{From: nov(16), To: nov(30)}
	require.Contains(t, b.check(half).Problem, "X10")
	for id, period := range map[string]sandbox.PayrollPeriod{
		"pay_ven_1": {StartDate: "2026-11-01", EndDate: "2026-11-15", Status: sandbox.PayrollRan},
		"pay_late":  {StartDate: "2026-11-16", EndDate: "2026-11-30", Status: sandbox.PayrollOpen},
	} {
		period.ID, period.VenueID = id, "ven_1"
		require.NoError(t, b.sandbox.PutPayrollPeriod(account, period))
	}
	again := b.newExport()
	again.Period = half.Period
	require.Empty(t, b.check(again).Problem)
}

func TestCheckExport_RefusesAConnectionThatIsUnknownOrPaused(t *testing.T) {
	t.Parallel()
	b := newExporting(t, 1)
	stranger := b.newExport()
	stranger.ConnectionID = testkit.ID(t)
	_, err := run(b.bundle, b.sending.CheckExport, stranger)
	requireFailure(t, err, activities.ErrorInvalidInput, false)
	b.db.Exec(t, `update connexie.connections set state = 'paused'`)
	_, err = run(b.bundle, b.sending.CheckExport, b.newExport())
	requireFailure(t, err, activities.ErrorInvalidInput, false)
	require.Zero(t, testkit.Value[int](t, b.db, `select count(*) from connexie.exports`), "nothing is written")
}

func TestCheckExport_C8_ARefusedTokenIsNoted(t *testing.T) {
	t.Parallel()
	b := newExporting(t, 1)
	b.fault(sandbox.Fault{Kind: sandbox.FaultInvalidToken})
	_, err := run(b.bundle, b.sending.CheckExport, b.newExport())
	requireFailure(t, err, activities.ErrorTokenRefused, false)
	require.Equal(t, store.ConnectionNeedsToken, b.state())
}

// What an export that was terminated left behind is settled by the next: a draft is
// discarded, and what was committed after all counts as held.
func TestCheckExport_X8_SettlesWhatATerminatedExportLeftBehind(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault   sandbox.Fault
		imports []string
		settled domain.VenueState
		held    int
		payroll bool
	}{
		"a draft": {
			sandbox.Fault{Operation: putPart}, []string{sandbox.ImportDiscarded}, domain.VenueFailed, 0, false,
		},
		"a draft whose id was never noted": {
			sandbox.Fault{Operation: createImport, AfterEffect: true}, []string{sandbox.ImportDiscarded}, domain.VenueFailed, 0, false,
		},
		"no draft, and payroll has run since": {
			sandbox.Fault{Operation: createImport}, nil, domain.VenueFailed, 0, true,
		},
		"a draft whose id was never noted, and payroll has run since": {
			sandbox.Fault{Operation: createImport, AfterEffect: true}, []string{sandbox.ImportDiscarded}, domain.VenueFailed, 0, true,
		},
		"a commit": {
			sandbox.Fault{Operation: commitImport, AfterEffect: true}, []string{sandbox.ImportCommitted}, domain.VenueCommitted, 1, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, of := twoVenues(t)
			test.fault.Kind, test.fault.Status, test.fault.Times = sandbox.FaultStatus, 500, 1
			b.fault(test.fault)
			_, err := b.try(of)
			requireFailure(t, err, activities.ErrorUnavailable, true)
			if test.payroll {
				require.NoError(t, b.sandbox.RunPayroll(account, "ven_1", "2026-11-01", "2026-11-30"))
			}
			require.Empty(t, b.check(b.newExport()).Problem)
			require.Equal(t, test.imports, b.imports())
			require.Equal(t, test.settled, b.venue(of, "ven_1").State)
			held, err := b.db.Store.HeldImports(t.Context(), b.connection)
			require.NoError(t, err)
			require.Len(t, held, test.held)
			require.Zero(t, b.marked(), "nobody compared what was read back (X11)")
		})
	}
}
