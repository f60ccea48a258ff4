package connexie_test

import (
	"fmt"
	"testing"

	"github.com/govalues/decimal"
	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/connexie"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
)

// setupImports is a sandbox whose token may import.
func setupImports(t *testing.T) bundle {
	t.Helper()
	b := setup(t)
	require.NoError(t, b.sandbox.SetPermissions(accountID, sandbox.ImportsWrite))
	require.NoError(t, b.sandbox.PutWageCode(accountID, sandbox.WageCode{Code: "2000", Description: "Maaltijd", Kind: "meal", Unit: "pieces"}))
	return b
}

// worked is a line of somebody whom the sandbox knows.
func worked(number int, employee, code, quantity string) connexie.HourLine {
	return connexie.HourLine{
		Reference: fmt.Sprintf("ent-%d.%d", number, number), EmployeeID: employee, ContractID: "con_" + employee,
		Date: domain.NewDate(2026, 11, 2+number), Code: code, Quantity: decimal.MustParse(quantity),
	}
}

func (b bundle) draft(t *testing.T) connexie.HourImport {
	t.Helper()
	got, err := b.account.CreateHourImport(t.Context(), november())
	require.NoError(t, err)
	return got
}

func TestConnexie_Sandbox_X8_ImportFromDraftToReadBack(t *testing.T) {
	t.Parallel()
	b := setupImports(t)
	draft := b.draft(t)
	require.Equal(t, connexie.ImportDraft, draft.Status)
	require.Empty(t, draft.Totals)
	require.Equal(t, draft, b.draft(t), "the same key is the same import")

	parts := [][]connexie.HourLine{
		{worked(1, "emp_1", "H100", "7.50"), worked(2, "emp_2", "H100", "0.33")},
		{worked(3, "emp_1", "2000", "1")},
	}
	for range 2 { // putting a part again replaces it
		for i, lines := range parts {
			require.NoError(t, b.account.PutHourImportPart(t.Context(), draft.ID, i+1, lines))
		}
	}
	totals := map[string]decimal.Decimal{"H100": decimal.MustParse("7.83"), "2000": decimal.MustParse("1")}
	for range 2 { // committing again is the same receipt
		receipt, err := b.account.CommitHourImport(t.Context(), draft.ID, 3, totals)
		require.NoError(t, err)
		requireHolds(t, receipt, 3, totals)
	}
	held, err := b.account.GetHourImport(t.Context(), draft.ID)
	require.NoError(t, err)
	requireHolds(t, held, 3, totals)
	require.False(t, held.CommittedAt.IsZero())
	require.Equal(t, []domain.ExportKind{domain.ExportHours, domain.ExportMeals}, held.Kinds)

	ledger, err := b.sandbox.Ledger(accountID, "ven_1", "", "")
	require.NoError(t, err)
	require.Len(t, ledger, 3)
	require.Equal(t, "ent-1.1", ledger[0].Reference)
	require.Equal(t, "7.50", ledger[0].Quantity)
}

func requireHolds(t *testing.T, held connexie.HourImport, lines int, totals map[string]decimal.Decimal) {
	t.Helper()
	require.Equal(t, connexie.ImportCommitted, held.Status)
	require.Equal(t, lines, held.LineCount)
	require.Len(t, held.Totals, len(totals))
	for code, quantity := range totals {
		require.True(t, held.Totals[code].Equal(quantity), "%s: %s", code, held.Totals[code])
	}
}

func TestConnexie_Sandbox_X8_EmptyImportEmptiesItsDays(t *testing.T) {
	t.Parallel()
	b := setupImports(t)
	first := b.draft(t)
	require.NoError(t, b.account.PutHourImportPart(t.Context(), first.ID, 1, []connexie.HourLine{worked(1, "emp_1", "H100", "8")}))
	_, err := b.account.CommitHourImport(t.Context(), first.ID, 1, map[string]decimal.Decimal{"H100": decimal.MustParse("8")})
	require.NoError(t, err)

	again := november()
	again.IdempotencyKey = "0193-7b/ven_1/1"
	second, err := b.account.CreateHourImport(t.Context(), again)
	require.NoError(t, err)
	_, err = b.account.CommitHourImport(t.Context(), second.ID, 0, nil)
	require.NoError(t, err)
	ledger, err := b.sandbox.Ledger(accountID, "", "", "")
	require.NoError(t, err)
	require.Empty(t, ledger)

	replaced, err := b.account.GetHourImport(t.Context(), first.ID)
	require.NoError(t, err)
	require.Equal(t, connexie.ImportReplaced, replaced.Status)
	known := b.draft(t)
	require.Equal(t, connexie.ImportReplaced, known.Status, "the key answers whatever became of its import")
	_, err = b.account.CommitHourImport(t.Context(), first.ID, 1, map[string]decimal.Decimal{"H100": decimal.MustParse("8")})
	require.Equal(t, connexie.CodeImportState, failure(t, err).Code)
}

func TestConnexie_Sandbox_X8_Discard(t *testing.T) {
	t.Parallel()
	b := setupImports(t)
	draft := b.draft(t)
	for range 2 {
		require.NoError(t, b.account.DiscardHourImport(t.Context(), draft.ID))
	}
	require.NoError(t, b.account.DiscardHourImport(t.Context(), "imp_unknown"))
	require.Equal(t, connexie.ImportDiscarded, b.draft(t).Status)
	err := b.account.PutHourImportPart(t.Context(), draft.ID, 1, nil)
	require.Equal(t, connexie.CodeImportState, failure(t, err).Code)

	next := november()
	next.IdempotencyKey = "0193-7a/ven_1/2"
	second, err := b.account.CreateHourImport(t.Context(), next)
	require.NoError(t, err)
	_, err = b.account.CommitHourImport(t.Context(), second.ID, 0, nil)
	require.NoError(t, err)
	err = b.account.DiscardHourImport(t.Context(), second.ID)
	require.Equal(t, connexie.CodeImportState, failure(t, err).Code)
}

func TestConnexie_Sandbox_X9_PayrollHasRun(t *testing.T) {
	t.Parallel()
	b := setupImports(t)
	draft := b.draft(t)
	require.NoError(t, b.sandbox.RunPayroll(accountID, "ven_1", "2026-11-30", "2026-11-30"))
	_, err := b.account.CommitHourImport(t.Context(), draft.ID, 0, nil)
	require.Equal(t, connexie.CodePayrollAlreadyRun, failure(t, err).Code)
	require.Equal(t, draft, b.draft(t), "a known key answers also after payroll has run")

	late := november()
	late.IdempotencyKey = "0193-7a/ven_1/2"
	_, err = b.account.CreateHourImport(t.Context(), late)
	require.Equal(t, connexie.CodePayrollAlreadyRun, failure(t, err).Code)
}

func TestConnexie_Sandbox_X17_RejectedLinesCarryOurReferences(t *testing.T) {
	t.Parallel()
	b := setupImports(t)
	draft := b.draft(t)
	stranger, inactive, outside := worked(2, "emp_9", "H100", "1"), worked(3, "emp_1", "9999", "1"), worked(4, "emp_1", "H100", "1")
	outside.Date = domain.NewDate(2026, 12, 1)

	err := b.account.PutHourImportPart(t.Context(), draft.ID, 1, []connexie.HourLine{worked(1, "emp_1", "H100", "1"), outside})
	require.Equal(t, connexie.CodeValidationFailed, failure(t, err).Code)
	require.Equal(t, []string{outside.Reference}, references(t, err))

	lines := []connexie.HourLine{worked(1, "emp_1", "H100", "1"), stranger, inactive}
	require.NoError(t, b.account.PutHourImportPart(t.Context(), draft.ID, 1, lines))
	_, err = b.account.CommitHourImport(t.Context(), draft.ID, 3, map[string]decimal.Decimal{
		"H100": decimal.MustParse("2"), "9999": decimal.MustParse("1"),
	})
	require.Equal(t, connexie.CodeValidationFailed, failure(t, err).Code)
	require.Equal(t, []string{stranger.Reference, inactive.Reference}, references(t, err))

	_, err = b.account.CommitHourImport(t.Context(), draft.ID, 3, map[string]decimal.Decimal{"H100": decimal.MustParse("3")})
	require.Equal(t, connexie.CodeTotalsMismatch, failure(t, err).Code)
}

func references(t *testing.T, err error) (named []string) {
	t.Helper()
	for _, line := range failure(t, err).Lines {
		require.NotEmpty(t, line.Code)
		named = append(named, line.Reference)
	}
	return named
}

func TestConnexie_Sandbox_X8_OtherRefusals(t *testing.T) {
	t.Parallel()
	b := setupImports(t)
	b.draft(t)
	other := november()
	other.Kinds = []domain.ExportKind{domain.ExportHours}
	_, err := b.account.CreateHourImport(t.Context(), other)
	require.Equal(t, connexie.CodeIdempotencyConflict, failure(t, err).Code)
	_, err = b.account.GetHourImport(t.Context(), "imp_unknown")
	require.Equal(t, connexie.CodeNotFound, failure(t, err).Code)

	require.NoError(t, b.sandbox.SetPermissions(accountID, sandbox.EmployeesRead))
	_, err = b.account.CreateHourImport(t.Context(), november())
	require.Equal(t, connexie.CodeForbidden, failure(t, err).Code)
}

// After an answer that was lost the same call again finds what the first one did.
func TestConnexie_Sandbox_N6_LostAnswersAreSettledByAskingAgain(t *testing.T) {
	t.Parallel()
	for name, lost := range map[string]sandbox.Fault{
		"500":     {Kind: sandbox.FaultStatus, Status: 500, AfterEffect: true, Times: 1},
		"cut off": {Kind: sandbox.FaultCutBody, AfterEffect: true, Times: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setupImports(t)
			on := func(operation string) {
				lost := lost
				lost.Operation = operation
				b.fault(t, lost)
			}
			on("createHourImport")
			_, err := b.account.CreateHourImport(t.Context(), november())
			require.Contains(t, []connexie.Code{connexie.CodeServerError, connexie.CodeUnreachable}, failure(t, err).Code)
			draft := b.draft(t)
			opened, err := b.sandbox.HourImports(accountID)
			require.NoError(t, err)
			require.Len(t, opened, 1)
			require.Equal(t, november().IdempotencyKey, opened[0].IdempotencyKey)

			on("commitHourImport")
			_, err = b.account.CommitHourImport(t.Context(), draft.ID, 0, nil)
			require.Contains(t, []connexie.Code{connexie.CodeServerError, connexie.CodeUnreachable}, failure(t, err).Code)
			held, err := b.account.GetHourImport(t.Context(), draft.ID)
			require.NoError(t, err)
			require.Equal(t, connexie.ImportCommitted, held.Status)
			_, err = b.account.CommitHourImport(t.Context(), draft.ID, 0, nil)
			require.NoError(t, err)
		})
	}
}
