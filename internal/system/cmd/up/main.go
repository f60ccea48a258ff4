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
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/eitje/connexie-worker/internal/localpg"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/system/demo"
	"github.com/eitje/connexie-worker/internal/system/stack"
)

// Ports that people get used to; others are taken where these are not free.
const (
	postgresPort = 54320
	temporalPort = 7233
	uiPort       = 8233
)

func main() {
	withDemo := flag.Bool("demo", false, "show the demonstration, then give everything back and end")
	flag.Parse()
	ctx, release := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	if err := run(ctx, release, os.Stdout, *withDemo); err != nil {
		fmt.Fprintln(os.Stderr, "\nup:", err)
		os.Exit(1)
	}
}

// run returns nil when it was asked to end, and an error when the stack did not
// come up or did not stay up.
func run(ctx context.Context, release func(), out io.Writer, withDemo bool) (err error) {
	layout, err := stack.FindLayout()
	if err != nil {
		return err
	}
	begin := time.Now()
	env := &environment{layout: layout, demo: withDemo, out: out, today: today()}
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
	if withDemo {
		return interrupted(ctx, env.demonstrate(ctx))
	}
	if err := env.mainJob(ctx); err != nil {
		return interrupted(ctx, err)
	}
	if err := env.showCommands(out); err != nil {
		return err
	}
	say(out, "\nThe stack is running. Ctrl-C ends it.\n")
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
	layout stack.Layout
	// demo tells that the stack is for the demonstration, which begins anew.
	demo  bool
	out   io.Writer
	today sandbox.Date

	postgres    *localpg.Cluster
	temporal    *stack.Temporal
	keys        string
	sandboxPort int
	metricsPort int
	receivers   demo.Receivers
	story       *demo.Story
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
				// The demonstration's workflows are about a database that goes.
				Database: e.temporalDatabase(), Scratch: e.demo,
			}
		}, &e.temporal),
	}, e.programs()...)
}

func (e *environment) temporalDatabase() string {
	if e.demo {
		return "temporal_demo"
	}
	return "temporal"
}

// mainJob activates the organisation and synchronises it, as the night will from
// then on.
func (e *environment) mainJob(ctx context.Context) error { return e.story.MainJob(ctx) }

// demonstrate tells the story.
func (e *environment) demonstrate(ctx context.Context) error {
	c, err := client.DialContext(ctx, client.Options{HostPort: e.temporal.Address, Namespace: e.temporal.Namespace})
	if err != nil {
		return err
	}
	defer c.Close()
	e.story.Temporal = c
	return e.story.Tell(ctx)
}

// showCommands tells how to use the starter on this stack from another terminal.
func (e *environment) showCommands(out io.Writer) error {
	path := filepath.Join(e.layout.Root, ".stack", "env")
	var text strings.Builder
	for _, variable := range e.variables() {
		name, value, _ := strings.Cut(variable, "=")
		fmt.Fprintf(&text, "export %s='%s'\n", name, value)
	}
	// Readable by its owner alone: it opens the stack's database and tokens.
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		return fmt.Errorf("write the stack's variables: %w", err)
	}
	say(out, "\nFrom another terminal:\n  source .stack/env\n  .stack/bin/starter status\n  .stack/bin/starter doctor\n")
	return nil
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
