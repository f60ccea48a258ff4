package config

import (
	"math"
	"net"
	"net/mail"
	"net/url"
	"strings"
	"time"
)

// The tags of a field are all that Load and Usage know of a variable: envconfig
// its name, desc its meaning, default, required, and example.

// Database is the PostgreSQL that holds the schemas eitje and connexie.
type Database struct {
	URL            Secret `envconfig:"DATABASE_URL" required:"true" desc:"PostgreSQL, as a URL. Its password is never shown." example:"postgres://worker:password@localhost:5432/connexie"`
	MaxConnections int    `envconfig:"DATABASE_MAX_CONNECTIONS" default:"20" desc:"Connections of this process's pool, at most."`
}

// reservedConnections are left to health checks and to short reads outside of
// activities, so that full slots never make the process look dead.
const reservedConnections = 2

func (d Database) problems() []Problem {
	problems := between("DATABASE_MAX_CONNECTIONS", d.MaxConnections, reservedConnections+2, 1000)
	if what := wrongDatabaseURL(d.URL.Reveal()); what != "" {
		problems = append(problems, Problem{Variable: "DATABASE_URL", What: what})
	}
	return problems
}

// wrongDatabaseURL drops the parser's error: it repeats the URL.
func wrongDatabaseURL(value string) string {
	parsed, err := url.Parse(value)
	switch {
	case err != nil:
		return "is not a URL: in user and password, write special characters as %40 (@), %2F (/), %3A (:)"
	case parsed.Scheme != "postgres" && parsed.Scheme != "postgresql":
		return "must start with postgres://"
	case strings.Trim(parsed.Path, "/") == "":
		return "names no database: end it with /name"
	}
	return ""
}

// Location is the host and database of the URL, without user, password and
// options: what a person may be shown.
func (d Database) Location() string {
	parsed, err := url.Parse(d.URL.Reveal())
	if err != nil {
		return ""
	}
	host := parsed.Host
	if host == "" {
		host = parsed.Query().Get("host") // the folder of a Unix socket
	}
	return host + parsed.Path
}

// Connexie is the payroll API. Tokens are per connection and live in the store.
type Connexie struct {
	BaseURL           string  `envconfig:"CONNEXIE_BASE_URL" required:"true" desc:"Connexie's API; ends in /v1." example:"https://api.connexie.example/v1"`
	RequestsPerSecond float64 `envconfig:"CONNEXIE_REQUESTS_PER_SECOND" default:"10" desc:"Requests per second that one token may make from this process; divide by the number of workers."`
}

func (c Connexie) problems() []Problem {
	var problems []Problem
	if what := wrongBaseURL(c.BaseURL); what != "" {
		problems = append(problems, Problem{Variable: "CONNEXIE_BASE_URL", What: what})
	}
	if rate := c.RequestsPerSecond; math.IsNaN(rate) || rate <= 0 || rate > 1000 {
		problems = append(problems, Problem{Variable: "CONNEXIE_REQUESTS_PER_SECOND", What: "must be more than 0 and at most 1000"})
	}
	return problems
}

func wrongBaseURL(value string) string {
	parsed, err := url.Parse(value)
	switch {
	case err != nil || parsed.Host == "" || (parsed.Scheme != "http" && parsed.Scheme != "https"):
		return "must be a URL that starts with http:// or https://"
	case parsed.User != nil:
		return "must hold no user or password: tokens are set per connection"
	case parsed.RawQuery != "" || parsed.ForceQuery || parsed.Fragment != "":
		return "must have nothing after the path"
	case !strings.HasSuffix(parsed.Path, "/v1"):
		return "must end in /v1"
	}
	return ""
}

// Keys is the key ring that encrypts tokens at rest (N3). What it holds is
// parsed by package secrets; pass its parser to Load as a [Check].
type Keys struct {
	EncryptionKeys Secret `envconfig:"ENCRYPTION_KEYS" required:"true" desc:"Keys that encrypt Connexie tokens in the database, newest first: keyid:base64-of-32-bytes,… Keep old keys until everything is sealed anew." example:"key1:$(openssl rand -base64 32)"`
}

// HTTP is the API and the console.
type HTTP struct {
	Addr string `envconfig:"HTTP_ADDR" default:"127.0.0.1:8088" desc:"Where API and console listen, host:port."`
}

func (h HTTP) problems() []Problem { return listenAddress("HTTP_ADDR", h.Addr) }

// Metrics is the port for health, readiness and metrics.
type Metrics struct {
	Addr string `envconfig:"METRICS_ADDR" default:"127.0.0.1:9464" desc:"Where /healthz, /readyz and /metrics listen, host:port; :9464 in a container."`
}

func (m Metrics) problems() []Problem { return listenAddress("METRICS_ADDR", m.Addr) }

// Log says how much is logged and for whom.
type Log struct {
	Level  string `envconfig:"LOG_LEVEL" default:"info" desc:"What is logged: debug, info, warn or error."`
	Format string `envconfig:"LOG_FORMAT" default:"json" desc:"json for machines, console for people."`
}

func (l Log) problems() []Problem {
	return append(
		oneOf("LOG_LEVEL", l.Level, "debug", "info", "warn", "error"),
		oneOf("LOG_FORMAT", l.Format, "json", "console")...,
	)
}

// Capacity is how much one worker does at once.
type Capacity struct {
	WorkflowSlots int           `envconfig:"WORKER_WORKFLOW_SLOTS" default:"100" desc:"Workflow tasks at once. They hold no database connection."`
	DatabaseSlots int           `envconfig:"WORKER_DATABASE_SLOTS" default:"8" desc:"Database activities at once, each with one connection."`
	ConnexieSlots int           `envconfig:"WORKER_CONNEXIE_SLOTS" default:"10" desc:"Activities at once that call Connexie; each saves through one connection."`
	StopTimeout   time.Duration `envconfig:"WORKER_STOP_TIMEOUT" default:"30s" desc:"How long activities may take to finish when the worker stops; less than the container's grace period."`
}

func (c Capacity) problems() []Problem {
	// Two is the least with which the SDK can serve sticky and normal tasks.
	problems := between("WORKER_WORKFLOW_SLOTS", c.WorkflowSlots, 2, 10_000)
	problems = append(problems, between("WORKER_DATABASE_SLOTS", c.DatabaseSlots, 1, 1000)...)
	problems = append(problems, between("WORKER_CONNEXIE_SLOTS", c.ConnexieSlots, 1, 1000)...)
	if c.StopTimeout < time.Second || c.StopTimeout > time.Hour {
		// Zero would cancel activities at once.
		problems = append(problems, Problem{Variable: "WORKER_STOP_TIMEOUT", What: "must be 1s to 1h"})
	}
	return problems
}

// SMTP is the server through which notifications are sent by e-mail (N1). Without one
// they wait.
type SMTP struct {
	Addr     string `envconfig:"SMTP_ADDR" desc:"Server that sends notifications by e-mail, host:port; without one they wait." example:"smtp.example.com:587"`
	From     string `envconfig:"SMTP_FROM" desc:"Address that they come from." example:"notifications@example.com"`
	Username string `envconfig:"SMTP_USERNAME" desc:"Who logs in to it; nobody does where blank."`
	Password Secret `envconfig:"SMTP_PASSWORD" desc:"The password. Never shown."`
	TLS      string `envconfig:"SMTP_TLS" default:"starttls" desc:"starttls, tls (from the first byte, mostly port 465) or none, for a server on this machine."`
}

func (s SMTP) problems() []Problem {
	problems := oneOf("SMTP_TLS", s.TLS, "starttls", "tls", "none")
	if s.Addr != "" {
		problems = append(problems, listenAddress("SMTP_ADDR", s.Addr)...)
	}
	if s.From != "" && !isAddress(s.From) {
		problems = append(problems, Problem{Variable: "SMTP_FROM", What: "must be one bare e-mail address"})
	}
	switch {
	case s.Addr != "" && s.From == "":
		problems = append(problems, Problem{Variable: "SMTP_FROM", What: "is required where SMTP_ADDR is set"})
	case s.Addr == "" && (s.From != "" || s.Username != ""):
		problems = append(problems, Problem{Variable: "SMTP_ADDR", What: "is required where SMTP_FROM or SMTP_USERNAME is set"})
	}
	if (s.Username == "") != (s.Password.Reveal() == "") {
		problems = append(problems, Problem{Variable: "SMTP_PASSWORD", What: "and SMTP_USERNAME belong together: set both or neither"})
	}
	if s.TLS == "none" && s.Password.Reveal() != "" && !isLocal(s.Addr) {
		problems = append(problems, Problem{Variable: "SMTP_TLS", What: "must not be none where a password goes to another machine", Example: "starttls"})
	}
	return problems
}

// isLocal reports whether an address is on this very machine.
func isLocal(addr string) bool {
	host, _, _ := net.SplitHostPort(addr)
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

func isAddress(text string) bool {
	parsed, err := mail.ParseAddress(text)
	return err == nil && parsed.Address == text
}

// UI is where people look at what the engine does.
type UI struct {
	TemporalURL string `envconfig:"TEMPORAL_UI_URL" desc:"Temporal's Web UI; where set, commands print links to workflows." example:"http://localhost:8233"`
}

func (u UI) problems() []Problem {
	if u.TemporalURL == "" {
		return nil
	}
	parsed, err := url.Parse(u.TemporalURL)
	if err != nil || parsed.Host == "" || (parsed.Scheme != "http" && parsed.Scheme != "https") || parsed.User != nil {
		return []Problem{{Variable: "TEMPORAL_UI_URL", What: "must be a URL that starts with http:// or https:// and holds no user"}}
	}
	return nil
}
