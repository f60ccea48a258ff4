package connexie

import (
	"fmt"
	"strings"
	"time"
)

// Code says what went wrong, in Connexie's words or in one of ours.
type Code string

// Codes that Connexie sends.
const (
	// CodeInvalidToken is a token that Connexie refuses (C8), or none at all.
	CodeInvalidToken Code = "invalid_token"
	// CodeForbidden is a token that lacks a permission.
	CodeForbidden           Code = "forbidden"
	CodeNotFound            Code = "not_found"
	CodePayrollAlreadyRun   Code = "payroll_already_run"
	CodeImportState         Code = "import_state"
	CodeIdempotencyConflict Code = "idempotency_conflict"
	// CodeCursorExpired asks to begin the list again.
	CodeCursorExpired Code = "cursor_expired"
	// CodeValidationFailed comes with Lines where it is about lines.
	CodeValidationFailed Code = "validation_failed"
	CodeTotalsMismatch   Code = "totals_mismatch"
	// CodeRateLimited is a 429, or a call that was held back here and not sent
	// because an earlier 429 still counts; the latter has no Status.
	CodeRateLimited Code = "rate_limited"
	// CodeServerError is any 5xx. The call may have taken effect.
	CodeServerError Code = "server_error"
)

// Codes of our own.
const (
	// CodeUnreachable is a call that got no complete answer: no connection, a
	// timeout, a body cut off. The call may have taken effect.
	CodeUnreachable Code = "unreachable"
	// CodeProtocol is a complete answer that breaks the contract. Asking again
	// brings the same; someone must look.
	CodeProtocol Code = "protocol"
	// CodeBadRecord is a single record that was asked for and cannot be read; in
	// a list such a record is set aside instead (S15).
	CodeBadRecord Code = "bad_record"
	// CodeInvalidArgument is a call that was not sent because its arguments cannot
	// be: a mistake of the caller.
	CodeInvalidArgument Code = "invalid_argument"
)

// Error is how every call fails, except one whose context ended: that one returns
// an error that wraps the context's and is no *Error, so that a cancellation is
// never taken for an outage.
//
// Its text has the operation, ids and codes and nothing that Connexie wrote in
// prose, which may name people (N4); no URL, no query and no token (N3). There is
// no wrapped cause, because the engine would write the cause's text to the
// history as well.
type Error struct {
	// Op is the operation in words, such as "list employees".
	Op string
	// Subject is the id that the operation was about; empty for lists.
	Subject string
	// Status is the HTTP status; zero where there was no answer.
	Status int
	Code   Code
	// Reason says more where Code is one of ours, in words of this package.
	Reason string
	// RequestID is what Connexie's support asks for; may be empty.
	RequestID string
	// RetryAfter is how long Connexie asked to wait (N6), at most an hour; zero
	// where it did not say. It comes with CodeRateLimited and CodeServerError.
	RetryAfter time.Duration
	// Lines names what Connexie rejected with CodeValidationFailed (X17).
	Lines []LineError
}

// LineError is one thing that Connexie rejected. A member is empty where Connexie
// did not send it, or sent what is not a plain identifier.
type LineError struct {
	// Reference is our own id of the line.
	Reference string
	// Pointer is the place in the body that was sent, as a JSON pointer.
	Pointer string
	// Code is Connexie's word for what is wrong.
	Code string
}

// Error has the form "get employee emp_12: 404 not_found (request req_7)".
func (e *Error) Error() string {
	var text strings.Builder
	text.WriteString(operation(e.Op, e.Subject) + ": ")
	if e.Status != 0 {
		fmt.Fprintf(&text, "%d ", e.Status)
	}
	text.WriteString(string(e.Code))
	if e.Reason != "" {
		text.WriteString(": " + e.Reason)
	}
	if len(e.Lines) > 0 {
		fmt.Fprintf(&text, ", %d named", len(e.Lines))
	}
	if e.RequestID != "" {
		fmt.Fprintf(&text, " (request %s)", e.RequestID)
	}
	return text.String()
}

func operation(op, subject string) string {
	if subject == "" {
		return op
	}
	return op + " " + subject
}
