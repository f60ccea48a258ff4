package app

import (
	"context"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/workflows"
)

// Removal is how far a removal is. Outcome is empty while it is under way, then removed.
type Removal struct {
	ConnectionID   string `json:"connection_id"`
	OrganisationID string `json:"organisation_id"`
	WorkflowID     string `json:"workflow_id"`
	Link           string `json:"link,omitempty"`
	Stage          string `json:"stage"`
	Outcome        string `json:"outcome,omitempty"`
	// Counts has ended, what was under way, endings, those of employments that were
	// withdrawn, and unsettled, 1 where a draft or a run was left because it could not be
	// ended in time.
	Counts domain.Counts `json:"counts"`
	// Stays is what is kept.
	Stays    Holds  `json:"stays"`
	NextStep string `json:"next_step"`
}

// ConfirmRemoval refuses a removal that nobody confirmed, and tells what it would do.
// Needs the database.
func (o *Operator) ConfirmRemoval(ctx context.Context, connectionID string) error {
	detail, err := o.ConnectionDetail(ctx, connectionID)
	if err != nil {
		return err
	}
	return refused(fmt.Sprintf("To do it: starter connections remove --connection %s --yes. To leave it out for a while only: "+
		"starter connections pause --connection %s", detail.ConnectionID, detail.ConnectionID),
		"nothing was done. Removing connection %s ends what is under way (%d) and the endings of employments that are "+
			"not over (%d), deletes its token and leaves it out of everything; %d links, %d exported entries and the history of %d runs and %d exports stay, and activating it again "+
			"with a token of the same Connexie account revives it with them",
		detail.ConnectionID, len(detail.UnderWay), detail.OpenEndings, detail.Holds.Links, detail.Holds.ExportedEntries, detail.Holds.Runs, detail.Holds.Exports)
}

// RemoveConnection takes a connection out of everything (C9): what is under way is ended
// and drafts of hours are withdrawn, the token is deleted (N3), and open notifications
// close. Links, exported markers and history stay. Removing again changes nothing, and
// joins a removal that is under way. Needs the database and Temporal.
func (o *Operator) RemoveConnection(ctx context.Context, connectionID, by string) (Removal, error) {
	by, err := requester(by)
	if err != nil {
		return Removal{}, err
	}
	detail, err := o.ConnectionDetail(ctx, connectionID)
	if err != nil {
		return Removal{}, err
	}
	removal := Removal{
		ConnectionID: detail.ConnectionID, OrganisationID: detail.OrganisationID, WorkflowID: workflows.RemoveID(detail.ConnectionID),
		Stage: "starting", Counts: domain.Counts{}, Stays: detail.Holds,
		NextStep: "Follow it with: starter connections show --connection " + detail.ConnectionID,
	}
	removal.Link = o.workflowLink(removal.WorkflowID)
	starting, cancel := context.WithTimeout(ctx, engineBound)
	defer cancel()
	_, err = o.temporal.ExecuteWorkflow(starting, removalOptions(detail), workflows.TypeRemoveConnection,
		workflows.RemoveConnectionInput{ConnectionID: detail.ConnectionID, RequestedBy: by})
	return removal, fromEngine("start the removal of connection "+detail.ConnectionID, err)
}

func removalOptions(detail ConnectionDetail) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		ID:                       workflows.RemoveID(detail.ConnectionID),
		TaskQueue:                workflows.QueueMain,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		Priority:                 temporal.Priority{PriorityKey: workflows.PriorityManual, FairnessKey: detail.ConnectionID},
		StaticSummary:            fmt.Sprintf("Remove connection %s", detail.ConnectionID),
		TypedSearchAttributes: temporal.NewSearchAttributes(
			workflows.AttributeConnection.ValueSet(detail.ConnectionID),
			workflows.AttributeOrganisation.ValueSet(detail.OrganisationID)),
	}
}

// FollowRemoval waits until a removal has ended, and shows each step on the way. It ends
// with the context's error where that ends first; the removal goes on.
func (o *Operator) FollowRemoval(ctx context.Context, started Removal, show func(Removal)) (Removal, error) {
	ended := make(chan error, 1)
	var result workflows.RemovalResult
	go func() { ended <- o.temporal.GetWorkflow(ctx, started.WorkflowID, "").Get(ctx, &result) }()
	current := started
	for {
		select {
		case err := <-ended:
			if err != nil {
				return current, o.endedBadly(ctx, "remove connection "+started.ConnectionID, started.Link, err)
			}
			current.Stage, current.Outcome, current.Counts = result.Outcome, result.Outcome, result.Counts
			current.NextStep = "To revive it with its links: starter activate --organisation " + started.OrganisationID + " --token-file -"
			return current, nil
		case <-o.tick():
			o.queryRemoval(ctx, &current)
			show(current)
		}
	}
}

// queryRemoval asks how far it is; without a worker nobody answers, and what is known
// stays.
func (o *Operator) queryRemoval(ctx context.Context, current *Removal) {
	ctx, cancel := context.WithTimeout(ctx, queryBound)
	defer cancel()
	var status workflows.RemovalStatus
	answer, err := o.temporal.QueryWorkflow(ctx, current.WorkflowID, "", workflows.QueryStatus)
	if err == nil && answer.Get(&status) == nil && status.Stage != "" {
		current.Stage, current.Counts = status.Stage, status.Counts
	}
}
