package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"time"
)

const (
	// requestTimeout is above all that an Engine waits for in one request.
	requestTimeout = 18 * time.Second
	// maxBody is far above the largest request there is.
	maxBody = 4 << 10
)

// protect puts around the calls what holds for every one of them.
func (a *api) protect(next http.Handler) http.Handler {
	return a.observed(a.recovered(a.authenticated(bodyInMemory(next))))
}

// public are the paths that need no key; they tell nothing about anybody.
var public = map[string]bool{"/healthz": true, "/readyz": true}

// authenticated lets nobody pass without a key (N7).
func (a *api) authenticated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if public[r.URL.Path] {
			next.ServeHTTP(w, r)
			return
		}
		call := callOf(r.Context())
		organisationID, known := a.keys.organisationOf(r.Header.Get("Authorization"))
		if !known {
			w.Header().Set("WWW-Authenticate", "Bearer")
			unauthorised().write(w, call.requestID)
			return
		}
		call.organisationID = organisationID
		next.ServeHTTP(w, r)
	})
}

// bodyInMemory reads the body while the server's ReadTimeout still holds, then lifts
// it: net/http goes on reading to notice a caller who hangs up, and would take the
// deadline for one and cancel the request while the engine is asked
// (golang/go#70834).
func bodyInMemory(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			unreadable(err).write(w, callOf(r.Context()).requestID)
			return
		}
		_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // there is none outside of a server
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

func unreadable(err error) *Problem {
	if large, is := errors.AsType[*http.MaxBytesError](err); is {
		return NewProblem(http.StatusRequestEntityTooLarge,
			fmt.Sprintf("the body is larger than %d bytes", large.Limit), "Send the members that /v1/openapi.json lists alone.")
	}
	return NewProblem(http.StatusBadRequest, "the body did not arrive as a whole", "Send it again, faster.")
}

// recovered turns a panic into an answer. Where the answer had begun the connection
// is cut, or half an answer would look like a whole one.
func (a *api) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			reason := recover()
			if reason == nil {
				return
			}
			requestID := callOf(r.Context()).requestID
			a.Log.Failed(requestID, fmt.Errorf("a handler panicked: %v\n%s", reason, debug.Stack()))
			if recorded, ok := w.(*recorder); ok && recorded.status != 0 {
				panic(http.ErrAbortHandler)
			}
			internal().write(w, requestID)
		}()
		next.ServeHTTP(w, r)
	})
}

// observed names the request, bounds it, and tells the log of it when it is answered.
func (a *api) observed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		call := &call{requestID: requestIDOf(r)}
		ctx, cancel := context.WithTimeout(withCall(r.Context(), call), requestTimeout)
		defer cancel()
		header := w.Header()
		header.Set("X-Request-Id", call.requestID)
		header.Set("Cache-Control", "no-store")
		header.Set("X-Content-Type-Options", "nosniff")
		recorded := &recorder{ResponseWriter: w}
		inner := r.WithContext(ctx)
		begun := time.Now()
		defer func() { a.Log.Answered(exchangeOf(inner, call, recorded, time.Since(begun))) }()
		next.ServeHTTP(recorded, inner)
	})
}
