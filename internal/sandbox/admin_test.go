package sandbox_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/sandbox"
)

const ofAccount = "/sandbox/accounts/" + accountID

func TestAdmin_ListsItself(t *testing.T) {
	t.Parallel()
	b := setup(t)
	text := string(b.get("/sandbox/").body)
	for _, line := range []string{"POST /sandbox/faults", "POST /sandbox/reset", "bad_record", "/ledger", "/hour-imports", "/payroll-runs", "payroll_run"} {
		require.Contains(t, text, line)
	}
	b.get("/sandbox/nothing").problem(t, 404, "not_found")
	b.do(http.MethodPost, "/sandbox/accounts", "{}").problem(t, 404, "not_found")
}

func TestAdmin_ChangesPeople(t *testing.T) {
	t.Parallel()
	b := setup(t, people(2)...)
	const one = ofAccount + "/employees/emp_0001"
	patched := b.do(http.MethodPatch, one+"?absent=infix", `{"email":null,"infix":"de","address":{"city":"Delft"},"employment":{"end_date":"2026-11-21"}}`)
	require.Equal(t, 200, patched.status, string(patched.body))
	patched = b.do(http.MethodPatch, one, `{"address":{"street":"Markt"}}`)
	require.Contains(t, string(patched.body), `"email":null`)
	require.Contains(t, string(patched.body), `"address":{"street":"Markt","city":"Delft"}`)
	require.NotContains(t, string(patched.body), "infix")
	require.Equal(t, sandbox.EmploymentEnded, b.employee("emp_0001").Employment.Status)

	wage := b.do(http.MethodPatch, one+"/contracts/con_emp_0001", `{"hourly_wage":"16.10"}`)
	require.Contains(t, string(wage.body), `"hourly_wage":"16.10"`)
	b.do(http.MethodPatch, one+"/contracts/con_9", `{}`).problem(t, 404, "not_found")

	raw, err := json.Marshal(person("emp_0003"))
	require.NoError(t, err)
	require.Equal(t, 200, b.do(http.MethodPut, ofAccount+"/employees/emp_0003", string(raw)).status)
	require.Equal(t, "/id", b.do(http.MethodPut, ofAccount+"/employees/emp_0004", string(raw)).problem(t, 422, "validation_failed"))
	require.Equal(t, 204, b.do(http.MethodDelete, ofAccount+"/employees/emp_0002", "").status)
	require.Equal(t, []string{"emp_0001", "emp_0003"}, b.readAll("/v1/employees?limit=9"))
}

func TestAdmin_RefusesWhatTheContractDoesNotDescribe(t *testing.T) {
	t.Parallel()
	b := setup(t, people(1)...)
	before := b.employee("emp_0001")
	for _, patch := range []string{
		``, `null`, `[]`, `{`, `{} {}`, `{"lastname":"X"}`, `{"last_name":7}`, `{"id":"emp_0002"}`,
		`{"contracts":[{"id":"c"}]}`, `{"employment":{"status":"gone"}}`, `{"address":{"street":"A","planet":"B"}}`,
		`{"date_of_birth":"1990-13-01"}`, `{"contracts":null,"first_name":null,"employment":null}`,
	} {
		b.do(http.MethodPatch, ofAccount+"/employees/emp_0001", patch).problem(t, 422, "validation_failed")
	}
	b.do(http.MethodPatch, ofAccount+"/employees/emp_0001?absent=fax", `{}`).problem(t, 404, "not_found")
	b.do(http.MethodPatch, ofAccount+"/employees/emp_0009", `{}`).problem(t, 404, "not_found")
	b.do(http.MethodPatch, "/sandbox/accounts/acc_9/employees/emp_0001", `{}`).problem(t, 404, "not_found")
	b.do(http.MethodPatch, ofAccount+"/employees/emp_0001", `{"last_name":"`+strings.Repeat("x", 1<<20)+`"}`).problem(t, 422, "validation_failed")
	require.Equal(t, before, b.employee("emp_0001"))
}

func TestAdmin_ChangesListsTokenAndPermissions(t *testing.T) {
	t.Parallel()
	b := setup(t, people(1)...)
	require.Equal(t, 200, b.do(http.MethodPut, ofAccount+"/venues/ven_3", `{"name":"Drie","active":true}`).status)
	require.Equal(t, 204, b.do(http.MethodDelete, ofAccount+"/venues/ven_2", "").status)
	require.Contains(t, string(b.get("/v1/venues").body), `[{"id":"ven_1","name":"Een","active":true},{"id":"ven_3"`)
	require.Equal(t, 200, b.do(http.MethodPut, ofAccount+"/wage-codes/2000", `{"description":"Maaltijd","kind":"meal","unit":"pieces"}`).status)
	require.Equal(t, 204, b.do(http.MethodDelete, ofAccount+"/wage-codes/1000", "").status)
	require.Contains(t, string(b.get("/v1/wage-codes").body), `[{"code":"2000"`)
	require.Equal(t, 200, b.do(http.MethodPut, ofAccount+"/payroll-periods/per_b",
		`{"venue_id":"ven_1","start_date":"2026-11-01","end_date":"2026-11-30","status":"run"}`).status)
	require.Contains(t, string(b.get("/v1/payroll-periods?venue_id=ven_1&from=2026-11-05&to=2026-11-05").body), `"status":"run"`)
	b.do(http.MethodPut, ofAccount+"/wage-codes/2000", `{"kind":"gift","unit":"eur"}`).problem(t, 422, "validation_failed")

	require.Equal(t, 204, b.do(http.MethodPut, ofAccount+"/permissions", `["imports.write"]`).status)
	b.get("/v1/employees").problem(t, 403, "forbidden")
	require.Equal(t, 204, b.do(http.MethodDelete, ofAccount+"/token", "").status)
	b.get("/v1/venues").problem(t, 401, "invalid_token")
	require.Contains(t, string(b.get("/sandbox/accounts").body), `"has_token":false`)
	require.Equal(t, 204, b.do(http.MethodPut, ofAccount+"/token", `{"token":"t2"}`).status)
	b.do(http.MethodPut, ofAccount+"/token", `{"token":""}`).problem(t, 422, "validation_failed")
	b.token = "t2"
	require.Equal(t, 200, b.get("/v1/venues").status)
	require.Equal(t, 204, b.do(http.MethodPost, "/sandbox/reset", "").status)
	b.get("/v1/venues").problem(t, 401, "invalid_token")
}

func TestAdmin_FaultsCallsAndCounters(t *testing.T) {
	t.Parallel()
	b := setup(t, people(2)...)
	added := b.do(http.MethodPost, "/sandbox/faults", `{"kind":"status","status":502,"operation":"listEmployees","from_call":2,"times":1}`)
	require.JSONEq(t, `{"id":"fault_1"}`, string(added.body))
	b.do(http.MethodPost, "/sandbox/faults", `{"kind":"status","stauts":502}`).problem(t, 422, "validation_failed")
	etag := b.get("/v1/employees").header.Get("ETag")
	b.get("/v1/employees").problem(t, 502, "server_error")
	require.Equal(t, 304, b.get("/v1/employees", header{"If-None-Match", etag}).status)
	require.JSONEq(t, `[{"account":"acc_1","operation":"listEmployees","requests":3,"not_modified":1,"struck":1,
		"statuses":{"200":1,"304":1,"502":1}}]`, string(b.get("/sandbox/counters").body))
	var calls []sandbox.Call
	require.NoError(t, json.Unmarshal(b.get("/sandbox/calls?operation=listEmployees").body, &calls))
	require.Len(t, calls, 3)
	require.Equal(t, []string{"fault_1"}, calls[1].Faults)
	require.True(t, calls[2].Conditional)
	require.Contains(t, string(b.get("/sandbox/faults").body), `"seen":3,"struck":1`)
	require.Equal(t, 204, b.do(http.MethodDelete, "/sandbox/faults/fault_1", "").status)
	require.Equal(t, 204, b.do(http.MethodDelete, "/sandbox/faults", "").status)
	require.Equal(t, 204, b.do(http.MethodDelete, "/sandbox/calls", "").status)
	require.JSONEq(t, `[]`, string(b.get("/sandbox/counters").body))
	require.NotContains(t, string(b.get("/sandbox/calls").body), token)
}

func TestAdmin_ReadsImportsAndRunsPayroll(t *testing.T) {
	t.Parallel()
	b := setupImports(t)
	id := b.committed("ven_1", "2026-11-01", "2026-11-02", worked("a", "2026-11-01", "7.50"), worked("b", "2026-11-02", "1"))
	require.JSONEq(t, `[{"import_id":"`+id+`","reference":"b","venue_id":"ven_1","employee_id":"emp_0001",
		"contract_id":"con_emp_0001","date":"2026-11-02","code":"1000","quantity":"1"}]`,
		string(b.get(ofAccount+"/ledger?venue_id=ven_1&from=2026-11-02&to=2026-11-02").body))
	require.JSONEq(t, `[]`, string(b.get(ofAccount+"/ledger?venue_id=ven_2").body))
	b.get(ofAccount+"/ledger?from=november").problem(t, 422, "validation_failed")
	b.get(ofAccount+"/ledger?form=2026-11-01").problem(t, 422, "validation_failed")
	b.get("/sandbox/accounts/acc_9/ledger").problem(t, 404, "not_found")
	require.JSONEq(t, `[{"id":"`+id+`","venue_id":"ven_1","period_start":"2026-11-01","period_end":"2026-11-02",
		"kinds":["hours","meals"],"status":"committed","line_count":2,"totals":[{"code":"1000","quantity":"8.50"}],
		"committed_at":"2026-11-22T11:00:00Z","idempotency_key":"key 0"}]`, string(b.get(ofAccount+"/hour-imports").body))

	run := func(body string) reply { return b.do(http.MethodPost, ofAccount+"/payroll-runs", body) }
	run(`{"venue_id":"ven_1","from":"2027-01-01","to":"2027-01-31"}`).problem(t, 404, "not_found")
	run(`{"venue_id":"ven_1","from":"2026-11-01"}`).problem(t, 422, "validation_failed")
	require.Equal(t, 204, run(`{"venue_id":"ven_1","from":"2026-11-01","to":"2026-11-02"}`).status)
	b.create("k", november("ven_1")).problem(t, 409, "payroll_already_run")
}

func TestAdmin_MovesTheClock(t *testing.T) {
	t.Parallel()
	leaver := person("emp_1")
	leaver.Employment.EndDate = sandbox.Some[sandbox.Date]("2026-12-31")
	b := setup(t, leaver)
	require.JSONEq(t, `{"now":"2026-12-31T23:00:00Z","today":"2027-01-01"}`,
		string(b.do(http.MethodPut, "/sandbox/clock", `{"now":"2027-01-01T00:00:00+01:00"}`).body))
	require.Equal(t, sandbox.EmploymentEnded, b.get("/v1/employees").list(t).Items[0].Employment.Status)
	b.do(http.MethodPut, "/sandbox/clock", `{}`).problem(t, 422, "validation_failed")
}

func FuzzAdminPatch(f *testing.F) {
	f.Add(`{"employment":{"end_date":null}}`, "phone")
	f.Add(`{"contracts":[null]}`, "contracts.0")
	f.Add(`{"address":{"":1}}`, "..")
	f.Fuzz(func(t *testing.T, patch, absent string) {
		at := &clock{now: noon}
		s := sandbox.New(sandbox.Options{Now: at.Now})
		require.NoError(t, s.AddAccount(account(people(1)...)))
		employee, err := s.PatchEmployee(accountID, "emp_0001", []byte(patch), absent)
		if err == nil {
			require.NoError(t, employee.Validate())
			require.Equal(t, "emp_0001", employee.ID)
		}
		require.Len(t, serve(t, s, "/v1/employees").Items, 1)
	})
}

func FuzzAdminFault(f *testing.F) {
	f.Add(`{"kind":"bad_record","member":"contracts.0.id","value":{}}`)
	f.Add(`{"kind":"hide","ids":["emp_0001"],"one_in":2,"seed":18446744073709551615}`)
	f.Add(`{"kind":"change","changes":[{"employee_id":"emp_0001","patch":{"id":"x"}}]}`)
	f.Add(`{"kind":"payroll_run","payroll":{"venue_id":"ven_1","from":"2026-11-01","to":"2026-11-30"}}`)
	f.Fuzz(func(t *testing.T, body string) {
		var fault sandbox.Fault
		_ = json.Unmarshal([]byte(body), &fault)
		switch fault.Kind {
		case sandbox.FaultHold, sandbox.FaultDelay, sandbox.FaultDropConnection, sandbox.FaultCutBody:
			t.Skip("needs a real connection")
		}
		s := sandbox.New(sandbox.Options{})
		require.NoError(t, s.AddAccount(account(people(1)...)))
		status, _ := request(s, http.MethodPost, "/sandbox/faults", body)
		require.Contains(t, []int{200, 404, 422}, status)
		status, _ = request(s, http.MethodGet, "/v1/employees", "")
		require.GreaterOrEqual(t, status, 200)
	})
}
