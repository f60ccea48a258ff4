package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/eitje/connexie-worker/internal/app"
)

type syncFlags struct {
	connection, person, by string
	preview, wait, noWait  bool
	timeout                time.Duration
	limit                  int
}

func syncCommand(t *terminal) *cobra.Command {
	var flags syncFlags
	command := &cobra.Command{
		Use:   "sync --connection ID",
		Short: "Synchronise a connection now, or preview what that would do",
		Long: `sync brings people and contracts from Connexie to Eitje now. A synchronisation that is
under way is joined: where it has begun to read, one more pass follows it.

--preview computes exactly what a synchronisation would do now and changes nothing.
--person takes one person alone and tells step by step which rule decided.

It waits for the result unless --no-wait is given. Ctrl-C ends the waiting alone: the
synchronisation goes on.

Reads DATABASE_URL, TEMPORAL_* and TEMPORAL_UI_URL.`,
		Example: `  starter sync --connection 0190a1b2-0000-7000-8000-000000000002
  starter sync --connection 0190a1b2-0000-7000-8000-000000000002 --preview
  starter sync --connection 0190a1b2-0000-7000-8000-000000000002 --person emp_0042 --preview
  starter sync --connection 0190a1b2-0000-7000-8000-000000000002 --no-wait --json`,
		Args: cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error { return synchronise(ctx, t, flags) }),
	}
	f := command.Flags()
	f.StringVar(&flags.connection, "connection", "", "id of the connection; see: starter status")
	f.BoolVar(&flags.preview, "preview", false, "compute what would be done and change nothing")
	f.StringVar(&flags.person, "person", "", "Connexie ID of one person to take alone")
	f.BoolVar(&flags.wait, "wait", true, "wait for the result and show progress")
	f.BoolVar(&flags.noWait, "no-wait", false, "do not wait for the result")
	f.DurationVar(&flags.timeout, "timeout", time.Hour, "how long to wait for the result")
	f.StringVar(&flags.by, "by", app.DefaultRequester, "id of who asks, a person or program; never a name")
	f.IntVar(&flags.limit, "limit", defaultItems, "how many people's changes a preview shows; --json shows as many")
	command.MarkFlagsMutuallyExclusive("wait", "no-wait")
	t.require(command, "connection")
	command.AddCommand(syncDecideCommand(t), syncCancelCommand(t), syncItemsCommand(t), syncChangesCommand(t), syncUndoCommand(t))
	return command
}

func synchronise(ctx context.Context, t *terminal, flags syncFlags) error {
	if err := checkTimeout(flags.timeout); err != nil {
		return err
	}
	if err := checkLimit(flags.limit, maxItems); err != nil {
		return err
	}
	return withOperator(ctx, needsEngine, func(ctx context.Context, operator *app.Operator) error {
		ticket, err := operator.RequestSync(ctx, app.SyncRequest{
			ConnectionID: flags.connection, Preview: flags.preview, OnlyConnexieID: flags.person, By: flags.by,
		})
		if err != nil {
			return err
		}
		if flags.noWait || !flags.wait {
			t.result(ticket, func() { t.showTicket(ticket) })
			return nil
		}
		t.noteTicket(ticket)
		return followSync(ctx, t, operator, ticket, flags)
	})
}

// showTicket prints which run does what was asked.
func (t *terminal) showTicket(ticket app.SyncTicket) {
	what := "started"
	if ticket.Joined {
		what = "joined what was under way"
	}
	if !ticket.Answered {
		t.say("No worker has answered yet: the request is kept and will be done.")
		t.say("Next: see whether a worker runs: starter doctor")
		return
	}
	t.say("%s %s, pass %d: %s", t.bold("Run"), ticket.RunID, ticket.Pass, what)
	if ticket.Link != "" {
		t.say("Temporal UI: %s", ticket.Link)
	}
	t.say("Next: starter status --connection %s", ticket.ConnectionID)
}

// noteTicket tells beside the result what somebody who waits wants to know first.
func (t *terminal) noteTicket(ticket app.SyncTicket) {
	switch {
	case t.json:
	case !ticket.Answered:
		t.note("No worker has answered yet: the request is kept. Is one running? See: starter doctor")
	case ticket.Joined:
		t.note("Joined what was under way: run %s, pass %d", ticket.RunID, ticket.Pass)
	}
}

func followSync(ctx context.Context, t *terminal, operator *app.Operator, ticket app.SyncTicket, flags syncFlags) error {
	run, err := t.follow(ctx, operator, ticket, flags.timeout)
	if err != nil {
		return err
	}
	report := syncReport{Run: run, Joined: ticket.Joined}
	if run.Preview() || run.OnlyConnexieID != "" || run.Held() {
		if report.Items, report.More, err = firstItems(ctx, operator, run.RunID, flags.limit); err != nil {
			return err
		}
	}
	t.result(report, func() { t.showReport(report) })
	return exitWith(syncCode(run.Outcome))
}

// follow shows a run until it is closed or held, or until the patience is over.
func (t *terminal) follow(
	ctx context.Context, operator *app.Operator, ticket app.SyncTicket, patience time.Duration,
) (app.Run, error) {
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	p := t.progress()
	p.show("waiting", 0, 0)
	run, err := operator.Follow(waiting, ticket, func(run app.Run) { p.show(run.Stage, run.Done, run.Total) })
	p.end()
	lookAgain := "starter status --connection " + ticket.ConnectionID
	if err != nil && ctx.Err() == nil && waiting.Err() != nil {
		return run, overtime(patience, lookAgain)
	}
	return run, lostSight(interrupted(ctx, err, lookAgain), lookAgain)
}
