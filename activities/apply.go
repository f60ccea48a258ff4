package activities

import (
	"context"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"golang.org/x/sync/errgroup"

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
	// telling guards done, and keeps the numbers told in their order.
	telling sync.Mutex
	done    int
}

func (a *Syncing) applying(ctx context.Context, in ApplyInput) (*applying, error) {
	owner, err := a.own(ctx, in.Run)
	if err != nil {
		return nil, err
	}
	return &applying{Syncing: a, in: in, batch: store.Batch{Run: owner, Day: in.Day, By: in.Run.RequestedBy}}, nil
}

func (a *applying) slice(ctx context.Context) (finished bool, err error) {
	if err := a.countApplied(ctx); err != nil {
		return false, err
	}
	if finished, err = a.applyBatches(ctx); err != nil || !finished {
		return false, err
	}
	return true, a.countApplied(ctx)
}

// applyBatches applies batch by batch, a few at a time: they are of different people,
// and each takes its locks in the same order. It reports whether none is left.
func (a *applying) applyBatches(ctx context.Context) (finished bool, err error) {
	begin, after := a.Now(), ""
	group, grouped := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for a.Now().Sub(begin) < a.sliceTime() && !stopping(ctx) && grouped.Err() == nil {
		var ids []string
		if ids, err = a.Store.PlannedItems(grouped, a.in.Run.ID, after, planChunk); err != nil {
			break
		}
		if finished = len(ids) == 0; finished {
			break
		}
		after = ids[len(ids)-1]
		now := a.Now()
		group.Go(func() error {
			err := a.apply(grouped, ids, now)
			if err == nil {
				err = a.tell(grouped, len(ids))
			}
			return err
		})
	}
	if failed := group.Wait(); failed != nil {
		return false, failed // which may be why no more plans were listed
	}
	return finished, err
}

// tell notes that so many more are applied.
func (a *applying) tell(ctx context.Context, more int) error {
	a.telling.Lock()
	defer a.telling.Unlock()
	a.done += more
	activity.RecordHeartbeat(ctx, a.done)
	return a.Store.SetStage(ctx, a.in.Run.ID, store.StageApplying, a.done, a.in.Total)
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
func (a *applying) apply(ctx context.Context, ids []string, now time.Time) error {
	batch := a.batch
	batch.ConnexieIDs = ids
	err := a.Store.ApplyBatch(ctx, batch, now)
	switch {
	case err == nil || !store.IsDataError(err):
		return err
	case len(ids) == 1:
		return a.Store.ApplyAlone(ctx, batch, now)
	}
	// A batch full of bad records is tried a thousand times over.
	if err := a.tell(ctx, 0); err != nil {
		return err
	}
	if err := a.apply(ctx, ids[:len(ids)/2], now); err != nil {
		return err
	}
	return a.apply(ctx, ids[len(ids)/2:], now)
}
