package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/eitje/connexie-worker/internal/localpg"
)

// temporalTimeout bounds the start of a server that is built already.
const temporalTimeout = 90 * time.Second

// TemporalOptions say which Temporal server is wanted.
type TemporalOptions struct {
	Layout Layout
	// Postgres keeps the server's data.
	Postgres *localpg.Cluster
	// Database is the main database's name; visibility's is derived from it.
	// Empty: temporal.
	Database string
	// Port and UIPort are preferred where they are free; 0 takes any.
	Port, UIPort int
	// Headless leaves the Web UI out.
	Headless bool
	// CodecEndpoint is the codec server that the Web UI decodes payloads with.
	CodecEndpoint string
	Namespace     string
	// CLI allows the temporal command, where it is installed and our server is
	// not built yet: it saves the build, but forgets everything when it stops.
	CLI bool
	// LogName is the log's; empty: temporal.
	LogName string
	// Scratch drops the databases when the server is stopped.
	Scratch bool
}

// Temporal is a server that answers.
type Temporal struct {
	Address   string `json:"address"`
	UI        string `json:"ui"`
	Namespace string `json:"namespace"`
	// Child is its process; nil for a server that was given.
	Child *Child `json:"-"`
	how   string
	drop  func(context.Context) error
}

// String tells where the server is.
func (t *Temporal) String() string {
	if t.UI == "" {
		return t.Address + ", " + t.how
	}
	return fmt.Sprintf("%s, Web UI %s, %s", t.Address, t.UI, t.how)
}

// running is the server as a part of the stack.
func (t *Temporal) running() Running {
	if t.Child == nil {
		return Running{Summary: t.String()}
	}
	running := t.Child.running(t.String())
	running.Stop = t.Stop
	return running
}

// Stop ends a server that we have started, and drops its databases where they
// were scratch.
func (t *Temporal) Stop(ctx context.Context) error {
	if t.Child == nil {
		return nil
	}
	err := t.Child.Stop(ctx)
	if t.drop != nil {
		err = errors.Join(err, t.drop(ctx))
	}
	return err
}

// TemporalComponent provides a Temporal server: the one of TEMPORAL_ADDRESS
// where that is set, else one of our own. Opts is asked when the parts before
// are up; into receives the server.
func TemporalComponent(opts func() TemporalOptions, into **Temporal) Component {
	return Component{Name: "Temporal", Start: func(ctx context.Context, say Say) (Running, error) {
		start := func() (*Temporal, error) { return StartTemporal(ctx, opts(), say) }
		if os.Getenv("TEMPORAL_ADDRESS") != "" {
			start = func() (*Temporal, error) { return givenTemporal(ctx) }
		}
		server, err := start()
		if err != nil {
			return Running{}, err
		}
		*into = server
		return server.running(), nil
	}}
}

// StartTemporal runs a server of our own and returns when it answers. When it
// fails, nothing is left running.
func StartTemporal(ctx context.Context, o TemporalOptions, say Say) (*Temporal, error) {
	if o.Namespace == "" {
		o.Namespace = client.DefaultNamespace
	}
	if cli, found := o.commandLine(); found {
		say("using the temporal command of this machine instead of building the server; it keeps its data in memory")
		return startCLI(ctx, cli, o, say)
	}
	program, err := o.Layout.TemporalServer(ctx, say)
	if err != nil {
		return nil, err
	}
	process, err := o.process(ctx, program, say)
	if err != nil {
		return nil, err
	}
	child, err := Launch(process)
	if err != nil {
		return nil, err
	}
	server := &Temporal{Child: child, how: "embedded server"}
	if o.Scratch {
		server.drop = o.dropDatabases
	}
	if err := server.awaitAnnouncement(ctx); err != nil {
		return nil, errors.Join(err, abandon(server.Stop))
	}
	return server, nil
}

// awaitAnnouncement reads the line that the program prints when it is ready.
func (t *Temporal) awaitAnnouncement(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, temporalTimeout)
	defer cancel()
	line, err := t.Child.FirstLine(ctx)
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(line), t); err != nil {
		return fmt.Errorf("the Temporal server announced itself as %q: %w", line, err)
	}
	return nil
}

// process is the embedded server's. The database's URL goes by environment:
// arguments can be read by every user.
func (o TemporalOptions) process(ctx context.Context, program string, say Say) (Process, error) {
	port, uiPort, err := o.ports(ctx, say)
	if err != nil {
		return Process{}, err
	}
	main, visibility := o.databases()
	args := []string{
		"--stop-with-stdin", "--namespace", o.Namespace,
		"--address", net.JoinHostPort(loopback, strconv.Itoa(port)), "--ui-port", strconv.Itoa(uiPort),
		"--database", main, "--visibility-database", visibility,
		"--ui-codec-endpoint", o.CodecEndpoint,
	}
	if o.Headless {
		args = append(args, "--headless")
	}
	return Process{
		Path: program, Args: args, Env: []string{"DATABASE_URL=" + o.Postgres.URL("")},
		Dir: o.Layout.Root, LogFile: o.logFile(),
	}, nil
}

func (o TemporalOptions) databases() (main, visibility string) {
	main = orDefault(o.Database, "temporal")
	return main, main + "_visibility"
}

func (o TemporalOptions) dropDatabases(ctx context.Context) error {
	main, visibility := o.databases()
	return errors.Join(o.Postgres.DropDatabase(ctx, main), o.Postgres.DropDatabase(ctx, visibility))
}

func (o TemporalOptions) ports(ctx context.Context, say Say) (port, uiPort int, err error) {
	port, portErr := Port(ctx, o.Port, "Temporal", say)
	uiPort, uiErr := Port(ctx, o.UIPort, "the Temporal Web UI", say)
	return port, uiPort, errors.Join(portErr, uiErr)
}

func (o TemporalOptions) logFile() string { return o.Layout.Log(orDefault(o.LogName, "temporal")) }

// abandon gives back what a failed start has begun, whatever became of its
// context.
func abandon(stop func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	return stop(ctx)
}

func orDefault(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}
