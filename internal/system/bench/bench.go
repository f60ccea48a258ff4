package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/eitje/connexie-worker/internal/system/bench/subject"
	"github.com/eitje/connexie-worker/internal/system/bench/world"
)

// bench is one run of the benchmark.
type bench struct {
	Options

	progress *progress
	report   *Report
}

// Run measures everything that the options ask for. It fails where a run did not do
// what it was to do, or where worker and floor did not do the same.
func Run(ctx context.Context, options Options) (*Report, error) {
	b := &bench{Options: options, progress: newProgress(options.Out), report: &Report{}}
	defer b.progress.end()
	for _, name := range options.Scenarios {
		if _, err := scenarioNamed(name); err != nil {
			return nil, err
		}
	}
	if err := subject.Build(ctx, options.Layout, b.progress.say); err != nil {
		return nil, err
	}
	if err := b.describe(ctx); err != nil {
		return nil, err
	}
	for _, people := range options.Sizes {
		if err := b.size(ctx, people); err != nil {
			return nil, fmt.Errorf("%d people: %w", people, err)
		}
	}
	for _, entries := range options.Exports {
		if err := b.exports(ctx, entries); err != nil {
			return nil, fmt.Errorf("%d entries: %w", entries, err)
		}
	}
	if err := b.naive(ctx); err != nil {
		return nil, err
	}
	if err := b.allPlans(ctx); err != nil {
		return nil, err
	}
	b.report.judge()
	return b.report, nil
}

// size measures one size in a world of its own.
func (b *bench) size(ctx context.Context, people int) (err error) {
	b.progress.begin("%s people: making the organisation", thousands(people))
	w, err := world.New(ctx, b.DatabaseURL, people)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close(context.WithoutCancel(ctx))) }()
	t, err := b.first(ctx, w)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.remove(ctx)) }()
	for _, s := range scenarios {
		if s.name == First || !slices.Contains(b.Scenarios, s.name) {
			continue
		}
		if err := b.again(ctx, t, s); err != nil {
			return fmt.Errorf("%s: %w", s.title, err)
		}
	}
	return nil
}

// first measures first synchronisations, each on databases of its own, and returns
// the last trial: what follows needs one in any case.
func (b *bench) first(ctx context.Context, w *world.World) (*trial, error) {
	s := scenarios[0]
	repetitions := 1
	if slices.Contains(b.Scenarios, First) {
		repetitions = b.repetitions(First, w.People)
	}
	row := newRow(s.goal, w.People, ofPeople)
	for repetition := 1; ; repetition++ {
		b.progress.begin("%s people: bringing up a worker", thousands(w.People))
		t, err := b.newTrial(ctx, w)
		if err != nil {
			return nil, err
		}
		err = b.turn(ctx, t, s, row, repetition)
		if err == nil {
			err = t.compare(ctx)
		}
		if err != nil {
			return nil, errors.Join(err, t.remove(ctx))
		}
		if repetition >= repetitions {
			if slices.Contains(b.Scenarios, First) {
				b.report.Rows = append(b.report.Rows, row)
			}
			return t, nil
		}
		if err := t.remove(ctx); err != nil {
			return nil, err
		}
	}
}

// again measures a scenario on databases that have been synchronised before.
func (b *bench) again(ctx context.Context, t *trial, s scenario) error {
	row := newRow(s.goal, t.world.People, ofPeople)
	b.progress.begin("%s people: a fresh worker", thousands(t.world.People))
	if err := t.refresh(ctx); err != nil {
		return err
	}
	for repetition := 1; repetition <= b.repetitions(s.name, t.world.People); repetition++ {
		if err := b.turn(ctx, t, s, row, repetition); err != nil {
			return err
		}
	}
	b.report.Rows = append(b.report.Rows, row)
	return t.compare(ctx)
}

// turn lets worker and floor work once each; who begins alternates.
func (b *bench) turn(ctx context.Context, t *trial, s scenario, row *Row, repetition int) error {
	if err := s.prepare(ctx, t); err != nil {
		return err
	}
	turns := []func(context.Context, *trial, scenario, *Row) error{b.workerTurn, b.floorTurn}
	if repetition%2 == 0 {
		slices.Reverse(turns)
	}
	for _, turn := range turns {
		if err := turn(ctx, t, s, row); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) workerTurn(ctx context.Context, t *trial, s scenario, row *Row) error {
	b.progress.begin("%s people: %s, worker", thousands(t.world.People), s.title)
	if err := t.subject.ForgetPeak(); err != nil {
		return err
	}
	synchronise := t.subject.Sync
	if s.name == First {
		synchronise = t.subject.Activate
	}
	run, err := synchronise(ctx, t.connection)
	if err != nil {
		return err
	}
	peak, err := t.subject.PeakMemory()
	if err != nil {
		return err
	}
	row.addWorker(run.Execution, peak-t.idle)
	b.progress.done(run.Seconds)
	return s.check(ctx, t, run)
}

func (b *bench) floorTurn(ctx context.Context, t *trial, s scenario, row *Row) error {
	b.progress.begin("%s people: %s, floor", thousands(t.world.People), s.title)
	seconds, err := timed(func() error { return t.program.Floor(ctx) })
	if err != nil {
		return fmt.Errorf("floor: %w", err)
	}
	row.Floor.add(seconds)
	b.progress.done(seconds)
	return nil
}
