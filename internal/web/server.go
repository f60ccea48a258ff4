package web

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"syscall"
	"time"
)

// The limits of the server. A slow caller holds a connection and nothing else.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 10 * time.Second
	// writeTimeout counts from the end of the header, so it is above reading the body
	// and answering together.
	writeTimeout = readTimeout + requestTimeout + 2*time.Second
	idleTimeout  = 2 * time.Minute
	maxHeader    = 16 << 10
)

// Serve answers on addr until ctx ends, then lets the requests under way finish and
// returns nil. The logger gets what the server itself stumbles over. ready is told the
// real address, of use with port 0.
func Serve(ctx context.Context, addr string, handler http.Handler, logger *log.Logger, ready func(net.Addr)) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("listen on %s: another process uses this port: stop it or choose another address", addr)
	case err != nil:
		return fmt.Errorf("listen on %s: %w", addr, err)
	}
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader, ErrorLog: logger,
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	ready(listener.Addr())
	select {
	case err := <-served:
		return fmt.Errorf("serve on %s: %w", addr, err)
	case <-ctx.Done():
	}
	return stop(context.WithoutCancel(ctx), server)
}

// stop waits as long as a request may take.
func stop(ctx context.Context, server *http.Server) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		return fmt.Errorf("let the requests under way finish: %w", errors.Join(err, server.Close()))
	}
	return nil
}
