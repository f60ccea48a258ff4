package web

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
)

// OfRun is the part of a request that names a run. It belongs to whom its connection
// belongs to.
type OfRun struct {
	RunID string `path:"run_id" doc:"The run's id."`

	run store.Run
}

func (o *OfRun) called() string { return "run" }

func (o *OfRun) find(ctx context.Context, reader Reader) (store.Connection, error) {
	if !uuidPattern.MatchString(o.RunID) {
		return store.Connection{}, store.ErrNotFound
	}
	found, err := reader.Run(ctx, o.RunID)
	if err != nil {
		return store.Connection{}, err
	}
	o.run = found
	return reader.Connection(ctx, found.ConnectionID)
}

// Run is one pass of a synchronisation.
type Run struct {
	RunID        string        `json:"run_id"`
	ConnectionID string        `json:"connection_id"`
	Trigger      string        `json:"trigger" enum:"manual,nightly,activation"`
	Mode         string        `json:"mode" enum:"apply,preview"`
	ConnexieID   string        `json:"connexie_id,omitempty" doc:"The one person of a one-person run."`
	Night        string        `json:"night,omitempty" format:"date" doc:"The night that the run answers for."`
	RequestedBy  string        `json:"requested_by"`
	Day          string        `json:"day" format:"date" doc:"What today means to the rules of this run."`
	Stage        string        `json:"stage" enum:"reading,planning,held,applying,closed"`
	Done         int           `json:"done"`
	Total        int           `json:"total"`
	Counts       domain.Counts `json:"counts" doc:"What was counted, by words that stay the same."`
	Outcome      string        `json:"outcome,omitempty" doc:"How it ended, or held; missing while it is under way."`
	Problem      string        `json:"problem,omitempty" doc:"Why it did not end well."`
	StartedAt    time.Time     `json:"started_at"`
	ClosedAt     time.Time     `json:"closed_at,omitzero"`
}

func runView(run store.Run) Run {
	counts := run.Counts
	if counts == nil {
		counts = domain.Counts{}
	}
	return Run{
		RunID: run.ID, ConnectionID: run.ConnectionID, Trigger: run.Trigger, Mode: run.Mode,
		ConnexieID: run.OnlyConnexieID, Night: dateText(run.Night), RequestedBy: run.RequestedBy,
		Day: dateText(run.Day), Stage: string(run.Stage), Done: run.Done, Total: run.Total, Counts: counts,
		Outcome: string(heldOutcome(run)), Problem: run.Problem, StartedAt: run.StartedAt, ClosedAt: run.ClosedAt,
	}
}

// Item is what a run did, or would do, about one person.
type Item struct {
	ConnexieID   string   `json:"connexie_id"`
	TeamMemberID string   `json:"team_member_id,omitempty"`
	Situation    string   `json:"situation"`
	Reason       string   `json:"reason,omitempty"`
	Rule         string   `json:"rule"`
	Action       string   `json:"action"`
	Reactivates  bool     `json:"reactivates"`
	State        string   `json:"state" enum:"planned,applied,failed"`
	Problem      string   `json:"problem,omitempty"`
	Changes      []Change `json:"changes"`
	Steps        []Step   `json:"steps,omitempty" doc:"How it was decided; of a one-person run alone."`
}

// Change is one field before and after.
type Change struct {
	Object   string `json:"object"`
	ObjectID string `json:"object_id,omitempty"`
	Field    string `json:"field"`
	Before   string `json:"before,omitempty"`
	After    string `json:"after,omitempty"`
}

// Step is one question that was asked about a person, and the answer (S20).
type Step struct {
	Rule     string `json:"rule"`
	Question string `json:"question"`
	Answer   string `json:"answer"`
}

// ItemPage is one page of items.
type ItemPage struct {
	Items []Item `json:"items"`
	Next  string `json:"next,omitempty" doc:"Pass it as after for the next page; missing on the last."`
}

type (
	runAnswer   struct{ Body Run }
	itemsAnswer struct{ Body ItemPage }
	itemsInput  struct {
		OfRun
		After string `query:"after" doc:"The next of the page before." pattern:"^[A-Za-z0-9_-]{1,64}$"`
		Limit int    `query:"limit" doc:"Items per page." default:"100" minimum:"1" maximum:"500"`
	}
)

func (a *api) registerRuns() {
	operation(a, huma.Operation{
		OperationID: "getRun", Method: http.MethodGet, Path: "/v1/runs/{run_id}",
		Summary: "How far a run is, or how it ended",
	}, a.showRun)
	operation(a, huma.Operation{
		OperationID: "listRunItems", Method: http.MethodGet, Path: "/v1/runs/{run_id}/items",
		Summary: "What a run did, or would do, person by person",
	}, a.listItems)
}

func (a *api) showRun(_ context.Context, in *OfRun) (*runAnswer, error) {
	return &runAnswer{runView(in.run)}, nil
}

// listItems asks for one more than the page holds, to know whether there is another.
func (a *api) listItems(ctx context.Context, in *itemsInput) (*itemsAnswer, error) {
	rows, err := a.Reader.RunItems(ctx, in.run.ID, in.After, in.Limit+1)
	if err != nil {
		return nil, err
	}
	page := ItemPage{Items: []Item{}}
	for _, row := range rows[:min(len(rows), in.Limit)] {
		page.Items = append(page.Items, itemView(row))
	}
	if len(rows) > in.Limit {
		page.Next = rows[in.Limit-1].ConnexieID
	}
	return &itemsAnswer{page}, nil
}

func itemView(row store.RunItem) Item {
	item := Item{
		ConnexieID: row.ConnexieID, TeamMemberID: row.TeamMemberID, Situation: string(row.Situation),
		Reason: string(row.Reason), Rule: row.Rule, Action: string(row.Action), Reactivates: row.Reactivates,
		State: row.State, Problem: row.Problem, Changes: []Change{},
	}
	for _, change := range row.Changes {
		item.Changes = append(item.Changes, Change{
			Object: string(change.Object), ObjectID: change.ObjectID, Field: change.Field,
			Before: change.Before, After: change.After,
		})
	}
	for _, step := range row.Steps {
		item.Steps = append(item.Steps, Step(step))
	}
	return item
}
