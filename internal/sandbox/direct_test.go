package sandbox_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/sandbox"
)

// request asks the handler without a network, for tests that ask very often.
func request(s *sandbox.Sandbox, method, target, body string, headers ...header) (int, []byte) {
	path, query, _ := strings.Cut(target, "?")
	asked := &http.Request{
		Method: method, URL: &url.URL{Path: path, RawQuery: query}, Host: "sandbox",
		Header: http.Header{"Authorization": {"Bearer " + token}, "Content-Type": {"application/json"}},
		Body:   http.NoBody,
	}
	if body != "" {
		asked = httptest.NewRequest(method, "/", strings.NewReader(body))
		asked.URL = &url.URL{Path: path, RawQuery: query}
		asked.Header.Set("Authorization", "Bearer "+token)
		asked.Header.Set("Content-Type", "application/json")
	}
	for _, extra := range headers {
		asked.Header.Set(extra.name, extra.value)
	}
	recorder := httptest.NewRecorder()
	s.ServeHTTP(recorder, asked)
	return recorder.Code, recorder.Body.Bytes()
}

func serve(t require.TestingT, s *sandbox.Sandbox, target string) listed {
	status, body := request(s, http.MethodGet, target, "")
	return reply{status: status, body: body}.list(t)
}
