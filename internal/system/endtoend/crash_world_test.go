package endtoend

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/system/stack"
)

// scenario is something that ends in the same way, wherever the worker is killed.
type scenario struct {
	name string
	// prepare makes the organisation; nothing is killed yet.
	prepare func(*testing.T, *system) *organisation
	// tell does, to its end, what the worker may be killed in.
	tell func(*testing.T, *organisation)
	// effects are the moments of which every test run tries one side.
	effects []point
}

// happen lets a scenario happen on a system of its own, whose worker is killed at the
// point, if one is given, and replaced at once. It answers with what the tables hold
// in the end, and with all that was committed since the scenario was prepared.
func (sc scenario) happen(t *testing.T, at *point) (outcome, []commit) {
	t.Helper()
	rest := work()
	defer rest()
	s := bringUp(t, shared(t))
	s.answerInSmallPages(t)
	m := &mortal{system: s, proxy: startProxy(t, brief(t, s.url)), rest: rest}
	m.worker = s.launch(t, m.proxy.url)
	t.Cleanup(m.kill)
	o := sc.prepare(t, s)
	m.proxy.arm(at, func() { m.replace(t) })
	if at != nil && (at.side == asking || at.side == answering) {
		m.replaceAsking(t, o, *at)
	}
	sc.tell(t, o)
	require.Equal(t, at != nil, m.proxy.struck.Load(), "the worker was killed")
	o.requireImpersonal(t, "the log", s.logs.String())
	return o.outcome(t), m.proxy.seen()
}

// mortal is a system whose worker is killed by the proxy in front of its database.
type mortal struct {
	*system
	proxy  *proxy
	mutex  sync.Mutex
	worker *stack.Child
	// rest lets another system work, once this one waits for its worker to be missed.
	rest func()
}

// working bounds how many systems work at once, and with it their connections to the
// PostgreSQL that they share; any number may wait.
var working = make(chan struct{}, 6)

// work waits until there is room to work. What it returns makes room.
func work() (rest func()) {
	working <- struct{}{}
	return sync.OnceFunc(func() { <-working })
}

func (m *mortal) kill() {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.worker.Kill()
}

// replace kills the worker and launches another.
func (m *mortal) replace(t *testing.T) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.worker.Kill()
	next, err := m.launchProcess(t.Context(), m.proxy.url)
	if assert.NoError(t, err) {
		m.worker = next
	}
	m.rest()
}

// replaceAsking replaces the worker while Connexie holds one of its calls, before or
// after it took effect.
func (m *mortal) replaceAsking(t *testing.T, o *organisation, at point) {
	t.Helper()
	held := o.fault(t, sandbox.Fault{
		Kind: sandbox.FaultHold, Operation: at.words, FromCall: at.number, Times: 1, AfterEffect: at.side == answering,
	})
	go func() {
		if m.sandbox.AwaitFault(t.Context(), held) == nil {
			m.proxy.struck.Store(true)
			m.replace(t)
		}
	}()
}

// smallPage makes several pages of a small organisation.
const smallPage = 40

// answerInSmallPages puts somebody between worker and sandbox who asks for less at a
// time than the worker does.
func (s *system) answerInSmallPages(t *testing.T) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if query := r.URL.Query(); query.Has("limit") {
			query.Set("limit", strconv.Itoa(smallPage))
			r.URL.RawQuery = query.Encode()
		}
		s.sandbox.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	s.starter.BaseURL = server.URL + "/v1"
}
