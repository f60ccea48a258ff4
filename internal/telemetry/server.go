package telemetry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.uber.org/zap"
)

const (
	// requestTimeout bounds reading a request and writing its answer: the
	// largest, /metrics, takes milliseconds.
	requestTimeout = 10 * time.Second

	// shutdownTimeout is how long a scrape under way may take to end.
	shutdownTimeout = 3 * time.Second
)

// Server answers on the health and metrics port:
//
//	GET /healthz  200 while the process is alive, whatever it depends on
//	GET /readyz   200 or 503, with {"ready":…,"checks":{"database":"ok",…}}
//	GET /metrics  Prometheus text
//
// It holds nothing personal and no secret, and has no authentication.
type Server struct {
	listener net.Listener
	http     *http.Server
}

// Listen takes addr (host:port, port 0 for any free one) at once, so that a port
// in use stops a process before it has begun anything. Call [Server.Serve] next.
func Listen(
	ctx context.Context, addr string, checks map[string]Check, gatherer prometheus.Gatherer, logger *zap.Logger,
) (*Server, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("listen on %s: another process uses this port: stop it or choose another address", addr)
	case err != nil:
		return nil, fmt.Errorf("listen on %s: %w: use host:port, for example 127.0.0.1:9464", addr, err)
	}
	return &Server{
		listener: listener,
		http: &http.Server{
			Handler:           newHandler(checks, gatherer, logger),
			ReadHeaderTimeout: requestTimeout,
			ReadTimeout:       requestTimeout,
			WriteTimeout:      requestTimeout,
			IdleTimeout:       2 * time.Minute, // longer than a scrape interval
			ErrorLog:          zap.NewStdLog(logger),
		},
	}, nil
}

// Addr is the address that the server listens on, with the real port.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Serve answers requests until ctx ends, lets those under way finish, and then
// returns nil. It also gives back the port. Call it once.
func (s *Server) Serve(ctx context.Context) error {
	stopped := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
		defer cancel()
		err := s.http.Shutdown(grace)
		if err != nil {
			err = errors.Join(err, s.http.Close())
		}
		stopped <- err
	})
	err := s.http.Serve(s.listener)
	if stop() { // ctx still lives: the listener broke
		return fmt.Errorf("serve health and metrics on %s: %w", s.Addr(), err)
	}
	if err := <-stopped; err != nil {
		return fmt.Errorf("stop health and metrics on %s: %w", s.Addr(), err)
	}
	return nil
}

func newHandler(checks map[string]Check, gatherer prometheus.Gatherer, logger *zap.Logger) http.Handler {
	ready := &readiness{checks: checks, logger: logger}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]bool{"alive": true})
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		words := ready.run(r.Context())
		status, isReady := http.StatusOK, true
		for _, word := range words {
			if word != checkOK {
				status, isReady = http.StatusServiceUnavailable, false
			}
		}
		answer(w, status, readyAnswer{Ready: isReady, Checks: words})
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(gatherer, promhttp.HandlerOpts{
		ErrorLog: zap.NewStdLog(logger),
		// One broken collector must not hide all others.
		ErrorHandling: promhttp.ContinueOnError,
	}))
	return mux
}

type readyAnswer struct {
	Ready  bool              `json:"ready"`
	Checks map[string]string `json:"checks"`
}

// answer ignores a failed write: the prober has gone.
func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
