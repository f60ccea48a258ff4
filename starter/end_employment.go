package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/eitje/connexie-worker/internal/app"
)

const memberExample = "0190a1b2-0000-7000-8000-000000000004"

func endEmploymentCommand(t *terminal) *cobra.Command {
	command := &cobra.Command{
		Use:   "end-employment",
		Short: "End somebody's employment: first in Connexie, then in Eitje",
		Long: `end-employment takes somebody's employment to its end, in two steps that may lie weeks
apart: first in Connexie, then in Eitje. In the other order the next synchronisation would
activate the team member again.

start begins it. Where the token may, it ends the employment in Connexie itself; otherwise
somebody does that in Connexie and is reminded. The next synchronisation sees it, and check
sees it at once. From the day after the last one on, confirm deactivates the team member in
Eitje. One more synchronisation is waited for, then status tells what is left: shifts after
the last day, entries to approve, hours to export.

A contract that ends does not end the employment. Hours up to the last day stay exportable.
Whoever comes back later under the same Connexie ID gets the same profile back.`,
		Example: "  starter end-employment start --team-member " + memberExample + ` --end-date 2026-11-30
  starter end-employment list --connection 0190a1b2-0000-7000-8000-000000000002
  starter end-employment confirm --team-member ` + memberExample + " --by user_42",
	}
	command.AddCommand(
		endingStartCommand(t), endingStatusCommand(t), endingListCommand(t), endingCheckCommand(t), endingConfirmCommand(t),
		endingChangeDateCommand(t), endingWithdrawCommand(t))
	t.group(command, "subcommand")
	return command
}

// addMember adds the flag that says whom an ending is about.
func addMember(command *cobra.Command, member *string) {
	command.Flags().StringVar(member, "team-member", "", "id of the team member in Eitje; notifications name it")
}

func addBy(command *cobra.Command, by *string) {
	command.Flags().StringVar(by, "by", app.DefaultRequester, "id of who asks, a person or program; never a name")
}

func endingStartCommand(t *terminal) *cobra.Command {
	var request app.EndingRequest
	command := &cobra.Command{
		Use:   "start --team-member ID [--end-date DAY]",
		Short: "Begin to end somebody's employment",
		Long: `start begins to end the employment of a team member. Started again with the same last day
it joins what is under way; another day is changed with change-date.

Without --end-date the last day that Connexie has is taken: so an employment that was ended
in Connexie alone goes on at its second step. Where Connexie has another last day than the
one given, Connexie's counts, and a notification tells.

--reason is a code for your own lists. --note is free text; it is kept in the database and
sent nowhere.

Reads DATABASE_URL, TEMPORAL_* and TEMPORAL_UI_URL.`,
		Example: "  starter end-employment start --team-member " + memberExample + ` --end-date 2026-11-30 --reason own_request
  starter end-employment start --team-member ` + memberExample + ` --note "Moves to Gent." --by user_42`,
		Args: cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error { return startEnding(ctx, t, request) }),
	}
	f := command.Flags()
	addMember(command, &request.TeamMemberID)
	f.StringVar(&request.EndDate, "end-date", "", "last day of the employment, such as 2026-11-30")
	f.StringVar(&request.ConnectionID, "connection", "", "id of the connection, to be sure that it is that organisation's team member")
	f.StringVar(&request.Reason, "reason", "", "a code, such as own_request")
	f.StringVar(&request.Note, "note", "", "free text, kept in the database alone")
	addBy(command, &request.By)
	t.require(command, "team-member")
	return command
}

func startEnding(ctx context.Context, t *terminal, request app.EndingRequest) error {
	if err := request.Validate(); err != nil {
		return err
	}
	return withOperator(ctx, needsEngine, func(ctx context.Context, operator *app.Operator) error {
		ticket, err := operator.StartEnding(ctx, request)
		if err != nil {
			return err
		}
		t.result(ticket, func() { t.showEndingTicket(ticket) })
		return nil
	})
}

func endingStatusCommand(t *terminal) *cobra.Command {
	var member string
	command := &cobra.Command{
		Use:   "status --team-member ID",
		Short: "Show where the end of somebody's employment stands",
		Long: `status shows the latest ending of a team member: its stage, its last day, who is waited for,
when it is looked at again, and what to do next. Once it is over it shows what is left.

Reads DATABASE_URL and TEMPORAL_UI_URL.`,
		Example: "  starter end-employment status --team-member " + memberExample,
		Args:    cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error {
			return t.ending(ctx, needsDatabase, func(ctx context.Context, operator *app.Operator) (app.Ending, error) {
				return operator.Ending(ctx, member)
			})
		}),
	}
	addMember(command, &member)
	t.require(command, "team-member")
	return command
}

func endingListCommand(t *terminal) *cobra.Command {
	var (
		connection string
		all        bool
		limit      int
	)
	command := &cobra.Command{
		Use:   "list --connection ID",
		Short: "List the employments that are being ended",
		Long: `list shows the employments of a connection that are being ended, with the stage of each and
when it is looked at again. --all shows those that are over as well.

Reads DATABASE_URL and TEMPORAL_UI_URL.`,
		Example: `  starter end-employment list --connection 0190a1b2-0000-7000-8000-000000000002
  starter end-employment list --connection 0190a1b2-0000-7000-8000-000000000002 --all --json`,
		Args: cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error {
			if err := checkLimit(limit, maxItems); err != nil {
				return err
			}
			return withOperator(ctx, needsDatabase, func(ctx context.Context, operator *app.Operator) error {
				endings, err := operator.Endings(ctx, connection, all, limit)
				if err != nil {
					return err
				}
				t.result(map[string]any{"endings": endings}, func() { t.showEndings(endings) })
				return nil
			})
		}),
	}
	f := command.Flags()
	f.StringVar(&connection, "connection", "", "id of the connection; see: starter status")
	f.BoolVar(&all, "all", false, "also those that are over")
	f.IntVar(&limit, "limit", defaultItems, "how many are shown")
	t.require(command, "connection")
	return command
}

func endingCheckCommand(t *terminal) *cobra.Command {
	var member string
	command := &cobra.Command{
		Use:   "check --team-member ID",
		Short: "Ask Connexie at once whether the employment has ended there",
		Long: `check asks Connexie at once about the person, rather than waiting for the next
synchronisation. Where Connexie has no end of the employment yet and the token may, it does
that step too.

Reads DATABASE_URL, TEMPORAL_* and TEMPORAL_UI_URL.`,
		Example: "  starter end-employment check --team-member " + memberExample,
		Args:    cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error {
			return t.ending(ctx, needsEngine, func(ctx context.Context, operator *app.Operator) (app.Ending, error) {
				return operator.CheckEnding(ctx, member)
			})
		}),
	}
	addMember(command, &member)
	t.require(command, "team-member")
	return command
}

func endingConfirmCommand(t *terminal) *cobra.Command {
	var member, by string
	command := &cobra.Command{
		Use:   "confirm --team-member ID",
		Short: "Deactivate the team member in Eitje: the second step",
		Long: `confirm deactivates the team member in Eitje. Connexie is asked first: while it still shows
the employment as active, confirm is refused with the reason, because the next
synchronisation would activate the team member again. Who confirms second is told that it is
done.

Reads DATABASE_URL, TEMPORAL_* and TEMPORAL_UI_URL.`,
		Example: "  starter end-employment confirm --team-member " + memberExample + " --by user_42",
		Args:    cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error {
			return t.ending(ctx, needsEngine, func(ctx context.Context, operator *app.Operator) (app.Ending, error) {
				return operator.ConfirmEnding(ctx, member, by)
			})
		}),
	}
	addMember(command, &member)
	addBy(command, &by)
	t.require(command, "team-member")
	return command
}

func endingChangeDateCommand(t *terminal) *cobra.Command {
	var member, date, by string
	command := &cobra.Command{
		Use:   "change-date --team-member ID --end-date DAY",
		Short: "Change the last day, while it is waited for",
		Long: `change-date changes the last day of an employment that is being ended, in Connexie too where
the token may. Where Connexie has a last day that the token may not change, it is refused:
change it in Connexie, then check. So it is once the employment has ended in Connexie.

Reads DATABASE_URL, TEMPORAL_* and TEMPORAL_UI_URL.`,
		Example: "  starter end-employment change-date --team-member " + memberExample + " --end-date 2026-12-31",
		Args:    cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error {
			return t.ending(ctx, needsEngine, func(ctx context.Context, operator *app.Operator) (app.Ending, error) {
				return operator.ChangeEndDate(ctx, member, date, by)
			})
		}),
	}
	addMember(command, &member)
	command.Flags().StringVar(&date, "end-date", "", "the last day from now on, such as 2026-12-31")
	addBy(command, &by)
	t.require(command, "team-member", "end-date")
	return command
}

func endingWithdrawCommand(t *terminal) *cobra.Command {
	var withdrawal app.EndingWithdrawal
	command := &cobra.Command{
		Use:   "withdraw --team-member ID",
		Short: "Stop ending somebody's employment",
		Long: `withdraw ends what start began, before the team member is deactivated. Nothing is opened
again in Connexie: where the employment has an end there, a notification says so.

Reads DATABASE_URL, TEMPORAL_* and TEMPORAL_UI_URL.`,
		Example: "  starter end-employment withdraw --team-member " + memberExample + " --reason stays --by user_42",
		Args:    cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error {
			return t.ending(ctx, needsEngine, func(ctx context.Context, operator *app.Operator) (app.Ending, error) {
				return operator.WithdrawEnding(ctx, withdrawal)
			})
		}),
	}
	addMember(command, &withdrawal.TeamMemberID)
	f := command.Flags()
	f.StringVar(&withdrawal.Reason, "reason", "", "a code, such as stays")
	f.StringVar(&withdrawal.Note, "note", "", "free text, kept in the database alone")
	addBy(command, &withdrawal.By)
	t.require(command, "team-member")
	return command
}
