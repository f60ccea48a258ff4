package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/eitje/connexie-worker/internal/app"
)

type nightsFlags struct {
	limit, next, clockChanges int
	night, from               string
}

func nightsCommand(t *terminal) *cobra.Command {
	var flags nightsFlags
	command := &cobra.Command{
		Use:   "nights",
		Short: "Did everyone synchronise last night? And when are the next nights?",
		Long: `nights lists the latest nights with how many connections ended how. With --night it shows
every connection of a night. With --next it shows when the next nights are planned, as
Temporal computes it from the schedule; --clock-changes shows those around both clock
changes of a year: there is exactly one a day.

Reads DATABASE_URL, or for planned nights TEMPORAL_*.`,
		Example: `  starter nights --limit 7
  starter nights --night 2026-11-22
  starter nights --next 5
  starter nights --next 4 --from 2027-03-26
  starter nights --clock-changes 2027
  starter nights run --wait`,
		Args: cobra.NoArgs,
	}
	command.RunE = t.does(func(ctx context.Context) error {
		changed := command.Flags().Changed
		switch {
		case changed("clock-changes"):
			return plannedNights(ctx, t, func(ctx context.Context, operator *app.Operator) (app.NextNights, error) {
				return operator.ClockChanges(ctx, flags.clockChanges)
			})
		case changed("next"):
			return plannedNights(ctx, t, func(ctx context.Context, operator *app.Operator) (app.NextNights, error) {
				return operator.NextNights(ctx, flags.from, flags.next)
			})
		case changed("from"):
			return usage("--from belongs to --next, such as: starter nights --next 5 --from 2027-03-26")
		case changed("night"):
			return oneNight(ctx, t, flags.night)
		}
		return latestNights(ctx, t, flags.limit)
	})
	f := command.Flags()
	f.IntVar(&flags.limit, "limit", 7, "how many nights to list")
	f.StringVar(&flags.night, "night", "", "show every connection of the night of this date, such as 2026-11-22")
	f.IntVar(&flags.next, "next", 5, "show the next planned nights, so many")
	f.StringVar(&flags.from, "from", "", "with --next: from this day on")
	f.IntVar(&flags.clockChanges, "clock-changes", 0, "show the planned nights around both clock changes of this year")
	command.MarkFlagsMutuallyExclusive("limit", "night", "next", "clock-changes")
	command.AddCommand(nightsRunCommand(t), nightsPauseCommand(t), nightsResumeCommand(t))
	return command
}

func latestNights(ctx context.Context, t *terminal, limit int) error {
	if err := checkLimit(limit, 1000); err != nil {
		return err
	}
	return withOperator(ctx, needsDatabase, func(ctx context.Context, operator *app.Operator) error {
		nights, err := operator.Nights(ctx, limit)
		if err != nil {
			return err
		}
		t.result(map[string]any{"nights": nights}, func() {
			if len(nights) == 0 {
				t.say("There has been no night yet. When the next is planned: starter nights --next 3")
			}
			t.showNights(nights)
		})
		return nil
	})
}

func oneNight(ctx context.Context, t *terminal, date string) error {
	return withOperator(ctx, needsDatabase, func(ctx context.Context, operator *app.Operator) error {
		nights, err := operator.NightsOn(ctx, date)
		if err != nil {
			return err
		}
		t.result(map[string]any{"nights": nights}, func() {
			for _, night := range nights {
				t.showNight(night)
			}
		})
		return nil
	})
}

func plannedNights(
	ctx context.Context, t *terminal, ask func(context.Context, *app.Operator) (app.NextNights, error),
) error {
	return withOperator(ctx, needsTemporal, func(ctx context.Context, operator *app.Operator) error {
		planned, err := ask(ctx, operator)
		if err != nil {
			return err
		}
		t.result(planned, func() { t.showPlanned(planned) })
		return nil
	})
}

type nightRunFlags struct {
	connections []string
	wait        bool
	timeout     time.Duration
}

func nightsRunCommand(t *terminal) *cobra.Command {
	var flags nightRunFlags
	command := &cobra.Command{
		Use:   "run",
		Short: "Start a night now, by hand",
		Long: `run starts a night now over all connections that are due, or over those given. What is
under way is joined. The schedule is left as it is.`,
		Example: `  starter nights run --wait
  starter nights run --connection 0190a1b2-0000-7000-8000-000000000002 --connection 0190a1b2-0000-7000-8000-000000000005`,
		Args: cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error { return runNight(ctx, t, flags) }),
	}
	f := command.Flags()
	f.StringArrayVar(&flags.connections, "connection", nil, "id of a connection; may be repeated (default: all that are due)")
	f.BoolVar(&flags.wait, "wait", false, "wait for the night to end and show every connection")
	f.DurationVar(&flags.timeout, "timeout", 6*time.Hour, "how long to wait")
	return command
}

func runNight(ctx context.Context, t *terminal, flags nightRunFlags) error {
	if err := checkTimeout(flags.timeout); err != nil {
		return err
	}
	return withOperator(ctx, needsEngine, func(ctx context.Context, operator *app.Operator) error {
		started, err := operator.RunNight(ctx, flags.connections...)
		if err != nil {
			return err
		}
		if !flags.wait {
			t.result(started, func() { t.showStartedNight(started) })
			return nil
		}
		night, err := t.followNight(ctx, operator, started, flags.timeout)
		if err != nil {
			return err
		}
		t.result(night, func() { t.showNight(night) })
		return exitWith(nightCode(night))
	})
}

func nightCode(night app.Night) int {
	switch night.Outcome {
	case "ok":
		return exitDone
	case "problems":
		return exitProblems
	}
	return exitFailed
}
