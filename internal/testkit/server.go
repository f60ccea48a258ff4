package testkit

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/localpg"
)

// ServerVariable names the environment variable with the URL of the PostgreSQL
// server to test on; its user must be allowed to create databases.
const ServerVariable = "TEST_DATABASE_URL"

const (
	// setUpTimeout bounds making the template, the start of a server included.
	setUpTimeout = 3 * time.Minute
	// linger keeps a private server between the test binaries of two packages.
	linger = 20 * time.Second
	// administrators is how many databases one process makes or drops at a time.
	administrators = 2
)

// server is the PostgreSQL that all tests of this process share, with the template
// of their databases.
type server struct {
	url      *url.URL
	admin    *pgxpool.Pool
	template string
}

// theServer is made once; a process that ends gives it back, see localpg.
var theServer = sync.OnceValues(startServer)

func requireServer(t testing.TB) *server {
	t.Helper()
	s, err := theServer()
	require.NoError(t, err, "set %s to the URL of a PostgreSQL server, or install PostgreSQL", ServerVariable)
	return s
}

func startServer() (*server, error) {
	ctx, cancel := context.WithTimeout(context.Background(), setUpTimeout)
	defer cancel()
	address, err := serverURL(ctx)
	if err != nil {
		return nil, err
	}
	config, err := pgxpool.ParseConfig(address.String())
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read as a URL", ServerVariable)
	}
	config.MaxConns = administrators
	admin, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connect to the test server: %w", err)
	}
	s := &server{url: address, admin: admin}
	if s.template, err = makeTemplate(ctx, s); err != nil {
		return nil, err
	}
	return s, nil
}

func serverURL(ctx context.Context) (*url.URL, error) {
	text := os.Getenv(ServerVariable)
	if text == "" {
		cluster, err := localpg.Start(ctx, localpg.Options{BinDir: os.Getenv("PG_BIN"), Linger: linger})
		if err != nil {
			return nil, fmt.Errorf("start a PostgreSQL for the tests: %w", err)
		}
		text = cluster.URL("postgres")
	}
	address, err := url.Parse(text)
	if err != nil || address.Scheme == "" {
		return nil, fmt.Errorf("%s is not of the form postgres://user@host:5432/database", ServerVariable)
	}
	return address, nil
}

// databaseURL is the address of one database of the server.
func (s *server) databaseURL(name string) string {
	address := *s.url
	address.Path = "/" + name
	return address.String()
}
