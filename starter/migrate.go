package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/eitje/connexie-worker/internal/app"
	"github.com/eitje/connexie-worker/internal/config"
)

func migrateCommand(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use:   "migrate",
		Short: "Bring database, search attributes and schedule up to date",
		Long: `migrate brings the database to the newest schema under a lock, registers the search
attributes in Temporal, and creates or updates the schedules. It may be repeated,
also by several at once, and leaves a schedule paused that somebody paused.

Reads DATABASE_URL and TEMPORAL_*.`,
		Example: "  starter migrate\n  starter migrate --json",
		Args:    cobra.NoArgs,
		RunE:    t.does(func(ctx context.Context) error { return migrate(ctx, t) }),
	}
}

func migrate(ctx context.Context, t *terminal) error {
	cfg, err := config.LoadStarter(needsEngine)
	if err != nil {
		return err
	}
	logger, err := app.StarterLogger(cfg, os.Stderr)
	if err != nil {
		return err
	}
	defer func() { _ = logger.Sync() }()
	done, err := app.Migrate(ctx, cfg, logger, func(message string) {
		if !t.json {
			t.note("%s", message)
		}
	})
	if err != nil {
		return err
	}
	t.result(done, func() {
		attributes := "all there"
		if len(done.SearchAttributes) > 0 {
			attributes = "added " + strings.Join(done.SearchAttributes, ", ")
		}
		rows := []row{{"schema", schemaChange(done)}, {"search attributes", attributes}}
		for _, id := range slices.Sorted(maps.Keys(done.Schedules)) {
			rows = append(rows, row{"schedule " + id, string(done.Schedules[id])})
		}
		t.table("", row{"what", "now"}, rows...)
		t.say("Next: activate a connection with: starter activate -h")
	})
	return nil
}

func schemaChange(done app.Migration) string {
	if done.FromVersion == done.ToVersion {
		return fmt.Sprintf("version %d, nothing to do", done.ToVersion)
	}
	return fmt.Sprintf("version %d, from %d", done.ToVersion, done.FromVersion)
}
