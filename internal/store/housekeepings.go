package store

import (
	"context"
	"time"

	"github.com/eitje/connexie-worker/internal/domain"
)

// Housekeeping is one day's housekeeping.
type Housekeeping struct {
	ID         string
	WorkflowID string
	StartedAt  time.Time
	// ClosedAt and Outcome are empty while it is under way.
	ClosedAt time.Time
	Outcome  domain.HousekeepingOutcome
	Counts   domain.Counts
}

// OpenHousekeeping notes that a housekeeping has begun; noting it again changes nothing.
func (s *Store) OpenHousekeeping(ctx context.Context, id, workflowID string, now time.Time) error {
	const query = `
		insert into connexie.housekeepings (id, workflow_id, started_at)
		values (@id, @workflow_id, @now)
		on conflict (id) do nothing`
	_, err := execute(ctx, s.pool, "open housekeeping "+id, query, args{"id": id, "workflow_id": workflowID, "now": now})
	return err
}

// CloseHousekeeping notes what a housekeeping removed; the first closing stays.
func (s *Store) CloseHousekeeping(
	ctx context.Context, id string, outcome domain.HousekeepingOutcome, counts domain.Counts, now time.Time,
) error {
	const query = `
		update connexie.housekeepings set closed_at = @now, outcome = @outcome, counts = @counts
		 where id = @id and closed_at is null`
	_, err := execute(ctx, s.pool, "close housekeeping "+id, query,
		args{"id": id, "outcome": outcome, "counts": counts, "now": now})
	return err
}

// Housekeepings lists the latest, the last one first.
func (s *Store) Housekeepings(ctx context.Context, limit int) ([]Housekeeping, error) {
	const query = `
		select id::text, workflow_id, started_at, coalesce(closed_at, '0001-01-01 00:00Z') as closed_at,
		       coalesce(outcome, '') as outcome, counts
		  from connexie.housekeepings
		 order by started_at desc, id desc
		 limit @limit`
	return collect[Housekeeping](ctx, s.pool, "list the housekeepings", query, args{"limit": limit})
}

// OpenExports lists the exports that are to be applied and were opened before an instant,
// and have not ended: those that go on, and those whose workflow was terminated.
func (s *Store) OpenExports(ctx context.Context, before time.Time) ([]Export, error) {
	return exportsBy(ctx, s.pool, "list the exports that are open", `
		where mode = 'apply' and closed_at is null and started_at < @before order by started_at, id`, args{"before": before})
}

// WithStrayDrafts lists the connections that may be worked for and have drafts which
// exports that ended left behind.
func (s *Store) WithStrayDrafts(ctx context.Context) ([]string, error) {
	const query = `
		select distinct x.connection_id::text
		  from connexie.export_venues v
		  join connexie.exports x on x.id = v.export_id
		  join connexie.connections c on c.id = x.connection_id
		 where v.state = 'sending' and x.closed_at is not null and c.state = 'active'
		 order by 1`
	return column[string](ctx, s.pool, "list connections with stray drafts", query, args{})
}
