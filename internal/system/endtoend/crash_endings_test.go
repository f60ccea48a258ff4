package endtoend

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/workflows"
)

// leaving is a small organisation whose token may end employments.
func leaving(t *testing.T, s *system) *organisation {
	t.Helper()
	o := s.small(t, "Vertrek", 20)
	o.mayEnd(t)
	o.settle(t)
	return o
}

// endedInBothSteps ends an employment in Connexie and in Eitje, and has one more sync see
// it.
func endedInBothSteps(t *testing.T, o *organisation) {
	t.Helper()
	person := o.employeeID(leaver)
	member := o.member(t, person)
	run, err := o.temporal.ExecuteWorkflow(t.Context(), options(workflows.EndEmploymentID(member)), workflows.TypeEndEmployment,
		workflows.EndEmploymentInput{ConnectionID: o.connection, TeamMemberID: member, EndDate: today().AddDays(-1)})
	require.NoError(t, err)
	o.awaitEnding(t, member, domain.EndingWaitsForConfirmation)
	// Sent again after a crash it is the same confirmation.
	handle, err := o.temporal.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{
		WorkflowID: run.GetID(), UpdateID: "confirm", UpdateName: workflows.UpdateConfirmEnd,
		Args: []any{workflows.ConfirmEndInput{By: "user_1"}}, WaitForStage: client.WorkflowUpdateStageAccepted,
	})
	require.NoError(t, err)
	require.NoError(t, handle.Get(t.Context(), nil))
	require.Equal(t, "false", o.field(t, person, "active"))
	o.sync(t)
	require.Equal(t, domain.EndingEnded, result[workflows.EndingResult](t, run).Outcome)
	require.Equal(t, daysAhead(-1), o.lastDayThere(t, person))
	require.Equal(t, 3, value[int](t, o.system, `select count(*) from connexie.changes where act = 'ending'`))
}
