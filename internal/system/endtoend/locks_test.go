package endtoend

import (
	"context"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
)

// rowLock keeps rows from whoever wants to write them, as somebody with a transaction
// of their own does: a story can act in the middle of a batch.
type rowLock struct {
	*system
	pid uint32
	// release lets the rows go, at the latest when the test ends.
	release func()
}

func (s *system) lock(t *testing.T, sql string, arguments ...any) rowLock {
	t.Helper()
	// A connection of its own: a pool could not serve who holds and who looks.
	holder, err := pgx.Connect(t.Context(), s.url)
	require.NoError(t, err)
	held := rowLock{system: s, pid: holder.PgConn().PID(), release: sync.OnceFunc(func() {
		_ = holder.Close(context.Background())
	})}
	t.Cleanup(held.release)
	transaction, err := holder.Begin(t.Context())
	require.NoError(t, err)
	tag, err := transaction.Exec(t.Context(), sql+" for update", arguments...)
	require.NoError(t, err)
	require.NotZero(t, tag.RowsAffected(), sql)
	return held
}

// reach returns once somebody waits for the rows.
func (l rowLock) reach(t *testing.T) {
	t.Helper()
	l.await(t, `select exists (select from pg_stat_activity where $1 = any(pg_blocking_pids(pid)))`)
}

// reachBehind returns once somebody waits for who waits for the rows.
func (l rowLock) reachBehind(t *testing.T) {
	t.Helper()
	l.await(t, `select exists (select from pg_stat_activity first, pg_stat_activity second
		where $1 = any(pg_blocking_pids(first.pid)) and first.pid = any(pg_blocking_pids(second.pid)))`)
}

func (l rowLock) await(t *testing.T, question string) {
	t.Helper()
	require.Eventually(t, func() bool { return value[bool](t, l.system, question, l.pid) }, patience, glance,
		"nobody came to wait")
}

// holdApplying starts a full run and returns once its first batch waits for the
// person's row, having locked everyone before them. What Connexie changed has been
// read by a preview, so that the run itself finds nothing new to read and comes to
// its batch.
func (o *organisation) holdApplying(t *testing.T, connexieID string) (client.WorkflowRun, rowLock) {
	t.Helper()
	o.preview(t)
	lock := o.lock(t, `select from connexie.people where connection_id = $1 and connexie_id = $2`, o.connection, connexieID)
	run := o.startSync(t)
	lock.reach(t)
	return run, lock
}

// holdPlanning starts a full run and returns once it waits to plan: what an attempt
// does first is to raise the fence. Nothing may have changed in Connexie.
func (o *organisation) holdPlanning(t *testing.T) (client.WorkflowRun, rowLock) {
	t.Helper()
	reach, release := o.hold(t)
	run := o.startSync(t)
	reach()
	lock := o.lock(t, `select from connexie.fences where connection_id = $1`, o.connection)
	release()
	lock.reach(t)
	return run, lock
}
