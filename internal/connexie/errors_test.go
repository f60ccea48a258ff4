package connexie_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/connexie"
)

func TestConnexie_N6_EachStatusHasItsCode(t *testing.T) {
	t.Parallel()
	const html = "<html>502 Bad Gateway</html>"
	tests := map[string]struct {
		handler http.HandlerFunc
		status  int
		code    connexie.Code
		reason  string
	}{
		"401":              {replyProblem(401, "invalid_token"), 401, connexie.CodeInvalidToken, ""},
		"401 of a gateway": {reply(401, "text/html", html), 401, connexie.CodeInvalidToken, ""},
		"403":              {replyProblem(403, "forbidden"), 403, connexie.CodeForbidden, ""},
		"404":              {replyProblem(404, "not_found"), 404, connexie.CodeNotFound, ""},
		"409 payroll":      {replyProblem(409, "payroll_already_run"), 409, connexie.CodePayrollAlreadyRun, ""},
		"409 state":        {replyProblem(409, "import_state"), 409, connexie.CodeImportState, ""},
		"409 key":          {replyProblem(409, "idempotency_conflict"), 409, connexie.CodeIdempotencyConflict, ""},
		"410":              {replyProblem(410, "cursor_expired"), 410, connexie.CodeCursorExpired, ""},
		"422":              {replyProblem(422, "validation_failed"), 422, connexie.CodeValidationFailed, ""},
		"422 totals":       {replyProblem(422, "totals_mismatch"), 422, connexie.CodeTotalsMismatch, ""},
		"429":              {replyProblem(429, "rate_limited"), 429, connexie.CodeRateLimited, ""},
		"429 of a gateway": {reply(429, "text/plain", "slow down"), 429, connexie.CodeRateLimited, ""},
		"500":              {replyProblem(500, "server_error"), 500, connexie.CodeServerError, ""},
		"502 HTML":         {reply(502, "text/html", html), 502, connexie.CodeServerError, ""},
		"503 empty":        {reply(503, "", ""), 503, connexie.CodeServerError, ""},
		"504 other code":   {replyProblem(504, "not_found"), 504, connexie.CodeServerError, ""},
		"408":              {reply(408, "", ""), 408, connexie.CodeUnreachable, "no complete answer in time"},

		"404 HTML":        {reply(404, "text/html", html), 404, connexie.CodeProtocol, "the error is not application/problem+json"},
		"404 plain JSON":  {reply(404, "application/json", `{"code":"not_found"}`), 404, connexie.CodeProtocol, "the error is not application/problem+json"},
		"403 HTML":        {reply(403, "text/html", html), 403, connexie.CodeProtocol, "the error is not application/problem+json"},
		"404 broken JSON": {reply(404, "application/problem+json", `{"code":`), 404, connexie.CodeProtocol, "the error is not application/problem+json"},
		"404 no code":     {reply(404, "application/problem+json", `{"title":"x","status":404}`), 404, connexie.CodeProtocol, "the error is not application/problem+json"},
		"404 array":       {reply(404, "application/problem+json", `[]`), 404, connexie.CodeProtocol, "the error is not application/problem+json"},
		"404 endless":     {reply(404, "application/problem+json", `{"code":"not_found","x":"`+strings.Repeat("a", 65<<10)+`"}`), 404, connexie.CodeProtocol, "the body is too large"},
		"409 as 404":      {replyProblem(409, "not_found"), 409, connexie.CodeProtocol, "the status does not go with the problem's code"},
		"409 new code":    {replyProblem(409, "moon_phase"), 409, connexie.CodeProtocol, "the status does not go with the problem's code"},
		"400":             {replyProblem(400, "bad_request"), 400, connexie.CodeProtocol, "the status does not go with the problem's code"},
		"204":             {reply(204, "", ""), 204, connexie.CodeProtocol, "the status is not one of the contract"},
		"201":             {reply(201, "application/json", "{}"), 201, connexie.CodeProtocol, "the status is not one of the contract"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := serve(t, test.handler).GetEmployee(t.Context(), "emp_1")
			got := failure(t, err)
			require.Equal(t, test.status, got.Status)
			require.Equal(t, test.code, got.Code)
			require.Equal(t, test.reason, got.Reason)
		})
	}
}

func TestConnexie_N6_RetryAfterIsKept(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status int
		header string
		least  time.Duration
		most   time.Duration
	}{
		"429 seconds":   {429, "7", 7 * time.Second, 7 * time.Second},
		"503 seconds":   {503, " 30 ", 30 * time.Second, 30 * time.Second},
		"429 zero":      {429, "0", 0, 0},
		"429 none":      {429, "", 0, 0},
		"429 negative":  {429, "-5", 0, 0},
		"429 words":     {429, "soon", 0, 0},
		"429 fraction":  {429, "1.5", 0, 0},
		"429 a year":    {429, "31536000", time.Hour, time.Hour},
		"429 overflow":  {429, "99999999999999999999999", time.Hour, time.Hour},
		"503 date":      {503, time.Now().Add(90 * time.Second).UTC().Format(http.TimeFormat), 60 * time.Second, 90 * time.Second},
		"503 past date": {503, "Mon, 02 Jan 2006 15:04:05 GMT", 0, 0},
		"503 far date":  {503, "Mon, 02 Jan 2992 15:04:05 GMT", time.Hour, time.Hour},
		"404 has none":  {404, "7", 0, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code := map[int]string{429: "rate_limited", 503: "server_error", 404: "not_found"}[test.status]
			_, err := serve(t, replyProblem(test.status, code, "Retry-After", test.header)).GetAccount(t.Context())
			got := failure(t, err).RetryAfter
			require.GreaterOrEqual(t, got, test.least)
			require.LessOrEqual(t, got, test.most)
		})
	}
}

func TestConnexie_N4_ErrorTextsCarryIDsAndCodesOnly(t *testing.T) {
	t.Parallel()
	_, err := serve(t, replyProblem(404, "not_found", "X-Request-Id", "req-7")).GetEmployee(t.Context(), "emp_12")
	require.EqualError(t, err, "get employee emp_12: 404 not_found (request req-7)")

	_, err = serve(t, replyProblem(410, "cursor_expired", "X-Request-Id", "Jan Jansen")).
		ListEmployees(t.Context(), connexie.PageRequest{Cursor: "cursor-of-jan"})
	require.EqualError(t, err, "list employees: 410 cursor_expired")

	_, err = serve(t, replyJSON(`{"items":[]}`, "X-Request-Id", "req-8")).ListVenues(t.Context(), connexie.PageRequest{})
	require.EqualError(t, err, "list venues: 200 protocol: next_cursor: missing (request req-8)")

	_, err = serve(t, replyJSON(`{}`)).GetEmployee(t.Context(), "Jan Jansen")
	require.EqualError(t, err, "get employee: invalid_argument: the id is not one of Connexie")
}

func TestConnexie_X17_RejectedLinesAreNamedWithoutProse(t *testing.T) {
	t.Parallel()
	body := `{"title":"Rejected","status":422,"code":"validation_failed","errors":[
		{"reference":"line_1","pointer":"/lines/0/quantity","code":"too_small","detail":"Jan Jansen has 0 hours"},
		{"code":"no_contract"},
		{"reference":"Jan Jansen","pointer":"jan@jansen.nl","code":"not a code"},
		{"reference":5,"code":null},
		"Jan Jansen"
	]}`
	_, err := serve(t, reply(422, "application/problem+json", body)).GetEmployee(t.Context(), "emp_1")
	require.Equal(t, []connexie.LineError{
		{Reference: "line_1", Pointer: "/lines/0/quantity", Code: "too_small"},
		{Code: "no_contract"},
		{}, {}, {},
	}, failure(t, err).Lines)
	require.EqualError(t, err, "get employee emp_1: 422 validation_failed, 5 named")
}

func TestConnexie_X17_ManyRejectedLinesAreKept(t *testing.T) {
	t.Parallel()
	var lines []string
	for i := range 12_000 {
		lines = append(lines, fmt.Sprintf(`{"reference":"line_%d","code":"unknown_person"}`, i))
	}
	body := `{"title":"Rejected","status":422,"code":"validation_failed","errors":[` + strings.Join(lines, ",") + `]}`
	_, err := serve(t, reply(422, "application/problem+json", body)).GetEmployee(t.Context(), "emp_1")
	require.Len(t, failure(t, err).Lines, 10_000)
}
