package endtoend

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
)

// storm answers 429 to one call after the other.
func storm(t *testing.T, s *system) {
	o := s.small(t, "Te veel vragen", 20)
	o.settle(t)
	o.change(t, firstInBatch, func(e *sandbox.Employee) { e.LastName = "Stormvast" })
	asked := len(s.sandbox.Calls(o.Account.ID, ""))
	const refusals, pause = 4, 2 * time.Second
	o.fault(t, sandbox.Fault{Kind: sandbox.FaultRateLimited, Times: refusals, RetryAfterSeconds: int(pause.Seconds())})
	run := o.startSync(t)
	require.Equal(t, domain.SyncOK, o.await(t, run).Outcome)
	require.Equal(t, "Stormvast", o.field(t, firstInBatch, "last_name"))

	calls, refused := s.sandbox.Calls(o.Account.ID, "")[asked:], 0
	for i, call := range calls {
		if call.Status == http.StatusTooManyRequests {
			refused++
			require.GreaterOrEqual(t, calls[i+1].At.Sub(call.At), pause, "call %d came before Retry-After was over", i+1)
		}
	}
	require.Equal(t, refusals, refused)
	o.requireOpen(t, domain.CauseUnreachable)
	o.requireOpen(t, domain.CauseSyncFailed)
	o.record(t, "rate-limited", run)
}

// secondPage breaks only the second page of a list.
func secondPage(t *testing.T, s *system) {
	o := s.small(t, "Tweede bladzijde", crowded)
	o.settle(t)
	t.Run("N6 a page that is cut off is read again, and the one before it is not", func(t *testing.T) {
		o.touch(t)
		asked := len(o.pages(t))
		o.fault(t, sandbox.Fault{Kind: sandbox.FaultCutBody, Operation: "listEmployees", FromCall: 2, Times: 1})
		run := o.startSync(t)
		require.Equal(t, domain.SyncOK, o.await(t, run).Outcome)
		require.Equal(t, []bool{false, true, true}, o.pages(t)[asked:], "which calls carried a cursor")
		o.record(t, "cut-off-on-the-second-page", run)
	})
	t.Run("S14 a page that is no JSON fails the run and concludes nothing", func(t *testing.T) {
		o.touch(t)
		require.NoError(t, s.sandbox.RemoveEmployee(o.Account.ID, o.employeeID(3)))
		before := o.state(t)
		fault := o.fault(t, sandbox.Fault{Kind: sandbox.FaultMalformedJSON, Operation: "listEmployees", FromCall: 2, Times: 1})
		require.Equal(t, activities.ErrorProtocol, o.fails(t, o.startSync(t)).Type())
		require.Equal(t, before, o.state(t))
		o.requireOpen(t, domain.CauseMissing)
		require.NoError(t, s.sandbox.RemoveFault(fault))
		require.Equal(t, domain.SyncOK, o.sync(t).Outcome)
		o.requireOpen(t, domain.CauseMissing, o.employeeID(3))
		o.requireOpen(t, domain.CauseSyncFailed)
	})
}

// pages tells of each call that listed people whether it carried a cursor.
func (o *organisation) pages(t *testing.T) []bool {
	t.Helper()
	var cursors []bool
	for _, call := range o.sandbox.Calls(o.Account.ID, "listEmployees") {
		cursors = append(cursors, strings.Contains(call.Query, "cursor="))
	}
	return cursors
}

// holdSecondPage starts a run and returns once it waits for the second page, with the
// first one in the mirror.
func (o *organisation) holdSecondPage(t *testing.T) (finish func() domain.SyncOutcome) {
	t.Helper()
	o.touch(t)
	fault := o.fault(t, sandbox.Fault{Kind: sandbox.FaultHold, Operation: "listEmployees", FromCall: 2, Times: 1})
	run := o.startSync(t)
	require.NoError(t, o.sandbox.AwaitFault(t.Context(), fault))
	return func() domain.SyncOutcome {
		require.NoError(t, o.sandbox.RemoveFault(fault))
		return o.await(t, run).Outcome
	}
}

// twiceAcrossPages sends the last person of the first page once more on the second,
// with other content: whichever is newer counts, in whatever order they come.
func twiceAcrossPages(t *testing.T, s *system) {
	o := s.small(t, "Dubbel in de lijst", crowded)
	o.settle(t)
	const list = "listEmployees"
	last, people := o.employeeID(500), len(o.standings(t))
	repeat := o.fault(t, sandbox.Fault{Kind: sandbox.FaultRepeat, Operation: list})

	finish := o.holdSecondPage(t)
	o.change(t, last, func(e *sandbox.Employee) { e.LastName = "Nieuwer" })
	require.Equal(t, domain.SyncOK, finish())
	require.Equal(t, "Nieuwer", o.field(t, last, "last_name"), "the newer one came second")

	for member, value := range map[string]string{"last_name": `"Ouder"`, "modified_at": `"2020-01-01T00:00:00Z"`} {
		o.fault(t, sandbox.Fault{
			Kind: sandbox.FaultBadRecord, Operation: list, FromCall: 2, IDs: []string{last},
			Member: member, Value: json.RawMessage(value),
		})
	}
	o.touch(t)
	require.Equal(t, domain.SyncOK, o.sync(t).Outcome)
	require.Equal(t, "Nieuwer", o.field(t, last, "last_name"), "the older one came second")
	require.Equal(t, 2, o.struck(repeat))
	require.Len(t, o.standings(t), people)
	require.Equal(t, 1, value[int](t, s, `select count(*) from connexie.people
		where connection_id = $1 and connexie_id = $2`, o.connection, last))
}

// changingList changes Connexie's list while it is read: what was on the first page is
// seen by the next run, what was on the second by this one.
func changingList(t *testing.T, s *system) {
	o := s.small(t, "Lijst in beweging", crowded)
	o.settle(t)
	changedFirst, goneFirst := o.employeeID(5), o.employeeID(6)
	goneSecond, changedSecond := o.employeeID(510), o.employeeID(512)

	finish := o.holdSecondPage(t)
	addedSecond := o.newcomers(t, 1)[0]
	addedFirst := addedSecond
	addedFirst.ID, addedFirst.Email = "aaa_0001", sandbox.Some("vooraan@example.com")
	addedFirst.Contracts = slices.Clone(addedSecond.Contracts)
	addedFirst.Contracts[0].ID = "aaa_0001"
	require.NoError(t, s.sandbox.PutEmployee(o.Account.ID, addedFirst))
	o.change(t, changedFirst, func(e *sandbox.Employee) { e.LastName = "Eerste" })
	o.change(t, changedSecond, func(e *sandbox.Employee) { e.LastName = "Tweede" })
	require.NoError(t, s.sandbox.RemoveEmployee(o.Account.ID, goneFirst))
	require.NoError(t, s.sandbox.RemoveEmployee(o.Account.ID, goneSecond))
	links := o.links(t)
	require.Equal(t, domain.SyncOK, finish())

	t.Run("S14 what this reading saw is done, and nothing else is concluded", func(t *testing.T) {
		require.NotEqual(t, "Eerste", o.field(t, changedFirst, "last_name"))
		require.Equal(t, "Tweede", o.field(t, changedSecond, "last_name"))
		require.Contains(t, o.links(t), addedSecond.ID)
		require.NotContains(t, o.links(t), addedFirst.ID)
		o.requireOpen(t, domain.CauseMissing, goneSecond)
	})
	t.Run("S14 the next reading sees the rest", func(t *testing.T) {
		require.Equal(t, domain.SyncOK, o.sync(t).Outcome, "the list's tag is that of its first page")
		require.Equal(t, "Eerste", o.field(t, changedFirst, "last_name"))
		require.Contains(t, o.links(t), addedFirst.ID)
		o.requireOpen(t, domain.CauseMissing, goneFirst, goneSecond)
		require.Len(t, o.notices(t, domain.CauseMissing), 2)
	})
	require.Subset(t, o.links(t), links)
	o.requireSettled(t)
}
