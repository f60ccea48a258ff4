package webhook

import (
	"encoding/json"
	"time"

	"github.com/eitje/connexie-worker/internal/domain"
)

// message is what a receiver gets: ids and codes, never names (N4). Members are only
// ever added.
type message struct {
	// Type is notification. and the kind: opened, told_anew, due_again, closed, test.
	Type string `json:"type"`
	// Timestamp is when it happened, not when it was sent.
	Timestamp time.Time `json:"timestamp"`
	Data      data      `json:"data"`
}

type data struct {
	EventID        string `json:"event_id"`
	NotificationID string `json:"notification_id,omitempty"`
	OrganisationID string `json:"organisation_id"`
	ConnectionID   string `json:"connection_id,omitempty"`
	Cause          string `json:"cause,omitempty"`
	Subject        string `json:"subject,omitempty"`
	Severity       string `json:"severity"`
	NextStep       string `json:"next_step"`
	Link           string `json:"link,omitempty"`
}

func payload(event domain.NoticeEvent, link string) ([]byte, error) {
	return json.Marshal(message{
		Type: "notification." + string(event.Kind), Timestamp: event.At.UTC(),
		Data: data{
			EventID: event.ID, NotificationID: event.NotificationID, OrganisationID: event.OrganisationID,
			ConnectionID: event.ConnectionID, Cause: string(event.Cause), Subject: event.Subject,
			Severity: string(event.Severity), NextStep: event.NextStep, Link: link,
		},
	})
}
