package contract_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/sandbox/contract"
)

const person = `{"id":"emp_1","first_name":"Noor","last_name":"Bakker","modified_at":"2026-11-22T10:00:00Z",
	"employment":{"status":"active","start_date":"2026-01-01"},
	"contracts":[{"id":"con_1","type":"flex","start_date":"2026-01-01","venue_id":"ven_1","hourly_wage":"15.20"}]}`

func load(t testing.TB) *contract.Contract {
	t.Helper()
	loaded, err := contract.Load()
	require.NoError(t, err)
	return loaded
}

func ask(method, target, body string) *http.Request {
	request := httptest.NewRequest(method, "https://any.example"+target, strings.NewReader(body))
	request.Header.Set("Authorization", "Bearer t")
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	return request
}

func TestCheckRequest_TakesWhatTheContractDescribes(t *testing.T) {
	t.Parallel()
	for target, body := range map[string]string{
		"GET /v1/account": "",
		"GET /v1/employees?limit=500&modified_since=2026-11-22T10:00:00Z&cursor=x": "",
		"GET /v1/employees/emp_1":                                          "",
		"PUT /v1/employees/emp_1/employment-end":                           `{"end_date":"2026-11-30"}`,
		"GET /v1/payroll-periods?venue_id=v&from=2026-11-01&to=2026-11-30": "",
		"PUT /v1/hour-imports/imp_1/parts/1":                               `{"lines":[]}`,
	} {
		method, path, _ := strings.Cut(target, " ")
		require.NoError(t, load(t).CheckRequest(ask(method, path, body), []byte(body)), target)
	}
}

func TestCheckRequest_RefusesTheRest(t *testing.T) {
	t.Parallel()
	for target, body := range map[string]string{
		"GET /v1/people":                                                   "",
		"POST /v1/employees":                                               "",
		"GET /v1/employees?limit=0":                                        "",
		"GET /v1/employees?limit=501":                                      "",
		"GET /v1/employees?limit=ten":                                      "",
		"GET /v1/employees?modified_since=yesterday":                       "",
		"GET /v1/employees?modifed_since=x":                                "",
		"GET /v1/employees?limit=1&limit=2":                                "",
		"GET /v1/payroll-periods?venue_id=v&from=2026-11-01":               "",
		"PUT /v1/employees/emp_1/employment-end":                           `{"end_date":"30-11-2026"}`,
		"PUT /v1/employees/emp_3/employment-end":                           `{"end_date":"2026-11-31"}`,
		"GET /v1/payroll-periods?venue_id=v&from=2026-11-01&to=2026-11-31": "",
		"PUT /v1/employees/emp_2/employment-end":                           `{}`,
		"PUT /v1/hour-imports/imp_1/parts/0":                               `{"lines":[]}`,
		"POST /v1/hour-imports":                                            `{"venue_id":"v","period_start":"2026-11-01","period_end":"2026-11-02","kinds":["hours"]}`,
	} {
		method, path, _ := strings.Cut(target, " ")
		require.Error(t, load(t).CheckRequest(ask(method, path, body), []byte(body)), target)
	}
	nameless := ask("GET", "/v1/account", "")
	nameless.Header.Del("Authorization")
	require.Error(t, load(t).CheckRequest(nameless, nil))
}

func respond(request *http.Request, status int, body string, headers ...string) contract.Exchange {
	exchange := contract.Exchange{Request: request, Status: status, Header: http.Header{}, ResponseBody: []byte(body)}
	exchange.Header.Set("Content-Type", "application/json")
	if status >= 400 {
		exchange.Header.Set("Content-Type", "application/problem+json")
	}
	for i := 0; i < len(headers); i += 2 {
		exchange.Header.Set(headers[i], headers[i+1])
	}
	return exchange
}

func TestCheckResponse_FindsEveryDifferenceInAPerson(t *testing.T) {
	t.Parallel()
	request := ask("GET", "/v1/employees/emp_1", "")
	require.NoError(t, load(t).CheckResponse(respond(request, 200, person)))
	for was, is := range map[string]string{
		`"first_name":"Noor",`: ``, `"Bakker"`: `null`, `"flex"`: `"zero"`, `"15.20"`: `15.20`, `"emp_1"`: `"emp 1"`,
		`"2026-11-22T10:00:00Z"`: `"2026-11-22"`, `"start_date":"2026-01-01","venue_id"`: `"start_date":"2026-02-30","venue_id"`,
		`"active"`: `"gone"`, `"con_1",`: `"con_1"`, `"id":"emp_1"`: `"id":"emp_1","address":{"city":7}`,
		`"venue_id":"ven_1",`: ``, `"id":"con_1",`: `"id":"` + strings.Repeat("x", 65) + `",`,
	} {
		changed := strings.Replace(person, was, is, 1)
		require.NotEqual(t, person, changed)
		require.Error(t, load(t).CheckResponse(respond(request, 200, changed)), is)
	}
	require.Error(t, load(t).CheckResponse(respond(request, 200, strings.Replace(person, "15.20", "1.5e1", 1))))
}

func TestCheckResponse_Conventions(t *testing.T) {
	t.Parallel()
	const list, problem = `{"items":[],"next_cursor":null}`, `{"title":"T","status":429,"code":"rate_limited"}`
	first, second := ask("GET", "/v1/venues", ""), ask("GET", "/v1/venues?cursor=x", "")
	conditional := ask("GET", "/v1/venues", "")
	conditional.Header.Set("If-None-Match", `"a"`)
	for name, c := range map[string]struct {
		exchange contract.Exchange
		ok       bool
	}{
		"first page":              {respond(first, 200, list, "ETag", `"a"`), true},
		"first page without ETag": {respond(first, 200, list), false},
		"next page without ETag":  {respond(second, 200, list), true},
		"304":                     {respond(conditional, 304, ""), true},
		"304 unasked":             {respond(first, 304, ""), false},
		"304 of a next page":      {respond(second, 304, ""), false},
		"429":                     {respond(first, 429, problem, "Retry-After", "3"), true},
		"429 without Retry-After": {respond(first, 429, problem), false},
		"429 with a date":         {respond(first, 429, problem, "Retry-After", "Sun, 22 Nov 2026 10:00:00 GMT"), false},
		"problem of other status": {respond(first, 503, problem), false},
		"problem without code":    {respond(first, 500, `{"title":"T","status":500}`), false},
		"error as plain JSON":     {respond(first, 500, `{"title":"T","status":500,"code":"x"}`, "Content-Type", "application/json"), false},
		"created where it is not": {respond(first, 201, list, "ETag", `"a"`), false},
	} {
		err := load(t).CheckResponse(c.exchange)
		require.Equal(t, c.ok, err == nil, "%s: %v", name, err)
	}
}

func TestRoundTripper_ReportsBothSidesAndHandsEverythingOn(t *testing.T) {
	t.Parallel()
	s := sandbox.New(sandbox.Options{})
	require.NoError(t, s.AddAccount(sandbox.Account{ID: "acc", Token: "t"}))
	_, err := s.AddFault(sandbox.Fault{Kind: sandbox.FaultMalformedJSON, Operation: "getAccount", FromCall: 2, Times: 1})
	require.NoError(t, err)
	_, err = s.AddFault(sandbox.Fault{Kind: sandbox.FaultCutBody, Operation: "getAccount", FromCall: 3})
	require.NoError(t, err)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	var reported []error
	tripper := load(t).RoundTripper(nil, func(err error) { reported = append(reported, err) })
	call := func(path string) int {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, nil)
		require.NoError(t, err)
		request.Header.Set("Authorization", "Bearer t")
		response, err := tripper.RoundTrip(request)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		return len(reported)
	}
	require.Equal(t, 0, call("/v1/account"))
	require.Equal(t, 1, call("/v1/account"), "the answer is no JSON")
	require.Equal(t, 1, call("/v1/account"), "a body that breaks off is the network's doing")
	require.Equal(t, 2, call("/v1/employees?limit=0"), "the question is wrong, the answer is right")
}
