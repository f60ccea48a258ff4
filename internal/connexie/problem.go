package connexie

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"
)

const (
	// maxProblem bounds an error's body.
	maxProblem = 64 << 10

	// maxLinesProblem bounds the body of a 422, which names every bad line (X17).
	maxLinesProblem = 16 << 20

	// maxLines bounds how many of them are kept: more than anyone reads, and the
	// rest shows once these are mended.
	maxLines = 10_000
)

// codesByStatus is what the contract lets Connexie say under each status that
// needs a problem document to be understood; see codeOfStatus for the others.
var codesByStatus = map[int][]Code{
	http.StatusForbidden:           {CodeForbidden},
	http.StatusNotFound:            {CodeNotFound},
	http.StatusConflict:            {CodePayrollAlreadyRun, CodeImportState, CodeIdempotencyConflict},
	http.StatusGone:                {CodeCursorExpired},
	http.StatusUnprocessableEntity: {CodeValidationFailed, CodeTotalsMismatch},
}

// refused is the error for a status that the call does not accept.
func (c call) refused(ctx context.Context, response *http.Response) error {
	failure := &Error{
		Op:        c.op,
		Subject:   c.subject,
		Status:    response.StatusCode,
		RequestID: knownRequestID(response.Header),
	}
	if code, ok := codeOfStatus(response.StatusCode); ok {
		failure.Code = code
		if code == CodeUnreachable {
			failure.Reason = reasonTimeout
		}
		if carriesRetryAfter(code) {
			failure.RetryAfter = retryAfter(response.Header, time.Now())
		}
		return failure
	}
	document, err := readProblem(response)
	switch {
	case errors.Is(err, errNoProblem):
		failure.Code, failure.Reason = CodeProtocol, notAProblem(response.StatusCode)
	case err != nil:
		return c.unread(ctx, response, err)
	case !slices.Contains(codesByStatus[response.StatusCode], document.code):
		failure.Code, failure.Reason = CodeProtocol, "the status does not go with the problem's code"
	default:
		failure.Code, failure.Lines = document.code, document.lines
	}
	return failure
}

// codeOfStatus is the code of those statuses that say all by themselves. Gateways
// and load balancers answer with them too, in bodies of their own.
func codeOfStatus(status int) (Code, bool) {
	switch {
	case status >= 500:
		return CodeServerError, true
	case status == http.StatusTooManyRequests:
		return CodeRateLimited, true
	case status == http.StatusUnauthorized:
		return CodeInvalidToken, true
	case status == http.StatusRequestTimeout:
		return CodeUnreachable, true
	}
	return "", false
}

func carriesRetryAfter(code Code) bool {
	return code == CodeRateLimited || code == CodeServerError
}

// notAProblem says why an error without a problem document is not believed: a 404
// of some other server must not read as a person who is gone.
func notAProblem(status int) string {
	switch {
	case status < 300, status == http.StatusNotModified:
		return "the status is not one of the contract"
	case status < 400:
		return "redirected, and redirects are not followed"
	}
	return "the error is not application/problem+json"
}

// problem is what is kept of a problem document: title and detail are not, since
// they are prose and may name people (N4).
type problem struct {
	code  Code
	lines []LineError
}

type wireProblem struct {
	Code   member `json:"code"`
	Errors member `json:"errors"`
}

type wireLineError struct {
	Reference member `json:"reference"`
	Pointer   member `json:"pointer"`
	Code      member `json:"code"`
}

var (
	problemShape   = shapeOf[wireProblem]()
	lineErrorShape = shapeOf[wireLineError]()
)

// errNoProblem is a body that arrived whole and is no problem document.
var errNoProblem = errors.New("not a problem document")

func readProblem(response *http.Response) (problem, error) {
	if !hasMediaType(response.Header, "application/problem+json") {
		return problem{}, errNoProblem
	}
	limit := int64(maxProblem)
	if response.StatusCode == http.StatusUnprocessableEntity {
		limit = maxLinesProblem
	}
	body, err := readBody(response, limit)
	if err != nil {
		return problem{}, err
	}
	if !json.Valid(body) {
		return problem{}, errNoProblem
	}
	var r reading
	wire := problemShape.read(&r, body)
	found := problem{code: Code(r.word(wire.Code))}
	if r.failed() {
		return problem{}, errNoProblem
	}
	found.lines = lineErrors(wire.Errors)
	return found, nil
}

// lineErrors takes what is readable of the list: a member that is not must not
// hide the code that it comes with.
func lineErrors(list member) []LineError {
	if list.kind() != kindArray {
		return nil
	}
	var lines []LineError
	for i, raw := range elements(list.raw) {
		if i == maxLines {
			break
		}
		var r reading
		wire := lineErrorShape.read(&r, raw)
		lines = append(lines, LineError{
			Reference: plainOrEmpty(wire.Reference, furtherInReference),
			Pointer:   plainOrEmpty(wire.Pointer, "-_/~"),
			Code:      plainOrEmpty(wire.Code, "_"),
		})
	}
	return lines
}
