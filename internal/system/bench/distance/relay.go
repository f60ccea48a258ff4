// Package distance puts a server further away: a relay passes every byte on a little
// later, in both directions, as a network between two machines does.
package distance

import (
	"context"
	"net"
	"sync"
	"time"
)

const (
	// chunk is how much is read at a time, underWay how many chunks may be between the
	// two ends: bandwidth is no part of a distance.
	chunk    = 64 << 10
	underWay = 1024
)

// Relay stands before one server.
type Relay struct {
	target   string
	delay    time.Duration
	listener net.Listener
	done     sync.WaitGroup

	mu    sync.Mutex
	conns []net.Conn
}

// Listen begins to pass connections on to target, each byte after the delay.
func Listen(ctx context.Context, target string, delay time.Duration) (*Relay, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &Relay{target: target, delay: delay, listener: listener}
	r.done.Go(r.accept)
	return r, nil
}

// Address is where the relay listens.
func (r *Relay) Address() string { return r.listener.Addr().String() }

// Close ends all connections.
func (r *Relay) Close() error {
	err := r.listener.Close()
	r.mu.Lock()
	for _, conn := range r.conns {
		_ = conn.Close() // ends both directions, also where it has ended by itself
	}
	r.mu.Unlock()
	r.done.Wait()
	return err
}

func (r *Relay) accept() {
	for {
		near, err := r.listener.Accept()
		if err != nil {
			return // closed
		}
		far, err := net.Dial("tcp", r.target) //nolint:noctx // ended by Close
		if err != nil {
			_ = near.Close() // whoever called sees that the server is gone
			continue
		}
		r.mu.Lock()
		r.conns = append(r.conns, near, far)
		r.mu.Unlock()
		r.done.Go(func() { r.pass(near, far) })
		r.done.Go(func() { r.pass(far, near) })
	}
}

// late is what was read, with when it may arrive.
type late struct {
	data []byte
	at   time.Time
}

// pass copies one direction until its source ends.
func (r *Relay) pass(to, from net.Conn) {
	queue := make(chan late, underWay)
	r.done.Go(func() {
		for next := range queue {
			time.Sleep(time.Until(next.at))
			_, _ = to.Write(next.data) // a reader that went away ends the source, too
		}
		_ = to.Close()
	})
	defer close(queue)
	for {
		data := make([]byte, chunk)
		n, err := from.Read(data)
		if n > 0 {
			queue <- late{data[:n], time.Now().Add(r.delay)}
		}
		if err != nil {
			return
		}
	}
}
