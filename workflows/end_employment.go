package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
)

// EndingResult is how the end of an employment ended.
type EndingResult struct {
	Outcome  domain.EndingOutcome `json:"outcome"`
	EndingID string               `json:"ending_id"`
	EndDate  domain.Date          `json:"end_date"`
	// Reason is the code of why it was refused or withdrawn.
	Reason domain.EndingReason `json:"reason,omitempty"`
	// Problem says in sentences why it was refused.
	Problem string `json:"problem,omitempty"`
	// Counts is what is left of the person (E6): future_shifts, unapproved and unexported.
	Counts domain.Counts `json:"counts"`
}

// EndEmployment ends somebody's employment, in two steps that may lie months apart: first
// in Connexie, then in Eitje (E1 to E6).
//
// It has the id end-employment/<team_member_id>, so that a team member has one at a time.
// Step one is done through Connexie's API where the token may, otherwise by a person, who
// is reminded at growing distances (E2); it is seen at the next sync (signal
// connexieChanged) or at once (update checkConnexie). A last day in the future is waited
// for (E3). Step two is done on confirmation (update confirmEndInEitje), or by itself
// where the connection says so (E4), and refused while Connexie shows the employment as
// active (E1). Then it waits for one more sync, reports what remains and ends (E6).
//
// The update changeEndDate changes the last day and withdraw ends it before its time; the
// signals confirmEndInEitje and withdraw are for callers that do not wait. The query
// status tells where it stands. Refusals are outcomes; it fails only where somebody must
// look. Its history stays short: a year of reminders is some 300 events, and it goes on in
// a new one where the engine suggests so.
func EndEmployment(ctx workflow.Context, in EndEmploymentInput) (EndingResult, error) {
	in, err := in.validated(ctx)
	if err != nil {
		return EndingResult{}, err
	}
	e := newEnding(ctx, in)
	// Messages that come with the start wait until the ending has been opened.
	if err := e.busy.Lock(ctx); err != nil {
		return EndingResult{}, err
	}
	if err := e.listen(ctx); err != nil {
		return EndingResult{}, err
	}
	return e.execute(ctx)
}

// ending is one execution of EndEmployment.
type ending struct {
	in     EndEmploymentInput
	logger log.Logger
	// state is all that is carried from one history to the next.
	state EndingState
	// busy is held by whoever changes the state, the main line or a message.
	busy workflow.Mutex
	// changes counts what messages have changed, and waiting those that are not done.
	changes, waiting int
	// poked tells that Connexie's side may have changed (connexieChanged).
	poked bool
	// tried tells that step two was tried by itself since the ending waits for it (E4).
	tried bool
	// shown is what the search attributes say.
	shown struct {
		stage  domain.EndingStage
		nextAt time.Time
	}
}

// EndingState is what an ending hands to its next history.
type EndingState struct {
	Run      activities.EndingRun      `json:"run"`
	Standing activities.EndingStanding `json:"standing"`
	// Problem is why the last attempt to ask Connexie failed, in a sentence.
	Problem string `json:"problem,omitempty"`
	// Rejects are messages that were refused and whose senders did not hear of it.
	Rejects []string `json:"rejects,omitempty"`
}

func newEnding(ctx workflow.Context, in EndEmploymentInput) *ending {
	e := &ending{in: in, logger: workflow.GetLogger(ctx), busy: workflow.NewMutex(ctx)}
	if in.Carried != nil {
		e.state = *in.Carried
		return e
	}
	e.state.Run = activities.EndingRun{
		ID: derivedID(ctx, 1), ConnectionID: in.ConnectionID, TeamMemberID: in.TeamMemberID,
		WorkflowID: workflow.GetInfo(ctx).WorkflowExecution.ID, EndDate: in.EndDate, Reason: in.Reason,
		RequestedBy: in.RequestedBy,
	}
	e.state.Standing = activities.EndingStanding{Stage: domain.EndingOpened, EndDate: in.EndDate, Counts: domain.Counts{}}
	return e
}

// execute does the work and answers, whatever happened.
func (e *ending) execute(ctx workflow.Context) (EndingResult, error) {
	e.show(ctx)
	cause := e.run(ctx)
	if workflow.IsContinueAsNewError(cause) {
		return EndingResult{}, cause
	}
	// What follows is done also for an ending that was cancelled.
	after, stop := workflow.NewDisconnectedContext(ctx)
	defer stop()
	if cause != nil && ctx.Err() != nil {
		e.cancel(after)
	}
	e.busy.Unlock()
	if err := workflow.Await(after, func() bool { return workflow.AllHandlersFinished(after) }); err != nil {
		return EndingResult{}, err
	}
	e.endAttributes(after, cause)
	if cause != nil {
		return EndingResult{}, cause
	}
	standing := e.state.Standing
	return EndingResult{
		Outcome: standing.Outcome, EndingID: e.state.Run.ID, EndDate: standing.EndDate, Reason: standing.Reason,
		Problem: standing.Problem, Counts: standing.Counts,
	}, nil
}

// run waits and acts until the ending is over. It is called, and returns, with busy held.
func (e *ending) run(ctx workflow.Context) error {
	if e.in.Carried == nil {
		if err := e.begin(ctx); err != nil {
			return err
		}
	}
	for !e.over() {
		if err := e.endByItself(ctx); err != nil || e.over() {
			return err
		}
		if handOver, err := e.mayHandOver(ctx); err != nil || handOver {
			return e.handOver(ctx, err)
		}
		due, err := e.await(ctx)
		if err != nil || e.over() {
			return err
		}
		if err := e.turn(ctx, due); err != nil {
			return err
		}
	}
	return nil
}

func (e *ending) over() bool { return e.state.Standing.Outcome != "" }

// begin opens the ending and does step one through the API where the token may (E2). Where
// Connexie cannot be asked the ending waits all the same, with the reason.
func (e *ending) begin(ctx workflow.Context) error {
	opened, err := do(withSummary(ctx, endingOptions, "Open the ending"), endings.OpenEnding, e.state.Run)
	if err != nil {
		return err
	}
	e.take(ctx, opened)
	if e.over() {
		return nil
	}
	return e.askOrLook(ctx, askOptions, activities.AskConnexieInput{EndThere: true})
}

// turn does what is due, or looks again because a sync has told of something.
func (e *ending) turn(ctx workflow.Context, due bool) error {
	e.poked = false
	if !due || e.state.Standing.Stage == domain.EndingWatches {
		return e.look(ctx, 0)
	}
	e.tried = false
	in := activities.AskConnexieInput{EndThere: e.state.Standing.Stage == domain.EndingWaitsForConnexie}
	if waitsForSomebody(e.state.Standing.Stage) {
		in.Reminder = e.state.Standing.Reminders + 1
	}
	return e.askOrLook(ctx, askPatientlyOptions, in)
}

func waitsForSomebody(stage domain.EndingStage) bool {
	return stage == domain.EndingWaitsForConnexie || stage == domain.EndingWaitsForConfirmation
}

// askOrLook asks Connexie, and where that fails goes by what the mirror holds.
func (e *ending) askOrLook(ctx workflow.Context, options workflow.ActivityOptions, in activities.AskConnexieInput) error {
	err := e.ask(ctx, options, in)
	if err == nil || ctx.Err() != nil {
		return err
	}
	e.state.Problem = askProblem(err)
	return e.look(ctx, in.Reminder)
}

// ask asks Connexie and takes what follows from it.
func (e *ending) ask(ctx workflow.Context, options workflow.ActivityOptions, in activities.AskConnexieInput) error {
	in.Run = e.state.Run
	summary := "Ask Connexie about the employment"
	if in.EndThere {
		summary = "End the employment in Connexie, or see where it stands"
	}
	standing, err := do(withSummary(ctx, options, summary), leaving.AskConnexie, in)
	if err != nil {
		return err
	}
	e.state.Problem = ""
	e.take(ctx, standing)
	return nil
}

// look goes by what the mirror and Eitje hold.
func (e *ending) look(ctx workflow.Context, reminder int) error {
	in := activities.LookAtEndingInput{Run: e.state.Run, Reminder: reminder}
	standing, err := do(withSummary(ctx, endingOptions, "See where the ending stands"), endings.LookAtEnding, in)
	if err == nil {
		standing.ByHand = e.state.Standing.ByHand
		e.take(ctx, standing)
	}
	return err
}

// take makes what an activity found the present standing.
func (e *ending) take(ctx workflow.Context, standing activities.EndingStanding) {
	if standing.OrganisationID == "" {
		standing.OrganisationID = e.state.Standing.OrganisationID
	}
	if standing.Stage != e.state.Standing.Stage {
		e.tried = false
	}
	e.state.Standing = standing
	e.changes++
	e.show(ctx)
}

// endByItself does step two without confirmation where the connection says so (E4). Where
// it does not succeed now, the next reminder tries again.
func (e *ending) endByItself(ctx workflow.Context) error {
	standing := e.state.Standing
	if standing.Stage != domain.EndingWaitsForConfirmation || !standing.Automatic || e.tried {
		return nil
	}
	e.tried = true
	err := e.confirm(ctx, askPatientlyOptions, automatic)
	if err == nil || ctx.Err() != nil {
		return err
	}
	e.state.Problem = askProblem(err)
	e.show(ctx)
	return nil
}

// automatic is who confirms where nobody needs to (E4).
const automatic = "automatic"

// confirm asks Connexie and does step two (E1). The error says why it was not done; what
// was done before is no error.
func (e *ending) confirm(ctx workflow.Context, options workflow.ActivityOptions, by string) error {
	if e.state.Standing.Stage == domain.EndingWatches {
		return nil // somebody confirmed a moment before
	}
	if err := e.ask(ctx, options, activities.AskConnexieInput{}); err != nil {
		return err
	}
	standing := e.state.Standing
	switch {
	case e.over():
		return e.refusal("")
	case standing.Stage != domain.EndingWaitsForConfirmation:
		return e.refusal(domain.EndInEitjeRefusal(
			domain.Ending{TeamMemberID: e.state.Run.TeamMemberID}, domain.Employment{End: e.connexieEnd()}))
	}
	done, err := do(withSummary(ctx, endingOptions, "Deactivate the team member in Eitje"), endings.EndInEitje,
		activities.EndInEitjeInput{Run: e.state.Run, By: by})
	if err != nil {
		return err
	}
	problem := done.Problem
	done.Problem = ""
	e.take(ctx, done)
	if problem != "" {
		return e.refusal(problem)
	}
	return nil
}

// connexieEnd is the last day that Connexie has, where it lies ahead.
func (e *ending) connexieEnd() domain.Date {
	if e.state.Standing.Stage == domain.EndingWaitsForDate {
		return e.state.Standing.EndDate
	}
	return domain.Date{}
}

// await waits until the ending must be looked at again: due where its time has come,
// otherwise because a message came. Messages are let in meanwhile; busy is held again
// when it returns, also where the ending is cancelled.
func (e *ending) await(ctx workflow.Context) (due bool, err error) {
	timing, stop := workflow.WithCancel(ctx)
	timer := workflow.NewTimerWithOptions(timing, max(0, e.state.Standing.NextAt.Sub(workflow.Now(ctx))),
		workflow.TimerOptions{Summary: e.timerSummary()})
	seen := e.changes
	e.busy.Unlock()
	err = workflow.Await(ctx, func() bool { return timer.IsReady() || e.changes != seen || e.poked })
	due = err == nil && timer.IsReady()
	stop()
	locking, free := workflow.NewDisconnectedContext(ctx)
	defer free()
	if lockErr := e.busy.Lock(locking); err == nil {
		err = lockErr
	}
	return due, err
}

// mayHandOver reports whether the history is long enough to begin another, and no message
// is waiting that would be lost.
func (e *ending) mayHandOver(ctx workflow.Context) (bool, error) {
	if !workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
		return false, nil
	}
	everyoneHadATurn := false
	workflow.Go(ctx, func(workflow.Context) { everyoneHadATurn = true })
	err := workflow.Await(ctx, func() bool { return everyoneHadATurn })
	return !e.poked && e.waiting == 0 && workflow.AllHandlersFinished(ctx), err
}

// handOver goes on in a new history with all that is known.
func (e *ending) handOver(ctx workflow.Context, err error) error {
	if err != nil {
		return err
	}
	in := e.in
	state := e.state
	in.Carried = &state
	return workflow.NewContinueAsNewError(ctx, EndEmployment, in)
}

// cancel closes the ending whose workflow was cancelled: withdrawn, or unwatched after
// step two.
func (e *ending) cancel(ctx workflow.Context) {
	in := activities.WithdrawEndingInput{Run: e.state.Run, By: "engine", Reason: domain.EndingCancelled}
	standing, err := do(withSummary(ctx, databaseOptions, "Withdraw the ending"), endings.WithdrawEnding, in)
	if err != nil {
		e.logger.Error("the ending could not be withdrawn", "ending_id", e.state.Run.ID, "error", err)
		return
	}
	e.take(ctx, standing)
}

// askProblem says why Connexie could not be asked, by the type of the error.
func askProblem(err error) string {
	var (
		failure *temporal.ApplicationError
		timeout *temporal.TimeoutError
	)
	switch {
	case errors.As(err, &failure) && failure.Type() == activities.ErrorEndingRefused:
		return failure.Message()
	case errors.As(err, &failure):
		return "Connexie could not be asked (" + failure.Type() + "): " + activities.StepAfterAsking(failure.Type())
	case errors.As(err, &timeout):
		return "Connexie could not be asked (Timeout): " + activities.StepAfterAsking("")
	}
	return "Connexie could not be asked. " + activities.StepAfterAsking("")
}
