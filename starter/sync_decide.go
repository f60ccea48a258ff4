package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/eitje/connexie-worker/internal/app"
)

type decideFlags struct {
	connection, by      string
	allow, reject, wait bool
	timeout             time.Duration
}

func syncDecideCommand(t *terminal) *cobra.Command {
	var flags decideFlags
	command := &cobra.Command{
		Use:   "decide --connection ID --allow|--reject",
		Short: "Allow or reject a run that the guard holds",
		Long: `decide says the word that a held run waits for. A run is held where it would create,
reactivate or end more than the guard lets pass; look at it first with: starter sync items.
What is allowed is planned anew and applied where it does not exceed what was allowed.`,
		Example: `  starter sync decide --connection 0190a1b2-0000-7000-8000-000000000002 --allow --wait
  starter sync decide --connection 0190a1b2-0000-7000-8000-000000000002 --reject --by user_42`,
		Args: cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error { return decide(ctx, t, flags) }),
	}
	f := command.Flags()
	f.StringVar(&flags.connection, "connection", "", "id of the connection")
	f.BoolVar(&flags.allow, "allow", false, "let the run go on")
	f.BoolVar(&flags.reject, "reject", false, "end the run; nothing is changed")
	f.BoolVar(&flags.wait, "wait", false, "wait for the run to end")
	f.DurationVar(&flags.timeout, "timeout", time.Hour, "how long to wait")
	f.StringVar(&flags.by, "by", app.DefaultRequester, "id of who decides, a person or program; never a name")
	t.require(command, "connection")
	return command
}

func decide(ctx context.Context, t *terminal, flags decideFlags) error {
	if flags.allow == flags.reject {
		return usage("starter sync decide needs either --allow or --reject; look at the run first: starter sync items -h")
	}
	if err := checkTimeout(flags.timeout); err != nil {
		return err
	}
	return withOperator(ctx, needsEngine, func(ctx context.Context, operator *app.Operator) error {
		decided, err := operator.DecideGuard(ctx, app.GuardDecision{
			ConnectionID: flags.connection, Allow: flags.allow, By: flags.by,
		})
		if err != nil {
			return err
		}
		if !flags.wait {
			t.result(decided, func() { t.showDecided(decided) })
			return nil
		}
		ticket, err := operator.DecidedTicket(ctx, decided)
		if err != nil {
			return err
		}
		run, err := t.follow(ctx, operator, ticket, flags.timeout)
		if err != nil {
			return err
		}
		t.result(run, func() { t.showRun(run) })
		if flags.reject && run.Outcome == "rejected" {
			return nil // that is what was asked for
		}
		return exitWith(syncCode(run.Outcome))
	})
}

func (t *terminal) showDecided(decided app.GuardDecided) {
	t.say("%s %s: %sed", t.bold("Run"), decided.RunID, decided.Decision)
	if decided.Link != "" {
		t.say("Temporal UI: %s", decided.Link)
	}
	t.say("Next: starter status --connection %s", decided.ConnectionID)
}
