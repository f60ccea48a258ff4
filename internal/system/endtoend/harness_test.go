package endtoend

import (
	"context"
	"net"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.uber.org/zap/zaptest"

	"github.com/eitje/connexie-worker/internal/app"
	"github.com/eitje/connexie-worker/internal/config"
	"github.com/eitje/connexie-worker/internal/eitjeseed"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/sandbox/seed"
	"github.com/eitje/connexie-worker/internal/secrets"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// system is what the stories share: one worker on one database, as in production.
type system struct {
	url      string
	pool     *pgxpool.Pool
	sandbox  *sandbox.Sandbox
	temporal client.Client
	starter  config.Starter
}

// TestSystem brings the system up once and tells every story on it, in parallel.
func TestSystem(t *testing.T) {
	s := start(t)
	stories := map[string]func(*testing.T, *system){
		"a first sync does for everyone what the rule book says": firstSync,
	}
	for name, story := range stories {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			story(t, s)
		})
	}
}

func start(t *testing.T) *system {
	t.Helper()
	address := os.Getenv("TEST_TEMPORAL_ADDRESS")
	require.NotEmpty(t, address, "TEST_TEMPORAL_ADDRESS is not set; run: make test-system")
	s := &system{url: testkit.Database(t), sandbox: sandbox.New(sandbox.Options{})}
	server := httptest.NewServer(s.sandbox)
	t.Cleanup(server.Close)
	s.starter = config.Starter{
		Database: config.Database{URL: config.NewSecret(s.url), MaxConnections: 10},
		Connexie: config.Connexie{BaseURL: server.URL + "/v1", RequestsPerSecond: 1000},
		Keys:     config.Keys{EncryptionKeys: config.NewSecret(secrets.NewKey())},
		Temporal: config.NewTemporal(client.Options{HostPort: address}),
	}
	_, err := app.Migrate(t.Context(), s.starter, zaptest.NewLogger(t), func(string) {})
	require.NoError(t, err)
	s.pool, err = pgxpool.New(t.Context(), s.url)
	require.NoError(t, err)
	t.Cleanup(s.pool.Close)
	s.temporal, err = client.DialContext(t.Context(), client.Options{HostPort: address})
	require.NoError(t, err)
	t.Cleanup(s.temporal.Close)
	runWorker(t, s)
	return s
}

// runWorker runs the real worker until the test ends.
func runWorker(t *testing.T, s *system) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- app.RunWorker(ctx, config.Worker{
			Database: config.Database{URL: s.starter.URL, MaxConnections: 20},
			Connexie: s.starter.Connexie, Keys: s.starter.Keys, Temporal: s.starter.Temporal,
			Capacity: config.Capacity{WorkflowSlots: 20, DatabaseSlots: 8, ConnexieSlots: 8, StopTimeout: 5 * time.Second},
			Metrics:  config.Metrics{Addr: net.JoinHostPort("127.0.0.1", "0")},
		}, zaptest.NewLogger(t))
	}()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-ended)
	})
}

// place puts a scenario into Connexie and into Eitje.
func (s *system) place(t *testing.T, scenario seed.Scenario) {
	t.Helper()
	require.NoError(t, s.sandbox.AddAccount(scenario.Account))
	_, err := eitjeseed.Write(t.Context(), s.url, scenario.Account.ID, scenario.Organisation, time.Now())
	require.NoError(t, err)
}
