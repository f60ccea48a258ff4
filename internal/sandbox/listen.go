package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

const (
	headerTimeout = 10 * time.Second
	closeTimeout  = 5 * time.Second
)

// Listen serves the sandbox on an address until ctx ends, then lets the calls
// under way finish. ready, unless nil, is told the address, of use with port 0.
func (s *Sandbox) Listen(ctx context.Context, address string, ready func(net.Addr)) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", address, err)
	}
	server := &http.Server{Handler: s, ReadHeaderTimeout: headerTimeout}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	if ready != nil {
		ready(listener.Addr())
	}
	select {
	case err := <-served:
		return fmt.Errorf("serve on %s: %w", address, err)
	case <-ctx.Done():
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	if err := server.Shutdown(closing); err != nil { // someone is held
		err = errors.Join(err, server.Close())
		return fmt.Errorf("close %s: %w", address, err)
	}
	return nil
}
