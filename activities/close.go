package activities

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
)

// end closes a run that did what it was for: it counts, keeps the notifications
// that concern the whole connection true (N1), and writes the outcome last, so that
// a repetition after a crash ends it in the same way.
func (a *Syncing) end(ctx context.Context, run Run, planned, unreadable int) (Ending, error) {
	counts, err := a.Store.CountRun(ctx, run.ID)
	if err != nil {
		return Ending{}, err
	}
	if unreadable > 0 {
		counts["unreadable"] = unreadable
	}
	closing := store.RunClosing{Outcome: domain.OutcomeOf(counts, planned), Counts: counts}
	if run.full() {
		if err := a.concludeFull(ctx, run, unreadable); err != nil {
			return Ending{}, err
		}
	}
	return a.closeRun(ctx, run, closing)
}

// closeRun writes the ending and answers with what the run was closed with first. The
// employments that are being ended hear of it after that.
func (a *Syncing) closeRun(ctx context.Context, run Run, closing store.RunClosing) (Ending, error) {
	closed, err := a.Store.CloseRun(ctx, run.ID, closing, a.Now())
	if err == nil && !run.preview() {
		err = a.tellEndings(ctx, run)
	}
	return Ending{Outcome: closed.Outcome, Counts: closed.Counts}, err
}

// EndingTeller tells the ending of a team member's employment that Connexie's side may
// have changed. One that is over hears nothing, and that is no error.
type EndingTeller interface {
	ConnexieChanged(ctx context.Context, teamMemberID string) error
}

// tellEndings tells the endings that a run concerns, at least once: a repetition of the
// closing tells them again, which they bear (E2, E3, E5, E6).
func (a *Syncing) tellEndings(ctx context.Context, run Run) error {
	members, err := a.Store.EndingsToTell(ctx, run.ConnectionID, run.OnlyConnexieID, domain.DayOf(a.Now()))
	if err != nil {
		return err
	}
	for _, member := range members {
		if err := a.Endings.ConnexieChanged(ctx, member); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return temporal.NewApplicationError("tell the ending of team member "+member+": "+err.Error(), ErrorEngine)
		}
	}
	return nil
}

// concludeFull is what only a full run that was applied can say about its
// connection.
func (a *Syncing) concludeFull(ctx context.Context, run Run, unreadable int) error {
	if err := a.Store.SyncMissingNotices(ctx, run.ConnectionID, a.Now()); err != nil {
		return err
	}
	if err := a.Store.SyncConfigurationNotices(ctx, run.ConnectionID, a.Now()); err != nil {
		return err
	}
	if err := a.Store.SyncExportNotices(ctx, run.ConnectionID, a.Now()); err != nil {
		return err
	}
	if _, err := a.Store.ArmGuard(ctx, run.ConnectionID, run.ID, a.Now()); err != nil {
		return err
	}
	gone := []store.NoticeKey{
		{Cause: domain.CauseGuardHeld, Subject: run.ConnectionID},
		{Cause: domain.CauseSyncFailed, Subject: run.ConnectionID},
	}
	if unreadable == 0 {
		gone = append(gone, store.NoticeKey{Cause: domain.CauseUnreadableRecord, Subject: run.ConnectionID})
	}
	_, err := a.Store.CloseNotices(ctx, run.ConnectionID, gone, a.Now())
	return err
}

// CloseInput ends a run that was not applied.
type CloseInput struct {
	Run     Run                `json:"run"`
	Outcome domain.SyncOutcome `json:"outcome"`
	// Problem is the type of the error that ended it, or empty.
	Problem string `json:"problem,omitempty"`
}

// CloseSync ends a run that was rejected, superseded, refused, cancelled, out of
// reach or failed, and tells whoever must act. It may be repeated; a run that is
// closed stays as it was closed. Errors: Database.
func (a *Syncing) CloseSync(ctx context.Context, in CloseInput) (Ending, error) {
	ending, err := a.close(ctx, in)
	return ending, fromStore(err)
}

func (a *Syncing) close(ctx context.Context, in CloseInput) (Ending, error) {
	if err := a.find(ctx, in.Run); err != nil {
		if typeOf(err) == ErrorInvalidInput { // no run was ever opened
			return Ending{Outcome: in.Outcome, Counts: domain.Counts{}}, nil
		}
		return Ending{}, err
	}
	if in.Run.full() {
		if err := a.conclude(ctx, in); err != nil {
			return Ending{}, err
		}
	}
	counts, err := a.Store.CountRun(ctx, in.Run.ID)
	if err != nil {
		return Ending{}, err
	}
	return a.closeRun(ctx, in.Run, store.RunClosing{Outcome: in.Outcome, Counts: counts, Problem: in.Problem})
}

// find makes sure that there is a run to close. One that ended before its first
// activity began is opened, so that a night that waits for it sees its end. One that
// is open is closed whatever has become of its connection: it may have been paused
// or removed meanwhile.
func (a *Syncing) find(ctx context.Context, run Run) error {
	_, err := a.Store.Run(ctx, run.ID)
	if errors.Is(err, store.ErrNotFound) {
		_, _, err = openRun(ctx, a.Store, run, a.Now())
	}
	return err
}

// conclude ends what an activity that was cancelled or timed out may still be writing,
// so that the counts that follow are the last, and tells whoever must act. Where
// another run has begun since, the word about the connection is that one's.
func (a *Syncing) conclude(ctx context.Context, in CloseInput) error {
	_, err := a.Store.BumpFence(ctx, in.Run.ConnectionID, in.Run.ID)
	if errors.Is(err, store.ErrFenceLost) {
		return nil
	}
	if err != nil {
		return err
	}
	return a.tell(ctx, in)
}

// tell opens and closes what the ending means for the connection.
func (a *Syncing) tell(ctx context.Context, in CloseInput) error {
	connection, now := in.Run.ConnectionID, a.Now()
	// After a run that was superseded the next pass begins at once: if it is held too,
	// the notification that is open tells of it, and nobody is told twice (N1).
	if in.Outcome != domain.SyncSuperseded {
		held := store.NoticeKey{Cause: domain.CauseGuardHeld, Subject: connection}
		if _, err := a.Store.CloseNotices(ctx, connection, []store.NoticeKey{held}, now); err != nil {
			return err
		}
	}
	if in.Outcome != domain.SyncFailed {
		return nil
	}
	_, err := a.Store.OpenNotices(ctx, connection, syncFailed(connection, in.Problem), now)
	return err
}

// openRun opens the run, or finds it, and its connection. A paused connection may be
// previewed, which changes nothing, and its run that is under way goes on (C9).
func openRun(ctx context.Context, s *store.Store, run Run, now time.Time) (store.Run, store.Connection, error) {
	connection, err := usableConnection(ctx, s, run.ConnectionID, func() error {
		if run.preview() {
			return nil
		}
		_, err := s.Run(ctx, run.ID)
		return err
	})
	if err != nil {
		return store.Run{}, connection, err
	}
	opened, err := s.OpenRun(ctx, store.RunOpening{
		ID: run.ID, ConnectionID: run.ConnectionID, WorkflowID: run.WorkflowID, Pass: run.Pass,
		Trigger: run.Trigger, Mode: string(run.Mode), OnlyConnexieID: run.OnlyConnexieID,
		Night: run.Night, RequestedBy: run.RequestedBy, Day: domain.DayOf(now),
	}, now)
	return opened, connection, fromStore(err)
}
