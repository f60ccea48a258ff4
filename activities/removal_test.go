package activities_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// engine runs what a test says, until it is cancelled.
type engine struct {
	mutex     sync.Mutex
	running   map[string]string
	cancelled []string
	// stubborn looks are how often what was cancelled still runs.
	stubborn int
	// asked is called before it answers what runs.
	asked func(workflowID string)
	fails error
}

func (e *engine) Execution(_ context.Context, workflowID string) (string, error) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	execution := e.running[workflowID]
	if e.asked != nil {
		e.asked(workflowID)
	}
	if slices.Contains(e.cancelled, workflowID) {
		if e.stubborn--; e.stubborn < 0 {
			delete(e.running, workflowID)
			return "", e.fails
		}
	}
	return execution, e.fails
}

func (e *engine) Cancel(_ context.Context, workflowID, execution string) error {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if e.running[workflowID] == execution {
		e.cancelled = append(e.cancelled, workflowID)
	}
	return nil
}

func newRemoving(b *bundle, running ...string) (*activities.Removing, *engine) {
	e := &engine{running: map[string]string{}}
	for _, id := range running {
		e.running[id] = "execution of " + id
	}
	return &activities.Removing{
		Store: b.db.Store, Engine: e, Now: func() time.Time { return now }, LookEvery: time.Millisecond,
	}, e
}

func (b *bundle) removal() activities.RemovalInput {
	return activities.RemovalInput{ConnectionID: b.connection, RequestedBy: "user_42"}
}

func (b *bundle) endWork() activities.EndWorkInput {
	return activities.EndWorkInput{ConnectionID: b.connection, WorkflowIDs: []string{"sync/" + b.connection, "export/" + b.connection}}
}

func TestRemoval_C9_MarkingLeavesItOutAndKeepsWhatStays(t *testing.T) {
	t.Parallel()
	b := newBundle(t, person("p_1"))
	b.sync(b.newRun())
	removing, _ := newRemoving(b)
	before := testkit.TakeSnapshot(t, b.db.URL, "connexie.connections", "connexie.changes", "connexie.notifications")
	for range 2 {
		marked, err := run(b, removing.MarkRemoved, b.removal())
		require.NoError(t, err)
		require.Equal(t, b.organisation, marked.OrganisationID)
		require.Equal(t, store.ConnectionRemoved, b.state())
	}
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, b.db.URL, "connexie.connections", "connexie.changes", "connexie.notifications"))
	_, err := run(b, b.reading.ReadPeople, activities.ReadPeopleInput{Run: b.newPreview()})
	requireFailure(t, err, activities.ErrorInvalidInput, false)

	_, err = run(b, removing.MarkRemoved, activities.RemovalInput{ConnectionID: testkit.ID(t)})
	require.Contains(t, requireFailure(t, err, activities.ErrorInvalidInput, false).Message(), "starter connections list")
}

func TestRemoval_C9_EndsWhatIsNamedAndWhatIsOpen(t *testing.T) {
	t.Parallel()
	b := newBundle(t, person("p_1"))
	one := b.oneRun("p_1")
	one.WorkflowID += "/p_1"
	b.read(one)
	alone := one.WorkflowID
	removing, engine := newRemoving(b, "sync/"+b.connection, alone, "sync/of-another")
	engine.stubborn = 3
	_, err := run(b, removing.MarkRemoved, b.removal())
	require.NoError(t, err)
	ended, err := run(b, removing.EndWork, b.endWork())
	require.NoError(t, err)
	require.Equal(t, 2, ended.Ended)
	require.ElementsMatch(t, []string{"sync/" + b.connection, alone}, engine.cancelled)
	require.Equal(t, []string{"sync/of-another"}, slices.Collect(maps.Keys(engine.running)))

	again, err := run(b, removing.EndWork, b.endWork())
	require.NoError(t, err)
	require.Zero(t, again.Ended)
	left, err := b.db.Store.Run(t.Context(), one.ID)
	require.NoError(t, err)
	require.Equal(t, domain.SyncAbandoned, left.Outcome, "its workflow said nothing")
}

func TestRemoval_C9_E5_EndsWhatEndsAnEmployment(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	l.open()
	removing, engine := newRemoving(l.bundle, "sync/"+l.connection, l.run.WorkflowID)
	_, err := run(l.bundle, removing.MarkRemoved, l.removal())
	require.NoError(t, err)
	ended, err := run(l.bundle, removing.EndWork, l.endWork())
	require.NoError(t, err)
	require.Equal(t, activities.EndWorkResult{Ended: 1, Endings: 1}, ended)
	require.Contains(t, engine.cancelled, l.run.WorkflowID)
	left, err := l.db.Store.Ending(t.Context(), l.run.ID)
	require.NoError(t, err)
	require.Equal(t, domain.EndingAbandoned, left.Outcome, "its workflow said nothing")
	again, err := run(l.bundle, removing.EndWork, l.endWork())
	require.NoError(t, err)
	require.Zero(t, again)
}

// Once the token is gone nobody can withdraw a draft any more.
func TestRemoval_X8_WithdrawsWhatATerminatedExportLeftBehind(t *testing.T) {
	t.Parallel()
	b, of := twoVenues(t)
	b.fault(sandbox.Fault{Kind: sandbox.FaultStatus, Status: 500, Times: 1, Operation: putPart})
	_, err := b.try(of)
	requireFailure(t, err, activities.ErrorUnavailable, true)
	removing, _ := newRemoving(b.bundle)
	_, err = run(b.bundle, removing.MarkRemoved, b.removal())
	require.NoError(t, err)
	_, err = run(b.bundle, removing.EndWork, b.endWork())
	require.NoError(t, err)
	closed, err := b.db.Store.Export(t.Context(), of.ID)
	require.NoError(t, err)
	require.Equal(t, domain.ExportFailed, closed.Outcome)
	for _, left := range []int{1, 0} {
		withdrawn, err := run(b.bundle, b.sending.WithdrawStrays, b.removal())
		require.NoError(t, err)
		require.Equal(t, left, withdrawn.Left)
	}
	require.Equal(t, []string{sandbox.ImportDiscarded}, b.imports())
}

func TestRemoval_C8_ATokenThatIsRefusedWithdrawsNothingAndTellsNobody(t *testing.T) {
	t.Parallel()
	b, of := twoVenues(t)
	b.fault(sandbox.Fault{Kind: sandbox.FaultStatus, Status: 500, Times: 1, Operation: putPart})
	_, err := b.try(of)
	requireFailure(t, err, activities.ErrorUnavailable, true)
	removing, _ := newRemoving(b.bundle)
	_, err = run(b.bundle, removing.MarkRemoved, b.removal())
	require.NoError(t, err)
	_, err = run(b.bundle, removing.EndWork, b.endWork())
	require.NoError(t, err)
	require.NoError(t, b.sandbox.SetToken(account, "another"))
	_, err = run(b.bundle, b.sending.WithdrawStrays, b.removal())
	requireFailure(t, err, activities.ErrorTokenRefused, false)
	require.Empty(t, b.causes())
	require.Equal(t, store.ConnectionRemoved, b.state())
}

// Somebody adds it again while it is being removed: what begins then is not theirs who
// removed it.
func TestRemoval_C9_WhatWasAddedAgainMeanwhileIsLeftAlone(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	removing, engine := newRemoving(b, "sync/"+b.connection)
	_, err := run(b, removing.MarkRemoved, b.removal())
	require.NoError(t, err)
	engine.asked = func(string) {
		_, err := b.db.Store.AddConnection(t.Context(), b.organisation, now)
		require.NoError(t, err)
	}
	ended, err := run(b, removing.EndWork, b.endWork())
	require.NoError(t, err)
	require.Zero(t, ended.Ended)
	require.Empty(t, engine.cancelled)
	dropped, err := run(b, removing.DropTokens, b.removal())
	require.NoError(t, err)
	require.False(t, dropped.Dropped)
	require.Equal(t, 1, testkit.Value[int](t, b.db, `select count(*) from connexie.connection_tokens`))
}

func TestRemoval_AStoppingWorkerHandsItOn(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	removing, engine := newRemoving(b, "sync/"+b.connection)
	engine.stubborn, removing.LookEvery = 99, time.Hour
	_, err := run(b, removing.MarkRemoved, b.removal())
	require.NoError(t, err)
	_, err = run(b, removing.EndWork, b.endWork(), stopped)
	requireFailure(t, err, activities.ErrorStopping, true)
}

func TestRemoval_AnEngineThatFailsIsAskedAgain(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	removing, engine := newRemoving(b)
	engine.fails = errors.New("unavailable")
	_, err := run(b, removing.EndWork, b.endWork())
	require.ErrorContains(t, err, "unavailable")
}

func TestRemoval_N3_TheTokenIsDeletedOnce(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	removing, _ := newRemoving(b)
	_, err := run(b, removing.MarkRemoved, b.removal())
	require.NoError(t, err)
	for _, want := range []bool{true, false} {
		dropped, err := run(b, removing.DropTokens, b.removal())
		require.NoError(t, err)
		require.Equal(t, want, dropped.Dropped)
	}
}

// A run that is closed late tells nobody, and its connection stays removed.
func TestRemoval_C9_N1_WhatEndsLateTellsNobody(t *testing.T) {
	t.Parallel()
	b := newBundle(t, person("p_1"))
	full := b.newRun()
	b.read(full)
	removing, _ := newRemoving(b)
	_, err := run(b, removing.MarkRemoved, b.removal())
	require.NoError(t, err)
	require.Equal(t, domain.SyncFailed, b.closeRun(full, domain.SyncFailed, activities.ErrorInvalidInput).Outcome)
	require.Empty(t, b.causes())
	_, err = run(b, b.reading.CheckToken, b.activation())
	require.Contains(t, requireFailure(t, err, activities.ErrorInvalidInput, false).Message(), "removed")
	require.Equal(t, store.ConnectionRemoved, b.state())
}
