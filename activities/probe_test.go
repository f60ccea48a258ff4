package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// awayFor makes the bundle's connection one that was out of reach for nights in a row.
func (e *evening) awayFor(nights int) {
	e.Helper()
	for night := nights; night > 0; night-- {
		full := e.newRun()
		full.Trigger, full.Night = "nightly", today.AddDays(-night)
		e.closeRun(full, domain.SyncUnreachable, activities.ErrorUnavailable)
	}
	e.sandbox.ClearCalls()
}

func (e *evening) probe() activities.ProbeResult {
	e.Helper()
	probed, err := run(e.bundle, e.reading.ProbeTokens, activities.ProbeInput{NightID: e.id})
	require.NoError(e, err)
	return probed
}

func (e *evening) failedNights() int {
	e.Helper()
	return testkit.Value[int](e, e.db, `select failed_nights from connexie.connections where id = $1`, e.connection)
}

func (e *evening) asked() int { return e.sandbox.Counter(account, "getAccount").Requests }

func TestProbe_N6_TwoNightsAreNoQuarantine(t *testing.T) {
	t.Parallel()
	e := newEvening(t)
	e.awayFor(2)
	require.Zero(t, e.open(e.connection).Quarantined)
	require.Zero(t, e.probe())
	require.Zero(t, e.asked())
	require.Equal(t, 1, e.start().Started, "it is tried as a whole")
}

func TestProbe_N6_WhoIsStillAwayCostsOneCallAndIsCountedOnceMore(t *testing.T) {
	t.Parallel()
	e := newEvening(t)
	e.awayFor(3)
	require.Equal(t, 1, e.open(e.connection).Quarantined)
	e.fault(sandbox.Fault{Kind: sandbox.FaultStatus, Status: 503})
	require.Equal(t, activities.ProbeResult{Unanswered: 1}, e.probe())
	require.Zero(t, e.probe(), "a repetition does not ask again")
	require.Equal(t, 1, e.asked())
	require.Zero(t, e.start().Started)
	require.Empty(t, e.starter.started)
	require.Equal(t, activities.FollowNightResult{
		Outcome: domain.NightProblems, Total: 1, Counts: domain.Counts{"unreachable": 1},
	}, e.follow(now.Add(time.Hour)))
	require.Equal(t, 4, e.failedNights())
	require.Equal(t, []string{"connexie_unreachable connection"}, e.causes(), "one notification, whatever comes after")
	require.Zero(t, e.sandbox.Counter(account, listEmployees).Requests)
}

func TestProbe_N6_WhoAnswersAgainTakesPartInTheSameNight(t *testing.T) {
	t.Parallel()
	e := newEvening(t)
	e.awayFor(3)
	e.open(e.connection)
	require.Equal(t, activities.ProbeResult{Accepted: 1}, e.probe())
	require.Equal(t, 1, e.asked())
	require.Equal(t, 1, e.start().Started)
	require.Equal(t, 3, e.failedNights(), "a probe is not yet a synchronisation")
	e.end(e.connection, domain.SyncOK)
	require.Equal(t, domain.Counts{"ok": 1}, e.follow(now.Add(time.Hour)).Counts)
	require.Zero(t, e.failedNights())
	require.Empty(t, e.causes(), "it closes by itself")
}

func TestProbe_N6_C8_WhoAnswersThatTheTokenIsRefusedNeedsOne(t *testing.T) {
	t.Parallel()
	e := newEvening(t)
	e.awayFor(3)
	require.NoError(t, e.sandbox.SetToken(account, "token-2"))
	e.open(e.connection)
	require.Equal(t, activities.ProbeResult{Refused: 1}, e.probe())
	require.Equal(t, store.ConnectionNeedsToken, e.state())
	require.Zero(t, e.start().Started)
	require.Equal(t, domain.Counts{"refused": 1}, e.follow(now.Add(time.Hour)).Counts)
}

// What is no outage is for the run to find out, and to tell.
func TestProbe_N6_AnAnswerThatBreaksTheContractIsNoOutage(t *testing.T) {
	t.Parallel()
	e := newEvening(t)
	e.awayFor(3)
	e.open(e.connection)
	e.fault(sandbox.Fault{Kind: sandbox.FaultMalformedJSON, Operation: "getAccount"})
	require.Zero(t, e.probe())
	require.Equal(t, 1, e.start().Started)
}

func TestProbe_N6_StormsCountAsAnOutage(t *testing.T) {
	t.Parallel()
	e := newEvening(t)
	e.awayFor(3)
	e.open(e.connection)
	e.fault(sandbox.Fault{Kind: sandbox.FaultRateLimited, RetryAfterSeconds: 60, Operation: "getAccount"})
	require.Equal(t, activities.ProbeResult{Unanswered: 1}, e.probe())
}

// Somebody pauses after the night was opened: the probe must not wake it.
func TestProbe_C9_WhoIsPausedMeanwhileStaysPaused(t *testing.T) {
	t.Parallel()
	e := newEvening(t)
	e.awayFor(3)
	e.open(e.connection)
	e.db.Exec(t, `update connexie.connections set state = 'paused' where id = $1`, e.connection)
	require.Zero(t, e.probe())
	require.Equal(t, store.ConnectionPaused, e.state())
	require.Zero(t, e.start().Started)
}

// A fleet that is away is asked side by side: each call may wait for its timeout.
func TestProbe_N6_ManyAreAskedSideBySide(t *testing.T) {
	t.Parallel()
	e := newEvening(t)
	e.awayFor(3)
	e.db.Exec(t, `update connexie.connections set failed_nights = 3`)
	require.Equal(t, 3, e.open().Quarantined)
	probed := e.probe()
	require.Equal(t, 1, probed.Accepted)
	require.Zero(t, probed.Unanswered, "the others' tokens open with no key, which their runs will tell")
	require.Equal(t, 3, e.start().Started)
}
