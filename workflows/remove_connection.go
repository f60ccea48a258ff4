package workflows

import (
	"fmt"

	"go.temporal.io/sdk/workflow"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
)

// RemoveConnectionInput is what a removal is started with.
type RemoveConnectionInput struct {
	ConnectionID string `json:"connection_id"`
	// RequestedBy is an id of a person or program; "ui" where it is left out.
	RequestedBy string `json:"requested_by,omitempty"`

	unknown unknown
}

// UnmarshalJSON collects what the input does not know for the validation.
func (in *RemoveConnectionInput) UnmarshalJSON(data []byte) error {
	in.unknown.decode(data, in)
	return nil
}

func (in RemoveConnectionInput) validated(ctx workflow.Context) (RemoveConnectionInput, error) {
	in.RequestedBy = orDefault(in.RequestedBy, defaultRequester)
	c := checks{in.unknown}
	c.id("connection_id", in.ConnectionID)
	c.optionalID("requested_by", in.RequestedBy)
	if len(c.problems) == 0 {
		c.impliedID(workflow.GetInfo(ctx).WorkflowExecution.ID, RemoveID(in.ConnectionID))
	}
	return in, c.err(activateExample)
}

// RemovalRemoved is the outcome of a removal.
const RemovalRemoved = "removed"

// RemovalResult is how a removal ended.
type RemovalResult struct {
	Outcome string `json:"outcome"`
	// Counts has ended, the runs and exports that were under way, endings, those of
	// employments that were withdrawn, left out where there were none, and unsettled, 1
	// where something of them could not be ended or withdrawn in time.
	Counts domain.Counts `json:"counts"`
}

// RemovalStatus is the answer to the query status.
type RemovalStatus struct {
	Stage    string        `json:"stage"`
	Counts   domain.Counts `json:"counts"`
	NextStep string        `json:"next_step"`
}

// RemoveConnection takes a connection out of everything (C9): it is marked as removed
// first, so that nothing begins any more; then what is under way is ended, endings of
// employments too, and drafts of hours are withdrawn, which takes the token; then the
// token is deleted (N3). Links, exported markers and history stay, and activating again
// revives it with them.
//
// Its id is remove/<connection_id>. The query status tells how far it is. Where Connexie
// is out of reach the token is deleted all the same, and what was left there is counted.
func RemoveConnection(ctx workflow.Context, in RemoveConnectionInput) (RemovalResult, error) {
	in, err := in.validated(ctx)
	if err != nil {
		return RemovalResult{}, err
	}
	r := &removal{in: activities.RemovalInput{ConnectionID: in.ConnectionID, RequestedBy: in.RequestedBy}, counts: domain.Counts{}}
	if err := r.listen(ctx); err != nil {
		return RemovalResult{}, err
	}
	upsert(ctx, AttributeConnection.ValueSet(in.ConnectionID), AttributeStage.ValueSet("removing"))
	if err := r.run(ctx); err != nil {
		return RemovalResult{}, err
	}
	upsert(ctx, AttributeOutcome.ValueSet(RemovalRemoved), AttributeStage.ValueSet(string(StageClosed)),
		AttributeNeedsAttention.ValueSet(r.counts["unsettled"] > 0))
	return RemovalResult{Outcome: RemovalRemoved, Counts: r.counts}, nil
}

// removal is one execution of RemoveConnection.
type removal struct {
	in     activities.RemovalInput
	counts domain.Counts
	status RemovalStatus
}

func (r *removal) listen(ctx workflow.Context) error {
	err := workflow.SetQueryHandlerWithOptions(ctx, QueryStatus,
		func() (RemovalStatus, error) { return r.status, nil },
		workflow.QueryHandlerOptions{Description: "How far the removal is."})
	if err != nil {
		return fmt.Errorf("register the query %s: %w", QueryStatus, err)
	}
	return nil
}

func (r *removal) run(ctx workflow.Context) error {
	r.show(ctx, "leaving it out of everything", goesOn)
	marked, err := do(withSummary(ctx, databaseOptions, "Mark the connection as removed"), removing.MarkRemoved, r.in)
	if err != nil {
		return err
	}
	upsert(ctx, AttributeOrganisation.ValueSet(marked.OrganisationID))
	if err := r.settle(ctx); err != nil {
		return err
	}
	r.show(ctx, "deleting its token", goesOn)
	if _, err := do(withSummary(ctx, databaseOptions, "Delete the token"), removing.DropTokens, r.in); err != nil {
		return err
	}
	r.show(ctx, RemovalRemoved, "Nothing. To revive it with its links: starter activate.")
	return nil
}

// settle ends what is under way. What cannot be ended or withdrawn in time is counted and
// holds nothing up: a token that stays behind would be worse.
func (r *removal) settle(ctx workflow.Context) error {
	r.show(ctx, "ending what is under way", goesOn)
	id := r.in.ConnectionID
	ended, err := do(withSummary(ctx, endOptions, "End what is under way"), removing.EndWork, activities.EndWorkInput{
		ConnectionID: id, WorkflowIDs: []string{ActivateID(id), SyncID(id), PreviewID(id), ExportID(id), ExportPreviewID(id)},
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	r.counts["ended"] = ended.Ended
	if ended.Endings > 0 {
		r.counts["endings"] = ended.Endings
	}
	if err == nil {
		r.show(ctx, "withdrawing drafts of hours", goesOn)
		_, err = do(withSummary(ctx, withdrawOptions, "Withdraw drafts of hours"), sending.WithdrawStrays, r.in)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		r.counts["unsettled"] = 1
		workflow.GetLogger(ctx).Warn("not all that was under way could be settled", "connection_id", id, "error", err)
	}
	return nil
}

// show notes how far the removal is, for the query and for the UI.
func (r *removal) show(ctx workflow.Context, stage, next string) {
	counts := copied(r.counts)
	r.status = RemovalStatus{Stage: stage, Counts: counts, NextStep: next}
	workflow.SetCurrentDetails(ctx, fmt.Sprintf(
		"**%s**\n\n%sLinks, exported markers and history stay.\n\n**What you can do:** %s\n", stage, wordsTable("number", counts), next))
}
