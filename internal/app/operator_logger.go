package app

import (
	"io"

	"go.uber.org/zap"

	"github.com/eitje/connexie-worker/internal/config"
	"github.com/eitje/connexie-worker/internal/telemetry"
)

// StarterLogger is the logger of a command: silent, since its results and errors say
// what a person needs, unless LOG_LEVEL asks for everything.
func StarterLogger(cfg config.Starter, out io.Writer) (*zap.Logger, error) {
	if cfg.Log.Level != "debug" {
		return zap.NewNop(), nil
	}
	return telemetry.NewLogger(cfg.Log.Level, cfg.Log.Format, out)
}
