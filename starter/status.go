package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/eitje/connexie-worker/internal/app"
)

func statusCommand(t *terminal) *cobra.Command {
	var connection string
	command := &cobra.Command{
		Use:   "status",
		Short: "Show where every connection stands, or one in full",
		Long: `status shows every connection in a line: its state, its last run, its people, and what
needs somebody. With --connection it shows one in full: people by situation and reason,
the latest runs, open notifications with their next step, and a run that is held.

Reads DATABASE_URL and TEMPORAL_UI_URL.`,
		Example: `  starter status
  starter status --connection 0190a1b2-0000-7000-8000-000000000002`,
		Args: cobra.NoArgs,
	}
	command.RunE = t.does(func(ctx context.Context) error {
		if command.Flags().Changed("connection") {
			return connectionStatus(ctx, t, connection)
		}
		return allStatus(ctx, t)
	})
	command.Flags().StringVar(&connection, "connection", "", "id of one connection to show in full")
	return command
}

func allStatus(ctx context.Context, t *terminal) error {
	return withOperator(ctx, needsDatabase, func(ctx context.Context, operator *app.Operator) error {
		lines, err := operator.Connections(ctx)
		if err != nil {
			return err
		}
		t.result(map[string]any{"connections": lines}, func() { t.showConnections(lines) })
		return nil
	})
}

func (t *terminal) showConnections(lines []app.ConnectionLine) {
	if len(lines) == 0 {
		t.say("There is no connection yet. Make one with: starter activate -h")
		return
	}
	var rows []row
	for _, line := range lines {
		rows = append(rows, row{
			line.ConnectionID, printable(line.Organisation), t.connectionState(line.State), t.lastRun(line.LastRun),
			line.People["linked"], line.People["skipped"], line.People["disputed"], t.needs(line),
		})
	}
	t.table("", row{"connection", "organisation", "state", "last run", "linked", "skipped", "disputed", "needs somebody"}, rows...)
	t.say("One in full: starter status --connection ID")
}

func (t *terminal) connectionState(state string) string {
	if state == "active" {
		return state
	}
	return t.alert(words(state))
}

func (t *terminal) lastRun(run *app.LastRun) string {
	if run == nil {
		return "-"
	}
	return t.outcome(string(run.Outcome), run.Stage) + ", " + when(run.StartedAt)
}

// needs says in a few words what waits for somebody.
func (t *terminal) needs(line app.ConnectionLine) string {
	var needs []string
	for _, severity := range []string{"critical", "warning"} {
		if number := line.Notifications[severity]; number > 0 {
			needs = append(needs, fmt.Sprintf("%d %s", number, severity))
		}
	}
	if line.UndecidedVenues > 0 {
		needs = append(needs, counted(line.UndecidedVenues, "venue")+" to decide")
	}
	if len(needs) == 0 {
		return "-"
	}
	return t.alert(strings.Join(needs, ", "))
}

func connectionStatus(ctx context.Context, t *terminal, connectionID string) error {
	return withOperator(ctx, needsDatabase, func(ctx context.Context, operator *app.Operator) error {
		status, err := operator.Status(ctx, connectionID)
		if err != nil {
			return err
		}
		t.result(status, func() { t.showStatus(status) })
		return nil
	})
}
