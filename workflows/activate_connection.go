package workflows

import (
	"fmt"
	"strings"

	"go.temporal.io/sdk/workflow"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
)

// ActivateConnectionInput is what an activation is started with.
type ActivateConnectionInput struct {
	ConnectionID string `json:"connection_id"`
	// RequestedBy is an id of a person or program; "ui" where it is left out.
	RequestedBy string `json:"requested_by,omitempty"`
	// PreviewFirst previews the first synchronisation instead of starting it, and leaves
	// the connection paused until somebody resumes it (C2).
	PreviewFirst bool `json:"preview_first,omitempty"`

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
	// Counts has venues, wage_codes, connected and undecided and, of a preview, those of
	// a run: new and matched people, disputed ones, and skipped ones by reason.
	Counts domain.Counts `json:"counts"`
	// RunID is that of the preview, whose items tell of everyone; empty without one.
	RunID string `json:"run_id,omitempty"`
}

// ActivationStatus is the answer to the query status.
type ActivationStatus struct {
	Stage    string        `json:"stage"`
	Counts   domain.Counts `json:"counts"`
	NextStep string        `json:"next_step"`
	// RunID is that of the preview; empty without one.
	RunID string `json:"run_id,omitempty"`
}

// ActivateConnection makes a connection with a token alone (C1): the token is
// checked against Connexie before anything else, then venues and wage codes are
// fetched, venues of equal name are connected, and the first synchronisation starts
// at once (C2). The token itself never passes through the workflow (N3): it lies
// encrypted in the store.
//
// Whoever wants to look before anything is written asks for a preview first: the
// connection then waits, paused from the moment that its token is taken, and what the
// first synchronisation would do is counted. Resuming it starts that synchronisation,
// which need not read again what the preview has read.
//
// Its id is activate/<connection_id>; activating again with a new token of the same
// account resumes everything (C8). The query status tells how far it is. A refused
// token, another account and an outage are outcomes.
func ActivateConnection(ctx workflow.Context, in ActivateConnectionInput) (ActivationResult, error) {
	in, err := in.validated(ctx)
	if err != nil {
		return ActivationResult{}, err
	}
	a := &activation{in: activities.ActivationInput{
		ConnectionID: in.ConnectionID, RequestedBy: in.RequestedBy, PreviewFirst: in.PreviewFirst,
	}}
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
	// step counts the steps that have begun; counts and preview grow with them.
	step    int
	stopped bool
	counts  domain.Counts
	preview string
}

// steps are what an activation does in turn, for people to see how far it is.
func (a *activation) steps() []string {
	last := "start the first synchronisation"
	if a.in.PreviewFirst {
		last = "preview the first synchronisation"
	}
	return []string{"check the token", "fetch venues and wage codes, and connect those of equal name", last}
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
	a.begin(ctx, "checking the token")
	check, err := do(withSummary(ctx, checkOptions, "Check the token"), reading.CheckToken, a.in)
	if err != nil {
		return a.failed(ctx, err)
	}
	if !check.Accepted {
		return a.refused(ctx, check.Problem), nil
	}
	a.begin(ctx, "fetching venues and wage codes")
	found, err := do(withSummary(ctx, readOptions(readUntilManual), "Fetch venues and wage codes"), reading.FetchCatalogue, a.in)
	if err != nil {
		return a.failed(ctx, err)
	}
	a.counts = domain.Counts{
		"venues": found.Venues, "wage_codes": found.WageCodes, "connected": found.Connected, "undecided": found.Undecided,
	}
	if a.in.PreviewFirst {
		return a.look(ctx)
	}
	a.begin(ctx, "starting the first synchronisation")
	err = workflow.ExecuteActivity(
		withSummary(ctx, databaseOptions, "Start the first synchronisation"), nights.StartFirstSync, a.in).Get(ctx, nil)
	if err != nil {
		return ActivationResult{}, err
	}
	return a.done(ctx, "active", nextAfterActivation(found.Undecided)), nil
}

func nextAfterActivation(undecided int) string {
	if undecided == 0 {
		return "Nothing: the first synchronisation is running."
	}
	return fmt.Sprintf("Decide about %d venues: starter mappings list", undecided)
}

// look previews the first synchronisation, as one pass of a preview does (S19). What it
// reads is kept in the mirror, with the list's ETag.
func (a *activation) look(ctx workflow.Context) (ActivationResult, error) {
	a.begin(ctx, "previewing the first synchronisation")
	preview := &syncRun{
		in:     SyncTeamMembersInput{ConnectionID: a.in.ConnectionID, Mode: string(activities.ModePreview)},
		logger: workflow.GetLogger(ctx),
		next:   pass{trigger: triggerActivation, by: a.in.RequestedBy},
		shown:  func(ctx workflow.Context, progress SyncProgress) { a.showPreview(ctx, progress) },
	}
	result, err := preview.runPass(ctx)
	if err != nil {
		return ActivationResult{}, err
	}
	switch result.Outcome {
	case domain.SyncRefused:
		return a.refused(ctx, activities.ProblemTokenRefused), nil
	case domain.SyncUnreachable:
		return a.unreachable(ctx), nil
	}
	a.preview = result.RunID
	for _, word := range workflow.DeterministicKeys(result.Counts) {
		a.counts[word] = result.Counts[word]
	}
	return a.done(ctx, "previewed", a.nextAfterPreview()), nil
}

// showPreview passes on how far the preview is, in the words of its stages.
func (a *activation) showPreview(ctx workflow.Context, progress SyncProgress) {
	if progress.Stage != StageClosed {
		a.show(ctx, "previewing the first synchronisation: "+string(progress.Stage), goesOn)
	}
}

func (a *activation) nextAfterPreview() string {
	next := fmt.Sprintf("Look at everyone with: starter sync items --run %s. Nothing has been written, and the connection "+
		"is paused; start the first synchronisation with: starter connections resume --connection %s",
		a.preview, a.in.ConnectionID)
	if undecided := a.counts["undecided"]; undecided > 0 {
		next = fmt.Sprintf("Decide about %d venues: starter mappings list --connection %s. ", undecided, a.in.ConnectionID) + next
	}
	return next
}

// done is an activation that went well.
func (a *activation) done(ctx workflow.Context, stage, next string) ActivationResult {
	a.step++
	a.show(ctx, stage, next)
	return ActivationResult{Outcome: ActivationOK, Counts: a.counts, RunID: a.preview}
}

func (a *activation) refused(ctx workflow.Context, problem string) ActivationResult {
	outcome, next := ActivationRefused, "Connexie refused the token. Make a new one in Connexie and activate again."
	if problem == activities.ProblemOtherAccount {
		outcome = ActivationOtherAccount
		next = "The token belongs to another Connexie account (C8). Use one of the account that this connection was made with."
	}
	return a.ended(ctx, outcome, next)
}

func (a *activation) unreachable(ctx workflow.Context) ActivationResult {
	return a.ended(ctx, ActivationUnreachable, "Connexie is out of reach; nothing was changed. Activate again later.")
}

// ended is an activation that did not come to its end.
func (a *activation) ended(ctx workflow.Context, outcome, next string) ActivationResult {
	a.counts, a.stopped = nil, true
	a.show(ctx, outcome, next)
	return ActivationResult{Outcome: outcome, Counts: domain.Counts{}}
}

// failed turns what an operator can expect into an outcome.
func (a *activation) failed(ctx workflow.Context, err error) (ActivationResult, error) {
	switch outcome, _ := outcomeOf(err); outcome {
	case domain.SyncRefused:
		return a.refused(ctx, activities.ProblemTokenRefused), nil
	case domain.SyncUnreachable:
		return a.unreachable(ctx), nil
	}
	return ActivationResult{}, err
}

// begin shows the next step.
func (a *activation) begin(ctx workflow.Context, stage string) {
	a.step++
	a.show(ctx, stage, goesOn)
}

const goesOn = "Nothing: it goes on by itself."

// show notes how far the activation is, for the query and for the UI.
func (a *activation) show(ctx workflow.Context, stage, next string) {
	counts := copied(a.counts)
	a.status = ActivationStatus{Stage: stage, Counts: counts, NextStep: next, RunID: a.preview}
	workflow.SetCurrentDetails(ctx, fmt.Sprintf("**%s**\n\n%s\n%s**What you can do:** %s\n",
		stage, stepList(a.steps(), a.step, a.stopped), wordsTable("number", counts), next))
}

// stepList shows which steps are done and which one is at work.
func stepList(steps []string, begun int, stopped bool) string {
	var text strings.Builder
	for i, step := range steps {
		mark := "to do"
		switch {
		case i+1 < begun:
			mark = "done"
		case i+1 == begun && stopped:
			mark = "**stopped here**"
		case i+1 == begun:
			mark = "**at work**"
		}
		fmt.Fprintf(&text, "%d. %s: %s\n", i+1, step, mark)
	}
	return text.String()
}
