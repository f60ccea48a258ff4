package app

import (
	"context"
	"errors"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/eitje/connexie-worker/internal/config"
	"github.com/eitje/connexie-worker/internal/connexie"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/workflows"
)

// ActivationRequest asks to activate an organisation's connection.
type ActivationRequest struct {
	OrganisationID string
	// Token is the API token of the Connexie account (C1).
	Token config.Secret
	// By is the id of a person or program; DefaultRequester where empty.
	By string
	// PreviewFirst previews the first synchronisation and leaves the connection paused,
	// until somebody has looked and resumes it (C2).
	PreviewFirst bool
}

// Activation is how far an activation is. Outcome is empty while it is under way,
// then ok, refused, other_account or unreachable.
type Activation struct {
	ConnectionID   string        `json:"connection_id"`
	OrganisationID string        `json:"organisation_id"`
	WorkflowID     string        `json:"workflow_id"`
	Link           string        `json:"link,omitempty"`
	Stage          string        `json:"stage"`
	Outcome        string        `json:"outcome,omitempty"`
	Counts         domain.Counts `json:"counts"`
	NextStep       string        `json:"next_step"`
	// PreviewRunID is the run of a preview that was asked for first.
	PreviewRunID string `json:"preview_run_id,omitempty"`
}

// Activate makes or revives the organisation's connection, seals the token beside
// the one in use, and starts its activation (C1, C2). Activating again with a new
// token of the same account resumes everything (C8). Needs the database, the keys and
// Temporal.
//
// An empty token is refused: the connection stays as it is, nothing is fetched, and
// an inactive one says so with a notification (C1). Where Temporal fails after the
// token was kept, calling again goes on.
func (o *Operator) Activate(ctx context.Context, request ActivationRequest) (Activation, error) {
	by, err := requester(request.By)
	if err != nil {
		return Activation{}, err
	}
	token := request.Token.Reveal()
	if _, err := connexie.NewToken(token); err != nil && token != "" {
		return Activation{}, invalid("Copy the token from Connexie once more, alone and whole.", "this is no API token: %v", err)
	}
	connection, err := o.addConnection(ctx, request.OrganisationID)
	if err != nil {
		return Activation{}, err
	}
	if token == "" {
		return Activation{}, o.refuseEmptyToken(ctx, connection)
	}
	if err := o.keepToken(ctx, connection.ID, token, by); err != nil {
		return Activation{}, err
	}
	return o.startActivation(ctx, connection, by, request.PreviewFirst)
}

func (o *Operator) addConnection(ctx context.Context, organisationID string) (store.Connection, error) {
	const list = "Give the id of an organisation that Eitje has (eitje.organisations)."
	if !isRecordID(organisationID) {
		return store.Connection{}, malformed(list, "an organisation", organisationID)
	}
	connection, err := o.store.AddConnection(ctx, organisationID, o.now())
	if errors.Is(err, store.ErrOrganisationUnknown) {
		return connection, notFound(list, "there is no organisation %q", organisationID)
	}
	return connection, err
}

func (o *Operator) refuseEmptyToken(ctx context.Context, connection store.Connection) error {
	if err := o.store.RefuseToken(ctx, connection.ID, store.SealedToken{}, o.now()); err != nil {
		return err
	}
	return refused("Make an API token in Connexie and activate again with it.",
		"the token is empty: connection %s stays %s and nothing was fetched (C1)", connection.ID, connection.State)
}

func (o *Operator) keepToken(ctx context.Context, connectionID, token, by string) error {
	sealed, err := sealToken(o.keys, connectionID, []byte(token))
	if err != nil {
		return err
	}
	return o.store.SetToken(ctx, connectionID, sealed, by, o.now())
}

// startActivation takes the place of an activation under way: that one may have
// checked the token before this one, and every step bears a repetition.
func (o *Operator) startActivation(
	ctx context.Context, connection store.Connection, by string, previewFirst bool,
) (Activation, error) {
	if err := o.endActivation(ctx, connection.ID); err != nil {
		return Activation{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, engineBound)
	defer cancel()
	options := client.StartWorkflowOptions{
		ID:                       workflows.ActivateID(connection.ID),
		TaskQueue:                workflows.QueueMain,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING,
		WorkflowIDReusePolicy:    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		Priority:                 temporal.Priority{PriorityKey: workflows.PriorityManual, FairnessKey: connection.ID},
		StaticSummary:            fmt.Sprintf("Activate connection %s", connection.ID),
		TypedSearchAttributes: temporal.NewSearchAttributes(
			workflows.AttributeConnection.ValueSet(connection.ID),
			workflows.AttributeOrganisation.ValueSet(connection.OrganisationID)),
	}
	_, err := o.temporal.ExecuteWorkflow(ctx, options, workflows.TypeActivateConnection,
		workflows.ActivateConnectionInput{ConnectionID: connection.ID, RequestedBy: by, PreviewFirst: previewFirst})
	if err != nil {
		return Activation{}, fromEngine("start the activation of connection "+connection.ID, err)
	}
	return Activation{
		ConnectionID: connection.ID, OrganisationID: connection.OrganisationID, WorkflowID: options.ID,
		Link: o.workflowLink(options.ID), Stage: "starting", Counts: domain.Counts{},
		NextStep: "Follow it with: starter status --connection " + connection.ID,
	}, nil
}

// endActivation cancels an activation that is under way and waits a moment for its end,
// so that a preview of its own is closed. One that no worker ends is left to whoever
// takes its place.
func (o *Operator) endActivation(ctx context.Context, connectionID string) error {
	ctx, cancel := context.WithTimeout(ctx, updateBound)
	defer cancel()
	id := workflows.ActivateID(connectionID)
	running := &engine{temporal: o.temporal}
	execution, err := running.Execution(ctx, id)
	if err != nil || execution == "" {
		return fromEngine("look at workflow "+id, err)
	}
	if err := running.Cancel(ctx, id, execution); err != nil {
		return fromEngine("end workflow "+id, err)
	}
	_ = o.temporal.GetWorkflow(ctx, id, execution).Get(ctx, nil) // however it ended
	return nil
}

// FollowActivation waits until an activation that was started has ended, and shows
// each step on the way. It ends with the context's error where that ends first; the
// activation goes on.
func (o *Operator) FollowActivation(ctx context.Context, started Activation, show func(Activation)) (Activation, error) {
	ended := make(chan error, 1)
	var result workflows.ActivationResult
	go func() { ended <- o.temporal.GetWorkflow(ctx, started.WorkflowID, "").Get(ctx, &result) }()
	current := started
	for {
		select {
		case err := <-ended:
			if err != nil {
				return current, o.endedBadly(ctx, "activate connection "+started.ConnectionID, started.Link, err)
			}
			o.queryActivation(ctx, &current)
			current.Outcome, current.Counts, current.PreviewRunID = result.Outcome, result.Counts, result.RunID
			if undecided := result.Counts["undecided"]; undecided > 0 && result.RunID == "" {
				current.NextStep = fmt.Sprintf("Decide about %d venues: starter mappings list --connection %s",
					undecided, started.ConnectionID)
			}
			return current, nil
		case <-o.tick():
			o.queryActivation(ctx, &current)
			show(current)
		}
	}
}

// queryActivation asks how far it is; without a worker nobody answers, and what is
// known stays.
func (o *Operator) queryActivation(ctx context.Context, current *Activation) {
	ctx, cancel := context.WithTimeout(ctx, queryBound)
	defer cancel()
	var status workflows.ActivationStatus
	answer, err := o.temporal.QueryWorkflow(ctx, current.WorkflowID, "", workflows.QueryStatus)
	if err == nil && answer.Get(&status) == nil && status.Stage != "" {
		current.Stage, current.Counts, current.NextStep = status.Stage, status.Counts, status.NextStep
	}
}
