package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/eitje/connexie-worker/internal/app"
)

func duplicatesCommand(t *terminal) *cobra.Command {
	command := &cobra.Command{
		Use:   "duplicates",
		Short: "See likely duplicates, and make two profiles of one person one",
		Long: `duplicates is for a person who has two profiles in Eitje: the old one, and one that a synchronisation
made because the e-mail address differs. A repair moves the link to Connexie, the hours, contracts and
venues from the duplicate to the profile that you keep, and archives the empty one, all at once. Hours
that were exported stay exported. It can be taken back.

  --keep   the profile that stays, usually the old one
  --drop   the duplicate, which ends up empty and archived`,
		Example: `  starter duplicates list --connection 0190a1b2-0000-7000-8000-000000000002
  starter duplicates preview --keep OLD --drop NEW
  starter duplicates repair --keep OLD --drop NEW --by user_42
  starter duplicates undo --keep OLD --drop NEW`,
	}
	command.AddCommand(
		duplicatesListCommand(t), duplicatesHistoryCommand(t),
		duplicatesRepairCommand(t, app.RepairPreview, "preview", "Compare two profiles, and see what a repair would move",
			`preview puts the two profiles next to each other and counts what a repair would move at this moment. It
changes nothing. It prints personal data on this screen; it goes nowhere else.`),
		duplicatesRepairCommand(t, app.RepairApply, "repair", "Make two profiles of one person one",
			`repair moves everything to the profile that you keep, in one action, and brings it up to date with
Connexie. It is refused, and nothing is changed, where the two are linked to different people, where
neither is linked, and while the end of an employment is open for one of them. Repairing again is
harmless.`),
		duplicatesRepairCommand(t, app.RepairUndo, "undo", "Take a repair back",
			`undo moves back what the repair had moved and brings the archived profile back. Hours that were edited
since move back as they are now; hours that were deleted are gone; hours that were added since stay
with the profile that was kept. All of these are counted. Undoing again is harmless.`),
	)
	t.group(command, "subcommand")
	return command
}

// mostDuplicates is more than anybody compares at a time.
const mostDuplicates = 200

func duplicatesListCommand(t *terminal) *cobra.Command {
	var (
		connection string
		limit      int
	)
	command := &cobra.Command{
		Use:   "list --connection ID",
		Short: "List likely duplicates with both profiles",
		Long: `list shows every linked profile that a profile without a Connexie ID looks like: the same name and birth
date, or the same phone. Pairs whose repair was taken back come last. It prints personal data on this
screen; it goes nowhere else.

Reads DATABASE_URL.`,
		Example: "  starter duplicates list --connection 0190a1b2-0000-7000-8000-000000000002",
		Args:    cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error {
			if err := checkLimit(limit, mostDuplicates); err != nil {
				return err
			}
			return withOperator(ctx, needsDatabase, func(ctx context.Context, operator *app.Operator) error {
				duplicates, err := operator.Duplicates(ctx, connection, limit)
				if err != nil {
					return err
				}
				t.result(map[string]any{"connection_id": connection, "duplicates": duplicates},
					func() { t.showDuplicates(connection, duplicates) })
				return nil
			})
		}),
	}
	f := command.Flags()
	f.StringVar(&connection, "connection", "", "id of the connection; see: starter status")
	f.IntVar(&limit, "limit", 50, "how many at most")
	t.require(command, "connection")
	return command
}

func duplicatesHistoryCommand(t *terminal) *cobra.Command {
	var (
		connection string
		limit      int
	)
	command := &cobra.Command{
		Use:     "history --connection ID",
		Short:   "List the repairs that were made, and those that were undone",
		Long:    "history shows who repaired what, when, how much was moved, and whether it was taken back.\n\nReads DATABASE_URL.",
		Example: "  starter duplicates history --connection 0190a1b2-0000-7000-8000-000000000002",
		Args:    cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error {
			if err := checkLimit(limit, mostDuplicates); err != nil {
				return err
			}
			return withOperator(ctx, needsDatabase, func(ctx context.Context, operator *app.Operator) error {
				repairs, err := operator.Repairs(ctx, connection, limit)
				if err != nil {
					return err
				}
				t.result(map[string]any{"connection_id": connection, "repairs": repairs}, func() { t.showRepairs(connection, repairs) })
				return nil
			})
		}),
	}
	f := command.Flags()
	f.StringVar(&connection, "connection", "", "id of the connection; see: starter status")
	f.IntVar(&limit, "limit", 50, "how many at most")
	t.require(command, "connection")
	return command
}

func duplicatesRepairCommand(t *terminal, mode app.RepairMode, name, short, long string) *cobra.Command {
	var timeout time.Duration
	request := app.RepairRequest{Mode: mode}
	command := &cobra.Command{
		Use:   name + " --keep ID --drop ID",
		Short: short,
		Long: long + `

Ends with 0 where it is done, and with 4 where it was refused.

Reads DATABASE_URL, TEMPORAL_* and TEMPORAL_UI_URL.`,
		Example: "  starter duplicates " + name + ` --keep 0190a1b2-0000-7000-8000-000000000005 --drop 0190a1b2-0000-7000-8000-000000000006`,
		Args:    cobra.NoArgs,
		RunE:    t.does(func(ctx context.Context) error { return repair(ctx, t, request, timeout) }),
	}
	f := command.Flags()
	f.StringVar(&request.KeepID, "keep", "", "id of the profile that stays; see: starter duplicates list")
	f.StringVar(&request.DropID, "drop", "", "id of the duplicate")
	f.StringVar(&request.By, "by", app.DefaultRequester, "id of who asks, a person or program; never a name")
	f.DurationVar(&timeout, "timeout", 2*time.Minute, "how long to wait")
	t.require(command, "keep", "drop")
	return command
}

func repair(ctx context.Context, t *terminal, request app.RepairRequest, patience time.Duration) error {
	if err := checkTimeout(patience); err != nil {
		return err
	}
	return withOperator(ctx, needsEngine, func(ctx context.Context, operator *app.Operator) error {
		waiting, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		p := t.progress()
		p.show("waiting", 0, 0)
		report, err := operator.Repair(waiting, request)
		p.end()
		lookAgain := "starter duplicates history -h"
		if report.ConnectionID != "" {
			lookAgain = "starter duplicates history --connection " + report.ConnectionID
		}
		if err != nil && ctx.Err() == nil && waiting.Err() != nil {
			return overtime(patience, lookAgain)
		}
		if err != nil {
			return lostSight(interrupted(ctx, err, lookAgain), lookAgain)
		}
		t.result(report, func() { t.showRepair(report) })
		return exitWith(repairCode(report))
	})
}

func repairCode(report app.RepairReport) int {
	if report.Outcome == app.RepairRefused {
		return exitRefused
	}
	return exitDone
}
