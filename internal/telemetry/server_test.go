package telemetry_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/eitje/connexie-worker/internal/telemetry"
)

type readyAnswer struct {
	Ready  bool
	Checks map[string]string
}

// serve runs a server until the test ends and returns its address.
func serve(t *testing.T, checks map[string]telemetry.Check, gatherer prometheus.Gatherer) string {
	t.Helper()
	server, err := telemetry.Listen(t.Context(), "127.0.0.1:0", checks, gatherer, zap.NewNop())
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- server.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done, "a stop that was asked for is no error")
	})
	return "http://" + server.Addr()
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	status, body, err := ask(t.Context(), url)
	require.NoError(t, err)
	return status, body
}

// ask is get for a goroutine of its own.
func ask(ctx context.Context, url string) (status int, body string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return 0, "", err
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	return response.StatusCode, string(read), err
}

func healthy(context.Context) error { return nil }

func TestServer_AnswersHealthWhateverFails(t *testing.T) {
	t.Parallel()
	url := serve(t, map[string]telemetry.Check{"database": func(context.Context) error { return errors.New("down") }}, prometheus.NewRegistry())

	status, body := get(t, url+"/healthz")

	require.Equal(t, http.StatusOK, status)
	require.JSONEq(t, `{"alive":true}`, body)
}

func TestServer_IsReadyWhenEveryCheckPasses(t *testing.T) {
	t.Parallel()
	url := serve(t, map[string]telemetry.Check{"database": healthy, "temporal": healthy}, prometheus.NewRegistry())

	status, body := get(t, url+"/readyz")

	require.Equal(t, http.StatusOK, status)
	require.JSONEq(t, `{"ready":true,"checks":{"database":"ok","temporal":"ok"}}`, body)
}

func TestServer_N3_SaysWhichCheckFailedAndNotWhy(t *testing.T) {
	t.Parallel()
	url := serve(t, map[string]telemetry.Check{
		"database": func(context.Context) error { return errors.New("dial postgres://worker:hunter2@db/x") },
		"panics":   func(context.Context) error { panic("hunter2") },
		"temporal": healthy,
	}, prometheus.NewRegistry())

	status, body := get(t, url+"/readyz")

	require.Equal(t, http.StatusServiceUnavailable, status)
	var answer readyAnswer
	require.NoError(t, json.Unmarshal([]byte(body), &answer))
	require.Equal(t, readyAnswer{
		Checks: map[string]string{"database": "failed", "panics": "failed", "temporal": "ok"},
	}, answer)
	require.NotContains(t, body, "hunter2")
}

func TestServer_ShowsMetrics(t *testing.T) {
	t.Parallel()
	metrics, err := telemetry.NewMetrics("worker", zap.NewNop())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, metrics.Close(context.WithoutCancel(t.Context()))) })
	url := serve(t, nil, metrics.Registry)
	metrics.TemporalHandler().Counter("temporal_request").Inc(2)

	status, body := get(t, url+"/metrics")

	require.Equal(t, http.StatusOK, status)
	require.Contains(t, body, "temporal_request_total 2\n")
	require.Contains(t, body, "go_goroutines ")
}

func TestServer_RefusesOtherMethodsAndPaths(t *testing.T) {
	t.Parallel()
	url := serve(t, nil, prometheus.NewRegistry())

	status, _ := get(t, url+"/debug/pprof/")
	require.Equal(t, http.StatusNotFound, status)

	response, err := http.Post(url+"/healthz", "text/plain", http.NoBody)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusMethodNotAllowed, response.StatusCode)
}

func TestListen_SaysThatThePortIsInUse(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, taken.Close()) })

	_, err = telemetry.Listen(t.Context(), taken.Addr().String(), nil, prometheus.NewRegistry(), zap.NewNop())

	require.ErrorContains(t, err, "another process uses this port")
	require.ErrorContains(t, err, taken.Addr().String())
}

func TestListen_SaysHowAnAddressLooks(t *testing.T) {
	t.Parallel()
	_, err := telemetry.Listen(t.Context(), "9464", nil, prometheus.NewRegistry(), zap.NewNop())
	require.ErrorContains(t, err, "use host:port")
}

func TestServer_EndsWithItsContext(t *testing.T) {
	t.Parallel()
	server, err := telemetry.Listen(t.Context(), "127.0.0.1:0", nil, prometheus.NewRegistry(), zap.NewNop())
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()

	require.NoError(t, server.Serve(ctx))
}

func TestServer_FinishesTheRequestUnderWay(t *testing.T) {
	t.Parallel()
	asked, release := make(chan struct{}), make(chan struct{})
	server, err := telemetry.Listen(t.Context(), "127.0.0.1:0", map[string]telemetry.Check{"slow": func(context.Context) error {
		close(asked)
		<-release
		return nil
	}}, prometheus.NewRegistry(), zap.NewNop())
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- server.Serve(ctx) }()

	status, failed := 0, make(chan error, 1)
	go func() {
		code, _, err := ask(t.Context(), "http://"+server.Addr()+"/readyz")
		status = code
		failed <- err
	}()
	<-asked
	cancel()
	close(release)

	require.NoError(t, <-failed)
	require.Equal(t, http.StatusOK, status)
	require.NoError(t, <-done)
	again, err := net.Listen("tcp", server.Addr())
	require.NoError(t, err, "the port is given back")
	require.NoError(t, again.Close())
}
