package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// Stages of an export. The stage on which one is opened, and the last.
const (
	exportStageChecking = "checking"
	exportStageClosed   = "closed"
)

// exportTerminated is the problem of an export whose workflow ended without a word.
const exportTerminated = "Terminated"

// ExportOpening is what an export is opened with.
type ExportOpening struct {
	ID           string
	ConnectionID string
	WorkflowID   string
	Period       domain.Period
	Kinds        []domain.ExportKind
	// Mode is ModeApply or ModePreview.
	Mode                string
	AcknowledgeUnmapped bool
	RequestedBy         string
}

// Export is one attempt at bringing a period's work to Connexie, or a preview of it.
type Export struct {
	ID                  string
	ConnectionID        string
	WorkflowID          string
	Period              domain.Period
	Kinds               []domain.ExportKind
	Mode                string
	AcknowledgeUnmapped bool
	RequestedBy         string
	Stage               string
	Counts              domain.Counts
	// Outcome and ClosedAt are empty while the export is open.
	Outcome   domain.ExportOutcome
	Problem   string
	StartedAt time.Time
	ClosedAt  time.Time
}

// Closed reports whether the export has ended.
func (e Export) Closed() bool { return !e.ClosedAt.IsZero() }

// OpenExport opens an export, or answers with the export as it stands where the id was
// opened before. One of the same mode that a terminated workflow left open is closed as
// failed: one export per connection at a time (X14). ErrNotFound where there is no such connection.
func (s *Store) OpenExport(ctx context.Context, opening ExportOpening, now time.Time) (Export, error) {
	var export Export
	err := s.withTx(ctx, func(tx pgx.Tx) error {
		if _, err := lockConnection(ctx, tx, opening.ConnectionID); err != nil {
			return err
		}
		var err error
		if export, err = findExport(ctx, tx, opening.ID); !errors.Is(err, ErrNotFound) {
			return err
		}
		if err := closeTerminated(ctx, tx, opening, now); err != nil {
			return err
		}
		if err := insertExport(ctx, tx, opening, now); err != nil {
			return err
		}
		export, err = findExport(ctx, tx, opening.ID)
		return err
	})
	if err != nil {
		return Export{}, fmt.Errorf("open export %s: %w", opening.ID, err)
	}
	return export, nil
}

// closeTerminated leaves the venues as they are: what became of a draft is found out
// by the export that is being opened.
func closeTerminated(ctx context.Context, tx pgx.Tx, opening ExportOpening, now time.Time) error {
	const query = `
		update connexie.exports
		   set stage = @stage, outcome = @outcome, problem = @problem, closed_at = @now
		 where connection_id = @connection_id and mode = @mode and closed_at is null`
	_, err := execute(ctx, tx, "close older exports", query, args{
		"connection_id": opening.ConnectionID, "mode": opening.Mode, "now": now,
		"stage": exportStageClosed, "outcome": domain.ExportFailed, "problem": exportTerminated,
	})
	return err
}

func insertExport(ctx context.Context, tx pgx.Tx, opening ExportOpening, now time.Time) error {
	const query = `
		insert into connexie.exports (id, connection_id, workflow_id, from_day, to_day, kinds, mode,
		       acknowledge_unmapped, requested_by, stage, started_at)
		values (@id, @connection_id, @workflow_id, @from, @to, @kinds, @mode, @acknowledge_unmapped, @requested_by,
		       @stage, @now)`
	_, err := execute(ctx, tx, "insert the export", query, args{
		"id": opening.ID, "connection_id": opening.ConnectionID, "workflow_id": opening.WorkflowID,
		"from": opening.Period.From, "to": opening.Period.To, "kinds": opening.Kinds, "mode": opening.Mode,
		"acknowledge_unmapped": opening.AcknowledgeUnmapped, "requested_by": opening.RequestedBy,
		"stage": exportStageChecking, "now": now,
	})
	return err
}

// SetExportStage notes how far an open export has come. A closed one stays as it is.
func (s *Store) SetExportStage(ctx context.Context, id, stage string) error {
	const query = `
		update connexie.exports set stage = @stage
		 where id = @id and closed_at is null and stage <> @stage`
	_, err := execute(ctx, s.pool, "set the stage of export "+id, query, args{"id": id, "stage": stage})
	return err
}
