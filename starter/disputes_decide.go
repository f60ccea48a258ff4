package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/eitje/connexie-worker/internal/app"
)

func disputesDecideCommand(t *terminal) *cobra.Command {
	command := &cobra.Command{
		Use:   "decide",
		Short: "Decide about a disputed person: link, create or skip",
		Long: `decide says whose profile it is. The person is synchronised at once, also while the whole
connection is being synchronised.

  link     this profile is the person's
  create   none of the profiles is the person's: give them one of their own
  skip     leave the person out until the e-mail address or the candidates change

Where somebody has decided otherwise before, this is refused and tells who.`,
		Example: `  starter disputes decide link --connection CONNECTION --person emp_0042 --team-member 0190a1b2-0000-7000-8000-000000000005
  starter disputes decide create --connection CONNECTION --person emp_0042 --reason "her sister's address"
  starter disputes decide skip --connection CONNECTION --person emp_0042 --by user_42`,
	}
	command.AddCommand(
		disputeDecision(t, app.DecideLink, "Link the person to one of the candidates",
			`link says that a profile is the person's. It becomes linked, and is activated again if it was inactive.`,
			`  starter disputes decide link --connection CONNECTION --person emp_0042 --team-member 0190a1b2-0000-7000-8000-000000000005`),
		disputeDecision(t, app.DecideCreate, "Create a profile: none of the candidates is this person",
			`create gives the person a profile of their own, although another profile or person has the e-mail address.`,
			`  starter disputes decide create --connection CONNECTION --person emp_0042 --reason "her sister's address"`),
		disputeDecision(t, app.DecideSkip, "Leave the person out for now",
			`skip leaves the person out of the synchronisation and of the queue, until the e-mail address or the
candidates change. To decide otherwise before, name the decision: --instead-of ID.`,
			`  starter disputes decide skip --connection CONNECTION --person emp_0042 --reason "leaves next week"`),
	)
	t.group(command, "decision")
	return command
}

type disputeFlags struct {
	app.DisputeRequest
	noWait  bool
	timeout time.Duration
}

func disputeDecision(t *terminal, kind app.DecisionKind, short, long, example string) *cobra.Command {
	flags := disputeFlags{DisputeRequest: app.DisputeRequest{Decision: kind}}
	use := string(kind) + " --connection ID --person ID"
	required := []string{"connection", "person"}
	if kind == app.DecideLink {
		use, required = use+" --team-member ID", append(required, "team-member")
	}
	command := &cobra.Command{
		Use: use, Short: short, Example: example, Args: cobra.NoArgs,
		Long: long + `

The decision is kept with who took it, when, and why; the reason stays in the database. It waits for
the synchronisation of the person unless --no-wait is given. Deciding the same again is harmless.

Reads DATABASE_URL, TEMPORAL_* and TEMPORAL_UI_URL.`,
		RunE: t.does(func(ctx context.Context) error { return decideDispute(ctx, t, flags) }),
	}
	f := command.Flags()
	f.StringVar(&flags.ConnectionID, "connection", "", "id of the connection")
	f.StringVar(&flags.ConnexieID, "person", "", "Connexie ID of the person; see: starter disputes list")
	if kind == app.DecideLink {
		f.StringVar(&flags.TeamMemberID, "team-member", "", "id of the candidate in Eitje; see: starter disputes show")
	}
	f.StringVar(&flags.Reason, "reason", "", "why, in a sentence")
	f.StringVar(&flags.InsteadOf, "instead-of", "", "id of the decision in force that this one replaces")
	f.StringVar(&flags.By, "by", app.DefaultRequester, "id of who decides, a person or program; never a name")
	f.BoolVar(&flags.noWait, "no-wait", false, "do not wait for the synchronisation of the person")
	f.DurationVar(&flags.timeout, "timeout", 5*time.Minute, "how long to wait")
	t.require(command, required...)
	return command
}

// disputeReport is a decision and what the synchronisation of the person made of it.
type disputeReport struct {
	app.DisputeTaken
	Run  *app.Run  `json:"run,omitempty"`
	Item *app.Item `json:"item,omitempty"`
}

func decideDispute(ctx context.Context, t *terminal, flags disputeFlags) error {
	if err := checkTimeout(flags.timeout); err != nil {
		return err
	}
	return withOperator(ctx, needsEngine, func(ctx context.Context, operator *app.Operator) error {
		decided, err := operator.DecideDispute(ctx, flags.DisputeRequest)
		if err != nil {
			return err
		}
		report := disputeReport{DisputeTaken: decided}
		if flags.noWait {
			t.result(report, func() { t.showDisputeDecided(report) })
			return nil
		}
		run, err := t.followDispute(ctx, operator, decided, flags.timeout)
		if err != nil {
			return err
		}
		report.Run = &run
		items, err := operator.Items(ctx, run.RunID, "", 1)
		if err != nil {
			return err
		}
		if len(items) > 0 {
			report.Item = &items[0]
		}
		t.result(report, func() { t.showDisputeDecided(report) })
		return exitWith(disputeCode(report))
	})
}

// disputeCode is that of the sync; of one that could not follow the decision it is
// that of problems.
func disputeCode(report disputeReport) int {
	if report.Item != nil && report.Item.Disputed() {
		return exitProblems
	}
	return syncCode(report.Run.Outcome)
}

func (t *terminal) followDispute(
	ctx context.Context, operator *app.Operator, decided app.DisputeTaken, patience time.Duration,
) (app.Run, error) {
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	p := t.progress()
	p.show("waiting", 0, 0)
	run, err := operator.FollowDispute(waiting, decided, func(run app.Run) { p.show(run.Stage, run.Done, run.Total) })
	p.end()
	lookAgain := "starter disputes show --connection " + decided.ConnectionID + " --person " + decided.ConnexieID
	if err != nil && ctx.Err() == nil && waiting.Err() != nil {
		return run, overtime(patience, lookAgain)
	}
	return run, lostSight(interrupted(ctx, err, lookAgain), lookAgain)
}
