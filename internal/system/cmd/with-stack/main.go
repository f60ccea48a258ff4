// Command with-stack runs a command with a PostgreSQL, and with --temporal also a
// Temporal server, made for it and thrown away afterwards. Tests find them in
// TEST_DATABASE_URL and TEST_TEMPORAL_ADDRESS. It exits as the command does.
//
//	with-stack [--temporal] [--durable] -- go test ./...
//
// With --durable PostgreSQL writes to disk what was committed, as in production; for
// tests it does not.
//
// What the environment gives already is used instead: DATABASE_URL,
// TEMPORAL_ADDRESS, or the two TEST_ variables of an outer with-stack.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"github.com/eitje/connexie-worker/internal/localpg"
	"github.com/eitje/connexie-worker/internal/system/stack"
)

// grace is how long the command may take to end when we are asked to.
const grace = 30 * time.Second

func main() { os.Exit(status(os.Args[1:])) }

// status is what the command exited with, or our own: 1 failed, 2 bad usage.
func status(args []string) int {
	flags := flag.NewFlagSet("with-stack", flag.ContinueOnError)
	temporal := flags.Bool("temporal", false, "also start a Temporal server")
	durable := flags.Bool("durable", false, "have PostgreSQL write to disk what was committed")
	if flags.Parse(args) != nil {
		return 2 // the set has said what is wrong
	}
	if flags.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "with-stack: no command given; usage: with-stack [--temporal] [--durable] -- command arguments")
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	err := run(ctx, &environment{withTemporal: *temporal, durable: *durable}, flags.Args())
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && exit.ExitCode() > 0:
		return exit.ExitCode() // the command has said what is wrong
	case err != nil:
		fmt.Fprintln(os.Stderr, "with-stack:", err)
		return 1
	}
	return 0
}

func run(ctx context.Context, env *environment, command []string) (err error) {
	layout, err := stack.FindLayout()
	if err != nil {
		return err
	}
	parts := stack.New(os.Stderr)
	defer func() { err = errors.Join(err, parts.Down()) }()
	if err := parts.Up(ctx, env.components(layout)...); err != nil {
		return err
	}
	return runCommand(ctx, command, env.variables())
}

// runCommand shares our terminal and process group: Ctrl-C reaches the command
// directly, other endings are passed on.
func runCommand(ctx context.Context, command, env []string) error {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), env...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = grace
	return cmd.Run()
}

// environment collects what the command is given.
type environment struct {
	withTemporal, durable bool

	postgres *localpg.Cluster
	temporal *stack.Temporal
}

func (e *environment) components(layout stack.Layout) []stack.Component {
	database := localpg.FromEnvironment()
	if outer := os.Getenv("TEST_DATABASE_URL"); outer != "" {
		database.URL = outer
	}
	if e.durable {
		database.Dir, database.Durable = layout.Durable(), true
	}
	components := []stack.Component{stack.Postgres(database, &e.postgres)}
	if e.withTemporal && os.Getenv("TEST_TEMPORAL_ADDRESS") == "" {
		components = append(components, stack.TemporalComponent(func() stack.TemporalOptions {
			return stack.TemporalOptions{
				Layout: layout, Postgres: e.postgres, Headless: true,
				// A name of its own: the cluster may be shared with another run.
				Database: fmt.Sprintf("temporal_%d", os.Getpid()),
				LogName:  "temporal-test", Scratch: true,
			}
		}, &e.temporal))
	}
	return components
}

func (e *environment) variables() []string {
	variables := []string{"TEST_DATABASE_URL=" + e.postgres.URL("")}
	if e.temporal != nil {
		variables = append(variables, "TEST_TEMPORAL_ADDRESS="+e.temporal.Address)
	}
	return variables
}
