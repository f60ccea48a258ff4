package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/eitje/connexie-worker/internal/app"
)

type cancelFlags struct {
	connection string
	timeout    time.Duration
}

func syncCancelCommand(t *terminal) *cobra.Command {
	var flags cancelFlags
	command := &cobra.Command{
		Use:   "cancel --connection ID",
		Short: "End the run that is under way",
		Long: `cancel asks the run of a connection to end, and waits until it has. It ends between two
batches: what was applied stays, with its audit lines, and the next synchronisation does
the rest. A held run is better ended with: starter sync decide --reject.`,
		Example: "  starter sync cancel --connection 0190a1b2-0000-7000-8000-000000000002",
		Args:    cobra.NoArgs,
		RunE:    t.does(func(ctx context.Context) error { return cancelSync(ctx, t, flags) }),
	}
	f := command.Flags()
	f.StringVar(&flags.connection, "connection", "", "id of the connection")
	f.DurationVar(&flags.timeout, "timeout", 2*time.Minute, "how long to wait for its end")
	t.require(command, "connection")
	return command
}

func cancelSync(ctx context.Context, t *terminal, flags cancelFlags) error {
	if err := checkTimeout(flags.timeout); err != nil {
		return err
	}
	return withOperator(ctx, needsEngine, func(ctx context.Context, operator *app.Operator) error {
		ticket, err := operator.CancelSync(ctx, flags.connection)
		if err != nil {
			return err
		}
		run, err := t.follow(ctx, operator, ticket, flags.timeout)
		if err != nil {
			return err
		}
		t.result(run, func() { t.showRun(run) })
		if run.Outcome == "cancelled" {
			return nil // that is what was asked for
		}
		return exitWith(syncCode(run.Outcome))
	})
}
