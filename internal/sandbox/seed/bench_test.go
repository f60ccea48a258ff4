package seed_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/sandbox/seed"
)

var nextCursor = regexp.MustCompile(`"next_cursor":"([^"]+)"`)

func crowded(b *testing.B, n int) (*sandbox.Sandbox, string) {
	b.Helper()
	s := sandbox.New(sandbox.Options{})
	crowd := seed.Scaled(n, 1, s.Today())
	require.NoError(b, s.AddAccount(crowd.Account))
	require.NoError(b, s.LoadEmployees(crowd.Account.ID, crowd.Employees()))
	return s, crowd.Account.Token
}

func ask(s *sandbox.Sandbox, token, target, etag string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodGet, target, nil)
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("If-None-Match", etag)
	recorder := httptest.NewRecorder()
	s.ServeHTTP(recorder, request)
	return recorder
}

// Reading 100,000 people to the end, in pages of 500.
func BenchmarkReadCrowd(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s, token := crowded(b, n)
			for b.Loop() {
				for target := "/v1/employees?limit=500"; target != ""; {
					recorder := ask(s, token, target, "")
					target = ""
					body := recorder.Body.Bytes()
					if next := nextCursor.FindSubmatch(body[max(0, len(body)-600):]); next != nil {
						target = "/v1/employees?limit=500&cursor=" + string(next[1])
					}
				}
			}
		})
	}
}

func BenchmarkUnchangedCrowd(b *testing.B) {
	s, token := crowded(b, 100_000)
	etag := ask(s, token, "/v1/employees?limit=500", "").Header().Get("ETag")
	for b.Loop() {
		require.Equal(b, http.StatusNotModified, ask(s, token, "/v1/employees?limit=500", etag).Code)
	}
}

func BenchmarkMakeCrowd(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		for range seed.Scaled(10_000, 1, today).Employees() {
		}
	}
}

func BenchmarkLoadCrowd(b *testing.B) {
	for b.Loop() {
		crowded(b, 10_000)
	}
}
