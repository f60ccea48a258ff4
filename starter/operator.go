package main

import (
	"context"
	"os"

	"github.com/eitje/connexie-worker/internal/app"
	"github.com/eitje/connexie-worker/internal/config"
)

// withOperator reads the parts of the configuration that a command needs, opens
// them, and gives them back when the work is done.
func withOperator(
	ctx context.Context, needs []config.Part, work func(ctx context.Context, operator *app.Operator) error,
) error {
	cfg, err := config.LoadStarter(needs, app.KeyRingCheck())
	if err != nil {
		return err
	}
	logger, err := app.StarterLogger(cfg, os.Stderr)
	if err != nil {
		return err
	}
	defer func() { _ = logger.Sync() }()
	operator, err := app.OpenOperator(ctx, cfg, logger, needs...)
	if err != nil {
		return err
	}
	defer operator.Close()
	return work(ctx, operator)
}

// What commands need.
var (
	needsDatabase = []config.Part{config.PartDatabase}
	needsKeys     = []config.Part{config.PartDatabase, config.PartKeys}
	needsEngine   = []config.Part{config.PartDatabase, config.PartTemporal}
	needsAll      = []config.Part{config.PartDatabase, config.PartKeys, config.PartTemporal}
	needsTemporal = []config.Part{config.PartTemporal}
)
