package activities

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
)

// ApplyInput is one slice of applying a run's plan.
type ApplyInput struct {
	Run        Run         `json:"run"`
	Day        domain.Date `json:"day"`
	Total      int         `json:"total"`
	Unreadable int         `json:"unreadable"`
}

// ApplyResult tells how far the slice came; Closed is set once all is applied.
type ApplyResult struct {
	Done   int     `json:"done"`
	Closed *Ending `json:"closed,omitempty"`
}

// ApplySync applies one slice of the saved plan, batch by batch, each in one
// transaction with its audit and notifications, and ends the run after the last. A
// batch that is refused for its data is halved until the bad record stands alone,
// and that one is noted (S15).
//
// What was applied before is not applied again. Errors: FenceLost, Database.
func (a *Syncing) ApplySync(ctx context.Context, in ApplyInput) (ApplyResult, error) {
	ap, err := a.applying(ctx, in)
	if err != nil {
		return ApplyResult{}, fromStore(err)
	}
	finished, err := ap.slice(ctx)
	if err != nil {
		return ApplyResult{}, fromStore(err)
	}
	result := ApplyResult{Done: ap.done}
	if !finished {
		return result, nil
	}
	ending, err := a.end(ctx, in.Run, in.Total, in.Unreadable)
	result.Closed = &ending
	return result, fromStore(err)
}

// applying is one attempt at a slice.
type applying struct {
	*Syncing
	in    ApplyInput
	batch store.Batch
	done  int
}

func (a *Syncing) applying(ctx context.Context, in ApplyInput) (*applying, error) {
	owner, err := a.own(ctx, in.Run)
	if err != nil {
		return nil, err
	}
	return &applying{Syncing: a, in: in, batch: store.Batch{Run: owner, Day: in.Day, By: in.Run.RequestedBy}}, nil
}

func (a *applying) slice(ctx context.Context) (finished bool, err error) {
	begin, after := a.Now(), ""
	if err := a.countApplied(ctx); err != nil {
		return false, err
	}
	for a.Now().Sub(begin) < a.sliceTime() {
		ids, err := a.Store.PlannedItems(ctx, a.in.Run.ID, after, planChunk)
		if err != nil {
			return false, err
		}
		if len(ids) == 0 {
			return true, a.countApplied(ctx)
		}
		if err := a.apply(ctx, ids); err != nil {
			return false, err
		}
		after = ids[len(ids)-1]
		a.done += len(ids)
		if err := a.Store.SetStage(ctx, a.in.Run.ID, store.StageApplying, a.done, a.in.Total); err != nil {
			return false, err
		}
		activity.RecordHeartbeat(ctx, a.done)
		if stopping(ctx) {
			return false, nil
		}
	}
	return false, nil
}

// countApplied counts what is applied: before a slice, because the attempt before may
// have died between its last batch and its word about it, and after the last, because
// the plans of people who went missing are dropped. Counting after each batch would
// make the time grow with the square of the people.
func (a *applying) countApplied(ctx context.Context) (err error) {
	a.done, err = a.Store.NoteApplied(ctx, a.in.Run.ID, a.in.Total)
	return err
}

func (a *applying) sliceTime() time.Duration {
	if a.SliceTime > 0 {
		return a.SliceTime
	}
	return defaultSliceTime
}

// apply applies a set of people, halving it for data errors alone: any other
// failure is the database's, not a person's.
func (a *applying) apply(ctx context.Context, ids []string) error {
	batch := a.batch
	batch.ConnexieIDs = ids
	err := a.Store.ApplyBatch(ctx, batch, a.Now())
	switch {
	case err == nil || !store.IsDataError(err):
		return err
	case len(ids) == 1:
		return a.Store.ApplyAlone(ctx, batch, a.Now())
	}
	// A batch full of bad records is tried a thousand times over.
	activity.RecordHeartbeat(ctx, a.done)
	if err := a.apply(ctx, ids[:len(ids)/2]); err != nil {
		return err
	}
	return a.apply(ctx, ids[len(ids)/2:])
}
