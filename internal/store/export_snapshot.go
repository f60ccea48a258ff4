package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// Snapshot counts what the snapshot of an export froze.
type Snapshot struct {
	Lines int
	// Entries are those with at least one line.
	Entries int
	// Skips counts what was left out: the hours, each meal and each allowance of an
	// entry alone.
	Skips int
	// Unmapped are the meals and allowances among them that have no code (C6).
	Unmapped int
	// Skipped counts what was left out by rule and reason, as in X1.not_approved.
	Skipped domain.Counts
}

// SnapshotExport freezes what an export sends and what it leaves out (X14): its lines,
// its skips, each with its rule (X16), and its Connexie venues, those with lines and
// those that still hold something of an earlier export on these days (X8). All of it
// sees the database at one instant, also while a synchronisation runs. The rules are
// those of domain.PlanExport; a property test holds the two together.
//
// Repeating it replaces what it wrote, as long as the export is open and all its venues
// are planned. Later it leaves everything as it is, since lines may stand in an import
// by then; the counts are the answer either way. An attempt that meets another one at
// work fails with an error that is retryable. Without the export the error is
// ErrNotFound.
func (s *Store) SnapshotExport(ctx context.Context, exportID string) (Snapshot, error) {
	var snapshot Snapshot
	err := s.withSnapshotTx(ctx, func(tx pgx.Tx) error {
		scope, err := claimSnapshot(ctx, tx, exportID)
		if err != nil {
			return err
		}
		if !scope.Begun {
			if err := writeSnapshot(ctx, tx, exportID, scope); err != nil {
				return err
			}
		}
		snapshot, err = countSnapshot(ctx, tx, exportID)
		return err
	})
	if err != nil {
		return Snapshot{}, fmt.Errorf("take the snapshot of export %s: %w", exportID, err)
	}
	return snapshot, nil
}

// snapshotScope is what an export is about.
type snapshotScope struct {
	ConnectionID   string
	OrganisationID string
	FromDay        domain.Date
	ToDay          domain.Date
	Kinds          []string
	// Begun tells that the lines are no longer ours to replace.
	Begun bool
}

// claimSnapshot reads what the export is about. Writing its row makes a second attempt
// at the same time fail: that one's snapshot would not show what the first wrote.
func claimSnapshot(ctx context.Context, tx pgx.Tx, exportID string) (snapshotScope, error) {
	const query = `
		update connexie.exports x
		   set stage = x.stage
		  from connexie.connections c
		 where x.id = @export_id and c.id = x.connection_id
		returning x.connection_id::text, c.organisation_id::text, x.from_day, x.to_day, x.kinds,
		          x.closed_at is not null
		          or exists (select from connexie.export_venues v
		                      where v.export_id = x.id and v.state <> 'planned') as begun`
	return collectOne[snapshotScope](ctx, tx, "find the export", query, args{"export_id": exportID})
}

func writeSnapshot(ctx context.Context, tx pgx.Tx, exportID string, scope snapshotScope) error {
	for _, table := range []string{"export_lines", "export_skips", "export_venues"} {
		query := `delete from connexie.` + table + ` where export_id = @export_id`
		if _, err := execute(ctx, tx, "forget an earlier attempt", query, args{"export_id": exportID}); err != nil {
			return err
		}
	}
	if err := joinWholeSets(ctx, tx); err != nil {
		return err
	}
	_, err := execute(ctx, tx, "write the lines", freezeExport, args{
		"export_id": exportID, "connection_id": scope.ConnectionID, "organisation_id": scope.OrganisationID,
		"from_day": scope.FromDay, "to_day": scope.ToDay, "kinds": scope.Kinds,
		"max_minutes": domain.MaxEntryMinutes,
	})
	return err
}

func countSnapshot(ctx context.Context, tx pgx.Tx, exportID string) (Snapshot, error) {
	const query = `
		with skipped as (
			select rule, reason, count(*) as number
			  from connexie.export_skips
			 where export_id = @export_id
			 group by rule, reason)
		select (select count(*) from connexie.export_lines where export_id = @export_id) as lines,
		       (select count(*)
		          from (select from connexie.export_lines where export_id = @export_id group by entry_id) e) as entries,
		       coalesce(sum(number), 0)::bigint as skips,
		       coalesce(sum(number) filter (where rule = 'C6'), 0)::bigint as unmapped,
		       coalesce(jsonb_object_agg(rule || '.' || reason, number) filter (where rule is not null), '{}') as skipped
		  from skipped`
	return collectOne[Snapshot](ctx, tx, "count the lines", query, args{"export_id": exportID})
}
