package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/eitje/connexie-worker/internal/app"
)

func connectionsCommand(t *terminal) *cobra.Command {
	command := &cobra.Command{
		Use:   "connections",
		Short: "See, pause, resume or remove a connection, and choose its settings",
		Long: `connections looks after the connection of an organisation as a whole. A paused one is left
out of the night and of whatever is asked by hand, until somebody resumes it; a removed one
has no token any more. Either keeps its links, its exported markers and its history.

To make a connection, or to give it a new token: starter activate.`,
		Example: `  starter connections list
  starter connections show --connection 0190a1b2-0000-7000-8000-000000000002
  starter connections pause --connection 0190a1b2-0000-7000-8000-000000000002 --by user_42
  starter connections settings -h`,
	}
	command.AddCommand(connectionsListCommand(t), connectionsShowCommand(t), connectionsPauseCommand(t),
		connectionsResumeCommand(t), connectionsRemoveCommand(t), connectionsSettingsCommand(t))
	t.group(command, "subcommand")
	return command
}

func connectionsListCommand(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List every connection with its state, removed ones included",
		Long:    "list shows every connection in a line, as starter status does.\n\nReads DATABASE_URL.",
		Example: "  starter connections list\n  starter connections list --json",
		Args:    cobra.NoArgs,
		RunE:    t.does(func(ctx context.Context) error { return allStatus(ctx, t) }),
	}
}

func connectionsShowCommand(t *terminal) *cobra.Command {
	var connection string
	command := &cobra.Command{
		Use:   "show --connection ID",
		Short: "Show one connection: its state, what it has chosen, and what it holds",
		Long: `show tells in which state a connection is and what that means, what it has chosen and what
each setting does, what it holds, and what is under way. Who is in Connexie and how the
latest runs ended is told by: starter status --connection ID.

Reads DATABASE_URL.`,
		Example: "  starter connections show --connection 0190a1b2-0000-7000-8000-000000000002",
		Args:    cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error {
			return t.connectionDetail(ctx, func(ctx context.Context, operator *app.Operator) (app.ConnectionDetail, error) {
				return operator.ConnectionDetail(ctx, connection)
			})
		}),
	}
	command.Flags().StringVar(&connection, "connection", "", "id of the connection; see: starter connections list")
	t.require(command, "connection")
	return command
}

// connectionDetail does one thing and shows the connection as it is then.
func (t *terminal) connectionDetail(
	ctx context.Context, work func(context.Context, *app.Operator) (app.ConnectionDetail, error),
) error {
	return withOperator(ctx, needsDatabase, func(ctx context.Context, operator *app.Operator) error {
		detail, err := work(ctx, operator)
		if err != nil {
			return err
		}
		t.result(detail, func() { t.showConnection(detail) })
		return nil
	})
}

// stateMeanings say what each state means, in a sentence.
var stateMeanings = map[string]string{
	"inactive":    "it has no token that Connexie took, and nothing is done for it (C1)",
	"active":      "it is synchronised every night, and whenever somebody asks",
	"needs_token": "Connexie refuses its token; each night asks once whether it works again (C8)",
	"paused":      "it is left out of everything until somebody resumes it (C9)",
	"removed":     "it is left out of everything and has no token; activating revives it (C9)",
}

func (t *terminal) showConnection(detail app.ConnectionDetail) {
	t.say("%s %s, %s: %s, %s", t.bold("Connection"), detail.ConnectionID, printable(detail.Organisation),
		t.connectionState(detail.State), stateMeanings[detail.State])
	if detail.Quarantined {
		t.say("%s", t.alert(fmt.Sprintf("Connexie has not answered for %s: the night asks once before it synchronises (N6).",
			counted(detail.FailedNights, "night"))))
	}
	if detail.AccountID != "" {
		t.say("Account %s, activated %s", printable(detail.AccountID), when(detail.ActivatedAt))
	}
	t.table("Settings", row{"setting", "chosen", "what it means"}, settingRows(detail)...)
	t.table("Holds", row{"what", "number"},
		row{"links", detail.Holds.Links}, row{"exported entries", detail.Holds.ExportedEntries},
		row{"runs", detail.Holds.Runs}, row{"exports", detail.Holds.Exports})
	if detail.OpenEndings > 0 {
		t.say("Endings of employments that are not over: %d; see: starter end-employment list --connection %s",
			detail.OpenEndings, detail.ConnectionID)
	}
	if len(detail.UnderWay) > 0 {
		t.say("Under way: %s", strings.Join(detail.UnderWay, ", "))
	}
	t.say("Next: %s", detail.NextStep)
}

// settingRows say what is chosen and what it means (S16, E4, S22).
func settingRows(detail app.ConnectionDetail) []row {
	guard := detail.Settings.Guard
	armed := "the guard is silent until a run has been applied with every venue decided"
	if detail.GuardArmed {
		armed = "a run that would do more waits for somebody's word (S16)"
	}
	endings := "the second step of an ending waits for somebody's confirmation (E4)"
	if detail.Settings.AutomaticEndings {
		endings = "the second step of an ending is done by itself (E4)"
	}
	duplicates := "who looks like an unlinked profile is created and announced (S22)"
	if detail.Settings.LikelyDuplicates == app.LikelyDuplicatesWait {
		duplicates = "who looks like an unlinked profile waits as disputed (S22)"
	}
	return []row{
		{"creations in a run", larger(guard.CreationsFloor, guard.CreationsPercent), armed},
		{"reactivations, and contracts ended", larger(guard.ChangesFloor, guard.ChangesPercent), armed},
		{"automatic endings", onOff(detail.Settings.AutomaticEndings), endings},
		{"likely duplicates", detail.Settings.LikelyDuplicates, duplicates},
	}
}

// larger writes a limit as people say it.
func larger(floor, percent int) string {
	return fmt.Sprintf("the larger of %d and %d %% of the linked people", floor, percent)
}

const (
	settingOn  = "on"
	settingOff = "off"
)

func onOff(on bool) string {
	if on {
		return settingOn
	}
	return settingOff
}

// optionalNumber reads a flag that may be left out.
func optionalNumber(flag, text string) (*int, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil //nolint:nilnil // left out is an answer
	}
	number, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil {
		return nil, usage("--%s must be a whole number, such as 50", flag)
	}
	return &number, nil
}
