package sandbox_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/sandbox"
)

func TestToken_MissingMistypedRevokedReplaced(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, authorization := range []string{"", "Bearer", "Bearer ", "Bearer wrong", "Basic " + token, token, "Bearer " + token + " x"} {
		b.token = ""
		b.get("/v1/account", header{"Authorization", authorization}).problem(t, 401, "invalid_token")
	}
	b.token = token
	require.NoError(t, b.sandbox.SetToken(accountID, "token-new"))
	b.get("/v1/account").problem(t, 401, "invalid_token")
	b.token = "token-new"
	require.Equal(t, 200, b.get("/v1/account").status)
	require.NoError(t, b.sandbox.SetToken(accountID, ""))
	b.get("/v1/account").problem(t, 401, "invalid_token")
}

func TestToken_BelongsToOneAccount(t *testing.T) {
	t.Parallel()
	b := setup(t)
	second := account()
	second.ID = "acc_2"
	require.ErrorContains(t, b.sandbox.AddAccount(second), "acc_1")
	second.Token = "token-2"
	require.NoError(t, b.sandbox.AddAccount(second))
	require.ErrorContains(t, b.sandbox.SetToken("acc_2", token), "acc_1")
}

func TestPermissions_AreAskedFor(t *testing.T) {
	t.Parallel()
	b := setup(t, people(1)...)
	require.NoError(t, b.sandbox.SetPermissions(accountID))
	b.get("/v1/employees").problem(t, 403, "forbidden")
	b.get("/v1/employees/emp_0001").problem(t, 403, "forbidden")
	b.do(http.MethodPut, "/v1/employees/emp_0001/employment-end", `{"end_date":"2026-12-01"}`).problem(t, 403, "forbidden")
	require.Equal(t, 200, b.get("/v1/venues").status)
	require.ErrorIs(t, b.sandbox.SetPermissions(accountID, "everything"), sandbox.ErrInvalid)
}

func TestPaths_UnknownOnesAndMethods(t *testing.T) {
	t.Parallel()
	b := setup(t, people(1)...)
	b.client = http.DefaultClient // the contract has no such operations
	for _, path := range []string{"/", "/v1", "/v1/", "/v2/account", "/v1/accounts", "/v1/employees/", "/v1/employees/a/b", "/v1/hour-imports/a/parts", "/v1/hour-imports//commit"} {
		b.get(path).problem(t, 404, "not_found")
	}
	refused := b.do(http.MethodPost, "/v1/employees", "{}")
	refused.problem(t, 405, "method_not_allowed")
	require.Equal(t, "GET", refused.header.Get("Allow"))
	b.do(http.MethodDelete, "/v1/employees/emp_0001", "").problem(t, 405, "method_not_allowed")
	b.get("/v1/employees/emp_0001/employment-end").problem(t, 405, "method_not_allowed")
}

func TestEmployee_UnknownID(t *testing.T) {
	t.Parallel()
	b := setup(t, people(1)...)
	b.get("/v1/employees/emp_9").problem(t, 404, "not_found")
	b.get("/v1/employees/"+strings.Repeat("x", 65)).problem(t, 422, "validation_failed")
}

func TestPayrollPeriods_ThatTouchTheDays(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ask := func(query string) reply { return b.get("/v1/payroll-periods?" + query) }
	both := ask("venue_id=ven_1&from=2026-10-31&to=2026-11-01")
	require.JSONEq(t, `{"items":[
		{"id":"per_a","venue_id":"ven_1","start_date":"2026-10-01","end_date":"2026-10-31","status":"run"},
		{"id":"per_b","venue_id":"ven_1","start_date":"2026-11-01","end_date":"2026-11-30","status":"open"}]}`, string(both.body))
	require.JSONEq(t, `{"items":[]}`, string(ask("venue_id=ven_1&from=2026-12-01&to=2026-12-31").body))
	for query, pointer := range map[string]string{
		"":                               "from",
		"venue_id=ven_1&from=2026-11-01": "to",
		"venue_id=ven_1&from=2026-11-31&to=2026-12-01": "from",
		"venue_id=ven_1&from=2026-11-02&to=2026-11-01": "to",
		"venue_id=ven_9&from=2026-11-01&to=2026-11-02": "venue_id",
		"from=2026-11-01&to=2026-11-02":                "venue_id",
	} {
		require.Equal(t, pointer, ask(query).problem(t, 422, "validation_failed"), query)
	}
}
