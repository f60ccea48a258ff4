package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/eitje/connexie-worker/internal/app"
)

// followExport shows an export until it is closed, or until the patience is over.
func (t *terminal) followExport(
	ctx context.Context, operator *app.Operator, ticket app.ExportTicket, patience time.Duration,
) (app.Export, error) {
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	p := t.progress()
	p.show("waiting", 0, 0)
	ended, err := operator.FollowExport(waiting, ticket, func(export app.Export) {
		p.show(exportStage(export.Stage), export.Done, export.Total)
	})
	p.end()
	lookAgain := "starter export show --export " + ticket.ExportID
	if err != nil && ctx.Err() == nil && waiting.Err() != nil {
		return ended, overtime(patience, lookAgain)
	}
	return ended, lostSight(interrupted(ctx, err, lookAgain), lookAgain)
}

// exportStage is how far an export is, as people say it.
func exportStage(stage string) string {
	switch stage {
	case "checking":
		return "checking what is decided"
	case "collecting":
		return "collecting what is approved"
	case "asking_payroll":
		return "asking about payroll"
	case "comparing":
		return "comparing with Connexie"
	}
	return words(stage)
}

// showExportTicket prints which export does what was asked.
func (t *terminal) showExportTicket(ticket app.ExportTicket) {
	what := "started"
	if ticket.Joined {
		what = "joined the same one, which was under way"
	}
	t.say("%s %s: %s", t.bold("Export"), ticket.ExportID, what)
	if !ticket.Answered {
		t.say("No worker has answered yet: it is kept and will be done. Is one running? See: starter doctor")
	}
	if ticket.Link != "" {
		t.say("Temporal UI: %s", ticket.Link)
	}
	t.say("Next: starter export show --export %s", ticket.ExportID)
}

// noteExportTicket tells beside the result what somebody who waits wants to know first.
func (t *terminal) noteExportTicket(ticket app.ExportTicket) {
	if t.json {
		return
	}
	if ticket.Joined {
		t.note("Joined the same export, which was under way: %s", ticket.ExportID)
	}
	if !ticket.Answered {
		t.note("No worker has answered yet: the export is kept. Is one running? See: starter doctor")
	}
}

type exportCancelFlags struct {
	connection string
	preview    bool
	timeout    time.Duration
}

func exportCancelCommand(t *terminal) *cobra.Command {
	var flags exportCancelFlags
	command := &cobra.Command{
		Use:   "cancel --connection ID",
		Short: "End the export that is under way",
		Long: `cancel asks the export of a connection to end, and waits until it has. What is being sent is
withdrawn; venues that were exported stay exported, and the next export does the rest.`,
		Example: "  starter export cancel --connection 0190a1b2-0000-7000-8000-000000000002",
		Args:    cobra.NoArgs,
		RunE:    t.does(func(ctx context.Context) error { return cancelExport(ctx, t, flags) }),
	}
	f := command.Flags()
	f.StringVar(&flags.connection, "connection", "", "id of the connection")
	f.BoolVar(&flags.preview, "preview", false, "end the preview that is under way instead")
	f.DurationVar(&flags.timeout, "timeout", 2*time.Minute, "how long to wait for its end")
	t.require(command, "connection")
	return command
}

func cancelExport(ctx context.Context, t *terminal, flags exportCancelFlags) error {
	if err := checkTimeout(flags.timeout); err != nil {
		return err
	}
	return withOperator(ctx, needsEngine, func(ctx context.Context, operator *app.Operator) error {
		ticket, err := operator.CancelExport(ctx, flags.connection, flags.preview)
		if err != nil {
			return err
		}
		ended, err := t.followExport(ctx, operator, ticket, flags.timeout)
		if err != nil {
			return err
		}
		t.result(ended, func() { t.showExport(ended) })
		if ended.Outcome == "cancelled" {
			return nil // that is what was asked for
		}
		return exitWith(exportCode(string(ended.Outcome)))
	})
}
