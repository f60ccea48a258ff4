package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/eitje/connexie-worker/internal/app"
)

// readFlags are those of the commands that show rows of one export.
type readFlags struct {
	export       string
	after, limit int
	csv          bool
}

// exportReadCommand makes a command that shows rows of one export.
func exportReadCommand(
	t *terminal, name, short string, flags *readFlags, read func(context.Context, *app.Operator, app.Export) error,
) *cobra.Command {
	command := &cobra.Command{
		Use:     name + " --export ID",
		Short:   short,
		Example: "  starter export " + name + " --export 0190a1b2-0000-5000-8000-000000000003",
		Args:    cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error {
			if err := t.checkFormat(flags.csv); err != nil {
				return err
			}
			if err := checkLimit(flags.limit, maxItems); err != nil {
				return err
			}
			if flags.after < 0 {
				return usage("--after must be 0 or more, the number of a line")
			}
			return withOperator(ctx, needsDatabase, func(ctx context.Context, operator *app.Operator) error {
				export, err := operator.Export(ctx, flags.export)
				if err != nil {
					return err
				}
				return read(ctx, operator, export)
			})
		}),
	}
	f := command.Flags()
	f.StringVar(&flags.export, "export", "", "id of the export; see: starter export list")
	f.BoolVar(&flags.csv, "csv", false, "print the table as CSV")
	f.IntVar(&flags.limit, "limit", 1000, "how many rows at most")
	t.require(command, "export")
	return command
}

func exportListCommand(t *terminal) *cobra.Command {
	var (
		connection string
		limit      int
	)
	command := &cobra.Command{
		Use:     "list --connection ID",
		Short:   "List the latest exports and previews of a connection",
		Example: "  starter export list --connection 0190a1b2-0000-7000-8000-000000000002",
		Args:    cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error {
			if err := checkLimit(limit, 1000); err != nil {
				return err
			}
			return withOperator(ctx, needsDatabase, func(ctx context.Context, operator *app.Operator) error {
				exports, err := operator.Exports(ctx, connection, limit)
				if err != nil {
					return err
				}
				t.result(map[string]any{"exports": exports}, func() { t.showExports(exports) })
				return nil
			})
		}),
	}
	f := command.Flags()
	f.StringVar(&connection, "connection", "", "id of the connection; see: starter status")
	f.IntVar(&limit, "limit", 20, "how many exports to list")
	t.require(command, "connection")
	return command
}

func exportShowCommand(t *terminal) *cobra.Command {
	var flags readFlags
	return exportReadCommand(t, "show", "Show how an export stands, or ended, with what needs somebody", &flags,
		func(ctx context.Context, operator *app.Operator, export app.Export) error {
			report, err := operator.Report(ctx, export)
			if err != nil {
				return err
			}
			return t.output(flags.csv, report, mainSheet(report), func() { t.showExportReport(report, flags.limit) })
		})
}

func exportReceiptCommand(t *terminal) *cobra.Command {
	var flags readFlags
	return exportReadCommand(t, "receipt", "Show per venue and code what was sent and what Connexie read back", &flags,
		func(ctx context.Context, operator *app.Operator, export app.Export) error {
			lines, err := operator.Receipt(ctx, export.ExportID)
			if err != nil {
				return err
			}
			return t.output(flags.csv, rowsOf(export, "receipt", lines), receiptSheet(lines), func() {
				t.sayIfNone(len(lines), "Export %s sent nothing.", export.ExportID)
				t.showReceipt(lines, flags.limit)
			})
		})
}

func exportCorrectionsCommand(t *terminal) *cobra.Command {
	var flags readFlags
	return exportReadCommand(t, "corrections", "Show the correction sheet: what differs where payroll has run", &flags,
		func(ctx context.Context, operator *app.Operator, export app.Export) error {
			rows, err := operator.Corrections(ctx, export.ExportID)
			if err != nil {
				return err
			}
			return t.output(flags.csv, rowsOf(export, "corrections", rows), differenceSheet(rows), func() {
				t.sayIfNone(len(rows), "There is nothing to correct: no payroll has run over what has changed.")
				t.showCorrections(rows, flags.limit)
			})
		})
}

func exportLeftOutCommand(t *terminal) *cobra.Command {
	var flags readFlags
	return exportReadCommand(t, "left-out", "Show what an export does not send, with the rule that decided", &flags,
		func(ctx context.Context, operator *app.Operator, export app.Export) error {
			rows, err := operator.LeftOut(ctx, export.ExportID, flags.limit)
			if err != nil {
				return err
			}
			return t.output(flags.csv, rowsOf(export, "left_out", rows), leftOutSheet(rows), func() {
				t.sayIfNone(len(rows), "Export %s left nothing out.", export.ExportID)
				t.showLeftOut(rows)
				if len(rows) == flags.limit {
					t.say("There may be more: --limit %d", maxItems)
				}
			})
		})
}

func exportLinesCommand(t *terminal) *cobra.Command {
	var flags readFlags
	command := exportReadCommand(t, "lines", "Show the lines of an export, as they are sent", &flags,
		func(ctx context.Context, operator *app.Operator, export app.Export) error {
			lines, err := operator.ExportLines(ctx, export.ExportID, flags.after, flags.limit)
			if err != nil {
				return err
			}
			return t.output(flags.csv, rowsOf(export, "lines", lines), lineSheet(lines), func() {
				t.sayIfNone(len(lines), "Export %s has no lines behind %d.", export.ExportID, flags.after)
				t.showExportLines(lines)
				if len(lines) == flags.limit {
					t.say("There may be more: --after %d", lines[len(lines)-1].Line)
				}
			})
		})
	command.Flags().IntVar(&flags.after, "after", 0, "begin behind the line of this number")
	return command
}

// rowsOf is what --json prints of rows of an export.
func rowsOf(export app.Export, name string, rows any) map[string]any {
	return map[string]any{"export_id": export.ExportID, name: rows}
}

func (t *terminal) sayIfNone(rows int, format string, args ...any) {
	if rows == 0 {
		t.say(format, args...)
	}
}
