package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/eitje/connexie-worker/internal/app"
)

type eraseFlags struct {
	request      app.ErasureRequest
	preview, yes bool
}

// addPerson adds what names one person.
func (f *eraseFlags) addPerson(command *cobra.Command) {
	flags := command.Flags()
	flags.StringVar(&f.request.ConnectionID, "connection", "", "id of the connection; see: starter status")
	flags.StringVar(&f.request.ConnexieID, "person", "", "the person's Connexie ID, such as emp_0001")
	flags.StringVar(&f.request.TeamMemberID, "team-member", "", "or the id of the team member in Eitje")
	flags.StringVar(&f.request.By, "by", app.DefaultRequester, "id of who asks, a person or program; never a name")
	command.MarkFlagsOneRequired("person", "team-member")
	command.MarkFlagsMutuallyExclusive("person", "team-member")
}

func eraseCommand(t *terminal) *cobra.Command {
	var flags eraseFlags
	command := &cobra.Command{
		Use:   "erase --connection ID (--person CONNEXIE_ID | --team-member ID)",
		Short: "Remove what is known of one person, for good",
		Long: `erase removes name, contact data, contracts, and everything else that is known of one person, from Eitje's
tables and from the integration's own. It cannot be taken back.

What stays are an empty row that nobody can tell the person from, and with it the hours and the
lines of exports as ids and quantities: the totals that payroll was told stay what they are, and
a period that is exported again comes out the same. Connexie's own administration is not touched:
ask there for the same. Every later synchronisation leaves the person out until somebody lifts
the erasure.

It is refused while the employment is active or approved hours have not been exported, unless
--force is given, and while an ending or an export is under way.

With --preview nothing is changed: what would go is shown by table. Without it, --yes is needed.

Reads DATABASE_URL and ENCRYPTION_KEYS.`,
		Example: `  starter erase --connection 0190a1b2-0000-7000-8000-000000000002 --person emp_0001 --preview
  starter erase --connection 0190a1b2-0000-7000-8000-000000000002 --person emp_0001 --yes --by user_42
  starter erase list --connection 0190a1b2-0000-7000-8000-000000000002
  starter erase lift --connection 0190a1b2-0000-7000-8000-000000000002 --person emp_0001`,
		Args: cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error { return erase(ctx, t, flags) }),
	}
	flags.addPerson(command)
	f := command.Flags()
	f.BoolVar(&flags.preview, "preview", false, "show what would go and what would stay, and change nothing")
	f.BoolVar(&flags.yes, "yes", false, "erase: it cannot be taken back")
	f.BoolVar(&flags.request.Force, "force", false, "also while the employment is active, or hours have not been exported")
	command.MarkFlagsMutuallyExclusive("preview", "yes")
	t.require(command, "connection")
	command.AddCommand(eraseListCommand(t), eraseLiftCommand(t))
	return command
}

func erase(ctx context.Context, t *terminal, flags eraseFlags) error {
	if !flags.preview && !flags.yes {
		return usage("an erasure cannot be taken back: look at it first with --preview, then give --yes")
	}
	return withOperator(ctx, needsKeys, func(ctx context.Context, operator *app.Operator) error {
		do := operator.Erase
		if flags.preview {
			do = operator.PreviewErasure
		}
		report, err := do(ctx, flags.request)
		if err != nil {
			return err
		}
		t.result(report, func() { t.showErasure(report) })
		if report.Outcome == app.ErasureRefused || report.Outcome == app.ErasureNeedsForce && !flags.request.Force {
			return exitWith(exitRefused)
		}
		return nil
	})
}

func eraseListCommand(t *terminal) *cobra.Command {
	var (
		connection string
		limit      int
	)
	command := &cobra.Command{
		Use:   "list --connection ID",
		Short: "List the erasures of a connection",
		Long: `list shows when somebody was erased, by whom, and whether the erasure was lifted. Whom it was
about is not known any more.

Reads DATABASE_URL.`,
		Example: "  starter erase list --connection 0190a1b2-0000-7000-8000-000000000002",
		Args:    cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error {
			if err := checkLimit(limit, 1000); err != nil {
				return err
			}
			return withOperator(ctx, needsDatabase, func(ctx context.Context, operator *app.Operator) error {
				erasures, err := operator.Erasures(ctx, connection, limit)
				if err != nil {
					return err
				}
				t.result(map[string]any{"erasures": erasures}, func() { t.showErasures(erasures) })
				return nil
			})
		}),
	}
	f := command.Flags()
	f.StringVar(&connection, "connection", "", "id of the connection; see: starter status")
	f.IntVar(&limit, "limit", 100, "how many erasures to list")
	t.require(command, "connection")
	return command
}

func eraseLiftCommand(t *terminal) *cobra.Command {
	var flags eraseFlags
	command := &cobra.Command{
		Use:   "lift --connection ID (--person CONNEXIE_ID | --team-member ID)",
		Short: "Let an erased person come back with the next synchronisation",
		Long: `lift ends an erasure: the next synchronisation brings the person in again, with what Connexie sends,
under the same profile as long as periods may be exported again, and else under a new one. What was erased
stays erased. The log-in address of the old profile is filled in by hand: a synchronisation never writes it.

Reads DATABASE_URL and ENCRYPTION_KEYS.`,
		Example: "  starter erase lift --connection 0190a1b2-0000-7000-8000-000000000002 --person emp_0001 --by user_42",
		Args:    cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error {
			return withOperator(ctx, needsKeys, func(ctx context.Context, operator *app.Operator) error {
				lifted, err := operator.LiftErasure(ctx, flags.request)
				if err != nil {
					return err
				}
				t.result(lifted, func() {
					t.say("The erasure is lifted. Next: starter sync --connection %s", lifted.ConnectionID)
				})
				return nil
			})
		}),
	}
	flags.addPerson(command)
	t.require(command, "connection")
	return command
}
