package workflows

import (
	"fmt"

	"go.temporal.io/sdk/workflow"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
)

// ActivateConnectionInput is what an activation is started with.
type ActivateConnectionInput struct {
	ConnectionID string `json:"connection_id"`
	// RequestedBy is an id of a person or program; "ui" where it is left out.
	RequestedBy string `json:"requested_by,omitempty"`

	unknown unknown
}

const activateExample = `{"connection_id":"0190a1b2-0000-7000-8000-000000000001","requested_by":"user_42"}`

// UnmarshalJSON collects what the input does not know for the validation.
func (in *ActivateConnectionInput) UnmarshalJSON(data []byte) error {
	in.unknown.decode(data, in)
	return nil
}

func (in ActivateConnectionInput) validated(ctx workflow.Context) (ActivateConnectionInput, error) {
	in.RequestedBy = orDefault(in.RequestedBy, defaultRequester)
	c := checks{in.unknown}
	c.id("connection_id", in.ConnectionID)
	c.optionalID("requested_by", in.RequestedBy)
	if len(c.problems) == 0 {
		c.impliedID(workflow.GetInfo(ctx).WorkflowExecution.ID, ActivateID(in.ConnectionID))
	}
	return in, c.err(activateExample)
}

// The outcomes of an activation.
const (
	ActivationOK           = "ok"
	ActivationRefused      = "refused"
	ActivationOtherAccount = "other_account"
	ActivationUnreachable  = "unreachable"
)

// ActivationResult is how an activation ended.
type ActivationResult struct {
	// Outcome is ok, refused, other_account or unreachable.
	Outcome string `json:"outcome"`
	// Counts has venues, wage_codes, connected and undecided.
	Counts domain.Counts `json:"counts"`
}

// ActivationStatus is the answer to the query status.
type ActivationStatus struct {
	Stage    string        `json:"stage"`
	Counts   domain.Counts `json:"counts"`
	NextStep string        `json:"next_step"`
}

// ActivateConnection makes a connection with a token alone (C1): the token is
// checked against Connexie before anything else, then venues and wage codes are
// fetched, venues of equal name are connected, and the first synchronisation starts
// at once (C2). The token itself never passes through the workflow (N3): it lies
// encrypted in the store.
//
// Its id is activate/<connection_id>; activating again with a new token of the same
// account resumes everything (C8). The query status tells how far it is. A refused
// token, another account and an outage are outcomes.
func ActivateConnection(ctx workflow.Context, in ActivateConnectionInput) (ActivationResult, error) {
	in, err := in.validated(ctx)
	if err != nil {
		return ActivationResult{}, err
	}
	a := &activation{in: activities.ActivationInput{ConnectionID: in.ConnectionID, RequestedBy: in.RequestedBy}}
	if err := a.listen(ctx); err != nil {
		return ActivationResult{}, err
	}
	upsert(ctx, AttributeConnection.ValueSet(in.ConnectionID), AttributeStage.ValueSet("checking"))
	result, err := a.run(ctx)
	if err != nil {
		return ActivationResult{}, err
	}
	upsert(ctx,
		AttributeOutcome.ValueSet(result.Outcome), AttributeStage.ValueSet(string(StageClosed)),
		AttributeNeedsAttention.ValueSet(result.Outcome != ActivationOK))
	return result, nil
}

// activation is one execution of ActivateConnection.
type activation struct {
	in     activities.ActivationInput
	status ActivationStatus
}

func (a *activation) listen(ctx workflow.Context) error {
	err := workflow.SetQueryHandlerWithOptions(ctx, QueryStatus,
		func() (ActivationStatus, error) { return a.status, nil },
		workflow.QueryHandlerOptions{Description: "How far the activation is, and what to do next."})
	if err != nil {
		return fmt.Errorf("register the query %s: %w", QueryStatus, err)
	}
	return nil
}

func (a *activation) run(ctx workflow.Context) (ActivationResult, error) {
	a.show(ctx, "checking the token", "Nothing: it goes on by itself.", nil)
	check, err := do(withSummary(ctx, checkOptions, "Check the token"), reading.CheckToken, a.in)
	if err != nil {
		return a.failed(ctx, err)
	}
	if !check.Accepted {
		return a.refused(ctx, check.Problem), nil
	}
	a.show(ctx, "fetching venues and wage codes", "Nothing: it goes on by itself.", nil)
	found, err := do(withSummary(ctx, readOptions(readUntilManual), "Fetch venues and wage codes"), reading.FetchCatalogue, a.in)
	if err != nil {
		return a.failed(ctx, err)
	}
	counts := domain.Counts{
		"venues": found.Venues, "wage_codes": found.WageCodes, "connected": found.Connected, "undecided": found.Undecided,
	}
	err = workflow.ExecuteActivity(
		withSummary(ctx, databaseOptions, "Start the first synchronisation"), nights.StartFirstSync, a.in).Get(ctx, nil)
	if err != nil {
		return ActivationResult{}, err
	}
	a.show(ctx, "active", nextAfterActivation(found.Undecided), counts)
	return ActivationResult{Outcome: ActivationOK, Counts: counts}, nil
}

func nextAfterActivation(undecided int) string {
	if undecided == 0 {
		return "Nothing: the first synchronisation is running."
	}
	return fmt.Sprintf("Decide about %d venues: starter mappings list", undecided)
}

func (a *activation) refused(ctx workflow.Context, problem string) ActivationResult {
	outcome, next := ActivationRefused, "Connexie refused the token. Make a new one in Connexie and activate again."
	if problem == activities.ProblemOtherAccount {
		outcome = ActivationOtherAccount
		next = "The token belongs to another Connexie account (C8). Use one of the account that this connection was made with."
	}
	a.show(ctx, outcome, next, nil)
	return ActivationResult{Outcome: outcome, Counts: domain.Counts{}}
}

// failed turns what an operator can expect into an outcome.
func (a *activation) failed(ctx workflow.Context, err error) (ActivationResult, error) {
	switch outcome, _ := outcomeOf(err); outcome {
	case domain.SyncRefused:
		return a.refused(ctx, activities.ProblemTokenRefused), nil
	case domain.SyncUnreachable:
		a.show(ctx, ActivationUnreachable, "Connexie is out of reach; nothing was changed. Activate again later.", nil)
		return ActivationResult{Outcome: ActivationUnreachable, Counts: domain.Counts{}}, nil
	}
	return ActivationResult{}, err
}

// show notes how far the activation is, for the query and for the UI.
func (a *activation) show(ctx workflow.Context, stage, next string, counts domain.Counts) {
	if counts == nil {
		counts = domain.Counts{}
	}
	a.status = ActivationStatus{Stage: stage, Counts: counts, NextStep: next}
	workflow.SetCurrentDetails(ctx,
		fmt.Sprintf("**%s**\n\n%s**What you can do:** %s\n", stage, countsTable(counts), next))
}
