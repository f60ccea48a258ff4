package workflows_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/workflows"
)

func TestEnding_E1_E2_E6_BothStepsByPeople(t *testing.T) {
	t.Parallel()
	s := newEnding(t)
	var confirmed *updated
	s.after(time.Hour, func() {
		require.Equal(t, domain.EndingWaitsForConnexie, s.status().Stage)
		require.Contains(t, s.details(), "The token may not end an employment")
		require.Contains(t, s.details(), "update `checkConnexie` with `{}`")
	})
	s.after(2*days, func() {
		s.facts.Employment = endedInConnexie
		s.connexieChanged()
	})
	s.after(2*days+time.Hour, func() {
		require.Equal(t, domain.EndingWaitsForConfirmation, s.status().Stage)
		require.Equal(t, endedInConnexie.End, s.status().EndDate, "Connexie's end date wins")
		confirmed = s.update(workflows.UpdateConfirmEnd, "", workflows.ConfirmEndInput{By: "user_1"})
	})
	s.after(3*days, func() {
		require.Equal(t, domain.EndingWatches, s.status().Stage)
		s.seen()
	})
	s.run()
	require.Equal(t, "ended", s.outcome())
	require.NoError(t, confirmed.failed)
	require.Contains(t, confirmed.answer, `"confirmed_by":"user_1"`)
	require.Equal(t, []string{"11-22 ending_step_one", "11-23 ending_step_one", "11-24 ending_step_two", "11-24 ending_date"}, s.told[:4])
	require.Len(t, s.opens, 1)
	require.True(t, s.asks[0].EndThere, "step one is tried through the API first")
	require.Len(t, s.steps, 1)
	require.Equal(t, "user_1", s.steps[0].By)
}

func TestEnding_E2_E3_StepOneThroughTheAPIAndStepTwoTheDayAfter(t *testing.T) {
	t.Parallel()
	s := newEnding(t)
	s.mayEnd = true
	var early *updated
	s.after(time.Hour, func() {
		require.Equal(t, domain.EndingWaitsForDate, s.status().Stage)
		early = s.update(workflows.UpdateConfirmEnd, "", workflows.ConfirmEndInput{By: "user_1"})
	})
	dayAfter := lastDay.AddDays(1).At(0, 0).Sub(beginning)
	s.after(dayAfter-time.Minute, func() { require.Equal(t, domain.EndingWaitsForDate, s.status().Stage) })
	s.after(dayAfter+time.Minute, func() {
		require.Equal(t, domain.EndingWaitsForConfirmation, s.status().Stage)
		s.update(workflows.UpdateConfirmEnd, "", workflows.ConfirmEndInput{By: "user_1"})
	})
	s.after(dayAfter+days, s.seen)
	s.run()
	require.Equal(t, "ended", s.outcome())
	require.ErrorContains(t, early.failed, "E1: Connexie still shows the employment as active until 2026-11-30")
	require.Len(t, s.steps, 1, "nothing was done before the day after")
}

// Reminders grow apart and are not forgotten over two months, and the history stays short.
func TestEnding_E2_RemindersOverSixtyDays(t *testing.T) {
	t.Parallel()
	s := newEnding(t)
	s.after(61*days, func() {
		require.Equal(t, 5, s.status().Reminders)
		require.Contains(t, s.details(), "reminders so far: 5")
		require.Equal(t, "2027-02-15T08:00:00Z", s.status().DueAt.Format(time.RFC3339))
		s.update(workflows.UpdateWithdraw, "", workflows.WithdrawInput{By: "user_1", Reason: "stays"})
	})
	s.run()
	require.Equal(t, "withdrawn stays", s.outcome())
	require.Equal(t, []string{
		"11-22 ending_step_one", "11-23 ending_step_one", "11-26 ending_step_one", "12-03 ending_step_one", "12-17 ending_step_one",
		"01-16 ending_step_one",
	}, s.told)
	require.Len(t, s.asks, 6, "Connexie is asked with each reminder, and not in between")
	require.Empty(t, s.looks)
}

func TestEnding_E4_StepTwoByItself(t *testing.T) {
	t.Parallel()
	s := newEnding(t)
	s.facts.Automatic = true
	s.after(2*days, func() {
		s.facts.Employment = endedInConnexie
		s.connexieChanged()
	})
	s.after(2*days+time.Minute, func() { require.Equal(t, "automatic", s.status().ConfirmedBy) })
	s.after(3*days, s.seen)
	s.run()
	require.Equal(t, "ended", s.outcome())
	require.Len(t, s.steps, 1)
}

// Connexie is asked before step two also where nobody confirms; while it is away the
// ending waits, tells, and tries again.
func TestEnding_E4_E5_ByItselfButNotWithoutAskingConnexie(t *testing.T) {
	t.Parallel()
	s := newEnding(t)
	s.facts.Automatic, s.facts.Employment = true, endedInConnexie
	s.away = outage
	s.after(time.Hour, func() {
		require.Equal(t, domain.EndingWaitsForConfirmation, s.status().Stage)
		require.Contains(t, s.status().Problem, "ConnexieUnavailable")
		s.away = nil
	})
	s.after(2*days, s.seen)
	s.run()
	require.Equal(t, "ended", s.outcome())
	require.Equal(t, "automatic", s.steps[0].By)
	require.Contains(t, s.told, "11-23 ending_step_two", "a reminder tells of what did not go by itself")

	reopened := newEnding(t)
	reopened.facts.Automatic, reopened.facts.Employment = true, endedInConnexie
	reopened.whenAsked = func() { reopened.facts.Employment = openInConnexie }
	reopened.run()
	require.Equal(t, "withdrawn reopened", reopened.outcome())
	require.Empty(t, reopened.steps)
}

func TestEnding_E5_OpenedAgainWhileStepTwoWaits(t *testing.T) {
	t.Parallel()
	s := newEnding(t)
	s.facts.Employment = endedInConnexie
	s.after(days, func() {
		s.facts.Employment = openInConnexie
		s.connexieChanged()
	})
	s.run()
	require.Equal(t, "withdrawn reopened", s.outcome())
	require.Equal(t, "11-23 ending_over", s.told[len(s.told)-1])
	require.Empty(t, s.steps)
}

func TestEnding_E6_AReactivationAndASyncThatNeverComes(t *testing.T) {
	t.Parallel()
	confirmed := func(then func(*endingSuite)) *endingSuite {
		s := newEnding(t)
		s.facts.Employment = endedInConnexie
		s.after(time.Hour, func() { s.update(workflows.UpdateConfirmEnd, "", workflows.ConfirmEndInput{By: "user_1"}) })
		s.after(2*time.Hour, func() {
			s.connexieChanged() // a run that did not see the person
			then(s)
		})
		s.run()
		return s
	}
	back := confirmed(func(s *endingSuite) {
		s.facts.Active, s.facts.Seen = true, true
		s.connexieChanged()
	})
	require.Equal(t, "reactivated", back.outcome())
	never := confirmed(func(*endingSuite) {})
	require.Equal(t, "unwatched", never.outcome())
	require.Equal(t, 14*days+time.Hour, never.env.Now().Sub(beginning).Truncate(time.Minute), "and not a day longer")
}

func TestEnding_E1_TwoManagersConfirmAtOnce(t *testing.T) {
	t.Parallel()
	s := newEnding(t)
	s.facts.Employment = endedInConnexie
	var first, second *updated
	s.after(time.Hour, func() {
		first = s.update(workflows.UpdateConfirmEnd, "first", workflows.ConfirmEndInput{By: "user_1"})
		second = s.update(workflows.UpdateConfirmEnd, "second", workflows.ConfirmEndInput{By: "user_2"})
	})
	s.after(2*time.Hour, s.seen)
	s.run()
	require.Equal(t, "ended", s.outcome())
	require.Len(t, s.steps, 1)
	for _, answer := range []*updated{first, second} {
		require.NoError(t, answer.failed)
		require.Contains(t, answer.answer, `"confirmed_by":"`+s.steps[0].By+`"`, "both are told who did it")
	}
}

func TestEnding_DuplicatedAndLateSignalsChangeNothing(t *testing.T) {
	t.Parallel()
	s := newEnding(t)
	s.after(time.Hour, func() {
		for range 10 {
			s.connexieChanged()
		}
	})
	s.after(2*time.Hour, func() {
		require.LessOrEqual(t, len(s.looks), 2, "signals that come together are looked at together")
		s.facts.Employment = endedInConnexie
		s.connexieChanged()
	})
	s.after(3*time.Hour, func() {
		s.env.SignalWorkflow(workflows.UpdateConfirmEnd, workflows.ConfirmEndInput{By: "user_1"})
		s.env.SignalWorkflow(workflows.UpdateConfirmEnd, workflows.ConfirmEndInput{By: "user_1"})
		s.connexieChanged()
	})
	s.after(4*time.Hour, func() {
		s.env.SignalWorkflow(workflows.UpdateWithdraw, workflows.WithdrawInput{By: "user_2"})
	})
	s.after(5*time.Hour, func() {
		require.Contains(t, s.details(), "Refused: withdraw: the team member has been deactivated")
		s.seen()
	})
	s.run()
	require.Equal(t, "ended", s.outcome())
	require.Len(t, s.steps, 1)
	require.Empty(t, s.withdrawals)
}

func TestEnding_ConfirmationsThatCameWithTheStartWaitTheirTurn(t *testing.T) {
	t.Parallel()
	s := newEnding(t)
	s.facts.Employment = endedInConnexie
	var confirmed *updated
	s.after(0, func() { confirmed = s.update(workflows.UpdateConfirmEnd, "", workflows.ConfirmEndInput{By: "user_1"}) })
	s.after(time.Hour, s.seen)
	s.run()
	require.Equal(t, "ended", s.outcome())
	require.NoError(t, confirmed.failed)
}

func TestEnding_E1_AConfirmationIsRefusedWhileConnexieShowsTheEmploymentAsActive(t *testing.T) {
	t.Parallel()
	s := newEnding(t)
	var refused, checked, away *updated
	s.after(time.Hour, func() { refused = s.update(workflows.UpdateConfirmEnd, "", workflows.ConfirmEndInput{By: "user_1"}) })
	s.after(2*time.Hour, func() {
		s.away = outage
		away = s.update(workflows.UpdateConfirmEnd, "", workflows.ConfirmEndInput{By: "user_1"})
	})
	s.after(3*time.Hour, func() {
		require.Equal(t, domain.EndingWaitsForConnexie, s.status().Stage)
		s.away, s.facts.Employment = nil, endedInConnexie
		checked = s.update(workflows.UpdateCheckConnexie, "", workflows.CheckConnexieInput{})
	})
	s.after(4*time.Hour, func() { s.update(workflows.UpdateWithdraw, "", workflows.WithdrawInput{}) })
	s.run()
	require.ErrorContains(t, refused.failed, "E1: Connexie still shows the employment as active")
	require.ErrorContains(t, away.failed, "down")
	require.Contains(t, checked.answer, `"stage":"waiting_for_confirmation"`, "E2: seen at once")
	require.Empty(t, s.steps)
	require.Equal(t, "withdrawn by_hand", s.outcome())
}

func TestEnding_E3_TheDateChangesWhileItIsWaitedFor(t *testing.T) {
	t.Parallel()
	s := newEnding(t)
	s.mayEnd = true
	later := lastDay.AddDays(31)
	var changed *updated
	s.after(days, func() {
		changed = s.update(workflows.UpdateChangeEndDate, "", workflows.ChangeEndDateInput{EndDate: later, By: "user_1"})
	})
	s.after(lastDay.AddDays(1).At(12, 0).Sub(beginning), func() {
		require.Equal(t, domain.EndingWaitsForDate, s.status().Stage, "the timer of the first date is gone")
		require.Equal(t, later, s.status().EndDate)
	})
	s.after(later.AddDays(1).At(0, 1).Sub(beginning), func() {
		require.Equal(t, domain.EndingWaitsForConfirmation, s.status().Stage)
		late := s.update(workflows.UpdateChangeEndDate, "", workflows.ChangeEndDateInput{EndDate: lastDay})
		s.after(time.Minute, func() { require.ErrorContains(t, late.failed, "the employment has ended in Connexie") })
		s.after(time.Hour, func() { s.update(workflows.UpdateWithdraw, "", workflows.WithdrawInput{}) })
	})
	s.run()
	require.Contains(t, changed.answer, `"end_date":"2026-12-31"`)
	require.Equal(t, "withdrawn by_hand", s.outcome())
}

func TestEnding_WithdrawnInEachStage(t *testing.T) {
	t.Parallel()
	for stage, row := range map[domain.EndingStage]struct {
		prepare func(*endingSuite)
		outcome string
		told    bool
	}{
		domain.EndingWaitsForConnexie:     {func(*endingSuite) {}, "withdrawn stays", false},
		domain.EndingWaitsForDate:         {func(s *endingSuite) { s.mayEnd = true }, "withdrawn stays", true},
		domain.EndingWaitsForConfirmation: {func(s *endingSuite) { s.facts.Employment = endedInConnexie }, "withdrawn stays", true},
		domain.EndingWatches: {func(s *endingSuite) {
			s.facts.Employment, s.facts.Automatic = endedInConnexie, true
		}, "ended", false},
	} {
		t.Run(string(stage), func(t *testing.T) {
			t.Parallel()
			s := newEnding(t)
			row.prepare(s)
			var withdrawn *updated
			s.after(time.Hour, func() {
				require.Equal(t, stage, s.status().Stage)
				withdrawn = s.update(workflows.UpdateWithdraw, "", workflows.WithdrawInput{By: "user_1", Reason: "stays"})
			})
			s.after(2*time.Hour, s.seen)
			s.run()
			require.Equal(t, row.outcome, s.outcome())
			require.Equal(t, row.told, strings.Contains(strings.Join(s.told, " "), "ending_over"), "what stays in Connexie is told")
			if stage == domain.EndingWatches {
				require.ErrorContains(t, withdrawn.failed, "has been deactivated")
			} else {
				require.Contains(t, withdrawn.answer, `"outcome":"withdrawn"`)
				require.Equal(t, "user_1", s.withdrawals[0].By)
			}
		})
	}
}

func TestEnding_AnEndingThatCannotBeIsAResult(t *testing.T) {
	t.Parallel()
	s := newEnding(t)
	s.refused = domain.EndingNotLinked
	s.run()
	require.Equal(t, "refused not_linked", s.outcome())
	require.Contains(t, s.result(), `"problem":"No. Do this."`)
	require.Empty(t, s.asks)
}

func TestEnding_N6_ConnexieAwayAtTheStart(t *testing.T) {
	t.Parallel()
	s := newEnding(t)
	s.away = no
	s.after(time.Hour, func() {
		require.Equal(t, domain.EndingWaitsForConnexie, s.status().Stage)
		require.Contains(t, s.status().Problem, "starter activate")
		s.facts.Employment = endedInConnexie
		s.connexieChanged() // the mirror knows, once a new token is there
	})
	s.after(2*time.Hour, func() {
		require.Equal(t, domain.EndingWaitsForConfirmation, s.status().Stage)
		s.update(workflows.UpdateWithdraw, "", workflows.WithdrawInput{})
	})
	s.run()
	require.Equal(t, "withdrawn by_hand", s.outcome())
}

func TestEnding_MessagesThatCannotBeAreAnsweredOrShown(t *testing.T) {
	t.Parallel()
	s := newEnding(t)
	var wrong []*updated
	s.after(time.Hour, func() {
		for _, message := range []struct {
			name string
			body any
		}{
			{workflows.UpdateConfirmEnd, json.RawMessage(`{"by":"Jan Jansen"}`)},
			{workflows.UpdateConfirmEnd, json.RawMessage(`{"bye":"user_1"}`)},
			{workflows.UpdateChangeEndDate, json.RawMessage(`{}`)},
			{workflows.UpdateChangeEndDate, json.RawMessage(`{"end_date":"2026-02-30"}`)},
			{workflows.UpdateWithdraw, json.RawMessage(`{"reason":"gaat toch niet weg"}`)},
			{workflows.UpdateCheckConnexie, json.RawMessage(`{"now":true}`)},
		} {
			wrong = append(wrong, s.update(message.name, "", message.body))
		}
		s.env.SignalWorkflow(workflows.UpdateConfirmEnd, "no object")
		s.env.SignalWorkflow(workflows.UpdateWithdraw, json.RawMessage(`{"why":1}`))
		s.env.SignalWorkflow(workflows.UpdateConfirmEnd, nil)
	})
	s.after(2*time.Hour, func() {
		details := s.details()
		require.Contains(t, details, "Refused: confirmEndInEitje: this cannot be run: the input must be one JSON object")
		require.Contains(t, details, `Refused: withdraw: this cannot be run: unknown member "why"`)
		require.Contains(t, details, "Refused: confirmEndInEitje: E1")
		s.env.SignalWorkflow(workflows.UpdateWithdraw, workflows.WithdrawInput{By: "user_1"})
	})
	s.run()
	require.Equal(t, "withdrawn by_hand", s.outcome())
	for _, update := range wrong {
		require.Error(t, update.rejected)
		require.ErrorContains(t, update.rejected, "Example: ")
		require.NotContains(t, update.rejected.Error(), "Jansen")
	}
	require.Empty(t, s.steps)
}

// A history that grows too long is followed by another, which knows all that was known.
func TestEnding_GoesOnInANewHistoryWithAllThatIsKnown(t *testing.T) {
	t.Parallel()
	s := newEnding(t)
	s.after(25*days, func() {
		s.env.SetContinueAsNewSuggested(true)
		s.env.SignalWorkflow(workflows.UpdateConfirmEnd, "no object")
	})
	s.run()
	var next *workflow.ContinueAsNewError
	require.ErrorAs(t, s.env.GetWorkflowError(), &next)
	var in workflows.EndEmploymentInput
	require.NoError(t, json.Unmarshal(next.Input.GetPayloads()[0].GetData(), &in))
	require.NotNil(t, in.Carried)
	require.Equal(t, 4, in.Carried.Standing.Reminders)
	require.Len(t, in.Carried.Rejects, 1, "also what nobody has read yet")
	require.Less(t, len(next.Input.GetPayloads()[0].GetData()), 4096)

	later := newEnding(t)
	later.env.SetContinuedExecutionRunID("the run before")
	later.env.SetStartTime(s.env.Now())
	later.facts = s.facts
	later.after(31*days, func() {
		require.Equal(t, 5, later.status().Reminders, "the distances go on growing")
		later.facts.Employment = endedInConnexie
		later.connexieChanged()
	})
	later.after(32*days, func() { later.update(workflows.UpdateConfirmEnd, "", workflows.ConfirmEndInput{By: "user_1"}) })
	later.after(33*days, later.seen)
	later.env.ExecuteWorkflow(workflows.TypeEndEmployment, in)
	require.Equal(t, "ended", later.outcome())
	require.Empty(t, later.opens, "it is the same ending")
	require.Equal(t, s.opens[0].ID, later.steps[0].Run.ID)
}

// A message that is under way keeps the history from ending.
func TestEnding_NoMessageIsLostBetweenHistories(t *testing.T) {
	t.Parallel()
	s := newEnding(t)
	s.facts.Employment = endedInConnexie
	var confirmed *updated
	s.after(time.Hour, func() {
		s.env.SetContinueAsNewSuggested(true)
		s.connexieChanged()
		confirmed = s.update(workflows.UpdateConfirmEnd, "", workflows.ConfirmEndInput{By: "user_1"})
	})
	s.run()
	require.True(t, workflow.IsContinueAsNewError(s.env.GetWorkflowError()))
	require.NoError(t, confirmed.failed)
	require.Contains(t, confirmed.answer, `"stage":"watching"`)
	require.Len(t, s.steps, 1)
}

func TestEnding_CarriedStateComesFromTheWorkflowAlone(t *testing.T) {
	t.Parallel()
	s := newEnding(t)
	s.env.ExecuteWorkflow(workflows.TypeEndEmployment, workflows.EndEmploymentInput{
		ConnectionID: connection, TeamMemberID: member, EndDate: lastDay, Carried: &workflows.EndingState{},
	})
	require.Contains(t, s.failure().Message(), `"carried" is the workflow's own`)
}

func TestEnding_ACancelledEndingIsWithdrawn(t *testing.T) {
	t.Parallel()
	s := newEnding(t)
	s.after(2*days, s.env.CancelWorkflow)
	s.run()
	var cancelled *temporal.CanceledError
	require.ErrorAs(t, s.env.GetWorkflowError(), &cancelled)
	require.Equal(t, []activities.WithdrawEndingInput{{Run: s.opens[0], By: "engine", Reason: domain.EndingCancelled}}, s.withdrawals)
}

func TestEnding_AFailureOfTheDatabaseIsForSomebodyToLookAt(t *testing.T) {
	t.Parallel()
	s := newEnding(t)
	var outcomes []string
	s.env.OnUpsertTypedSearchAttributes(mock.Anything).Run(func(arguments mock.Arguments) {
		set := arguments.Get(0).(temporal.SearchAttributes)
		if outcome, has := set.GetKeyword(workflows.AttributeOutcome); has {
			attention, _ := set.GetBool(workflows.AttributeNeedsAttention)
			require.True(t, attention)
			outcomes = append(outcomes, outcome)
		}
	}).Return(nil)
	s.broken = broken
	s.after(time.Hour, s.connexieChanged)
	s.run()
	require.Equal(t, activities.ErrorDatabase, s.failure().Type())
	require.Equal(t, []string{"failed"}, outcomes)
}

func TestEnding_IsFoundByWhereItStandsAndWhenItIsDue(t *testing.T) {
	t.Parallel()
	s := newEnding(t)
	s.mayEnd = true
	var found []string
	s.env.OnUpsertTypedSearchAttributes(mock.Anything).Run(func(arguments mock.Arguments) {
		set := arguments.Get(0).(temporal.SearchAttributes)
		stage, _ := set.GetKeyword(workflows.AttributeStage)
		due, _ := set.GetTime(workflows.AttributeDueAt)
		attention, _ := set.GetBool(workflows.AttributeNeedsAttention)
		line := stage + " " + due.UTC().Format("01-02T15:04")
		if attention {
			line += " !"
		}
		found = append(found, line)
	}).Return(nil)
	s.after(20*days, func() { s.update(workflows.UpdateConfirmEnd, "", workflows.ConfirmEndInput{By: "user_1"}) })
	s.after(21*days, s.seen)
	s.run()
	require.Equal(t, []string{
		"opened 01-01T00:00", "waiting_for_date 11-30T23:00", "waiting_for_confirmation 12-02T08:00 !", "waiting_for_confirmation 12-05T08:00 !",
		"waiting_for_confirmation 12-12T08:00 !", "waiting_for_confirmation 12-26T08:00 !", "watching 12-26T15:04", "closed 01-01T00:00",
	}, found)
}
