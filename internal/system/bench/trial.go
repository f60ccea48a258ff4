package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/eitje/connexie-worker/internal/system/bench/plain"
	"github.com/eitje/connexie-worker/internal/system/bench/subject"
	"github.com/eitje/connexie-worker/internal/system/bench/world"
)

// workerLinks selects whom the worker has linked.
const workerLinks = `select connexie_id, team_member_id from connexie.links`

// trial is worker and floor side by side, each on a database of its own with the same
// rows in Eitje.
type trial struct {
	world         *world.World
	worker, floor *world.Database
	subject       *subject.Subject
	program       plain.Program
	// connection is that of the organisation that is measured.
	connection, warmUp string
	// idle is what the worker's process uses before it is measured, in MiB.
	idle float64

	round, changed int
}

// newTrial brings up both sides; the worker has synchronised the small organisation.
func (b *bench) newTrial(ctx context.Context, w *world.World) (_ *trial, err error) {
	t := &trial{world: w}
	defer func() {
		if err != nil {
			err = errors.Join(err, t.remove(ctx))
		}
	}()
	if t.worker, err = w.Database(ctx, "worker"); err != nil {
		return nil, err
	}
	if t.floor, err = w.Database(ctx, "floor"); err != nil {
		return nil, err
	}
	t.program = programOn(w, t.floor)
	if err := t.program.Prepare(ctx); err != nil {
		return nil, err
	}
	if t.subject, err = subject.Install(ctx, subject.Surroundings{
		Layout: b.Layout, DatabaseURL: t.worker.URL, ConnexieURL: w.ConnexieURL, TemporalAddress: b.TemporalAddress,
	}); err != nil {
		return nil, err
	}
	return t, t.begin(ctx)
}

func programOn(w *world.World, database *world.Database) plain.Program {
	return plain.Program{
		Connexie: plain.Connexie{BaseURL: w.ConnexieURL, Token: cmp.Or(w.FloorToken, w.Big.Token)},
		Pool:     database.Pool, OrganisationID: w.Big.ID, Day: w.Today(),
	}
}

// begin starts the worker for the first time.
func (t *trial) begin(ctx context.Context) (err error) {
	if err := t.subject.RestartWorker(ctx); err != nil {
		return err
	}
	if t.warmUp, err = t.subject.Connect(ctx, t.world.WarmUp.ID, t.world.WarmUp.Token); err != nil {
		return err
	}
	if _, err := t.subject.Activate(ctx, t.warmUp); err != nil {
		return fmt.Errorf("warm up: %w", err)
	}
	if t.connection, err = t.subject.Connect(ctx, t.world.Big.ID, t.world.Big.Token); err != nil {
		return err
	}
	t.idle, err = t.subject.Memory()
	return err
}

// refresh starts the worker anew and warms it up, so that what it uses when idle is
// not what an earlier scenario left.
func (t *trial) refresh(ctx context.Context) (err error) {
	if err := t.subject.RestartWorker(ctx); err != nil {
		return err
	}
	if _, err := t.subject.Sync(ctx, t.warmUp); err != nil {
		return fmt.Errorf("warm up: %w", err)
	}
	t.idle, err = t.subject.Memory()
	return err
}

// compare holds what worker and floor left in Eitje against each other.
func (t *trial) compare(ctx context.Context) error {
	floor, err := t.floor.Rows(ctx, plain.Links)
	if err != nil {
		return err
	}
	return t.mustHold(ctx, floor)
}

func (t *trial) mustHold(ctx context.Context, rows []string) error {
	worker, err := t.worker.Rows(ctx, workerLinks)
	if err != nil {
		return err
	}
	if err := world.Compare(worker, rows); err != nil {
		return fmt.Errorf("worker and plain program left different rows in Eitje: %w", err)
	}
	return nil
}

// remove gives everything back.
func (t *trial) remove(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	var problems []error
	if t.subject != nil {
		problems = append(problems, t.subject.Remove(ctx))
	}
	for _, database := range []*world.Database{t.worker, t.floor} {
		if database != nil {
			problems = append(problems, database.Drop(ctx))
		}
	}
	return errors.Join(problems...)
}
