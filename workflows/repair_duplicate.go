package workflows

import (
	"context"
	"fmt"

	"go.temporal.io/sdk/workflow"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
)

// RepairDuplicateInput is what the repair of a duplicate is started with.
type RepairDuplicateInput struct {
	ConnectionID string `json:"connection_id"`
	// KeepID is the profile that stays, DropID the duplicate.
	KeepID string `json:"keep_id"`
	DropID string `json:"drop_id"`
	// Mode is apply (the default), preview or undo.
	Mode string `json:"mode,omitempty"`
	// RequestedBy is an id of a person or program; "ui" where it is left out.
	RequestedBy string `json:"requested_by,omitempty"`

	unknown unknown
}

const repairExample = `{"connection_id":"0190a1b2-0000-7000-8000-000000000001","keep_id":"0190a1b2-0000-7000-8000-000000000005",` +
	`"drop_id":"0190a1b2-0000-7000-8000-000000000006","mode":"preview"}`

// The modes of a repair.
const (
	RepairApply   = string(activities.ModeApply)
	RepairPreview = string(activities.ModePreview)
	RepairUndo    = "undo"
)

// UnmarshalJSON collects what the input does not know for the validation.
func (in *RepairDuplicateInput) UnmarshalJSON(data []byte) error {
	in.unknown.decode(data, in)
	return nil
}

// validated fills in the defaults and answers with everything that is wrong.
func (in RepairDuplicateInput) validated(ctx workflow.Context) (RepairDuplicateInput, error) {
	in.Mode = orDefault(in.Mode, RepairApply)
	in.RequestedBy = orDefault(in.RequestedBy, defaultRequester)
	c := checks{in.unknown}
	c.id("connection_id", in.ConnectionID)
	c.id("keep_id", in.KeepID)
	c.id("drop_id", in.DropID)
	c.optionalID("requested_by", in.RequestedBy)
	c.require(in.Mode == RepairApply || in.Mode == RepairPreview || in.Mode == RepairUndo,
		`member "mode" must be apply, preview or undo`)
	if len(c.problems) == 0 {
		c.impliedID(workflow.GetInfo(ctx).WorkflowExecution.ID, RepairID(in.KeepID))
	}
	return in, c.err(repairExample)
}

// RepairResult is how a repair, its preview or its undo ended.
type RepairResult struct {
	// Outcome is repaired, undone, previewed, nothing (it was so already) or refused.
	Outcome domain.RepairOutcome `json:"outcome"`
	// Reason says why it was refused.
	Reason domain.RepairRefusal `json:"reason,omitempty"`
	// RepairID is the repair that was made, found or undone.
	RepairID string `json:"repair_id,omitempty"`
	// Counts says how much moves: entries, contracts, venues and so on.
	Counts domain.Counts `json:"counts"`
}

// RepairStanding is the answer to the query preview.
type RepairStanding struct {
	Stage    string               `json:"stage"`
	Mode     string               `json:"mode"`
	Outcome  domain.RepairOutcome `json:"outcome,omitempty"`
	Reason   domain.RepairRefusal `json:"reason,omitempty"`
	RepairID string               `json:"repair_id,omitempty"`
	Counts   domain.Counts        `json:"counts"`
	NextStep string               `json:"next_step"`
}

// RepairDuplicate makes two profiles of one person one (S22): link, hours and history of
// the duplicate move to the profile that is kept, and the empty one is archived, all in
// one transaction. In mode preview it tells what would move and changes nothing; in mode
// undo it moves back what was moved, and nothing newer.
//
// Its id is repair/<keep_id>, so that two repairs into one profile come one after the
// other; others that touch one of the profiles wait for each other in the database. The
// query preview tells what would move, or has moved. A refusal is an outcome: nothing was
// changed, and reason says why. Doing it again ends with nothing.
func RepairDuplicate(ctx workflow.Context, in RepairDuplicateInput) (RepairResult, error) {
	in, err := in.validated(ctx)
	if err != nil {
		return RepairResult{}, err
	}
	r := &repairing{in: in}
	if err := r.listen(ctx); err != nil {
		return RepairResult{}, err
	}
	return r.run(ctx)
}

// repairing is one execution of RepairDuplicate.
type repairing struct {
	in       RepairDuplicateInput
	standing RepairStanding
}

func (r *repairing) listen(ctx workflow.Context) error {
	r.standing = RepairStanding{Stage: "working", Mode: r.in.Mode, Counts: domain.Counts{}, NextStep: "Nothing: it goes on by itself."}
	err := workflow.SetQueryHandlerWithOptions(ctx, QueryPreview,
		func() (RepairStanding, error) { return r.standing, nil },
		workflow.QueryHandlerOptions{Description: "What the repair would move, or has moved, and what to do next."})
	if err != nil {
		return fmt.Errorf("register the query %s: %w", QueryPreview, err)
	}
	return nil
}

func (r *repairing) run(ctx workflow.Context) (RepairResult, error) {
	upsert(ctx, AttributeConnection.ValueSet(r.in.ConnectionID), AttributeStage.ValueSet(r.standing.Stage))
	r.show(ctx)
	work, summary := r.work()
	done, err := do(withSummary(ctx, repairOptions, summary), work, activities.RepairInput{
		RepairID: derivedID(ctx, 1), ConnectionID: r.in.ConnectionID, KeepID: r.in.KeepID, DropID: r.in.DropID,
		RequestedBy: r.in.RequestedBy,
	})
	if err != nil {
		upsert(ctx, AttributeStage.ValueSet(string(StageClosed)), AttributeNeedsAttention.ValueSet(true))
		return RepairResult{}, err
	}
	r.standing = RepairStanding{
		Stage: string(StageClosed), Mode: r.in.Mode, Outcome: done.Outcome, Reason: done.Reason, RepairID: done.RepairID,
		Counts: done.Counts, NextStep: r.nextStep(done),
	}
	r.show(ctx)
	upsert(ctx,
		AttributeOutcome.ValueSet(string(done.Outcome)), AttributeStage.ValueSet(r.standing.Stage),
		AttributeNeedsAttention.ValueSet(done.Outcome == domain.RepairRefused))
	return RepairResult{Outcome: done.Outcome, Reason: done.Reason, RepairID: done.RepairID, Counts: done.Counts}, nil
}

func (r *repairing) work() (func(context.Context, activities.RepairInput) (activities.RepairResult, error), string) {
	switch r.in.Mode {
	case RepairPreview:
		return repairer.PreviewRepair, "See what a repair would move"
	case RepairUndo:
		return repairer.UndoRepair, "Move back what the repair moved"
	}
	return repairer.ApplyRepair, "Make the two profiles one"
}

func (r *repairing) nextStep(done activities.RepairResult) string {
	pair := fmt.Sprintf("--keep %s --drop %s", r.in.KeepID, r.in.DropID)
	switch done.Outcome {
	case domain.RepairRefused:
		return "Nothing was changed: " + done.Reason.Explain()
	case domain.RepairPreviewed:
		return "If they are one person: starter duplicates repair " + pair
	case domain.RepairDone:
		return "Nothing. To take it back: starter duplicates undo " + pair
	}
	return "Nothing."
}

// show tells in the UI how far the repair is.
func (r *repairing) show(ctx workflow.Context) {
	workflow.SetCurrentDetails(ctx, fmt.Sprintf("**%s: %s**\n\n%s**What you can do:** %s\n",
		r.in.Mode, orDefault(string(r.standing.Outcome), r.standing.Stage),
		wordsTable("moved", r.standing.Counts), r.standing.NextStep))
}
