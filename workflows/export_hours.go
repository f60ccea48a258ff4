package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
)

// ExportResult is how an export ended.
type ExportResult struct {
	Outcome  domain.ExportOutcome `json:"outcome"`
	ExportID string               `json:"export_id"`
	Counts   domain.Counts        `json:"counts"`
	// Problem says in sentences why not everything was exported.
	Problem string `json:"problem,omitempty"`
}

// ExportHours brings the approved hours, meals and allowances of a period from Eitje
// to Connexie, as a whole and as often as wanted until payroll has run (X1 to X18).
//
// It checks, takes a snapshot, asks about payroll, and sends one import for each
// Connexie venue: draft, parts, commit, and what Connexie reads back compared; only
// then are the venue's entries marked (X11). One venue that fails leaves the others
// exported (X13). A preview computes the same and sends nothing (X16).
//
// An export has the id export/<connection_id>, so that there is one at a time (X14); a
// preview has export-preview/<connection_id>. The update cancel ends it, as the
// engine's own cancellation does: the draft is withdrawn, venues that Connexie has
// committed stay. The query progress tells how far it is. Refusals, rejected lines, a
// refused token and an outage are outcomes; it fails only where somebody must look.
func ExportHours(ctx workflow.Context, in ExportHoursInput) (ExportResult, error) {
	in, err := in.validated(ctx)
	if err != nil {
		return ExportResult{}, err
	}
	work, stop := workflow.WithCancel(ctx)
	e := newExport(ctx, in, stop)
	if err := e.listen(ctx); err != nil {
		return ExportResult{}, err
	}
	return e.execute(ctx, work)
}

// exportRun is one execution of ExportHours.
type exportRun struct {
	in     ExportHoursInput
	run    activities.ExportRun
	logger log.Logger
	// stop cancels the work, not its clean-up.
	stop workflow.CancelFunc
	// cancelled tells that somebody sent the update cancel; closing that it is too late
	// for that.
	cancelled bool
	closing   bool

	organisation string
	counts       domain.Counts
	venues       []activities.VenueStanding
	// current is the venue whose import has been begun and not concluded; nil between
	// venues.
	current *activities.VenueStanding

	progress ExportProgress
	problem  string
}

func newExport(ctx workflow.Context, in ExportHoursInput, stop workflow.CancelFunc) *exportRun {
	return &exportRun{
		in: in, stop: stop, logger: workflow.GetLogger(ctx),
		run: activities.ExportRun{
			ID: derivedID(ctx, 1), ConnectionID: in.ConnectionID,
			WorkflowID: workflow.GetInfo(ctx).WorkflowExecution.ID,
			Period:     in.period(), Kinds: in.Kinds, Mode: activities.Mode(in.Mode),
			AcknowledgeUnmapped: in.AcknowledgeUnmapped, RequestedBy: in.RequestedBy,
		},
		progress: ExportProgress{
			Period: in.period().String(), Kinds: in.Kinds, Mode: in.Mode, Counts: domain.Counts{},
		},
	}
}

// verdict is what the work came to: what the export is closed with.
type verdict struct {
	// outcome is empty where the states of the venues decide.
	outcome domain.ExportOutcome
	// problem is a text, or the type of the error that ended the work.
	problem string
	// differing are venues where Connexie does not hold what was exported last.
	differing []string
}

// execute works and closes the export, whatever happened.
func (e *exportRun) execute(ctx, work workflow.Context) (ExportResult, error) {
	e.startAttributes(ctx)
	found, cause := e.work(work)
	if cause == nil && e.cancelled {
		cause = temporal.NewCanceledError()
	}
	e.closing = true
	// What follows is done also for an export that was cancelled.
	after, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	if cause != nil {
		e.withdraw(after)
		found = e.verdictAfter(cause)
	}
	ending, err := e.close(after, found)
	if waitErr := workflow.Await(after, func() bool { return workflow.AllHandlersFinished(after) }); waitErr != nil {
		return ExportResult{}, waitErr
	}
	switch {
	case cause != nil && !e.expected(ctx, found.outcome):
		e.endAttributes(after, found.outcome)
		return ExportResult{}, cause
	case err != nil:
		e.endAttributes(after, domain.ExportFailed)
		return ExportResult{}, err
	}
	e.endAttributes(after, ending.Outcome)
	return ExportResult{Outcome: ending.Outcome, ExportID: e.run.ID, Counts: ending.Counts, Problem: ending.Problem}, nil
}

// verdictAfter is what an export is closed with that an error ended.
func (e *exportRun) verdictAfter(cause error) verdict {
	outcome, problem := exportOutcomeOf(cause)
	switch outcome {
	case domain.SyncCancelled:
		return verdict{outcome: domain.ExportCancelled}
	case domain.SyncRefused, domain.SyncUnreachable:
		return verdict{outcome: domain.ExportRefused, problem: problem}
	}
	return verdict{outcome: domain.ExportFailed, problem: problem}
}

// exportOutcomeOf reads an error by its type: a token that lost its permission is refused
// like one that Connexie does not know.
func exportOutcomeOf(err error) (domain.SyncOutcome, string) {
	outcome, problem := outcomeOf(err)
	if problem == activities.ErrorForbidden {
		outcome = domain.SyncRefused
	}
	return outcome, problem
}

// expected reports whether an export that an error ended has a result all the same:
// what an operator can expect has, and what somebody cancelled by the update. The
// engine's own cancellation ends it as cancelled there too.
func (e *exportRun) expected(ctx workflow.Context, outcome domain.ExportOutcome) bool {
	switch outcome {
	case domain.ExportRefused:
		return true
	case domain.ExportCancelled:
		return ctx.Err() == nil
	}
	return false
}

// work checks, collects, asks about payroll and sends, or compares.
func (e *exportRun) work(ctx workflow.Context) (verdict, error) {
	checked, err := e.check(ctx)
	if err != nil || checked.Problem != "" {
		return verdict{outcome: domain.ExportRefused, problem: checked.Problem}, err
	}
	collected, err := e.collect(ctx)
	if err != nil {
		return verdict{}, err
	}
	unacknowledged := collected.Unmapped > 0 && !e.in.AcknowledgeUnmapped
	if unacknowledged && !e.in.preview() {
		return verdict{outcome: domain.ExportNeedsAcknowledgement}, nil
	}
	if err := e.askPayroll(ctx); err != nil {
		return verdict{}, err
	}
	if !e.in.preview() {
		return e.send(ctx)
	}
	found, err := e.compare(ctx)
	if unacknowledged {
		found.outcome = domain.ExportNeedsAcknowledgement
	}
	return found, err
}

func (e *exportRun) check(ctx workflow.Context) (activities.CheckExportResult, error) {
	e.show(ctx, StageChecking)
	checked, err := do(withSummary(ctx, checkExportOptions, "Check the export and its configuration"), sending.CheckExport, e.run)
	e.organisation = checked.OrganisationID
	return checked, err
}

func (e *exportRun) collect(ctx workflow.Context) (activities.SnapshotExportResult, error) {
	e.show(ctx, StageCollecting)
	collected, err := do(withSummary(ctx, snapshotOptions, "Collect what is approved"), exporting.SnapshotExport, e.run)
	if err != nil {
		return collected, err
	}
	e.counts, e.progress.Counts, e.progress.Total = collected.Counts, collected.Counts, collected.Lines
	return collected, nil
}

func (e *exportRun) askPayroll(ctx workflow.Context) error {
	e.show(ctx, StageAskingPayroll)
	asked, err := do(withSummary(ctx, checkExportOptions, "Ask whether payroll has begun"), sending.AskPayroll, e.run)
	e.venues = asked.Venues
	return err
}

// compare says of a preview whether Connexie still holds what was exported last: only
// then is what is added, changed and removed the truth (X16).
func (e *exportRun) compare(ctx workflow.Context) (verdict, error) {
	e.show(ctx, StageComparing)
	compared, err := do(withSummary(ctx, checkExportOptions, "Compare with what Connexie holds"), sending.CompareExport, e.run)
	return verdict{differing: compared.Differing}, err
}

// send sends one venue after the other. One that fails leaves the others to be sent
// (X13); where Connexie refuses the token or another import took over, none can be.
func (e *exportRun) send(ctx workflow.Context) (verdict, error) {
	var found verdict
	until := sendUntil
	upsert(ctx, AttributeStage.ValueSet(string(StageSending)))
	for i := range e.venues {
		venue := &e.venues[i]
		if venue.State != domain.VenuePlanned {
			continue
		}
		err := e.sendVenue(ctx, venue, until)
		outcome, problem := exportOutcomeOf(err)
		switch {
		case err == nil:
		case ctx.Err() != nil:
			// What the attempt met while it was being cancelled decides nothing: the engine
			// tells of an outage where it would have tried again.
			return found, temporal.NewCanceledError()
		case outcome == domain.SyncUnreachable:
			venue.State, found.problem, until = domain.VenueFailed, problem, sendUntilAfterOutage
		case outcome == domain.SyncRefused:
			venue.State, found.problem = domain.VenueFailed, problem
			return found, nil
		default:
			return found, err
		}
		e.current = nil
		if venue.State == domain.VenueSuperseded {
			return found, nil
		}
	}
	return found, nil
}

// sendVenue sends one venue's import and marks its entries once Connexie has it.
func (e *exportRun) sendVenue(ctx workflow.Context, venue *activities.VenueStanding, until time.Duration) error {
	e.current = venue
	in := activities.VenueInput{Run: e.run, VenueID: venue.VenueID}
	venue.State = domain.VenueSending
	for venue.State == domain.VenueSending {
		e.show(ctx, StageSending)
		summary := fmt.Sprintf("Send venue %s, %d of %d lines done", venue.VenueID, venue.Sent, venue.Lines)
		slice, err := do(withSummary(ctx, sendOptions(until), summary), sending.SendVenue, in)
		if err != nil {
			return err
		}
		venue.State, venue.Sent = slice.State, slice.Sent
	}
	return e.mark(ctx, venue)
}

// mark marks what a committed venue holds; of any other there is nothing to mark.
func (e *exportRun) mark(ctx workflow.Context, venue *activities.VenueStanding) error {
	e.show(ctx, StageSending)
	if venue.State != domain.VenueCommitted {
		return nil
	}
	in := activities.VenueInput{Run: e.run, VenueID: venue.VenueID}
	marked, err := do(withSummary(ctx, markOptions, "Mark the entries of venue "+venue.VenueID), exporting.MarkVenue, in)
	if err == nil {
		venue.State = marked.State
	}
	return err
}

// withdraw settles the venue that was being sent when the work ended: its draft is
// discarded, or found committed, and then its entries are marked. What cannot be
// settled now is settled by the next export.
func (e *exportRun) withdraw(ctx workflow.Context) {
	if e.current == nil {
		return
	}
	venue := e.current
	in := activities.VenueInput{Run: e.run, VenueID: venue.VenueID}
	withdrawn, err := do(withSummary(ctx, withdrawOptions, "Withdraw venue "+venue.VenueID), sending.WithdrawVenue, in)
	if err == nil {
		venue.State, venue.Sent = withdrawn.State, withdrawn.Sent
		err = e.mark(ctx, venue)
	}
	if err != nil {
		e.logger.Error("the venue could not be settled", "export_id", e.run.ID, "venue_id", venue.VenueID, "error", err)
	}
}

func (e *exportRun) close(ctx workflow.Context, found verdict) (activities.ExportEnding, error) {
	e.closing = true
	in := activities.CloseExportInput{
		Run: e.run, Outcome: found.outcome, Problem: found.problem, Differing: found.differing, Counts: e.counts,
	}
	ending, err := do(withSummary(ctx, closeExportOptions, "Close the export"), exporting.CloseExport, in)
	if err != nil {
		e.logger.Error("the export could not be closed", "export_id", e.run.ID, "error", err)
		return ending, err
	}
	e.progress.Outcome, e.progress.Counts, e.problem = ending.Outcome, ending.Counts, ending.Problem
	e.show(ctx, StageClosed)
	return ending, nil
}

// startAttributes makes the export findable.
func (e *exportRun) startAttributes(ctx workflow.Context) {
	upsert(ctx,
		AttributeConnection.ValueSet(e.in.ConnectionID),
		AttributeTrigger.ValueSet(triggerManual),
		AttributePeriod.ValueSet(e.in.period().String()),
		AttributeStage.ValueSet(string(StageChecking)))
}

func (e *exportRun) endAttributes(ctx workflow.Context, outcome domain.ExportOutcome) {
	attributes := []temporal.SearchAttributeUpdate{
		AttributeOutcome.ValueSet(string(outcome)),
		AttributeStage.ValueSet(string(StageClosed)),
		AttributeNeedsAttention.ValueSet(exportNeedsAttention(outcome)),
	}
	if e.organisation != "" {
		attributes = append(attributes, AttributeOrganisation.ValueSet(e.organisation))
	}
	upsert(ctx, attributes...)
}

func exportNeedsAttention(outcome domain.ExportOutcome) bool {
	switch outcome {
	case domain.ExportOK, domain.ExportNothing, domain.ExportCancelled:
		return false
	}
	return true
}
