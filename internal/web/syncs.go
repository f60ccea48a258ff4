package web

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// defaultRequester is who asks where a caller names nobody.
const defaultRequester = "api"

// Request is the body of a request for a run; it may be left out.
type Request struct {
	RequestedBy string `json:"requested_by,omitempty" pattern:"^[A-Za-z0-9_-]{1,64}$" doc:"The id of a person or program, never a name; api where left out." example:"user_42"`
}

// by is who asks.
func (r *Request) by() string {
	if r == nil || r.RequestedBy == "" {
		return defaultRequester
	}
	return r.RequestedBy
}

// Ticket is the answer to a request for a run: the run that does it, or that it waits
// for a worker.
type Ticket struct {
	RunID  string `json:"run_id,omitempty" doc:"The run to ask for."`
	Pass   int    `json:"pass,omitempty" doc:"Which pass of the workflow it is."`
	Joined *bool  `json:"joined,omitempty" doc:"Whether it was under way, or asked for, already."`
	Queued bool   `json:"queued,omitempty" doc:"No worker answered in time: the request waits and will be done. last_run of the connection shows a synchronisation; asking again joins a preview or one person's run."`
}

// Decision is somebody's word on a held run (S16).
type Decision struct {
	Decision string `json:"decision" enum:"allow,reject"`
	By       string `json:"by,omitempty" pattern:"^[A-Za-z0-9_-]{1,64}$" doc:"The id of a person or program; api where left out." example:"user_42"`
}

// Decided repeats what was decided about which run.
type Decided struct {
	RunID    string `json:"run_id"`
	Decision string `json:"decision"`
}

type (
	syncInput struct {
		OfConnection
		IdempotencyKey string `header:"Idempotency-Key" pattern:"^[A-Za-z0-9_-]{1,64}$" doc:"Makes a repetition get the first answer while the workflow runs, such as a UUID."`
		Body           *Request
	}
	previewInput struct {
		OfConnection
		Body *Request
	}
	personInput struct {
		OfConnection
		ConnexieID string `path:"connexie_id" pattern:"^[A-Za-z0-9_-]{1,64}$" doc:"The person's id in Connexie." example:"emp_0001"`
		Body       *Request
	}
	decisionInput struct {
		OfConnection
		Body Decision
	}
	ticketAnswer struct {
		Location string `header:"Location" doc:"The run to ask for; empty while none is known."`
		Body     Ticket
	}
	decidedAnswer struct{ Body Decided }
)

func (a *api) registerSyncs() {
	operation(a, accepting("requestSync", "/v1/connections/{connection_id}/sync",
		"Ask for a synchronisation",
		"Joins the run under way, or the pass that follows it where reading has begun."), a.requestSync)
	operation(a, accepting("requestPreview", "/v1/connections/{connection_id}/previews",
		"Ask what a synchronisation would do now",
		"Changes nothing and does not wait for a run under way; its items say what would be done."), a.requestPreview)
	operation(a, accepting("requestPersonSync", "/v1/connections/{connection_id}/people/{connexie_id}/sync",
		"Synchronise one person alone",
		"Does not wait for a run under way; its one item tells step by step which rule decided."), a.requestPersonSync)
	operation(a, huma.Operation{
		OperationID: "decideGuard", Method: http.MethodPost, Path: "/v1/connections/{connection_id}/guard-decision",
		Summary: "Allow or reject the run that the guard holds", Errors: []int{http.StatusConflict},
	}, a.decideGuard)
}

// accepting is an operation that begins something and does not wait for its end.
func accepting(id, path, summary, description string) huma.Operation {
	return huma.Operation{
		OperationID: id, Method: http.MethodPost, Path: path, Summary: summary, Description: description,
		DefaultStatus: http.StatusAccepted, Errors: []int{http.StatusConflict},
	}
}

func (a *api) requestSync(ctx context.Context, in *syncInput) (*ticketAnswer, error) {
	return a.request(ctx, SyncRequest{
		ConnectionID: in.connection.ID, RequestedBy: in.Body.by(), RequestID: in.IdempotencyKey,
	})
}

func (a *api) requestPreview(ctx context.Context, in *previewInput) (*ticketAnswer, error) {
	return a.request(ctx, SyncRequest{ConnectionID: in.connection.ID, RequestedBy: in.Body.by(), Preview: true})
}

func (a *api) requestPersonSync(ctx context.Context, in *personInput) (*ticketAnswer, error) {
	return a.request(ctx, SyncRequest{
		ConnectionID: in.connection.ID, RequestedBy: in.Body.by(), OnlyConnexieID: in.ConnexieID,
	})
}

func (a *api) request(ctx context.Context, request SyncRequest) (*ticketAnswer, error) {
	ticket, err := a.Engine.RequestSync(ctx, request)
	if err != nil {
		return nil, err
	}
	if ticket.RunID == "" {
		return &ticketAnswer{Body: Ticket{Queued: true}}, nil
	}
	return &ticketAnswer{
		Location: "/v1/runs/" + ticket.RunID,
		Body:     Ticket{RunID: ticket.RunID, Pass: ticket.Pass, Joined: &ticket.Joined},
	}, nil
}

func (a *api) decideGuard(ctx context.Context, in *decisionInput) (*decidedAnswer, error) {
	by := (&Request{RequestedBy: in.Body.By}).by()
	runID, err := a.Engine.DecideGuard(ctx, in.connection.ID, in.Body.Decision, by)
	return &decidedAnswer{Decided{RunID: runID, Decision: in.Body.Decision}}, err
}
