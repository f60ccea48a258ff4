package workflows_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/workflows"
)

// repairSuite is a repair whose activities answer as a test wants.
type repairSuite struct {
	suite
	answer func() (activities.RepairResult, error)

	applied, previewed, undone []activities.RepairInput
}

func newRepair(t *testing.T) *repairSuite {
	t.Helper()
	s := &repairSuite{suite: newSuite(t, "repair/old-1"), answer: func() (activities.RepairResult, error) {
		return activities.RepairResult{Outcome: domain.RepairDone, RepairID: "rep-1", Counts: domain.Counts{"entries": 3}}, nil
	}}
	does := func(activities.RepairInput) (activities.RepairResult, error) { return s.answer() }
	answer(s.env, repairer.ApplyRepair, &s.applied, does)
	answer(s.env, repairer.PreviewRepair, &s.previewed, does)
	answer(s.env, repairer.UndoRepair, &s.undone, does)
	return s
}

func (s *repairSuite) run(mode string) {
	s.env.ExecuteWorkflow(workflows.RepairDuplicate, workflows.RepairDuplicateInput{
		ConnectionID: connection, KeepID: "old-1", DropID: "new-1", Mode: mode, RequestedBy: "user_42",
	})
}

func TestRepair_S22_EachModeDoesItsOwnAndTellsWhatMoves(t *testing.T) {
	t.Parallel()
	const pair = "--keep old-1 --drop new-1"
	for mode, row := range map[string]struct {
		outcome domain.RepairOutcome
		next    string
		asked   func(*repairSuite) []activities.RepairInput
	}{
		"apply":   {domain.RepairDone, "Nothing. To take it back: starter duplicates undo " + pair, func(s *repairSuite) []activities.RepairInput { return s.applied }},
		"preview": {domain.RepairPreviewed, "If they are one person: starter duplicates repair " + pair, func(s *repairSuite) []activities.RepairInput { return s.previewed }},
		"undo":    {domain.RepairUndone, "Nothing.", func(s *repairSuite) []activities.RepairInput { return s.undone }},
	} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			s := newRepair(t)
			s.answer = func() (activities.RepairResult, error) {
				return activities.RepairResult{Outcome: row.outcome, RepairID: "rep-1", Counts: domain.Counts{"entries": 3}}, nil
			}
			s.run(mode)
			require.JSONEq(t, `{"outcome":"`+string(row.outcome)+`","repair_id":"rep-1","counts":{"entries":3}}`, s.result())
			asked := row.asked(s)
			require.Len(t, asked, 1)
			require.Len(t, append(append(s.applied, s.previewed...), s.undone...), 1, "nothing else was done")
			require.NotEmpty(t, asked[0].RepairID)
			require.Equal(t, activities.RepairInput{
				RepairID: asked[0].RepairID, ConnectionID: connection, KeepID: "old-1", DropID: "new-1", RequestedBy: "user_42",
			}, asked[0])
			require.JSONEq(t, `{"stage":"closed","mode":"`+mode+`","outcome":"`+string(row.outcome)+`","repair_id":"rep-1",
				"counts":{"entries":3},"next_step":"`+row.next+`"}`, s.query(workflows.QueryPreview))
			require.Contains(t, s.details(), "| entries | 3 |")
		})
	}
}

func TestRepair_S22_ARefusalIsAnOutcomeWithTheReason(t *testing.T) {
	t.Parallel()
	s := newRepair(t)
	s.answer = func() (activities.RepairResult, error) {
		return activities.RepairResult{Outcome: domain.RepairRefused, Reason: domain.RefusedBothLinked, Counts: domain.Counts{}}, nil
	}
	s.run("apply")
	require.JSONEq(t, `{"outcome":"refused","reason":"both_linked","counts":{}}`, s.result())
	require.Contains(t, s.query(workflows.QueryPreview), "linked, to different people")
}

func TestRepair_S22_AnAttemptThatWasLostIsRepeatedUnderTheSameID(t *testing.T) {
	t.Parallel()
	s := newRepair(t)
	lost, first := temporal.NewApplicationError("connection lost", activities.ErrorDatabase), true
	done := s.answer
	s.answer = func() (activities.RepairResult, error) {
		if first {
			first = false
			return activities.RepairResult{}, lost
		}
		return done()
	}
	s.run("apply")
	require.JSONEq(t, `{"outcome":"repaired","repair_id":"rep-1","counts":{"entries":3}}`, s.result())
	require.Len(t, s.applied, 2)
	require.Equal(t, s.applied[0], s.applied[1])
}

func TestRepair_S22_AFailureThatNobodyMendsFails(t *testing.T) {
	t.Parallel()
	s := newRepair(t)
	s.answer = func() (activities.RepairResult, error) {
		return activities.RepairResult{}, temporal.NewNonRetryableApplicationError("not found", activities.ErrorDatabase, errors.New("x"))
	}
	s.run("apply")
	require.Equal(t, activities.ErrorDatabase, s.failure().Type())
}
