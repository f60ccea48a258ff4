package workflows

import (
	"errors"
	"fmt"

	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
)

// SyncResult is how a synchronisation ended: that of its last pass.
type SyncResult struct {
	Outcome domain.SyncOutcome `json:"outcome"`
	RunID   string             `json:"run_id"`
	Counts  domain.Counts      `json:"counts"`
}

// SyncTeamMembers brings the people and contracts of one connection from Connexie
// to Eitje: it reads, plans and applies (S1 to S20).
//
// The full run has the id sync/<connection_id>, so that there is one at a time
// (S2). A request during a run joins it by the update requestSync or the signal
// joinRequested; where reading has begun, one more pass follows, which all requests
// until it begins to read share. A preview has the id preview/<connection_id>; one
// person alone has the id of either with /<connexie_id> behind it.
//
// The guard (S16) holds a run until the update decideGuard allows or rejects it;
// the next night ends a held run as superseded and plans anew. The query progress
// tells how far it is. A refused token, an outage and a rejection are outcomes; it
// fails only where somebody must look.
func SyncTeamMembers(ctx workflow.Context, in SyncTeamMembersInput) (SyncResult, error) {
	in, err := in.validated(ctx)
	if err != nil {
		return SyncResult{}, err
	}
	s := &syncRun{in: in, logger: workflow.GetLogger(ctx), next: pass{trigger: in.Trigger, night: in.Night, by: in.RequestedBy}}
	if err := s.listen(ctx); err != nil {
		return SyncResult{}, err
	}
	return s.run(ctx)
}

// syncRun is one execution of SyncTeamMembers.
type syncRun struct {
	in     SyncTeamMembersInput
	logger log.Logger

	// number counts the passes; pass is the current one and next the one that
	// requests gather for.
	number int
	pass   pass
	next   pass
	// begun tells that the current pass has begun to read; queued that somebody
	// asked for one more since.
	begun  bool
	queued bool

	progress     SyncProgress
	organisation string
	guard        *guardQuestion
	rejects      []string
	// shown, where it is set, shows how far the run is in place of the run's own details:
	// it is part of something else.
	shown func(workflow.Context, SyncProgress)
}

// pass is why a pass is made.
type pass struct {
	trigger string
	night   domain.Date
	by      string
	// requests counts who asked for it.
	requests int
}

// Stage is how far a workflow is, in the words of the search attribute.
type Stage string

// The stages of a sync.
const (
	StageReading  Stage = "reading"
	StagePlanning Stage = "planning"
	StageHeld     Stage = "held"
	StageApplying Stage = "applying"
	StageClosed   Stage = "closed"
)

func (s *syncRun) run(ctx workflow.Context) (SyncResult, error) {
	s.startAttributes(ctx)
	// Update-with-start and signal-with-start ask for the very pass that they start,
	// not for one more.
	if err := s.letMessagesIn(ctx); err != nil {
		return SyncResult{}, err
	}
	var result SyncResult
	for {
		var failure error
		result, failure = s.runPass(ctx)
		// Whoever asked while this pass was at work gets one more, also where it failed:
		// they were promised a run, and a night would wait for it until its end.
		if err := s.letMessagesIn(ctx); err != nil {
			return SyncResult{}, err
		}
		if failure != nil && (ctx.Err() != nil || !s.queued) {
			failure = s.cancelQueued(ctx, failure)
			s.failedAttributes(ctx, failure)
			return SyncResult{}, failure
		}
		if !s.queued {
			break
		}
		if workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
			return SyncResult{}, workflow.NewContinueAsNewError(ctx, SyncTeamMembers, s.nextInput())
		}
	}
	s.endAttributes(ctx, result)
	return result, nil
}

// cancelQueued closes the runs of passes that a cancelled workflow will not make, so
// that whoever was promised one sees its end; also of one that is asked for meanwhile.
func (s *syncRun) cancelQueued(ctx workflow.Context, failure error) error {
	for s.queued {
		s.beginPass()
		if _, err := s.closeAfter(ctx, s.activityRun(ctx), ctx.Err()); !temporal.IsCanceledError(err) {
			return err
		}
		if err := s.letMessagesIn(ctx); err != nil {
			return err
		}
	}
	return failure
}

// letMessagesIn lets the handlers of every message that has arrived run and finish.
// Draining the channel would not do: the coroutine that sleeps in Receive is handed
// a signal when it arrives and has it, unhandled, until its turn comes. A cancelled
// workflow lets its messages in too.
func (s *syncRun) letMessagesIn(ctx workflow.Context) error {
	ctx, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	everyoneHadATurn := false
	workflow.Go(ctx, func(workflow.Context) { everyoneHadATurn = true })
	return workflow.Await(ctx, func() bool { return everyoneHadATurn && workflow.AllHandlersFinished(ctx) })
}

// nextInput starts the pass that is queued in a history of its own; only many
// requests in a row, each during the reading of the one before, get this far.
func (s *syncRun) nextInput() SyncTeamMembersInput {
	in := s.in
	in.Trigger, in.Night, in.RequestedBy = s.next.trigger, s.next.night, s.next.by
	return in
}

// runPass makes one pass and always closes its run.
func (s *syncRun) runPass(ctx workflow.Context) (SyncResult, error) {
	s.beginPass()
	run := s.activityRun(ctx)
	ending, err := s.work(ctx, run)
	if err != nil {
		ending, err = s.closeAfter(ctx, run, err)
	}
	if err != nil {
		return SyncResult{}, err
	}
	s.setProgress(ctx, SyncProgress{Stage: StageClosed, Counts: ending.Counts, Outcome: ending.Outcome})
	return SyncResult{Outcome: ending.Outcome, RunID: run.ID, Counts: ending.Counts}, nil
}

// beginPass makes the pass that requests gathered for the current one. From here on
// a request asks for another.
func (s *syncRun) beginPass() {
	s.number++
	s.pass, s.next, s.queued, s.begun = s.next, pass{}, false, true
	s.guard = nil
}

// activityRun says which run the activities of the current pass work for.
func (s *syncRun) activityRun(ctx workflow.Context) activities.Run {
	return activities.Run{
		ID: derivedID(ctx, s.number), ConnectionID: s.in.ConnectionID,
		WorkflowID: workflow.GetInfo(ctx).WorkflowExecution.ID, Pass: s.number,
		Trigger: s.pass.trigger, Mode: activities.Mode(s.in.Mode), OnlyConnexieID: s.in.OnlyConnexieID,
		Night: s.pass.night, RequestedBy: s.pass.by,
	}
}

// work reads, plans, waits for the guard and applies.
func (s *syncRun) work(ctx workflow.Context, run activities.Run) (activities.Ending, error) {
	read, err := s.read(ctx, run)
	if err != nil {
		return activities.Ending{}, err
	}
	in := activities.PlanInput{Run: run, Day: read.Day, Unreadable: read.Position.Unreadable}
	for {
		plan, err := s.plan(ctx, in)
		if err != nil {
			return activities.Ending{}, err
		}
		switch {
		case plan.Closed != nil:
			return *plan.Closed, nil
		case !plan.Held:
			return s.apply(ctx, in, plan.Total)
		}
		decision, err := s.hold(ctx, plan)
		if err != nil {
			return activities.Ending{}, err
		}
		if decision != "" {
			return s.close(ctx, run, decision, "")
		}
		// Allowed: what was planned may be hours old, so plan anew, within what was
		// allowed (S16).
		in.Allowed = &plan.Guarded
	}
}

func (s *syncRun) read(ctx workflow.Context, run activities.Run) (activities.ReadPeopleResult, error) {
	until := readUntilManual
	if s.pass.trigger == triggerNightly {
		until = readUntilNightly
	}
	in := activities.ReadPeopleInput{Run: run}
	for {
		s.setProgress(ctx, SyncProgress{Stage: StageReading, Done: in.Position.People})
		summary := "Read people from Connexie"
		if in.Position.Page > 0 {
			summary = fmt.Sprintf("Read people from Connexie, from page %d", in.Position.Page+1)
		}
		slice, err := do(withSummary(ctx, readOptions(until), summary), reading.ReadPeople, in)
		if err != nil {
			return slice, err
		}
		s.organisation = slice.OrganisationID
		if slice.Done {
			return slice, nil
		}
		in.Position = slice.Position
	}
}

func (s *syncRun) plan(ctx workflow.Context, in activities.PlanInput) (activities.PlanResult, error) {
	s.setProgress(ctx, SyncProgress{Stage: StagePlanning})
	return do(withSummary(ctx, sliceOptions, "Compare with Eitje and plan"), syncing.PlanSync, in)
}

func (s *syncRun) apply(ctx workflow.Context, planned activities.PlanInput, total int) (activities.Ending, error) {
	in := activities.ApplyInput{Run: planned.Run, Day: planned.Day, Total: total, Unreadable: planned.Unreadable}
	done := 0
	for {
		s.setProgress(ctx, SyncProgress{Stage: StageApplying, Done: done, Total: total})
		summary := fmt.Sprintf("Apply the plans of %d people", total-done)
		slice, err := do(withSummary(ctx, sliceOptions, summary), syncing.ApplySync, in)
		if err != nil {
			return activities.Ending{}, err
		}
		if slice.Closed != nil {
			return *slice.Closed, nil
		}
		done = slice.Done
	}
}

// closeAfter closes the run that an error ended. What an operator can expect
// becomes an outcome; anything else fails the workflow once the run is closed. It
// works on a context of its own, so that a cancelled run is closed too.
func (s *syncRun) closeAfter(ctx workflow.Context, run activities.Run, cause error) (activities.Ending, error) {
	outcome, problem := outcomeOf(cause)
	disconnected, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	ending, err := s.close(disconnected, run, outcome, problem)
	if err != nil {
		s.logger.Error("the run could not be closed", "run_id", run.ID, "error", err)
	}
	switch outcome {
	case domain.SyncRefused, domain.SyncUnreachable:
		return ending, err
	}
	return activities.Ending{}, cause
}

func (s *syncRun) close(
	ctx workflow.Context, run activities.Run, outcome domain.SyncOutcome, problem string,
) (activities.Ending, error) {
	in := activities.CloseInput{Run: run, Outcome: outcome, Problem: problem}
	return do(withSummary(ctx, databaseOptions, "Close the run as "+string(outcome)), syncing.CloseSync, in)
}

// outcomeOf reads an error by its type alone.
func outcomeOf(err error) (domain.SyncOutcome, string) {
	if temporal.IsCanceledError(err) {
		return domain.SyncCancelled, ""
	}
	var (
		failure *temporal.ApplicationError
		timeout *temporal.TimeoutError
	)
	switch {
	case errors.As(err, &failure):
		switch failure.Type() {
		case activities.ErrorTokenRefused:
			return domain.SyncRefused, failure.Type()
		case activities.ErrorUnavailable, activities.ErrorRateLimited:
			return domain.SyncUnreachable, failure.Type()
		}
		return domain.SyncFailed, failure.Type()
	case errors.As(err, &timeout):
		return domain.SyncFailed, "Timeout"
	}
	return domain.SyncFailed, ""
}

// startAttributes makes the run findable. One upsert at the start and one at the
// end: each costs an event.
func (s *syncRun) startAttributes(ctx workflow.Context) {
	upsert(ctx,
		AttributeConnection.ValueSet(s.in.ConnectionID),
		AttributeTrigger.ValueSet(s.in.Trigger),
		AttributeStage.ValueSet(string(StageReading)))
}

func (s *syncRun) endAttributes(ctx workflow.Context, result SyncResult) {
	attributes := []temporal.SearchAttributeUpdate{
		AttributeOutcome.ValueSet(string(result.Outcome)),
		AttributeStage.ValueSet(string(StageClosed)),
		AttributeNeedsAttention.ValueSet(needsAttention(result.Outcome)),
	}
	if s.organisation != "" {
		attributes = append(attributes, AttributeOrganisation.ValueSet(s.organisation))
	}
	upsert(ctx, attributes...)
}

// failedAttributes makes a run that failed, or was cancelled, findable as others are.
func (s *syncRun) failedAttributes(ctx workflow.Context, failure error) {
	if !changed(ctx, changeFailedAttributes) {
		return
	}
	outcome, _ := outcomeOf(failure)
	s.endAttributes(ctx, SyncResult{Outcome: outcome})
}

func needsAttention(outcome domain.SyncOutcome) bool {
	switch outcome {
	case domain.SyncProblems, domain.SyncRefused, domain.SyncUnreachable, domain.SyncRejected, domain.SyncFailed:
		return true
	}
	return false
}

// upsert sets search attributes. The engine refuses only what is malformed, which a
// test would have shown.
func upsert(ctx workflow.Context, attributes ...temporal.SearchAttributeUpdate) {
	if err := workflow.UpsertTypedSearchAttributes(ctx, attributes...); err != nil {
		workflow.GetLogger(ctx).Error("search attributes could not be set", "error", err)
	}
}
