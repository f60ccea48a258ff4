package store

import (
	"context"
	"fmt"
	"time"

	"github.com/eitje/connexie-worker/internal/domain"
)

const selectExports = `
	select id, connection_id, workflow_id, from_day, to_day, kinds, mode, acknowledge_unmapped, requested_by, stage,
	       counts, coalesce(outcome, '') as outcome, coalesce(problem, '') as problem, started_at, closed_at
	  from connexie.exports`

type exportRow struct {
	ID                  string
	ConnectionID        string
	WorkflowID          string
	FromDay             domain.Date
	ToDay               domain.Date
	Kinds               []domain.ExportKind
	Mode                string
	AcknowledgeUnmapped bool
	RequestedBy         string
	Stage               string
	Counts              domain.Counts
	Outcome             string
	Problem             string
	StartedAt           time.Time
	ClosedAt            *time.Time
}

func (r exportRow) export() Export {
	return Export{
		ID: r.ID, ConnectionID: r.ConnectionID, WorkflowID: r.WorkflowID,
		Period: domain.Period{From: r.FromDay, To: r.ToDay}, Kinds: r.Kinds, Mode: r.Mode,
		AcknowledgeUnmapped: r.AcknowledgeUnmapped, RequestedBy: r.RequestedBy, Stage: r.Stage, Counts: r.Counts,
		Outcome: domain.ExportOutcome(r.Outcome), Problem: r.Problem, StartedAt: r.StartedAt,
		ClosedAt: orZero(r.ClosedAt),
	}
}

// Export finds an export by its id; ErrNotFound where there is none.
func (s *Store) Export(ctx context.Context, id string) (Export, error) {
	return findExport(ctx, s.pool, id)
}

func findExport(ctx context.Context, db querier, id string) (Export, error) {
	return exportBy(ctx, db, "get export "+id, `where id = @id`, args{"id": id})
}

// OpenExportOf finds the export that is under way for a connection (X14), a preview
// not counted; ErrNotFound where there is none.
func (s *Store) OpenExportOf(ctx context.Context, connectionID string) (Export, error) {
	return exportBy(ctx, s.pool, "get the open export of connection "+connectionID,
		`where connection_id = @connection_id and closed_at is null and mode = 'apply'`,
		args{"connection_id": connectionID})
}

func exportBy(ctx context.Context, db querier, operation, where string, named args) (Export, error) {
	row, err := collectOne[exportRow](ctx, db, operation, selectExports+"\n"+where, named)
	if malformed(err) {
		err = fmt.Errorf("%s: %w", operation, ErrNotFound)
	}
	if err != nil {
		return Export{}, err
	}
	return row.export(), nil
}

// Exports lists the exports and previews of a connection, the latest first.
func (s *Store) Exports(ctx context.Context, connectionID string, limit int) ([]Export, error) {
	return exportsBy(ctx, s.pool, "list the exports of connection "+connectionID, `
		 where connection_id = @connection_id
		 order by started_at desc, id desc limit @limit`, args{"connection_id": connectionID, "limit": limit})
}

func exportsBy(ctx context.Context, db querier, operation, where string, named args) ([]Export, error) {
	rows, err := collect[exportRow](ctx, db, operation, selectExports+where, named)
	if err != nil {
		return nil, err
	}
	exports := make([]Export, 0, len(rows))
	for _, row := range rows {
		exports = append(exports, row.export())
	}
	return exports, nil
}
