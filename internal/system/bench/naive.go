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

// Naive is a first synchronisation in a way that people write first, or one to see it
// beside.
type Naive struct {
	Way    string `json:"way"`
	People int    `json:"people"`
	// Away is how far PostgreSQL is, there and back; empty on the same machine.
	Away    string  `json:"away"`
	Seconds float64 `json:"seconds"`
	// Events is the length of the history, zero where there is none.
	Events int `json:"events"`
	// Factor is how many times as many people a second the worker synchronises; zero
	// where that was not measured.
	Factor float64 `json:"factor"`
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

// The two that the naive ways are seen beside.
const (
	wayWorker = "the worker"
	wayFloor  = "in sets (the floor)"
)

// naive measures the ways at their sizes, and once more with PostgreSQL further away.
func (b *bench) naive(ctx context.Context) error {
	sizes := slices.Concat(b.RowByRow, b.PerPerson)
	slices.Sort(sizes)
	for _, people := range slices.Compact(sizes) {
		if err := b.naiveAt(ctx, people, place{url: b.DatabaseURL}); err != nil {
			return fmt.Errorf("naive ways, %d people: %w", people, err)
		}
	}
	if b.Away == 0 || len(b.RowByRow) == 0 {
		return nil
	}
	people := slices.Max(b.RowByRow)
	if err := b.naiveAway(ctx, people); err != nil {
		return fmt.Errorf("naive ways, %d people, at a distance: %w", people, err)
	}
	return nil
}

// naiveAt holds what the ways leave in Eitje against what the floor leaves. Where
// PostgreSQL is away the worker is measured too; nearby it is elsewhere.
func (b *bench) naiveAt(ctx context.Context, people int, at place) (err error) {
	b.progress.begin("%s people: making the organisation", thousands(people))
	w, err := world.New(ctx, at.url, people)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close(context.WithoutCancel(ctx))) }()
	wanted, floor, err := b.walk(ctx, w, way{name: wayFloor, run: bySets})
	if err != nil {
		return err
	}
	b.report.addNaive(floor, at)
	if at.away != "" {
		rows, worker, err := b.workerAt(ctx, w)
		if err == nil {
			err = world.Compare(wanted, rows)
		}
		if err != nil {
			return fmt.Errorf("worker: %w", err)
		}
		b.report.addNaive(worker, at)
	}
	for _, chosen := range b.waysAt(people, at) {
		rows, measured, err := b.walk(ctx, w, chosen)
		if err == nil {
			err = world.Compare(wanted, rows)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", chosen.name, err)
		}
		b.report.addNaive(measured, at)
	}
	return nil
}

// waysAt are the ways that are measured at a size. Temporal's own database is always
// near, so that activities are not measured at a distance.
func (b *bench) waysAt(people int, at place) (ways []way) {
	if slices.Contains(b.RowByRow, people) {
		ways = append(ways, rowByRow)
	}
	if slices.Contains(b.PerPerson, people) && at.away == "" {
		ways = append(ways, perPerson)
	}
	return ways
}

func (r *Report) addNaive(measured Naive, at place) {
	measured.Away = at.away
	r.Naive = append(r.Naive, measured)
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
