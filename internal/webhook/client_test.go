package webhook_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/webhook"
)

var event = domain.NoticeEvent{
	ID: "5b0f0c1e-0000-5000-8000-000000000001", Kind: domain.EventOpened, At: time.Date(2026, time.November, 22, 15, 4, 5, 0, time.UTC),
	NotificationID: "0190a1b2-0000-7000-8000-000000000003", OrganisationID: "0190a1b2-0000-7000-8000-000000000001",
	ConnectionID: "0190a1b2-0000-7000-8000-000000000002", Cause: domain.CauseDisputed, Subject: "per_1",
	Severity: domain.SeverityWarning, NextStep: "Decide.",
}

// received is what a receiver got.
type received struct {
	header http.Header
	body   []byte
}

func receiver(t *testing.T, answer http.HandlerFunc) (target string, got chan received) {
	t.Helper()
	got = make(chan received, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			got <- received{r.Header, body}
		}
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/services/s3cret-path", got
}

func TestSend_N1_IsSignedUnderTheIDOfTheEvent(t *testing.T) {
	t.Parallel()
	secret := webhook.NewSecret()
	require.NoError(t, webhook.CheckSecret(secret))
	target, got := receiver(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	client := webhook.New(webhook.Options{UserAgent: "eitje"})
	defer client.Close()

	require.Equal(t, domain.Attempt{Result: domain.Delivered}, client.Send(t.Context(), target, secret, event, "https://temporal.example/x"))
	require.Equal(t, domain.Attempt{Result: domain.Delivered}, client.Send(t.Context(), target, secret, event, "https://temporal.example/x"))

	first, second := <-got, <-got
	require.Equal(t, event.ID, first.header.Get("webhook-id"))
	require.Equal(t, first.body, second.body, "a repetition is the same")
	require.Equal(t, first.header.Get("webhook-id"), second.header.Get("webhook-id"))
	verifier, err := standardwebhooks.NewWebhook(secret)
	require.NoError(t, err)
	require.NoError(t, verifier.Verify(first.body, first.header), "the library's own receiver believes it")
	other, err := standardwebhooks.NewWebhook(webhook.NewSecret())
	require.NoError(t, err)
	require.Error(t, other.Verify(first.body, first.header))
	require.JSONEq(t, `{"type":"notification.opened","timestamp":"2026-11-22T15:04:05Z","data":{
		"event_id":"5b0f0c1e-0000-5000-8000-000000000001","notification_id":"0190a1b2-0000-7000-8000-000000000003",
		"organisation_id":"0190a1b2-0000-7000-8000-000000000001","connection_id":"0190a1b2-0000-7000-8000-000000000002",
		"cause":"disputed","subject":"per_1","severity":"warning","next_step":"Decide.","link":"https://temporal.example/x"}}`, string(first.body))
}

func TestSend_N6_TellsWhatPassesFromWhatDoesNot(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.November, 22, 15, 0, 0, 0, time.UTC)
	for status, want := range map[int]domain.Attempt{
		200: {Result: domain.Delivered}, 202: {Result: domain.Delivered},
		302: {Result: domain.SendRefused, Problem: "it answered 302, and redirects are not followed"},
		307: {Result: domain.SendRefused, Problem: "it answered 307, and redirects are not followed"},
		400: {Result: domain.SendRefused, Problem: "it answered 400"}, 401: {Result: domain.SendRefused, Problem: "it answered 401"},
		404: {Result: domain.SendRefused, Problem: "it answered 404"}, 410: {Result: domain.SendGone, Problem: "it answered 410"},
		408: {Result: domain.SendLater, Problem: "it answered 408"},
		429: {Result: domain.SendLater, Problem: "it answered 429", RetryAfter: 2 * time.Minute},
		500: {Result: domain.SendLater, Problem: "it answered 500"},
		503: {Result: domain.SendLater, Problem: "it answered 503", RetryAfter: time.Hour},
	} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			target, got := receiver(t, func(w http.ResponseWriter, _ *http.Request) {
				switch status {
				case 302, 307:
					w.Header().Set("Location", "https://elsewhere.example/")
				case 429:
					w.Header().Set("Retry-After", "120")
				case 503:
					w.Header().Set("Retry-After", now.Add(time.Hour).Format(http.TimeFormat))
				case 500:
					w.Header().Set("Retry-After", "soon")
				}
				w.WriteHeader(status)
				_, _ = io.WriteString(w, strings.Repeat("jan@example.com", 1000))
			})
			client := webhook.New(webhook.Options{Now: func() time.Time { return now }})
			defer client.Close()
			require.Equal(t, want, client.Send(t.Context(), target, webhook.NewSecret(), event, ""))
			require.Len(t, got, 1, "one attempt")
		})
	}
}

// What is told of a failure has neither the URL, whose path is often a secret, nor what
// a receiver said, nor the secret.
func TestSend_N3_N4_AFailureRepeatsNothing(t *testing.T) {
	t.Parallel()
	silent, _ := receiver(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	cut, _ := receiver(t, func(w http.ResponseWriter, _ *http.Request) {
		connection, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_ = connection.Close()
		}
	})
	untrusted := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(untrusted.Close)
	plain, _ := receiver(t, func(http.ResponseWriter, *http.Request) {})
	secret := webhook.NewSecret()
	client := webhook.New(webhook.Options{Timeout: 300 * time.Millisecond})
	defer client.Close()
	for target, problem := range map[string]string{
		silent: "it did not answer in time", cut: "nobody answers there", "http://127.0.0.1:1/s3cret-path": "nobody answers there",
		untrusted.URL + "/s3cret-path":                   "its certificate is not trusted",
		strings.Replace(plain, "http://", "https://", 1): "it does not speak TLS",
	} {
		tried := client.Send(t.Context(), target, secret, event, "")
		require.Equal(t, domain.Attempt{Result: domain.SendLater, Problem: problem}, tried, target)
	}
	for _, broken := range [][2]string{{"https://example.com/\x00s3cret-path", secret}, {"https://example.com/", "s3cret of no form"}} {
		tried := client.Send(t.Context(), broken[0], broken[1], event, "")
		require.Equal(t, domain.Attempt{Result: domain.SendRefused, Problem: "its URL or secret cannot be used"}, tried)
	}
}

func TestSecret_N3_IsCheckedAndNotRepeated(t *testing.T) {
	t.Parallel()
	first, second := webhook.NewSecret(), webhook.NewSecret()
	require.NotEqual(t, first, second)
	for _, bad := range []string{"", "hunter2", "whsec_", "whsec_aHVudGVyMg==", "whsec_hunter2!", strings.TrimPrefix(webhook.NewSecret(), "whsec_"),
		"whsec_" + strings.Repeat("QUFB", 40)} {
		err := webhook.CheckSecret(bad)
		require.Error(t, err, bad)
		require.NotContains(t, err.Error(), "hunter2")
	}
}

func TestPayload_OfATestIsAboutNoNotification(t *testing.T) {
	t.Parallel()
	target, got := receiver(t, func(http.ResponseWriter, *http.Request) {})
	client := webhook.New(webhook.Options{})
	defer client.Close()
	client.Send(t.Context(), target, webhook.NewSecret(), domain.Testing("id", "org", event.At), "")
	var members map[string]any
	require.NoError(t, json.Unmarshal((<-got).body, &members))
	require.Equal(t, "notification.test", members["type"])
	require.NotContains(t, members["data"], "notification_id")
}
