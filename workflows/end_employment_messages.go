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

// listen registers the messages, before anything is waited for.
func (e *ending) listen(ctx workflow.Context) error {
	err := workflow.SetQueryHandlerWithOptions(ctx, QueryStatus,
		func() (EndingStatus, error) { return e.status(), nil },
		workflow.QueryHandlerOptions{Description: "Where the ending stands, and what to do next."})
	if err != nil {
		return fmt.Errorf("register the query %s: %w", QueryStatus, err)
	}
	for _, message := range []struct {
		name, description string
		handler           any
		validator         any
	}{
		{
			UpdateCheckConnexie, "Ask Connexie at once whether step one is done. " + checkConnexieExample,
			e.checkConnexie, func(_ workflow.Context, in CheckConnexieInput) error { return e.validate(in.validate()) },
		},
		{
			UpdateConfirmEnd, "Deactivate the team member in Eitje, once the employment has ended in Connexie. " + confirmEndExample,
			e.confirmEnd, func(_ workflow.Context, in ConfirmEndInput) error { return e.validate(in.validate()) },
		},
		{
			UpdateChangeEndDate, "Change the last day. " + changeEndDateExample,
			e.changeEndDate, func(_ workflow.Context, in ChangeEndDateInput) error { return e.validate(in.validate()) },
		},
		{
			UpdateWithdraw, "End the ending before its time; nothing is opened again in Connexie. " + withdrawExample,
			e.withdraw, func(_ workflow.Context, in WithdrawInput) error { return e.validate(in.validate()) },
		},
	} {
		err := workflow.SetUpdateHandlerWithOptions(ctx, message.name, message.handler,
			workflow.UpdateHandlerOptions{Description: message.description, Validator: message.validator})
		if err != nil {
			return fmt.Errorf("register the update %s: %w", message.name, err)
		}
	}
	e.listenForSignals(ctx)
	return nil
}

// validate refuses what is malformed, and anything once the ending is over.
func (e *ending) validate(err error) error {
	if err == nil && e.over() {
		return e.refusal("")
	}
	return err
}

// refusal says why something was not done; without a problem it is that the ending is
// over.
func (e *ending) refusal(problem string) error {
	if problem == "" {
		problem = fmt.Sprintf("this ending is over (%s), and nothing was changed", e.state.Standing.Outcome)
		if reason := e.state.Standing.Reason; reason != "" {
			problem = fmt.Sprintf("this ending is over (%s: %s), and nothing was changed", e.state.Standing.Outcome, reason)
		}
	}
	return temporal.NewNonRetryableApplicationError(problem, activities.ErrorEndingRefused, nil)
}

// serve does what a message asks for, one at a time, and wakes the main line.
func (e *ending) serve(ctx workflow.Context, serve func() error) (EndingStatus, error) {
	e.waiting++
	defer func() { e.waiting-- }()
	if err := e.busy.Lock(ctx); err != nil {
		return EndingStatus{}, err
	}
	defer e.busy.Unlock()
	if e.over() {
		return EndingStatus{}, e.refusal("")
	}
	err := serve()
	e.changes++
	e.show(ctx)
	return e.status(), err
}

// checkConnexie asks Connexie at once, and does step one there where that is still to do
// and the token may (E2).
func (e *ending) checkConnexie(ctx workflow.Context, _ CheckConnexieInput) (EndingStatus, error) {
	return e.serve(ctx, func() error {
		stepOne := e.state.Standing.Stage == domain.EndingWaitsForConnexie
		return e.ask(ctx, askOptions, activities.AskConnexieInput{EndThere: stepOne})
	})
}

// confirmEnd does step two, or says why not (E1). Whoever confirms second is told that it
// is done.
func (e *ending) confirmEnd(ctx workflow.Context, in ConfirmEndInput) (EndingStatus, error) {
	return e.serve(ctx, func() error { return e.confirm(ctx, askOptions, orDefault(in.By, defaultRequester)) })
}

// changeEndDate changes the last day, in Connexie too where it has one already.
func (e *ending) changeEndDate(ctx workflow.Context, in ChangeEndDateInput) (EndingStatus, error) {
	return e.serve(ctx, func() error {
		switch e.state.Standing.Stage {
		case domain.EndingWaitsForConfirmation:
			return e.refusal("the employment has ended in Connexie: change the end date there, then check")
		case domain.EndingWatches:
			return e.refusal("the employment has ended in Connexie and in Eitje, so that its end date is no longer changed here")
		}
		err := e.ask(ctx, askOptions, activities.AskConnexieInput{EndThere: true, EndDate: in.EndDate})
		if err != nil {
			return err
		}
		if problem := e.state.Standing.Problem; problem != "" {
			return e.refusal(problem)
		}
		if e.over() {
			return e.refusal("")
		}
		return nil
	})
}

// withdraw ends the ending before its time. Once step two is done it is refused: nothing
// here takes that back.
func (e *ending) withdraw(ctx workflow.Context, in WithdrawInput) (EndingStatus, error) {
	return e.serve(ctx, func() error {
		if e.state.Standing.Stage == domain.EndingWatches {
			return e.refusal("the team member has been deactivated, which this does not take back: " +
				"open the employment again in Connexie, and the next sync activates the team member")
		}
		standing, err := do(withSummary(ctx, endingOptions, "Withdraw the ending"), endings.WithdrawEnding,
			activities.WithdrawEndingInput{
				Run: e.state.Run, By: orDefault(in.By, defaultRequester),
				Reason: domain.EndingReason(orDefault(in.Reason, string(domain.EndingByHand))),
			})
		if err == nil {
			e.take(ctx, standing)
		}
		return err
	})
}

// listenForSignals takes the signals. They are decoded here: the engine would drop what
// it cannot decode, and the sender would take it for done.
func (e *ending) listenForSignals(ctx workflow.Context) {
	e.receive(ctx, SignalConnexieChanged, "Tell that Connexie's side may have changed; a sync sends it.",
		func(workflow.Context, []byte) error {
			e.poked = true
			return nil
		})
	e.receive(ctx, UpdateConfirmEnd, "Confirm without waiting for an answer. "+confirmEndExample,
		func(ctx workflow.Context, body []byte) error {
			var in ConfirmEndInput
			if err := decodeMessage(body, &in, confirmEndExample); err != nil {
				return err
			}
			if err := in.validate(); err != nil {
				return err
			}
			_, err := e.confirmEnd(ctx, in)
			return err
		})
	e.receive(ctx, UpdateWithdraw, "Withdraw without waiting for an answer. "+withdrawExample,
		func(ctx workflow.Context, body []byte) error {
			var in WithdrawInput
			if err := decodeMessage(body, &in, withdrawExample); err != nil {
				return err
			}
			if err := in.validate(); err != nil {
				return err
			}
			_, err := e.withdraw(ctx, in)
			return err
		})
}

// receive takes one kind of signal, one after the other, and shows what was refused.
func (e *ending) receive(
	ctx workflow.Context, name, description string, handle func(workflow.Context, []byte) error,
) {
	signals := workflow.GetSignalChannelWithOptions(ctx, name, workflow.SignalChannelOptions{Description: description})
	workflow.Go(ctx, func(ctx workflow.Context) {
		for {
			var raw converter.RawValue
			if !signals.Receive(ctx, &raw) {
				return
			}
			e.waiting++
			if err := handle(ctx, raw.Payload().GetData()); err != nil && ctx.Err() == nil {
				e.reject(ctx, name, err)
			}
			e.waiting--
			e.changes++
		}
	})
}

// decodeMessage reads the body of a signal, which may be left out.
func decodeMessage(body []byte, into any, example string) error {
	if len(body) == 0 {
		return nil
	}
	if json.Unmarshal(body, into) != nil {
		return temporal.NewNonRetryableApplicationError("no JSON object; send "+example, activities.ErrorInvalidInput, nil)
	}
	return nil
}

// reject shows in the current details what a sender will not hear.
func (e *ending) reject(ctx workflow.Context, name string, err error) {
	e.logger.Warn("a message was refused", "message", name)
	e.state.Rejects = append(e.state.Rejects, name+": "+messageOf(err))
	e.state.Rejects = e.state.Rejects[max(0, len(e.state.Rejects)-maxRejectsShown):]
	e.show(ctx)
}
