package app

import (
	"context"

	"go.temporal.io/sdk/client"

	"github.com/eitje/connexie-worker/workflows"
)

// endingTeller tells the workflow of an ending that a sync has seen something.
type endingTeller struct {
	temporal client.Client
}

// ConnexieChanged signals the ending of a team member's employment. One that nobody runs
// any more is done.
func (t *endingTeller) ConnexieChanged(ctx context.Context, teamMemberID string) error {
	err := t.temporal.SignalWorkflow(ctx, workflows.EndEmploymentID(teamMemberID), "", workflows.SignalConnexieChanged, nil)
	if isNotFound(err) {
		return nil
	}
	return err
}
