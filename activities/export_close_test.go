package activities_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/testkit"
)

func TestExport_X8_RepeatingItChangesNothing(t *testing.T) {
	t.Parallel()
	b := newExporting(t, 1)
	b.entry("p_0001", b.bar, nov(3))
	first, second := b.export(b.newExport()), b.export(b.newExport())
	require.Equal(t, domain.ExportOK, first.Outcome)
	require.Equal(t, first, second)
	require.Equal(t, domain.Counts{
		"lines": 1, "entries": 1, "skipped": 0, "unmapped": 0, "days_to_come": 8, "venues": 1, "venues_exported": 1,
	}, second.Counts)
	require.Equal(t, 1, b.ledger("ven_1"))
	require.Equal(t, 1, b.marked())
}

// Nothing left to export empties what an earlier export left there.
func TestExport_X15_X8_NothingToExportIsAResultAndStillReplaces(t *testing.T) {
	t.Parallel()
	b := newExporting(t, 1)
	b.entry("p_0001", b.bar, nov(3))
	b.export(b.newExport())
	b.db.Exec(t, `update eitje.entries set state = 'open'`)
	ending := b.export(b.newExport())
	require.Equal(t, domain.ExportNothing, ending.Outcome)
	require.Equal(t, 1, ending.Counts["skipped.X1.not_approved"])
	require.Zero(t, b.ledger("ven_1"))
	require.Zero(t, b.marked())
}

// Payroll has run at one of two venues: the other goes on, and what differs is counted.
func TestExport_X9_X13_AVenueWhosePayrollHasRunIsRefusedAndTheOthersGo(t *testing.T) {
	t.Parallel()
	b := newExporting(t, 1)
	b.entry("p_0001", b.bar, nov(3))
	b.entry("p_0001", b.kitchen, nov(4))
	b.export(b.newExport())
	require.NoError(t, b.sandbox.RunPayroll(account, "ven_1", "2026-11-01", "2026-11-30"))
	b.db.Exec(t, `update eitje.entries set minutes = 420`)
	b.sandbox.ClearCalls()
	of := b.newExport()
	ending := b.export(of)
	require.Equal(t, domain.ExportPartly, ending.Outcome)
	require.Equal(t, 1, b.calls(createImport), "nothing is sent of the other")
	require.Equal(t, 1, ending.Counts["venues_refused"])
	require.Equal(t, 1, ending.Counts["corrections"])
	require.Contains(t, ending.Problem, "X9")
	require.Contains(t, ending.Problem, "starter export corrections --export "+of.ID)
	require.Contains(t, b.causes(), "export_incomplete 2026-11-01_2026-11-30")
	require.Equal(t, 2, testkit.Value[int](t, b.db, `select count(*) from eitje.hours where exported is not null`), "its markers stay")

	require.NoError(t, b.sandbox.RunPayroll(account, "ven_2", "2026-11-01", "2026-11-30"))
	require.Equal(t, domain.ExportRefused, b.export(b.newExport()).Outcome)
}

// A venue that Connexie no longer has cannot be emptied; the other one goes.
func TestExport_X13_AVenueThatConnexieNoLongerHasFailsAlone(t *testing.T) {
	t.Parallel()
	b := newExporting(t, 1)
	b.entry("p_0001", b.bar, nov(3))
	b.entry("p_0001", b.kitchen, nov(4))
	require.NoError(t, b.sandbox.RemoveVenue(account, "ven_1"))
	of := b.newExport()
	ending := b.export(of)
	require.Equal(t, domain.ExportPartly, ending.Outcome)
	require.Contains(t, ending.Problem, "Connexie does not know venue ven_1")
	require.Equal(t, activities.ProblemVenueUnknown, b.venue(of, "ven_1").Problem)
	require.Equal(t, 1, b.ledger("ven_2"))
}

// What was told of a period closes by itself once the period is exported, or one that
// contains it (N1).
func TestExport_N1_WhatWasToldOfAPeriodClosesWithAGoodExport(t *testing.T) {
	t.Parallel()
	b, of := twoVenues(t)
	b.fault(sandbox.Fault{Kind: sandbox.FaultMalformedJSON, Operation: createImport, Times: 1})
	b.send(of, "ven_1")
	require.Equal(t, domain.ExportRefused, b.close(activities.CloseExportInput{Run: of}).Outcome)
	require.Contains(t, b.causes(), "export_incomplete 2026-11-01_2026-11-30")
	longer := b.newExport()
	longer.Period.From = nov(1).AddDays(-1)
	require.Equal(t, domain.ExportOK, b.export(longer).Outcome)
	require.NotContains(t, b.causes(), "export_incomplete 2026-11-01_2026-11-30")
}

func TestExport_X16_APreviewCountsWhatWouldChangeAndSendsNothing(t *testing.T) {
	t.Parallel()
	b := newExporting(t, 1)
	b.entry("p_0001", b.bar, nov(3))
	gone := b.entry("p_0001", b.bar, nov(4))
	b.export(b.newExport())
	b.db.Exec(t, `update eitje.entries set state = 'deleted' where id = $1`, gone)
	b.entry("p_0001", b.kitchen, nov(5))
	preview := b.newExport()
	preview.Mode, preview.WorkflowID = activities.ModePreview, "export-preview/"+b.connection
	b.sandbox.ClearCalls()
	counts, _ := b.prepare(preview)
	compared, err := run(b.bundle, b.sending.CompareExport, preview)
	require.NoError(t, err)
	require.Empty(t, compared.Differing)
	ending := b.close(activities.CloseExportInput{Run: preview, Counts: counts})
	require.Equal(t, domain.ExportOK, ending.Outcome)
	require.Equal(t, []int{1, 0, 1}, []int{ending.Counts["added"], ending.Counts["changed"], ending.Counts["removed"]})
	require.Zero(t, b.calls(createImport))

	b.replace("ven_1")
	compared, err = run(b.bundle, b.sending.CompareExport, b.reopened(preview))
	require.NoError(t, err)
	require.Equal(t, []string{"ven_1"}, compared.Differing)
}

// reopened is the same preview under another id, opened.
func (b *exportBundle) reopened(preview activities.ExportRun) activities.ExportRun {
	b.Helper()
	preview.ID = testkit.ID(b)
	b.check(preview)
	return preview
}

// A venue that was being sent when its export was cancelled: its draft is withdrawn, or
// it was committed after all and stays.
func TestExport_X13_WithdrawFindsOutWhatBecameOfTheDraft(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault   sandbox.Fault
		imports []string
		state   domain.VenueState
	}{
		"a draft":                     {sandbox.Fault{Operation: putPart}, []string{sandbox.ImportDiscarded}, domain.VenueCancelled},
		"a draft that was not noted":  {sandbox.Fault{Operation: createImport, AfterEffect: true}, []string{sandbox.ImportDiscarded}, domain.VenueCancelled},
		"a commit that was not noted": {sandbox.Fault{Operation: commitImport, AfterEffect: true}, []string{sandbox.ImportCommitted}, domain.VenueExported},
		"a commit not read back":      {sandbox.Fault{Operation: getImport}, []string{sandbox.ImportCommitted}, domain.VenueExported},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, of := twoVenues(t)
			test.fault.Kind, test.fault.Status, test.fault.Times = sandbox.FaultStatus, 500, 1
			b.fault(test.fault)
			_, err := b.try(of)
			requireFailure(t, err, activities.ErrorUnavailable, true)
			in := activities.VenueInput{Run: of, VenueID: "ven_1"}
			withdrawn, err := run(b.bundle, b.sending.WithdrawVenue, in)
			require.NoError(t, err)
			if withdrawn.State == domain.VenueCommitted {
				withdrawn = b.mark(of, "ven_1")
			}
			require.Equal(t, test.state, withdrawn.State)
			require.Equal(t, test.imports, b.imports())
			ending := b.close(activities.CloseExportInput{Run: of, Outcome: domain.ExportCancelled})
			require.Equal(t, domain.ExportCancelled, ending.Outcome)
			require.Equal(t, domain.VenueCancelled, b.venue(of, "ven_2").State)
			again, err := run(b.bundle, b.sending.WithdrawVenue, in)
			require.NoError(t, err)
			require.Equal(t, test.state, again.State)
		})
	}
}

func TestCloseExport_TheFirstClosingStays(t *testing.T) {
	t.Parallel()
	b, of := twoVenues(t)
	first := b.close(activities.CloseExportInput{Run: of, Outcome: domain.ExportFailed, Problem: activities.ErrorDatabase})
	require.Contains(t, first.Problem, "starter doctor")
	require.Equal(t, first, b.close(activities.CloseExportInput{Run: of, Outcome: domain.ExportCancelled}))
}

// An export that was cancelled before its first activity ran is opened and closed, so that
// the activity, coming late, finds it closed.
func TestCloseExport_OneThatNobodyOpenedIsClosedForWhoeverComesLate(t *testing.T) {
	t.Parallel()
	b := newExporting(t, 1)
	of := b.newExport()
	require.Equal(t, domain.ExportCancelled, b.close(activities.CloseExportInput{Run: of, Outcome: domain.ExportCancelled}).Outcome)
	_, err := run(b.bundle, b.sending.CheckExport, of)
	requireFailure(t, err, activities.ErrorFenceLost, false)
	stranger := of
	stranger.ID, stranger.ConnectionID = testkit.ID(t), testkit.ID(t)
	require.Equal(t, domain.ExportFailed, b.close(activities.CloseExportInput{Run: stranger, Outcome: domain.ExportFailed}).Outcome)
}

func TestExport_C6_WhatHasNoCodeIsCountedForAnAcknowledgement(t *testing.T) {
	t.Parallel()
	b := newExporting(t, 1)
	b.entry("p_0001", b.bar, nov(3), testkit.Extra{Kind: domain.LineMeal, Type: "lunch"})
	of := b.newExport()
	of.Kinds = []domain.ExportKind{domain.ExportHours, domain.ExportMeals}
	b.check(of)
	collected, err := run(b.bundle, b.exporting.SnapshotExport, of)
	require.NoError(t, err)
	require.Equal(t, []int{1, 1, 1}, []int{collected.Lines, collected.Unmapped, collected.Counts["skipped.C6.unmapped"]})
	ending := b.close(activities.CloseExportInput{Run: of, Outcome: domain.ExportNeedsAcknowledgement, Counts: collected.Counts})
	require.Contains(t, ending.Problem, "C6")
	require.Equal(t, domain.VenuePlanned, b.venue(of, "ven_1").State)
	require.Empty(t, b.causes(), "whoever asked has the answer")
}
