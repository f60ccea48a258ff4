package activities

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/eitje/connexie-worker/internal/store"
)

// Engine ends what the engine runs.
type Engine interface {
	// Execution is the execution that runs under the id now; empty where none does.
	Execution(ctx context.Context, workflowID string) (string, error)
	// Cancel asks an execution to end. One that has ended is well.
	Cancel(ctx context.Context, workflowID, execution string) error
}

// Removing holds the activities of removing a connection that need the database and the
// engine.
type Removing struct {
	Store  *store.Store
	Engine Engine
	// Now is the clock.
	Now func() time.Time
	// LookEvery is how often what is ending is looked at; the default where zero.
	LookEvery time.Duration
}

const defaultLookEvery = 500 * time.Millisecond

// RemovalInput names the connection to remove.
type RemovalInput struct {
	ConnectionID string `json:"connection_id"`
	RequestedBy  string `json:"requested_by"`
}

// MarkRemovedResult tells whose connection it is.
type MarkRemovedResult struct {
	OrganisationID string `json:"organisation_id"`
}

// MarkRemoved leaves a connection out of everything and closes its open notifications
// (C9). Links, markers and history stay. Marking again changes nothing. Errors:
// InvalidInput (no such connection), Database.
func (a *Removing) MarkRemoved(ctx context.Context, in RemovalInput) (MarkRemovedResult, error) {
	removed, err := a.Store.RemoveConnection(ctx, in.ConnectionID, in.RequestedBy, a.Now())
	if errors.Is(err, store.ErrNotFound) {
		return MarkRemovedResult{}, invalidInput("there is no connection %s; list them with: starter connections list", in.ConnectionID)
	}
	return MarkRemovedResult{OrganisationID: removed.OrganisationID}, fromStore(err)
}

// EndWorkInput names the workflows that a connection may have under way.
type EndWorkInput struct {
	ConnectionID string   `json:"connection_id"`
	WorkflowIDs  []string `json:"workflow_ids"`
}

// EndWorkResult counts what was ended: syncs, exports and the like, and endings of
// employments.
type EndWorkResult struct {
	Ended   int `json:"ended"`
	Endings int `json:"endings,omitempty"`
}

// EndWork cancels what is under way for a removed connection, and waits until it has
// ended: a sync ends between two batches, an export withdraws its draft, an ending is
// withdrawn. It ends those workflows that are named and those that have a run, an export
// or an ending open, and closes what somebody's terminated workflow has left open. A
// connection that was added again meanwhile is left alone.
//
// It may be repeated. Errors: the engine's, retried; Database.
func (a *Removing) EndWork(ctx context.Context, in EndWorkInput) (EndWorkResult, error) {
	var result EndWorkResult
	open, err := a.Store.OpenWork(ctx, in.ConnectionID)
	if err != nil {
		return result, fromStore(err)
	}
	endings, err := a.Store.OpenEndings(ctx, in.ConnectionID)
	if err != nil {
		return result, fromStore(err)
	}
	ids := slices.Concat(in.WorkflowIDs, open)
	slices.Sort(ids)
	if result.Ended, err = a.endAll(ctx, in.ConnectionID, slices.Compact(ids)); err != nil {
		return result, err
	}
	if result.Endings, err = a.endAll(ctx, in.ConnectionID, endings); err != nil {
		return result, err
	}
	return result, fromStore(a.Store.CloseLeftOpen(ctx, in.ConnectionID, a.Now()))
}

// endAll ends the workflows one after the other, and counts those that ran.
func (a *Removing) endAll(ctx context.Context, connectionID string, workflowIDs []string) (ended int, err error) {
	for _, id := range workflowIDs {
		one, err := a.end(ctx, connectionID, id)
		if err != nil {
			return ended, err
		}
		ended += one
	}
	return ended, nil
}

// end ends one workflow. Which execution it is is asked before the state: what was begun
// after the connection was added again is never found by this.
func (a *Removing) end(ctx context.Context, connectionID, workflowID string) (int, error) {
	execution, err := a.Engine.Execution(ctx, workflowID)
	if err != nil || execution == "" {
		return 0, err
	}
	connection, err := a.Store.Connection(ctx, connectionID)
	if err != nil || connection.State != store.ConnectionRemoved {
		return 0, fromStore(err)
	}
	if err := a.Engine.Cancel(ctx, workflowID, execution); err != nil {
		return 0, err
	}
	return 1, a.awaitEnd(ctx, workflowID, execution)
}

func (a *Removing) awaitEnd(ctx context.Context, workflowID, execution string) error {
	ticker := time.NewTicker(a.lookEvery())
	defer ticker.Stop()
	for {
		running, err := a.Engine.Execution(ctx, workflowID)
		if err != nil || running != execution {
			return err
		}
		activity.RecordHeartbeat(ctx, workflowID)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-activity.GetWorkerStopChannel(ctx):
			return workerStopping()
		case <-ticker.C:
		}
	}
}

func (a *Removing) lookEvery() time.Duration {
	if a.LookEvery > 0 {
		return a.LookEvery
	}
	return defaultLookEvery
}

// DropTokensResult tells whether there was a token.
type DropTokensResult struct {
	Dropped bool `json:"dropped"`
}

// DropTokens deletes the tokens of a removed connection (N3). One that was added again
// meanwhile keeps its new one. Errors: Database.
func (a *Removing) DropTokens(ctx context.Context, in RemovalInput) (DropTokensResult, error) {
	dropped, err := a.Store.DropTokens(ctx, in.ConnectionID)
	return DropTokensResult{Dropped: dropped}, fromStore(err)
}

// WithdrawStraysResult counts what exports had left behind.
type WithdrawStraysResult struct {
	Left int `json:"left"`
}

// WithdrawStrays finds out what became of the drafts that exports of a connection left
// behind when they ended, and discards them (X8): once the token is gone nobody can. It
// may be repeated. Errors: ConnexieTokenRefused, ConnexieForbidden, ConnexieRateLimited,
// ConnexieUnavailable, Database.
func (a *Sending) WithdrawStrays(ctx context.Context, in RemovalInput) (WithdrawStraysResult, error) {
	strays, err := a.Store.StrayDrafts(ctx, in.ConnectionID)
	if err != nil || len(strays) == 0 {
		return WithdrawStraysResult{}, fromStore(err)
	}
	err = a.withAccount(ctx, in.ConnectionID, func(account Account) error {
		check := &exportCheck{Sending: a, run: ExportRun{ConnectionID: in.ConnectionID}, account: account}
		return check.settleStrays(ctx)
	})
	return WithdrawStraysResult{Left: len(strays)}, err
}
