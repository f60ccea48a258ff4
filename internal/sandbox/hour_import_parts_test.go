package sandbox_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/sandbox"
)

func TestPutHourImportPart_ReplacesWhatThePartHeld(t *testing.T) {
	t.Parallel()
	b := setupImports(t).asContract()
	id := b.draft("k", november("ven_1"))
	b.stored(id, 1, worked("a", "2026-11-01", "1"), worked("b", "2026-11-01", "2"))
	b.stored(id, 1000, worked("c", "2026-11-30", "4"))
	for range 2 {
		b.stored(id, 1, worked("d", "2026-11-02", "8.25"))
		require.Equal(t, 2, b.fetched(id).LineCount)
		require.Equal(t, "12.25", b.fetched(id).Totals[0].Quantity)
	}
	b.stored(id, 1)
	require.Equal(t, 1, b.fetched(id).LineCount)
}

func TestPutHourImportPart_NamesEveryBadLineAndLeavesThePart(t *testing.T) {
	t.Parallel()
	b := setupImports(t)
	id := b.draft("k", newImport("ven_1", "2026-11-10", "2026-11-20"))
	b.stored(id, 1, worked("before", "2026-11-10", "1"))
	lines := []sentLine{worked("good", "2026-11-20", "0.0001")}
	wanted := []finding{}
	bad := func(member, code string, edit func(*sentLine)) {
		line := worked(fmt.Sprintf("bad.%d", len(lines)), "2026-11-15", "1")
		edit(&line)
		wanted = append(wanted, finding{line.Reference, fmt.Sprintf("/lines/%d/%s", len(lines), member), code})
		lines = append(lines, line)
	}
	for _, date := range []string{"2026-11-09", "2026-11-21"} {
		bad("date", "outside_period", func(l *sentLine) { l.Date = sandbox.Date(date) })
	}
	for _, date := range []string{"", "2026-11-31", "15-11-2026", "2026-11-15T00:00:00Z"} {
		bad("date", "invalid", func(l *sentLine) { l.Date = sandbox.Date(date) })
	}
	for _, quantity := range []string{"", "0", "0.0000", "-1", "+1", "1.00001", "1e1", "1.", ".5", "1,5", " 1", "NaN", "0x1", "1_0", "٣"} {
		bad("quantity", "invalid", func(l *sentLine) { l.Quantity = quantity })
	}
	bad("reference", "duplicate_reference", func(l *sentLine) { l.Reference = "good" })
	bad("reference", "invalid", func(l *sentLine) { l.Reference = "" })
	bad("reference", "invalid", func(l *sentLine) { l.Reference = strings.Repeat("r", 65) })
	bad("employee_id", "invalid", func(l *sentLine) { l.EmployeeID = "" })
	bad("contract_id", "invalid", func(l *sentLine) { l.ContractID = "con 1" })
	bad("code", "invalid", func(l *sentLine) { l.Code = "" })
	bad("code", "invalid", func(l *sentLine) { l.Code = strings.Repeat("1", 17) })

	answered := b.part(id, 1, lines...)
	answered.problem(t, 422, "validation_failed")
	require.Equal(t, wanted, answered.findings(t))
	require.Equal(t, "1.00", b.fetched(id).Totals[0].Quantity)
	require.Equal(t, 1, b.fetched(id).LineCount)
}

func TestPutHourImportPart_NamesEverythingThatIsWrongWithALine(t *testing.T) {
	t.Parallel()
	b := setupImports(t)
	id := b.draft("k", november("ven_1"))
	good, err := json.Marshal(worked("good", "2026-11-01", "1"))
	require.NoError(t, err)
	put := func(lines string) []finding {
		answered := b.do(http.MethodPut, "/v1/hour-imports/"+id+"/parts/1", `{"lines":[`+lines+`]}`)
		answered.problem(t, 422, "validation_failed")
		return answered.findings(t)
	}
	for _, empty := range []string{`{}`, `7`, `null`, `[]`, `"line"`, `{"reference":null,"employee_id":7,"quantity":7.5,"date":{}}`} {
		found := put(string(good) + "," + empty)
		require.Len(t, found, 6, empty)
		for i, member := range []string{"reference", "employee_id", "contract_id", "code", "date", "quantity"} {
			require.Equal(t, finding{"", "/lines/1/" + member, "invalid"}, found[i], empty)
		}
	}
	asNumber := strings.Replace(string(good), `"1"}`, `1}`, 1)
	require.Equal(t, []finding{{"good", "/lines/0/quantity", "invalid"}}, put(asNumber))
}

func TestPutHourImportPart_RefusesOtherBodiesAndNumbers(t *testing.T) {
	t.Parallel()
	b := setupImports(t)
	id := b.draft("k", november("ven_1"))
	path := "/v1/hour-imports/" + id + "/parts/"
	for _, body := range []string{`{}`, `{"lines":null}`, `{"lines":7}`, `[]`, `{"lines":[`, `{"lines":[{}]} {}`} {
		b.do(http.MethodPut, path+"1", body).problem(t, 422, "validation_failed")
	}
	tooMany := make([]sentLine, 1001)
	for i := range tooMany {
		tooMany[i] = worked(fmt.Sprint(i), "2026-11-01", "1")
	}
	require.Equal(t, "/lines", b.part(id, 1, tooMany...).problem(t, 422, "validation_failed"))
	b.stored(id, 1, tooMany[:1000]...)
	for _, number := range []string{"0", "1001", "-1", "01", "+1", "one", "1.0"} {
		require.Equal(t, "part", b.do(http.MethodPut, path+number, `{"lines":[]}`).problem(t, 422, "validation_failed"), number)
	}
	b.part("imp_9", 1).problem(t, 404, "not_found")
}

func TestPutHourImportPart_OnlyToADraft(t *testing.T) {
	t.Parallel()
	b := setupImports(t).asContract()
	first := b.committed("ven_1", "2026-11-01", "2026-11-02", worked("a", "2026-11-01", "1"))
	b.part(first, 1).problem(t, 409, "import_state")
	b.committed("ven_1", "2026-11-01", "2026-11-02", worked("b", "2026-11-01", "1"))
	b.part(first, 2).problem(t, 409, "import_state")
	require.Equal(t, []string{"b"}, b.references("ven_1"))
}

// Whatever is put is taken whole, and then counted, or refused with a reason.
func FuzzPutHourImportPart(f *testing.F) {
	f.Add(partBody(worked("a", "2026-11-01", "7.50"), worked("b", "2026-11-30", "0.0001")))
	f.Add(`{"lines":[{"reference":"a"},null,7]}`)
	f.Add(`{"lines":[],"lines":7}`)
	f.Fuzz(func(t *testing.T, body string) {
		s := sandbox.New(sandbox.Options{})
		require.NoError(t, s.AddAccount(account(people(1)...)))
		status, created := request(s, http.MethodPost, "/v1/hour-imports", november("ven_1"), header{"Idempotency-Key", "k"})
		id := reply{status: status, body: created}.hourImport(t).ID
		status, answered := request(s, http.MethodPut, "/v1/hour-imports/"+id+"/parts/1", body)
		imports, err := s.HourImports(accountID)
		require.NoError(t, err)
		if status != http.StatusNoContent {
			require.Equal(t, http.StatusUnprocessableEntity, status)
			require.NotEmpty(t, reply{status: status, body: answered}.findings(t))
			require.Equal(t, 0, imports[0].LineCount)
			return
		}
		var put map[string]json.RawMessage // of a member that comes twice the last
		var lines []sentLine
		require.NoError(t, json.Unmarshal([]byte(body), &put))
		require.NoError(t, json.Unmarshal(put["lines"], &lines))
		require.JSONEq(t, commitBody(lines...), asCommit(imports[0]))
	})
}
