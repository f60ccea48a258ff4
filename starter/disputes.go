package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/eitje/connexie-worker/internal/app"
)

func disputesCommand(t *terminal) *cobra.Command {
	command := &cobra.Command{
		Use:   "disputes",
		Short: "See whose profile is uncertain, and decide",
		Long: `disputes shows the people of Connexie about whom it is not certain which profile in Eitje is theirs:
several unlinked profiles have their e-mail address, several people share one, or it belongs to a
profile of somebody else. Nobody of them is linked or created until someone decides.

A decision is remembered. It counts while the person's e-mail address stays the same.`,
		Example: `  starter disputes list --connection 0190a1b2-0000-7000-8000-000000000002
  starter disputes show --connection 0190a1b2-0000-7000-8000-000000000002 --person emp_0042
  starter disputes decide -h`,
	}
	command.AddCommand(disputesListCommand(t), disputesShowCommand(t), disputesDecideCommand(t))
	t.group(command, "subcommand")
	return command
}

func disputesListCommand(t *terminal) *cobra.Command {
	var connection string
	command := &cobra.Command{
		Use:   "list --connection ID",
		Short: "List who waits for a decision, and who is left out by one",
		Long: `list shows the queue as the last synchronisation left it, with what there is to decide now.

  waiting   somebody must decide
  skipped   left out by somebody's decision, until the e-mail address or the candidates change
  decided   decided; the next synchronisation follows
  on hold   exempt from the synchronisation; see: starter holds list
  settled   no longer disputed: there is nothing to decide

Reads DATABASE_URL.`,
		Example: "  starter disputes list --connection 0190a1b2-0000-7000-8000-000000000002",
		Args:    cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error {
			return withOperator(ctx, needsDatabase, func(ctx context.Context, operator *app.Operator) error {
				disputes, err := operator.Disputes(ctx, connection)
				if err != nil {
					return err
				}
				t.result(map[string]any{"connection_id": connection, "disputes": disputes}, func() { t.showDisputes(connection, disputes) })
				return nil
			})
		}),
	}
	command.Flags().StringVar(&connection, "connection", "", "id of the connection; see: starter status")
	t.require(command, "connection")
	return command
}

func disputesShowCommand(t *terminal) *cobra.Command {
	var connection, person string
	command := &cobra.Command{
		Use:   "show --connection ID --person ID",
		Short: "Show both sides of one dispute next to each other",
		Long: `show puts a person as Connexie has them beside the profiles in Eitje that could be theirs: name, birth
date, address, venues, contracts, and the day they last worked. It prints personal data on this
screen; it goes nowhere else.

Reads DATABASE_URL.`,
		Example: "  starter disputes show --connection 0190a1b2-0000-7000-8000-000000000002 --person emp_0042",
		Args:    cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error {
			return withOperator(ctx, needsDatabase, func(ctx context.Context, operator *app.Operator) error {
				sides, err := operator.Dispute(ctx, connection, person)
				if err != nil {
					return err
				}
				t.result(sides, func() { t.showDispute(sides) })
				return nil
			})
		}),
	}
	f := command.Flags()
	f.StringVar(&connection, "connection", "", "id of the connection; see: starter status")
	f.StringVar(&person, "person", "", "Connexie ID of the person; see: starter disputes list")
	t.require(command, "connection", "person")
	return command
}
