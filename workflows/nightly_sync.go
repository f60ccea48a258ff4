package workflows

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
)

// NightlySyncInput is what a night is started with. The empty object takes every
// connection that is due.
type NightlySyncInput struct {
	ConnectionIDs []string `json:"connection_ids,omitempty"`
	// StartsPerSecond paces the starts; 20 where it is left out.
	StartsPerSecond float64 `json:"starts_per_second,omitempty"`

	unknown unknown
}

const (
	nightExample           = `{} or {"connection_ids":["0190a1b2-0000-7000-8000-000000000001"],"starts_per_second":20}`
	defaultStartsPerSecond = 20
	// maxNightConnections keeps the input far below the engine's limit of 2 MiB; a
	// whole night names none and reads them from the database.
	maxNightConnections = 1000
)

// UnmarshalJSON collects what the input does not know for the validation.
func (in *NightlySyncInput) UnmarshalJSON(data []byte) error {
	in.unknown.decode(data, in)
	return nil
}

func (in NightlySyncInput) validated(ctx workflow.Context) (NightlySyncInput, error) {
	if in.StartsPerSecond == 0 {
		in.StartsPerSecond = defaultStartsPerSecond
	}
	c := checks{in.unknown}
	c.require(in.StartsPerSecond >= 0.1 && in.StartsPerSecond <= 1000,
		`member "starts_per_second" must lie between 0.1 and 1000`)
	c.require(len(in.ConnectionIDs) <= maxNightConnections, `member "connection_ids" names at most %d`, maxNightConnections)
	c.require(!slices.ContainsFunc(in.ConnectionIDs, func(id string) bool { return !idPattern.MatchString(id) }),
		`member "connection_ids" must hold ids: 1 to 64 letters, digits, - or _`)
	id := workflow.GetInfo(ctx).WorkflowExecution.ID
	c.require(id == NightlySyncID || strings.HasPrefix(id, NightlySyncID+"-"),
		"a night belongs under the workflow id %s, or one that begins with %s-", NightlySyncID, NightlySyncID)
	return in, c.err(nightExample)
}

// NightResult is the night's summary: it answers whether everyone was synchronised.
type NightResult struct {
	Outcome domain.NightOutcome `json:"outcome"`
	NightID string              `json:"night_id"`
	Night   domain.Date         `json:"night"`
	Total   int                 `json:"total"`
	// Counts has a number for each outcome of a connection's run, and left_out for
	// connections that were named and are unknown or not active.
	Counts domain.Counts `json:"counts"`
}

// NightProgress is the answer to the query progress.
type NightProgress struct {
	Stage    string        `json:"stage"`
	Done     int           `json:"done"`
	Total    int           `json:"total"`
	Counts   domain.Counts `json:"counts"`
	NextStep string        `json:"next_step"`
}

// NightlySync is the night (S1): it lists the connections from the database, probes
// those that need a token (C8) or were out of reach for three nights (N6), starts the others in paced slices, each under its
// fixed id, joins those that run already, follows them through the database, and
// ends with the night's summary. A run that the guard holds counts as held and is
// not waited for; what still runs after six hours is unfinished.
//
// The schedule nightly-sync starts it at 23:00 Europe/Amsterdam; its id begins with
// nightly-sync. The query progress tells how far it is.
func NightlySync(ctx workflow.Context, in NightlySyncInput) (NightResult, error) {
	in, err := in.validated(ctx)
	if err != nil {
		return NightResult{}, err
	}
	n := &night{in: in, id: derivedID(ctx, 1)}
	if err := n.listen(ctx); err != nil {
		return NightResult{}, err
	}
	return n.run(ctx)
}

// night is one execution of NightlySync.
type night struct {
	in       NightlySyncInput
	id       string
	opened   activities.OpenNightResult
	progress NightProgress
}

func (n *night) listen(ctx workflow.Context) error {
	err := workflow.SetQueryHandlerWithOptions(ctx, QueryProgress,
		func() (NightProgress, error) { return n.progress, nil },
		workflow.QueryHandlerOptions{Description: "How far the night is."})
	if err != nil {
		return fmt.Errorf("register the query %s: %w", QueryProgress, err)
	}
	return nil
}

func (n *night) run(ctx workflow.Context) (NightResult, error) {
	upsert(ctx, AttributeTrigger.ValueSet(triggerNightly), AttributeStage.ValueSet("starting"))
	if err := n.open(ctx); err != nil {
		return NightResult{}, err
	}
	if err := n.probe(ctx); err != nil {
		return NightResult{}, err
	}
	if err := n.start(ctx); err != nil {
		return NightResult{}, err
	}
	return n.follow(ctx)
}

// probe asks once about whoever needs a token, or was out of reach for nights: who is
// well again takes part in this very night (C8, N6).
func (n *night) probe(ctx workflow.Context) error {
	if n.opened.NeedToken+n.opened.Quarantined == 0 {
		return nil
	}
	n.show(ctx, "probing", 0, nil)
	summary := fmt.Sprintf("Probe %d refused tokens", n.opened.NeedToken)
	if n.opened.Quarantined > 0 {
		summary += fmt.Sprintf(" and %d out of reach", n.opened.Quarantined)
	}
	_, err := do(withSummary(ctx, probeOptions, summary), reading.ProbeTokens, activities.ProbeInput{NightID: n.id})
	return err
}

func (n *night) open(ctx workflow.Context) error {
	n.show(ctx, "opening", 0, nil)
	opened, err := do(withSummary(ctx, databaseOptions, "List the connections"), nights.OpenNight, activities.OpenNightInput{
		NightID: n.id, WorkflowID: workflow.GetInfo(ctx).WorkflowExecution.ID,
		Scheduled: scheduledFor(ctx), ConnectionIDs: n.in.ConnectionIDs,
	})
	n.opened = opened
	return err
}

// scheduledFor is the instant that the night was meant for: a night that the
// schedule catches up after an outage still answers for its own evening.
func scheduledFor(ctx workflow.Context) time.Time {
	if at, ok := workflow.GetTypedSearchAttributes(ctx).GetTime(scheduledStart); ok {
		return at
	}
	return workflow.GetInfo(ctx).WorkflowStartTime
}

func (n *night) start(ctx workflow.Context) error {
	in := activities.StartSyncsInput{NightID: n.id, Night: n.opened.Night, StartsPerSecond: n.in.StartsPerSecond}
	started := 0
	for {
		n.show(ctx, "starting", started, nil)
		summary := fmt.Sprintf("Start connections, %d of %d done", started, n.opened.Total)
		slice, err := do(withSummary(ctx, startOptions, summary), nights.StartSyncs, in)
		if err != nil {
			return err
		}
		started += slice.Started
		if slice.Done {
			return nil
		}
		in.After = slice.After
	}
}

func (n *night) follow(ctx workflow.Context) (NightResult, error) {
	n.show(ctx, "following", 0, nil)
	until := workflow.GetInfo(ctx).WorkflowStartTime.Add(nightLasts)
	summary, err := do(withSummary(ctx, followOptions, fmt.Sprintf("Follow %d connections", n.opened.Total)),
		nights.FollowNight, activities.FollowNightInput{NightID: n.id, Until: until})
	if err != nil {
		return NightResult{}, err
	}
	counts := summary.Counts
	if counts == nil {
		counts = domain.Counts{}
	}
	if n.opened.LeftOut > 0 {
		counts["left_out"] = n.opened.LeftOut
	}
	upsert(ctx,
		AttributeOutcome.ValueSet(string(summary.Outcome)),
		AttributeStage.ValueSet(string(StageClosed)),
		AttributeNeedsAttention.ValueSet(summary.Outcome != domain.NightOK))
	n.show(ctx, string(StageClosed), summary.Total, counts)
	return NightResult{
		Outcome: summary.Outcome, NightID: n.id, Night: n.opened.Night, Total: summary.Total, Counts: counts,
	}, nil
}

// show notes how far the night is, for the query and for the UI.
func (n *night) show(ctx workflow.Context, stage string, done int, counts domain.Counts) {
	if counts == nil {
		counts = domain.Counts{}
	}
	n.progress = NightProgress{
		Stage: stage, Done: done, Total: n.opened.Total, Counts: counts,
		NextStep: "See every connection of the night with: starter nights --night " + n.opened.Night.String(),
	}
	workflow.SetCurrentDetails(ctx, fmt.Sprintf("**%s** · night of %s · %d connections\n\n%s**What you can do:** %s\n",
		stage, n.opened.Night, n.opened.Total, countsTable(counts), n.progress.NextStep))
}
