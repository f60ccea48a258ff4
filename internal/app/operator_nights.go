package app

import (
	"context"
	"errors"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/workflows"
)

// Night is one night over many connections (S1). Outcome is empty while it is under
// way; its counts are then as of now.
type Night struct {
	NightID    string              `json:"night_id"`
	Night      domain.Date         `json:"night"`
	WorkflowID string              `json:"workflow_id"`
	Link       string              `json:"link,omitempty"`
	Total      int                 `json:"total"`
	Counts     domain.Counts       `json:"counts"`
	Outcome    domain.NightOutcome `json:"outcome,omitempty"`
	StartedAt  time.Time           `json:"started_at"`
	ClosedAt   time.Time           `json:"closed_at,omitzero"`
	// Connections tell of each; only where they were asked for.
	Connections []NightConnection `json:"connections,omitempty"`
}

// Closed reports whether the night has ended.
func (n Night) Closed() bool { return n.Outcome != "" }

// NightConnection is where one connection of a night stands.
type NightConnection struct {
	ConnectionID   string        `json:"connection_id"`
	OrganisationID string        `json:"organisation_id"`
	Standing       string        `json:"standing"`
	Joined         bool          `json:"joined"`
	RunID          string        `json:"run_id,omitempty"`
	Counts         domain.Counts `json:"counts"`
	Problem        string        `json:"problem,omitempty"`
}

func (o *Operator) describeNight(night store.Night) Night {
	return Night{
		NightID: night.ID, Night: night.Night, WorkflowID: night.WorkflowID, Link: o.workflowLink(night.WorkflowID),
		Total: night.Total, Counts: night.Counts, Outcome: night.Outcome,
		StartedAt: night.StartedAt, ClosedAt: night.ClosedAt,
	}
}

// Nights lists the latest nights, the last one first. Needs the database.
func (o *Operator) Nights(ctx context.Context, limit int) ([]Night, error) {
	found, err := o.store.Nights(ctx, limit)
	nights := make([]Night, 0, len(found))
	for _, night := range found {
		nights = append(nights, o.describeNight(night))
	}
	return nights, err
}

// NightsOn lists the nights of a date with every connection: several where one was
// started again by hand. Needs the database.
func (o *Operator) NightsOn(ctx context.Context, date string) ([]Night, error) {
	day, err := domain.ParseDate(date)
	if err != nil {
		return nil, invalid("Give a date such as 2026-11-22.", "%q is not a calendar date", shorten(date))
	}
	found, err := o.store.NightsOn(ctx, day)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, notFound("List the nights: starter nights", "there was no night of %s", day)
	}
	nights := make([]Night, 0, len(found))
	for _, night := range found {
		described := o.describeNight(night)
		if described.Connections, err = o.nightConnections(ctx, night.ID); err != nil {
			return nil, err
		}
		nights = append(nights, described)
	}
	return nights, nil
}

// nightPage is how many connections of a night are read at once.
const nightPage = 500

func (o *Operator) nightConnections(ctx context.Context, nightID string) ([]NightConnection, error) {
	connections, after := []NightConnection{}, ""
	for {
		page, err := o.store.NightConnections(ctx, nightID, after, nightPage)
		if err != nil {
			return nil, err
		}
		for _, one := range page {
			after = one.ConnectionID
			connections = append(connections, NightConnection{
				ConnectionID: one.ConnectionID, OrganisationID: one.OrganisationID, Standing: one.Standing,
				Joined: one.Joined, RunID: one.RunID, Counts: one.Counts, Problem: one.Problem,
			})
		}
		if len(page) < nightPage {
			return connections, nil
		}
	}
}

// StartedNight is a night that was started by hand.
type StartedNight struct {
	WorkflowID string `json:"workflow_id"`
	Link       string `json:"link,omitempty"`
}

// RunNight starts a night now, over the given connections or, without any, over all
// that are due. Runs that are under way are joined (S2). Needs the database and
// Temporal.
func (o *Operator) RunNight(ctx context.Context, connectionIDs ...string) (StartedNight, error) {
	in := workflows.NightlySyncInput{}
	for _, id := range connectionIDs {
		connection, err := o.connection(ctx, id)
		if err != nil {
			return StartedNight{}, err
		}
		in.ConnectionIDs = append(in.ConnectionIDs, connection.ID)
	}
	ctx, cancel := context.WithTimeout(ctx, engineBound)
	defer cancel()
	started := StartedNight{WorkflowID: workflows.NightlySyncID + "-by-hand-" + o.now().UTC().Format("2006-01-02T15:04:05.000Z")}
	started.Link = o.workflowLink(started.WorkflowID)
	_, err := o.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:                       started.WorkflowID,
		TaskQueue:                workflows.QueueMain,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowIDReusePolicy:    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		WorkflowExecutionTimeout: nightTimeout,
		Priority:                 temporal.Priority{PriorityKey: workflows.PriorityNightly},
		StaticSummary:            "A night started by hand",
	}, workflows.TypeNightlySync, in)
	return started, fromEngine("start a night", err)
}

// FollowNight waits until a night that was started has ended, and shows it at every
// look. It ends with the context's error where that ends first; the night goes on.
func (o *Operator) FollowNight(ctx context.Context, started StartedNight, show func(Night)) (Night, error) {
	ended := make(chan error, 1)
	go func() { ended <- o.temporal.GetWorkflow(ctx, started.WorkflowID, "").Get(ctx, nil) }()
	for {
		select {
		case err := <-ended:
			if err != nil {
				return Night{}, o.endedBadly(ctx, "the night "+started.WorkflowID, started.Link, err)
			}
			return o.lookAtNight(ctx, started)
		case <-o.tick():
			night, err := o.lookAtNight(ctx, started)
			if err == nil {
				show(night)
			} else if !errors.Is(err, store.ErrNotFound) {
				return Night{}, err
			}
		}
	}
}

func (o *Operator) lookAtNight(ctx context.Context, started StartedNight) (Night, error) {
	night, err := o.store.WorkflowNight(ctx, started.WorkflowID)
	if err != nil {
		return Night{}, err
	}
	described := o.describeNight(night)
	described.Connections, err = o.nightConnections(ctx, night.ID)
	return described, err
}
