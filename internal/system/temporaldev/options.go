package temporaldev

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
)

// Options say where the server keeps its data and where it listens.
type Options struct {
	// DatabaseURL names the PostgreSQL server, as a URL; the database in it is
	// only used to create the two that follow.
	DatabaseURL string
	// Database and VisibilityDatabase are created where they do not exist. One
	// server at a time may use them.
	Database           string
	VisibilityDatabase string
	// Address is where clients connect, an IP address and a port; port 0 takes a
	// free one.
	Address string
	// UIPort is the Web UI's on the same host; 0 takes a free one.
	UIPort int
	// Headless leaves the Web UI out.
	Headless bool
	// CodecEndpoint is the codec server that the Web UI decodes payloads with.
	CodecEndpoint string
	// Namespace is created where it does not exist.
	Namespace string
	// LogLevel is debug, info, warn or error.
	LogLevel string
}

// listen is Address taken apart.
type listen struct {
	host string
	port int
}

func (o Options) validate() (listen, error) {
	var problems []error
	report := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }

	database, err := url.Parse(o.DatabaseURL)
	switch {
	case o.DatabaseURL == "":
		report("no database: give --database-url or set DATABASE_URL")
	case err != nil || database.Scheme != "postgres" && database.Scheme != "postgresql":
		report("the database must be a URL like postgres://user:password@host:5432/name")
	}
	if o.Database == "" || o.VisibilityDatabase == "" || o.Database == o.VisibilityDatabase {
		report("two different databases are needed, not %q and %q", o.Database, o.VisibilityDatabase)
	}
	if o.Namespace == "" {
		report("no namespace: give --namespace")
	}
	host, text, err := net.SplitHostPort(o.Address)
	if host == "localhost" {
		host = loopback
	}
	if err != nil || net.ParseIP(host) == nil {
		report("address %q: write an IP address and a port, as 127.0.0.1:7233", o.Address)
	}
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		report("address %q: %q is not a port, 0 to 65535", o.Address, text)
	}
	if o.UIPort < 0 || o.UIPort > 65535 {
		report("ui port %d is not a port", o.UIPort)
	}
	return listen{host: host, port: int(port)}, errors.Join(problems...)
}
