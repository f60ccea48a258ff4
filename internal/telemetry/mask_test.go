package telemetry_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/telemetry"
)

func TestMask_N3_N4(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, text, want string }{
		{"e-mail", "no profile for jan@example.nl, skipped", "no profile for [redacted], skipped"},
		{"e-mail with plus and accents", "<zoë+werk@café.example.nl>", "<[redacted]>"},
		{"e-mail with an apostrophe", "o'brien@example.ie!", "[redacted]!"},
		{"e-mail in a query", "GET /people?email=jan%40example.nl&x=1", "GET /people?email=[redacted]&x=1"},
		{"two e-mails", "a@b.nl;c@d.nl", "[redacted];[redacted]"},
		{"IBAN", "to NL91ABNA0417164300.", "to [redacted]."},
		{"IBAN in lower case", "nl91abna0417164300", "[redacted]"},
		{"IBAN in groups", "NL91 ABNA 0417 1643 00 refused", "[redacted] refused"},
		{"IBAN mistyped", "NL00ABNA0417164300", "[redacted]"},
		{"IBAN of Belgium", "BE68539007547034", "[redacted]"},
		{"bearer", "Authorization: Bearer cx_live_1234567890", "Authorization: Bearer [redacted]"},
		{"bearer in lower case", "bearer abcdefgh", "bearer [redacted]"},
		{"assigned token", `{"token":"s3cr3t-value","n":1}`, `{"token":"[redacted]","n":1}`},
		{"assigned password", "host=db password=hunter22 user=x", "host=db password=[redacted] user=x"},
		{"JWT", "got eyJhbGciOi.eyJzdWIiOi.c2ln here", "got [redacted] here"},
		{"database URL", "dial postgres://worker:hunter2@db:5432/connexie", "dial postgres://[redacted]@db:5432/connexie"},
		{"database URL with odd password", "postgres://u:p@s/s?w#d@db/x", "postgres://[redacted]@db/x"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, row.want, telemetry.Mask(row.text))
		})
	}
}

func TestMask_LeavesWhatOperatorsNeed(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"",
		"sync/0199f3a2-1c2d-7e3f-8a4b-5c6d7e8f9a0b",
		"nightly-sync-2026-11-22T22:00:00Z",
		"/go/pkg/mod/go.temporal.io/sdk@v1.50.0/internal/worker.go:12 +0x1d",
		"/go/pkg/mod/github.com/jackc/pgservicefile@v0.0.0-20240606120523-5a60cdf6a761/x.go",
		"trace ab12cdef34567890ab12cdef34567890",
		"http://127.0.0.1:8233/namespaces/default/workflows?query=Stage%3D%22held%22",
		"token refused: set a new one",
		"12@host",
		"exported 1234567890123 minutes at 22:00",
	} {
		require.Equal(t, text, telemetry.Mask(text))
	}
}

// FuzzMask_N3_N4 hides secrets between arbitrary text: they never come through,
// and masking twice changes nothing more.
func FuzzMask_N3_N4(f *testing.F) {
	f.Add("", "")
	f.Add("user=", "&x")
	f.Add("a@b.nl ", "%40c")
	f.Add("postgres://", ":5432")
	f.Add("token=", "\"")
	f.Fuzz(func(t *testing.T, before, after string) {
		for secret, leak := range map[string]string{
			"jan.de.vries@example.nl":           "vries@example",
			" NL91ABNA0417164300 ":              "NL91ABNA0417164300",
			" Bearer cx0123456789 ":             "cx0123456789",
			" postgres://u:hunter2@localhost/x": "hunter2",
		} {
			if strings.Contains(before+after, leak) {
				continue
			}
			once := telemetry.Mask(before + secret + after)
			require.NotContains(t, once, leak)
			require.Equal(t, once, telemetry.Mask(once), "masking is idempotent")
		}
	})
}

func BenchmarkMask_NothingToHide(b *testing.B) {
	text := "read page 20 of sync/0199f3a2-1c2d-7e3f-8a4b-5c6d7e8f9a0b in 120ms"
	b.ReportAllocs()
	for b.Loop() {
		telemetry.Mask(text)
	}
}
