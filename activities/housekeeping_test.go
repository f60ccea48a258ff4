package activities_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// running is an engine that runs the workflows named.
type running map[string]bool

func (r running) ExportRuns(_ context.Context, id string) (bool, error) { return r[id], nil }

func keeping(b *bundle, engine running) *activities.Keeping {
	return &activities.Keeping{
		Store: b.db.Store, Engine: engine, Now: func() time.Time { return now }, Batch: 10,
		Terms: domain.Retention{Mirror: 90, Runs: 90, Previews: 7, Lines: 400, Changes: 400, Notifications: 180, Erased: 400},
	}
}

func (b *bundle) oldNotifications(number int) {
	b.Helper()
	b.db.Exec(b, `
		insert into connexie.notifications (id, organisation_id, connection_id, cause, subject, severity, next_step, opened_at, closed_at)
		select gen_random_uuid(), $1, $2, 'email_blank', 'emp_'||n, 'info', 'Fill it in.', $3::timestamptz - interval '300 days', $3::timestamptz - interval '299 days'
		  from generate_series(1, $4::int) n`, b.organisation, b.connection, now, number)
}

func TestHousekeeping_N5_PrunesInSlicesAndGoesOnAfterACrash(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.oldNotifications(35)
	k := keeping(b, nil)
	k.SliceTime = time.Nanosecond // one batch a slice
	clock := now
	k.Now = func() time.Time { clock = clock.Add(time.Millisecond); return clock }
	in := activities.PruneInput{Housekeeping: activities.Housekeeping{ID: testkit.ID(t), WorkflowID: "housekeeping-x"}}
	slices := 0
	for done := false; !done; slices++ {
		slice, err := run(b, k.PruneStored, in)
		require.NoError(t, err)
		in.Position, done = slice.Position, slice.Done
	}
	require.Equal(t, domain.Counts{"notifications": 35}, in.Position.Counts)
	require.Greater(t, slices, len(domain.RetentionTasks()))
	require.Zero(t, testkit.Value[int](t, b.db, `select count(*) from connexie.notifications`))

	// An attempt that died goes on where its heartbeat says, and counts what it counted.
	b.oldNotifications(5)
	died := activities.PrunePosition{Task: 7, Counts: domain.Counts{"notifications": 30}}
	again, err := run(b, keeping(b, nil).PruneStored, in, func(env *testsuite.TestActivityEnvironment) { env.SetHeartbeatDetails(died) })
	require.NoError(t, err)
	require.True(t, again.Done)
	require.Equal(t, domain.Counts{"notifications": 35}, again.Position.Counts)
}

func TestHousekeeping_N5_ATaskThatTheDatabaseDoesNotTakeHoldsNoOtherUp(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.oldNotifications(5)
	b.db.Exec(t, `alter table connexie.sync_runs rename column items_pruned_at to gone`)
	in := activities.PruneInput{Housekeeping: activities.Housekeeping{ID: testkit.ID(t), WorkflowID: "housekeeping-x"}}
	slice, err := run(b, keeping(b, nil).PruneStored, in)
	require.NoError(t, err)
	require.True(t, slice.Done)
	require.Equal(t, domain.Counts{"notifications": 5, "failed": 1}, slice.Position.Counts)
	ended, err := run(b, keeping(b, nil).CloseHousekeeping, activities.CloseHousekeepingInput{
		Housekeeping: in.Housekeeping, Counts: slice.Position.Counts,
	})
	require.NoError(t, err)
	require.Equal(t, domain.HousekeepingProblems, ended.Outcome)
}

func TestHousekeeping_X14_ATerminatedExportIsClosedAndItsDraftDiscarded(t *testing.T) {
	t.Parallel()
	b := newExporting(t, 1)
	b.entries("p_0001", 3)
	of := b.newExport()
	b.check(of)
	b.prepare(of)
	b.fault(sandbox.Fault{Kind: sandbox.FaultStatus, Status: 503, Operation: putPart, Times: 1})
	_, err := run(b.bundle, b.sending.SendVenue, activities.VenueInput{Run: of, VenueID: "ven_1"})
	require.Error(t, err, "so that a draft is left open")
	settle := func(engine running, at time.Time) activities.LeftResult {
		k := keeping(b.bundle, engine)
		k.Now = func() time.Time { return at }
		left, err := run(b.bundle, k.CloseLeftExports, activities.Housekeeping{})
		require.NoError(t, err)
		return left
	}
	hour := now.Add(2 * time.Hour)
	require.Zero(t, settle(nil, now).Closed, "it has just begun")
	require.Zero(t, settle(running{of.WorkflowID: true}, hour).Closed, "its workflow runs")
	left := settle(nil, hour)
	require.Equal(t, activities.LeftResult{Closed: 1, ConnectionIDs: []string{b.connection}}, left)

	in := activities.StrayDraftsInput{ConnectionIDs: left.ConnectionIDs}
	b.fault(sandbox.Fault{Kind: sandbox.FaultStatus, Status: 503, Operation: discardDraft, Times: 1})
	result, err := run(b.bundle, b.sending.SettleStrayDrafts, in)
	require.NoError(t, err, "what Connexie does not answer waits for tomorrow")
	require.Equal(t, activities.StrayDraftsResult{Unsettled: 1}, result)
	for _, want := range []activities.StrayDraftsResult{{Settled: 1}, {}} {
		result, err = run(b.bundle, b.sending.SettleStrayDrafts, in)
		require.NoError(t, err)
		require.Equal(t, want, result)
	}
	imports, err := b.sandbox.HourImports(account)
	require.NoError(t, err)
	require.Len(t, imports, 1)
	require.Equal(t, "discarded", imports[0].Status)
	require.Empty(t, settle(nil, hour).ConnectionIDs)
}
