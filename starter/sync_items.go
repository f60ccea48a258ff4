package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/eitje/connexie-worker/internal/app"
)

type pageFlags struct {
	run, after string
	limit      int
}

func (p *pageFlags) add(command *cobra.Command, behind string) {
	f := command.Flags()
	f.StringVar(&p.run, "run", "", "id of the run; see: starter status --connection ID")
	f.StringVar(&p.after, "after", "", "begin behind "+behind)
	f.IntVar(&p.limit, "limit", 1000, "how many at most")
}

func syncItemsCommand(t *terminal) *cobra.Command {
	var flags pageFlags
	command := &cobra.Command{
		Use:     "items --run ID",
		Short:   "Show what a run did, or would do, about whom",
		Example: "  starter sync items --run 0190a1b2-0000-5000-8000-000000000003",
		Args:    cobra.NoArgs,
		RunE:    t.does(func(ctx context.Context) error { return syncItems(ctx, t, flags) }),
	}
	flags.add(command, "this Connexie ID")
	t.require(command, "run")
	return command
}

func syncItems(ctx context.Context, t *terminal, flags pageFlags) error {
	if err := checkLimit(flags.limit, maxItems); err != nil {
		return err
	}
	return withOperator(ctx, needsDatabase, func(ctx context.Context, operator *app.Operator) error {
		run, err := operator.Run(ctx, flags.run)
		if err != nil {
			return err
		}
		items, err := operator.Items(ctx, run.RunID, flags.after, flags.limit)
		if err != nil {
			return err
		}
		t.result(map[string]any{"run_id": run.RunID, "items": items}, func() {
			if len(items) == 0 {
				t.say("Run %s kept nothing about anybody: there was nothing to do.", run.RunID)
			}
			for _, item := range items {
				if len(item.Steps) > 0 {
					t.showSteps(item)
				}
			}
			t.showItems(items)
			if len(items) == flags.limit {
				t.say("There may be more: --after %s", items[len(items)-1].ConnexieID)
			}
		})
		return nil
	})
}

func syncChangesCommand(t *terminal) *cobra.Command {
	var flags pageFlags
	command := &cobra.Command{
		Use:     "changes --run ID",
		Short:   "Show the audit lines of a run: every field that it changed",
		Example: "  starter sync changes --run 0190a1b2-0000-5000-8000-000000000003",
		Args:    cobra.NoArgs,
		RunE:    t.does(func(ctx context.Context) error { return syncChanges(ctx, t, flags) }),
	}
	flags.add(command, "the line of this id")
	t.require(command, "run")
	return command
}

func syncChanges(ctx context.Context, t *terminal, flags pageFlags) error {
	if err := checkLimit(flags.limit, maxItems); err != nil {
		return err
	}
	return withOperator(ctx, needsDatabase, func(ctx context.Context, operator *app.Operator) error {
		run, err := operator.Run(ctx, flags.run)
		if err != nil {
			return err
		}
		lines, err := operator.Changes(ctx, run.RunID, flags.after, flags.limit)
		if err != nil {
			return err
		}
		t.result(map[string]any{"run_id": run.RunID, "changes": lines}, func() {
			if len(lines) == 0 {
				t.say("Run %s changed nothing.", run.RunID)
			}
			t.showChanges(lines)
			if len(lines) == flags.limit {
				t.say("There may be more: --after %s", lines[len(lines)-1].ID)
			}
		})
		return nil
	})
}

func (t *terminal) showChanges(lines []app.ChangeLine) {
	var rows []row
	for _, line := range lines {
		rows = append(rows, row{
			local(line.At).Format(time.TimeOnly), line.ConnexieID, words(string(line.Object)), line.ObjectID, line.Field,
			orDash(line.Before), orDash(line.After), line.By,
		})
	}
	t.table("Changes", row{"at", "connexie id", "of", "id", "field", "before", "after", "by"}, rows...)
}
