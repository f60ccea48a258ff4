package sandbox

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

// adminRoute is one line of the sandbox's own API. take returns what to answer,
// nil for 204.
type adminRoute struct {
	pattern string // as http.ServeMux reads it
	does    string
	take    func(*Sandbox, *http.Request) (any, error)
}

var adminRoutes = []adminRoute{
	{"GET /sandbox/accounts", "accounts with their counts and permissions", (*Sandbox).adminAccounts},
	{"PUT /sandbox/accounts/{account}/token", `{"token":"…"} becomes its only token`, (*Sandbox).adminSetToken},
	{"DELETE /sandbox/accounts/{account}/token", "revoke the token", (*Sandbox).adminRevokeToken},
	{"PUT /sandbox/accounts/{account}/permissions", `["employees.read", …]`, (*Sandbox).adminSetPermissions},
	{"GET /sandbox/accounts/{account}/employees/{id}", "one person", (*Sandbox).adminGetEmployee},
	{"PUT /sandbox/accounts/{account}/employees/{id}", "add or replace one person", (*Sandbox).adminPutEmployee},
	{"PATCH /sandbox/accounts/{account}/employees/{id}", "merge into one person; null is kept as null; ?absent=phone takes a member out", (*Sandbox).adminPatchEmployee},
	{"DELETE /sandbox/accounts/{account}/employees/{id}", "remove one person", (*Sandbox).adminRemoveEmployee},
	{"PATCH /sandbox/accounts/{account}/employees/{id}/contracts/{contract}", "merge into one contract; ?absent= likewise", (*Sandbox).adminPatchContract},
	{"PUT /sandbox/accounts/{account}/venues/{id}", "add or replace a venue", (*Sandbox).adminPutVenue},
	{"DELETE /sandbox/accounts/{account}/venues/{id}", "remove a venue", (*Sandbox).adminRemoveVenue},
	{"PUT /sandbox/accounts/{account}/wage-codes/{id}", "activate or change a wage code", (*Sandbox).adminPutWageCode},
	{"DELETE /sandbox/accounts/{account}/wage-codes/{id}", "deactivate a wage code", (*Sandbox).adminRemoveWageCode},
	{"PUT /sandbox/accounts/{account}/payroll-periods/{id}", "add or replace a payroll period; status run: payroll has run", (*Sandbox).adminPutPeriod},
	{"POST /sandbox/accounts/{account}/payroll-runs", `{"venue_id":"…","from":"2026-11-01","to":"2026-11-30"}: payroll has run for the venue's periods that touch these days`, (*Sandbox).adminRunPayroll},
	{"GET /sandbox/accounts/{account}/hour-imports", "every import as it stands, with its Idempotency-Key", (*Sandbox).adminHourImports},
	{"GET /sandbox/accounts/{account}/ledger", "the lines that count for payroll; ?venue_id=, ?from= and ?to= choose", (*Sandbox).adminLedger},
	{"GET /sandbox/faults", "faults that are switched on, with what they have struck", (*Sandbox).adminFaults},
	{"POST /sandbox/faults", `switch one on: {"kind":"status","status":503,"operation":"listEmployees","from_call":2,"times":1}`, (*Sandbox).adminAddFault},
	{"DELETE /sandbox/faults", "switch all off", (*Sandbox).adminClearFaults},
	{"DELETE /sandbox/faults/{id}", "switch one off; calls that it holds go on", (*Sandbox).adminRemoveFault},
	{"GET /sandbox/calls", "the last calls; ?account= and ?operation= choose", (*Sandbox).adminCalls},
	{"GET /sandbox/counters", "calls counted per account and operation", (*Sandbox).adminCounters},
	{"DELETE /sandbox/calls", "forget calls and counts", (*Sandbox).adminClearCalls},
	{"GET /sandbox/clock", "the sandbox's time", (*Sandbox).adminClock},
	{"PUT /sandbox/clock", `{"now":"2026-12-01T06:00:00Z"} moves it there; it runs on`, (*Sandbox).adminSetClock},
	{"POST /sandbox/reset", "back to the seed: data, tokens, clock; imports, faults and calls are forgotten", (*Sandbox).adminReset},
}

func (s *Sandbox) adminRoutes() http.Handler {
	mux := http.NewServeMux()
	for _, route := range adminRoutes {
		mux.HandleFunc(route.pattern, func(w http.ResponseWriter, r *http.Request) {
			result, err := route.take(s, r)
			adminAnswer(result, err).write(w)
		})
	}
	mux.HandleFunc("GET /sandbox/{$}", adminIndex)
	return adminProblems(mux)
}

// adminProblems answers 404 and 405 as every other error is answered.
func adminProblems(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern == "" {
			newProblem(http.StatusNotFound, "no such path or method; GET /sandbox/ lists what there is").answer().write(w)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func adminAnswer(result any, err error) *answer {
	var known *problem
	switch {
	case err == nil && result == nil:
		return answerNothing()
	case err == nil:
		return answerOK(result)
	case errors.As(err, &known):
		return known.answer()
	case errors.Is(err, ErrUnknown):
		return newProblem(http.StatusNotFound, err.Error()).answer()
	default:
		return newProblem(http.StatusUnprocessableEntity, err.Error()).answer()
	}
}

// adminBody decodes the one JSON value of a request, strictly.
func adminBody[T any](r *http.Request) (body T, err error) {
	data, err := adminRaw(r)
	if err != nil {
		return body, err
	}
	if err := decodeExactly(data, &body); err != nil {
		return body, invalid("body", err.Error())
	}
	return body, nil
}

func adminRaw(r *http.Request) (json.RawMessage, error) {
	data, wrong := readBody(r)
	if wrong != nil { // not as an error: a nil *problem is no nil error
		return nil, wrong
	}
	return data, nil
}

func adminIndex(w http.ResponseWriter, _ *http.Request) {
	var text strings.Builder
	text.WriteString("The sandbox's own API: JSON in, JSON out, errors as application/problem+json.\n\n")
	for _, route := range adminRoutes {
		text.WriteString(route.pattern + "\n    " + route.does + "\n")
	}
	text.WriteString("\nA fault strikes the calls of account and operation (any, unless given), with\n" +
		"venue_id only those about an import or the payroll of that venue, from the\n" +
		"from_call-th on, times of them (until removed, unless given), or each with a\n" +
		"chance of one_in by seed. Its kinds, with their own members:\n")
	for _, kind := range faultKinds() {
		text.WriteString(kind + "\n    " + scopes[FaultKind(kind)].does + "\n")
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, text.String())
}

func (s *Sandbox) adminClock(*http.Request) (any, error) {
	now := s.Now()
	return map[string]any{"now": now, "today": DateOf(now)}, nil
}

func (s *Sandbox) adminSetClock(r *http.Request) (any, error) {
	body, err := adminBody[struct {
		Now time.Time `json:"now"`
	}](r)
	if err != nil {
		return nil, err
	}
	if body.Now.IsZero() {
		return nil, invalid("/now", "required, an RFC 3339 instant")
	}
	s.MoveClock(body.Now)
	return s.adminClock(r)
}

func (s *Sandbox) adminReset(*http.Request) (any, error) {
	s.Reset()
	return nil, nil
}
