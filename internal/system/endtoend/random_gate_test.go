package endtoend

import (
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// gate stands between a worker and PostgreSQL as a proxy does, and counts the worker's
// commits, so that one of them can be kept waiting: before the server hears of it, or
// after it was made and before the worker hears of that.
type gate struct {
	// url is the database as the worker sees it, server where it is.
	url, server string

	mutex   sync.Mutex
	commits int
	pauses  []*commitPause
	open    map[net.Conn]bool
}

// commitPause is a commit that is kept waiting.
type commitPause struct {
	number        int
	committed     bool
	arrived, goOn chan struct{}
	once          sync.Once
}

func newGate(t *testing.T, database string) *gate {
	t.Helper()
	address, err := url.Parse(database)
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	g := &gate{server: address.Host, open: map[net.Conn]bool{}}
	address.Host = listener.Addr().String()
	g.url = address.String()
	t.Cleanup(func() { _ = listener.Close(); g.drop() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go g.serve(client)
		}
	}()
	return g
}

// pause keeps the n-th commit from now on waiting.
func (g *gate) pause(number int, committed bool) (arrived func() bool, release func()) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	kept := &commitPause{
		number: g.commits + number, committed: committed, arrived: make(chan struct{}), goOn: make(chan struct{}),
	}
	g.pauses = append(g.pauses, kept)
	return kept.hasArrived, func() { kept.once.Do(func() { close(kept.goOn) }) }
}

func (c *commitPause) hasArrived() bool {
	select {
	case <-c.arrived:
		return true
	default:
		return false
	}
}

// forget forgets the pauses to which nothing came.
func (g *gate) forget() {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.pauses = nil
}

// drop breaks every connection, as the death of the worker does: what was not
// committed is not.
func (g *gate) drop() {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	for conn := range g.open {
		_ = conn.Close()
	}
	clear(g.open)
}

// commit counts one more and tells whether it is to be kept waiting.
func (g *gate) commit() *commitPause {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.commits++
	for _, kept := range g.pauses {
		if kept.number == g.commits {
			return kept
		}
	}
	return nil
}

func (g *gate) serve(client net.Conn) {
	server, err := net.Dial("tcp", g.server)
	if err != nil {
		_ = client.Close()
		return
	}
	g.mutex.Lock()
	g.open[client], g.open[server] = true, true
	g.mutex.Unlock()
	answers := &keptBack{to: client}
	go func() {
		_, _ = io.Copy(answers, server)
		_ = client.Close()
	}()
	_ = g.forward(client, server, answers)
	_ = server.Close()
	_ = client.Close()
	g.mutex.Lock()
	delete(g.open, client)
	delete(g.open, server)
	g.mutex.Unlock()
}

// forward passes on message by message what the worker sends.
func (g *gate) forward(client io.Reader, server io.Writer, answers *keptBack) error {
	startup, err := readStartup(client)
	if err != nil {
		return err
	}
	if _, err := server.Write(startup); err != nil {
		return err
	}
	for {
		message, err := readMessage(client)
		if err != nil {
			return err
		}
		var kept *commitPause
		if message[0] == 'Q' && strings.EqualFold(strings.TrimRight(string(message[5:]), "\x00"), "commit") {
			kept = g.commit()
		}
		if kept != nil && kept.committed {
			answers.keep(kept)
		}
		if kept != nil && !kept.committed {
			close(kept.arrived)
			<-kept.goOn
		}
		if _, err := server.Write(message); err != nil {
			return err
		}
	}
}

// keptBack passes the server's answers on, and keeps the next one back where it is
// told to.
type keptBack struct {
	to    io.Writer
	mutex sync.Mutex
	next  *commitPause
}

func (k *keptBack) keep(kept *commitPause) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	k.next = kept
}

// Write waits where an answer is to be kept back.
func (k *keptBack) Write(answer []byte) (int, error) {
	k.mutex.Lock()
	kept := k.next
	k.next = nil
	k.mutex.Unlock()
	if kept != nil {
		close(kept.arrived)
		<-kept.goOn
	}
	return k.to.Write(answer)
}
