package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/testsuite"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// twoVenues is an export of one shift at the bar and one in the kitchen, ready to be
// sent.
func twoVenues(t *testing.T) (*exportBundle, activities.ExportRun) {
	t.Helper()
	b := newExporting(t, 1)
	b.entry("p_0001", b.bar, nov(3))
	b.entry("p_0001", b.kitchen, nov(4))
	of := b.newExport()
	_, venues := b.prepare(of)
	require.Equal(t, []activities.VenueStanding{
		{VenueID: "ven_1", State: domain.VenuePlanned, Lines: 1}, {VenueID: "ven_2", State: domain.VenuePlanned, Lines: 1},
	}, venues)
	return b, of
}

func TestExport_X11_X13_EachVenueIsItsOwnImportAndIsMarkedOnceItReadsBackEqual(t *testing.T) {
	t.Parallel()
	b, of := twoVenues(t)
	sent := b.send(of, "ven_1")
	require.Equal(t, activities.VenueStanding{VenueID: "ven_1", State: domain.VenueCommitted, Lines: 1, Sent: 1}, sent)
	require.Zero(t, b.marked(), "nothing is marked before")
	require.Equal(t, domain.VenueExported, b.mark(of, "ven_1").State)
	require.Equal(t, 1, b.marked())
	require.Equal(t, 1, b.ledger("ven_1"))
	require.Zero(t, b.ledger("ven_2"))
	again := b.mark(of, "ven_1")
	require.Equal(t, domain.VenueExported, again.State)
	require.Equal(t, []string{sandbox.ImportCommitted}, b.imports())
}

func TestExport_SendsPartsOfAThousandLinesSliceBySlice(t *testing.T) {
	t.Parallel()
	b := newExporting(t, 1)
	b.entries("p_0001", 2500)
	of := b.newExport()
	b.prepare(of)
	b.sending.SliceParts = 1
	var sent []int
	for {
		slice, err := b.try(of)
		require.NoError(t, err)
		sent = append(sent, slice.Sent)
		if slice.State != domain.VenueSending {
			break
		}
	}
	require.Equal(t, []int{1000, 2000, 2500}, sent)
	require.Equal(t, 3, b.calls(putPart), "no part was put twice")
	require.Equal(t, 2500, b.ledger("ven_1"))
}

// A worker that dies between two parts leaves what was taken in the store; the next
// attempt puts only the rest.
func TestExport_AnAttemptGoesOnWhereTheOneBeforeDied(t *testing.T) {
	t.Parallel()
	b := newExporting(t, 1)
	b.entries("p_0001", 2500)
	of := b.newExport()
	b.prepare(of)
	b.fault(sandbox.Fault{Kind: sandbox.FaultStatus, Status: 503, Operation: putPart, FromCall: 2, Times: 1, AfterEffect: true})
	var beat converter.EncodedValues
	_, err := run(b.bundle, b.sending.SendVenue, activities.VenueInput{Run: of, VenueID: "ven_1"},
		func(env *testsuite.TestActivityEnvironment) {
			env.SetOnActivityHeartbeatListener(func(_ *activity.Info, details converter.EncodedValues) {
				if details.HasValues() {
					beat = details
				}
			})
		})
	requireFailure(t, err, activities.ErrorUnavailable, true)
	var next int
	require.NoError(t, beat.Get(&next))
	require.Equal(t, 2, next, "the heartbeat is the next part")
	require.Equal(t, domain.VenueCommitted, b.send(of, "ven_1").State)
	require.Equal(t, 4, b.calls(putPart))
	require.Equal(t, 2500, b.ledger("ven_1"))
	require.Equal(t, []string{sandbox.ImportCommitted}, b.imports())
}

// Whatever answer is lost, whether the call took effect or not: the repetition finds out,
// and the ledger equals the lines, once.
func TestExport_X8_N6_LostAnswersAreSettledAndNothingIsSentTwice(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]sandbox.Fault{
		"draft, before":     {Kind: sandbox.FaultStatus, Status: 500, Operation: createImport},
		"draft, after":      {Kind: sandbox.FaultStatus, Status: 500, Operation: createImport, AfterEffect: true},
		"draft, cut off":    {Kind: sandbox.FaultCutBody, Operation: createImport},
		"part, before":      {Kind: sandbox.FaultDropConnection, Operation: putPart},
		"part, after":       {Kind: sandbox.FaultStatus, Status: 502, Operation: putPart, AfterEffect: true},
		"commit, before":    {Kind: sandbox.FaultStatus, Status: 503, Operation: commitImport},
		"commit, after":     {Kind: sandbox.FaultStatus, Status: 500, Operation: commitImport, AfterEffect: true},
		"commit, dropped":   {Kind: sandbox.FaultDropConnection, Operation: commitImport, AfterEffect: true},
		"commit, cut off":   {Kind: sandbox.FaultCutBody, Operation: commitImport},
		"read back, before": {Kind: sandbox.FaultStatus, Status: 504, Operation: getImport},
		"many calls":        {Kind: sandbox.FaultRateLimited, Operation: putPart},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, of := twoVenues(t)
			fault.Times = 1
			b.fault(fault)
			_, err := b.try(of)
			require.Contains(t, []string{activities.ErrorUnavailable, activities.ErrorRateLimited}, requireRetried(t, err))
			require.Equal(t, domain.VenueCommitted, b.send(of, "ven_1").State)
			require.Equal(t, []string{sandbox.ImportCommitted}, b.imports(), "one import, whatever was lost")
			require.Equal(t, 1, b.ledger("ven_1"))
			require.Equal(t, domain.VenueExported, b.mark(of, "ven_1").State)
		})
	}
}

func TestExport_N6_ObeysRetryAfter(t *testing.T) {
	t.Parallel()
	b, of := twoVenues(t)
	b.fault(sandbox.Fault{Kind: sandbox.FaultRateLimited, RetryAfterSeconds: 7, Operation: commitImport, Times: 1})
	_, err := b.try(of)
	failure := requireFailure(t, err, activities.ErrorRateLimited, true)
	require.Equal(t, 7*time.Second, failure.NextRetryDelay())
}

// The commit whose answer was lost, found by a worker that died before it could ask.
func TestExport_X8_ACommitOfAnAttemptThatDiedIsFoundByItsKey(t *testing.T) {
	t.Parallel()
	b, of := twoVenues(t)
	b.fault(sandbox.Fault{Kind: sandbox.FaultStatus, Status: 500, Operation: commitImport, AfterEffect: true, Times: 1})
	_, err := b.try(of)
	require.Error(t, err)
	b.sandbox.ClearCalls()
	require.Equal(t, domain.VenueCommitted, b.send(of, "ven_1").State)
	require.Equal(t, 1, b.calls(createImport))
	require.Zero(t, b.calls(putPart))
	require.Zero(t, b.calls(commitImport))
}

func TestExport_ADraftThatWasDiscardedIsOpenedAnewUnderANewKey(t *testing.T) {
	t.Parallel()
	b, of := twoVenues(t)
	b.fault(sandbox.Fault{Kind: sandbox.FaultStatus, Status: 503, Operation: putPart, Times: 1})
	_, err := b.try(of)
	require.Error(t, err)
	b.discard(b.venue(of, "ven_1").ImportID)
	require.Equal(t, domain.VenueCommitted, b.send(of, "ven_1").State)
	require.Equal(t, 2, b.venue(of, "ven_1").Attempt)
	require.Equal(t, []string{sandbox.ImportDiscarded, sandbox.ImportCommitted}, b.imports())
}

// discard discards a draft behind the worker's back.
func (b *exportBundle) discard(importID string) {
	b.Helper()
	client, _, err := b.reading.Accounts.Account(b.Context(), b.connection)
	require.NoError(b, err)
	require.NoError(b, client.DiscardHourImport(b.Context(), importID))
}

// requireRetried requires an error that is retried and returns its type.
func requireRetried(t *testing.T, err error) string {
	t.Helper()
	require.Error(t, err)
	for _, kind := range []string{activities.ErrorUnavailable, activities.ErrorRateLimited} {
		if typeOf(err) == kind {
			requireFailure(t, err, kind, true)
			return kind
		}
	}
	return err.Error()
}

// Payroll that runs between the question and the commit is found again at the commit,
// and the draft is gone.
func TestExport_X9_PayrollThatRunsBeforeTheCommitRefusesTheVenue(t *testing.T) {
	t.Parallel()
	for _, operation := range []string{createImport, commitImport} {
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			b, of := twoVenues(t)
			b.fault(sandbox.Fault{Kind: sandbox.FaultPayrollRun, Operation: operation, Times: 1, Payroll: &sandbox.PayrollRun{
				VenueID: "ven_1", From: "2026-11-01", To: "2026-11-30",
			}})
			require.Equal(t, domain.VenueRefused, b.send(of, "ven_1").State)
			require.Equal(t, activities.ProblemPayroll, b.venue(of, "ven_1").Problem)
			require.NotContains(t, b.imports(), sandbox.ImportDraft)
			require.Zero(t, b.ledger("ven_1"))
			require.Equal(t, domain.VenueCommitted, b.send(of, "ven_2").State, "the other venue goes on")
		})
	}
}

// A commit whose answer was lost counts, also where payroll ran right after it.
func TestExport_X9_ACommitThatWasLostBeforePayrollRanCounts(t *testing.T) {
	t.Parallel()
	b, of := twoVenues(t)
	b.fault(sandbox.Fault{Kind: sandbox.FaultStatus, Status: 500, Operation: commitImport, AfterEffect: true, Times: 1})
	_, err := b.try(of)
	require.Error(t, err)
	require.NoError(t, b.sandbox.RunPayroll(account, "ven_1", "2026-11-01", "2026-11-30"))
	require.Equal(t, domain.VenueCommitted, b.send(of, "ven_1").State)
	require.Equal(t, domain.VenueExported, b.mark(of, "ven_1").State)
}

func TestExport_X17_RejectedLinesAreKeptWithTheirEntryAndNothingOfTheVenueCounts(t *testing.T) {
	t.Parallel()
	b := newExporting(t, 2)
	b.entry("p_0001", b.bar, nov(3))
	bad := b.entry("p_0002", b.bar, nov(4))
	of := b.newExport()
	b.prepare(of)
	require.NoError(t, b.sandbox.RemoveEmployee(account, "p_0002"))
	require.Equal(t, domain.VenueRejected, b.send(of, "ven_1").State)
	require.Equal(t, "unknown_person", testkit.Value[string](t, b.db,
		`select problem from connexie.export_lines where export_id = $1 and entry_id = $2`, of.ID, bad))
	require.Equal(t, 1, testkit.Value[int](t, b.db,
		`select count(*) from connexie.export_lines where export_id = $1 and problem is not null`, of.ID))
	require.Equal(t, []string{sandbox.ImportDiscarded}, b.imports())
	require.Zero(t, b.ledger("ven_1"))
	ending := b.close(activities.CloseExportInput{Run: of})
	require.Equal(t, domain.ExportRejected, ending.Outcome)
	require.Contains(t, ending.Problem, "X17")
	require.Contains(t, b.causes(), "export_incomplete 2026-11-01_2026-11-30")
}

// An export that has ended sends nothing more: neither a new draft nor a commit.
func TestExport_X14_NothingIsSentOfAnExportThatHasEnded(t *testing.T) {
	t.Parallel()
	b, of := twoVenues(t)
	b.close(activities.CloseExportInput{Run: of, Outcome: domain.ExportFailed})
	b.sandbox.ClearCalls()
	_, err := b.try(of)
	requireFailure(t, err, activities.ErrorFenceLost, false)
	require.Zero(t, b.calls(createImport))
}

// An attempt that is left behind between its last part and the commit: another export
// has begun meanwhile.
func TestExport_X14_TheFenceIsAskedAgainRightBeforeTheCommit(t *testing.T) {
	t.Parallel()
	b, of := twoVenues(t)
	held, err := b.sandbox.AddFault(sandbox.Fault{Kind: sandbox.FaultHold, Operation: putPart, AfterEffect: true, Times: 1})
	require.NoError(t, err)
	failed := make(chan error, 1)
	go func() {
		_, err := b.try(of)
		failed <- err
	}()
	require.NoError(t, b.sandbox.AwaitFault(t.Context(), held))
	b.close(activities.CloseExportInput{Run: of, Outcome: domain.ExportFailed})
	require.NoError(t, b.sandbox.RemoveFault(held))
	requireFailure(t, <-failed, activities.ErrorFenceLost, false)
	require.Zero(t, b.calls(commitImport))
	require.Zero(t, b.ledger("ven_1"))
}

func TestExport_X8_AnImportThatAnotherReplacedIsSupersededAndMarksNothing(t *testing.T) {
	t.Parallel()
	b, of := twoVenues(t)
	b.fault(sandbox.Fault{Kind: sandbox.FaultStatus, Status: 503, Operation: getImport, Times: 1})
	_, err := b.try(of) // committed, and not read back
	require.Error(t, err)
	b.replace("ven_1")
	require.Equal(t, domain.VenueSuperseded, b.send(of, "ven_1").State)
	require.Equal(t, domain.VenueSuperseded, b.mark(of, "ven_1").State)
	require.Zero(t, b.marked())
	ending := b.close(activities.CloseExportInput{Run: of})
	require.Equal(t, domain.ExportSuperseded, ending.Outcome)
	require.Equal(t, domain.VenueCancelled, b.venue(of, "ven_2").State, "the rest is not sent")
}

// replace commits an empty import beside Eitje.
func (b *exportBundle) replace(venue string) {
	b.Helper()
	client, _, err := b.reading.Accounts.Account(b.Context(), b.connection)
	require.NoError(b, err)
	draft, err := client.CreateHourImport(b.Context(), draftOf(venue))
	require.NoError(b, err)
	_, err = client.CommitHourImport(b.Context(), draft.ID, 0, nil)
	require.NoError(b, err)
}

func TestExport_C8_ARefusedTokenIsNotedOnce(t *testing.T) {
	t.Parallel()
	b, of := twoVenues(t)
	b.fault(sandbox.Fault{Kind: sandbox.FaultInvalidToken, Operation: commitImport})
	for range 2 {
		_, err := b.try(of)
		requireFailure(t, err, activities.ErrorTokenRefused, false)
	}
	require.Equal(t, "needs_token", string(b.state()))
	require.Contains(t, b.causes(), "token_refused connection")
}

func TestExport_C1_ATokenThatLosesItsPermissionIsSaidSo(t *testing.T) {
	t.Parallel()
	b, of := twoVenues(t)
	require.NoError(t, b.sandbox.SetPermissions(account, sandbox.EmployeesRead))
	_, err := b.try(of)
	require.Contains(t, requireFailure(t, err, activities.ErrorForbidden, false).Message(), "imports.write")
}

// An answer that breaks the contract is a venue's failure, and the others go on.
func TestExport_X13_AnAnswerThatBreaksTheContractFailsItsVenueAlone(t *testing.T) {
	t.Parallel()
	b, of := twoVenues(t)
	b.fault(sandbox.Fault{Kind: sandbox.FaultMalformedJSON, Operation: createImport, Times: 1})
	require.Equal(t, domain.VenueFailed, b.send(of, "ven_1").State)
	require.Equal(t, activities.ErrorProtocol, b.venue(of, "ven_1").Problem)
	require.Equal(t, domain.VenueCommitted, b.send(of, "ven_2").State)
}

// A draft that was opened with an answer nobody can read does not stay behind.
func TestExport_X13_ADraftThatCannotBeReadIsDiscarded(t *testing.T) {
	t.Parallel()
	b, of := twoVenues(t)
	b.fault(sandbox.Fault{Kind: sandbox.FaultMalformedJSON, Operation: createImport, Times: 1})
	require.Equal(t, domain.VenueFailed, b.send(of, "ven_1").State)
	require.Equal(t, []string{sandbox.ImportDiscarded}, b.imports())
}

// A commit whose answer nobody can read may have been a success: the import is asked.
func TestExport_X8_ACommitThatCannotBeReadIsAskedAbout(t *testing.T) {
	t.Parallel()
	b, of := twoVenues(t)
	b.fault(sandbox.Fault{Kind: sandbox.FaultMalformedJSON, Operation: commitImport})
	require.Equal(t, domain.VenueCommitted, b.send(of, "ven_1").State)
	require.Equal(t, domain.VenueExported, b.mark(of, "ven_1").State)
}

// Where even asking brings nothing that can be read, what Connexie has committed is kept
// as what it holds, unmarked (X11).
func TestExport_X8_X11_ACommitThatCannotEvenBeAskedAboutIsKeptUnmarked(t *testing.T) {
	t.Parallel()
	b, of := twoVenues(t)
	b.fault(sandbox.Fault{Kind: sandbox.FaultMalformedJSON, Operation: commitImport})
	b.fault(sandbox.Fault{Kind: sandbox.FaultMalformedJSON, Operation: getImport})
	require.Equal(t, domain.VenueFailed, b.send(of, "ven_1").State)
	require.Equal(t, []string{sandbox.ImportCommitted}, b.imports())
	require.Equal(t, 1, testkit.Value[int](t, b.db, `select count(*) from connexie.current_imports where export_id = $1`, of.ID))
	require.Zero(t, b.marked())
}
