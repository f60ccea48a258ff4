package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/eitje/connexie-worker/internal/system/bench/plain"
	"github.com/eitje/connexie-worker/internal/system/bench/subject"
	"github.com/eitje/connexie-worker/internal/system/bench/world"
)

// Naive is a first synchronisation in a way that people write first.
type Naive struct {
	Way     string  `json:"way"`
	People  int     `json:"people"`
	Seconds float64 `json:"seconds"`
	// Events is the length of the history, zero where there is none.
	Events int `json:"events"`
	// Factor is how many times as many people a second the worker synchronises, at
	// the size ComparedAt; zero where that was not measured.
	Factor     float64 `json:"factor"`
	ComparedAt int     `json:"compared_at"`
	// wanted is what Factor must reach at the least; zero where nothing is asked.
	wanted float64
}

// Rate is people a second.
func (n Naive) Rate() float64 { return float64(n.People) / n.Seconds }

// way is one of the ways. It measures itself, so that what is brought up for it does
// not count.
type way struct {
	name   string
	factor float64
	run    func(ctx context.Context, b *bench, program plain.Program) (measured Naive, err error)
}

var (
	rowByRow  = way{name: "row by row", factor: 20, run: byRows}
	perPerson = way{name: "one activity a person", factor: 50, run: byActivities}
)

// naive measures the ways at their sizes.
func (b *bench) naive(ctx context.Context) error {
	sizes := slices.Concat(b.RowByRow, b.PerPerson)
	slices.Sort(sizes)
	for _, people := range slices.Compact(sizes) {
		if err := b.naiveAt(ctx, people); err != nil {
			return fmt.Errorf("naive ways, %d people: %w", people, err)
		}
	}
	return nil
}

// naiveAt holds what the ways leave in Eitje against what the floor leaves, which is
// held against the worker elsewhere.
func (b *bench) naiveAt(ctx context.Context, people int) (err error) {
	b.progress.begin("%s people: making the organisation", thousands(people))
	w, err := world.New(ctx, b.DatabaseURL, people)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close(context.WithoutCancel(ctx))) }()
	floor := way{name: "floor", run: bySets}
	wanted, _, err := b.walk(ctx, w, floor)
	if err != nil {
		return err
	}
	for _, chosen := range []struct {
		way   way
		sizes []int
	}{{rowByRow, b.RowByRow}, {perPerson, b.PerPerson}} {
		if !slices.Contains(chosen.sizes, people) {
			continue
		}
		rows, measured, err := b.walk(ctx, w, chosen.way)
		if err == nil {
			err = world.Compare(wanted, rows)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", chosen.way.name, err)
		}
		b.report.Naive = append(b.report.Naive, measured)
	}
	return nil
}

// walk goes one way on a database of its own and returns what it left in Eitje.
func (b *bench) walk(ctx context.Context, w *world.World, chosen way) (rows []string, measured Naive, err error) {
	database, err := w.Database(ctx, "plain")
	if err != nil {
		return nil, measured, err
	}
	defer func() { err = errors.Join(err, database.Drop(context.WithoutCancel(ctx))) }()
	program := programOn(w, database)
	if err := program.Prepare(ctx); err != nil {
		return nil, measured, err
	}
	b.progress.begin("%s people: %s", thousands(w.People), chosen.name)
	if measured, err = chosen.run(ctx, b, program); err != nil {
		return nil, measured, err
	}
	measured.Way, measured.People, measured.wanted = chosen.name, w.People, chosen.factor
	b.progress.done(measured.Seconds)
	rows, err = database.Rows(ctx, plain.Links)
	return rows, measured, err
}

func bySets(ctx context.Context, _ *bench, program plain.Program) (measured Naive, err error) {
	measured.Seconds, err = timed(func() error { return program.Floor(ctx) })
	return measured, err
}

func byRows(ctx context.Context, _ *bench, program plain.Program) (measured Naive, err error) {
	measured.Seconds, err = timed(func() error { return program.RowByRow(ctx) })
	return measured, err
}

// byActivities has a worker and a namespace of its own.
func byActivities(ctx context.Context, b *bench, program plain.Program) (measured Naive, err error) {
	namespace, err := subject.NewNamespace(ctx, b.TemporalAddress)
	if err != nil {
		return measured, err
	}
	c, err := subject.Dial(ctx, b.TemporalAddress, namespace)
	if err != nil {
		return measured, err
	}
	defer func() {
		err = errors.Join(err, subject.DropNamespace(context.WithoutCancel(ctx), c, namespace))
		c.Close()
	}()
	stop, err := program.ServePerPerson(c)
	if err != nil {
		return measured, err
	}
	defer stop()
	var run client.WorkflowRun
	measured.Seconds, err = timed(func() (err error) {
		options := client.StartWorkflowOptions{TaskQueue: plain.QueuePerPerson}
		if run, err = c.ExecuteWorkflow(ctx, options, plain.SyncPerPerson); err != nil {
			return err
		}
		return run.Get(ctx, nil)
	})
	if err != nil {
		return measured, err
	}
	measured.Events, err = subject.Events(ctx, c, run.GetID(), run.GetRunID())
	return measured, err
}

// timed tells how many seconds something took.
func timed(do func() error) (seconds float64, err error) {
	begin := time.Now()
	err = do()
	return time.Since(begin).Seconds(), err
}
