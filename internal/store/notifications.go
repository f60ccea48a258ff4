package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// NoticeKey is what a connection has at most one open notification of (N1).
type NoticeKey struct {
	Cause   domain.Cause
	Subject string
}

// OpenNotices opens those that are not open yet, tells anew of those that say
// something else now, and returns how many that were (N1). About a connection that was
// removed nobody is told anything any more (C9).
func (s *Store) OpenNotices(
	ctx context.Context, connectionID string, notices []domain.Notice, now time.Time,
) (opened int, err error) {
	return openNotices(ctx, s.pool, connectionID, notices, now)
}

// RefreshNotices opens notices of events: one that is open already tells of the new
// event instead, and counts as unread again. A snooze goes on where it says the same.
func (s *Store) RefreshNotices(
	ctx context.Context, connectionID string, notices []domain.Notice, now time.Time,
) (written int, err error) {
	return refreshNotices(ctx, s.pool, connectionID, notices, now)
}

// CloseNotices closes those that are open and returns how many that were.
func (s *Store) CloseNotices(
	ctx context.Context, connectionID string, keys []NoticeKey, now time.Time,
) (closed int, err error) {
	return closeNotices(ctx, s.pool, connectionID, keys, now)
}

// SyncMissingNotices makes sure that exactly the linked people who are missing from
// Connexie's list have an open notification (S14), and that none is open about what
// stood in the record of somebody who is gone from it: nobody could mend it there
// (N1). Whoever comes back is planned, which opens again what still holds.
func (s *Store) SyncMissingNotices(ctx context.Context, connectionID string, now time.Time) error {
	return s.withTx(ctx, func(tx pgx.Tx) error {
		if err := closeNoticesOfMissing(ctx, tx, connectionID, now); err != nil {
			return err
		}
		return syncMissingNotices(ctx, tx, connectionID, now)
	})
}

// tellAnew makes what is told anew unread, and ends a snooze where it says something
// else: who snoozed it has not seen that. The event for delivery is written by a
// trigger, as it is for whatever else opens, tells anew or closes notifications.
const tellAnew = `
	insert into connexie.notifications as told
	       (id, organisation_id, connection_id, cause, subject, severity, next_step, opened_at)
	select n.id, c.organisation_id, c.id, n.cause, n.subject, n.severity, n.next_step, @now
	  from (select distinct on (cause, subject) *
	          from unnest(@ids::uuid[], @causes::text[], @subjects::text[], @severities::text[], @next_steps::text[])
	               with ordinality as n(id, cause, subject, severity, next_step, position)
	         order by cause, subject, position desc) n
	  join connexie.connections c on c.id = @connection_id and c.state <> 'removed'
	 order by n.cause, n.subject
	on conflict (connection_id, cause, subject) where closed_at is null do update
	   set opened_at = excluded.opened_at, severity = excluded.severity,
	       next_step = excluded.next_step, read_at = null, read_by = null,
	       snoozed_until = case when (told.severity, told.next_step) is not distinct from (excluded.severity, excluded.next_step)
	                            then told.snoozed_until end`

func openNotices(
	ctx context.Context, db querier, connectionID string, notices []domain.Notice, now time.Time,
) (opened int, err error) {
	const changed = tellAnew + `
	 where (told.severity, told.next_step) is distinct from (excluded.severity, excluded.next_step)`
	return writeNotices(ctx, db, changed, connectionID, notices, now)
}

func refreshNotices(
	ctx context.Context, db querier, connectionID string, notices []domain.Notice, now time.Time,
) (written int, err error) {
	return writeNotices(ctx, db, tellAnew, connectionID, notices, now)
}

func writeNotices(
	ctx context.Context, db querier, query, connectionID string, notices []domain.Notice, now time.Time,
) (int, error) {
	if len(notices) == 0 {
		return 0, nil
	}
	var ids, causes, subjects, severities, nextSteps []string
	for _, notice := range notices {
		id, err := uuid.NewV7()
		if err != nil {
			return 0, fmt.Errorf("make an id for a notification: %w", err)
		}
		ids = append(ids, id.String())
		causes = append(causes, string(notice.Cause))
		subjects = append(subjects, notice.Subject)
		severities = append(severities, string(notice.Severity))
		nextSteps = append(nextSteps, notice.NextStep)
	}
	return execute(ctx, db, "open notifications of connection "+connectionID, query, args{
		"connection_id": connectionID, "ids": ids, "causes": causes, "subjects": subjects,
		"severities": severities, "next_steps": nextSteps, "now": now,
	})
}

func closeNotices(
	ctx context.Context, db querier, connectionID string, keys []NoticeKey, now time.Time,
) (closed int, err error) {
	if len(keys) == 0 {
		return 0, nil
	}
	const query = `
		update connexie.notifications n set closed_at = @now
		  from (select distinct * from unnest(@causes::text[], @subjects::text[])) k(cause, subject)
		 where n.connection_id = @connection_id and n.closed_at is null
		   and n.cause = k.cause and n.subject = k.subject`
	var causes, subjects []string
	for _, key := range keys {
		causes, subjects = append(causes, string(key.Cause)), append(subjects, key.Subject)
	}
	return execute(ctx, db, "close notifications of connection "+connectionID, query, args{
		"connection_id": connectionID, "causes": causes, "subjects": subjects, "now": now,
	})
}

// keepNotices makes the open notifications of one cause exactly those wanted: it
// opens what is new and closes what is gone, and writes nothing where all is as it
// was (N1, S9).
func keepNotices(
	ctx context.Context, db querier, connectionID string, cause domain.Cause, wanted []domain.Notice, now time.Time,
) error {
	const closeOthers = `
		update connexie.notifications set closed_at = @now
		 where connection_id = @connection_id and cause = @cause and closed_at is null
		   and subject <> all(@subjects::text[])`
	subjects := make([]string, 0, len(wanted))
	for _, notice := range wanted {
		subjects = append(subjects, notice.Subject)
	}
	_, err := execute(ctx, db, "close notifications of connection "+connectionID, closeOthers,
		args{"connection_id": connectionID, "cause": string(cause), "subjects": subjects, "now": now})
	if err != nil {
		return err
	}
	_, err = openNotices(ctx, db, connectionID, wanted, now)
	return err
}

// isOnHold tells of a person p whether a hold exempts them on a day; none of their
// notifications is opened or closed then (S21).
const isOnHold = `exists (
	select from connexie.holds h
	 where h.connection_id = p.connection_id and h.connexie_id = p.connexie_id
	   and h.lifted_at is null and h.until >= @day)`

func closeNoticesOfMissing(ctx context.Context, db querier, connectionID string, now time.Time) error {
	const query = `
		update connexie.notifications n set closed_at = @now
		  from connexie.people p
		 where n.connection_id = @connection_id and n.closed_at is null and n.cause = any(@standing_causes)
		   and p.connection_id = n.connection_id and p.connexie_id = n.subject and p.missing_since is not null
		   and not ` + isOnHold
	_, err := execute(ctx, db, "close notifications of who is missing from connection "+connectionID, query,
		args{"connection_id": connectionID, "standing_causes": standingCauses(), "now": now, "day": domain.DayOf(now)})
	return err
}

func syncMissingNotices(ctx context.Context, db querier, connectionID string, now time.Time) error {
	const missingLinked = `
		select p.connexie_id
		  from connexie.people p
		  join connexie.links l using (connection_id, connexie_id)
		 where p.connection_id = @connection_id and p.missing_since is not null and not ` + isOnHold + `
		 union
		select p.connexie_id
		  from connexie.notifications n
		  join connexie.people p on p.connection_id = n.connection_id and p.connexie_id = n.subject
		 where n.connection_id = @connection_id and n.cause = @cause and n.closed_at is null and ` + isOnHold + `
		 order by connexie_id`
	type row struct{ ConnexieID string }
	missing, err := collect[row](ctx, db, "list who is missing from connection "+connectionID, missingLinked,
		args{"connection_id": connectionID, "cause": string(domain.CauseMissing), "day": domain.DayOf(now)})
	if err != nil {
		return err
	}
	wanted := make([]domain.Notice, 0, len(missing))
	for _, person := range missing {
		wanted = append(wanted, domain.MissingNotice(person.ConnexieID))
	}
	return keepNotices(ctx, db, connectionID, domain.CauseMissing, wanted, now)
}
