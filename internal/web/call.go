package web

import (
	"context"
	"net/http"
	"regexp"

	"github.com/google/uuid"
)

// call is what is known about a request while it is answered. It is filled on the
// way in and read on the way out, by one goroutine.
type call struct {
	requestID      string
	organisationID string
}

type callKey struct{}

func withCall(ctx context.Context, c *call) context.Context {
	return context.WithValue(ctx, callKey{}, c)
}

// callOf is never nil.
func callOf(ctx context.Context) *call {
	if c, ok := ctx.Value(callKey{}).(*call); ok {
		return c
	}
	return &call{}
}

var requestIDPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// requestIDOf is the caller's own id of the request where it sent one, so that its log
// and ours can be read together.
func requestIDOf(r *http.Request) string {
	if sent := r.Header.Get("X-Request-Id"); requestIDPattern.MatchString(sent) {
		return sent
	}
	return uuid.Must(uuid.NewV7()).String()
}
