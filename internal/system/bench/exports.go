package bench

import (
	"context"
	"errors"
	"fmt"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/system/bench/plain"
	"github.com/eitje/connexie-worker/internal/system/bench/subject"
	"github.com/eitje/connexie-worker/internal/system/bench/world"
)

// The exports that are measured, with the target of the design. A second one sends
// everything again, because an export replaces its period as a whole (X8).
var (
	firstExport = goal{name: "first-export", title: "first export", ratio: 2}
	secondTime  = goal{name: "export-again", title: "again, nothing changed", ratio: 2}
)

// workerMarks selects which entries the worker has marked.
const workerMarks = `select entry_id, connexie_venue_id, day from connexie.exported_entries`

// exports measures exports of one number of entries: first ones on databases of their
// own, and on the last of these what an export costs that changes nothing.
func (b *bench) exports(ctx context.Context, entries int) (err error) {
	b.progress.begin("%s entries: making the organisation", thousands(entries))
	w, err := world.NewWithEntries(ctx, b.DatabaseURL, entries)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close(context.WithoutCancel(ctx))) }()
	first, again := newRow(firstExport, entries, ofEntries), newRow(secondTime, entries, ofEntries)
	for repetition := 1; repetition < b.firstExports(); repetition++ {
		if err := b.exportOnce(ctx, w, first, repetition, nil); err != nil {
			return err
		}
	}
	if err := b.exportOnce(ctx, w, first, b.firstExports(), again); err != nil {
		return err
	}
	b.report.Exports = append(b.report.Exports, first, again)
	return nil
}

// exportOnce measures a first export in a trial of its own and then, where there is a
// row for them, repeated ones.
func (b *bench) exportOnce(ctx context.Context, w *world.World, first *Row, repetition int, again *Row) (err error) {
	t, err := b.readyToExport(ctx, w)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.remove(ctx)) }()
	if err := b.exportTurn(ctx, t, first, repetition); err != nil || again == nil {
		return err
	}
	if err := b.freshExporter(ctx, t); err != nil {
		return err
	}
	for repetition := 1; repetition <= b.Repeat; repetition++ {
		if err := b.exportTurn(ctx, t, again, repetition); err != nil {
			return err
		}
	}
	return nil
}

// readyToExport brings up both sides: everyone is linked, and codes are chosen.
func (b *bench) readyToExport(ctx context.Context, w *world.World) (_ *trial, err error) {
	b.progress.begin("%s entries: synchronising first", thousands(w.Entries))
	t, err := b.newTrial(ctx, w)
	if err != nil {
		return nil, err
	}
	if err := b.prepareExport(ctx, t); err != nil {
		return nil, errors.Join(err, t.remove(ctx))
	}
	return t, nil
}

func (b *bench) prepareExport(ctx context.Context, t *trial) error {
	if err := t.program.Floor(ctx); err != nil {
		return fmt.Errorf("floor: %w", err)
	}
	if _, err := t.subject.Activate(ctx, t.connection); err != nil {
		return err
	}
	if err := t.compare(ctx); err != nil {
		return err
	}
	for _, connection := range []string{t.connection, t.warmUp} {
		for _, code := range t.world.Codes() {
			if err := t.subject.ChooseCode(ctx, connection, code.Kind, code.Type, code.Code); err != nil {
				return err
			}
		}
	}
	return b.freshExporter(ctx, t)
}

// freshExporter starts the worker anew and lets it export the small organisation, so
// that what it uses when idle is not what came before.
func (b *bench) freshExporter(ctx context.Context, t *trial) error {
	b.progress.begin("%s entries: a fresh worker", thousands(t.world.Entries))
	if err := t.refresh(ctx); err != nil {
		return err
	}
	if _, err := t.subject.Export(ctx, t.warmUp, t.world.Period()); err != nil {
		return fmt.Errorf("warm up: %w", err)
	}
	var err error
	t.idle, err = t.subject.Memory()
	return err
}

// exportTurn lets worker and floor export once each, who begins alternating, and holds
// what they left in Connexie and in Eitje against each other.
func (b *bench) exportTurn(ctx context.Context, t *trial, row *Row, repetition int) error {
	turns := []func(context.Context, *trial, *Row) error{b.workerExports, b.floorExports}
	if repetition%2 == 0 {
		turns[0], turns[1] = turns[1], turns[0]
	}
	for _, turn := range turns {
		if err := turn(ctx, t, row); err != nil {
			return fmt.Errorf("%s: %w", row.Title, err)
		}
	}
	return t.compareExports(ctx)
}

func (b *bench) workerExports(ctx context.Context, t *trial, row *Row) error {
	b.progress.begin("%s entries: %s, worker", thousands(t.world.Entries), row.Title)
	if err := t.subject.ForgetPeak(); err != nil {
		return err
	}
	export, err := t.subject.Export(ctx, t.connection, t.world.Period())
	if err != nil {
		return err
	}
	peak, err := t.subject.PeakMemory()
	if err != nil {
		return err
	}
	row.addWorker(export.Execution, peak-t.idle)
	b.progress.done(export.Seconds)
	return t.sentEverything(export)
}

func (b *bench) floorExports(ctx context.Context, t *trial, row *Row) error {
	b.progress.begin("%s entries: %s, floor", thousands(t.world.Entries), row.Title)
	export := plain.Export{
		From: t.world.Period().From.String(), To: t.world.Period().To.String(), Codes: map[string]string{},
	}
	for _, code := range t.world.Codes() {
		export.Codes[code.Kind+"/"+code.Type] = code.Code
	}
	seconds, err := timed(func() error { return t.program.Export(ctx, export) })
	if err != nil {
		return fmt.Errorf("floor: %w", err)
	}
	row.Floor.add(seconds)
	b.progress.done(seconds)
	return nil
}

// sentEverything holds the export against what Connexie has counted.
func (t *trial) sentEverything(export subject.Exported) error {
	if export.Result.Outcome != domain.ExportOK {
		return fmt.Errorf("the export ended as %s, with %v", export.Result.Outcome, export.Result.Counts)
	}
	ledger, err := t.world.Ledger()
	if err != nil {
		return err
	}
	if lines := export.Result.Counts["lines"]; lines != len(ledger) || lines < t.world.Entries/2 {
		return fmt.Errorf("the export counts %d lines, of %d entries, and Connexie %d", lines, t.world.Entries, len(ledger))
	}
	return nil
}

// compareExports fails where Connexie does not hold the same lines of worker and floor,
// or where other entries are marked.
func (t *trial) compareExports(ctx context.Context) error {
	worker, err := t.world.Ledger()
	if err != nil {
		return err
	}
	floor, err := t.world.FloorLedger()
	if err != nil {
		return err
	}
	if err := world.Compare(worker, floor); err != nil {
		return fmt.Errorf("worker and floor left different lines in Connexie: %w", err)
	}
	marked, err := t.worker.Marks(ctx, workerMarks)
	if err != nil {
		return err
	}
	byFloor, err := t.floor.Marks(ctx, plain.Exported)
	if err != nil {
		return err
	}
	if err := world.Compare(marked, byFloor); err != nil {
		return fmt.Errorf("worker and floor marked different entries: %w", err)
	}
	return nil
}
