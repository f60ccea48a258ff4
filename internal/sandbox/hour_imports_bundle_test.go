package sandbox_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/sandbox/contract"
)

// sentLine is a line of a part on the wire.
type sentLine struct {
	Reference  string       `json:"reference"`
	EmployeeID string       `json:"employee_id"`
	ContractID string       `json:"contract_id"`
	Date       sandbox.Date `json:"date"`
	Code       string       `json:"code"`
	Quantity   string       `json:"quantity"`
}

// worked is a line of emp_0001.
func worked(reference string, day sandbox.Date, quantity string) sentLine {
	return sentLine{reference, "emp_0001", "con_emp_0001", day, "1000", quantity}
}

// setupImports has three people and the codes 1000 and 2000.
func setupImports(t *testing.T) *bundle {
	t.Helper()
	b := setup(t, people(3)...)
	require.NoError(t, b.sandbox.PutWageCode(accountID, sandbox.WageCode{Code: "2000", Kind: "meal", Unit: "pieces"}))
	return b
}

// asContract lets the requests too be held against the contract.
func (b *bundle) asContract() *bundle {
	b.Helper()
	b.client = &http.Client{Transport: contract.Transport(b, nil)}
	return b
}

func november(venue string) string { return newImport(venue, "2026-11-01", "2026-11-30") }

func newImport(venue string, from, to sandbox.Date) string {
	return fmt.Sprintf(`{"venue_id":%q,"period_start":%q,"period_end":%q,"kinds":["hours","meals"]}`, venue, from, to)
}

func (b *bundle) create(key, body string) reply {
	b.Helper()
	return b.do(http.MethodPost, "/v1/hour-imports", body, header{"Idempotency-Key", key})
}

// draft opens one and returns its id.
func (b *bundle) draft(key, body string) string {
	b.Helper()
	created := b.create(key, body)
	require.Equal(b, http.StatusCreated, created.status, string(created.body))
	return created.hourImport(b).ID
}

func (b *bundle) part(id string, number int, lines ...sentLine) reply {
	b.Helper()
	return b.do(http.MethodPut, fmt.Sprintf("/v1/hour-imports/%s/parts/%d", id, number), partBody(lines...))
}

func partBody(lines ...sentLine) string {
	body, _ := json.Marshal(map[string]any{"lines": append([]sentLine{}, lines...)})
	return string(body)
}

// stored puts a part that must be taken.
func (b *bundle) stored(id string, number int, lines ...sentLine) {
	b.Helper()
	answered := b.part(id, number, lines...)
	require.Equal(b, http.StatusNoContent, answered.status, string(answered.body))
}

// commit asks with what these lines add up to.
func (b *bundle) commit(id string, lines ...sentLine) reply {
	b.Helper()
	return b.do(http.MethodPost, "/v1/hour-imports/"+id+"/commit", commitBody(lines...))
}

func commitBody(lines ...sentLine) string {
	sums := map[string]*big.Rat{}
	for _, line := range lines {
		value, _ := new(big.Rat).SetString(line.Quantity)
		if sums[line.Code] == nil {
			sums[line.Code] = new(big.Rat)
		}
		sums[line.Code].Add(sums[line.Code], value)
	}
	totals := []sandbox.CodeTotal{}
	for _, code := range slices.Sorted(maps.Keys(sums)) {
		totals = append(totals, sandbox.CodeTotal{Code: code, Quantity: sums[code].FloatString(4)})
	}
	body, _ := json.Marshal(map[string]any{"line_count": len(lines), "totals": totals})
	return string(body)
}

// committed brings lines in for a venue and days.
func (b *bundle) committed(venue string, from, to sandbox.Date, lines ...sentLine) string {
	b.Helper()
	id := b.draft(fmt.Sprintf("key %d", len(b.held())), newImport(venue, from, to))
	b.stored(id, 1, lines...)
	answered := b.commit(id, lines...)
	require.Equal(b, http.StatusOK, answered.status, string(answered.body))
	return id
}

func (b *bundle) fetched(id string) sandbox.HourImport {
	b.Helper()
	return b.get("/v1/hour-imports/" + id).hourImport(b)
}

func (r reply) hourImport(t require.TestingT) sandbox.HourImport {
	require.Contains(t, []int{http.StatusOK, http.StatusCreated}, r.status, string(r.body))
	var held sandbox.HourImport
	require.NoError(t, json.Unmarshal(r.body, &held))
	return held
}

func (b *bundle) held() []sandbox.HourImport {
	b.Helper()
	imports, err := b.sandbox.HourImports(accountID)
	require.NoError(b, err)
	return imports
}

// references are those of the lines that count for a venue, in order.
func (b *bundle) references(venue string) []string {
	b.Helper()
	lines, err := b.sandbox.Ledger(accountID, venue, "", "")
	require.NoError(b, err)
	references := []string{}
	for _, line := range lines {
		references = append(references, line.Reference)
	}
	slices.Sort(references)
	return references
}

func (b *bundle) payrollRuns(venue string, from, to sandbox.Date) {
	b.Helper()
	require.NoError(b, b.sandbox.RunPayroll(accountID, venue, from, to))
}

// finding is one named line of a problem.
type finding struct{ Reference, Pointer, Code string }

func (r reply) findings(t require.TestingT) []finding {
	var body struct{ Errors []finding }
	require.NoError(t, json.Unmarshal(r.body, &body))
	return body.Errors
}
