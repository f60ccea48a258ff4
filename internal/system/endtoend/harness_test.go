package endtoend

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/eitje/connexie-worker/internal/app"
	"github.com/eitje/connexie-worker/internal/config"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/secrets"
	"github.com/eitje/connexie-worker/internal/sink"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

const (
	// patience bounds every wait. On an idle machine all that is waited for takes
	// well under a second, but for what a killed worker had begun: the engine gives it
	// to another one half a minute after the last heartbeat, or 15 s after it began.
	patience = 2 * time.Minute
	// glance is how often a wait looks.
	glance = 20 * time.Millisecond
	// stopTimeout is what a worker's activities get to end.
	stopTimeout = 2 * time.Second
)

// system is what stories share: one worker on one database, as in production. Its
// namespace is its own, so that no other worker takes its tasks and no other
// schedule has the name of its schedule.
type system struct {
	servers
	namespace string
	starter   config.Starter
	pool      *pgxpool.Pool
	store     *store.Store
	keys      *secrets.KeyRing
	sandbox   *sandbox.Sandbox
	temporal  client.Client
	// migrated is what the first migration did, and logs is all that the workers
	// logged.
	migrated app.Migration
	logs     *logBook
	// mailbox takes what the workers send by e-mail.
	mailbox *sink.Mailbox
	// stop stops the worker that runs now; owner is the test that all belongs to.
	stop  func()
	owner *testing.T
}

// servers are what a system runs on.
type servers struct {
	// url is its database.
	url string
	// address is Temporal's.
	address string
}

// start brings up a system with a worker in this very process, on the servers that
// all tests share.
func start(t *testing.T) *system {
	t.Helper()
	s := bringUp(t, shared(t))
	s.runWorker()
	t.Cleanup(func() { s.stop() })
	return s
}

// shared are the servers of all tests, with a database of the test's own.
func shared(t *testing.T) servers {
	t.Helper()
	address := os.Getenv("TEST_TEMPORAL_ADDRESS")
	require.NotEmpty(t, address, "TEST_TEMPORAL_ADDRESS is not set; run: make test-system")
	return servers{url: testkit.Database(t), address: address}
}

// bringUp brings up a system without a worker.
func bringUp(t *testing.T, on servers) *system {
	t.Helper()
	s := &system{
		servers: on, namespace: newNamespace(t, on.address),
		sandbox: sandbox.New(sandbox.Options{}), logs: &logBook{folder: t.TempDir()}, owner: t,
	}
	t.Cleanup(s.tellWarnings)
	server := httptest.NewServer(s.sandbox)
	t.Cleanup(server.Close)
	var err error
	s.mailbox, err = sink.OpenMailbox("127.0.0.1:0", "")
	require.NoError(t, err)
	t.Cleanup(s.mailbox.Close)
	options := client.Options{HostPort: on.address, Namespace: s.namespace, Identity: "endtoend"}
	s.starter = config.Starter{
		Database: config.Database{URL: config.NewSecret(s.url), MaxConnections: 10},
		Connexie: config.Connexie{BaseURL: server.URL + "/v1", RequestsPerSecond: 1000},
		Keys:     config.Keys{EncryptionKeys: config.NewSecret(secrets.NewKey())},
		Temporal: config.NewTemporal(options),
	}
	s.connect(t, options)
	s.migrate(t)
	return s
}

func newNamespace(t *testing.T, address string) string {
	t.Helper()
	name := fmt.Sprintf("endtoend-%d-%d", os.Getpid(), time.Now().UnixNano())
	c, err := client.NewNamespaceClient(client.Options{HostPort: address})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	require.NoError(t, c.Register(t.Context(), &workflowservice.RegisterNamespaceRequest{
		Namespace: name, WorkflowExecutionRetentionPeriod: durationpb.New(24 * time.Hour),
	}))
	return name
}

// connect opens what the stories themselves look through.
func (s *system) connect(t *testing.T, options client.Options) {
	t.Helper()
	var err error
	s.pool, err = pgxpool.New(t.Context(), brief(t, s.url))
	require.NoError(t, err)
	t.Cleanup(s.pool.Close)
	s.store, err = store.Open(t.Context(), brief(t, s.url), 4)
	require.NoError(t, err)
	t.Cleanup(s.store.Close)
	s.keys, err = secrets.ParseKeyRing(s.starter.EncryptionKeys.Reveal())
	require.NoError(t, err)
	options.Logger = quiet{}
	s.temporal, err = client.DialContext(t.Context(), options)
	require.NoError(t, err)
	t.Cleanup(s.temporal.Close)
}

// brief is the URL for a pool that gives idle connections back soon: many systems share
// one PostgreSQL, and most of them wait.
func brief(t *testing.T, database string) string {
	t.Helper()
	address, err := url.Parse(database)
	require.NoError(t, err)
	query := address.Query()
	query.Set("pool_max_conn_idle_time", "1s")
	query.Set("pool_health_check_period", "500ms")
	address.RawQuery = query.Encode()
	return address.String()
}

// migrate does what starter migrate does, and then pauses the schedules as an
// operator would: no story is disturbed by a real night, or by what is done each minute.
func (s *system) migrate(t *testing.T) {
	t.Helper()
	var err error
	s.migrated, err = app.Migrate(t.Context(), s.starter, zap.NewNop(), func(string) {})
	require.NoError(t, err)
	for id := range s.migrated.Schedules {
		schedule := s.temporal.ScheduleClient().GetHandle(t.Context(), id)
		require.NoError(t, schedule.Pause(t.Context(), client.SchedulePauseOptions{Note: pausedBy}))
	}
	t.Cleanup(func() { s.dropNamespace(t) })
}

// mailsFrom is the address that the workers' mails come from.
const mailsFrom = "notifications@eitje.example"

const pausedBy = "paused by the tests"

// dropNamespace leaves nothing behind on a server that lives on.
func (s *system) dropNamespace(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, err := s.temporal.OperatorService().DeleteNamespace(ctx,
		&operatorservice.DeleteNamespaceRequest{Namespace: s.namespace})
	if err != nil {
		t.Logf("drop the namespace %s: %v", s.namespace, err)
	}
}

// runWorker runs the real worker until it is stopped, at the latest when the test
// ends that the system belongs to.
func (s *system) runWorker() {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- app.RunWorker(ctx, config.Worker{
			Database: config.Database{URL: s.starter.URL, MaxConnections: 30},
			Connexie: s.starter.Connexie, Keys: s.starter.Keys, Temporal: s.starter.Temporal,
			// A call that is held takes a slot, as does a night that is followed, and no
			// connection of the database.
			Capacity: config.Capacity{WorkflowSlots: 20, DatabaseSlots: 20, ConnexieSlots: 40, StopTimeout: stopTimeout},
			SMTP:     config.SMTP{Addr: s.mailbox.Addr(), From: mailsFrom, TLS: "none"},
			Retention: config.Retention{
				MirrorDays: 90, RunsDays: 90, PreviewsDays: 7, LinesDays: 400, ChangesDays: 400, NotificationsDays: 180, ErasedDays: 400,
			},
			Metrics: config.Metrics{Addr: net.JoinHostPort("127.0.0.1", "0")},
		}, s.logger())
	}()
	s.stop = sync.OnceFunc(func() {
		cancel()
		assert.NoError(s.owner, <-ended, "the worker ended badly")
	})
}

// logger writes all that is logged into the log book.
func (s *system) logger() *zap.Logger {
	encoder := zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig())
	return zap.New(zapcore.NewCore(encoder, s.logs, zapcore.DebugLevel))
}

// tellWarnings shows what went wrong in the worker, to whoever looks for the cause
// of a failure.
func (s *system) tellWarnings() {
	if !s.owner.Failed() {
		return
	}
	for line := range strings.Lines(s.logs.String()) {
		if strings.Contains(line, `"level":"warn"`) || strings.Contains(line, `"level":"error"`) {
			s.owner.Log(strings.TrimSpace(line))
		}
	}
}

// logBook keeps what was logged, for whoever searches it: the lines of a worker in
// this process, and in its folder a file for each that was a process of its own.
type logBook struct {
	mutex  sync.Mutex
	text   bytes.Buffer
	folder string
	files  []string
}

// newFile names the log of one more worker process.
func (b *logBook) newFile() string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.files = append(b.files, filepath.Join(b.folder, fmt.Sprintf("worker-%d.log", len(b.files)+1)))
	return b.files[len(b.files)-1]
}

// Write keeps one line.
func (b *logBook) Write(line []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.text.Write(line)
}

// Sync has nothing to do.
func (b *logBook) Sync() error { return nil }

// String is all that was logged.
func (b *logBook) String() string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	all := strings.Builder{}
	all.Write(b.text.Bytes())
	for _, file := range b.files {
		text, err := os.ReadFile(file)
		if err != nil {
			return "the log of a worker is lost: " + err.Error()
		}
		all.Write(text)
	}
	return all.String()
}

// quiet keeps the stories' own client silent.
type quiet struct{}

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(string, ...any) {}
