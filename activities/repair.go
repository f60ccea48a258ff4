package activities

import (
	"context"
	"time"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
)

// Repairing has the activities that make two profiles of one person one. They need the
// database alone.
type Repairing struct {
	Store *store.Store
	Now   func() time.Time
}

// RepairInput says which two profiles, and under which id the repair, or its undo, is
// kept: the id is derived from the workflow, so that a repetition changes nothing.
type RepairInput struct {
	RepairID     string `json:"repair_id"`
	ConnectionID string `json:"connection_id"`
	KeepID       string `json:"keep_id"`
	DropID       string `json:"drop_id"`
	RequestedBy  string `json:"requested_by"`
}

func (in RepairInput) request() store.RepairRequest {
	return store.RepairRequest{
		ID: in.RepairID, ConnectionID: in.ConnectionID, KeepID: in.KeepID, DropID: in.DropID, By: in.RequestedBy,
	}
}

// RepairResult is what a repair, its preview or its undo came to.
type RepairResult struct {
	Outcome domain.RepairOutcome `json:"outcome"`
	// Reason says why it was refused; empty otherwise.
	Reason domain.RepairRefusal `json:"reason,omitempty"`
	// RepairID is the repair that was made, found or undone; empty where there is none.
	RepairID string        `json:"repair_id,omitempty"`
	Counts   domain.Counts `json:"counts"`
}

// ApplyRepair makes the two profiles one, in one transaction (S22). A refusal is a
// result. Repeating it under the same id answers the same and changes nothing.
func (a *Repairing) ApplyRepair(ctx context.Context, in RepairInput) (RepairResult, error) {
	return a.do(ctx, in, a.Store.RepairDuplicate)
}

// PreviewRepair tells what ApplyRepair would do now, and changes nothing.
func (a *Repairing) PreviewRepair(ctx context.Context, in RepairInput) (RepairResult, error) {
	return a.do(ctx, in, a.Store.PreviewRepair)
}

// UndoRepair takes back the repair of the two profiles, in one transaction. Repeating it
// under the same id answers the same and changes nothing.
func (a *Repairing) UndoRepair(ctx context.Context, in RepairInput) (RepairResult, error) {
	return a.do(ctx, in, a.Store.UndoRepair)
}

// do heartbeats meanwhile: a repair waits for a batch of a sync, or for the snapshot of
// an export, which may last.
func (a *Repairing) do(
	ctx context.Context, in RepairInput,
	work func(context.Context, store.RepairRequest, time.Time) (store.RepairDone, error),
) (RepairResult, error) {
	done, err := beating(ctx, func(ctx context.Context) (store.RepairDone, error) {
		return work(ctx, in.request(), a.Now().Truncate(time.Microsecond))
	})
	if err != nil {
		return RepairResult{}, fromStore(err)
	}
	return RepairResult{Outcome: done.Outcome, Reason: done.Refusal, RepairID: done.RepairID, Counts: done.Counts}, nil
}
