package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/eitje/connexie-worker/internal/app"
)

func syncUndoCommand(t *terminal) *cobra.Command {
	var request app.UndoRequest
	command := &cobra.Command{
		Use:   "undo (--run ID | --undo ID) [--contract ID]",
		Short: "Take back what a run did to one contract",
		Long: `undo restores what a contract in Eitje held before a run overwrote or removed it. It does so only
while the contract still holds what the run left there; otherwise it names the fields and changes
nothing. A contract that the run created is not taken away: end it in Connexie.

Connexie leads: the next synchronisation overwrites the contract again, unless it is corrected in
Connexie, or the person is on hold. --hold-until DAY sets that hold in the same step. An undo can be
undone by its own id.

Reads DATABASE_URL.`,
		Example: `  starter sync changes --run 0190a1b2-0000-5000-8000-000000000003
  starter sync undo --run 0190a1b2-0000-5000-8000-000000000003 --person emp_0042
  starter sync undo --run RUN --contract CONTRACT --hold-until 2026-12-31 --reason "payroll corrects it"
  starter sync undo --undo 0190a1b2-0000-7000-8000-000000000006`,
		Args: cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error { return undo(ctx, t, request) }),
	}
	f := command.Flags()
	f.StringVar(&request.RunID, "run", "", "id of the run; see: starter status --connection ID")
	f.StringVar(&request.UndoID, "undo", "", "id of an undo that is to be undone")
	f.StringVar(&request.ContractID, "contract", "", "id of the contract in Eitje; needed where several were changed")
	f.StringVar(&request.ConnexieID, "person", "", "Connexie ID of the person whose contract it is, instead of --contract")
	f.StringVar(&request.HoldUntil, "hold-until", "", "put the person on hold through this day, such as 2026-12-31")
	f.StringVar(&request.Reason, "reason", "", "why the person is on hold, in a sentence")
	f.StringVar(&request.By, "by", app.DefaultRequester, "id of who undoes it, a person or program; never a name")
	command.MarkFlagsMutuallyExclusive("run", "undo")
	command.MarkFlagsMutuallyExclusive("contract", "person")
	return command
}

func undo(ctx context.Context, t *terminal, request app.UndoRequest) error {
	if request.RunID == "" && request.UndoID == "" {
		return usage("starter sync undo needs --run or --undo")
	}
	return withOperator(ctx, needsDatabase, func(ctx context.Context, operator *app.Operator) error {
		undone, err := operator.UndoContract(ctx, request)
		if err != nil {
			return err
		}
		t.result(undone, func() { t.showUndone(undone) })
		return nil
	})
}

func (t *terminal) showUndone(undone app.Undone) {
	if undone.Already {
		t.say("%s %s of %s was as before already.", t.bold("Contract"), undone.ContractID, undone.ConnexieID)
	} else {
		var rows []row
		for _, change := range undone.Changes {
			rows = append(rows, row{change.Field, orDash(change.Before), orDash(change.After)})
		}
		t.table("Contract "+undone.ContractID+" of "+undone.ConnexieID, row{"field", "before", "after"}, rows...)
		t.say("To take this back: starter sync undo --undo %s", undone.UndoID)
	}
	if undone.Hold != nil {
		t.say("%s is on hold through %s.", undone.ConnexieID, undone.Hold.Until)
	}
	t.say("Next: %s", undone.NextStep)
}
