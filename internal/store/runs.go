package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// The words that a run is opened with.
const (
	TriggerManual     = "manual"
	TriggerNightly    = "nightly"
	TriggerActivation = "activation"

	ModeApply   = "apply"
	ModePreview = "preview"
)

// Stage is how far a run has come.
type Stage string

// The stages of a run.
const (
	StageReading  Stage = "reading"
	StagePlanning Stage = "planning"
	StageHeld     Stage = "held"
	StageApplying Stage = "applying"
	StageClosed   Stage = "closed"
)

// RunOpening is what a run is opened with.
type RunOpening struct {
	// ID is derived from the workflow and the pass, so that a repetition opens the
	// same run.
	ID           string
	ConnectionID string
	WorkflowID   string
	Pass         int
	Trigger      string
	Mode         string
	// OnlyConnexieID is the one person of a one-person run.
	OnlyConnexieID string
	// Night is the night that the run answers for, if any.
	Night       domain.Date
	RequestedBy string
	// Day is what "today" means to the rules of this run.
	Day domain.Date
}

// full reports whether the run is the one that is alone on its connection (S2).
func (o RunOpening) full() bool { return o.Mode == ModeApply && o.OnlyConnexieID == "" }

// Run is one pass of a synchronisation.
type Run struct {
	ID             string
	ConnectionID   string
	WorkflowID     string
	Pass           int
	Trigger        string
	Mode           string
	OnlyConnexieID string
	Night          domain.Date
	RequestedBy    string
	Day            domain.Date
	Stage          Stage
	// Reading is the reading of Connexie's list that the run rests on; zero before.
	Reading int64
	Total   int
	Done    int
	Counts  domain.Counts
	// Outcome and ClosedAt are empty while the run is open.
	Outcome   domain.SyncOutcome
	Problem   string
	StartedAt time.Time
	ClosedAt  time.Time
}

// Closed reports whether the run has ended.
func (r Run) Closed() bool { return r.Stage == StageClosed }

// OpenRun opens a run, or answers with the run as it stands where the id was opened
// before: what was stored first wins, its day included. A full run that is opened
// closes older open ones of the connection as abandoned (S2). The run answers for
// its night unless another one does already. ErrNotFound where there is no such
// connection.
func (s *Store) OpenRun(ctx context.Context, opening RunOpening, now time.Time) (Run, error) {
	var run Run
	err := s.withTx(ctx, func(tx pgx.Tx) error {
		if _, err := lockConnection(ctx, tx, opening.ConnectionID); err != nil {
			return err
		}
		var err error
		if run, err = findRun(ctx, tx, opening.ID); !errors.Is(err, ErrNotFound) {
			return err
		}
		if opening.full() {
			if err := abandonRuns(ctx, tx, opening, now); err != nil {
				return err
			}
		}
		if err := insertRun(ctx, tx, opening, now); err != nil {
			return err
		}
		run, err = findRun(ctx, tx, opening.ID)
		return err
	})
	if err != nil {
		return Run{}, fmt.Errorf("open run %s: %w", opening.ID, err)
	}
	return run, nil
}

// abandonRuns closes what an attempt that died left open. Such a run no longer
// answers for the night that the new one is opened for.
func abandonRuns(ctx context.Context, tx pgx.Tx, opening RunOpening, now time.Time) error {
	const query = `
		update connexie.sync_runs
		   set stage = 'closed', outcome = 'abandoned', closed_at = @now,
		       problem = 'A newer run began before this one ended.',
		       night = case when night is distinct from @night::date then night end
		 where connection_id = @connection_id and closed_at is null
		   and mode = 'apply' and only_connexie_id is null`
	_, err := execute(ctx, tx, "close older runs", query,
		args{"connection_id": opening.ConnectionID, "night": opening.Night, "now": now})
	return err
}

func insertRun(ctx context.Context, tx pgx.Tx, opening RunOpening, now time.Time) error {
	const query = `
		insert into connexie.sync_runs (id, connection_id, workflow_id, pass, trigger, mode, only_connexie_id,
		       night, requested_by, day, stage, started_at)
		select @id, @connection_id, @workflow_id, @pass, @trigger, @mode, nullif(@only_connexie_id, ''),
		       case when not exists (select from connexie.sync_runs
		                              where connection_id = @connection_id and night = @night::date)
		            then @night::date end,
		       @requested_by, @day, 'reading', @now`
	_, err := execute(ctx, tx, "insert the run", query, args{
		"id": opening.ID, "connection_id": opening.ConnectionID, "workflow_id": opening.WorkflowID,
		"pass": opening.Pass, "trigger": opening.Trigger, "mode": opening.Mode,
		"only_connexie_id": opening.OnlyConnexieID, "night": opening.Night, "requested_by": opening.RequestedBy,
		"day": opening.Day, "now": now,
	})
	return err
}

// SetStage notes how far an open run has come. A closed run stays as it is.
func (s *Store) SetStage(ctx context.Context, runID string, stage Stage, done, total int) error {
	const query = `
		update connexie.sync_runs set stage = @stage, done = @done, total = @total
		 where id = @id and closed_at is null
		   and (stage, done, total) is distinct from (@stage, @done, @total)`
	_, err := execute(ctx, s.pool, "set the stage of run "+runID, query,
		args{"id": runID, "stage": stage, "done": done, "total": total})
	return err
}

// BeginPlanning notes that an open run is being planned, and whether every venue is
// decided as it is. A closed run stays as it is.
func (s *Store) BeginPlanning(ctx context.Context, runID string, venuesDecided bool) error {
	const query = `
		update connexie.sync_runs
		   set stage = 'planning', done = 0, total = 0, venues_decided = @venues_decided
		 where id = @id and closed_at is null`
	_, err := execute(ctx, s.pool, "begin to plan run "+runID, query,
		args{"id": runID, "venues_decided": venuesDecided})
	return err
}

// SetReading notes the reading that an open run rests on. A closed run stays as it
// is.
func (s *Store) SetReading(ctx context.Context, runID string, reading int64) error {
	const query = `
		update connexie.sync_runs set reading = @reading
		 where id = @id and closed_at is null and reading is distinct from @reading`
	_, err := execute(ctx, s.pool, "set the reading of run "+runID, query, args{"id": runID, "reading": reading})
	return err
}

// RunClosing is how a run ended.
type RunClosing struct {
	Outcome domain.SyncOutcome
	Counts  domain.Counts
	// Problem says what went wrong, with ids and counts alone; empty otherwise.
	Problem string
}

// CloseRun ends a run and, for a full one, counts whether Connexie could be reached
// (N6). A run that is closed already stays as it was closed. The result is the run
// as it stands.
func (s *Store) CloseRun(ctx context.Context, runID string, closing RunClosing, now time.Time) (Run, error) {
	var run Run
	err := s.withTx(ctx, func(tx pgx.Tx) error {
		if err := lockConnectionOf(ctx, tx, runID); err != nil {
			return err
		}
		closed, err := writeClosing(ctx, tx, runID, closing, now)
		if err != nil {
			return err
		}
		if run, err = findRun(ctx, tx, runID); err != nil || !closed {
			return err
		}
		return countReachability(ctx, tx, run, now)
	})
	if err != nil {
		return Run{}, fmt.Errorf("close run %s: %w", runID, err)
	}
	return run, nil
}

// lockConnectionOf takes the locks in the order in which OpenRun does, the
// connection before its runs, so that the two never wait for each other.
func lockConnectionOf(ctx context.Context, tx pgx.Tx, runID string) error {
	run, err := findRun(ctx, tx, runID)
	if err != nil {
		return err
	}
	_, err = lockConnection(ctx, tx, run.ConnectionID)
	return err
}

func writeClosing(ctx context.Context, tx pgx.Tx, runID string, closing RunClosing, now time.Time) (bool, error) {
	const query = `
		update connexie.sync_runs
		   set stage = 'closed', outcome = @outcome, counts = @counts, problem = nullif(@problem, ''), closed_at = @now
		 where id = @id and closed_at is null`
	counts := closing.Counts
	if counts == nil {
		counts = domain.Counts{}
	}
	touched, err := execute(ctx, tx, "write how the run ended", query, args{
		"id": runID, "outcome": closing.Outcome, "counts": counts, "problem": closing.Problem, "now": now,
	})
	return touched > 0, err
}

// countReachability counts a night that failed because Connexie could not be
// reached, and begins anew with any full run that got through to it (N6).
func countReachability(ctx context.Context, tx pgx.Tx, run Run, now time.Time) error {
	if run.Mode != ModeApply || run.OnlyConnexieID != "" {
		return nil
	}
	switch run.Outcome {
	case domain.SyncUnreachable:
		if run.Night.IsZero() {
			return nil
		}
		return noteUnreachable(ctx, tx, run.ConnectionID, run.Night, now)
	case domain.SyncOK, domain.SyncProblems, domain.SyncNothing, domain.SyncRejected, domain.SyncSuperseded,
		domain.SyncRefused:
		return noteReachable(ctx, tx, run.ConnectionID, now)
	}
	return nil
}
