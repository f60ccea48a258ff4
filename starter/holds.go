package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/eitje/connexie-worker/internal/app"
)

func holdsCommand(t *terminal) *cobra.Command {
	command := &cobra.Command{
		Use:   "holds",
		Short: "Keep the synchronisation away from one person for a while",
		Long: `holds exempts a person from the synchronisation until a day, that day included: what is in Eitje
stays as it is, whatever Connexie says. A hold ends by itself the day after; the next synchronisation
then acts. Exports of hours and the ending of an employment go on. Notifications about the person are
neither opened nor closed meanwhile.

Reads DATABASE_URL.`,
		Example: `  starter holds list --connection 0190a1b2-0000-7000-8000-000000000002
  starter holds set --connection CONNECTION --person emp_0042 --until 2026-12-31 --reason "payroll corrects the contract"
  starter holds lift --connection CONNECTION --person emp_0042`,
	}
	command.AddCommand(holdsListCommand(t), holdsSetCommand(t), holdsLiftCommand(t))
	t.group(command, "subcommand")
	return command
}

func holdsListCommand(t *terminal) *cobra.Command {
	var (
		connection string
		all        bool
	)
	command := &cobra.Command{
		Use:     "list --connection ID",
		Short:   "List who is on hold, until when and why",
		Example: "  starter holds list --connection 0190a1b2-0000-7000-8000-000000000002 --all",
		Args:    cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error {
			return withOperator(ctx, needsDatabase, func(ctx context.Context, operator *app.Operator) error {
				holds, err := operator.Holds(ctx, connection, all)
				if err != nil {
					return err
				}
				t.result(map[string]any{"connection_id": connection, "holds": holds}, func() {
					t.sayIfNone(len(holds), "Nobody of connection "+connection+" is on hold.")
					t.showHolds(holds)
				})
				return nil
			})
		}),
	}
	f := command.Flags()
	f.StringVar(&connection, "connection", "", "id of the connection; see: starter status")
	f.BoolVar(&all, "all", false, "also holds that have ended")
	t.require(command, "connection")
	return command
}

func holdsSetCommand(t *terminal) *cobra.Command {
	var request app.HoldRequest
	command := &cobra.Command{
		Use:   "set --connection ID --person ID --until DAY --reason TEXT",
		Short: "Put a person on hold, or move the last day of the hold",
		Long: `set exempts a person from the synchronisation through the day that is given. Where the person is on
hold already, that hold gets the new last day. Setting the same again changes nothing.`,
		Example: `  starter holds set --connection CONNECTION --person emp_0042 --until 2026-12-31 --reason "payroll corrects the contract"`,
		Args:    cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error {
			return t.hold(ctx, func(ctx context.Context, operator *app.Operator) (app.HoldDone, error) {
				return operator.SetHold(ctx, request)
			})
		}),
	}
	f := command.Flags()
	f.StringVar(&request.ConnectionID, "connection", "", "id of the connection; see: starter status")
	f.StringVar(&request.ConnexieID, "person", "", "Connexie ID of the person")
	f.StringVar(&request.Until, "until", "", "last day of the hold, such as 2026-12-31")
	f.StringVar(&request.Reason, "reason", "", "why, in a sentence")
	f.StringVar(&request.By, "by", app.DefaultRequester, "id of who sets it, a person or program; never a name")
	t.require(command, "connection", "person", "until", "reason")
	return command
}

func holdsLiftCommand(t *terminal) *cobra.Command {
	var connection, person, by string
	command := &cobra.Command{
		Use:     "lift --connection ID --person ID",
		Short:   "End a hold before its last day",
		Long:    "lift ends a hold now; the next synchronisation acts again. Lifting one that has ended changes nothing.",
		Example: "  starter holds lift --connection CONNECTION --person emp_0042 --by user_42",
		Args:    cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error {
			return t.hold(ctx, func(ctx context.Context, operator *app.Operator) (app.HoldDone, error) {
				return operator.LiftHold(ctx, connection, person, by)
			})
		}),
	}
	f := command.Flags()
	f.StringVar(&connection, "connection", "", "id of the connection; see: starter status")
	f.StringVar(&person, "person", "", "Connexie ID of the person; see: starter holds list")
	f.StringVar(&by, "by", app.DefaultRequester, "id of who lifts it, a person or program; never a name")
	t.require(command, "connection", "person")
	return command
}

// hold does one thing to a hold and shows it.
func (t *terminal) hold(ctx context.Context, work func(context.Context, *app.Operator) (app.HoldDone, error)) error {
	return withOperator(ctx, needsDatabase, func(ctx context.Context, operator *app.Operator) error {
		done, err := work(ctx, operator)
		if err != nil {
			return err
		}
		t.result(done, func() { t.showHold(done) })
		return nil
	})
}

func (t *terminal) showHold(done app.HoldDone) {
	switch {
	case done.InForce && done.Changed:
		t.say("%s %s is on hold through %s.", t.bold("Person"), done.ConnexieID, done.Until)
	case done.InForce:
		t.say("%s %s was on hold through %s already.", t.bold("Person"), done.ConnexieID, done.Until)
	case done.Changed:
		t.say("%s %s is no longer on hold.", t.bold("Person"), done.ConnexieID)
	default:
		t.say("%s %s was not on hold any more.", t.bold("Person"), done.ConnexieID)
	}
	t.say("Next: %s", done.NextStep)
}

func (t *terminal) showHolds(holds []app.Hold) {
	var rows []row
	for _, hold := range holds {
		state := "in force"
		switch {
		case hold.LiftedBy != "":
			state = "lifted by " + hold.LiftedBy
		case !hold.InForce:
			state = "over"
		}
		rows = append(rows, row{hold.ConnexieID, hold.Until.String(), state, hold.By, when(hold.CreatedAt), orDash(hold.Reason)})
	}
	t.table("Holds", row{"connexie id", "until", "state", "by", "since", "reason"}, rows...)
}
