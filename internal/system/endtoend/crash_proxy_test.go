package endtoend

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/stretchr/testify/require"
)

// proxy stands between a worker and PostgreSQL and passes everything on. It knows
// enough of the protocol to see what is about to be committed, by a transaction or by
// a statement alone, and strikes once where it was told to.
type proxy struct {
	url    string
	server string

	mutex   sync.Mutex
	commits []commit
	point   *point
	met     int
	// strike is called once, where the point is reached.
	strike func()
	struck atomic.Bool
}

// commit is what one commit makes durable: the writing statements, in their order.
type commit []string

// headline is what the commit does first.
func (c commit) headline() string { return writing.FindString(c[0]) }

// contains reports whether a statement of the commit contains the words.
func (c commit) contains(words string) bool {
	return slices.ContainsFunc(c, func(statement string) bool { return strings.Contains(statement, words) })
}

// side is on which side of a commit the worker is killed.
type side string

const (
	// before: the server never hears of the commit.
	before side = "before"
	// after: it has committed, and the worker never hears of it.
	after side = "after"
	// amid: the statement never reaches the server, and what came before it in the
	// same transaction is not committed.
	amid side = "amid"
	// asking: Connexie has been asked for something and has not answered yet.
	asking side = "asking"
	// answering: Connexie has done what it was asked for, and has not answered yet.
	answering side = "answering"
)

// point is a moment in which the worker is killed.
type point struct {
	side side
	// words choose the commits or the statements that contain them, "" is any; or name
	// the operation that Connexie is asked for.
	words string
	// number counts those that are chosen, from 1.
	number int
	// does says what the commit does, where no words choose it.
	does string
}

// String says where the worker is killed.
func (p point) String() string {
	if p.words == "" {
		return fmt.Sprintf("%s commit %d, %s", p.side, p.number, p.does)
	}
	return fmt.Sprintf("%s %d of %q", p.side, p.number, p.words)
}

// startProxy stands in front of the database of a URL.
func startProxy(t *testing.T, database string) *proxy {
	t.Helper()
	address, err := url.Parse(database)
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	p := &proxy{server: address.Host}
	address.Host = listener.Addr().String()
	p.url = address.String()
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return // closed
			}
			go p.serve(client)
		}
	}()
	return p
}

// arm makes the proxy count from now on, and strike at the point, if any.
func (p *proxy) arm(at *point, strike func()) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.commits, p.point, p.met, p.strike = nil, at, 0, strike
}

// seen are the commits since the proxy was armed.
func (p *proxy) seen() []commit {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return slices.Clone(p.commits)
}

// strikesAt notes a commit and reports on which side of it to strike; "" is neither.
func (p *proxy) strikesAt(statements commit) side {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.commits = append(p.commits, statements)
	if p.point == nil || p.point.side == amid || !p.reached(statements) {
		return ""
	}
	return p.point.side
}

// strikesAmid reports whether to strike at a statement within a transaction.
func (p *proxy) strikesAmid(statement string) bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.point != nil && p.point.side == amid && p.reached(commit{statement})
}

// reached counts what the point chooses. The proxy strikes once, so that whoever
// replaces the worker lives.
func (p *proxy) reached(statements commit) bool {
	if !statements.contains(p.point.words) {
		return false
	}
	p.met++
	return p.met == p.point.number && p.struck.CompareAndSwap(false, true)
}

// session is one connection of the worker's.
type session struct {
	*proxy
	client, server net.Conn
	// statements are the prepared ones, bound the text of the one to be executed, and
	// written what the transaction under way has written.
	statements map[string]string
	bound      string
	written    commit
	// inside tells that a transaction is under way, and withheld that no answer
	// reaches the worker any more.
	inside, withheld atomic.Bool
}

func (p *proxy) serve(client net.Conn) {
	defer func() { _ = client.Close() }()
	server, err := net.Dial("tcp", p.server)
	if err != nil {
		return // the worker sees a database that does not answer
	}
	defer func() { _ = server.Close() }()
	s := &session{proxy: p, client: client, server: server, statements: map[string]string{}}
	go func() {
		s.answers()
		_ = client.Close()
	}()
	_ = s.requests() // the worker or the server has closed the connection
}

// errStruck ends a session whose worker was killed.
var errStruck = errors.New("the worker was killed")

func (s *session) requests() error {
	startup, err := readStartup(s.client)
	if err != nil {
		return err
	}
	if _, err := s.server.Write(startup); err != nil {
		return err
	}
	for {
		message, err := readMessage(s.client)
		if err != nil {
			return err
		}
		if err := s.request(message); err != nil {
			return err
		}
		if _, err := s.server.Write(message); err != nil {
			return err
		}
	}
}

// request looks at what the worker sends.
func (s *session) request(message []byte) error {
	kind, body := message[0], message[5:]
	switch kind {
	case 'P':
		var parse pgproto3.Parse
		if err := parse.Decode(body); err != nil {
			return err
		}
		s.statements[parse.Name] = parse.Query
	case 'B':
		var bind pgproto3.Bind
		if err := bind.Decode(body); err != nil {
			return err
		}
		s.bound = s.statements[bind.PreparedStatement]
	case 'E':
		return s.execute()
	case 'Q':
		return s.query(string(bytes.TrimRight(body, "\x00")))
	}
	return nil
}

// writing tells a statement that writes from one that only reads, or locks.
var writing = regexp.MustCompile(`\b(insert into|update|delete from) (connexie|eitje)\.\w+`)

// execute is a statement with arguments: part of a transaction, or one of its own.
func (s *session) execute() error {
	if s.inside.Load() {
		if s.strikesAmid(s.bound) {
			return s.kill()
		}
		if writing.MatchString(s.bound) {
			s.written = append(s.written, s.bound)
		}
		return nil
	}
	if !writing.MatchString(s.bound) {
		return nil
	}
	return s.commit(commit{s.bound})
}

// query is a statement without arguments, as pgx begins and ends transactions.
func (s *session) query(sql string) error {
	switch sql {
	case "begin":
		s.written = nil
	case "commit":
		if len(s.written) > 0 {
			return s.commit(s.written)
		}
	}
	return nil
}

func (s *session) commit(statements commit) error {
	switch s.strikesAt(statements) {
	case before:
		return s.kill()
	case after:
		s.withheld.Store(true) // answers strikes once the server has committed
	}
	return nil
}

func (s *session) kill() error {
	s.strike()
	return errStruck
}

// answers passes on what the server sends. Ready for the next query, it says whether
// a transaction is under way; what was to be committed is, by then.
func (s *session) answers() {
	for {
		message, err := readMessage(s.server)
		if err != nil {
			return
		}
		if message[0] == 'Z' {
			s.inside.Store(message[5] != 'I')
		}
		if s.withheld.Load() {
			if message[0] == 'Z' {
				s.strike()
				return
			}
			continue
		}
		if _, err := s.client.Write(message); err != nil {
			return
		}
	}
}

// readStartup reads the first message, which has no kind.
func readStartup(from io.Reader) ([]byte, error) {
	length := make([]byte, 4)
	if _, err := io.ReadFull(from, length); err != nil {
		return nil, err
	}
	return readRest(from, length, length)
}

// readMessage reads a message as it is: its kind, its length, its body.
func readMessage(from io.Reader) ([]byte, error) {
	head := make([]byte, 5)
	if _, err := io.ReadFull(from, head); err != nil {
		return nil, err
	}
	return readRest(from, head, head[1:])
}

func readRest(from io.Reader, head, length []byte) ([]byte, error) {
	body := make([]byte, binary.BigEndian.Uint32(length)-4)
	_, err := io.ReadFull(from, body)
	return append(head, body...), err
}
