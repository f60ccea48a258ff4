package store

import (
	"context"
	"fmt"
	"time"

	"github.com/eitje/connexie-worker/internal/domain"
)

const selectRuns = `
	select id, connection_id, workflow_id, pass, trigger, mode, coalesce(only_connexie_id, '') as only_connexie_id,
	       night, requested_by, day, stage, coalesce(reading, 0) as reading, total, done, counts,
	       coalesce(outcome, '') as outcome, coalesce(problem, '') as problem, started_at, closed_at
	  from connexie.sync_runs`

type runRow struct {
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
	Stage          string
	Reading        int64
	Total          int
	Done           int
	Counts         domain.Counts
	Outcome        string
	Problem        string
	StartedAt      time.Time
	ClosedAt       *time.Time
}

func (r runRow) run() Run {
	return Run{
		ID: r.ID, ConnectionID: r.ConnectionID, WorkflowID: r.WorkflowID, Pass: r.Pass, Trigger: r.Trigger,
		Mode: r.Mode, OnlyConnexieID: r.OnlyConnexieID, Night: r.Night, RequestedBy: r.RequestedBy, Day: r.Day,
		Stage: Stage(r.Stage), Reading: r.Reading, Total: r.Total, Done: r.Done, Counts: r.Counts,
		Outcome: domain.SyncOutcome(r.Outcome), Problem: r.Problem, StartedAt: r.StartedAt,
		ClosedAt: orZero(r.ClosedAt),
	}
}

// Run finds a run by its id; ErrNotFound where there is none.
func (s *Store) Run(ctx context.Context, id string) (Run, error) {
	return findRun(ctx, s.pool, id)
}

func findRun(ctx context.Context, db querier, id string) (Run, error) {
	operation := "get run " + id
	row, err := collectOne[runRow](ctx, db, operation, selectRuns+`
		 where id = @id`, args{"id": id})
	if malformed(err) {
		err = fmt.Errorf("%s: %w", operation, ErrNotFound)
	}
	return row.run(), err
}

// LatestRuns lists the runs of a connection, the latest first.
func (s *Store) LatestRuns(ctx context.Context, connectionID string, limit int) ([]Run, error) {
	rows, err := collect[runRow](ctx, s.pool, "list the runs of connection "+connectionID, selectRuns+`
		 where connection_id = @connection_id
		 order by started_at desc, id desc limit @limit`,
		args{"connection_id": connectionID, "limit": limit})
	if err != nil {
		return nil, err
	}
	runs := make([]Run, 0, len(rows))
	for _, row := range rows {
		runs = append(runs, row.run())
	}
	return runs, nil
}
