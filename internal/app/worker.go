package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"go.temporal.io/sdk/client"
	sdkworker "go.temporal.io/sdk/worker"
	"go.uber.org/zap"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/config"
	"github.com/eitje/connexie-worker/internal/connexie"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/telemetry"
	"github.com/eitje/connexie-worker/workflows"
)

// deliverySlots are few: the schedule runs one slice of delivering at a time, and the
// other slot is for whoever tests a channel. A slice holds a connection only while it
// notes something.
const deliverySlots = 2

// userAgent tells Connexie, and webhooks, who calls.
const userAgent = "eitje-connexie-worker"

// RunWorkerProcess runs a worker that logs as its configuration says.
func RunWorkerProcess(ctx context.Context, cfg config.Worker) error {
	logger, err := telemetry.NewLogger(cfg.Log.Level, cfg.Log.Format, os.Stderr)
	if err != nil {
		return err
	}
	defer func() { _ = logger.Sync() }()
	return RunWorker(ctx, cfg, logger)
}

// RunWorker runs a worker until the context ends, then stops it gracefully: no new
// work is taken, slices end early, and what cannot end in time is taken up by
// another worker. It returns the first fatal error.
func RunWorker(ctx context.Context, cfg config.Worker, logger *zap.Logger) error {
	w, err := newWorker(ctx, cfg, logger)
	if err != nil {
		return err
	}
	return errors.Join(w.run(ctx), w.close())
}

// workerProcess is the graph of a worker process.
type workerProcess struct {
	cfg        config.Worker
	logger     *zap.Logger
	store      *store.Store
	connexie   *connexie.Client
	temporal   client.Client
	metrics    *telemetry.Metrics
	server     *telemetry.Server
	main       sdkworker.Worker
	calls      sdkworker.Worker
	deliveries sdkworker.Worker
	// fatal receives what ends a worker that was running well.
	fatal chan error
	// closers give everything back, the last first.
	closers []func() error
}

func newWorker(ctx context.Context, cfg config.Worker, logger *zap.Logger) (*workerProcess, error) {
	w := &workerProcess{cfg: cfg, logger: logger, fatal: make(chan error, 3)}
	for _, open := range []func(context.Context) error{w.openMetrics, w.openStore, w.openConnexie, w.openTemporal, w.listen, w.register} {
		if err := open(ctx); err != nil {
			return nil, errors.Join(err, w.close())
		}
	}
	return w, nil
}

func (w *workerProcess) onClose(give func() error) { w.closers = append(w.closers, give) }

func (w *workerProcess) close() error {
	var problems []error
	for _, give := range slices.Backward(w.closers) {
		problems = append(problems, give())
	}
	return errors.Join(problems...)
}

func (w *workerProcess) openMetrics(context.Context) (err error) {
	if w.metrics, err = telemetry.NewMetrics("worker", w.logger); err == nil {
		w.onClose(func() error { return w.metrics.Close(context.Background()) })
	}
	return err
}

func (w *workerProcess) openStore(ctx context.Context) (err error) {
	if w.store, err = openStore(ctx, w.cfg.Database); err != nil {
		return err
	}
	w.onClose(func() error { w.store.Close(); return nil })
	pending, err := w.store.PendingMigrations(ctx)
	if err == nil && pending > 0 {
		return fmt.Errorf("the database lacks %d migrations; run: starter migrate", pending)
	}
	return err
}

func (w *workerProcess) openConnexie(context.Context) (err error) {
	w.connexie, err = connexie.New(connexie.Options{
		BaseURL: w.cfg.BaseURL, RequestsPerSecond: w.cfg.RequestsPerSecond, UserAgent: userAgent,
	})
	if err == nil {
		w.onClose(func() error { w.connexie.Close(); return nil })
	}
	return err
}

func (w *workerProcess) openTemporal(ctx context.Context) (err error) {
	w.temporal, err = dial(ctx, w.cfg.Temporal, w.logger, w.metrics.TemporalHandler())
	if err != nil {
		return err
	}
	w.onClose(func() error { w.temporal.Close(); return nil })
	namespace := orDefaultNamespace(w.cfg.Temporal)
	missing, err := missingSearchAttributes(ctx, w.temporal, namespace)
	if err == nil && len(missing) > 0 {
		return fmt.Errorf("namespace %s lacks %d search attributes; run: starter migrate", namespace, len(missing))
	}
	return err
}

func orDefaultNamespace(temporal config.Temporal) string {
	if namespace := temporal.ClientOptions().Namespace; namespace != "" {
		return namespace
	}
	return client.DefaultNamespace
}

func (w *workerProcess) listen(ctx context.Context) (err error) {
	checks := map[string]telemetry.Check{
		"database": w.store.Ping,
		"temporal": func(ctx context.Context) error {
			_, err := w.temporal.CheckHealth(ctx, &client.CheckHealthRequest{})
			return err
		},
	}
	w.server, err = telemetry.Listen(ctx, w.cfg.Metrics.Addr, checks, w.metrics.Registry, w.logger)
	return err
}

// register makes the three workers: one for workflows and the database, one for calls
// to Connexie, one for the receivers of notifications.
func (w *workerProcess) register(context.Context) error {
	keys, err := openKeys(w.cfg.Keys)
	if err != nil {
		return err
	}
	capacity := w.cfg.Capacity
	options := sdkworker.Options{
		WorkerStopTimeout:                      capacity.StopTimeout,
		MaxConcurrentWorkflowTaskExecutionSize: capacity.WorkflowSlots,
		MaxConcurrentActivityExecutionSize:     capacity.DatabaseSlots,
		DisableRegistrationAliasing:            true, // a stray custom name fails at once
		OnFatalError:                           func(err error) { w.fatal <- err },
	}
	w.main = sdkworker.New(w.temporal, workflows.QueueMain, options)
	options.DisableWorkflowWorker = true
	options.MaxConcurrentWorkflowTaskExecutionSize = 0
	options.MaxConcurrentActivityExecutionSize = capacity.ConnexieSlots
	w.calls = sdkworker.New(w.temporal, workflows.QueueCalls, options)
	workflows.Register(w.main, workflows.MainActivities{
		Syncing:   &activities.Syncing{Store: w.store, Endings: &endingTeller{temporal: w.temporal}, Now: time.Now},
		Repairing: &activities.Repairing{Store: w.store, Now: time.Now},
		Nights:    &activities.Nights{Store: w.store, Starter: &syncStarter{temporal: w.temporal}, Now: time.Now},
		Exporting: &activities.Exporting{Store: w.store, Now: time.Now},
		Removing:  &activities.Removing{Store: w.store, Engine: &engine{temporal: w.temporal}, Now: time.Now},
		Endings:   &activities.Endings{Store: w.store, Now: time.Now},
		Keeping: &activities.Keeping{
			Store: w.store, Engine: &exportEngine{temporal: w.temporal}, Terms: terms(w.cfg.Retention), Now: time.Now,
		},
	})
	tokens := &accounts{store: w.store, keys: keys, client: w.connexie}
	workflows.RegisterCalls(w.calls, workflows.CallActivities{
		Reading: &activities.Reading{Store: w.store, Accounts: tokens, Hasher: idHasher{keys}, Now: time.Now},
		Sending: &activities.Sending{Store: w.store, Accounts: tokens, Now: time.Now},
		Leaving: &activities.EndingInConnexie{Store: w.store, Accounts: tokens, Now: time.Now},
	})
	options.MaxConcurrentActivityExecutionSize = deliverySlots
	w.deliveries = sdkworker.New(w.temporal, workflows.QueueDeliveries, options)
	post := newPostman(w.cfg, keys)
	w.onClose(func() error { post.hooks.Close(); return nil })
	workflows.RegisterDeliveries(w.deliveries, workflows.DeliveryActivities{
		Delivering: &activities.Delivering{Store: w.store, Postman: post, Now: time.Now},
	})
	return nil
}

func (w *workerProcess) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	served := make(chan error, 1)
	go func() { served <- w.server.Serve(ctx) }()
	defer func() {
		cancel()
		if err := <-served; err != nil {
			w.logger.Warn("the metrics port did not close well", zap.Error(err))
		}
	}()
	if err := w.main.Start(); err != nil {
		return fmt.Errorf("start the worker of queue %s: %w", workflows.QueueMain, err)
	}
	defer w.main.Stop()
	if err := w.calls.Start(); err != nil {
		return fmt.Errorf("start the worker of queue %s: %w", workflows.QueueCalls, err)
	}
	defer w.calls.Stop()
	if err := w.deliveries.Start(); err != nil {
		return fmt.Errorf("start the worker of queue %s: %w", workflows.QueueDeliveries, err)
	}
	defer w.deliveries.Stop()
	w.logger.Info("the worker is running", zap.String("addr", w.server.Addr()),
		zap.String("main_queue", workflows.QueueMain), zap.String("calls_queue", workflows.QueueCalls),
		zap.String("deliveries_queue", workflows.QueueDeliveries))
	select {
	case <-ctx.Done():
		w.logger.Info("the worker is stopping", zap.Duration("at_most", w.cfg.Capacity.StopTimeout))
		return nil
	case err := <-w.fatal:
		return fmt.Errorf("the engine ended the worker: %w", err)
	case err := <-served:
		served <- nil
		return fmt.Errorf("the metrics port ended: %w", err)
	}
}
