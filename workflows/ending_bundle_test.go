package workflows_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/workflows"
)

const (
	member   = "tm-1"
	endingID = "end-employment/" + member
)

// endingSuite is an EndEmployment in front of a Connexie and an Eitje of one person, who
// stand where the rules say: its activities answer by them.
type endingSuite struct {
	suite

	// facts is what there is; the clock is the workflow's.
	facts domain.EndingFacts
	// mayEnd tells that the token may end an employment (E2).
	mayEnd bool
	// refused is why the ending is refused at the start; away what asking Connexie fails
	// with, and broken what looking fails with.
	refused      domain.EndingReason
	away, broken error
	// whenAsked happens each time that Connexie has been asked.
	whenAsked func()

	opens       []activities.EndingRun
	asks        []activities.AskConnexieInput
	looks       []activities.LookAtEndingInput
	steps       []activities.EndInEitjeInput
	withdrawals []activities.WithdrawEndingInput
	// confirmedBy did step two.
	confirmedBy string
	// told are the notices in the order in which they went out, with when.
	told []string
}

// beginning is a Sunday afternoon: the clock of these tests.
var beginning = time.Date(2026, time.November, 22, 15, 4, 0, 0, time.UTC)

func newEnding(t *testing.T) *endingSuite {
	t.Helper()
	s := &endingSuite{suite: newSuite(t, endingID)}
	s.env.SetStartTime(beginning)
	s.facts = domain.EndingFacts{Active: true, Employment: domain.Employment{Start: domain.NewDate(2024, time.January, 1)}}
	answer(s.env, ends.OpenEnding, &s.opens, s.open)
	answer(s.env, asking.AskConnexie, &s.asks, s.ask)
	answer(s.env, ends.LookAtEnding, &s.looks, func(in activities.LookAtEndingInput) (activities.EndingStanding, error) {
		if s.broken != nil {
			return activities.EndingStanding{}, s.broken
		}
		return s.look(in.Reminder), nil
	})
	answer(s.env, ends.EndInEitje, &s.steps, s.endInEitje)
	answer(s.env, ends.WithdrawEnding, &s.withdrawals, func(in activities.WithdrawEndingInput) (activities.EndingStanding, error) {
		s.facts.Now = s.env.Now()
		return s.move(domain.PlanEndingWithdrawal(s.facts, in.Reason)), nil
	})
	return s
}

func (s *endingSuite) open(in activities.EndingRun) (activities.EndingStanding, error) {
	if s.refused != "" {
		return activities.EndingStanding{
			Stage: domain.EndingClosed, Outcome: domain.EndingRefused, Reason: s.refused, Problem: "No. Do this.", Counts: domain.Counts{},
		}, nil
	}
	s.facts.Ending = domain.Ending{
		ID: in.ID, ConnectionID: in.ConnectionID, TeamMemberID: in.TeamMemberID, ConnexieID: "emp_1",
		Stage: domain.EndingOpened, EndDate: in.EndDate, Since: s.env.Now(),
	}
	standing := s.standing(domain.EndingMove{})
	standing.OrganisationID = "org-1"
	return standing, nil
}

func (s *endingSuite) ask(in activities.AskConnexieInput) (activities.EndingStanding, error) {
	if s.whenAsked != nil {
		defer s.whenAsked()
	}
	if s.away != nil {
		return activities.EndingStanding{}, s.away
	}
	byHand := false
	if !in.EndDate.IsZero() {
		s.facts.Ending.EndDate = in.EndDate
	}
	open := s.facts.Employment.End.IsZero() && !s.facts.Employment.Ended
	if in.EndThere && (open || !in.EndDate.IsZero()) {
		if byHand = !s.mayEnd; s.mayEnd {
			s.facts.Employment.End = s.facts.Ending.EndDate
		}
	}
	standing := s.look(in.Reminder)
	standing.ByHand = byHand
	return standing, nil
}

func (s *endingSuite) look(reminder int) activities.EndingStanding {
	s.facts.Now = s.env.Now()
	s.facts.Remind = reminder > s.facts.Ending.Reminders
	return s.move(domain.PlanEnding(s.facts))
}

func (s *endingSuite) endInEitje(in activities.EndInEitjeInput) (activities.EndingStanding, error) {
	s.facts.Now = s.env.Now()
	if !s.facts.Ending.EndedAt.IsZero() {
		return s.standing(domain.EndingMove{}), nil
	}
	if !domain.PlanEndingStepTwo(s.facts) {
		refused := s.standing(domain.EndingMove{})
		refused.Problem = "E1: no"
		return refused, nil
	}
	s.facts.Active, s.facts.Ending.EndedAt = false, s.facts.Now
	s.facts.Ending.Stage = domain.EndingWatches
	s.confirmedBy = in.By
	return s.move(domain.PlanEnding(s.facts)), nil
}

// move keeps what becomes of the ending, as the store does.
func (s *endingSuite) move(move domain.EndingMove) activities.EndingStanding {
	if move.Stage != s.facts.Ending.Stage {
		s.facts.Ending.Since, s.facts.Ending.Reminders = s.facts.Now, 0
	} else if move.Reminded {
		s.facts.Ending.Reminders++
	}
	s.facts.Ending.Stage, s.facts.Ending.EndDate = move.Stage, move.EndDate
	for _, notice := range append(move.Open, move.Events...) {
		s.told = append(s.told, s.facts.Now.Format("01-02 ")+string(notice.Cause))
	}
	return s.standing(move)
}

func (s *endingSuite) standing(move domain.EndingMove) activities.EndingStanding {
	ending := s.facts.Ending
	return activities.EndingStanding{
		Stage: ending.Stage, EndDate: ending.EndDate, NextAt: move.NextAt.UTC(), Reminders: ending.Reminders,
		Automatic: s.facts.Automatic, ConfirmedBy: s.confirmedBy,
		Outcome: move.Outcome, Reason: move.Reason, Counts: domain.Counts{},
	}
}

var (
	lastDay = domain.NewDate(2026, time.November, 30)
	// endedInConnexie is an employment that has ended in Connexie.
	endedInConnexie = domain.Employment{Ended: true, Start: domain.NewDate(2024, time.January, 1), End: domain.NewDate(2026, time.November, 20)}
	openInConnexie  = domain.Employment{Start: domain.NewDate(2024, time.January, 1)}
)

func (s *endingSuite) run() {
	s.env.ExecuteWorkflow(workflows.TypeEndEmployment, workflows.EndEmploymentInput{
		ConnectionID: connection, TeamMemberID: member, EndDate: lastDay, Reason: "own_request", RequestedBy: "user_42",
	})
}

// status is the answer to the query status.
func (s *endingSuite) status() workflows.EndingStatus {
	s.Helper()
	var status workflows.EndingStatus
	require.NoError(s, json.Unmarshal([]byte(s.query(workflows.QueryStatus)), &status))
	return status
}

// outcome is how the workflow ended, in its own word and that of the reason.
func (s *endingSuite) outcome() string {
	s.Helper()
	var result workflows.EndingResult
	require.NoError(s, json.Unmarshal([]byte(s.result()), &result))
	if result.Reason != "" {
		return string(result.Outcome) + " " + string(result.Reason)
	}
	return string(result.Outcome)
}

// connexieChanged is the signal that a sync sends.
func (s *endingSuite) connexieChanged() { s.env.SignalWorkflow(workflows.SignalConnexieChanged, nil) }

// seen lets a sync pass that saw the person.
func (s *endingSuite) seen() {
	s.facts.Seen = true
	s.connexieChanged()
}

const days = 24 * time.Hour
