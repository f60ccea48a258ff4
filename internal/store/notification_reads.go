package store

import (
	"context"
	"time"

	"github.com/eitje/connexie-worker/internal/domain"
)

// NotificationDetail is a notification with all that is kept of it.
type NotificationDetail struct {
	ID             string
	OrganisationID string
	ConnectionID   string
	Cause          domain.Cause
	Subject        string
	Severity       domain.Severity
	NextStep       string
	OpenedAt       time.Time
	ClosedAt       *time.Time
	ReadAt         *time.Time
	ReadBy         string
	// SnoozedUntil is nil where it is not snoozed; SnoozedBy is who did it last.
	SnoozedUntil *time.Time
	SnoozedBy    string
}

// NotificationFilter says which notifications are wanted; what is empty leaves none out.
type NotificationFilter struct {
	OrganisationID string
	ConnectionID   string
	// Severity is the least that is wanted.
	Severity domain.Severity
	Unread   bool
	// All takes those that are closed or snoozed as well.
	All   bool
	Limit int
}

// snoozed tells of a notification n whether it is snoozed at @now.
const snoozed = `(n.closed_at is null and n.snoozed_until is not null and n.snoozed_until > @now)`

const selectNotifications = `
	select n.id, n.organisation_id, n.connection_id, n.cause, n.subject, n.severity, n.next_step, n.opened_at, n.closed_at,
	       n.read_at, coalesce(n.read_by, '') as read_by,
	       case when ` + snoozed + ` then n.snoozed_until end as snoozed_until, coalesce(n.snoozed_by, '') as snoozed_by
	  from connexie.notifications n`

// Notifications lists what somebody must know or do, the open ones first, of these the
// most severe, then the oldest; closed ones after them, the latest first.
func (s *Store) Notifications(
	ctx context.Context, filter NotificationFilter, now time.Time,
) ([]NotificationDetail, error) {
	const query = selectNotifications + `
		 where (@organisation_id = '' or n.organisation_id::text = @organisation_id)
		   and (@connection_id = '' or n.connection_id::text = @connection_id)
		   and (@severity = '' or connexie.severity_rank(n.severity) >= connexie.severity_rank(@severity))
		   and (not @unread or n.read_at is null)
		   and (@all or (n.closed_at is null and not ` + snoozed + `))
		 order by n.closed_at desc nulls first, connexie.severity_rank(n.severity) desc, n.opened_at, n.cause, n.subject
		 limit @limit`
	return collect[NotificationDetail](ctx, s.pool, "list notifications", query, args{
		"organisation_id": filter.OrganisationID, "connection_id": filter.ConnectionID, "severity": string(filter.Severity),
		"unread": filter.Unread, "all": filter.All, "limit": filter.Limit, "now": now,
	})
}

// Notification is one notification; ErrNotFound where there is none.
func (s *Store) Notification(ctx context.Context, id string, now time.Time) (NotificationDetail, error) {
	return collectOne[NotificationDetail](ctx, s.pool, "get notification "+id, selectNotifications+` where n.id = @id`,
		args{"id": id, "now": now})
}

// ReadNotification notes who has read a notification. One that was read stays as it
// was, until it is told anew.
func (s *Store) ReadNotification(ctx context.Context, id, by string, now time.Time) (NotificationDetail, error) {
	const query = `
		update connexie.notifications set read_at = @now, read_by = @by
		 where id = @id and read_at is null`
	if _, err := execute(ctx, s.pool, "read notification "+id, query, args{"id": id, "by": by, "now": now}); err != nil {
		return NotificationDetail{}, err
	}
	return s.Notification(ctx, id, now)
}

// SnoozeNotification keeps an open notification from being listed and delivered until
// an instant; it then comes again by itself. A closed one stays as it is. Snoozing
// again replaces what was said before.
func (s *Store) SnoozeNotification(
	ctx context.Context, id, by string, until, now time.Time,
) (NotificationDetail, error) {
	const query = `
		update connexie.notifications set snoozed_until = @until, snoozed_at = @now, snoozed_by = @by
		 where id = @id and closed_at is null
		   and (snoozed_until, snoozed_by) is distinct from (@until, @by)`
	_, err := execute(ctx, s.pool, "snooze notification "+id, query, args{"id": id, "by": by, "until": until, "now": now})
	if err != nil {
		return NotificationDetail{}, err
	}
	return s.Notification(ctx, id, now)
}

// UnsnoozeNotification lists a notification again, and delivers what waited for the end
// of the snooze. Nobody is told that it is due again: whoever asks knows.
func (s *Store) UnsnoozeNotification(ctx context.Context, id, by string, now time.Time) (NotificationDetail, error) {
	const query = `
		update connexie.notifications set snoozed_until = null, snoozed_at = @now, snoozed_by = @by
		 where id = @id and closed_at is null and snoozed_until is not null`
	if _, err := execute(ctx, s.pool, "unsnooze notification "+id, query, args{"id": id, "by": by, "now": now}); err != nil {
		return NotificationDetail{}, err
	}
	return s.Notification(ctx, id, now)
}

// EndSnoozes lets the notifications whose snooze has run out come again: unread, and
// with an event that says so. It returns how many that were.
func (s *Store) EndSnoozes(ctx context.Context, now time.Time) (int, error) {
	const query = `
		update connexie.notifications
		   set snoozed_until = null, came_again_at = @now, read_at = null, read_by = null
		 where closed_at is null and snoozed_until is not null and snoozed_until <= @now`
	return execute(ctx, s.pool, "end the snoozes that have run out", query, args{"now": now})
}
