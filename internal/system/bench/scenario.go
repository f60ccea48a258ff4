package bench

import (
	"context"
	"fmt"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/system/bench/subject"
)

// The scenarios.
const (
	First     = "first"
	Unchanged = "unchanged"
	NoETag    = "unchanged-without-etag"
	Changed   = "changed"
)

// goal is something that is measured, and what the design wants of it.
type goal struct {
	name, title string
	// ratio is how much longer than the floor the worker may take, events how long
	// its history may be at a size below large; zero where nothing is asked.
	ratio  float64
	events int
}

// scenario is one situation in which everyone is synchronised.
type scenario struct {
	goal

	// prepare makes the situation before each run of the worker, and check asserts
	// that it found what it was to find.
	prepare func(ctx context.Context, t *trial) error
	check   func(ctx context.Context, t *trial, run subject.Run) error
}

// scenarios are all of them, with the targets of the design.
var scenarios = []scenario{
	{goal: goal{name: First, title: "first sync", ratio: 2}, prepare: nothing, check: everyoneIsLinked},
	{goal: goal{name: Unchanged, title: "nothing changed", ratio: 0.8, events: 20}, prepare: nothing, check: nothingWasDone},
	{goal: goal{name: NoETag, title: "nothing changed, without ETag", ratio: 1.3, events: 20}, prepare: forgetETags, check: nothingWasDone},
	{goal: goal{name: Changed, title: "1 % changed", ratio: 1.5, events: 30}, prepare: changeSome, check: changesWereApplied},
}

// ScenarioNames are the names of all scenarios.
func ScenarioNames() []string {
	var names []string
	for _, s := range scenarios {
		names = append(names, s.name)
	}
	return names
}

func scenarioNamed(name string) (scenario, error) {
	for _, s := range scenarios {
		if s.name == name {
			return s, nil
		}
	}
	return scenario{}, fmt.Errorf("there is no scenario %q; there are %q", name, ScenarioNames())
}

func nothing(context.Context, *trial) error { return nil }

func forgetETags(ctx context.Context, t *trial) error {
	_, err := t.worker.Pool.Exec(ctx, `delete from connexie.list_etags where connection_id = $1`, t.connection)
	return err
}

func changeSome(_ context.Context, t *trial) (err error) {
	t.round++
	t.changed, err = t.world.Change(t.round)
	return err
}

func everyoneIsLinked(ctx context.Context, t *trial, run subject.Run) error {
	if err := endedAs(run, domain.SyncOK); err != nil {
		return err
	}
	linked, err := t.worker.CountLinked(ctx, workerLinks)
	if err == nil && linked != t.world.Linked() {
		err = fmt.Errorf("%d people are linked instead of %d", linked, t.world.Linked())
	}
	return err
}

func nothingWasDone(ctx context.Context, t *trial, run subject.Run) error {
	if err := endedAs(run, domain.SyncNothing); err != nil {
		return err
	}
	return t.applied(ctx, run, 0)
}

func changesWereApplied(ctx context.Context, t *trial, run subject.Run) error {
	if err := endedAs(run, domain.SyncOK); err != nil {
		return err
	}
	return t.applied(ctx, run, t.changed)
}

func endedAs(run subject.Run, outcome domain.SyncOutcome) error {
	if run.Result.Outcome != outcome {
		return fmt.Errorf("the run ended as %s instead of %s, with %v", run.Result.Outcome, outcome, run.Result.Counts)
	}
	return nil
}

// applied holds the items that the run applied against a number.
func (t *trial) applied(ctx context.Context, run subject.Run, wanted int) error {
	var items int
	err := t.worker.Pool.QueryRow(ctx,
		`select count(*) from connexie.sync_items where run_id = $1 and state = 'applied'`, run.Result.RunID).Scan(&items)
	if err == nil && items != wanted {
		err = fmt.Errorf("the run changed %d people instead of %d", items, wanted)
	}
	return err
}
