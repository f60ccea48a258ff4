package main

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/eitje/connexie-worker/internal/app"
)

type exportFlags struct {
	connection, kinds, by string
	days                  app.Days
	preview, acknowledge  bool
	wait, noWait, csv     bool
	timeout               time.Duration
	limit                 int
}

func exportCommand(t *terminal) *cobra.Command {
	var flags exportFlags
	command := &cobra.Command{
		Use:   "export --connection ID (--month MONTH | --from DAY --to DAY) --kinds KINDS",
		Short: "Export approved hours, meals and allowances to Connexie, or preview that",
		Long: `export brings what was approved in Eitje in a period to Connexie, as a whole: afterwards
Connexie holds exactly the current set. It may be repeated until payroll has run, with at
least the kinds that were exported before. There is one export per connection at a time:
the same one is joined, beside another one it is refused.

--preview computes exactly what an export would send now, what it leaves out and by which
rule, and what it would change of an earlier one. It sends nothing.

It waits for the result unless --no-wait is given. Ctrl-C ends the waiting alone: the
export goes on. --csv prints the main table: of a preview what would be sent per person,
of an export its receipt, and where payroll has run the correction sheet.

Reads DATABASE_URL, TEMPORAL_* and TEMPORAL_UI_URL.`,
		Example: `  starter export --connection 0190a1b2-0000-7000-8000-000000000002 --month 2026-11 --kinds hours,meals --preview
  starter export --connection 0190a1b2-0000-7000-8000-000000000002 --month 2026-11 --kinds hours,meals
  starter export --connection 0190a1b2-0000-7000-8000-000000000002 --from 2026-11-02 --to 2026-11-29 --kinds hours --csv
  starter export list --connection 0190a1b2-0000-7000-8000-000000000002`,
		Args: cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error { return export(ctx, t, flags) }),
	}
	f := command.Flags()
	f.StringVar(&flags.connection, "connection", "", "id of the connection; see: starter status")
	addDays(command, &flags.days)
	f.StringVar(&flags.kinds, "kinds", "", "what to export, some or all of: hours,meals,allowances")
	f.BoolVar(&flags.preview, "preview", false, "compute what would be sent and send nothing")
	f.BoolVar(&flags.acknowledge, "acknowledge-unmapped", false, "leave out meals and allowances that have no code")
	f.BoolVar(&flags.wait, "wait", true, "wait for the result and show progress")
	f.BoolVar(&flags.noWait, "no-wait", false, "do not wait for the result")
	f.DurationVar(&flags.timeout, "timeout", time.Hour, "how long to wait for the result")
	f.StringVar(&flags.by, "by", app.DefaultRequester, "id of who asks, a person or program; never a name")
	f.IntVar(&flags.limit, "limit", defaultItems, "how many rows of each table are shown; --json and --csv have all")
	f.BoolVar(&flags.csv, "csv", false, "print the main table as CSV")
	command.MarkFlagsMutuallyExclusive("wait", "no-wait")
	t.require(command, "connection", "kinds")
	command.AddCommand(
		exportListCommand(t), exportShowCommand(t), exportReceiptCommand(t), exportCorrectionsCommand(t),
		exportLeftOutCommand(t), exportLinesCommand(t), exportCancelCommand(t))
	return command
}

// addDays adds the flags of a period.
func addDays(command *cobra.Command, days *app.Days) {
	f := command.Flags()
	f.StringVar(&days.From, "from", "", "first day, such as 2026-11-01")
	f.StringVar(&days.To, "to", "", "last day, included, such as 2026-11-30")
	f.StringVar(&days.Month, "month", "", "a whole month, such as 2026-11, in place of --from and --to")
}

func (flags exportFlags) check(t *terminal) error {
	if err := checkTimeout(flags.timeout); err != nil {
		return err
	}
	if flags.csv && (flags.noWait || !flags.wait) {
		return usage("--csv prints a result, and --no-wait does not wait for one")
	}
	if err := t.checkFormat(flags.csv); err != nil {
		return err
	}
	return checkLimit(flags.limit, maxItems)
}

func (flags exportFlags) request() app.ExportRequest {
	return app.ExportRequest{
		ConnectionID: flags.connection, Days: flags.days, Kinds: strings.Split(flags.kinds, ","),
		Preview: flags.preview, AcknowledgeUnmapped: flags.acknowledge, By: flags.by,
	}
}

func export(ctx context.Context, t *terminal, flags exportFlags) error {
	if err := flags.check(t); err != nil {
		return err
	}
	request := flags.request()
	if err := request.Validate(); err != nil {
		return err
	}
	return withOperator(ctx, needsEngine, func(ctx context.Context, operator *app.Operator) error {
		ticket, err := operator.RequestExport(ctx, request)
		if err != nil {
			return err
		}
		if flags.noWait || !flags.wait {
			t.result(ticket, func() { t.showExportTicket(ticket) })
			return nil
		}
		t.noteExportTicket(ticket)
		ended, err := t.followExport(ctx, operator, ticket, flags.timeout)
		if err != nil {
			return err
		}
		return t.exportEnded(ctx, operator, ended, ticket.Joined, flags)
	})
}

// exportEnded prints how an export ended, in the form that was asked for.
func (t *terminal) exportEnded(
	ctx context.Context, operator *app.Operator, ended app.Export, joined bool, flags exportFlags,
) error {
	found, err := operator.Report(ctx, ended)
	if err != nil {
		return err
	}
	report := exportReport{ExportReport: found, Joined: joined}
	if flags.csv {
		t.note("Export %s: %s. %s", ended.ExportID, ended.Outcome, printable(ended.NextStep))
	}
	if err := t.output(flags.csv, report, mainSheet(found), func() { t.showExportReport(found, flags.limit) }); err != nil {
		return err
	}
	return exitWith(exportCode(string(ended.Outcome)))
}

// exportReport is how an export ended, for programs.
type exportReport struct {
	app.ExportReport

	Joined bool `json:"joined"`
}

// exportCode is the exit code of an export's outcome.
func exportCode(outcome string) int {
	switch outcome {
	case "ok", "nothing":
		return exitDone
	case "partly":
		return exitProblems
	case "refused", "rejected", "needs_acknowledgement", "superseded", "cancelled":
		return exitRefused
	}
	return exitFailed
}
