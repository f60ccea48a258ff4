package app

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
)

func TestOperator_E2_E4_E6_EveryStageAndOutcomeHasANextStep(t *testing.T) {
	t.Parallel()
	o := &Operator{}
	for _, stage := range []domain.EndingStage{
		domain.EndingOpened, domain.EndingWaitsForConnexie, domain.EndingWaitsForDate, domain.EndingWaitsForConfirmation, domain.EndingWatches,
	} {
		shown := o.describeEnding(store.Ending{Ending: domain.Ending{Stage: stage, TeamMemberID: "tm-1", ConnectionID: "con-1"}})
		require.NotEmpty(t, shown.NextStep, stage)
		require.NotContains(t, shown.NextStep, "Nothing was changed", stage)
	}
	for _, outcome := range []domain.EndingOutcome{
		domain.EndingEnded, domain.EndingWithdrawn, domain.EndingRefused, domain.EndingReactivated, domain.EndingUnwatched, domain.EndingAbandoned,
	} {
		shown := o.describeEnding(store.Ending{Ending: domain.Ending{Stage: domain.EndingClosed, TeamMemberID: "tm-1"}, Outcome: outcome})
		require.NotEmpty(t, shown.NextStep, outcome)
		require.Nil(t, shown.Remains, "step two was not done")
	}
}
