package workflows

import (
	"fmt"
	"maps"
	"strings"

	"go.temporal.io/sdk/workflow"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
)

// HousekeepingInput is what a housekeeping is started with: the empty object. How long
// things are kept is in the worker's configuration.
type HousekeepingInput struct {
	unknown unknown
}

// UnmarshalJSON collects what the input does not know for the validation.
func (in *HousekeepingInput) UnmarshalJSON(data []byte) error {
	in.unknown.decode(data, in)
	return nil
}

func (in HousekeepingInput) validated(ctx workflow.Context) error {
	c := checks{in.unknown}
	id := workflow.GetInfo(ctx).WorkflowExecution.ID
	c.require(id == HousekeepingID || strings.HasPrefix(id, HousekeepingID+"-"),
		"a housekeeping belongs under the workflow id %s, or one that begins with %s-", HousekeepingID, HousekeepingID)
	return c.err(`{}`)
}

// HousekeepingResult is what a housekeeping removed.
type HousekeepingResult struct {
	Outcome        domain.HousekeepingOutcome `json:"outcome"`
	HousekeepingID string                     `json:"housekeeping_id"`
	// Counts has a number for each kind of what went, exports_closed, drafts_settled, and
	// for what was left undone failed and drafts_unsettled.
	Counts domain.Counts `json:"counts"`
}

// HousekeepingProgress is the answer to the query progress.
type HousekeepingProgress struct {
	Stage    string        `json:"stage"`
	Counts   domain.Counts `json:"counts"`
	NextStep string        `json:"next_step"`
}

// Housekeeping removes what the configured terms have run out for (N5): the mirror of
// people who are long gone, staging, images of the audit, closed notifications, and the ids
// of erased people that no export needs any more. It also closes exports that were
// terminated, and discards the drafts that they left in Connexie.
//
// The schedule housekeeping starts it at 04:00 Europe/Amsterdam; its id begins with
// housekeeping. The query progress tells how far it is.
func Housekeeping(ctx workflow.Context, in HousekeepingInput) (HousekeepingResult, error) {
	if err := in.validated(ctx); err != nil {
		return HousekeepingResult{}, err
	}
	h := &housekeeping{
		in:     activities.Housekeeping{ID: derivedID(ctx, 1), WorkflowID: workflow.GetInfo(ctx).WorkflowExecution.ID},
		counts: domain.Counts{},
	}
	if err := h.listen(ctx); err != nil {
		return HousekeepingResult{}, err
	}
	return h.run(ctx)
}

// housekeeping is one execution of Housekeeping.
type housekeeping struct {
	in       activities.Housekeeping
	counts   domain.Counts
	progress HousekeepingProgress
}

func (h *housekeeping) listen(ctx workflow.Context) error {
	err := workflow.SetQueryHandlerWithOptions(ctx, QueryProgress,
		func() (HousekeepingProgress, error) { return h.progress, nil },
		workflow.QueryHandlerOptions{Description: "How far the housekeeping is."})
	if err != nil {
		return fmt.Errorf("register the query %s: %w", QueryProgress, err)
	}
	return nil
}

func (h *housekeeping) run(ctx workflow.Context) (HousekeepingResult, error) {
	upsert(ctx, AttributeStage.ValueSet("pruning"))
	for _, step := range []func(workflow.Context) error{h.prune, h.settle} {
		if err := step(ctx); err != nil {
			upsert(ctx, AttributeStage.ValueSet(string(StageClosed)), AttributeNeedsAttention.ValueSet(true))
			return HousekeepingResult{}, err
		}
	}
	return h.close(ctx)
}

// prune removes slice by slice.
func (h *housekeeping) prune(ctx workflow.Context) error {
	in := activities.PruneInput{Housekeeping: h.in}
	for slice := 1; ; slice++ {
		h.show(ctx, "removing what the terms have run out for")
		found, err := do(withSummary(ctx, keepOptions, fmt.Sprintf("Prune, slice %d", slice)), keeping.PruneStored, in)
		if err != nil {
			return err
		}
		in.Position = found.Position
		if found.Position.Counts != nil {
			h.counts = maps.Clone(found.Position.Counts)
		}
		if found.Done {
			return nil
		}
	}
}

// settle closes what was terminated and discards the drafts that it left.
func (h *housekeeping) settle(ctx workflow.Context) error {
	h.show(ctx, "settling what exports left behind")
	left, err := do(withSummary(ctx, keepOptions, "Close exports that were terminated"), keeping.CloseLeftExports, h.in)
	if err != nil {
		return err
	}
	h.count("exports_closed", left.Closed)
	if len(left.ConnectionIDs) == 0 {
		return nil
	}
	summary := fmt.Sprintf("Settle the drafts of %d connections", len(left.ConnectionIDs))
	settled, err := do(withSummary(ctx, settleOptions, summary), sending.SettleStrayDrafts,
		activities.StrayDraftsInput{ConnectionIDs: left.ConnectionIDs})
	if err != nil {
		return err
	}
	h.count("drafts_settled", settled.Settled)
	h.count("drafts_unsettled", settled.Unsettled)
	return nil
}

// count adds what there is something of.
func (h *housekeeping) count(word string, number int) {
	if number > 0 {
		h.counts[word] += number
	}
}

func (h *housekeeping) close(ctx workflow.Context) (HousekeepingResult, error) {
	ended, err := do(withSummary(ctx, databaseOptions, "Note what was done"), keeping.CloseHousekeeping,
		activities.CloseHousekeepingInput{Housekeeping: h.in, Counts: h.counts})
	if err != nil {
		return HousekeepingResult{}, err
	}
	upsert(ctx,
		AttributeOutcome.ValueSet(string(ended.Outcome)), AttributeStage.ValueSet(string(StageClosed)),
		AttributeNeedsAttention.ValueSet(ended.Outcome == domain.HousekeepingProblems))
	h.show(ctx, string(StageClosed))
	return HousekeepingResult{Outcome: ended.Outcome, HousekeepingID: h.in.ID, Counts: h.counts}, nil
}

// show notes how far it is, for the query and for the UI.
func (h *housekeeping) show(ctx workflow.Context, stage string) {
	h.progress = HousekeepingProgress{
		Stage: stage, Counts: h.counts, NextStep: "See what was removed with: starter housekeeping show",
	}
	workflow.SetCurrentDetails(ctx, fmt.Sprintf("**%s**\n\n%s**What you can do:** %s\n",
		stage, countsTable(h.counts), h.progress.NextStep))
}
