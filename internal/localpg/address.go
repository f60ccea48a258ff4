package localpg

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// connectTimeout bounds one attempt to connect, so that a port that swallows
// packets does not hang a start.
const connectTimeout = 5 * time.Second

// Address is how a server is reached: a connection string, kept from printing
// its password by accident.
type Address struct{ raw string }

// localAddress is a superuser's address on the loopback interface.
func localAddress(port int, password string) Address {
	u := url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword(superuser, password),
		Host:     net.JoinHostPort(loopback, strconv.Itoa(port)),
		Path:     "/postgres",
		RawQuery: "sslmode=disable",
	}
	return Address{raw: u.String()}
}

// URL names a database on the server; empty is the address as it was given.
func (a Address) URL(database string) string {
	if database == "" {
		return a.raw
	}
	u, err := url.Parse(a.raw)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		// Keyword form: of two settings the later one counts.
		return a.raw + " dbname='" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(database) + "'"
	}
	u.Path = "/" + database
	query := u.Query()
	query.Del("dbname") // it would win over the path
	u.RawQuery = query.Encode()
	return u.String()
}

// String is host and port alone.
func (a Address) String() string {
	config, err := pgx.ParseConfig(a.raw)
	if err != nil {
		return "an address that cannot be read"
	}
	return net.JoinHostPort(config.Host, strconv.Itoa(int(config.Port)))
}

// connect makes one attempt. Its errors do not carry the password.
func (a Address) connect(ctx context.Context) (*pgx.Conn, error) {
	config, err := pgx.ParseConfig(a.raw)
	if err != nil {
		return nil, errors.New("it is neither a postgres:// URL nor a list of keyword=value settings")
	}
	config.ConnectTimeout = connectTimeout
	return pgx.ConnectConfig(ctx, config)
}

// useGiven checks that a server handed in by URL answers.
func useGiven(ctx context.Context, raw string) (*Cluster, error) {
	address := Address{raw: raw}
	conn, err := address.connect(ctx)
	if err != nil {
		return nil, fmt.Errorf("the PostgreSQL given by URL (DATABASE_URL) cannot be used (%w); "+
			"start it, correct the URL, or unset it to have a private one started", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	var version int
	if err := conn.QueryRow(ctx, "select current_setting('server_version_num')::int").Scan(&version); err != nil {
		return nil, fmt.Errorf("ask the given PostgreSQL for its version: %w", err)
	}
	if major := version / 10000; major < oldestMajor {
		return nil, fmt.Errorf("the PostgreSQL given by URL (DATABASE_URL) is version %d; %d or later is needed", major, oldestMajor)
	}
	return &Cluster{server: address, origin: "given by URL"}, nil
}
