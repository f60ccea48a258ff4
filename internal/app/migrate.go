package app

import (
	"context"

	"go.uber.org/zap"

	"github.com/eitje/connexie-worker/internal/config"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/workflows"
)

// Migration tells what Migrate did.
type Migration struct {
	FromVersion      int64    `json:"from_version"`
	ToVersion        int64    `json:"to_version"`
	SearchAttributes []string `json:"search_attributes"`
	// Schedule is what became of the night's; Schedules tells it of each by its id.
	Schedule  ScheduleChange            `json:"schedule"`
	Schedules map[string]ScheduleChange `json:"schedules"`
}

// Migrate brings the database up to date under a lock, registers the search
// attributes and creates or updates the schedules. It may be repeated, also by
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
	say("ensuring the schedules")
	done.Schedules, err = ensureSchedules(ctx, c)
	done.Schedule = done.Schedules[workflows.NightlySyncID]
	return done, err
}
