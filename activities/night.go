package activities

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"
	"golang.org/x/time/rate"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
)

// SyncStarter starts synchronisations under their fixed id (S2).
type SyncStarter interface {
	// StartSync starts a full run, or joins the one that is running; joined tells
	// which. Asking again for the same night joins what was started for it.
	StartSync(ctx context.Context, request StartSync) (joined bool, err error)
	// SyncRuns reports whether the engine runs a full synchronisation of the
	// connection.
	SyncRuns(ctx context.Context, connectionID string) (bool, error)
}

// StartSync is the start of one connection's full run.
type StartSync struct {
	ConnectionID string
	Trigger      string
	Night        domain.Date
	RequestedBy  string
	// Since, where given, takes a run that was started at this instant or later for
	// the one that is asked for, also where it has ended.
	Since time.Time
}

// Nights holds the activities of the night and of starting runs.
type Nights struct {
	Store   *store.Store
	Starter SyncStarter
	// Now is the clock.
	Now func() time.Time
	// FollowEvery is how often the night looks at its runs; the default where zero.
	FollowEvery time.Duration
}

const (
	// startSlice is how many connections one activity starts.
	startSlice         = 100
	defaultFollowEvery = 2 * time.Second
	// looksUntilAsked is how many times the night looks at the database until it asks
	// the engine about the runs that are open: once a minute. askedAtOnce bounds how
	// many it asks about.
	looksUntilAsked = 30
	askedAtOnce     = 50
)

// OpenNightInput opens a night.
type OpenNightInput struct {
	NightID    string `json:"night_id"`
	WorkflowID string `json:"workflow_id"`
	// Scheduled is the instant that the night was meant to begin; its Amsterdam
	// day is the night's date.
	Scheduled time.Time `json:"scheduled"`
	// ConnectionIDs are the connections to take; none means all that are due.
	ConnectionIDs []string `json:"connection_ids,omitempty"`
}

// OpenNightResult tells what the night has before it.
type OpenNightResult struct {
	Night domain.Date `json:"night"`
	Total int         `json:"total"`
	// LeftOut counts given connections that are unknown or not active.
	LeftOut int `json:"left_out"`
	// NeedToken counts connections that get a probe before anything else (C8).
	NeedToken int `json:"need_token"`
	// Quarantined counts those that Connexie has not answered for nights; they get a
	// probe too (N6).
	Quarantined int `json:"quarantined,omitempty"`
}

// OpenNight lists the connections of the night from the database, the one truth
// (C9). Opening it again finds the same night. Errors: Database.
func (a *Nights) OpenNight(ctx context.Context, in OpenNightInput) (OpenNightResult, error) {
	night, left, err := a.Store.OpenNight(ctx, store.NightOpening{
		ID: in.NightID, Night: domain.DayOf(in.Scheduled), WorkflowID: in.WorkflowID, ConnectionIDs: in.ConnectionIDs,
	}, a.Now())
	if err != nil {
		return OpenNightResult{}, fromStore(err)
	}
	probes, err := a.Store.CountNightProbes(ctx, in.NightID)
	return OpenNightResult{
		Night: night.Night, Total: night.Total, LeftOut: len(left),
		NeedToken: probes.NeedToken, Quarantined: probes.Quarantined,
	}, fromStore(err)
}

// StartSyncsInput is one slice of starting the night's connections.
type StartSyncsInput struct {
	NightID string      `json:"night_id"`
	Night   domain.Date `json:"night"`
	// After is the connection behind which the slice begins; empty at first.
	After           string  `json:"after"`
	StartsPerSecond float64 `json:"starts_per_second"`
}

// StartSyncsResult tells how far the slice came.
type StartSyncsResult struct {
	After   string `json:"after"`
	Started int    `json:"started"`
	Done    bool   `json:"done"`
}

// StartSyncs starts a slice of the night's connections, paced; a connection whose
// run is under way is joined. What was started for this night before is not started
// again. One that cannot be started is noted and does not hold up the others.
// Errors: Database.
func (a *Nights) StartSyncs(ctx context.Context, in StartSyncsInput) (StartSyncsResult, error) {
	connections, err := a.Store.NightConnections(ctx, in.NightID, in.After, startSlice)
	if err != nil {
		return StartSyncsResult{}, fromStore(err)
	}
	pace := rate.NewLimiter(rate.Limit(in.StartsPerSecond), 1)
	result := StartSyncsResult{After: in.After, Done: len(connections) < startSlice}
	for _, connection := range connections {
		started, err := a.startOnce(ctx, in, connection, pace)
		if err != nil {
			return StartSyncsResult{}, err
		}
		result.Started += started
		if err := a.noteRefused(ctx, in.NightID, connection); err != nil {
			return StartSyncsResult{}, err
		}
		result.After = connection.ConnectionID
		activity.RecordHeartbeat(ctx, result.After)
		if stopping(ctx) {
			result.Done = false
			break
		}
	}
	return result, nil
}

// startOnce starts a connection's run when its turn comes, and counts the starts. A run
// that there is already was started by an attempt that died before it could say so;
// whatever has become of the connection since. One in quarantine is not started where
// Connexie did not answer its probe (N6).
func (a *Nights) startOnce(
	ctx context.Context, in StartSyncsInput, connection store.NightConnection, pace *rate.Limiter,
) (started int, err error) {
	switch {
	case connection.Started:
		return 0, nil
	case connection.RunID != "":
		return 1, fromStore(a.Store.MarkStarted(ctx, in.NightID, connection.ConnectionID, false, "", a.Now()))
	case connection.State != store.ConnectionActive, connection.Standing == store.NightUnreachable:
		return 0, nil
	}
	if err := pace.Wait(ctx); err != nil {
		return 0, fmt.Errorf("pace the night's starts: %w", err)
	}
	return 1, a.start(ctx, in, connection.ConnectionID)
}

// noteRefused notes a connection whose token was refused after the night's probes, by
// a run by hand: the night would wait for it until its end (C8).
func (a *Nights) noteRefused(ctx context.Context, nightID string, connection store.NightConnection) error {
	if connection.State != store.ConnectionNeedsToken || connection.Standing != store.NightNotStarted {
		return nil
	}
	return fromStore(a.Store.MarkStarted(ctx, nightID, connection.ConnectionID, false, ProblemTokenRefused, a.Now()))
}

func (a *Nights) start(ctx context.Context, in StartSyncsInput, connectionID string) error {
	joined, err := a.Starter.StartSync(ctx, StartSync{
		ConnectionID: connectionID, Trigger: store.TriggerNightly, Night: in.Night, RequestedBy: "nightly-sync",
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	problem := ""
	if err != nil {
		problem = "the engine did not take the start: " + err.Error()
	}
	return fromStore(a.Store.MarkStarted(ctx, in.NightID, connectionID, joined, problem, a.Now()))
}

// StartFirstSync starts a connection's first synchronisation at once (C2), or joins
// the run that is under way. A repetition takes what the attempt before it started
// for its own. Errors: the engine's, retried.
func (a *Nights) StartFirstSync(ctx context.Context, in ActivationInput) error {
	_, err := a.Starter.StartSync(ctx, StartSync{
		ConnectionID: in.ConnectionID, Trigger: store.TriggerActivation, RequestedBy: in.RequestedBy,
		Since: activity.GetInfo(ctx).ScheduledTime,
	})
	return err
}

// FollowNightInput names the night and its end.
type FollowNightInput struct {
	NightID string `json:"night_id"`
	// Until ends the night at the latest; what is still running is unfinished.
	Until time.Time `json:"until"`
}

// FollowNightResult is the night's summary.
type FollowNightResult struct {
	Outcome domain.NightOutcome `json:"outcome"`
	Total   int                 `json:"total"`
	Counts  domain.Counts       `json:"counts"`
}

// FollowNight watches the night's runs in the database until every one is closed or
// held, and closes the night with its summary. A run whose workflow was terminated is
// closed as abandoned. Following again goes on where the database stands. Errors:
// Database.
func (a *Nights) FollowNight(ctx context.Context, in FollowNightInput) (FollowNightResult, error) {
	ticker := time.NewTicker(a.followEvery())
	defer ticker.Stop()
	for looks := 1; ; looks++ {
		if looks%looksUntilAsked == 0 {
			if err := a.giveUpTerminated(ctx, in.NightID); err != nil {
				return FollowNightResult{}, err
			}
		}
		progress, err := a.Store.NightProgress(ctx, in.NightID)
		if err != nil {
			return FollowNightResult{}, fromStore(err)
		}
		if progress.Finished() || !a.Now().Before(in.Until) {
			return a.closeNight(ctx, in.NightID)
		}
		activity.RecordHeartbeat(ctx, progress.Open())
		select {
		case <-ctx.Done():
			return FollowNightResult{}, ctx.Err()
		case <-activity.GetWorkerStopChannel(ctx):
			return FollowNightResult{}, workerStopping()
		case <-ticker.C:
		}
	}
}

// giveUpTerminated closes the runs that are open although no workflow works for them
// any more: somebody terminated it, which lets it say nothing. The night would wait for
// them until its end, and nobody would be told.
func (a *Nights) giveUpTerminated(ctx context.Context, nightID string) error {
	connections, err := a.Store.NightRunning(ctx, nightID, askedAtOnce)
	if err != nil {
		return fromStore(err)
	}
	for _, connection := range connections {
		runs, err := a.Starter.SyncRuns(ctx, connection.ConnectionID)
		if err != nil {
			activity.GetLogger(ctx).Warn("the engine does not say whether a synchronisation runs",
				"connection_id", connection.ConnectionID, "error", err)
			return ctx.Err()
		}
		if runs {
			continue
		}
		if err := a.giveUp(ctx, nightID, connection); err != nil {
			return fromStore(err)
		}
	}
	return nil
}

// giveUp ends what a night waits for. A run that was closed meanwhile stays as it was
// closed.
func (a *Nights) giveUp(ctx context.Context, nightID string, connection store.NightConnection) error {
	id, now := connection.ConnectionID, a.Now()
	if connection.RunID == "" {
		return a.Store.MarkStarted(ctx, nightID, id, connection.Joined, ProblemTerminated, now)
	}
	closed, err := a.Store.CloseRun(ctx, connection.RunID,
		store.RunClosing{Outcome: domain.SyncAbandoned, Problem: ProblemTerminated}, now)
	if err != nil || closed.Outcome != domain.SyncAbandoned {
		return err
	}
	_, err = a.Store.OpenNotices(ctx, id, syncFailed(id, ProblemTerminated), now)
	return err
}

func (a *Nights) closeNight(ctx context.Context, nightID string) (FollowNightResult, error) {
	night, err := a.Store.CloseNight(ctx, nightID, a.Now())
	return FollowNightResult{Outcome: night.Outcome, Total: night.Total, Counts: night.Counts}, fromStore(err)
}

func (a *Nights) followEvery() time.Duration {
	if a.FollowEvery > 0 {
		return a.FollowEvery
	}
	return defaultFollowEvery
}
