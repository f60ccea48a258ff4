package web_test

import (
	"context"
	"crypto/sha256"
	"net/http"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/web"
)

const fuzzedConnection = "0190a1b2-0000-7000-8000-000000000002"

// oneConnection is a store with a single connection and nothing else.
type oneConnection struct{ web.Reader }

func (oneConnection) Connection(_ context.Context, id string) (store.Connection, error) {
	if id != fuzzedConnection {
		return store.Connection{}, store.ErrNotFound
	}
	return store.Connection{ID: id, OrganisationID: "ours", State: store.ConnectionActive}, nil
}

func fuzzed(f *testing.F, engine web.Engine) (http.Handler, *journal) {
	f.Helper()
	log := &journal{}
	handler, err := web.New(web.Options{
		Reader: oneConnection{}, Engine: engine, Log: log,
		Keys: []web.Key{{OrganisationID: "ours", Hash: sha256.Sum256([]byte(ourKey))}},
	})
	require.NoError(f, err)
	return handler, log
}

var id = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// Whatever is sent as a body is refused with a problem, or is exactly a decision.
func FuzzDecision(f *testing.F) {
	for _, body := range []string{
		`{"decision":"allow","by":"user_42"}`, `{"decision":"reject"}`, `{"by":"x"}`, `null`, `[]`, `"`, "{", "\x00", `{"":{}}`,
		`{"decision":"allow","decision":"reject"}`, `{"decision":"allow","Decision":"reject"}`, `{"decision":{"decision":1}}`,
	} {
		f.Add(body)
	}
	handler, log := fuzzed(f, &engine{decide: func(connectionID, decision, by string) (string, error) {
		if connectionID != fuzzedConnection || (decision != "allow" && decision != "reject") || !id.MatchString(by) {
			panic("the engine was asked for nonsense")
		}
		return fuzzedConnection, nil
	}})
	f.Fuzz(func(t *testing.T, body string) {
		got := ask(t, handler, "POST", "/v1/connections/"+fuzzedConnection+"/guard-decision", body)
		if got.status != http.StatusOK {
			require.Contains(t, []int{400, 413, 422}, got.status, got.text)
			got.problem(t, got.status)
		}
		require.Empty(t, log.failures)
		require.Less(t, len(got.text), 20_000)
	})
}

// Whatever comes in headers, the engine hears ids alone, and nobody passes without a
// key.
func FuzzHeaders(f *testing.F) {
	f.Add("Bearer "+ourKey, "key_1", "req_1")
	f.Add("bearer  "+ourKey+" ", "a b", "Jan Jansen")
	f.Add("", "\x00", "\r\n")
	handler, log := fuzzed(f, &engine{sync: func(_ context.Context, request web.SyncRequest) (web.SyncTicket, error) {
		if request.RequestID != "" && !id.MatchString(request.RequestID) {
			panic("the engine was asked for nonsense")
		}
		return web.SyncTicket{}, nil
	}})
	f.Fuzz(func(t *testing.T, authorization, idempotencyKey, requestID string) {
		got := ask(t, handler, "POST", "/v1/connections/"+fuzzedConnection+"/sync", "",
			"Authorization", authorization, "Idempotency-Key", idempotencyKey, "X-Request-Id", requestID)
		require.Contains(t, []int{202, 401, 422}, got.status, got.text)
		require.Equal(t, got.status != http.StatusUnauthorized, regexp.MustCompile(`(?i)^bearer\s+`+ourKey+`\s*$`).MatchString(authorization))
		require.Regexp(t, id, got.header.Get("X-Request-Id"))
		require.Empty(t, log.failures)
	})
}

// Whatever is asked for is served, or refused with a problem.
func FuzzPath(f *testing.F) {
	f.Add("GET", "/v1/connections/"+fuzzedConnection+"/sync")
	f.Add("POST", "/v1/connections/%00")
	f.Add("GET", "//v1/../x")
	f.Add("CONNECT", "/v1/openapi.json")
	handler, log := fuzzed(f, &engine{})
	f.Fuzz(func(t *testing.T, method, path string) {
		request, err := http.NewRequestWithContext(t.Context(), method, "http://localhost"+path, http.NoBody)
		if err != nil || request.URL.Path == "" || request.URL.Path[0] != '/' {
			t.Skip("no request")
		}
		request.Header.Set("Authorization", "Bearer "+ourKey)
		got := do(handler, request)
		require.NotEqual(t, 500, got.status)
		if got.status >= 400 && method != http.MethodHead {
			got.problem(t, got.status)
		}
		require.Empty(t, log.failures)
	})
}
