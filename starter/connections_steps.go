package main

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/eitje/connexie-worker/internal/app"
)

func connectionsPauseCommand(t *terminal) *cobra.Command {
	var connection, by string
	command := &cobra.Command{
		Use:   "pause --connection ID",
		Short: "Leave a connection out of everything until it is resumed",
		Long: `pause leaves a connection out of the night, and refuses what is asked for it by hand: a
synchronisation, an export. A preview of a synchronisation is still possible: it changes
nothing. A sync or an export that is under way goes on to its end; a run that the guard
holds is rejected. Links, exported markers and history stay. Pausing again changes nothing.

Reads DATABASE_URL and TEMPORAL_*.`,
		Example: "  starter connections pause --connection 0190a1b2-0000-7000-8000-000000000002 --by user_42",
		Args:    cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error {
			return withOperator(ctx, needsEngine, func(ctx context.Context, operator *app.Operator) error {
				paused, err := operator.PauseConnection(ctx, connection, by)
				if err != nil {
					return err
				}
				t.result(paused, func() { t.showPaused(paused) })
				return nil
			})
		}),
	}
	t.stepFlags(command, &connection, &by)
	return command
}

// stepFlags are what every step in a connection's life is told.
func (t *terminal) stepFlags(command *cobra.Command, connection, by *string) {
	command.Flags().StringVar(connection, "connection", "", "id of the connection; see: starter connections list")
	command.Flags().StringVar(by, "by", app.DefaultRequester, "id of who asks, a person or program; never a name")
	t.require(command, "connection")
}

func (t *terminal) showPaused(paused app.Paused) {
	if paused.Was == paused.State {
		t.say("%s %s: paused already", t.bold("Connection"), paused.ConnectionID)
	} else {
		t.say("%s %s: paused, was %s", t.bold("Connection"), paused.ConnectionID, words(paused.Was))
	}
	if paused.RejectedRunID != "" {
		t.say("The run that the guard held is rejected: %s", paused.RejectedRunID)
	}
	if len(paused.UnderWay) > 0 {
		t.say("Goes on to its end: %s", strings.Join(paused.UnderWay, ", "))
	}
	t.say("Next: %s", paused.NextStep)
}

func connectionsResumeCommand(t *terminal) *cobra.Command {
	var (
		connection, by string
		timeout        time.Duration
	)
	command := &cobra.Command{
		Use:   "resume --connection ID",
		Short: "Take a paused connection back in, and synchronise at once",
		Long: `resume takes a paused connection back in. Its token is asked about first; where Connexie
refuses it the connection needs a new one. Then a synchronisation starts at once, or joins
the one that is under way. What a preview has read is not read again. Resuming again asks
and synchronises once more.

Reads DATABASE_URL, TEMPORAL_* and TEMPORAL_UI_URL.`,
		Example: "  starter connections resume --connection 0190a1b2-0000-7000-8000-000000000002 --by user_42",
		Args:    cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error {
			if err := checkTimeout(timeout); err != nil {
				return err
			}
			return withOperator(ctx, needsEngine, func(ctx context.Context, operator *app.Operator) error {
				started, err := operator.ResumeConnection(ctx, connection, by)
				if err != nil {
					return err
				}
				return t.endActivation(ctx, operator, started, timeout)
			})
		}),
	}
	t.stepFlags(command, &connection, &by)
	command.Flags().DurationVar(&timeout, "timeout", 3*time.Minute, "how long to wait for the outcome")
	return command
}

type removeFlags struct {
	connection, by string
	yes            bool
	timeout        time.Duration
}

func connectionsRemoveCommand(t *terminal) *cobra.Command {
	var flags removeFlags
	command := &cobra.Command{
		Use:   "remove --connection ID --yes",
		Short: "Take a connection out of everything and delete its token",
		Long: `remove ends what is under way for a connection, endings of employments too, withdraws
drafts of hours from Connexie, deletes the token and closes open notifications. The
connection is left out of everything from then on. Links, exported markers and history
stay: activating it again with a token of the same Connexie account revives it with them;
a token of another account is refused.

Without --yes nothing is done, and what would happen is told. Removing again changes nothing.

Reads DATABASE_URL, TEMPORAL_* and TEMPORAL_UI_URL.`,
		Example: `  starter connections remove --connection 0190a1b2-0000-7000-8000-000000000002
  starter connections remove --connection 0190a1b2-0000-7000-8000-000000000002 --yes --by user_42`,
		Args: cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error { return removeConnection(ctx, t, flags) }),
	}
	t.stepFlags(command, &flags.connection, &flags.by)
	command.Flags().BoolVar(&flags.yes, "yes", false, "do it; without it what would happen is told")
	command.Flags().DurationVar(&flags.timeout, "timeout", 3*time.Minute, "how long to wait for the end")
	return command
}

func removeConnection(ctx context.Context, t *terminal, flags removeFlags) error {
	if err := checkTimeout(flags.timeout); err != nil {
		return err
	}
	if !flags.yes {
		return withOperator(ctx, needsDatabase, func(ctx context.Context, operator *app.Operator) error {
			return operator.ConfirmRemoval(ctx, flags.connection)
		})
	}
	return withOperator(ctx, needsEngine, func(ctx context.Context, operator *app.Operator) error {
		started, err := operator.RemoveConnection(ctx, flags.connection, flags.by)
		if err != nil {
			return err
		}
		ended, err := t.followRemoval(ctx, operator, started, flags.timeout)
		if err != nil {
			return err
		}
		t.result(ended, func() { t.showRemoval(ended) })
		if ended.Counts["unsettled"] > 0 {
			return exitWith(exitProblems)
		}
		return nil
	})
}

// followRemoval shows the steps of a removal until it has ended, or until the patience is
// over.
func (t *terminal) followRemoval(
	ctx context.Context, operator *app.Operator, started app.Removal, patience time.Duration,
) (app.Removal, error) {
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	p := t.progress()
	ended, err := operator.FollowRemoval(waiting, started, func(current app.Removal) { p.show(current.Stage, 0, 0) })
	p.end()
	lookAgain := "starter connections show --connection " + started.ConnectionID
	if err != nil && ctx.Err() == nil && waiting.Err() != nil {
		return started, overtime(patience, lookAgain)
	}
	return ended, interrupted(ctx, err, lookAgain)
}

func (t *terminal) showRemoval(ended app.Removal) {
	t.say("%s %s: removed, and its token is deleted", t.bold("Connection"), ended.ConnectionID)
	if number := ended.Counts["ended"]; number > 0 {
		t.say("Ended: %d of what was under way", number)
	}
	if number := ended.Counts["endings"]; number > 0 {
		t.say("Endings of employments that were withdrawn: %d. Once it is revived, start those anew that are wanted all the same.", number)
	}
	if ended.Counts["unsettled"] > 0 {
		t.say("%s", t.alert("Not everything could be ended or withdrawn in time: a draft of hours may be left in Connexie."))
	}
	t.say("Stays: %s, %d of what was exported, and the history", counted(ended.Stays.Links, "link"), ended.Stays.ExportedEntries)
	t.say("Next: %s", ended.NextStep)
}
