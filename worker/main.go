// Command worker runs the workflows and activities of the synchronisation between
// Connexie and Eitje until it is asked to stop. It is configured by the
// environment; -h prints every variable.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/eitje/connexie-worker/internal/app"
	"github.com/eitje/connexie-worker/internal/config"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// run returns the exit code: 0 stopped as asked, 1 failed, 2 bad usage or
// configuration.
func run(ctx context.Context, args []string) int {
	flags := flag.NewFlagSet("worker", flag.ContinueOnError)
	flags.Usage = func() { usage(flags) }
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil || flags.NArg() > 0:
		fmt.Fprintln(os.Stderr, "the worker takes no arguments; it is configured by the environment: worker -h")
		return 2
	}
	cfg, err := config.LoadWorker(app.KeyRingCheck())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	if err := app.RunWorkerProcess(ctx, cfg); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func usage(flags *flag.FlagSet) {
	fmt.Fprint(flags.Output(), "worker runs the workflows and activities between Connexie and Eitje.\n\n")
	if err := config.Usage(flags.Output(), config.Worker{}); err != nil {
		fmt.Fprintln(flags.Output(), err)
	}
}
