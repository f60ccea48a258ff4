package connexie_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/connexie"
)

func TestConnexie_N6_NoCompleteAnswerIsUnreachable(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		handler http.HandlerFunc
		reason  string
	}{
		"dropped without a byte": {drop, "the answer was cut off"},
		"cut in a sized body":    {cutSized, "the answer was cut off"},
		"cut in chunks":          {cutChunks, "the answer was cut off"},
		"cut without any mark":   {raw("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n" + `{"items":[{"id":`), "the answer was cut off"},
		"cut in gzip":            {cutGzip, "the answer was cut off"},
		"cut in a problem":       {raw("HTTP/1.1 404 Not Found\r\nContent-Type: application/problem+json\r\nContent-Length: 99\r\n\r\n" + `{"code":`), "the answer was cut off"},
		"no answer":              {silent, "no complete answer in time"},
		"body never ends":        {drip, "no complete answer in time"},
		"not HTTP":               {raw("SSH-2.0-OpenSSH_9.6\r\n"), "connection failed"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			account := serve(t, test.handler, func(o *connexie.Options) { o.Timeout = 300 * time.Millisecond })
			_, err := account.ListEmployees(t.Context(), connexie.PageRequest{})
			got := failure(t, err)
			require.Equal(t, connexie.CodeUnreachable, got.Code)
			require.Equal(t, test.reason, got.Reason)
			require.NotErrorIs(t, err, context.DeadlineExceeded, "the client's own timeout must not look like the caller's")
		})
	}
}

func TestConnexie_N6_NobodyThereIsUnreachable(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	_, err := connect(t, server.URL).GetAccount(t.Context())
	require.EqualError(t, err, "get account: unreachable: connection refused")

	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	_, err = connect(t, secure.URL).GetAccount(t.Context())
	require.EqualError(t, err, "get account: unreachable: the certificate is not trusted")
}

func TestConnexie_CompleteAnswerThatBreaksTheContract(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		handler http.HandlerFunc
		reason  string
	}{
		"HTML":              {reply(200, "text/html", "<html></html>"), "the content type is not application/json"},
		"no content type":   {reply(200, "", page("")), "the content type is not application/json"},
		"problem as answer": {reply(200, "application/problem+json", `{}`), "the content type is not application/json"},
		"not JSON":          {replyJSON("<html></html>"), "the body is not JSON"},
		"empty":             {replyJSON(""), "the body is not JSON"},
		"half":              {replyJSON(`{"items":[`), "the body is not JSON"},
		"two documents":     {replyJSON(page("") + page("")), "the body is not JSON"},
		"deep":              {replyJSON(strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000)), "the body is not JSON"},
		"too large":         {replyJSON(strings.Repeat(" ", 32<<20+1)), "the body is too large"},
		"too large, chunks": {endless, "the body is too large"},
		"gzip bomb":         {bomb, "the body is too large"},
		"redirect":          {http.RedirectHandler("/elsewhere", http.StatusFound).ServeHTTP, "redirected, and redirects are not followed"},
		"304 unasked":       {reply(304, "", ""), "the status is not one of the contract"},
		"too many items":    {replyJSON(page(strings.Repeat("0,", 500) + "0")), "items: more than 500"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := serve(t, test.handler).ListEmployees(t.Context(), connexie.PageRequest{})
			got := failure(t, err)
			require.Equal(t, connexie.CodeProtocol, got.Code)
			require.Equal(t, test.reason, got.Reason)
		})
	}
}

func TestConnexie_N3_TokenIsNotTakenToARedirect(t *testing.T) {
	t.Parallel()
	var visited atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visited.Add(1) }))
	defer elsewhere.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		_, err := serve(t, http.RedirectHandler(elsewhere.URL, status).ServeHTTP).GetAccount(t.Context())
		require.Equal(t, connexie.CodeProtocol, failure(t, err).Code)
	}
	require.Zero(t, visited.Load())
}

func TestConnexie_N3_ErrorsHoldNeitherTokenNorCursorNorURL(t *testing.T) {
	t.Parallel()
	talkative := roundTrip(func(request *http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("cannot send %s with %v", request.URL, request.Header)
	})
	account := connect(t, "https://api.connexie.example/v1", func(o *connexie.Options) { o.Transport = talkative })
	_, err := account.ListEmployees(t.Context(), connexie.PageRequest{Cursor: "cursor-of-jan"})
	require.EqualError(t, err, "list employees: unreachable: connection failed")
	for cause := err; cause != nil; cause = errors.Unwrap(cause) {
		for _, text := range []string{fmt.Sprint(cause), fmt.Sprintf("%#v", cause), fmt.Sprintf("%+v", cause)} {
			require.NotContains(t, text, secret)
			require.NotContains(t, text, "cursor-of-jan")
			require.NotContains(t, text, "connexie.example")
		}
	}
}

func TestConnexie_EndedContextStaysRecognisable(t *testing.T) {
	t.Parallel()
	cancelled, cancel := context.WithCancel(t.Context())
	arrived := make(chan struct{})
	account := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
	})
	go func() {
		<-arrived
		cancel()
	}()
	_, err := account.GetEmployee(cancelled, "emp_1")
	requireEnded(t, err, context.Canceled)
	require.EqualError(t, err, "get employee emp_1: context canceled")

	_, err = account.GetEmployee(cancelled, "emp_1")
	requireEnded(t, err, context.Canceled)

	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = serve(t, silent).GetEmployee(short, "emp_1")
	requireEnded(t, err, context.DeadlineExceeded)

	short, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = serve(t, drip).GetEmployee(short, "emp_1")
	requireEnded(t, err, context.DeadlineExceeded)
}

func requireEnded(t *testing.T, err, want error) {
	t.Helper()
	require.ErrorIs(t, err, want)
	var typed *connexie.Error
	require.NotErrorAs(t, err, &typed, "a cancellation is no failure of Connexie")
}

func TestConnexie_N6_OneAttempt(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{
		"500": replyProblem(500, "server_error"), "503": replyProblem(503, "server_error", "Retry-After", "0"),
		"429": replyProblem(429, "rate_limited", "Retry-After", "0"), "cut": cutSized, "dropped": drop,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var attempts atomic.Int32
			account := serve(t, func(w http.ResponseWriter, r *http.Request) {
				attempts.Add(1)
				handler(w, r)
			})
			_, err := account.GetAccount(t.Context())
			require.Error(t, err)
			require.EqualValues(t, 1, attempts.Load())
		})
	}
}

func TestConnexie_ConnectionsAreUsedAgain(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	answers := []http.HandlerFunc{replyJSON(page("")), replyProblem(404, "not_found"), reply(502, "text/html", strings.Repeat("x", 32<<10)), reply(204, "", "")}
	turn := 0
	account := serve(t, func(w http.ResponseWriter, r *http.Request) {
		seen[r.RemoteAddr] = true
		answers[turn%len(answers)](w, r)
		turn++
	})
	for range 3 * len(answers) {
		_, _ = account.ListVenues(t.Context(), connexie.PageRequest{})
	}
	require.Len(t, seen, 1)
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(request *http.Request) (*http.Response, error) { return f(request) }

func drop(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func cutSized(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", "1000")
	_, _ = io.WriteString(w, `{"items":[`)
	_ = http.NewResponseController(w).Flush()
	drop(w, r)
}

func cutChunks(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, page(""))
	_ = http.NewResponseController(w).Flush()
	drop(w, r)
}

func cutGzip(w http.ResponseWriter, _ *http.Request) {
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	_, _ = io.WriteString(writer, page(""))
	_ = writer.Close()
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Encoding", "gzip")
	_, _ = w.Write(packed.Bytes()[:packed.Len()-6])
}

func bomb(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Encoding", "gzip")
	writer := gzip.NewWriter(w)
	blanks := bytes.Repeat([]byte(" "), 1<<20)
	for range 1 << 10 {
		if _, err := writer.Write(blanks); err != nil {
			return
		}
	}
	_ = writer.Close()
}

func endless(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	blanks := bytes.Repeat([]byte(" "), 1<<20)
	for {
		if _, err := w.Write(blanks); err != nil {
			return
		}
	}
}

func silent(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// drip sends a byte and then no more.
func drip(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, "{")
	_ = http.NewResponseController(w).Flush()
	<-r.Context().Done()
}

// raw sends bytes on the bare connection and closes it.
func raw(answer string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		connection, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = io.WriteString(connection, answer)
		_ = connection.Close()
	}
}
