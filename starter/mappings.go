package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/eitje/connexie-worker/internal/app"
)

func mappingsCommand(t *terminal) *cobra.Command {
	command := &cobra.Command{
		Use:   "mappings",
		Short: "See and decide which venues and codes belong together",
		Long: `mappings shows and decides how the two sides belong together. Each Eitje venue is
connected to one Connexie venue or not used; each Connexie venue that is not used is set
Inactive. While something is undecided, people of undecided venues are left out and
export is refused.

Reads DATABASE_URL.`,
		Example: `  starter mappings list --connection 0190a1b2-0000-7000-8000-000000000002
  starter mappings venue -h
  starter mappings code -h`,
	}
	command.AddCommand(mappingsListCommand(t), mappingsVenueCommand(t), mappingsCodeCommand(t))
	t.group(command, "subcommand")
	return command
}

func mappingsListCommand(t *terminal) *cobra.Command {
	var connection string
	command := &cobra.Command{
		Use:     "list --connection ID",
		Short:   "List the venues of both sides and the codes, with what is decided",
		Example: "  starter mappings list --connection 0190a1b2-0000-7000-8000-000000000002",
		Args:    cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error {
			return t.mappings(ctx, func(ctx context.Context, operator *app.Operator) (app.Mappings, error) {
				return operator.Mappings(ctx, connection)
			})
		}),
	}
	command.Flags().StringVar(&connection, "connection", "", "id of the connection; see: starter status")
	t.require(command, "connection")
	return command
}

func mappingsVenueCommand(t *terminal) *cobra.Command {
	var decision app.VenueDecision
	command := &cobra.Command{
		Use:   "venue --connection ID (--eitje ID --connexie ID|not-used | --connexie ID --inactive)",
		Short: "Decide about one venue",
		Long: `venue decides about one venue, in place of what was decided before. Several Eitje venues
may share one Connexie venue; one Eitje venue never has two.`,
		Example: `  starter mappings venue --connection CONNECTION --eitje 0190a1b2-0000-7000-8000-000000000004 --connexie ven_12
  starter mappings venue --connection CONNECTION --eitje 0190a1b2-0000-7000-8000-000000000004 --connexie not-used
  starter mappings venue --connection CONNECTION --connexie ven_12 --inactive`,
		Args: cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error {
			return t.mappings(ctx, func(ctx context.Context, operator *app.Operator) (app.Mappings, error) {
				return operator.DecideVenue(ctx, decision)
			})
		}),
	}
	f := command.Flags()
	f.StringVar(&decision.ConnectionID, "connection", "", "id of the connection")
	f.StringVar(&decision.EitjeID, "eitje", "", "id of a venue in Eitje")
	f.StringVar(&decision.ConnexieID, "connexie", "", "id of a venue in Connexie, or "+app.NotUsed)
	f.BoolVar(&decision.Inactive, "inactive", false, "set the Connexie venue Inactive")
	f.StringVar(&decision.By, "by", app.DefaultRequester, "id of who decides, a person or program; never a name")
	t.require(command, "connection")
	return command
}

func mappingsCodeCommand(t *terminal) *cobra.Command {
	var decision app.CodeDecision
	command := &cobra.Command{
		Use:   "code --connection ID --kind hours|meal|allowance [--type T] --code C",
		Short: "Choose the code under which hours, a meal or an allowance goes out",
		Example: `  starter mappings code --connection CONNECTION --kind hours --code 1000
  starter mappings code --connection CONNECTION --kind meal --type dinner --code 2000`,
		Args: cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error {
			return t.mappings(ctx, func(ctx context.Context, operator *app.Operator) (app.Mappings, error) {
				return operator.DecideCode(ctx, decision)
			})
		}),
	}
	f := command.Flags()
	f.StringVar(&decision.ConnectionID, "connection", "", "id of the connection")
	f.StringVar(&decision.Kind, "kind", "", "hours, meal or allowance")
	f.StringVar(&decision.Type, "type", "", "the organisation's own word for the meal or allowance")
	f.StringVar(&decision.Code, "code", "", "a code that Connexie has activated")
	f.StringVar(&decision.By, "by", app.DefaultRequester, "id of who decides, a person or program; never a name")
	t.require(command, "connection", "kind", "code")
	return command
}

// mappings does one thing and shows what is decided then.
func (t *terminal) mappings(
	ctx context.Context, work func(context.Context, *app.Operator) (app.Mappings, error),
) error {
	return withOperator(ctx, needsDatabase, func(ctx context.Context, operator *app.Operator) error {
		mappings, err := work(ctx, operator)
		if err != nil {
			return err
		}
		t.result(mappings, func() { t.showMappings(mappings) })
		return nil
	})
}
