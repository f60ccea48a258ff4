package connexie

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"syscall"
	"time"
)

// Reasons of CodeUnreachable. The words are ours and the cause is not wrapped: the
// text of a network error can hold addresses and pieces of what was sent (N3, N4).
const (
	reasonTimeout     = "no complete answer in time"
	reasonCutOff      = "the answer was cut off"
	reasonRefused     = "connection refused"
	reasonReset       = "connection reset"
	reasonHostUnknown = "host name not found"
	reasonCertificate = "the certificate is not trusted"
	reasonFailed      = "connection failed"
)

// unanswered is the error of a call that got no answer. The context is the
// caller's: when that one ended, it is no outage.
func (c call) unanswered(ctx context.Context, cause error) error {
	if ended := ctx.Err(); ended != nil {
		return c.ended(ended)
	}
	return c.unreachable(0, "", whyUnreachable(cause))
}

// unread is the error of a call whose answer began and did not arrive whole, or
// was too large to take.
func (c call) unread(ctx context.Context, response *http.Response, cause error) error {
	if ended := ctx.Err(); ended != nil {
		return c.ended(ended)
	}
	requestID := knownRequestID(response.Header)
	if errors.Is(cause, errTooLarge) {
		failure := c.fails(CodeProtocol, "the body is too large")
		failure.Status, failure.RequestID = response.StatusCode, requestID
		return failure
	}
	return c.unreachable(response.StatusCode, requestID, whyUnreachable(cause))
}

func (c call) unreachable(status int, requestID, reason string) *Error {
	failure := c.fails(CodeUnreachable, reason)
	failure.Status, failure.RequestID = status, requestID
	return failure
}

// heldBack is the error of a call that was not sent, because the rate of its token
// would have kept it waiting for too long.
func (c call) heldBack(wait time.Duration) *Error {
	failure := c.fails(CodeRateLimited, "not sent")
	failure.RetryAfter = min(wait, maxRetryAfter)
	return failure
}

func whyUnreachable(cause error) string {
	var (
		network     net.Error
		resolving   *net.DNSError
		certificate *tls.CertificateVerificationError
	)
	switch {
	case errors.Is(cause, context.DeadlineExceeded), errors.As(cause, &network) && network.Timeout():
		return reasonTimeout
	case errors.As(cause, &resolving):
		return reasonHostUnknown
	case errors.As(cause, &certificate):
		return reasonCertificate
	case errors.Is(cause, syscall.ECONNREFUSED):
		return reasonRefused
	case errors.Is(cause, syscall.ECONNRESET):
		return reasonReset
	case errors.Is(cause, io.EOF), errors.Is(cause, io.ErrUnexpectedEOF):
		return reasonCutOff
	}
	return reasonFailed
}
