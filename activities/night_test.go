package activities_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// starter notes what it was asked to start, and fails for one connection.
type starter struct {
	mutex   sync.Mutex
	started []activities.StartSync
	fails   string
	// terminated are the connections that the engine runs nothing for.
	terminated []string
}

func (s *starter) SyncRuns(_ context.Context, connectionID string) (bool, error) {
	if connectionID == s.fails {
		return false, errors.New("namespace not found")
	}
	return !slices.Contains(s.terminated, connectionID), nil
}

func (s *starter) StartSync(_ context.Context, request activities.StartSync) (bool, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.started = append(s.started, request)
	if request.ConnectionID == s.fails {
		return false, errors.New("namespace not found")
	}
	return false, nil
}

// evening is a night that has not been opened, over the bundle's connection and two
// others.
type evening struct {
	*bundle
	nights  *activities.Nights
	starter *starter
	id      string
	others  []string
}

func newEvening(t *testing.T) *evening {
	t.Helper()
	e := &evening{bundle: newBundle(t, person("p_1")), starter: &starter{}, id: testkit.ID(t)}
	e.nights = &activities.Nights{Store: e.db.Store, Starter: e.starter, Now: func() time.Time { return now }, FollowEvery: time.Millisecond}
	for range 2 {
		e.others = append(e.others, e.db.Connection(t, e.db.Organisation(t)).ID)
	}
	return e
}

func (e *evening) open(only ...string) activities.OpenNightResult {
	e.Helper()
	opened, err := run(e.bundle, e.nights.OpenNight, activities.OpenNightInput{
		NightID: e.id, WorkflowID: "nightly-sync", Scheduled: now, ConnectionIDs: only,
	})
	require.NoError(e, err)
	return opened
}

func (e *evening) start() activities.StartSyncsResult {
	e.Helper()
	started, err := run(e.bundle, e.nights.StartSyncs, activities.StartSyncsInput{NightID: e.id, Night: today, StartsPerSecond: 1000})
	require.NoError(e, err)
	return started
}

// end closes the run of a connection, held or with an outcome.
func (e *evening) end(connection string, outcome domain.SyncOutcome) {
	e.Helper()
	of := e.newRun()
	of.ConnectionID, of.Night, of.Trigger = connection, today, "nightly"
	if outcome == domain.SyncHeld {
		_, err := e.db.Store.OpenRun(e.Context(), store.RunOpening{
			ID: of.ID, ConnectionID: connection, WorkflowID: of.WorkflowID, Pass: 1, Trigger: "nightly", Mode: "apply",
			Night: today, RequestedBy: "nightly-sync", Day: today,
		}, now)
		require.NoError(e, err)
		require.NoError(e, e.db.Store.SetStage(e.Context(), of.ID, store.StageHeld, 0, 99))
		return
	}
	e.closeRun(of, outcome, "")
}

func (e *evening) follow(until time.Time) activities.FollowNightResult {
	e.Helper()
	followed, err := run(e.bundle, e.nights.FollowNight, activities.FollowNightInput{NightID: e.id, Until: until})
	require.NoError(e, err)
	return followed
}

func TestNight_S1_StartsEveryConnectionOnceAndSumsUp(t *testing.T) {
	t.Parallel()
	e := newEvening(t)
	require.Equal(t, activities.OpenNightResult{Night: today, Total: 3}, e.open())
	require.Equal(t, 3, e.start().Started)
	for _, request := range e.starter.started {
		require.Equal(t, activities.StartSync{ConnectionID: request.ConnectionID, Trigger: "nightly", Night: today, RequestedBy: "nightly-sync"}, request)
	}
	again := e.start()
	require.Zero(t, again.Started, "what was started for this night is not started again")
	require.True(t, again.Done)
	require.Equal(t, activities.OpenNightResult{Night: today, Total: 3}, e.open(), "opening again finds the same night")

	e.end(e.connection, domain.SyncOK)
	e.end(e.others[0], domain.SyncNothing)
	e.end(e.others[1], domain.SyncHeld)
	require.Equal(t, activities.FollowNightResult{
		Outcome: domain.NightProblems, Total: 3, Counts: domain.Counts{"ok": 1, "nothing": 1, "held": 1},
	}, e.follow(now.Add(time.Hour)))
}

// An attempt may die after it has started a run and before it can say so.
func TestNight_S1_ARunThatAnAttemptThatDiedHadStartedIsNotedAndNotStartedAgain(t *testing.T) {
	t.Parallel()
	e := newEvening(t)
	e.open(e.connection)
	e.end(e.connection, domain.SyncRefused)
	e.db.Exec(t, `update connexie.connections set state = 'needs_token' where id = $1`, e.connection)
	e.start()
	require.Empty(t, e.starter.started)
	require.True(t, testkit.Value[bool](t, e.db, `select started_at is not null and not joined from connexie.night_connections`))
}

func TestNight_WhatStillRunsAtTheEndIsUnfinished(t *testing.T) {
	t.Parallel()
	e := newEvening(t)
	e.open()
	e.start()
	e.end(e.connection, domain.SyncOK)
	require.Equal(t, activities.FollowNightResult{
		Outcome: domain.NightUnfinished, Total: 3, Counts: domain.Counts{"ok": 1, "running": 2},
	}, e.follow(now))
}

func TestNight_FollowsUntilTheLastRunIsClosed(t *testing.T) {
	t.Parallel()
	e := newEvening(t)
	e.open(e.connection)
	e.start()
	looked := make(chan struct{})
	var once sync.Once
	e.nights.Now = func() time.Time { once.Do(func() { close(looked) }); return now }
	done := make(chan activities.FollowNightResult)
	go func() {
		followed, _ := run(e.bundle, e.nights.FollowNight, activities.FollowNightInput{NightID: e.id, Until: now.Add(time.Hour)})
		done <- followed
	}()
	<-looked // it has seen a run under way
	e.end(e.connection, domain.SyncOK)
	require.Equal(t, domain.NightOK, (<-done).Outcome)
}

// A workflow that is terminated says nothing any more.
func TestNight_N1_WaitsForNoRunWhoseWorkflowWasTerminated(t *testing.T) {
	t.Parallel()
	e := newEvening(t)
	e.open()
	e.start()
	under := e.newRun()
	under.Night = today
	e.read(under)
	e.starter.terminated = []string{e.connection, e.others[0]}
	e.end(e.others[1], domain.SyncOK)
	require.Equal(t, activities.FollowNightResult{
		Outcome: domain.NightProblems, Total: 3, Counts: domain.Counts{"ok": 1, "abandoned": 1, "start_failed": 1},
	}, e.follow(now.Add(time.Hour)))
	closed, err := e.db.Store.Run(t.Context(), under.ID)
	require.NoError(t, err)
	require.Equal(t, activities.ProblemTerminated, closed.Problem)
	require.Equal(t, []string{"sync_failed connection"}, e.causes())
	e.sync(e.newRun())
	require.Empty(t, e.causes())
}

func TestNight_AConnectionThatCannotBeStartedHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	e := newEvening(t)
	e.starter.fails = e.others[0]
	e.open()
	require.Equal(t, 3, e.start().Started)
	e.end(e.connection, domain.SyncOK)
	e.end(e.others[1], domain.SyncOK)
	followed := e.follow(now.Add(time.Hour))
	require.Equal(t, domain.Counts{"ok": 2, "start_failed": 1}, followed.Counts)
	require.Equal(t, domain.NightProblems, followed.Outcome)
}

func TestNight_C9_PausedAndRemovedConnectionsAreLeftOut(t *testing.T) {
	t.Parallel()
	e := newEvening(t)
	e.db.Exec(t, `update connexie.connections set state = 'paused' where id = $1`, e.others[0])
	e.db.Exec(t, `update connexie.connections set state = 'removed' where id = $1`, e.others[1])
	require.Equal(t, activities.OpenNightResult{Night: today, Total: 1}, e.open())
	e.start()
	require.Len(t, e.starter.started, 1)
}

// A night takes hours to start a fleet; whoever is paused meanwhile, before the start
// or behind it, must not keep it open until its end.
func TestNight_C9_WhoIsPausedDuringTheNightHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	e := newEvening(t)
	e.open()
	e.db.Exec(t, `update connexie.connections set state = 'paused' where id = $1`, e.others[0])
	require.Equal(t, 2, e.start().Started)
	e.db.Exec(t, `update connexie.connections set state = 'removed' where id = $1`, e.others[1])
	e.end(e.connection, domain.SyncOK)
	require.Equal(t, activities.FollowNightResult{
		Outcome: domain.NightProblems, Total: 3, Counts: domain.Counts{"ok": 1, "start_failed": 2},
	}, e.follow(now.Add(time.Hour)))
}

// A run by hand may find the token refused after the night was opened: there is no
// probe for it any more.
func TestNight_C8_ATokenRefusedAfterTheProbesHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	e := newEvening(t)
	e.open(e.connection)
	e.db.Exec(t, `update connexie.connections set state = 'needs_token' where id = $1`, e.connection)
	require.Zero(t, e.start().Started)
	require.Equal(t, domain.Counts{"refused": 1}, e.follow(now.Add(time.Hour)).Counts)
}

func TestNight_CountsConnectionsThatWereNamedAndAreNotDue(t *testing.T) {
	t.Parallel()
	e := newEvening(t)
	e.db.Exec(t, `update connexie.connections set state = 'paused' where id = $1`, e.others[0])
	require.Equal(t, activities.OpenNightResult{Night: today, Total: 1, LeftOut: 3},
		e.open(e.connection, e.others[0], "con-1", testkit.ID(t)))
}

func TestNight_C8_OneProbeANightForARefusedToken(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		mended  bool
		result  activities.ProbeResult
		started int
		state   store.ConnectionState
		counts  domain.Counts
	}{
		"still refused": {false, activities.ProbeResult{Refused: 1}, 0, store.ConnectionNeedsToken, domain.Counts{"refused": 1}},
		"works again":   {true, activities.ProbeResult{Accepted: 1}, 1, store.ConnectionActive, domain.Counts{"running": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEvening(t)
			require.NoError(t, e.sandbox.SetToken(account, "token-2"))
			_, err := run(e.bundle, e.reading.ReadPeople, activities.ReadPeopleInput{Run: e.newRun()})
			requireFailure(t, err, activities.ErrorTokenRefused, false)
			if test.mended {
				require.NoError(t, e.sandbox.SetToken(account, secret))
			}
			require.Equal(t, 1, e.open(e.connection).NeedToken)
			e.sandbox.ClearCalls()
			probed, err := run(e.bundle, e.reading.ProbeTokens, activities.ProbeInput{NightID: e.id})
			require.NoError(t, err)
			require.Equal(t, test.result, probed)
			require.Equal(t, test.state, e.state())
			require.Equal(t, test.started, e.start().Started)
			require.Equal(t, test.counts, e.follow(now).Counts)
			require.Zero(t, e.sandbox.Counter(account, listEmployees).Requests, "one cheap question")
		})
	}
}

func TestNight_AStoppingWorkerHandsTheNightOn(t *testing.T) {
	t.Parallel()
	e := newEvening(t)
	e.open()
	started, err := run(e.bundle, e.nights.StartSyncs, activities.StartSyncsInput{NightID: e.id, Night: today, StartsPerSecond: 1000}, stopped)
	require.NoError(t, err)
	require.Equal(t, 1, started.Started)
	require.False(t, started.Done)
	e.nights.FollowEvery = time.Hour
	_, err = run(e.bundle, e.nights.FollowNight, activities.FollowNightInput{NightID: e.id, Until: now.Add(time.Hour)}, stopped)
	requireFailure(t, err, activities.ErrorStopping, true)
}

// A repetition must not ask for one more pass where the attempt before it has started
// the run.
func TestActivation_C2_TheFirstSyncIsAskedForOnce(t *testing.T) {
	t.Parallel()
	e := newEvening(t)
	begin := time.Now()
	_, err := run(e.bundle, func(ctx context.Context, in activities.ActivationInput) (struct{}, error) {
		return struct{}{}, e.nights.StartFirstSync(ctx, in)
	}, e.activation())
	require.NoError(t, err)
	require.Len(t, e.starter.started, 1)
	require.WithinRange(t, e.starter.started[0].Since, begin, time.Now())
}
