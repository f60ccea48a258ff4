package main

import (
	"context"
	"os"

	"github.com/spf13/cobra"

	"github.com/eitje/connexie-worker/internal/app"
	"github.com/eitje/connexie-worker/internal/config"
)

func doctorCommand(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Check everything that a synchronisation needs, with the next step for each",
		Long: `doctor looks at PostgreSQL and its schema, at Temporal with its search attributes, its
schedule and its workers, at the key ring, asks Connexie about the token of each active
connection, and looks whether the last night came, whether a run is held, has failed or
does not come on, and whether an export does not come on or left something unsettled in
Connexie. It changes nothing, and exits 0 where nothing has failed.

Reads every variable but HTTP_ADDR.`,
		Example: "  starter doctor\n  starter doctor --json",
		Args:    cobra.NoArgs,
		RunE:    t.does(func(ctx context.Context) error { return diagnose(ctx, t) }),
	}
}

func diagnose(ctx context.Context, t *terminal) error {
	needs := []config.Part{config.PartDatabase, config.PartConnexie, config.PartKeys, config.PartTemporal}
	cfg, err := config.LoadStarter(needs, app.KeyRingCheck())
	if err != nil {
		return err
	}
	logger, err := app.StarterLogger(cfg, os.Stderr)
	if err != nil {
		return err
	}
	defer func() { _ = logger.Sync() }()
	diagnosis := app.Diagnose(ctx, cfg, logger)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	t.result(diagnosis, func() { t.showDiagnosis(diagnosis) })
	if !diagnosis.Healthy {
		return exitWith(exitFailed)
	}
	return nil
}

func (t *terminal) showDiagnosis(diagnosis app.Diagnosis) {
	var rows []row
	for _, check := range diagnosis.Checks {
		status := string(check.Status)
		if check.Status != app.CheckOK {
			status = t.alert(status)
		}
		rows = append(rows, row{status, check.Name, check.Detail, orDash(check.NextStep)})
	}
	t.table("", row{"", "what", "found", "next step"}, rows...)
	if diagnosis.Healthy {
		t.say("Nothing has failed.")
	}
}
