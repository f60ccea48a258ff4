package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/eitje/connexie-worker/internal/app"
)

// pausing is a command that says whether the schedule starts nights.
type pausing struct {
	name, short, long string
	set               func(ctx context.Context, operator *app.Operator, by string) (app.NextNights, error)
}

func nightsPauseCommand(t *terminal) *cobra.Command {
	return t.pausing(pausing{
		name: "pause", short: "Let no night begin until they are resumed",
		long: `pause keeps the schedule from starting nights. A night that is under way goes on, and runs
by hand are still possible. A deployment leaves the pause alone.`,
		set: func(ctx context.Context, operator *app.Operator, by string) (app.NextNights, error) {
			return operator.PauseNights(ctx, by)
		},
	})
}

func nightsResumeCommand(t *terminal) *cobra.Command {
	return t.pausing(pausing{
		name: "resume", short: "Let nights begin again",
		long: `resume ends the pause of the schedule. Nights that were missed do not come after: a night
brings today's state. To have one at once: starter nights run.`,
		set: func(ctx context.Context, operator *app.Operator, by string) (app.NextNights, error) {
			return operator.ResumeNights(ctx, by)
		},
	})
}

func (t *terminal) pausing(p pausing) *cobra.Command {
	var by string
	command := &cobra.Command{
		Use: p.name, Short: p.short, Long: p.long + "\n\nReads TEMPORAL_* and TEMPORAL_UI_URL.",
		Example: "  starter nights " + p.name + "\n  starter nights " + p.name + " --by user_42",
		Args:    cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error {
			return plannedNights(ctx, t, func(ctx context.Context, operator *app.Operator) (app.NextNights, error) {
				return p.set(ctx, operator, by)
			})
		}),
	}
	command.Flags().StringVar(&by, "by", app.DefaultRequester, "id of who asks, a person or program; never a name")
	return command
}
