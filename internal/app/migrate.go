package app

import (
	"context"

	"go.uber.org/zap"

	"github.com/eitje/connexie-worker/internal/config"
	"github.com/eitje/connexie-worker/internal/store"
)

// Migration tells what Migrate did.
type Migration struct {
	FromVersion      int64          `json:"from_version"`
	ToVersion        int64          `json:"to_version"`
	SearchAttributes []string       `json:"search_attributes"`
	Schedule         ScheduleChange `json:"schedule"`
}

// Migrate brings the database up to date under a lock, registers the search
// attributes and creates or updates the schedule. It may be repeated, also by
// several at once.
func Migrate(ctx context.Context, cfg config.Starter, logger *zap.Logger, say func(string)) (Migration, error) {
	var (
		done Migration
		err  error
	)
	if done.FromVersion, done.ToVersion, err = store.Migrate(ctx, cfg.Database.URL.Reveal(), say); err != nil {
		return done, err
	}
	c, err := dial(ctx, cfg.Temporal, logger, nil)
	if err != nil {
		return done, err
	}
	defer c.Close()
	say("registering search attributes")
	if done.SearchAttributes, err = registerSearchAttributes(ctx, c, orDefaultNamespace(cfg.Temporal)); err != nil {
		return done, err
	}
	if done.SearchAttributes == nil {
		done.SearchAttributes = []string{}
	}
	say("ensuring the schedule")
	done.Schedule, err = ensureSchedule(ctx, c)
	return done, err
}
