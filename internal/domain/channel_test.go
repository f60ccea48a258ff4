package domain_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
)

func TestChannel_N1_AWebhookIsAnHTTPSURLAndMailOneAddress(t *testing.T) {
	t.Parallel()
	for target, says := range map[string]string{
		"https://example.com/hooks/1?of=us": "", "https://[2001:db8::1]:8443/x": "", "http://127.0.0.1:8099/": "", "http://localhost:1": "",
		"http://[::1]/": "", "http://example.com/": "https://", "http://127.0.0.1.example.com/": "https://", "http://localhost.example.com/": "https://",
		"ftp://example.com": "https://", "https://u:hunter2@example.com/": "user", "https:///x": "not a URL", "https:example.com": "not a URL",
		"": "not a URL", "https://example.com/#a": "#", "https://example.com/\x00hunter2": "not a URL", "https://example.com/\u202e": "not a URL",
		"https://example.com/" + strings.Repeat("x", 2000): "not a URL",
	} {
		requireTarget(t, domain.ChannelWebhook, target, says)
	}
	for target, says := range map[string]string{
		"payroll@example.com": "", "": "e-mail", "Jan <hunter2@example.com>": "e-mail", "hunter2@example.com\r\nBcc: x@example.com": "e-mail",
		" hunter2@example.com": "e-mail", "a@example.com,b@example.com": "e-mail",
	} {
		requireTarget(t, domain.ChannelEmail, target, says)
	}
	requireTarget(t, "fax", "+31", "a webhook or an e-mail")
}

func requireTarget(t *testing.T, kind domain.ChannelKind, target, says string) {
	t.Helper()
	err := domain.CheckTarget(kind, target)
	if says == "" {
		require.NoError(t, err, target)
		return
	}
	require.ErrorContains(t, err, says, target)
	require.NotContains(t, err.Error(), "hunter2")
}

func TestChannel_N3_OfAURLTheHostIsShown(t *testing.T) {
	t.Parallel()
	for target, shown := range map[string]string{
		"https://hooks.example.com/services/T0/s3cret": "https://hooks.example.com/…", "https://example.com": "https://example.com/",
		"https://example.com?key=s3cret": "https://example.com/…", "\x00": "",
	} {
		require.Equal(t, shown, domain.ShownTarget(domain.ChannelWebhook, target))
	}
	require.Equal(t, "payroll@example.com", domain.ShownTarget(domain.ChannelEmail, "payroll@example.com"))
}

func TestChannel_N6_WaitsLongerAfterEachFailureAndAsLongAsItIsAsked(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, time.November, 22, 15, 0, 0, 0, time.UTC)
	away := domain.Attempt{Result: domain.SendLater, Problem: "nobody answers"}
	var standing domain.ChannelStanding
	var waits []time.Duration
	for i := range 6 {
		now := begin.Add(time.Duration(i) * time.Hour)
		standing = standing.After(away, now)
		waits = append(waits, standing.RetryAt.Sub(now))
	}
	require.Equal(t, []time.Duration{
		time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 15 * time.Minute, 15 * time.Minute,
	}, waits)
	require.Equal(t, begin, standing.FailingSince)
	require.Equal(t, 6, standing.Failures)
	require.True(t, standing.StoppedAt.IsZero(), "what passes by itself is tried for ever")

	away.RetryAfter = 2 * time.Hour
	require.Equal(t, begin.Add(2*time.Hour), standing.After(away, begin).RetryAt)
	away.RetryAfter = 1000 * time.Hour
	require.Equal(t, begin.Add(24*time.Hour), standing.After(away, begin).RetryAt, "nobody keeps us waiting for ever")
	require.Equal(t, begin.Add(24*time.Hour), domain.RetryEventAt(1, away, begin))
	require.Equal(t, domain.ChannelStanding{}, standing.After(domain.Attempt{Result: domain.Delivered}, begin))
	require.Equal(t, begin.Add(6*time.Hour), domain.RetryEventAt(1_000_000, domain.Attempt{}, begin))
}

func TestChannel_N1_IsStoppedWhereItRefusesEverythingOrIsGone(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.November, 22, 15, 0, 0, 0, time.UTC)
	refused := domain.Attempt{Result: domain.SendRefused, Problem: "it answered 401"}
	var standing domain.ChannelStanding
	for range 9 {
		standing = standing.After(refused, now)
		require.True(t, standing.StoppedAt.IsZero())
		require.True(t, standing.RetryAt.IsZero(), "the next event is tried at once")
	}
	require.Equal(t, now, standing.After(refused, now).StoppedAt)
	gone := domain.ChannelStanding{}.After(domain.Attempt{Result: domain.SendGone, Problem: "it answered 410"}, now)
	require.Equal(t, now, gone.StoppedAt)
	require.Equal(t, "it answered 410", gone.Problem)
}
