package app

import (
	"context"
	"time"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
)

// ConnectionLine is one line about a connection.
type ConnectionLine struct {
	ConnectionID    string        `json:"connection_id"`
	OrganisationID  string        `json:"organisation_id"`
	Organisation    string        `json:"organisation"`
	State           string        `json:"state"`
	People          domain.Counts `json:"people"`
	Notifications   domain.Counts `json:"notifications"`
	UndecidedVenues int           `json:"undecided_venues"`
	LastRun         *LastRun      `json:"last_run"`
}

// LastRun is the last full run of a connection, in short.
type LastRun struct {
	RunID     string             `json:"run_id"`
	Stage     string             `json:"stage"`
	Outcome   domain.SyncOutcome `json:"outcome,omitempty"`
	StartedAt time.Time          `json:"started_at"`
}

// Connections tells of every connection, in the order in which they were made. Needs
// the database.
func (o *Operator) Connections(ctx context.Context) ([]ConnectionLine, error) {
	summaries, err := o.store.ConnectionSummaries(ctx)
	lines := make([]ConnectionLine, 0, len(summaries))
	for _, summary := range summaries {
		line := ConnectionLine{
			ConnectionID: summary.ConnectionID, OrganisationID: summary.OrganisationID,
			Organisation: summary.OrganisationName, State: string(summary.State), People: summary.People,
			Notifications: summary.Notifications, UndecidedVenues: summary.UndecidedVenues,
		}
		if summary.StartedAt != nil {
			line.LastRun = &LastRun{
				RunID: summary.RunID, Stage: string(summary.Stage), Outcome: summary.Outcome, StartedAt: *summary.StartedAt,
			}
			if summary.Stage == store.StageHeld {
				line.LastRun.Outcome = domain.SyncHeld
			}
		}
		lines = append(lines, line)
	}
	return lines, err
}

// Status is where one connection stands.
type Status struct {
	ConnectionID   string    `json:"connection_id"`
	OrganisationID string    `json:"organisation_id"`
	Organisation   string    `json:"organisation"`
	State          string    `json:"state"`
	AccountID      string    `json:"account_id,omitempty"`
	ActivatedAt    time.Time `json:"activated_at,omitzero"`
	// FailedNights counts the nights in a row without an answer of Connexie (N6).
	FailedNights int `json:"failed_nights"`
	// GuardArmed tells that the guard speaks (S16).
	GuardArmed      bool           `json:"guard_armed"`
	UndecidedVenues int            `json:"undecided_venues"`
	People          []PeopleCount  `json:"people"`
	Runs            []Run          `json:"runs"`
	Notifications   []Notification `json:"notifications"`
	// Snoozed counts the open notifications that are not listed until they come again.
	Snoozed int `json:"snoozed"`
	// LastExport is the latest that was no preview; nil before the first.
	LastExport *LastExport `json:"last_export"`
}

// LastExport is the last export of a connection, in short.
type LastExport struct {
	ExportID  string               `json:"export_id"`
	From      domain.Date          `json:"from"`
	To        domain.Date          `json:"to"`
	Kinds     []domain.ExportKind  `json:"kinds"`
	Stage     string               `json:"stage"`
	Outcome   domain.ExportOutcome `json:"outcome,omitempty"`
	StartedAt time.Time            `json:"started_at"`
}

// Held is the run that waits for somebody's word, or nil.
func (s Status) Held() *Run {
	for i := range s.Runs {
		if s.Runs[i].Held() {
			return &s.Runs[i]
		}
	}
	return nil
}

// PeopleCount is how many people stand where, and by which rule.
type PeopleCount struct {
	Situation domain.Situation `json:"situation"`
	Reason    domain.Reason    `json:"reason,omitempty"`
	Rule      string           `json:"rule"`
	Count     int              `json:"count"`
}

// Notification is something that somebody must know or do (N1).
type Notification struct {
	ID       string          `json:"id"`
	Cause    domain.Cause    `json:"cause"`
	Subject  string          `json:"subject"`
	Severity domain.Severity `json:"severity"`
	NextStep string          `json:"next_step"`
	OpenedAt time.Time       `json:"opened_at"`
}

// Status tells where one connection stands, with its latest runs. Needs the database.
func (o *Operator) Status(ctx context.Context, connectionID string) (Status, error) {
	connection, err := o.connection(ctx, connectionID)
	if err != nil {
		return Status{}, err
	}
	overview, err := o.store.Overview(ctx, connection.ID)
	if err != nil {
		return Status{}, err
	}
	status := Status{
		ConnectionID: connection.ID, OrganisationID: connection.OrganisationID, State: string(connection.State),
		AccountID: connection.AccountID, ActivatedAt: connection.ActivatedAt, FailedNights: connection.FailedNights,
		GuardArmed: !connection.GuardArmedAt.IsZero(), UndecidedVenues: overview.UndecidedVenues,
		People: []PeopleCount{}, Runs: []Run{}, Notifications: []Notification{},
	}
	for _, count := range overview.People {
		status.People = append(status.People, PeopleCount(count))
	}
	for _, run := range overview.Runs {
		status.Runs = append(status.Runs, o.describe(run))
	}
	for _, notice := range overview.Notifications {
		if notice.SnoozedUntil != nil && notice.SnoozedUntil.After(o.now()) {
			status.Snoozed++
			continue
		}
		status.Notifications = append(status.Notifications, Notification{
			ID: notice.ID, Cause: notice.Cause, Subject: notice.Subject, Severity: notice.Severity,
			NextStep: notice.NextStep, OpenedAt: notice.OpenedAt,
		})
	}
	if status.LastExport, err = o.lastExport(ctx, connection.ID); err != nil {
		return Status{}, err
	}
	status.Organisation, err = o.store.OrganisationName(ctx, connection.ID)
	return status, err
}

// lastExport is the latest export that was no preview, among the latest of both; nil
// where there is none.
func (o *Operator) lastExport(ctx context.Context, connectionID string) (*LastExport, error) {
	exports, err := o.store.Exports(ctx, connectionID, latestExports)
	if err != nil {
		return nil, err
	}
	for _, export := range exports {
		if export.Mode == store.ModeApply {
			return &LastExport{
				ExportID: export.ID, From: export.Period.From, To: export.Period.To, Kinds: export.Kinds, Stage: export.Stage,
				Outcome: export.Outcome, StartedAt: export.StartedAt,
			}, nil
		}
	}
	return nil, nil //nolint:nilnil // none is an answer
}

// latestExports is how far a look at the latest exports goes, previews included.
const latestExports = 100
