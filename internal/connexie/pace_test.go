package connexie_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/connexie"
)

// metronome is a Connexie that notes when it is called; time is the bubble's.
type metronome struct {
	mu    sync.Mutex
	calls []time.Duration
	start time.Time
	// refuse answers 429 with this Retry-After to the calls of these numbers.
	refuse     map[int]bool
	retryAfter string
}

func (m *metronome) RoundTrip(request *http.Request) (*http.Response, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls = append(m.calls, time.Since(m.start))
	header := http.Header{"Content-Type": {"application/json"}}
	status, body := http.StatusOK, `{"id":"acc_1","name":"Bar","permissions":[]}`
	if m.refuse[len(m.calls)] {
		status, body = http.StatusTooManyRequests, ""
		header.Set("Retry-After", m.retryAfter)
	}
	return &http.Response{
		StatusCode: status, ProtoMajor: 1, ProtoMinor: 1, Header: header,
		ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body)), Request: request,
	}, nil
}

func (m *metronome) connect(t *testing.T, perSecond float64) *connexie.Client {
	t.Helper()
	m.start = time.Now()
	client, err := connexie.New(connexie.Options{
		BaseURL: "https://api.connexie.example/v1", RequestsPerSecond: perSecond, Transport: m,
	})
	require.NoError(t, err)
	return client
}

func TestConnexie_N6_RateIsPerToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := &metronome{}
		client := service.connect(t, 2)
		one, again, other := client.For(tokenOf(t, "one")), client.For(tokenOf(t, "one")), client.For(tokenOf(t, "other"))
		for _, account := range []*connexie.Account{one, again, one, again, other} {
			_, err := account.GetAccount(t.Context())
			require.NoError(t, err)
		}
		half := 500 * time.Millisecond
		require.Equal(t, []time.Duration{0, 0, half, 2 * half, 2 * half}, service.calls)
	})
}

func TestConnexie_N6_RetryAfterHoldsBackTheTokensOtherCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := &metronome{refuse: map[int]bool{1: true}, retryAfter: "3"}
		client := service.connect(t, 4)
		account := client.For(tokenOf(t, secret))
		_, err := account.GetAccount(t.Context())
		require.Equal(t, 3*time.Second, failure(t, err).RetryAfter)

		var calls sync.WaitGroup
		for range 8 {
			calls.Go(func() { _, _ = account.GetAccount(t.Context()) })
		}
		calls.Wait()
		require.Len(t, service.calls, 9)
		for i, at := range service.calls[1:] {
			require.GreaterOrEqual(t, at, 3*time.Second)
			if i >= 4 {
				require.Greater(t, at, 3*time.Second, "after the pause the rate counts: no storm")
			}
		}
	})
}

func TestConnexie_N6_LongPauseComesBackAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := &metronome{refuse: map[int]bool{1: true}, retryAfter: "120"}
		client := service.connect(t, 4)
		account := client.For(tokenOf(t, secret))
		_, err := account.GetAccount(t.Context())
		require.EqualError(t, err, "get account: 429 rate_limited")

		before := time.Now()
		_, err = account.GetAccount(t.Context())
		require.EqualError(t, err, "get account: rate_limited: not sent")
		require.Equal(t, 120*time.Second, failure(t, err).RetryAfter)
		require.Zero(t, time.Since(before))
		require.Len(t, service.calls, 1)

		_, err = client.For(tokenOf(t, "other")).GetAccount(t.Context())
		require.NoError(t, err, "the pause is the token's alone")
	})
}

func TestConnexie_N6_RefusalWithoutRetryAfterStillPauses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := &metronome{refuse: map[int]bool{1: true}}
		account := service.connect(t, 1000).For(tokenOf(t, secret))
		_, err := account.GetAccount(t.Context())
		require.Zero(t, failure(t, err).RetryAfter)
		_, err = account.GetAccount(t.Context())
		require.NoError(t, err)
		require.Equal(t, []time.Duration{0, time.Second}, service.calls)
	})
}

func TestConnexie_N6_LongQueueComesBackInsteadOfBlocking(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := &metronome{}
		account := service.connect(t, 1).For(tokenOf(t, secret))
		var (
			calls    sync.WaitGroup
			mu       sync.Mutex
			heldBack int
		)
		for range 20 {
			calls.Go(func() {
				if _, err := account.GetAccount(t.Context()); err != nil {
					mu.Lock()
					defer mu.Unlock()
					heldBack++
				}
			})
		}
		calls.Wait()
		require.Len(t, service.calls, 6, "one at once and one in each of five seconds")
		require.Equal(t, 14, heldBack)
		require.Equal(t, 5*time.Second, service.calls[5])
	})
}

func TestConnexie_WaitForATurnEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := &metronome{refuse: map[int]bool{1: true}, retryAfter: "4"}
		account := service.connect(t, 1).For(tokenOf(t, secret))
		_, err := account.GetAccount(t.Context())
		require.Error(t, err)

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = account.GetAccount(ctx)
		requireEnded(t, err, context.DeadlineExceeded)
		require.Len(t, service.calls, 1)
	})
}

func TestPacesAreBounded(t *testing.T) {
	t.Parallel()
	touch, held := connexie.Paces(1, 10)
	for i := range 100 {
		touch(tokenOf(t, fmt.Sprintf("token-%d", i)))
	}
	require.Equal(t, 20, held(), "ten in the map and ten in the list")
}
