package sandbox_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/sandbox"
)

func TestCommitHourImport_AgainWithTheSameBodyIsTheSameReceipt(t *testing.T) {
	t.Parallel()
	b := setupImports(t).asContract()
	lines := []sentLine{worked("a", "2026-11-01", "7.50"), worked("b", "2026-11-02", "1")}
	id := b.draft("k", november("ven_1"))
	b.stored(id, 1, lines...)
	receipt := b.commit(id, lines...)
	require.Equal(t, 200, receipt.status)
	b.clock.advance(time.Hour)
	again := func() {
		t.Helper()
		answered := b.do(http.MethodPost, "/v1/hour-imports/"+id+"/commit", `{"totals":[{"quantity":"8.5","code":"1000"}],"line_count":2}`)
		require.Equal(t, 200, answered.status, string(answered.body))
		require.JSONEq(t, string(receipt.body), string(answered.body))
	}
	again()
	require.NoError(t, b.sandbox.RemoveWageCode(accountID, "1000"))
	b.payrollRuns("ven_1", "2026-11-01", "2026-11-30")
	again()
	require.Equal(t, []string{"a", "b"}, b.references("ven_1"))
	for _, other := range [][]sentLine{nil, lines[:1], {lines[0], worked("", "", "0.5"), worked("", "", "0.5")}} {
		b.commit(id, other...).problem(t, 422, "totals_mismatch")
	}
}

// A receipt is of the commit; what Connexie holds is told by getHourImport.
func TestCommitHourImport_ReceiptStaysWhereSomeDaysWereTakenOver(t *testing.T) {
	t.Parallel()
	b := setupImports(t).asContract()
	lines := []sentLine{worked("a", "2026-11-01", "7.50"), worked("b", "2026-11-02", "1")}
	id := b.committed("ven_1", "2026-11-01", "2026-11-02", lines...)
	b.committed("ven_1", "2026-11-02", "2026-11-03")
	require.Equal(t, 2, b.commit(id, lines...).hourImport(t).LineCount)
	held := b.fetched(id)
	require.Equal(t, []any{sandbox.ImportCommitted, 1, "7.50"}, []any{held.Status, held.LineCount, held.Totals[0].Quantity})
}

func TestCommitHourImport_ReplacedOrDiscarded(t *testing.T) {
	t.Parallel()
	b := setupImports(t).asContract()
	line := worked("a", "2026-11-01", "1")
	id := b.committed("ven_1", "2026-11-01", "2026-11-02", line)
	b.committed("ven_1", "2026-11-02", "2026-11-02")
	require.Equal(t, sandbox.ImportCommitted, b.fetched(id).Status, "one day is left")
	b.committed("ven_1", "2026-11-01", "2026-11-01")
	require.Equal(t, sandbox.ImportReplaced, b.fetched(id).Status)
	require.Empty(t, b.fetched(id).Totals)
	b.commit(id, line).problem(t, 409, "import_state")
	require.Empty(t, b.references("ven_1"))
}

func TestCommitHourImport_PayrollBeganSinceTheDraftWasOpened(t *testing.T) {
	t.Parallel()
	for _, status := range []string{sandbox.PayrollRunning, sandbox.PayrollRan} {
		b := setupImports(t).asContract()
		line := worked("a", "2026-11-30", "1")
		id := b.draft("k", newImport("ven_1", "2026-11-30", "2026-12-31"))
		b.stored(id, 1, line)
		period := sandbox.PayrollPeriod{ID: "per_b", VenueID: "ven_1", StartDate: "2026-11-01", EndDate: "2026-11-30", Status: status}
		require.NoError(t, b.sandbox.PutPayrollPeriod(accountID, period))
		b.commit(id, line).problem(t, 409, "payroll_already_run")
		require.Equal(t, sandbox.ImportDraft, b.fetched(id).Status)
		require.Empty(t, b.references("ven_1"))
		period.Status = sandbox.PayrollOpen
		require.NoError(t, b.sandbox.PutPayrollPeriod(accountID, period))
		require.Equal(t, 200, b.commit(id, line).status, "nothing had changed")
	}
}

func TestCommitHourImport_TotalsMismatch(t *testing.T) {
	t.Parallel()
	b := setupImports(t).asContract()
	id := b.draft("k", november("ven_1"))
	b.stored(id, 1, worked("a", "2026-11-01", "0.1"), worked("b", "2026-11-01", "0.2"))
	commit := func(count int, totals string) reply {
		return b.do(http.MethodPost, "/v1/hour-imports/"+id+"/commit", fmt.Sprintf(`{"line_count":%d,"totals":[%s]}`, count, totals))
	}
	const right = `{"code":"1000","quantity":"0.3"}`
	for _, totals := range []string{
		``, `{"code":"1000","quantity":"0.3001"}`, `{"code":"2000","quantity":"0.3"}`, right + `,{"code":"2000","quantity":"0"}`,
	} {
		commit(2, totals).problem(t, 422, "totals_mismatch")
	}
	commit(1, right).problem(t, 422, "totals_mismatch")
	commit(3, right).problem(t, 422, "totals_mismatch")
	require.Equal(t, sandbox.ImportDraft, b.fetched(id).Status)
	require.Equal(t, 200, commit(2, `{"code":"1000","quantity":"0.3000"}`).status)
}

func TestCommitHourImport_BadBodies(t *testing.T) {
	t.Parallel()
	b := setupImports(t)
	id := b.draft("k", november("ven_1"))
	for _, body := range []string{
		`{}`, `{"line_count":0}`, `{"totals":[]}`, `{"line_count":-1,"totals":[]}`, `{"line_count":"0","totals":[]}`, `{"line_count":0.5,"totals":[]}`,
		`{"line_count":0,"totals":[{"code":"1000"}]}`, `{"line_count":0,"totals":[{"code":"1000","quantity":1}]}`,
		`{"line_count":0,"totals":[{"code":"1000","quantity":"1e1"}]}`, `{"line_count":0,"totals":[{"code":"1000","quantity":"-1"}]}`,
		`{"line_count":0,"totals":[{"code":"1","quantity":"1"},{"code":"1","quantity":"1"}]}`, `[]`, `{`,
	} {
		b.do(http.MethodPost, "/v1/hour-imports/"+id+"/commit", body).problem(t, 422, "validation_failed")
	}
	b.commit("imp_9").problem(t, 404, "not_found")
	require.Equal(t, sandbox.ImportDraft, b.fetched(id).Status)
}

func TestCommitHourImport_NamesEachLineThatPayrollRejects(t *testing.T) {
	t.Parallel()
	b := setupImports(t).asContract()
	require.NoError(t, b.sandbox.PutEmployee(accountID, leaver()))
	require.NoError(t, b.sandbox.PutWageCode(accountID, sandbox.WageCode{Code: "3000", Kind: "allowance", Unit: "eur"}))
	edited := func(reference string, edit func(*sentLine)) sentLine {
		line := worked(reference, "2026-11-10", "1")
		edit(&line)
		return line
	}
	of := func(employee, contract string, day sandbox.Date) func(*sentLine) {
		return func(l *sentLine) { l.EmployeeID, l.ContractID, l.Date = employee, contract, day }
	}
	lines := []sentLine{
		worked("good", "2026-11-10", "1"),
		edited("unknown", of("emp_9", "con_emp_0001", "2026-11-10")),
		edited("code", func(l *sentLine) { l.Code = "3000" }),
		edited("other's contract", of("emp_0001", "con_emp_0002", "2026-11-10")),
		edited("no such contract", of("emp_0001", "con_9", "2026-11-10")),
		edited("last day", of("leaver", "con_1", "2026-11-09")),
		edited("day after", of("leaver", "con_1", "2026-11-10")),
		edited("in the gap", of("leaver", "con_2", "2026-11-14")),
		edited("first day, other venue", of("leaver", "con_2", "2026-11-15")),
		edited("both", func(l *sentLine) { l.EmployeeID, l.Code = "emp_9", "3000" }),
		edited("good again", func(*sentLine) {}),
	}
	id := b.draft("k", november("ven_1"))
	b.stored(id, 1, lines...)
	b.stored(id, 2, worked("good", "2026-11-10", "1"))
	require.NoError(t, b.sandbox.RemoveWageCode(accountID, "3000"))
	all := slices.Concat(lines, []sentLine{worked("good", "2026-11-10", "1")})
	answered := b.commit(id, all...)
	answered.problem(t, 422, "validation_failed")
	require.Equal(t, []finding{
		{"unknown", "", "unknown_person"}, {"code", "", "inactive_code"},
		{"other's contract", "", "no_contract"}, {"no such contract", "", "no_contract"},
		{"day after", "", "no_contract"}, {"in the gap", "", "no_contract"},
		{"both", "", "inactive_code"}, {"both", "", "unknown_person"},
		{"good", "", "duplicate_reference"},
	}, answered.findings(t))
	require.Equal(t, len(all), b.fetched(id).LineCount, "nothing changed")
	require.Equal(t, sandbox.ImportDraft, b.fetched(id).Status)
	require.Empty(t, b.references(""))

	b.stored(id, 2)
	mended := []sentLine{lines[0], lines[5], lines[8]}
	b.stored(id, 1, mended...)
	require.Equal(t, 200, b.commit(id, mended...).status)
}

// leaver has a contract to 9 November and one at another venue from the 15th.
func leaver() sandbox.Employee {
	leaver := person("leaver")
	leaver.Contracts = []sandbox.Contract{
		{ID: "con_1", Type: sandbox.Flex, StartDate: "2026-01-01", EndDate: sandbox.Some[sandbox.Date]("2026-11-09"), VenueID: "ven_1"},
		{ID: "con_2", Type: sandbox.Flex, StartDate: "2026-11-15", EndDate: sandbox.Null[sandbox.Date](), VenueID: "ven_2"},
	}
	return leaver
}

func TestCommitHourImport_ReplacesEveryKindOfItsDaysAndNoOther(t *testing.T) {
	t.Parallel()
	b := setupImports(t).asContract()
	meal := sentLine{"meal", "emp_0002", "con_emp_0002", "2026-11-02", "2000", "1"}
	b.committed("ven_1", "2026-11-01", "2026-11-03",
		worked("first", "2026-11-01", "1"), worked("second", "2026-11-02", "1"), meal, worked("third", "2026-11-03", "1"))
	b.committed("ven_2", "2026-11-01", "2026-11-03", worked("elsewhere", "2026-11-02", "1"))
	id := b.draft("k", strings.Replace(newImport("ven_1", "2026-11-02", "2026-11-02"), `["hours","meals"]`, `["hours"]`, 1))
	b.stored(id, 1, worked("new", "2026-11-02", "2"))
	require.Equal(t, []string{"first", "meal", "second", "third"}, b.references("ven_1"))
	b.commit(id, worked("new", "2026-11-02", "2"))
	require.Equal(t, []string{"first", "new", "third"}, b.references("ven_1"))
	require.Equal(t, []string{"elsewhere"}, b.references("ven_2"))
}

func TestCommitHourImport_WithoutLinesEmptiesItsDays(t *testing.T) {
	t.Parallel()
	b := setupImports(t).asContract()
	b.committed("ven_1", "2026-11-01", "2026-11-02", worked("a", "2026-11-01", "1"), worked("b", "2026-11-02", "1"))
	id := b.draft("empty", newImport("ven_1", "2026-11-02", "2026-11-20"))
	receipt := b.commit(id).hourImport(t)
	require.Equal(t, []any{sandbox.ImportCommitted, 0}, []any{receipt.Status, receipt.LineCount})
	require.Equal(t, []string{"a"}, b.references("ven_1"))
	require.Equal(t, sandbox.ImportCommitted, b.fetched(id).Status, "its days are its own, though empty")
}

func TestCommitHourImport_AddsUpExactly(t *testing.T) {
	t.Parallel()
	b := setupImports(t).asContract()
	huge := strings.Repeat("9", 40) + ".9999"
	lines := []sentLine{worked("a", "2026-11-01", huge), worked("b", "2026-11-02", "0.0001"), worked("c", "2026-11-03", "0.1")}
	id := b.committed("ven_1", "2026-11-01", "2026-11-03", lines...)
	require.Equal(t, "1"+strings.Repeat("0", 40)+".10", b.fetched(id).Totals[0].Quantity)
}
