package app

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
)

// Run is one pass of a synchronisation, for people and programs to look at.
type Run struct {
	RunID          string `json:"run_id"`
	ConnectionID   string `json:"connection_id"`
	WorkflowID     string `json:"workflow_id"`
	Link           string `json:"link,omitempty"`
	Trigger        string `json:"trigger"`
	Mode           string `json:"mode"`
	OnlyConnexieID string `json:"only_connexie_id,omitempty"`
	// Night is the night that the run answers for.
	Night       domain.Date        `json:"night,omitzero"`
	RequestedBy string             `json:"requested_by"`
	Day         domain.Date        `json:"day"`
	Stage       string             `json:"stage"`
	Done        int                `json:"done"`
	Total       int                `json:"total"`
	Counts      domain.Counts      `json:"counts"`
	Outcome     domain.SyncOutcome `json:"outcome,omitempty"`
	Problem     string             `json:"problem,omitempty"`
	StartedAt   time.Time          `json:"started_at"`
	ClosedAt    time.Time          `json:"closed_at,omitzero"`
	// Guarded and Limit tell why a held run is held (S16), where a worker told.
	Guarded  *domain.Guarded `json:"guarded,omitempty"`
	Limit    *domain.Guarded `json:"limit,omitempty"`
	NextStep string          `json:"next_step"`
}

// Closed reports whether the run has ended.
func (r Run) Closed() bool { return r.Stage == string(store.StageClosed) }

// Held reports whether the run waits for somebody's word (S16).
func (r Run) Held() bool { return r.Stage == string(store.StageHeld) }

// Preview reports whether the run changes nothing (S19).
func (r Run) Preview() bool { return r.Mode == store.ModePreview }

func (o *Operator) describe(run store.Run) Run {
	described := Run{
		RunID: run.ID, ConnectionID: run.ConnectionID, WorkflowID: run.WorkflowID, Link: o.workflowLink(run.WorkflowID),
		Trigger: run.Trigger, Mode: run.Mode, OnlyConnexieID: run.OnlyConnexieID, Night: run.Night,
		RequestedBy: run.RequestedBy, Day: run.Day, Stage: string(run.Stage), Done: run.Done, Total: run.Total,
		Counts: run.Counts, Outcome: run.Outcome, Problem: run.Problem, StartedAt: run.StartedAt, ClosedAt: run.ClosedAt,
	}
	if described.Held() {
		described.Outcome = domain.SyncHeld
	}
	described.NextStep = nextAfterRun(described)
	return described
}

// nextAfterRun is what somebody can do about a run.
func nextAfterRun(run Run) string {
	status := "starter status --connection " + run.ConnectionID
	switch run.Outcome {
	case "":
		return "Nothing: it goes on by itself."
	case domain.SyncHeld:
		return "Look at it: starter sync items --run " + run.RunID +
			". Then: starter sync decide --connection " + run.ConnectionID + " --allow, or --reject"
	case domain.SyncProblems:
		return "See what needs somebody: " + status
	case domain.SyncRefused:
		return "Connexie refused the token. Set a new one: starter activate"
	case domain.SyncUnreachable:
		return "Connexie was out of reach and nothing was changed. Try again later; the next night does so by itself."
	case domain.SyncRejected:
		return "Nothing was changed. Correct the cause in Connexie, then synchronise again."
	case domain.SyncSuperseded, domain.SyncAbandoned:
		return "A newer run took its place: " + status
	case domain.SyncFailed:
		return activities.StepAfter(run.Problem)
	case domain.SyncCancelled:
		return "What was applied stays. To do the rest: starter sync --connection " + run.ConnectionID
	case domain.SyncOK:
		if run.Preview() {
			return "To do it, run the same without --preview."
		}
		return "See what was changed: starter sync changes --run " + run.RunID
	}
	return "Nothing: Eitje is as it should be."
}

// Run finds a run. Needs the database.
func (o *Operator) Run(ctx context.Context, runID string) (Run, error) {
	const list = "The latest runs are in: starter status --connection ID"
	if !isRecordID(runID) {
		return Run{}, malformed(list, "a run", runID)
	}
	run, err := o.store.Run(ctx, runID)
	if errors.Is(err, store.ErrNotFound) {
		return Run{}, notFound(list, "there is no run %q", runID)
	}
	return o.describe(run), err
}

// Item is what a run did, or would do, about one person.
type Item struct {
	ConnexieID   string           `json:"connexie_id"`
	TeamMemberID string           `json:"team_member_id,omitempty"`
	Situation    domain.Situation `json:"situation"`
	Reason       domain.Reason    `json:"reason,omitempty"`
	Rule         string           `json:"rule"`
	Action       domain.Action    `json:"action"`
	Reactivates  bool             `json:"reactivates"`
	State        string           `json:"state"`
	Problem      string           `json:"problem,omitempty"`
	Changes      []domain.Change  `json:"changes"`
	// Steps tell which rule decided what (S20); of a one-person run alone.
	Steps []domain.Step `json:"steps,omitempty"`
}

// Disputed reports whether it stays uncertain whose profile it is (S6).
func (i Item) Disputed() bool { return i.Situation == domain.Disputed }

// Items lists what a run did or would do, in the order of people's ids, from the one
// behind after. Needs the database.
func (o *Operator) Items(ctx context.Context, runID, after string, limit int) ([]Item, error) {
	if after != "" && !idPattern.MatchString(after) {
		return nil, invalid("Give the last Connexie ID of the page before.", "%q is not a Connexie ID", shorten(after))
	}
	rows, err := o.store.RunItems(ctx, runID, after, limit)
	items := make([]Item, 0, len(rows))
	for _, row := range rows {
		items = append(items, Item{
			ConnexieID: row.ConnexieID, TeamMemberID: row.TeamMemberID, Situation: row.Situation, Reason: row.Reason,
			Rule: row.Rule, Action: row.Action, Reactivates: row.Reactivates, State: row.State, Problem: row.Problem,
			Changes: row.Changes, Steps: row.Steps,
		})
	}
	return items, err
}

// ChangeLine is one line of the audit (S10).
type ChangeLine struct {
	ID         string        `json:"id"`
	ConnexieID string        `json:"connexie_id"`
	Object     domain.Object `json:"object"`
	ObjectID   string        `json:"object_id"`
	Field      string        `json:"field"`
	Before     string        `json:"before"`
	After      string        `json:"after"`
	At         time.Time     `json:"at"`
	By         string        `json:"by"`
}

// Changes lists what a run changed, in the order in which it was written, from the
// line behind after. Needs the database.
func (o *Operator) Changes(ctx context.Context, runID, after string, limit int) ([]ChangeLine, error) {
	if after != "" && uuid.Validate(after) != nil {
		return nil, invalid("Give the id of the last line of the page before.", "%q is not the id of a line", shorten(after))
	}
	rows, err := o.store.AuditLines(ctx, runID, after, limit)
	lines := make([]ChangeLine, 0, len(rows))
	for _, row := range rows {
		lines = append(lines, ChangeLine(row))
	}
	return lines, err
}
