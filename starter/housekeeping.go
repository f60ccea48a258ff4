package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/eitje/connexie-worker/internal/app"
)

func housekeepingCommand(t *terminal) *cobra.Command {
	command := &cobra.Command{
		Use:   "housekeeping",
		Short: "What is removed every day because nothing needs it any more",
		Long: `housekeeping removes, every morning at four, what its term has run out for: people who are long
gone from Connexie, what old runs did to each person, previews of exports, what stood in a
field before it was changed, closed notifications. The terms are variables of the worker:
worker -h prints RETENTION_*. It also discards the drafts that terminated exports left in Connexie.`,
		Example: "  starter housekeeping show\n  starter housekeeping run --wait",
	}
	command.AddCommand(housekeepingRunCommand(t), housekeepingShowCommand(t))
	t.group(command, "subcommand")
	return command
}

func housekeepingShowCommand(t *terminal) *cobra.Command {
	var limit int
	command := &cobra.Command{
		Use:   "show",
		Short: "Show the latest housekeepings with what each removed",
		Long: `show lists the latest housekeepings, the last one first.

Reads DATABASE_URL.`,
		Example: "  starter housekeeping show --limit 3",
		Args:    cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error {
			if err := checkLimit(limit, 1000); err != nil {
				return err
			}
			return withOperator(ctx, needsDatabase, func(ctx context.Context, operator *app.Operator) error {
				found, err := operator.Housekeepings(ctx, limit)
				if err != nil {
					return err
				}
				t.result(map[string]any{"housekeepings": found}, func() { t.showHousekeepings(found) })
				return nil
			})
		}),
	}
	command.Flags().IntVar(&limit, "limit", 7, "how many to list")
	return command
}

func (t *terminal) showHousekeepings(found []app.Housekeeping) {
	t.sayIfNone(len(found), "There has been none yet. Start one: starter housekeeping run --wait")
	var rows []row
	for _, one := range found {
		took := "-"
		if !one.ClosedAt.IsZero() {
			took = elapsed(one.ClosedAt.Sub(one.StartedAt))
		}
		rows = append(rows, row{when(one.StartedAt), t.outcome(string(one.Outcome), "under way"), orDash(countsLine(one.Counts)), took})
	}
	t.table("", row{"started", "outcome", "what went", "took"}, rows...)
}

func housekeepingRunCommand(t *terminal) *cobra.Command {
	var (
		wait    bool
		timeout time.Duration
	)
	command := &cobra.Command{
		Use:   "run",
		Short: "Start a housekeeping now, by hand",
		Long: `run starts a housekeeping now. The schedule is left as it is; running again removes nothing more.

Reads TEMPORAL_* and TEMPORAL_UI_URL.`,
		Example: "  starter housekeeping run\n  starter housekeeping run --wait",
		Args:    cobra.NoArgs,
		RunE:    t.does(func(ctx context.Context) error { return runHousekeeping(ctx, t, wait, timeout) }),
	}
	f := command.Flags()
	f.BoolVar(&wait, "wait", false, "wait for its end and show what it removed")
	f.DurationVar(&timeout, "timeout", time.Hour, "how long to wait")
	return command
}

func runHousekeeping(ctx context.Context, t *terminal, wait bool, timeout time.Duration) error {
	if err := checkTimeout(timeout); err != nil {
		return err
	}
	return withOperator(ctx, needsTemporal, func(ctx context.Context, operator *app.Operator) error {
		started, err := operator.RunHousekeeping(ctx)
		if err != nil {
			return err
		}
		if wait {
			if started, err = t.awaitHousekeeping(ctx, operator, started, timeout); err != nil {
				return err
			}
		}
		t.result(started, func() { t.showStartedHousekeeping(started) })
		if started.Result != nil && started.Result.Outcome == "problems" {
			return exitWith(exitProblems)
		}
		return nil
	})
}

func (t *terminal) awaitHousekeeping(
	ctx context.Context, operator *app.Operator, started app.StartedHousekeeping, patience time.Duration,
) (app.StartedHousekeeping, error) {
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ended, err := operator.AwaitHousekeeping(waiting, started)
	if err != nil && ctx.Err() == nil && waiting.Err() != nil {
		return ended, overtime(patience, "starter housekeeping show")
	}
	return ended, interrupted(ctx, err, "starter housekeeping show")
}

func (t *terminal) showStartedHousekeeping(started app.StartedHousekeeping) {
	if started.Result == nil {
		t.say("%s started: %s", t.bold("Housekeeping"), started.WorkflowID)
	} else {
		what := t.outcome(string(started.Result.Outcome), "")
		if counts := countsLine(started.Result.Counts); counts != "" {
			what += ", " + counts
		}
		t.say("%s ended: %s", t.bold("Housekeeping"), what)
	}
	if started.Link != "" {
		t.say("Temporal UI: %s", started.Link)
	}
	t.say("Next: starter housekeeping show")
}
