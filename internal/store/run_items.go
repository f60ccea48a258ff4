package store

import (
	"context"
	"time"

	"github.com/eitje/connexie-worker/internal/domain"
)

// RunItem is what a run did, or would do, about one person.
type RunItem struct {
	ConnexieID string
	// TeamMemberID is empty where there is no profile.
	TeamMemberID string
	Situation    domain.Situation
	Action       domain.Action
	Reactivates  bool
	Reason       domain.Reason
	Rule         string
	Changes      []domain.Change
	// Steps tell how it was decided (S20), where the run kept them.
	Steps []domain.Step
	// State is planned, applied or failed; Problem says why it failed.
	State   string
	Problem string
}

// RunItems lists the items of a run in the order of their people's ids, from the one
// behind after, which is empty at first.
func (s *Store) RunItems(ctx context.Context, runID, after string, limit int) ([]RunItem, error) {
	const query = `
		select connexie_id, coalesce(team_member_id::text, '') as team_member_id, situation, action, reactivates,
		       reason, rule, changes, steps, state, coalesce(problem, '') as problem
		  from connexie.sync_items
		 where run_id = @run_id and connexie_id > @after
		 order by connexie_id limit @limit`
	return collect[RunItem](ctx, s.pool, "list the items of run "+runID, query,
		args{"run_id": runID, "after": after, "limit": limit})
}

// AuditLine is one field that a run changed, or one object that it made (S10).
type AuditLine struct {
	ID         string
	ConnexieID string
	Object     domain.Object
	ObjectID   string
	Field      string
	// Before and After are empty for "no value".
	Before string
	After  string
	At     time.Time
	By     string
}

// AuditLines lists what a run changed in the order in which it was written, from the
// one behind after, which is empty at first.
func (s *Store) AuditLines(ctx context.Context, runID, after string, limit int) ([]AuditLine, error) {
	const query = `
		select id, connexie_id, object, object_id, field, coalesce(before, '') as before, coalesce(after, '') as after,
		       at, by
		  from connexie.changes
		 where run_id = @run_id and (@after = '' or id > nullif(@after, '')::uuid)
		 order by id limit @limit`
	return collect[AuditLine](ctx, s.pool, "list the changes of run "+runID, query,
		args{"run_id": runID, "after": after, "limit": limit})
}
