package endtoend

import (
	"context"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
)

// lock locks rows, as somebody with a transaction of their own does, so that what
// wants to write them waits: a story can act in the middle of a batch. reach returns
// once somebody waits; release lets them go, at the latest when the test ends.
func (s *system) lock(t *testing.T, sql string, arguments ...any) (reach, release func()) {
	t.Helper()
	// A connection of its own: a pool could not serve who holds and who looks.
	holder, err := pgx.Connect(t.Context(), s.url)
	require.NoError(t, err)
	release = sync.OnceFunc(func() { _ = holder.Close(context.Background()) })
	t.Cleanup(release)
	transaction, err := holder.Begin(t.Context())
	require.NoError(t, err)
	tag, err := transaction.Exec(t.Context(), sql+" for update", arguments...)
	require.NoError(t, err)
	require.NotZero(t, tag.RowsAffected(), sql)
	reach = func() {
		t.Helper()
		require.Eventually(t, func() bool {
			return value[int](t, s, `select count(*) from pg_stat_activity where $1 = any(pg_blocking_pids(pid))`,
				holder.PgConn().PID()) > 0
		}, patience, glance, "nobody came to wait for the lock")
	}
	return reach, release
}

// lockPerson keeps whoever applies a plan for the person waiting. A reading that
// brings this person waits as well.
func (o *organisation) lockPerson(t *testing.T, connexieID string) (reach, release func()) {
	t.Helper()
	return o.lock(t, `select from connexie.people where connection_id = $1 and connexie_id = $2`, o.connection, connexieID)
}

// holdApplying starts a full run and returns once its first batch waits for the
// person's row, having locked everyone before them. What Connexie changed has been
// read by a preview, so that the run itself finds nothing new to read and comes to
// its batch.
func (o *organisation) holdApplying(t *testing.T, connexieID string) (run client.WorkflowRun, release func()) {
	t.Helper()
	o.preview(t)
	reach, release := o.lockPerson(t, connexieID)
	run = o.startSync(t)
	reach()
	return run, release
}

// holdPlanning starts a full run and returns once it waits to plan: what an attempt
// does first is to raise the fence. Nothing may have changed in Connexie.
func (o *organisation) holdPlanning(t *testing.T) (run client.WorkflowRun, release func()) {
	t.Helper()
	read, letRead := o.hold(t)
	run = o.startSync(t)
	read()
	reach, release := o.lock(t, `select from connexie.fences where connection_id = $1`, o.connection)
	letRead()
	reach()
	return run, release
}
