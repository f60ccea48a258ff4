package workflows

import (
	"encoding/json"
	"fmt"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
)

// RequestSyncInput asks for a synchronisation; it is the body of the update
// requestSync and, with the night that asks, of the signal joinRequested.
type RequestSyncInput struct {
	RequestedBy string      `json:"requested_by,omitempty"`
	Night       domain.Date `json:"night,omitzero"`

	unknown unknown
}

// UnmarshalJSON collects what the input does not know for the validation.
func (in *RequestSyncInput) UnmarshalJSON(data []byte) error {
	in.unknown.decode(data, in)
	return nil
}

const requestExample = `{"requested_by":"user_42"}`

func (in RequestSyncInput) validate() error {
	c := checks{in.unknown}
	c.optionalID("requested_by", in.RequestedBy)
	return c.err(requestExample)
}

// RequestSyncResult tells which pass of which run will do what was asked.
type RequestSyncResult struct {
	RunID string `json:"run_id"`
	Pass  int    `json:"pass"`
	// Joined tells that the workflow was at work already, or others had asked.
	Joined bool `json:"joined"`
}

// DecideGuardInput is somebody's word on a held run (S16).
type DecideGuardInput struct {
	// Decision is allow or reject.
	Decision string `json:"decision"`
	// By is an id of a person or program.
	By string `json:"by,omitempty"`

	unknown unknown
}

// UnmarshalJSON collects what the input does not know for the validation.
func (in *DecideGuardInput) UnmarshalJSON(data []byte) error {
	in.unknown.decode(data, in)
	return nil
}

// DecideGuardResult repeats what was decided about which run.
type DecideGuardResult struct {
	RunID    string `json:"run_id"`
	Decision string `json:"decision"`
}

// The decisions about a held run.
const (
	decisionAllow  = "allow"
	decisionReject = "reject"

	decideExample = `{"decision":"allow","by":"user_42"}`
)

// listen registers the messages, before anything is waited for.
func (s *syncRun) listen(ctx workflow.Context) error {
	err := workflow.SetQueryHandlerWithOptions(ctx, QueryProgress,
		func() (SyncProgress, error) { return s.progress, nil },
		workflow.QueryHandlerOptions{Description: "How far the synchronisation is, and what to do next."})
	if err != nil {
		return fmt.Errorf("register the query %s: %w", QueryProgress, err)
	}
	if !s.in.full() {
		return nil // a preview and one person alone are over in seconds and share nothing
	}
	err = workflow.SetUpdateHandlerWithOptions(ctx, UpdateRequestSync, s.requestSync, workflow.UpdateHandlerOptions{
		Description: "Ask for a synchronisation: joins this run, or queues one more pass where reading has begun. " + requestExample,
		Validator:   func(_ workflow.Context, in RequestSyncInput) error { return in.validate() },
	})
	if err != nil {
		return fmt.Errorf("register the update %s: %w", UpdateRequestSync, err)
	}
	err = workflow.SetUpdateHandlerWithOptions(ctx, UpdateDecideGuard, s.decideGuard, workflow.UpdateHandlerOptions{
		Description: "Allow or reject a run that the guard holds. " + decideExample,
		Validator:   s.validateDecision,
	})
	if err != nil {
		return fmt.Errorf("register the update %s: %w", UpdateDecideGuard, err)
	}
	s.listenForJoins(ctx)
	return nil
}

// requestSync joins the pass that has not begun to read.
func (s *syncRun) requestSync(ctx workflow.Context, in RequestSyncInput) (RequestSyncResult, error) {
	return s.request(ctx, orDefault(in.RequestedBy, defaultRequester), domain.Date{}), nil
}

// request notes that somebody wants a pass that reads from now on. The update that
// comes with the start itself finds the first pass waiting for it and joins nobody.
func (s *syncRun) request(ctx workflow.Context, by string, night domain.Date) RequestSyncResult {
	joined := s.begun || s.next.requests > 0 || workflow.GetInfo(ctx).GetCurrentHistoryLength() > firstTaskEvents
	if s.begun && !s.queued {
		s.queued = true
		s.next = pass{trigger: triggerManual, by: by}
	}
	s.next.requests++
	if !night.IsZero() {
		s.next.night, s.next.trigger = night, triggerNightly
	}
	if s.queued {
		s.showDetails(ctx)
	}
	number := s.number + 1
	return RequestSyncResult{RunID: derivedID(ctx, number), Pass: number, Joined: joined}
}

// firstTaskEvents is the length of the history while the first workflow task runs:
// started, task scheduled, task started.
const firstTaskEvents = 3

// listenForJoins takes the signal joinRequested, which a night or an API handler
// sends that does not wait for an answer. It is decoded here: the engine would drop
// what it cannot decode, and the sender would take it for done.
func (s *syncRun) listenForJoins(ctx workflow.Context) {
	joins := workflow.GetSignalChannelWithOptions(ctx, SignalJoinRequested, workflow.SignalChannelOptions{
		Description: "Ask for a synchronisation without waiting for an answer. " + requestExample,
	})
	workflow.Go(ctx, func(ctx workflow.Context) {
		for {
			var raw converter.RawValue
			if !joins.Receive(ctx, &raw) {
				return
			}
			s.join(ctx, raw)
		}
	})
}

func (s *syncRun) join(ctx workflow.Context, raw converter.RawValue) {
	var in RequestSyncInput
	// Without a body it asks for no more than a synchronisation.
	if body := raw.Payload().GetData(); len(body) > 0 {
		if err := json.Unmarshal(body, &in); err != nil {
			s.reject(ctx, "a signal that is no JSON object")
			return
		}
	}
	if err := in.validate(); err != nil {
		s.reject(ctx, "a signal with a wrong member")
		return
	}
	if !in.Night.IsZero() && s.answersFor(in.Night) {
		return
	}
	s.request(ctx, orDefault(in.RequestedBy, defaultRequester), in.Night)
	if s.guard != nil && !in.Night.IsZero() {
		s.guard.superseded = true
	}
}

// answersFor reports whether the current pass, or the one that waits, is already the
// night's: the night repeats itself after a crash, or comes late. A run that is held
// answers for no night that asks again: somebody has begun another of the same date,
// which plans anew (S16).
func (s *syncRun) answersFor(night domain.Date) bool {
	switch {
	case !s.next.night.IsZero():
		return !s.next.night.Before(night)
	case s.guard != nil:
		return night.Before(s.pass.night)
	}
	return !s.pass.night.Before(night)
}

// reject shows in the current details what a sender will not hear.
func (s *syncRun) reject(ctx workflow.Context, what string) {
	s.logger.Warn("a message was refused", "message", SignalJoinRequested)
	s.rejects = append(s.rejects, what)
	s.rejects = s.rejects[max(0, len(s.rejects)-maxRejectsShown):]
	s.showDetails(ctx)
}

// maxRejectsShown keeps the details readable, and below the engine's limit, whatever
// is sent.
const maxRejectsShown = 5

// guardQuestion is a run that waits for somebody's word.
type guardQuestion struct {
	decision   string
	superseded bool
}

func (s *syncRun) validateDecision(_ workflow.Context, in DecideGuardInput) error {
	c := checks{in.unknown}
	c.require(in.Decision == decisionAllow || in.Decision == decisionReject, `member "decision" must be allow or reject`)
	c.optionalID("by", in.By)
	if err := c.err(decideExample); err != nil {
		return err
	}
	if s.guard == nil || s.guard.decision != "" || s.guard.superseded {
		return temporal.NewNonRetryableApplicationError(
			"this run is not held, so there is nothing to decide", activities.ErrorInvalidInput, nil)
	}
	return nil
}

func (s *syncRun) decideGuard(ctx workflow.Context, in DecideGuardInput) (DecideGuardResult, error) {
	s.guard.decision = in.Decision
	return DecideGuardResult{RunID: derivedID(ctx, s.number), Decision: in.Decision}, nil
}

// hold waits until somebody allows or rejects the run, or the next night supersedes
// it. It returns the outcome to close the run with, or nothing where the run may go
// on.
func (s *syncRun) hold(ctx workflow.Context, plan activities.PlanResult) (domain.SyncOutcome, error) {
	// A night that asked while this pass was being read or planned has come already.
	question := &guardQuestion{superseded: !s.next.night.IsZero()}
	s.guard = question
	upsert(ctx, AttributeStage.ValueSet(string(StageHeld)), AttributeNeedsAttention.ValueSet(true))
	s.setProgress(ctx, SyncProgress{Stage: StageHeld, Total: plan.Total, Guarded: &plan.Guarded, Limit: &plan.Limit})
	err := workflow.Await(ctx, func() bool { return question.decision != "" || question.superseded })
	s.guard = nil
	if err != nil {
		return "", err
	}
	upsert(ctx, AttributeStage.ValueSet(string(StagePlanning)), AttributeNeedsAttention.ValueSet(false))
	switch {
	case question.decision == decisionAllow:
		return "", nil
	case question.decision == decisionReject:
		return domain.SyncRejected, nil
	}
	return domain.SyncSuperseded, nil
}
