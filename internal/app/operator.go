package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"github.com/eitje/connexie-worker/internal/config"
	"github.com/eitje/connexie-worker/internal/secrets"
	"github.com/eitje/connexie-worker/internal/store"
)

// Operator is the client side: what a person at a command line, or a program through
// the API, can ask for. Its methods print nothing, return small values with stable
// JSON members, and bound every wait on the engine. Errors that somebody can act on
// are [*Problem]s. It is safe for concurrent use.
type Operator struct {
	cfg      config.Starter
	store    *store.Store
	keys     *secrets.KeyRing
	temporal client.Client
	now      func() time.Time
	closers  []func()
}

// OpenOperator opens what the named parts of the configuration stand for, and
// nothing else. Methods that need a part which was not named must not be called.
func OpenOperator(
	ctx context.Context, cfg config.Starter, logger *zap.Logger, needs ...config.Part,
) (*Operator, error) {
	o := &Operator{cfg: cfg, now: time.Now}
	for _, part := range needs {
		if err := o.open(ctx, part, logger); err != nil {
			o.Close()
			return nil, err
		}
	}
	return o, nil
}

// Close gives everything back.
func (o *Operator) Close() {
	for _, give := range slices.Backward(o.closers) {
		give()
	}
	o.closers = nil
}

func (o *Operator) open(ctx context.Context, part config.Part, logger *zap.Logger) (err error) {
	switch part {
	case config.PartDatabase:
		return o.openStore(ctx)
	case config.PartKeys:
		o.keys, err = openKeys(o.cfg.Keys)
		return err
	case config.PartTemporal:
		return o.openTemporal(ctx, logger)
	}
	return nil
}

func (o *Operator) openStore(ctx context.Context) error {
	opened, err := openStore(ctx, o.cfg.Database)
	if err != nil {
		return &Problem{Kind: KindUnavailable, What: err.Error(),
			NextStep: "Look whether PostgreSQL runs and DATABASE_URL is right: starter doctor"}
	}
	o.store = opened
	o.closers = append(o.closers, opened.Close)
	pending, err := opened.PendingMigrations(ctx)
	if err == nil && pending > 0 {
		return &Problem{Kind: KindUnavailable, What: fmt.Sprintf("the database lacks %d migrations", pending),
			NextStep: "Run: starter migrate"}
	}
	return err
}

func (o *Operator) openTemporal(ctx context.Context, logger *zap.Logger) (err error) {
	if o.temporal, err = dial(ctx, o.cfg.Temporal, logger, nil); err != nil {
		what, _, _ := strings.Cut(err.Error(), "; ") // behind it stands what the next step says
		return &Problem{Kind: KindUnavailable, What: what,
			NextStep: "Look whether Temporal runs and TEMPORAL_ADDRESS is right: starter doctor"}
	}
	o.closers = append(o.closers, o.temporal.Close)
	return nil
}
