// Command temporal-dev runs a Temporal server with its Web UI on PostgreSQL. It
// prints one line of JSON when it is ready, logs to standard error, and ends in
// order on SIGTERM or SIGINT.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/eitje/connexie-worker/internal/system/temporaldev"
)

func main() {
	err := run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "temporal-dev:", err)
		os.Exit(1)
	}
}

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	options, stopWithStdin, err := parse(args, stderr)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if stopWithStdin {
		ctx = untilClosed(ctx, stdin)
	}
	server, err := temporaldev.Start(ctx, options)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(stdout).Encode(server); err != nil {
		server.Stop()
		return fmt.Errorf("announce that the server is ready: %w", err)
	}
	<-ctx.Done()
	stop() // a second signal ends the process at once
	server.Stop()
	return nil
}

func parse(args []string, stderr io.Writer) (o temporaldev.Options, stopWithStdin bool, err error) {
	flags := flag.NewFlagSet("temporal-dev", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.DatabaseURL, "database-url", os.Getenv("DATABASE_URL"),
		"PostgreSQL `URL`; other users can read arguments, so prefer the environment's DATABASE_URL")
	flags.StringVar(&o.Database, "database", "temporal", "`name` of the main database, created where missing")
	flags.StringVar(&o.VisibilityDatabase, "visibility-database", "temporal_visibility",
		"`name` of the visibility database, created where missing")
	flags.StringVar(&o.Address, "address", "127.0.0.1:7233", "`host:port` for clients; port 0 takes a free one")
	flags.IntVar(&o.UIPort, "ui-port", 8233, "`port` of the Web UI; 0 takes a free one")
	flags.BoolVar(&o.Headless, "headless", false, "without the Web UI")
	flags.StringVar(&o.CodecEndpoint, "ui-codec-endpoint", "", "`URL` of the codec server the Web UI decodes with")
	flags.StringVar(&o.Namespace, "namespace", "default", "`name` of the namespace, created where missing")
	flags.StringVar(&o.LogLevel, "log-level", "warn", "debug, info, warn or error")
	flags.BoolVar(&stopWithStdin, "stop-with-stdin", false,
		"end when standard input closes, so that a starter that is killed leaves no server behind")
	if err := flags.Parse(args); err != nil {
		return o, false, flag.ErrHelp // the set has said what is wrong
	}
	if flags.NArg() > 0 {
		return o, false, fmt.Errorf("unexpected argument %q; see --help", flags.Arg(0))
	}
	return o, stopWithStdin, nil
}

// untilClosed returns a context that also ends when the input does.
func untilClosed(ctx context.Context, input io.Reader) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		defer cancel()
		_, _ = io.Copy(io.Discard, input) // an error ends it as well
	}()
	return ctx
}
