package activities

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
)

// ExportEngine tells of exports what the engine alone knows.
type ExportEngine interface {
	// ExportRuns reports whether the workflow of an export has not ended.
	ExportRuns(ctx context.Context, workflowID string) (bool, error)
}

// Keeping holds the activities of housekeeping that need the store and the engine.
type Keeping struct {
	Store *store.Store
	// Engine is asked about exports that do not end.
	Engine ExportEngine
	// Terms are how long things are kept.
	Terms domain.Retention
	// Now is the clock.
	Now func() time.Time
	// SliceTime and Batch bound one slice and one transaction; the defaults where zero.
	SliceTime time.Duration
	Batch     int
}

// pruneBatch is how many rows go in one transaction: few enough for a short lock.
const pruneBatch = 1000

// exportsLeftAfter is how old an export is before its workflow is asked about: one that
// has just begun is none of housekeeping's business.
const exportsLeftAfter = time.Hour

// Housekeeping says which housekeeping an activity works for.
type Housekeeping struct {
	// ID is derived from the workflow (a UUIDv5).
	ID         string `json:"housekeeping_id"`
	WorkflowID string `json:"workflow_id"`
}

// PruneInput is one slice of housekeeping.
type PruneInput struct {
	Housekeeping Housekeeping  `json:"housekeeping"`
	Position     PrunePosition `json:"position"`
}

// PrunePosition is where housekeeping stands between slices and attempts.
type PrunePosition struct {
	// Task is the index of the task in domain.RetentionTasks.
	Task int `json:"task"`
	// Counts has what went by task, and failed: tasks that PostgreSQL did not take.
	Counts domain.Counts `json:"counts"`
}

// PruneResult tells how far the slice came.
type PruneResult struct {
	Position PrunePosition `json:"position"`
	Done     bool          `json:"done"`
}

// PruneStored removes what the terms have run out for, task by task, one transaction a
// batch, for a slice of time. What a repetition finds gone is gone: the position is only
// there to spare it the tasks that are done. A task that PostgreSQL does not take is
// counted and the others go on. Errors: Database, where a repetition may mend it.
func (a *Keeping) PruneStored(ctx context.Context, in PruneInput) (PruneResult, error) {
	p := &pruner{Keeping: a, position: in.Position, begun: a.Now()}
	if activity.HasHeartbeatDetails(ctx) {
		if err := activity.GetHeartbeatDetails(ctx, &p.position); err != nil {
			return PruneResult{}, err
		}
	}
	if p.position.Counts == nil {
		p.position.Counts = domain.Counts{}
	}
	if err := a.Store.OpenHousekeeping(ctx, in.Housekeeping.ID, in.Housekeeping.WorkflowID, a.Now()); err != nil {
		return PruneResult{}, fromStore(err)
	}
	done, err := p.slice(ctx)
	return PruneResult{Position: p.position, Done: done}, fromStore(err)
}

// pruner is one slice of pruning.
type pruner struct {
	*Keeping
	position PrunePosition
	begun    time.Time
}

func (p *pruner) slice(ctx context.Context) (done bool, err error) {
	tasks := domain.RetentionTasks()
	for p.position.Task < len(tasks) {
		gone, err := p.batch(ctx, tasks[p.position.Task])
		switch {
		case store.IsRetryable(err), ctx.Err() != nil:
			return false, err
		case err != nil: // the others are not to wait for it
			p.position.Counts["failed"]++
			p.position.Task++
		case gone == 0:
			p.position.Task++
		default:
			p.position.Counts[string(tasks[p.position.Task])] += gone
		}
		activity.RecordHeartbeat(ctx, p.position)
		if stopping(ctx) || p.Now().Sub(p.begun) >= p.sliceTime() {
			return p.position.Task == len(tasks), nil
		}
	}
	return true, nil
}

func (p *pruner) batch(ctx context.Context, task domain.RetentionTask) (int, error) {
	before, has := p.Terms.Before(task, p.Now())
	if !has {
		return 0, nil
	}
	limit := p.Batch
	if limit == 0 {
		limit = pruneBatch
	}
	return p.Store.Prune(ctx, store.Pruning{Task: task, Before: before, Limit: limit, Now: p.Now()})
}

func (a *Keeping) sliceTime() time.Duration {
	if a.SliceTime > 0 {
		return a.SliceTime
	}
	return defaultSliceTime
}

// LeftResult tells what exports have left behind.
type LeftResult struct {
	// Closed counts exports whose workflow had been terminated.
	Closed int `json:"closed"`
	// ConnectionIDs have drafts in Connexie that nobody will commit.
	ConnectionIDs []string `json:"connection_ids"`
}

// CloseLeftExports closes the exports whose workflow was terminated, which compensates
// nothing, and lists the connections that have drafts to be settled. An export whose
// workflow runs is left alone. It may be repeated. Errors: Database.
func (a *Keeping) CloseLeftExports(ctx context.Context, _ Housekeeping) (LeftResult, error) {
	var result LeftResult
	open, err := a.Store.OpenExports(ctx, a.Now().Add(-exportsLeftAfter))
	if err != nil {
		return result, fromStore(err)
	}
	for _, export := range open {
		runs, err := a.Engine.ExportRuns(ctx, export.WorkflowID)
		if err != nil {
			return result, err
		}
		activity.RecordHeartbeat(ctx)
		if runs {
			continue
		}
		closing := store.ExportClosing{Outcome: domain.ExportFailed, Counts: export.Counts, Problem: ProblemTerminated}
		if _, err := a.Store.CloseExport(ctx, export.ID, closing, a.Now()); err != nil {
			return result, fromStore(err)
		}
		result.Closed++
	}
	result.ConnectionIDs, err = a.Store.WithStrayDrafts(ctx)
	return result, fromStore(err)
}

// StrayDraftsInput names connections whose drafts are settled.
type StrayDraftsInput struct {
	ConnectionIDs []string `json:"connection_ids"`
}

// StrayDraftsResult counts drafts.
type StrayDraftsResult struct {
	Settled int `json:"settled"`
	// Unsettled are those that Connexie could not be asked about; tomorrow is another day.
	Unsettled int `json:"unsettled"`
}

// SettleStrayDrafts discards the drafts that exports which have ended left in Connexie. One
// that had been committed after all is recorded as what Connexie holds, as the next export
// would do. It may be repeated. Errors: Database.
func (a *Sending) SettleStrayDrafts(ctx context.Context, in StrayDraftsInput) (StrayDraftsResult, error) {
	var result StrayDraftsResult
	for _, id := range in.ConnectionIDs {
		strays, err := a.Store.StrayDrafts(ctx, id)
		if err != nil {
			return result, fromStore(err)
		}
		left := len(strays)
		err = a.withAccount(ctx, id, func(account Account) error {
			check := &exportCheck{Sending: a, run: ExportRun{ConnectionID: id}, account: account}
			for _, stray := range strays {
				if err := check.settle(ctx, stray); err != nil {
					return err
				}
				left--
				activity.RecordHeartbeat(ctx)
			}
			return nil
		})
		if ctx.Err() != nil || typeOf(err) == ErrorDatabase {
			return result, err
		}
		result.Settled += len(strays) - left
		result.Unsettled += left
	}
	return result, nil
}

// CloseHousekeepingInput ends a housekeeping.
type CloseHousekeepingInput struct {
	Housekeeping Housekeeping  `json:"housekeeping"`
	Counts       domain.Counts `json:"counts"`
}

// CloseHousekeepingResult is how it ended.
type CloseHousekeepingResult struct {
	Outcome domain.HousekeepingOutcome `json:"outcome"`
}

// CloseHousekeeping notes what the day's housekeeping did. It may be repeated. Errors:
// Database.
func (a *Keeping) CloseHousekeeping(ctx context.Context, in CloseHousekeepingInput) (CloseHousekeepingResult, error) {
	outcome := domain.HousekeepingOutcomeOf(in.Counts)
	err := a.Store.CloseHousekeeping(ctx, in.Housekeeping.ID, outcome, in.Counts, a.Now())
	return CloseHousekeepingResult{Outcome: outcome}, fromStore(err)
}
