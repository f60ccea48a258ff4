package domain

import "time"

// EventKind is what happened to a notification.
type EventKind string

// The kinds of events. A test is what somebody sends to try a channel; it is about no
// notification.
const (
	EventOpened    EventKind = "opened"
	EventToldAnew  EventKind = "told_anew"
	EventDueAgain  EventKind = "due_again"
	EventClosed    EventKind = "closed"
	EventOfTesting EventKind = "test"
)

// NoticeEvent is something that happened to a notification, as it is delivered. It
// carries ids, never names (N4). Sent twice it is the same in every member, so that a
// receiver can tell the repetition by its ID.
type NoticeEvent struct {
	ID             string
	Kind           EventKind
	At             time.Time
	NotificationID string
	OrganisationID string
	ConnectionID   string
	Cause          Cause
	Subject        string
	Severity       Severity
	NextStep       string
}

// Testing is the event with which somebody tries a channel.
func Testing(id, organisationID string, at time.Time) NoticeEvent {
	return NoticeEvent{
		ID: id, Kind: EventOfTesting, At: at, OrganisationID: organisationID, Severity: SeverityInfo,
		NextStep: "Nothing need be done: somebody tries whether notifications arrive here.",
	}
}

// Severities lists the severities, the least severe first.
func Severities() []Severity { return []Severity{SeverityInfo, SeverityWarning, SeverityCritical} }
