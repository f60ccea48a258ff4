package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// Pruning is one task of housekeeping: what was last needed before an instant goes, so
// many rows at most in a transaction.
type Pruning struct {
	Task   domain.RetentionTask
	Before time.Time
	Limit  int
	Now    time.Time
}

// Prune does one batch of a task in one transaction and returns how many things went: none
// where all is done. What a rule needs stays, whatever its age: links and their mirror,
// lines of current imports, receipts, markers, open notifications, open runs. Repeating it
// after a crash goes on where it was.
func (s *Store) Prune(ctx context.Context, pruning Pruning) (gone int, err error) {
	work := map[domain.RetentionTask]func(context.Context, pgx.Tx, Pruning) (int, error){
		domain.RetainMirror:        pruneMirror,
		domain.RetainRuns:          pruneRunItems,
		domain.RetainReadings:      pruneReadings,
		domain.RetainNights:        pruneNights,
		domain.RetainPreviews:      prunePreviews,
		domain.RetainLines:         pruneLines,
		domain.RetainChanges:       pruneImages,
		domain.RetainNotifications: pruneNotifications,
		domain.RetainErased:        pruneErasedIDs,
	}[pruning.Task]
	if work == nil {
		return 0, fmt.Errorf("prune %s: %w", pruning.Task, ErrNotFound)
	}
	err = s.withTx(ctx, func(tx pgx.Tx) (err error) {
		gone, err = work(ctx, tx, pruning)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("prune %s: %w", pruning.Task, err)
	}
	return gone, nil
}

// pruneMirror forgets people of one connection who have long been missing from Connexie
// and are linked to nobody. Connexie's list is read anew afterwards, should somebody be on
// it again. It passes over a connection that is being synchronised: a page that shows the
// person unchanged would not write the row again.
func pruneMirror(ctx context.Context, tx pgx.Tx, p Pruning) (int, error) {
	const outdated = `
		p.missing_since < @before
		and not exists (select from connexie.links l
		                 where l.connection_id = p.connection_id and l.connexie_id = p.connexie_id)`
	const connections = `
		select distinct p.connection_id::text
		  from connexie.people p
		 where ` + outdated + `
		 order by 1`
	const underWay = `
		select exists (select from connexie.sync_runs where connection_id = @connection_id and closed_at is null)`
	const forget = `
		delete from connexie.people
		 where (connection_id, connexie_id) in (
		       select p.connection_id, p.connexie_id from connexie.people p
		        where p.connection_id = @connection_id and ` + outdated + `
		        order by p.connexie_id limit @limit)`
	found, err := column[string](ctx, tx, "list connections", connections, args{"before": p.Before})
	if err != nil {
		return 0, err
	}
	for _, id := range found {
		if _, err := lockConnection(ctx, tx, id); err != nil {
			return 0, err
		}
		busy, err := value[bool](ctx, tx, "ask for runs", underWay, args{"connection_id": id})
		if err != nil {
			return 0, err
		}
		if busy {
			continue
		}
		gone, err := execute(ctx, tx, "forget people", forget, args{"connection_id": id, "before": p.Before, "limit": p.Limit})
		if err != nil || gone == 0 {
			return 0, err
		}
		return gone, dropETags(ctx, tx, id, ListPeople)
	}
	return 0, nil
}

// pruneRunItems deletes what one run did, or would have done, to each person.
func pruneRunItems(ctx context.Context, tx pgx.Tx, p Pruning) (int, error) {
	const oldest = `
		select id::text from connexie.sync_runs
		 where items_pruned_at is null and closed_at < @before
		 order by closed_at limit 1
		   for no key update`
	const remove = `
		delete from connexie.sync_items
		 where (run_id, connexie_id) in (
		       select run_id, connexie_id from connexie.sync_items where run_id = @run_id order by connexie_id limit @limit)`
	const done = `update connexie.sync_runs set items_pruned_at = @now where id = @run_id`
	found, err := column[string](ctx, tx, "find the oldest run", oldest, args{"before": p.Before})
	if err != nil || len(found) == 0 {
		return 0, err
	}
	gone, err := execute(ctx, tx, "delete its items", remove, args{"run_id": found[0], "limit": p.Limit})
	if err != nil || gone == p.Limit {
		return gone, err
	}
	_, err = execute(ctx, tx, "note that they are gone", done, args{"run_id": found[0], "now": p.Now})
	return gone + 1, err // the run itself counts, so that one without items is no end
}

// pruneReadings deletes readings with their pages: all but each connection's last whole
// one, which tells who is missing, and those that an open run rests on.
func pruneReadings(ctx context.Context, tx pgx.Tx, p Pruning) (int, error) {
	const query = `
		delete from connexie.readings
		 where number in (
		       select r.number from connexie.readings r
		        where r.started_at < @before
		          and r.number <> coalesce((select max(w.number) from connexie.readings w
		                                     where w.connection_id = r.connection_id and w.completed_at is not null), 0)
		          and not exists (select from connexie.sync_runs s
		                           where s.connection_id = r.connection_id and s.closed_at is null)
		        order by r.number limit @limit)`
	return execute(ctx, tx, "delete old readings", query, args{"before": p.Before, "limit": p.Limit})
}

func pruneNights(ctx context.Context, tx pgx.Tx, p Pruning) (int, error) {
	const nights = `
		delete from connexie.nights
		 where id in (select id from connexie.nights where closed_at < @before order by started_at limit @limit)`
	const housekeepings = `
		delete from connexie.housekeepings
		 where id in (select id from connexie.housekeepings where started_at < @before order by started_at limit @limit)`
	gone := 0
	for _, query := range []string{nights, housekeepings} {
		rows, err := execute(ctx, tx, "delete old nights", query, args{"before": p.Before, "limit": p.Limit})
		if err != nil {
			return 0, err
		}
		gone += rows
	}
	return gone, nil
}

// pruneImages forgets what stood in fields; that they changed, when and by whom stays.
func pruneImages(ctx context.Context, tx pgx.Tx, p Pruning) (int, error) {
	const query = `
		update connexie.changes set before = null, after = null
		 where id in (select id from connexie.changes
		               where (before is not null or after is not null) and at < @before
		               order by at limit @limit)`
	return execute(ctx, tx, "forget images", query, args{"before": p.Before, "limit": p.Limit})
}

// pruneNotifications deletes closed ones; what was delivered of them goes with them.
func pruneNotifications(ctx context.Context, tx pgx.Tx, p Pruning) (int, error) {
	const query = `
		delete from connexie.notifications
		 where id in (select id from connexie.notifications where closed_at < @before order by closed_at limit @limit)`
	return execute(ctx, tx, "delete closed notifications", query, args{"before": p.Before, "limit": p.Limit})
}

// pruneErasedIDs ends an erasure: nothing of the person's work can come to an export any
// more, so that the ids that were kept for it go as well (N5).
func pruneErasedIDs(ctx context.Context, tx pgx.Tx, p Pruning) (int, error) {
	const outdated = `
		select e.id::text, e.team_member_id::text
		  from connexie.erasures e
		 where e.ids_removed_at is null and e.lifted_at is null and e.erased_at < @before
		   and not exists (select from eitje.entries h
		                    where h.team_member_id = e.team_member_id and h.kind = 'worked' and h.state <> 'deleted'
		                      and h.day >= @day)
		   and not exists (select from connexie.export_lines l where l.team_member_id = e.team_member_id and l.day >= @day)
		 order by e.erased_at limit @limit`
	const done = `update connexie.erasures set ids_removed_at = @now where id = @id`
	type row struct{ ID, TeamMemberID string }
	found, err := collect[row](ctx, tx, "list erasures", outdated,
		args{"before": p.Before, "day": domain.DayOf(p.Before), "limit": p.Limit})
	if err != nil {
		return 0, err
	}
	for _, erasure := range found {
		for _, step := range removeIDsSteps {
			if _, err := execute(ctx, tx, "remove ids from "+step.table, step.query, args{"team_member_id": erasure.TeamMemberID}); err != nil {
				return 0, err
			}
		}
		if _, err := execute(ctx, tx, "note it", done, args{"id": erasure.ID, "now": p.Now}); err != nil {
			return 0, err
		}
	}
	return len(found), nil
}
