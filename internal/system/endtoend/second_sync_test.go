package endtoend

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// maxQuietEvents is what a night over thousands of connections can afford of each.
const maxQuietEvents = 20

// bookkeeping are the tables that tell of the run itself: its row, and the fence
// that rises with every attempt.
var bookkeeping = []string{"connexie.sync_runs", "connexie.fences"}

// lists are the operations that a full reading calls.
var lists = []string{"listVenues", "listWageCodes", "listEmployees"}

// secondSync synchronises unchanged data, then data of which one person changed.
func secondSync(t *testing.T, s *system) {
	o := s.demo(t, 2)
	o.settle(t)
	o.decide(t)
	o.sync(t)

	before := testkit.TakeSnapshot(t, s.url, bookkeeping...)
	counted := o.countCalls()
	run := o.startSync(t)
	second := o.await(t, run)
	t.Run("no row version, no audit line, no notification", func(t *testing.T) {
		require.Equal(t, domain.SyncNothing, second.Outcome)
		before.RequireUnchanged(t, testkit.TakeSnapshot(t, s.url, bookkeeping...))
		require.Empty(t, o.items(t, second.RunID))
	})
	t.Run("one conditional request a list, each answered with 304", func(t *testing.T) {
		made := o.countCalls()
		require.Len(t, made, len(counted), "other operations were called")
		for _, operation := range lists {
			require.Equal(t, 1, made[operation].Requests-counted[operation].Requests, operation)
			require.Equal(t, 1, made[operation].NotModified-counted[operation].NotModified, operation)
		}
		calls := s.sandbox.Calls(o.Account.ID, "")
		for _, call := range calls[len(calls)-len(lists):] {
			require.True(t, call.Conditional)
		}
	})
	t.Run("the history stays short", func(t *testing.T) {
		events := len(o.history(t, run).GetEvents())
		t.Logf("a quiet sync has %d events", events)
		require.LessOrEqual(t, events, maxQuietEvents)
	})
	o.record(t, "nothing", run)
	onePersonChanged(t, o)
}

// onePersonChanged makes the list's ETag another: everyone is read again, and only
// whom it concerns is written.
func onePersonChanged(t *testing.T, o *organisation) {
	const changed = "emp_0001"
	o.change(t, changed, func(e *sandbox.Employee) { e.Phone = sandbox.Some("+31612345678") })
	before, counted := testkit.TakeSnapshot(t, o.url), o.countCalls()
	synced := o.sync(t)
	after, made := testkit.TakeSnapshot(t, o.url), o.countCalls()

	t.Run("one changed person is read with all and written alone", func(t *testing.T) {
		require.Equal(t, domain.SyncOK, synced.Outcome)
		require.Equal(t, 1, made["listEmployees"].Statuses[200]-counted["listEmployees"].Statuses[200])
		require.Equal(t, 1, made["listVenues"].NotModified-counted["listVenues"].NotModified)
		require.Equal(t, 1, made["listWageCodes"].NotModified-counted["listWageCodes"].NotModified)
		require.Len(t, o.items(t, synced.RunID), 1)
		require.Equal(t, "+31612345678", o.field(t, changed, "phone"))
	})
	t.Run("only the rows of that person are new", func(t *testing.T) {
		for table, versions := range after {
			switch table {
			case "eitje.team_members", "connexie.people", "connexie.person_contracts":
				require.Len(t, newVersions(before[table], versions), 1, table)
			case "connexie.changes", "connexie.sync_items", "connexie.sync_runs", "connexie.readings",
				"connexie.reading_pages", "connexie.list_etags", "connexie.fences":
			default:
				require.Equal(t, before[table], versions, table)
			}
		}
		require.Equal(t, before.Rows("connexie.changes")+1, after.Rows("connexie.changes"))
	})
	t.Run("and then it is quiet again", func(t *testing.T) {
		quiet := testkit.TakeSnapshot(t, o.url, bookkeeping...)
		require.Equal(t, domain.SyncNothing, o.sync(t).Outcome)
		quiet.RequireUnchanged(t, testkit.TakeSnapshot(t, o.url, bookkeeping...))
	})
}

// countCalls counts what Connexie was asked for this account.
func (o *organisation) countCalls() map[string]sandbox.Counter {
	counters := map[string]sandbox.Counter{}
	for _, counter := range o.sandbox.Counters() {
		if counter.Account == o.Account.ID {
			counters[counter.Operation] = counter
		}
	}
	return counters
}

// newVersions are the row versions that were not there before.
func newVersions(before, after []string) []string {
	known := map[string]bool{}
	for _, version := range before {
		known[version] = true
	}
	var found []string
	for _, version := range after {
		if !known[version] {
			found = append(found, version)
		}
	}
	return found
}
