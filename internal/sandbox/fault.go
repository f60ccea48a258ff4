package sandbox

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// FaultKind says what goes wrong.
type FaultKind string

// The kinds of faults. "Before" and "after" mean effect: with AfterEffect the
// operation is carried out first and the fault meets only its answer.
const (
	// FaultStatus answers Status (an error) with a problem; with
	// RetryAfterSeconds it carries Retry-After. Before, or after.
	FaultStatus FaultKind = "status"
	// FaultRateLimited answers 429 with Retry-After, 1 second unless given.
	FaultRateLimited FaultKind = "rate_limited"
	// FaultInvalidToken answers 401 although the token is good.
	FaultInvalidToken FaultKind = "invalid_token"
	// FaultDelay waits DelayMilliseconds. Before, or after.
	FaultDelay FaultKind = "delay"
	// FaultHold waits until the fault is removed or the caller gives up, so that
	// a test can act in the middle of a reading. Before, or after.
	FaultHold FaultKind = "hold"
	// FaultDropConnection breaks the connection without a byte. Before, or after.
	FaultDropConnection FaultKind = "drop_connection"
	// FaultCutBody sends the first half of the body and breaks the connection;
	// an answer without a body does not come at all.
	FaultCutBody FaultKind = "cut_body"
	// FaultMalformedJSON sends a body that is no JSON, with the status and
	// length of a good one. An answer without a body comes as it is.
	FaultMalformedJSON FaultKind = "malformed_json"
	// FaultCursorExpired answers 410 to a call that carries a cursor.
	FaultCursorExpired FaultKind = "cursor_expired"
	// FaultEmptyList answers a list with no items and no next page.
	FaultEmptyList FaultKind = "empty_list"
	// FaultHide leaves the records named in IDs out of a list.
	FaultHide FaultKind = "hide"
	// FaultRepeat sends the last record of the page before once more at the top
	// of a page with a cursor.
	FaultRepeat FaultKind = "repeat"
	// FaultBadRecord sets Member of one record of a page to Value, or takes it
	// out where there is no Value: the first record named in IDs, or the first
	// that has the member. Without Member it is a contract's start on 30
	// February.
	FaultBadRecord FaultKind = "bad_record"
	// FaultChange makes Changes right after the call's effect and before its
	// answer is sent: between two pages, as seen by who reads them.
	FaultChange FaultKind = "change"
	// FaultPayrollRun runs payroll as RunPayroll does, for Payroll, and then
	// lets the call go on: between a check of payroll and the commit. Before, or
	// after.
	FaultPayrollRun FaultKind = "payroll_run"
)

// scope says which calls a kind can strike, and in a line what it does.
type scope struct {
	does          string
	lists, cursor bool // only lists; only with a cursor
}

var scopes = map[FaultKind]scope{
	FaultStatus:         {does: "answer status, an error; retry_after_seconds; after_effect"},
	FaultRateLimited:    {does: "answer 429; retry_after_seconds, 1 unless given; after_effect"},
	FaultInvalidToken:   {does: "answer 401 although the token is good; after_effect"},
	FaultDelay:          {does: "wait delay_ms; after_effect"},
	FaultHold:           {does: "wait until the fault is removed; after_effect"},
	FaultDropConnection: {does: "break the connection without a byte; after_effect"},
	FaultCutBody:        {does: "send half of the body and break the connection"},
	FaultMalformedJSON:  {does: "send a body that is no JSON"},
	FaultChange:         {does: "make changes, [{employee_id, patch or remove}], before the answer is sent"},
	FaultPayrollRun:     {does: "run payroll, {venue_id, from, to}, and let the call go on; after_effect"},
	FaultCursorExpired:  {does: "answer 410 to a call with a cursor; after_effect", lists: true, cursor: true},
	FaultEmptyList:      {does: "answer a list without items", lists: true},
	FaultHide:           {does: "leave the records in ids out of a list", lists: true},
	FaultRepeat:         {does: "send the last record of the page before once more", lists: true, cursor: true},
	FaultBadRecord:      {does: "set member of one record to value, or take it out; ids chooses the record", lists: true},
}

// Fault is one fault that is switched on, and which calls it strikes: those of
// Account and Operation ("" is any) and, with Venue, only those about an import
// or the payroll periods of that venue; of these from the FromCall-th (1 unless
// given) on, Times of them (0 is until removed). With OneIn, each of those is
// struck with that chance, the same ones for the same Seed.
type Fault struct {
	Kind      FaultKind `json:"kind"`
	Account   string    `json:"account,omitempty"`
	Operation string    `json:"operation,omitempty"`
	Venue     string    `json:"venue_id,omitempty"`
	FromCall  int       `json:"from_call,omitempty"`
	Times     int       `json:"times,omitempty"`
	OneIn     int       `json:"one_in,omitempty"`
	Seed      uint64    `json:"seed,omitempty"`

	AfterEffect       bool            `json:"after_effect,omitempty"`
	Status            int             `json:"status,omitempty"`
	RetryAfterSeconds int             `json:"retry_after_seconds,omitempty"`
	DelayMilliseconds int             `json:"delay_ms,omitempty"`
	IDs               []string        `json:"ids,omitempty"`
	Member            string          `json:"member,omitempty"`
	Value             json.RawMessage `json:"value,omitempty"`
	Changes           []Change        `json:"changes,omitempty"`
	Payroll           *PayrollRun     `json:"payroll,omitempty"`
}

// Change is one change of a person: removed, or merged with Patch as
// PatchEmployee does.
type Change struct {
	EmployeeID string          `json:"employee_id"`
	Remove     bool            `json:"remove,omitempty"`
	Patch      json.RawMessage `json:"patch,omitempty"`
}

// PayrollRun is payroll that runs for a venue and the days From to To.
type PayrollRun struct {
	VenueID string `json:"venue_id"`
	From    Date   `json:"from"`
	To      Date   `json:"to"`
}

// Validate names everything in which the fault makes no sense.
func (f Fault) Validate() error {
	var wrong problems
	_, known := scopes[f.Kind]
	wrong.require(known, "kind: not one of %v", faultKinds())
	wrong.require(f.Operation == "" || slices.ContainsFunc(operations, func(o operation) bool { return o.id == f.Operation }),
		"operation: not an operationId that the sandbox has")
	if scopes[f.Kind].lists && f.Operation != "" {
		wrong.require(isList(f.Operation), "operation: a %s strikes lists only", f.Kind)
	}
	wrong.require(f.Venue == "" || f.Operation == "" || isAboutVenue(f.Operation),
		"venue_id: the operation is about no venue")
	wrong.require(f.Venue == "" || !scopes[f.Kind].lists, "venue_id: a %s strikes lists only", f.Kind)
	for member, number := range map[string]int{
		"from_call": f.FromCall, "times": f.Times, "one_in": f.OneIn,
		"retry_after_seconds": f.RetryAfterSeconds, "delay_ms": f.DelayMilliseconds,
	} {
		wrong.require(number >= 0, "%s: below zero", member)
	}
	wrong.require(f.Kind != FaultStatus || f.Status >= 400 && f.Status <= 599, "status: not from 400 to 599")
	wrong.require(f.Kind != FaultDelay || f.DelayMilliseconds > 0, "delay_ms: required")
	wrong.require(f.Kind != FaultHide || len(f.IDs) > 0, "ids: required")
	wrong.require(f.Kind != FaultChange || len(f.Changes) > 0, "changes: required")
	wrong.require(f.Kind != FaultPayrollRun || f.Payroll != nil, "payroll: required")
	if f.Payroll != nil {
		f.Payroll.validate("payroll", &wrong)
	}
	wrong.require(f.Value == nil || json.Valid(f.Value), "value: not JSON")
	return wrong.err()
}

func faultKinds() []string {
	kinds := make([]string, 0, len(scopes))
	for kind := range scopes {
		kinds = append(kinds, string(kind))
	}
	slices.Sort(kinds)
	return kinds
}

func isList(operationID string) bool {
	return slices.Contains([]string{"listVenues", "listWageCodes", "listEmployees"}, operationID)
}

func isAboutVenue(operationID string) bool {
	return operationID == "listPayrollPeriods" || strings.Contains(operationID, "HourImport")
}

// aspects are what faults choose calls by.
type aspects struct {
	account, operation, venue string
	hasCursor                 bool
}

// strikes reports whether the fault can strike such a call at all.
func (f *Fault) strikes(met aspects) bool {
	within := scopes[f.Kind]
	return (f.Account == "" || f.Account == met.account) &&
		(f.Operation == "" || f.Operation == met.operation) &&
		(f.Venue == "" || f.Venue == met.venue) &&
		(!within.lists || isList(met.operation)) &&
		(!within.cursor || met.hasCursor)
}

func (f *Fault) refusal() *answer {
	status := f.Status
	switch f.Kind {
	case FaultRateLimited:
		return retryLater(429, max(f.RetryAfterSeconds, 1), "too many requests").answer()
	case FaultInvalidToken:
		status = 401
	case FaultCursorExpired:
		status = 410
	case FaultStatus:
	default:
		return nil
	}
	detail := fmt.Sprintf("the sandbox was asked to answer %d", status)
	if f.RetryAfterSeconds > 0 || status == 429 {
		return retryLater(status, max(f.RetryAfterSeconds, 1), detail).answer()
	}
	return newProblem(status, detail).answer()
}
