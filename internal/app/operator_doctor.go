package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"github.com/eitje/connexie-worker/internal/config"
	"github.com/eitje/connexie-worker/internal/connexie"
	"github.com/eitje/connexie-worker/internal/secrets"
	"github.com/eitje/connexie-worker/internal/store"
)

// CheckStatus is what a check of the doctor came to.
type CheckStatus string

// What a check can come to.
const (
	CheckOK     CheckStatus = "ok"
	CheckWarn   CheckStatus = "warn"
	CheckFailed CheckStatus = "failed"
)

// Check is one thing that the doctor looked at.
type Check struct {
	Name   string      `json:"name"`
	Status CheckStatus `json:"status"`
	Detail string      `json:"detail"`
	// NextStep is empty where nothing need be done.
	NextStep string `json:"next_step,omitempty"`
}

// Diagnosis is everything that the doctor looked at.
type Diagnosis struct {
	Healthy bool    `json:"healthy"`
	Checks  []Check `json:"checks"`
}

// Diagnose looks at everything that a synchronisation needs and says for each what to
// do. It changes nothing. What lies behind something that failed is left out: it
// would fail for the same reason. Problems of the configuration are given in, so that
// what can be looked at is looked at.
func Diagnose(ctx context.Context, cfg config.Starter, logger *zap.Logger) Diagnosis {
	d := &doctor{cfg: cfg, now: time.Now, report: Diagnosis{Healthy: true, Checks: []Check{}}}
	defer d.close()
	d.database(ctx)
	d.engine(ctx, logger)
	d.connexie(ctx)
	d.erasures(ctx)
	d.night(ctx)
	d.housekeeping(ctx)
	d.runs(ctx)
	d.exports(ctx)
	d.channels(ctx)
	return d.report
}

// doctor goes from one part to the next.
type doctor struct {
	cfg      config.Starter
	now      func() time.Time
	store    *store.Store
	keys     *secrets.KeyRing
	temporal client.Client
	// scheduledSince is when the schedule began to start nights; zero where it is
	// paused, missing or unknown.
	scheduledSince time.Time
	report         Diagnosis
}

func (d *doctor) close() {
	if d.temporal != nil {
		d.temporal.Close()
	}
	if d.store != nil {
		d.store.Close()
	}
}

func (d *doctor) note(status CheckStatus, name, nextStep, format string, args ...any) {
	if status == CheckFailed {
		d.report.Healthy = false
	}
	d.report.Checks = append(d.report.Checks, Check{
		Name: name, Status: status, Detail: Mask(fmt.Sprintf(format, args...)), NextStep: nextStep,
	})
}

func (d *doctor) ok(name, format string, args ...any) { d.note(CheckOK, name, "", format, args...) }

func (d *doctor) database(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	opened, err := openStore(ctx, d.cfg.Database)
	if err != nil {
		d.note(CheckFailed, "PostgreSQL", "Start it, or correct DATABASE_URL; on this machine: make up", "%v", err)
		return
	}
	d.store = opened
	d.ok("PostgreSQL", "answers at %s", d.cfg.Database.Location())
	switch pending, err := opened.PendingMigrations(ctx); {
	case err != nil:
		d.note(CheckFailed, "schema", "Look at the database's log.", "%v", err)
	case pending > 0:
		d.note(CheckFailed, "schema", "Run: starter migrate", "%d migrations are missing", pending)
	default:
		d.ok("schema", "every migration is applied")
	}
}

// connexie checks each active connection's token, with one call each.
func (d *doctor) connexie(ctx context.Context) {
	keys, err := openKeys(d.cfg.Keys)
	if err != nil {
		d.note(CheckFailed, "key ring", "Correct ENCRYPTION_KEYS.", "%v", err)
		return
	}
	d.keys = keys
	d.ok("key ring", "holds %s", strings.Join(keys.KeyIDs(), ", "))
	if d.store == nil {
		return
	}
	connections, err := d.store.Connections(ctx)
	if err != nil {
		return // the schema has been reported
	}
	api, err := connexie.New(connexie.Options{
		BaseURL: d.cfg.BaseURL, RequestsPerSecond: d.cfg.RequestsPerSecond, UserAgent: userAgent,
	})
	if err != nil {
		d.note(CheckFailed, "Connexie", "Correct CONNEXIE_BASE_URL.", "%v", err)
		return
	}
	defer api.Close()
	opener := &accounts{store: d.store, keys: keys, client: api}
	active := 0
	for _, connection := range connections {
		if connection.State == store.ConnectionActive || connection.State == store.ConnectionNeedsToken {
			active++
			d.connection(ctx, opener, connection)
		}
	}
	if active == 0 {
		d.note(CheckWarn, "connections", "Activate one: starter activate -h", "none is active, so there is nothing to synchronise")
	}
}
