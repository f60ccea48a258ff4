package web

import (
	"context"
	"net/http"
	"regexp"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/workflows"
)

// OfConnection is the part of a request that names a connection.
type OfConnection struct {
	ConnectionID string `path:"connection_id" doc:"The connection's id." example:"0190a1b2-0000-7000-8000-000000000002"`

	connection store.Connection
}

func (o *OfConnection) called() string { return "connection" }

func (o *OfConnection) find(ctx context.Context, reader Reader) (store.Connection, error) {
	if !uuidPattern.MatchString(o.ConnectionID) {
		return store.Connection{}, store.ErrNotFound
	}
	found, err := reader.Connection(ctx, o.ConnectionID)
	o.connection = found
	return found, err
}

// uuidPattern keeps from the database what cannot be there.
var uuidPattern = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)

// Connection is where a connection stands.
type Connection struct {
	ConnectionID   string    `json:"connection_id"`
	OrganisationID string    `json:"organisation_id"`
	State          string    `json:"state" enum:"inactive,active,needs_token,paused,removed"`
	ActivatedAt    time.Time `json:"activated_at,omitzero" doc:"The first time; missing before."`
	FailedNights   int       `json:"failed_nights" doc:"Nights in a row on which Connexie could not be reached."`
	GuardArmed     bool      `json:"guard_armed" doc:"Whether a run with unusually many changes is held."`
	// UndecidedVenues keep the configuration incomplete (C3).
	UndecidedVenues   int            `json:"undecided_venues" doc:"Venues of both sides that somebody must decide about."`
	People            []PeopleCount  `json:"people" doc:"Everyone in Connexie, by where they stand."`
	LastRun           *Run           `json:"last_run,omitempty" doc:"The last full run; missing before the first."`
	OpenNotifications int            `json:"open_notifications"`
	Notifications     []Notification `json:"notifications" doc:"The most severe ones, at most 100."`
}

// PeopleCount is how many people stand where, and by which rule.
type PeopleCount struct {
	Situation string `json:"situation"`
	Reason    string `json:"reason,omitempty"`
	Rule      string `json:"rule"`
	Count     int    `json:"count"`
}

// Notification is something that somebody must know or do (N1).
type Notification struct {
	NotificationID string    `json:"notification_id"`
	Cause          string    `json:"cause"`
	Subject        string    `json:"subject" doc:"The id of whom or what it is about."`
	Severity       string    `json:"severity" enum:"critical,warning,info"`
	NextStep       string    `json:"next_step"`
	OpenedAt       time.Time `json:"opened_at"`
}

type connectionAnswer struct{ Body Connection }

// mostNotifications keeps an answer small where a list is wrong as a whole.
const mostNotifications = 100

func (a *api) registerConnections() {
	operation(a, huma.Operation{
		OperationID: "getConnection", Method: http.MethodGet, Path: "/v1/connections/{connection_id}",
		Summary: "Where a connection stands",
	}, a.showConnection)
}

func (a *api) showConnection(ctx context.Context, in *OfConnection) (*connectionAnswer, error) {
	overview, err := a.Reader.Overview(ctx, in.connection.ID)
	if err != nil {
		return nil, err
	}
	runs, err := a.Reader.WorkflowRuns(ctx, in.connection.ID, workflows.SyncID(in.connection.ID), 1)
	if err != nil {
		return nil, err
	}
	return &connectionAnswer{connectionView(overview, runs)}, nil
}

func connectionView(overview store.Overview, runs []store.Run) Connection {
	connection := overview.Connection
	view := Connection{
		ConnectionID: connection.ID, OrganisationID: connection.OrganisationID, State: string(connection.State),
		ActivatedAt: connection.ActivatedAt, FailedNights: connection.FailedNights,
		GuardArmed: !connection.GuardArmedAt.IsZero(), UndecidedVenues: overview.UndecidedVenues,
		People: []PeopleCount{}, Notifications: []Notification{}, OpenNotifications: len(overview.Notifications),
	}
	for _, count := range overview.People {
		view.People = append(view.People, PeopleCount{
			Situation: string(count.Situation), Reason: string(count.Reason), Rule: count.Rule, Count: count.Count,
		})
	}
	for _, notice := range overview.Notifications[:min(len(overview.Notifications), mostNotifications)] {
		view.Notifications = append(view.Notifications, Notification{
			NotificationID: notice.ID, Cause: string(notice.Cause), Subject: notice.Subject,
			Severity: string(notice.Severity), NextStep: notice.NextStep, OpenedAt: notice.OpenedAt,
		})
	}
	if len(runs) > 0 {
		last := runView(runs[0])
		view.LastRun = &last
	}
	return view
}

// dateText writes a date that may be missing.
func dateText(date domain.Date) string {
	if date.IsZero() {
		return ""
	}
	return date.String()
}
