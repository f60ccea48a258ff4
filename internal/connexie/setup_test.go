package connexie_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/connexie"
)

// secret is the token of every test; no text may hold it.
const secret = "tok_3f9aSECRET"

// serve starts a Connexie that is one handler and returns the account of a client
// that calls it. The change edits the client's options.
func serve(t *testing.T, handler http.HandlerFunc, change ...func(*connexie.Options)) *connexie.Account {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return connect(t, server.URL+"/v1", change...)
}

func connect(t *testing.T, baseURL string, change ...func(*connexie.Options)) *connexie.Account {
	t.Helper()
	options := connexie.Options{BaseURL: baseURL, RequestsPerSecond: 1e6}
	for _, edit := range change {
		edit(&options)
	}
	client, err := connexie.New(options)
	require.NoError(t, err)
	t.Cleanup(client.Close)
	return client.For(tokenOf(t, secret))
}

func tokenOf(t testing.TB, text string) connexie.Token {
	t.Helper()
	made, err := connexie.NewToken(text)
	require.NoError(t, err)
	return made
}

// reply answers every request alike; headers come as name, value, name, value.
func reply(status int, contentType, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// replyJSON answers 200 with a JSON body.
func replyJSON(body string, headers ...string) http.HandlerFunc {
	return reply(http.StatusOK, "application/json; charset=utf-8", body, headers...)
}

// replyProblem answers with a problem document of this code.
func replyProblem(status int, code string, headers ...string) http.HandlerFunc {
	body := fmt.Sprintf(`{"title":"Wrong","status":%d,"code":%q,"detail":"about Jan Jansen"}`, status, code)
	return reply(status, "application/problem+json", body, headers...)
}

// page is the body of a list that ends with this page.
func page(items string) string { return `{"items":[` + items + `],"next_cursor":null}` }

// failure takes the *Error out of an error.
func failure(t *testing.T, err error) *connexie.Error {
	t.Helper()
	var found *connexie.Error
	require.ErrorAs(t, err, &found)
	return found
}
