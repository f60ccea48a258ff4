package sandbox_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/eitje/connexie-worker/internal/sandbox"
)

// plainImport is an import as the slow reference knows it.
type plainImport struct {
	id, venue string
	from, to  sandbox.Date
	status    string
	parts     map[int][]sentLine
}

func (p *plainImport) lines() (lines []sentLine) {
	for number := 1; number <= 3; number++ {
		lines = append(lines, p.parts[number]...)
	}
	return lines
}

// plainLedger replays what happened: it keeps every commit and asks them all.
type plainLedger struct {
	*rapid.T
	sandbox   *sandbox.Sandbox
	imports   []*plainImport
	committed []*plainImport // in order of commit
	lines     int
}

// latest is the import that last brought in a venue's day, nil if none did.
func (l *plainLedger) latest(venue string, day sandbox.Date) *plainImport {
	for _, made := range slices.Backward(l.committed) {
		if made.venue == venue && made.from <= day && day <= made.to {
			return made
		}
	}
	return nil
}

// held are the lines that count of one import.
func (l *plainLedger) held(of *plainImport) (lines []sentLine) {
	for _, line := range of.lines() {
		if l.latest(of.venue, line.Date) == of {
			lines = append(lines, line)
		}
	}
	return lines
}

func (l *plainLedger) statusOf(made *plainImport) string {
	if made.status != sandbox.ImportCommitted {
		return made.status
	}
	for day := made.from; day <= made.to; day = day.AddDays(1) {
		if l.latest(made.venue, day) == made {
			return sandbox.ImportCommitted
		}
	}
	return sandbox.ImportReplaced
}

const firstDay = sandbox.Date("2026-11-01")

var venues = []string{"ven_1", "ven_2"}

func (l *plainLedger) create() {
	from := firstDay.AddDays(rapid.IntRange(0, 7).Draw(l.T, "from"))
	made := &plainImport{
		venue: rapid.SampledFrom(venues).Draw(l.T, "venue"), from: from,
		to: from.AddDays(rapid.IntRange(0, 4).Draw(l.T, "days")), status: sandbox.ImportDraft, parts: map[int][]sentLine{},
	}
	status, body := request(l.sandbox, http.MethodPost, "/v1/hour-imports",
		newImport(made.venue, made.from, made.to), header{"Idempotency-Key", fmt.Sprint(len(l.imports))})
	require.Equal(l.T, http.StatusCreated, status, string(body))
	made.id = reply{status: status, body: body}.hourImport(l.T).ID
	l.imports = append(l.imports, made)
}

func (l *plainLedger) any() *plainImport {
	if len(l.imports) == 0 {
		l.Skip("no import yet")
	}
	return rapid.SampledFrom(l.imports).Draw(l.T, "import")
}

func (l *plainLedger) put() {
	to := l.any()
	lines := make([]sentLine, rapid.IntRange(0, 3).Draw(l.T, "lines"))
	for i := range lines {
		day := to.from
		for day < to.to && rapid.Bool().Draw(l.T, "later") {
			day = day.AddDays(1)
		}
		l.lines++
		lines[i] = worked(fmt.Sprintf("line.%d", l.lines), day, rapid.SampledFrom([]string{"0.0001", "7.50", "8", "0.33"}).Draw(l.T, "quantity"))
		lines[i].Code = rapid.SampledFrom([]string{"1000", "2000"}).Draw(l.T, "code")
	}
	number := rapid.IntRange(1, 3).Draw(l.T, "part")
	status, _ := request(l.sandbox, http.MethodPut, fmt.Sprintf("/v1/hour-imports/%s/parts/%d", to.id, number), partBody(lines...))
	if to.status != sandbox.ImportDraft {
		require.Equal(l.T, http.StatusConflict, status)
		return
	}
	require.Equal(l.T, http.StatusNoContent, status)
	to.parts[number] = lines
}

// commitAny commits whatever there is, again too.
func (l *plainLedger) commitAny() {
	which := l.any()
	status, _ := request(l.sandbox, http.MethodPost, "/v1/hour-imports/"+which.id+"/commit", commitBody(which.lines()...))
	switch l.statusOf(which) {
	case sandbox.ImportDraft:
		require.Equal(l.T, http.StatusOK, status)
		which.status = sandbox.ImportCommitted
		l.committed = append(l.committed, which)
	case sandbox.ImportCommitted:
		require.Equal(l.T, http.StatusOK, status)
	default:
		require.Equal(l.T, http.StatusConflict, status)
	}
}

func (l *plainLedger) discard() {
	which := l.any()
	status, _ := request(l.sandbox, http.MethodDelete, "/v1/hour-imports/"+which.id, "")
	if which.status == sandbox.ImportCommitted {
		require.Equal(l.T, http.StatusConflict, status)
		return
	}
	require.Equal(l.T, http.StatusNoContent, status)
	which.status, which.parts = sandbox.ImportDiscarded, nil
}

// check compares everything that can be seen.
func (l *plainLedger) check() {
	for _, made := range l.imports {
		lines := made.lines()
		if made.status == sandbox.ImportCommitted {
			lines = l.held(made)
		}
		status, body := request(l.sandbox, http.MethodGet, "/v1/hour-imports/"+made.id, "")
		held := reply{status: status, body: body}.hourImport(l.T)
		require.Equal(l.T, l.statusOf(made), held.Status)
		require.Len(l.T, lines, held.LineCount)
		require.JSONEq(l.T, commitBody(lines...), asCommit(held))
	}
	for _, venue := range venues {
		wanted := []sandbox.LedgerLine{}
		for _, made := range l.committed {
			if made.venue != venue {
				continue
			}
			for _, line := range l.held(made) {
				wanted = append(wanted, sandbox.LedgerLine{
					ImportID: made.id, Reference: line.Reference, VenueID: venue, EmployeeID: line.EmployeeID,
					ContractID: line.ContractID, Date: line.Date, Code: line.Code, Quantity: line.Quantity,
				})
			}
		}
		lines, err := l.sandbox.Ledger(accountID, venue, "", "")
		require.NoError(l.T, err)
		require.ElementsMatch(l.T, wanted, lines)
	}
}

// asCommit writes an import's count and totals as commitBody does.
func asCommit(held sandbox.HourImport) string {
	for i, total := range held.Totals {
		value, _ := new(big.Rat).SetString(total.Quantity)
		held.Totals[i].Quantity = value.FloatString(4)
	}
	body, _ := json.Marshal(map[string]any{"line_count": held.LineCount, "totals": held.Totals})
	return string(body)
}

// Whatever is opened, put, committed and discarded in whatever order, the
// ledger holds what replaying "replace these days" gives.
func TestLedger_EqualsThePlainReplay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := sandbox.New(sandbox.Options{})
		require.NoError(t, s.AddAccount(account(people(1)...)))
		require.NoError(t, s.PutWageCode(accountID, sandbox.WageCode{Code: "2000", Kind: "meal", Unit: "pieces"}))
		plain := &plainLedger{T: t, sandbox: s}
		t.Repeat(map[string]func(*rapid.T){
			"create":  func(t *rapid.T) { plain.T = t; plain.create() },
			"put":     func(t *rapid.T) { plain.T = t; plain.put() },
			"commit":  func(t *rapid.T) { plain.T = t; plain.commitAny() },
			"discard": func(t *rapid.T) { plain.T = t; plain.discard() },
			"":        func(t *rapid.T) { plain.T = t; plain.check() },
		})
	})
}

func TestLedger_ByVenueAndDays(t *testing.T) {
	t.Parallel()
	b := setupImports(t)
	b.committed("ven_2", "2026-11-01", "2026-11-03", worked("d", "2026-11-01", "1"))
	b.committed("ven_1", "2026-11-01", "2026-11-03",
		worked("c", "2026-11-03", "1"), worked("b", "2026-11-02", "1"), worked("a", "2026-11-02", "1"))
	ask := func(venue string, from, to sandbox.Date) (references []string) {
		lines, err := b.sandbox.Ledger(accountID, venue, from, to)
		require.NoError(t, err)
		for _, line := range lines {
			references = append(references, line.Reference)
		}
		return references
	}
	require.Equal(t, []string{"b", "a", "c", "d"}, ask("", "", ""))
	parts := b.draft("parts", newImport("ven_2", "2026-12-01", "2026-12-01"))
	var lines []sentLine
	for _, number := range []int{9, 1, 5, 3, 7} {
		lines = append(lines, worked(fmt.Sprint(number), "2026-12-01", "1"))
		b.stored(parts, number, lines[len(lines)-1])
	}
	b.commit(parts, lines...)
	require.Equal(t, []string{"1", "3", "5", "7", "9"}, ask("ven_2", "2026-12-01", ""))
	require.Equal(t, []string{"b", "a"}, ask("ven_1", "2026-11-01", "2026-11-02"))
	require.Equal(t, []string{"c"}, ask("ven_1", "2026-11-03", ""))
	require.Empty(t, ask("ven_9", "", ""))
	_, err := b.sandbox.Ledger("acc_9", "", "", "")
	require.ErrorIs(t, err, sandbox.ErrUnknown)
	_, err = b.sandbox.HourImports("acc_9")
	require.ErrorIs(t, err, sandbox.ErrUnknown)
}

func TestHourImports_InTheOrderOfOpeningWithTheirKeys(t *testing.T) {
	t.Parallel()
	b := setupImports(t)
	second := b.committed("ven_2", "2026-11-01", "2026-11-03", worked("d", "2026-11-01", "1"))
	first := b.draft("the key", november("ven_1"))
	held := b.held()
	require.Equal(t, []string{second, first}, []string{held[0].ID, held[1].ID})
	require.Equal(t, "the key", held[1].IdempotencyKey)
	require.Equal(t, 1, held[0].LineCount)
}

func TestRunPayroll_OfThePeriodsThatTouchTheDays(t *testing.T) {
	t.Parallel()
	b := setupImports(t)
	statuses := func(venue string) (statuses []string) {
		var periods struct{ Items []sandbox.PayrollPeriod }
		require.NoError(t, json.Unmarshal(b.get("/v1/payroll-periods?venue_id="+venue+"&from=2026-10-01&to=2026-11-30").body, &periods))
		for _, period := range periods.Items {
			statuses = append(statuses, period.Status)
		}
		return statuses
	}
	require.Equal(t, []string{sandbox.PayrollRan, sandbox.PayrollOpen}, statuses("ven_1"))
	b.payrollRuns("ven_1", "2026-11-30", "2026-12-31")
	require.Equal(t, []string{sandbox.PayrollRan, sandbox.PayrollRan}, statuses("ven_1"))
	require.Equal(t, []string{sandbox.PayrollOpen}, statuses("ven_2"))
	require.ErrorIs(t, b.sandbox.RunPayroll(accountID, "ven_1", "2026-12-01", "2026-12-31"), sandbox.ErrUnknown, "nothing would have run")
	require.ErrorIs(t, b.sandbox.RunPayroll(accountID, "ven_1", "2026-12-02", "2026-12-01"), sandbox.ErrInvalid)
	require.ErrorIs(t, b.sandbox.RunPayroll(accountID, "ven_1", "", "2026-12-01"), sandbox.ErrInvalid)
	b.sandbox.Reset()
	require.Equal(t, []string{sandbox.PayrollRan, sandbox.PayrollOpen}, statuses("ven_1"))
}
