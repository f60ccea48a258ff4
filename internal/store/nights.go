package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// NightOpening is what a night is opened with.
type NightOpening struct {
	// ID is derived from the workflow, so that a repetition opens the same night.
	ID         string
	Night      domain.Date
	WorkflowID string
	// ConnectionIDs are the connections to take; none given means all that are due.
	ConnectionIDs []string
}

// Night is one night over many connections (S1).
type Night struct {
	ID         string
	Night      domain.Date
	WorkflowID string
	Total      int
	Counts     domain.Counts
	// Outcome and ClosedAt are empty while the night is open.
	Outcome   domain.NightOutcome
	StartedAt time.Time
	ClosedAt  time.Time
}

// OpenNight opens a night over the connections that are active or need a token; the
// latter get their probe (C8), paused and removed ones are left out (C9). Opening it
// again answers with the night as it stands. A night of the same date that ran
// before lets go of its runs that are closed or held, so that every connection runs
// anew. The second result names the given connections that are not part of it.
func (s *Store) OpenNight(ctx context.Context, opening NightOpening, now time.Time) (Night, []string, error) {
	var (
		night Night
		left  []string
	)
	err := s.withTx(ctx, func(tx pgx.Tx) error {
		opened, err := insertNight(ctx, tx, opening, now)
		if err != nil {
			return err
		}
		if opened {
			if err := fillNight(ctx, tx, opening); err != nil {
				return err
			}
		}
		if left, err = leftOut(ctx, tx, opening); err != nil {
			return err
		}
		night, err = findNight(ctx, tx, opening.ID)
		return err
	})
	if err != nil {
		return Night{}, nil, fmt.Errorf("open night %s: %w", opening.ID, err)
	}
	return night, left, nil
}

func insertNight(ctx context.Context, tx pgx.Tx, opening NightOpening, now time.Time) (bool, error) {
	const query = `
		insert into connexie.nights (id, night, workflow_id, started_at)
		values (@id, @night, @workflow_id, @now)
		on conflict (id) do nothing`
	inserted, err := execute(ctx, tx, "insert the night", query, args{
		"id": opening.ID, "night": opening.Night, "workflow_id": opening.WorkflowID, "now": now,
	})
	return inserted > 0, err
}

func fillNight(ctx context.Context, tx pgx.Tx, opening NightOpening) error {
	const fill = `
		insert into connexie.night_connections (night_id, connection_id)
		select @id, c.id
		  from connexie.connections c
		 where c.state in ('active', 'needs_token')
		   and (cardinality(@connection_ids::text[]) = 0 or c.id::text = any(@connection_ids::text[]))`
	const count = `
		update connexie.nights set total = @total where id = @id`
	const letGo = `
		update connexie.sync_runs r set night = null
		  from connexie.night_connections n
		 where n.night_id = @id and r.connection_id = n.connection_id
		   and r.night = @night and (r.closed_at is not null or r.stage = 'held')`
	total, err := execute(ctx, tx, "list the connections", fill,
		args{"id": opening.ID, "connection_ids": canonicalIDs(opening.ConnectionIDs)})
	if err != nil {
		return err
	}
	if _, err := execute(ctx, tx, "count the connections", count, args{"id": opening.ID, "total": total}); err != nil {
		return err
	}
	_, err = execute(ctx, tx, "let go of earlier runs", letGo, args{"id": opening.ID, "night": opening.Night})
	return err
}

func leftOut(ctx context.Context, tx pgx.Tx, opening NightOpening) ([]string, error) {
	const query = `
		select given.id
		  from unnest(@connection_ids::text[]) with ordinality as given(id, position)
		 where not exists (select from connexie.night_connections n
		                    where n.night_id = @id and n.connection_id::text = given.id)
		 order by given.position`
	return column[string](ctx, tx, "list who is left out", query,
		args{"id": opening.ID, "connection_ids": canonicalIDs(opening.ConnectionIDs)})
}

// canonicalIDs writes ids as PostgreSQL does; what is no id at all stays, and is
// simply found nowhere.
func canonicalIDs(ids []string) []string {
	canonical := make([]string, 0, len(ids))
	for _, id := range ids {
		canonical = append(canonical, strings.ToLower(strings.TrimSpace(id)))
	}
	return canonical
}

// MarkStarted notes that a connection's run was started or, where it ran already,
// joined. A problem says why neither was possible. Marking again overwrites all but
// the time.
func (s *Store) MarkStarted(
	ctx context.Context, nightID, connectionID string, joined bool, problem string, now time.Time,
) error {
	return markStarted(ctx, s.pool, nightID, connectionID, joined, problem, now)
}

func markStarted(
	ctx context.Context, db querier, nightID, connectionID string, joined bool, problem string, now time.Time,
) error {
	const query = `
		update connexie.night_connections
		   set started_at = case when @problem = '' then coalesce(started_at, @now) end,
		       joined = @joined, problem = nullif(@problem, '')
		 where night_id = @night_id and connection_id = @connection_id`
	operation := fmt.Sprintf("mark connection %s of night %s as started", connectionID, nightID)
	marked, err := execute(ctx, db, operation, query, args{
		"night_id": nightID, "connection_id": connectionID, "joined": joined, "problem": problem, "now": now,
	})
	if err == nil && marked == 0 {
		return fmt.Errorf("%s: %w", operation, ErrNotFound)
	}
	return err
}

// NoteProbeUnanswered notes that Connexie did not answer the night's probe of a
// connection that is quarantined (N6): the night does not start it, and counts as one
// more on which it was out of reach. Noting it again changes nothing.
func (s *Store) NoteProbeUnanswered(ctx context.Context, nightID, connectionID string, now time.Time) error {
	err := s.withTx(ctx, func(tx pgx.Tx) error {
		if _, err := lockConnection(ctx, tx, connectionID); err != nil {
			return err
		}
		night, err := findNight(ctx, tx, nightID)
		if err != nil {
			return err
		}
		if err := noteUnreachable(ctx, tx, connectionID, night.Night, now); err != nil {
			return err
		}
		return markStarted(ctx, tx, nightID, connectionID, false, NightUnreachable, now)
	})
	if err != nil {
		return fmt.Errorf("note an unanswered probe of connection %s: %w", connectionID, err)
	}
	return nil
}

// CloseNight ends a night with what its runs came to: ok when every connection ended
// well or had nothing to do, problems otherwise, and unfinished when a run is still
// on its way. A night that is closed already stays as it was closed.
func (s *Store) CloseNight(ctx context.Context, id string, now time.Time) (Night, error) {
	var night Night
	err := s.withTx(ctx, func(tx pgx.Tx) error {
		progress, err := nightProgress(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := writeNightClosing(ctx, tx, id, progress, now); err != nil {
			return err
		}
		night, err = findNight(ctx, tx, id)
		return err
	})
	if err != nil {
		return Night{}, fmt.Errorf("close night %s: %w", id, err)
	}
	return night, nil
}

func writeNightClosing(ctx context.Context, tx pgx.Tx, id string, progress NightProgress, now time.Time) error {
	const query = `
		update connexie.nights set outcome = @outcome, counts = @counts, closed_at = @now
		 where id = @id and closed_at is null`
	_, err := execute(ctx, tx, "write how the night ended", query, args{
		"id": id, "outcome": progress.Outcome(), "counts": progress.Counts, "now": now,
	})
	return err
}
