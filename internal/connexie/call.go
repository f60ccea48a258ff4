package connexie

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
)

const (
	// maxBody bounds what one call may bring: a page of 500 people with long
	// histories takes some 2 MiB.
	maxBody = 32 << 20

	// maxDrain is how much of an unread rest is read to keep the connection; for
	// more, a new connection is cheaper.
	maxDrain = 64 << 10
)

// call is one request, in the terms of the contract.
type call struct {
	// op and subject name the call in errors.
	op      string
	subject string
	method  string
	// path is below the base URL; each element is escaped on the way.
	path  []string
	query url.Values
	// header holds what goes beyond the headers that every call carries.
	header http.Header
	// body is sent as JSON; nil for none.
	body any
	// accept lists the statuses that are answers; every other one is an error.
	accept []int
}

// answer is a complete response with a status that the call accepts.
type answer struct {
	call      call
	status    int
	etag      string
	requestID string
	body      []byte
}

// do makes the one attempt. Its error is an *Error, or wraps that of a context
// that ended. (Below it net/http may send a GET, or a call with an Idempotency-Key,
// once more where a kept connection turns out to have been closed before a byte of
// the answer came.)
func (a *Account) do(ctx context.Context, c call) (answer, error) {
	if a.token.IsZero() {
		return answer{}, c.fails(CodeInvalidToken, "there is no token")
	}
	pace := a.client.paces.of(a.key)
	wait, err := pace.wait(ctx)
	switch {
	case err != nil:
		return answer{}, c.ended(err)
	case wait > 0:
		return answer{}, c.heldBack(wait)
	}
	got, err := a.exchange(ctx, c)
	var refusal *Error
	if errors.As(err, &refusal) && refusal.Code == CodeRateLimited {
		pace.holdBack(refusal.RetryAfter)
	}
	return got, err
}

// exchange sends the request and reads the whole answer within the timeout.
func (a *Account) exchange(ctx context.Context, c call) (answer, error) {
	timed, cancel := context.WithTimeout(ctx, a.client.timeout)
	defer cancel()
	request, err := a.request(timed, c)
	if err != nil {
		return answer{}, err
	}
	response, err := a.client.http.Do(request)
	if err != nil {
		return answer{}, c.unanswered(ctx, err)
	}
	defer drainAndClose(response)
	if !slices.Contains(c.accept, response.StatusCode) {
		return answer{}, c.refused(ctx, response)
	}
	body, err := readBody(response, maxBody)
	if err != nil {
		return answer{}, c.unread(ctx, response, err)
	}
	return c.accepted(response, body)
}

// request builds the HTTP request. The context that it gets carries the timeout.
func (a *Account) request(ctx context.Context, c call) (*http.Request, error) {
	target := a.client.base.JoinPath(escaped(c.path)...)
	target.RawQuery = c.query.Encode()
	var body io.Reader
	if c.body != nil {
		data, err := json.Marshal(c.body)
		if err != nil {
			return nil, c.fails(CodeInvalidArgument, "the body cannot be written as JSON")
		}
		body = bytes.NewReader(data)
	}
	request, err := http.NewRequestWithContext(ctx, c.method, target.String(), body)
	if err != nil {
		return nil, c.fails(CodeInvalidArgument, "the request cannot be made")
	}
	maps.Copy(request.Header, c.header)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	request.Header.Set("Accept", "application/json, application/problem+json")
	request.Header.Set("User-Agent", a.client.userAgent)
	request.Header.Set("Authorization", "Bearer "+a.token.reveal())
	return request, nil
}

// accepted holds a complete answer to what every answer must be.
func (c call) accepted(response *http.Response, body []byte) (answer, error) {
	got := answer{
		call:      c,
		status:    response.StatusCode,
		etag:      knownETag(response.Header.Get("ETag")),
		requestID: knownRequestID(response.Header),
		body:      body,
	}
	switch {
	case !carriesBody(got.status):
		return got, nil
	case !hasMediaType(response.Header, "application/json"):
		return answer{}, got.breaks("the content type is not application/json")
	case json.Valid(body):
		return got, nil
	case endsEarly(response, body):
		return answer{}, c.unreachable(got.status, got.requestID, reasonCutOff)
	}
	return answer{}, got.breaks("the body is not JSON")
}

// breaks is the error for an answer that breaks the contract.
func (got answer) breaks(reason string) *Error {
	return got.fails(CodeProtocol, reason)
}

func (got answer) fails(code Code, reason string) *Error {
	failure := got.call.fails(code, reason)
	failure.Status, failure.RequestID = got.status, got.requestID
	return failure
}

// fails is the error for a call that was not answered.
func (c call) fails(code Code, reason string) *Error {
	return &Error{Op: c.op, Subject: c.subject, Code: code, Reason: reason}
}

// ended is the error of a call whose context ended.
func (c call) ended(cause error) error {
	return fmt.Errorf("%s: %w", operation(c.op, c.subject), cause)
}

func escaped(path []string) []string {
	elements := make([]string, len(path))
	for i, element := range path {
		elements[i] = url.PathEscape(element)
	}
	return elements
}
