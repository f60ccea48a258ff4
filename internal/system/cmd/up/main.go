// Command up brings up the whole stack in this terminal: PostgreSQL, Temporal with
// its Web UI, and our own programs. Ctrl-C gives everything back; data stays in
// .stack. With --demo it shows the demonstration instead of waiting, and ends.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/eitje/connexie-worker/internal/localpg"
	"github.com/eitje/connexie-worker/internal/system/stack"
)

// Ports that people get used to; others are taken where these are not free.
const (
	postgresPort = 54320
	temporalPort = 7233
	uiPort       = 8233
)

func main() {
	demo := flag.Bool("demo", false, "show the demonstration, then give everything back and end")
	flag.Parse()
	ctx, release := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	if err := run(ctx, release, os.Stdout, *demo); err != nil {
		fmt.Fprintln(os.Stderr, "\nup:", err)
		os.Exit(1)
	}
}

// run returns nil when it was asked to end, and an error when the stack did not
// come up or did not stay up.
func run(ctx context.Context, release func(), out io.Writer, demo bool) (err error) {
	layout, err := stack.FindLayout()
	if err != nil {
		return err
	}
	begin := time.Now()
	env := &environment{layout: layout}
	parts := stack.New(out)
	defer func() {
		release() // a second Ctrl-C ends us at once
		say(out, "\nGiving everything back\n")
		err = errors.Join(err, parts.Down())
	}()
	say(out, "Starting the stack. Ctrl-C gives everything back; data stays in .stack.\n")
	if err := parts.Up(ctx, env.components()...); err != nil {
		return interrupted(ctx, err)
	}
	say(out, "\nReady after %.1f s.\n", time.Since(begin).Seconds())
	env.show(out)
	if demo {
		return interrupted(ctx, env.demonstrate(ctx, out))
	}
	say(out, "\nCtrl-C ends it.\n")
	return parts.Wait(ctx)
}

// interrupted turns failures that Ctrl-C has caused into a plain end.
func interrupted(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return nil
}

// environment is what the parts of the stack learn of each other.
type environment struct {
	layout   stack.Layout
	postgres *localpg.Cluster
	temporal *stack.Temporal
}

// components are all parts in the order of their start.
func (e *environment) components() []stack.Component {
	database := localpg.FromEnvironment()
	database.Dir, database.Durable, database.Port = e.layout.Postgres(), true, postgresPort
	return append([]stack.Component{
		stack.Postgres(database, &e.postgres),
		stack.TemporalComponent(func() stack.TemporalOptions {
			return stack.TemporalOptions{
				Layout: e.layout, Postgres: e.postgres, Port: temporalPort, UIPort: uiPort, CLI: true,
			}
		}, &e.temporal),
	}, e.programs()...)
}

// show tells where to look.
func (e *environment) show(out io.Writer) {
	if e.temporal.UI != "" {
		say(out, "\n  Temporal Web UI   %s/namespaces/%s/workflows\n", e.temporal.UI, e.temporal.Namespace)
	}
	say(out, "  Temporal          %s\n", e.temporal.Address)
	say(out, "  PostgreSQL        %s\n", e.postgres)
	say(out, "  Logs              %s\n", e.layout.Logs())
}

func say(out io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(out, format, args...) }
