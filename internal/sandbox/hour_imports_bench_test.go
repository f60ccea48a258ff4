package sandbox_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/sandbox"
)

// One import of 100,000 lines of 2,000 people in 100 parts, replacing the one
// before it.
func BenchmarkHourImport_100000Lines(b *testing.B) {
	b.ReportAllocs()
	const parts, linesOfPart, crowd = 100, 1000, 2000
	s := sandbox.New(sandbox.Options{})
	require.NoError(b, s.AddAccount(account(people(crowd)...)))
	bodies := make([]string, parts)
	var all []sentLine
	for part := range bodies {
		lines := make([]sentLine, linesOfPart)
		for i := range lines {
			employee := fmt.Sprintf("emp_%04d", (part*linesOfPart+i)%crowd+1)
			day := sandbox.Date("2026-11-01").AddDays(i % 30)
			lines[i] = sentLine{fmt.Sprintf("0195d2a4-0000-7000-8000-%012d.%d", i, part), employee, "con_" + employee, day, "1000", "7.50"}
		}
		bodies[part] = partBody(lines...)
		all = append(all, lines...)
	}
	totals := commitBody(all...)
	turn := 0
	for b.Loop() {
		turn++
		created := bare(s, http.MethodPost, "/v1/hour-imports", november("ven_1"), fmt.Sprint(turn))
		require.Equal(b, http.StatusCreated, created.Code)
		id := reply{status: created.Code, body: created.Body.Bytes()}.hourImport(b).ID
		for part, body := range bodies {
			put := bare(s, http.MethodPut, fmt.Sprintf("/v1/hour-imports/%s/parts/%d", id, part+1), body, "")
			require.Equal(b, http.StatusNoContent, put.Code)
		}
		require.Equal(b, http.StatusOK, bare(s, http.MethodPost, "/v1/hour-imports/"+id+"/commit", totals, "").Code)
	}
}

func bare(s *sandbox.Sandbox, method, path, body, key string) *httptest.ResponseRecorder {
	asked := httptest.NewRequest(method, path, strings.NewReader(body))
	asked.Header.Set("Authorization", "Bearer "+token)
	asked.Header.Set("Content-Type", "application/json")
	asked.Header.Set("Idempotency-Key", key)
	recorder := httptest.NewRecorder()
	s.ServeHTTP(recorder, asked)
	return recorder
}
