package connexie_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/govalues/decimal"
	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/connexie"
)

// FuzzConnexie_X11_HourImport holds that no answer makes the client panic, that an
// import which it lets through is one that can be compared with what was sent, and
// that it comes back the same when it is written and read once more.
func FuzzConnexie_X11_HourImport(f *testing.F) {
	f.Add([]byte(importOf(nil)))
	f.Add([]byte(importOf(committed)))
	f.Add([]byte(importOf(edits{"kinds": "[]", "line_count": "1000000", "committed_at": ""})))
	f.Add([]byte(importOf(edits{"totals": `[{"code":"A","quantity":"1"},{"code":"\u0041","quantity":"1"}]`})))
	f.Add([]byte(importOf(edits{"totals": `[{"code":"A","quantity":"0.0000"},null]`, "line_count": "00"})))
	f.Add([]byte(`{"id":"imp_1","totals":[{"code":`))
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := answering(t, body).GetHourImport(t.Context(), "imp_1")
		if err != nil {
			require.Zero(t, got)
			failure(t, err)
			return
		}
		requireComparable(t, got)
		again, err := answering(t, wireImport(t, got)).GetHourImport(t.Context(), "imp_1")
		require.NoError(t, err)
		require.Equal(t, got, again)
	})
}

// requireComparable states what every import that the client returns keeps.
func requireComparable(t *testing.T, got connexie.HourImport) {
	t.Helper()
	require.Equal(t, "imp_1", got.ID)
	require.Regexp(t, `^[A-Za-z0-9_-]{1,64}$`, got.VenueID)
	require.False(t, got.Start.IsZero())
	require.False(t, got.End.Before(got.Start))
	require.LessOrEqual(t, len(got.Kinds), 3)
	require.Subset(t, []connexie.ImportStatus{
		connexie.ImportDraft, connexie.ImportCommitted, connexie.ImportReplaced, connexie.ImportDiscarded,
	}, []connexie.ImportStatus{got.Status})
	require.GreaterOrEqual(t, got.LineCount, 0)
	require.NotNil(t, got.Totals)
	for code, quantity := range got.Totals {
		require.NotEmpty(t, code)
		requireBounded(t, decimal.NullDecimal{Decimal: quantity, Valid: true}, "999999999999.9999")
	}
}

// wireImport writes an import as the contract does, independently of the client.
func wireImport(t *testing.T, from connexie.HourImport) []byte {
	t.Helper()
	totals := make([]map[string]any, 0, len(from.Totals))
	for code, quantity := range from.Totals {
		totals = append(totals, map[string]any{"code": code, "quantity": quantity})
	}
	wire := map[string]any{
		"id": from.ID, "venue_id": from.VenueID, "period_start": from.Start, "period_end": from.End,
		"kinds": from.Kinds, "status": from.Status, "line_count": from.LineCount, "totals": totals,
	}
	if from.Kinds == nil {
		wire["kinds"] = []string{}
	}
	if !from.CommittedAt.IsZero() {
		wire["committed_at"] = from.CommittedAt
	}
	body, err := json.Marshal(wire)
	require.NoError(t, err)
	return body
}

// storing answers every part with 204, without a network.
type storing struct{}

func (storing) RoundTrip(request *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusNoContent, ProtoMajor: 1, ProtoMinor: 1, Request: request, Body: http.NoBody}, nil
}

// BenchmarkPart is one full part from lines to the bytes on the wire.
func BenchmarkPart(b *testing.B) {
	lines := make([]connexie.HourLine, connexie.MaxPartLines)
	for i := range lines {
		lines[i] = lineOf(i)
	}
	client, err := connexie.New(connexie.Options{
		BaseURL: "https://api.connexie.example/v1", Transport: storing{}, RequestsPerSecond: 1e6,
	})
	require.NoError(b, err)
	account := client.For(tokenOf(b, secret))
	b.ReportAllocs()
	for b.Loop() {
		if err := account.PutHourImportPart(b.Context(), "imp_1", 1, lines); err != nil {
			b.Fatal(err)
		}
	}
}
