package app

import (
	"context"
	"errors"
	"time"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
)

// NotificationQuery says which notifications are wanted; what is empty leaves none out.
type NotificationQuery struct {
	OrganisationID string
	ConnectionID   string
	// Severity is the least that is wanted: info, warning or critical.
	Severity string
	Unread   bool
	// All shows those that are closed or snoozed as well.
	All   bool
	Limit int
}

// NotificationLine is a notification with all that is known of it (N1).
type NotificationLine struct {
	Notification

	OrganisationID string    `json:"organisation_id"`
	ConnectionID   string    `json:"connection_id"`
	ClosedAt       time.Time `json:"closed_at,omitzero"`
	ReadAt         time.Time `json:"read_at,omitzero"`
	ReadBy         string    `json:"read_by,omitempty"`
	// SnoozedUntil is missing where it is not snoozed now.
	SnoozedUntil time.Time `json:"snoozed_until,omitzero"`
	SnoozedBy    string    `json:"snoozed_by,omitempty"`
	Link         string    `json:"link,omitempty"`
}

// Notifications lists what somebody must know or do, the most severe first, unless it
// says otherwise without what is closed or snoozed. Needs the database.
func (o *Operator) Notifications(ctx context.Context, query NotificationQuery) ([]NotificationLine, error) {
	severity, err := severityOf(query.Severity)
	if err != nil {
		return nil, err
	}
	if err := o.checkOrganisation(ctx, query.OrganisationID); err != nil {
		return nil, err
	}
	if query.ConnectionID != "" {
		if _, err := o.connection(ctx, query.ConnectionID); err != nil {
			return nil, err
		}
	}
	found, err := o.store.Notifications(ctx, store.NotificationFilter{
		OrganisationID: query.OrganisationID, ConnectionID: query.ConnectionID, Severity: severity, Unread: query.Unread,
		All: query.All, Limit: query.Limit,
	}, o.now())
	lines := make([]NotificationLine, 0, len(found))
	for _, detail := range found {
		lines = append(lines, o.notificationLine(detail))
	}
	return lines, err
}

// checkOrganisation refuses an organisation without a connection: an empty list would say
// that all is well there. Empty is every organisation.
func (o *Operator) checkOrganisation(ctx context.Context, id string) error {
	const list = "List the connections with their organisations: starter status"
	if id == "" {
		return nil
	}
	if !isRecordID(id) {
		return malformed(list, "an organisation", id)
	}
	_, err := o.store.ConnectionOf(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return notFound(list, "organisation %s has no connection", id)
	}
	return err
}

// severityOf reads a severity; empty stays empty.
func severityOf(text string) (domain.Severity, error) {
	for _, severity := range domain.Severities() {
		if text == "" || text == string(severity) {
			return domain.Severity(text), nil
		}
	}
	return "", invalid("Give info, warning or critical.", "%q is no severity", shorten(text))
}

func (o *Operator) notificationLine(detail store.NotificationDetail) NotificationLine {
	line := NotificationLine{
		Notification: Notification{
			ID: detail.ID, Cause: detail.Cause, Subject: detail.Subject, Severity: detail.Severity, NextStep: detail.NextStep,
			OpenedAt: detail.OpenedAt,
		},
		OrganisationID: detail.OrganisationID, ConnectionID: detail.ConnectionID, ReadBy: detail.ReadBy, SnoozedBy: detail.SnoozedBy,
		Link: connectionLink(o.cfg.UI.TemporalURL, orDefaultNamespace(o.cfg.Temporal), detail.ConnectionID),
	}
	line.ClosedAt, line.ReadAt, line.SnoozedUntil = orNever(detail.ClosedAt), orNever(detail.ReadAt), orNever(detail.SnoozedUntil)
	return line
}

// orNever is the zero instant for none.
func orNever(instant *time.Time) time.Time {
	if instant == nil {
		return time.Time{}
	}
	return *instant
}

// Notification is one notification. Needs the database.
func (o *Operator) Notification(ctx context.Context, id string) (NotificationLine, error) {
	const list = "List them: starter notifications list --all"
	if !isRecordID(id) {
		return NotificationLine{}, malformed(list, "a notification", id)
	}
	detail, err := o.store.Notification(ctx, id, o.now())
	if errors.Is(err, store.ErrNotFound) {
		return NotificationLine{}, notFound(list, "there is no notification %q", id)
	}
	return o.notificationLine(detail), err
}

// ReadNotification notes that somebody has read a notification. Who read it first stays,
// until it is told anew. Needs the database.
func (o *Operator) ReadNotification(ctx context.Context, id, by string) (NotificationLine, error) {
	return o.actOn(ctx, id, by, func(by string) (store.NotificationDetail, error) {
		return o.store.ReadNotification(ctx, id, by, o.now())
	})
}

// actOn does something to a notification that there is.
func (o *Operator) actOn(
	ctx context.Context, id, by string, act func(by string) (store.NotificationDetail, error),
) (NotificationLine, error) {
	by, err := requester(by)
	if err != nil {
		return NotificationLine{}, err
	}
	if _, err := o.Notification(ctx, id); err != nil {
		return NotificationLine{}, err
	}
	detail, err := act(by)
	return o.notificationLine(detail), err
}

// longestSnooze is a year: whoever wants to hear nothing for longer has another problem.
const longestSnooze = 366 * 24 * time.Hour

// SnoozeNotification keeps a notification from being listed and delivered until a day,
// from its beginning in Amsterdam on, or an instant (RFC 3339). It comes again by
// itself then, and before where it is told anew with other words. One that is closed is
// refused. Needs the database.
func (o *Operator) SnoozeNotification(ctx context.Context, id, until, by string) (NotificationLine, error) {
	at, err := o.snoozeUntil(until)
	if err != nil {
		return NotificationLine{}, err
	}
	line, err := o.actOn(ctx, id, by, func(by string) (store.NotificationDetail, error) {
		return o.store.SnoozeNotification(ctx, id, by, at, o.now())
	})
	if err == nil && !line.ClosedAt.IsZero() {
		return line, refused("Nothing need be done: its cause is gone.", "notification %s is closed, so there is nothing to snooze", id)
	}
	return line, err
}

func (o *Operator) snoozeUntil(text string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		day, err := domain.ParseDate(text)
		if err != nil {
			return at, invalid("Give a day, such as 2026-12-01, or an instant, such as 2026-12-01T09:00:00+01:00.",
				"%q is neither a day nor an instant", shorten(text))
		}
		at = day.At(0, 0)
	}
	switch now := o.now(); {
	case !at.After(now):
		return at, invalid("Give a later day or instant.", "%s is not in the future", shorten(text))
	case at.Sub(now) > longestSnooze:
		return at, invalid("Give a day within a year.", "%s is more than a year away", shorten(text))
	}
	return at, nil
}

// UnsnoozeNotification lets a notification be listed and delivered again. Needs the
// database.
func (o *Operator) UnsnoozeNotification(ctx context.Context, id, by string) (NotificationLine, error) {
	return o.actOn(ctx, id, by, func(by string) (store.NotificationDetail, error) {
		return o.store.UnsnoozeNotification(ctx, id, by, o.now())
	})
}
