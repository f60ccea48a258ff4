package temporaldev

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/persistence/sql/sqlplugin/postgresql"
	"go.temporal.io/server/schema/sqlite"
	"go.temporal.io/server/tools/common/schema"
	"go.temporal.io/server/tools/sql"
	"google.golang.org/protobuf/types/known/durationpb"
)

// retention is how long a development server remembers closed workflows: the
// nights of the last week can be looked at.
const retention = 7 * 24 * time.Hour

// Where the server module embeds its schemas.
const (
	mainSchema       = "postgresql/v12/temporal"
	visibilitySchema = "postgresql/v12/visibility"
)

// databases reaches the two databases of a server.
type databases struct {
	server           *pgx.ConnConfig
	attributes       map[string]string
	main, visibility string
}

func openDatabases(o Options) (*databases, error) {
	config, err := pgx.ParseConfig(o.DatabaseURL)
	if err != nil {
		return nil, errors.New("the database URL cannot be read") // the reason would show its password
	}
	parsed, err := url.Parse(o.DatabaseURL)
	if err != nil {
		return nil, errors.New("the database URL cannot be read")
	}
	attributes := make(map[string]string) // sslmode and its kind
	for key, values := range parsed.Query() {
		attributes[key] = values[0]
	}
	return &databases{server: config, attributes: attributes, main: o.Database, visibility: o.VisibilityDatabase}, nil
}

// store is a database in the server's own terms.
func (d *databases) store(name string, connections int) *config.SQL {
	return &config.SQL{
		User:              url.PathEscape(d.server.User), // the plugin escapes the password alone
		Password:          d.server.Password,
		PluginName:        postgresql.PluginNamePGX,
		DatabaseName:      name,
		ConnectAddr:       net.JoinHostPort(d.server.Host, strconv.Itoa(int(d.server.Port))),
		ConnectProtocol:   "tcp",
		ConnectAttributes: d.attributes,
		MaxConns:          connections,
		MaxIdleConns:      connections,
		MaxConnLifetime:   time.Hour,
	}
}

// prepare creates or updates what the server expects to find in its databases.
// It may be repeated, and continues where an interrupted attempt has stopped.
func (d *databases) prepare(namespace string) error {
	for name, schemaName := range map[string]string{d.main: mainSchema, d.visibility: visibilitySchema} {
		if err := d.migrate(name, schemaName); err != nil {
			return fmt.Errorf("schema of database %s: %w", name, err)
		}
	}
	return d.createNamespace(namespace)
}

// create makes the databases unless they exist.
func (d *databases) create(ctx context.Context) error {
	conn, err := pgx.ConnectConfig(ctx, d.server)
	if err != nil {
		return fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	for _, name := range []string{d.main, d.visibility} {
		_, err := conn.Exec(ctx, "create database "+pgx.Identifier{name}.Sanitize())
		var refused *pgconn.PgError
		if errors.As(err, &refused) && refused.Code == "42P04" { // duplicate_database
			continue
		}
		if err != nil {
			return fmt.Errorf("create database %s: %w", name, err)
		}
	}
	return nil
}

func (d *databases) migrate(name, schemaName string) error {
	logger := log.NewNoopLogger()
	conn, err := sql.NewConnection(d.store(name, 1), logger)
	if err != nil {
		return err
	}
	defer conn.Close()
	setup := &schema.SetupConfig{InitialVersion: "0.0"} // the version tables, nothing else
	if err := schema.NewSetupSchemaTask(conn, setup, logger).Run(); err != nil {
		return err
	}
	return schema.NewUpdateSchemaTask(conn, &schema.UpdateConfig{DBName: name, SchemaName: schemaName}, logger).Run()
}

// createNamespace writes the namespace before the server starts, so that it is
// there from the first request on. The package is named after SQLite, and works
// on any SQL store.
func (d *databases) createNamespace(name string) error {
	namespace, err := sqlite.NewNamespaceConfig(clusterName, name, false, nil)
	if err != nil {
		return fmt.Errorf("namespace %s: %w", name, err)
	}
	namespace.Detail.Config.Retention = durationpb.New(retention)
	if err := sqlite.CreateNamespaces(d.store(d.main, 1), namespace); err != nil {
		return fmt.Errorf("namespace %s: %w", name, err)
	}
	return nil
}
