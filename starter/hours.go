package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/eitje/connexie-worker/internal/app"
)

func hoursCommand(t *terminal) *cobra.Command {
	var (
		query app.HoursQuery
		csv   bool
	)
	command := &cobra.Command{
		Use:   "hours --connection ID (--month MONTH | --from DAY --to DAY)",
		Short: "Show the table of hours with what is exported, and what has changed since",
		Long: `hours lists the entries of a period as Eitje has them, with the column Exported: empty, Exported, or
Exported, changed since. What has changed is not sent by itself: export the period again.

Reads DATABASE_URL.`,
		Example: `  starter hours --connection 0190a1b2-0000-7000-8000-000000000002 --month 2026-11
  starter hours --connection 0190a1b2-0000-7000-8000-000000000002 --month 2026-11 --exported changed
  starter hours --connection 0190a1b2-0000-7000-8000-000000000002 --from 2026-11-01 --to 2026-11-07 --csv`,
		Args: cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error { return showHours(ctx, t, query, csv) }),
	}
	f := command.Flags()
	f.StringVar(&query.ConnectionID, "connection", "", "id of the connection; see: starter status")
	addDays(command, &query.Days)
	f.StringVar(&query.TeamMemberID, "person", "", "id of one team member")
	f.StringVar(&query.Exported, "exported", "", "yes, no or changed: those alone")
	f.IntVar(&query.Limit, "limit", 1000, "how many entries at most")
	f.BoolVar(&csv, "csv", false, "print the table as CSV")
	t.require(command, "connection")
	return command
}

func showHours(ctx context.Context, t *terminal, query app.HoursQuery, csv bool) error {
	if err := t.checkFormat(csv); err != nil {
		return err
	}
	if err := checkLimit(query.Limit, maxItems); err != nil {
		return err
	}
	if err := query.Validate(); err != nil {
		return err
	}
	return withOperator(ctx, needsDatabase, func(ctx context.Context, operator *app.Operator) error {
		lines, err := operator.Hours(ctx, query)
		if err != nil {
			return err
		}
		if csv && len(lines) == query.Limit {
			t.note("There may be more: --limit %d", maxItems)
		}
		return t.output(csv, map[string]any{"connection_id": query.ConnectionID, "hours": lines}, hoursSheet(lines), func() {
			t.sayIfNone(len(lines), "There are no such entries.")
			t.showHours(lines)
			if len(lines) == query.Limit {
				t.say("There may be more: --limit %d, or a shorter period", maxItems)
			}
		})
	})
}

func (t *terminal) showHours(lines []app.HoursLine) {
	var rows []row
	for _, line := range lines {
		rows = append(rows, row{
			line.Day.String(), printable(line.Name), orDash(line.Venue), clock(line.StartsAt), clock(line.EndsAt), duration(line.Minutes),
			line.Kind, line.State, t.marker(line.Exported), line.EntryID,
		})
	}
	t.table("", row{"day", "name", "venue", "from", "to", "hours", "kind", "state", "exported", "entry"}, rows...)
}

// marker shows what Connexie holds of an entry (X11, X12).
func (t *terminal) marker(exported string) string {
	switch exported {
	case "":
		return "-"
	case "Exported":
		return exported
	}
	return t.alert(exported)
}

// clock is a time of day in Amsterdam.
func clock(instant time.Time) string {
	if instant.IsZero() {
		return "-"
	}
	return local(instant).Format("15:04")
}

// duration writes minutes as people read them on a clock.
func duration(minutes *int) number {
	if minutes == nil {
		return "-"
	}
	sign, m := "", *minutes
	if m < 0 {
		sign, m = "-", -m
	}
	return number(fmt.Sprintf("%s%d:%02d", sign, m/60, m%60))
}

// instant is a time as programs read it.
func instant(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339)
}
