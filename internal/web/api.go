package web

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
)

// Reader is what the API shows; a store is one.
type Reader interface {
	Connection(ctx context.Context, id string) (store.Connection, error)
	Overview(ctx context.Context, connectionID string) (store.Overview, error)
	WorkflowRuns(ctx context.Context, connectionID, workflowID string, limit int) ([]store.Run, error)
	Run(ctx context.Context, id string) (store.Run, error)
	RunItems(ctx context.Context, runID, after string, limit int) ([]store.RunItem, error)
}

// Engine is what the API asks for. An implementation bounds its waits below
// requestTimeout, and returns a [*Problem] for what the caller can act on. The
// connection was found and belongs to the caller.
type Engine interface {
	// RequestSync asks for a run and does not wait for its end.
	RequestSync(ctx context.Context, request SyncRequest) (SyncTicket, error)
	// DecideGuard allows or rejects the run that the guard holds (S16), and returns its
	// id.
	DecideGuard(ctx context.Context, connectionID, decision, by string) (runID string, err error)
}

// SyncRequest asks for a full run, a preview, or one person's run.
type SyncRequest struct {
	ConnectionID   string
	Preview        bool
	OnlyConnexieID string
	RequestedBy    string
	// RequestID makes a repetition get the first answer; it may be empty.
	RequestID string
}

// SyncTicket tells which pass of which run does what was asked.
type SyncTicket struct {
	// RunID is empty where no worker answered in time: the request waits in the engine
	// and will be done.
	RunID  string
	Pass   int
	Joined bool
}

// Log receives what happens. Nothing in it is personal (N4).
type Log interface {
	// Answered is told of every request.
	Answered(exchange Exchange)
	// Failed is told of what nobody outside can act on; err may be a panic.
	Failed(requestID string, err error)
}

// Exchange is a request and its answer, without anything that a caller wrote freely.
type Exchange struct {
	RequestID      string
	OrganisationID string // empty where nobody was recognised
	Method         string
	Route          string // the pattern, such as /v1/runs/{run_id}
	ConnectionID   string
	RunID          string
	Status         int
	Bytes          int
	Duration       time.Duration
}

// Check asks whether something is there that the API needs. It obeys its context.
type Check = func(ctx context.Context) error

// Options are what an API is made of.
type Options struct {
	Reader Reader
	Engine Engine
	Keys   []Key
	// Checks are what /readyz asks, by name.
	Checks map[string]Check
	Log    Log
}

// api is what the handlers share.
type api struct {
	Options

	huma huma.API
	keys keyring
}

// New makes the handler of the whole API.
func New(options Options) (http.Handler, error) {
	a := &api{Options: options, keys: newKeyring(options.Keys)}
	mux := http.NewServeMux()
	a.huma = newContract(mux)
	a.registerConnections()
	a.registerSyncs()
	a.registerRuns()
	if err := a.serveContract(mux); err != nil {
		return nil, err
	}
	a.serveProbes(mux)
	mux.HandleFunc("/", a.notServed(mux))
	return a.protect(mux), nil
}

// heldOutcome is what a run that waits for somebody's word is shown with.
func heldOutcome(run store.Run) domain.SyncOutcome {
	if run.Stage == store.StageHeld {
		return domain.SyncHeld
	}
	return run.Outcome
}
