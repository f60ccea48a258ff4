package endtoend

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/sandbox/seed"
)

// passing are the faults that pass by themselves: the run ends as if nothing had
// been.
func passing(t *testing.T, s *system) {
	const list = "listEmployees"
	for _, row := range []struct {
		name  string
		fault sandbox.Fault
	}{
		{"N6 429 with Retry-After", sandbox.Fault{Kind: sandbox.FaultRateLimited, Operation: list, Times: 1, RetryAfterSeconds: 1}},
		{"N6 503 and then well", sandbox.Fault{Kind: sandbox.FaultStatus, Operation: list, Times: 1, Status: 503, RetryAfterSeconds: 1}},
		{"N6 503 at the venues", sandbox.Fault{Kind: sandbox.FaultStatus, Operation: "listVenues", Times: 1, Status: 503, RetryAfterSeconds: 1}},
		{"a body cut off in the middle", sandbox.Fault{Kind: sandbox.FaultCutBody, Operation: list, Times: 1}},
		{"a slow answer", sandbox.Fault{Kind: sandbox.FaultDelay, Operation: list, Times: 1, DelayMilliseconds: 1500}},
		{"a connection that breaks", sandbox.Fault{Kind: sandbox.FaultDropConnection, Operation: list, Times: 1}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			o := s.small(t, "Storing "+row.name, 20)
			o.settle(t)
			o.change(t, o.employeeID(1), func(e *sandbox.Employee) { e.LastName = "Stormvast" })
			fault := o.fault(t, row.fault)
			run := o.startSync(t)
			require.Equal(t, domain.SyncOK, o.await(t, run).Outcome)
			require.Equal(t, "Stormvast", o.field(t, o.employeeID(1), "last_name"))
			require.Equal(t, 1, o.struck(fault))
			if row.fault.Status == 503 && row.fault.Operation == list {
				o.record(t, "retry", run)
			}
		})
	}
}

// struck tells how often a fault met a call.
func (o *organisation) struck(id string) int {
	for _, fault := range o.sandbox.Faults() {
		if fault.ID == id {
			return fault.Struck
		}
	}
	return 0
}

// crowded is enough for a second page: a page has 500 people.
const crowded = 520

// pages are the faults of a list of several pages.
func pages(t *testing.T, s *system) {
	o := s.small(t, "Bladeren", crowded)
	o.settle(t)
	o.requireStandings(t, o.Expected)

	t.Run("an expired cursor begins the list again", func(t *testing.T) {
		fault := o.fault(t, sandbox.Fault{Kind: sandbox.FaultCursorExpired, Operation: "listEmployees", Times: 1})
		o.touch(t)
		require.Equal(t, domain.SyncOK, o.sync(t).Outcome)
		require.Equal(t, 1, o.struck(fault))
	})
	t.Run("a person who comes twice is one person", func(t *testing.T) {
		fault := o.fault(t, sandbox.Fault{Kind: sandbox.FaultRepeat, Operation: "listEmployees", Times: 1})
		o.touch(t)
		require.Equal(t, domain.SyncOK, o.sync(t).Outcome)
		require.Equal(t, 1, o.struck(fault))
		require.Len(t, o.standings(t), crowded)
	})
	t.Run("S14 a list that is never read to its end concludes nothing", func(t *testing.T) {
		fault := o.fault(t, sandbox.Fault{Kind: sandbox.FaultCursorExpired, Operation: "listEmployees"})
		before := o.state(t)
		o.touch(t)
		failure := o.fails(t, o.startSync(t))
		require.Equal(t, activities.ErrorReading, failure.Type())
		require.Equal(t, before, o.state(t))
		o.requireOpen(t, domain.CauseMissing)
		require.NoError(t, s.sandbox.RemoveFault(fault))
		require.Equal(t, domain.SyncOK, o.sync(t).Outcome)
	})
}

// touch changes somebody, so that the list's ETag says that it must be read.
func (o *organisation) touch(t *testing.T) {
	t.Helper()
	o.change(t, o.employeeID(1), func(e *sandbox.Employee) { e.LastName += "x" })
}

// broken are answers that break the contract.
func broken(t *testing.T, s *system) {
	o := s.small(t, "Onleesbaar", 20)
	o.settle(t)
	o.touch(t)
	before := o.state(t)
	fault := o.fault(t, sandbox.Fault{Kind: sandbox.FaultMalformedJSON, Operation: "listEmployees"})
	run := o.startSync(t)
	failure := o.fails(t, run)
	t.Run("an answer that is no JSON fails the run and says what to do", func(t *testing.T) {
		require.Equal(t, activities.ErrorProtocol, failure.Type())
		require.Contains(t, failure.Message(), "report it with the request id")
		require.Contains(t, failure.Message(), "req_")
		require.Equal(t, before, o.state(t))
		closed := o.runs(t)[0]
		require.Equal(t, "failed", closed.Outcome)
		require.Equal(t, activities.ErrorProtocol, closed.Problem)
		o.requireOpen(t, domain.CauseSyncFailed, o.connection)
		described := o.described(t, run.GetID())
		require.Equal(t, "failed", attribute[string](t, described, "Outcome"))
		require.True(t, attribute[bool](t, described, "NeedsAttention"))
	})
	o.record(t, "failed-findable", run)
	require.NoError(t, s.sandbox.RemoveFault(fault))
	t.Run("once it is mended the next run closes the notification", func(t *testing.T) {
		require.Equal(t, domain.SyncOK, o.sync(t).Outcome)
		o.requireOpen(t, domain.CauseSyncFailed)
	})
}

// badRecord spoils one person's record among the others.
func badRecord(t *testing.T, s *system) {
	o := s.small(t, "Kapot record", 20)
	o.settle(t)
	bad, good := o.employeeID(2), o.employeeID(1)
	o.touch(t)
	fault := o.fault(t, sandbox.Fault{
		Kind: sandbox.FaultBadRecord, Operation: "listEmployees", IDs: []string{bad},
		Member: "contracts.0.start_date", Value: json.RawMessage(`"2026-02-30"`),
	})
	wrong := o.sync(t)
	require.Equal(t, domain.SyncProblems, wrong.Outcome)
	require.Equal(t, 1, wrong.Counts["bad_record"])
	require.Contains(t, o.field(t, good, "last_name"), "x", "the others go on")
	require.Equal(t, string(domain.BadRecord), o.standings(t)[bad].Situation)
	o.requireOpen(t, domain.CauseBadRecord, bad)

	require.NoError(t, s.sandbox.RemoveFault(fault))
	mended := o.sync(t)
	require.Equal(t, domain.SyncOK, mended.Outcome)
	require.Equal(t, seed.Linked, o.standings(t)[bad].Situation)
	o.requireOpen(t, domain.CauseBadRecord)
}

// absence is what may and may not be concluded from who is not there (S14).
func absence(t *testing.T, s *system) {
	o := s.small(t, "Afwezig", 20)
	o.settle(t)
	before, links := o.state(t), o.links(t)

	t.Run("an empty list fails the run and changes nothing", func(t *testing.T) {
		fault := o.fault(t, sandbox.Fault{Kind: sandbox.FaultEmptyList, Operation: "listEmployees"})
		failure := o.fails(t, o.startSync(t))
		require.Equal(t, activities.ErrorReading, failure.Type())
		require.Contains(t, failure.Message(), "nothing was changed")
		require.Equal(t, before, o.state(t))
		require.Equal(t, links, o.links(t))
		o.requireOpen(t, domain.CauseMissing)
		require.NoError(t, s.sandbox.RemoveFault(fault))
	})
	missing := o.employeeID(3)
	employee, err := s.sandbox.Employee(o.Account.ID, missing)
	require.NoError(t, err)
	t.Run("somebody who is missing is notified once and left as they are", func(t *testing.T) {
		require.NoError(t, s.sandbox.RemoveEmployee(o.Account.ID, missing))
		// What the mirror still holds is no word of Connexie's any more.
		o.edit(t, `update eitje.team_members set first_name = 'Zelf' where id = $1`, o.member(t, missing))
		o.sync(t)
		o.sync(t)
		require.Equal(t, "Zelf", o.field(t, missing, "first_name"))
		require.Equal(t, "true", o.field(t, missing, "active"))
		require.Equal(t, "missing_in_connexie", o.standings(t)[missing].Reason)
		require.Len(t, o.notices(t, domain.CauseMissing), 1)
		o.requireOpen(t, domain.CauseMissing, missing)
	})
	t.Run("who is back is synchronised again", func(t *testing.T) {
		require.NoError(t, s.sandbox.PutEmployee(o.Account.ID, employee))
		o.sync(t)
		require.Equal(t, employee.FirstName, o.field(t, missing, "first_name"))
		o.requireOpen(t, domain.CauseMissing)
	})
}

// onePerson synchronises people alone (S20).
func onePerson(t *testing.T, s *system) {
	o := s.small(t, "Alleen", 20)
	o.settle(t)
	someone, other := o.employeeID(1), o.employeeID(2)

	t.Run("only that person is written, and told step by step", func(t *testing.T) {
		o.change(t, someone, func(e *sandbox.Employee) { e.LastName = "Eentje" })
		o.change(t, other, func(e *sandbox.Employee) { e.LastName = "Later" })
		run := o.startPerson(t, someone)
		result := o.await(t, run)
		require.Equal(t, domain.SyncOK, result.Outcome)
		require.Equal(t, "Eentje", o.field(t, someone, "last_name"))
		require.NotEqual(t, "Later", o.field(t, other, "last_name"))
		o.requireSteps(t, result.RunID, someone, "S15", "S5", "S8", "S13", "S18")
		o.record(t, "one-person", run)
	})
	t.Run("somebody about whom there is nothing to do is told why", func(t *testing.T) {
		skipped := o.employeeID(19) // without an e-mail address
		result := o.syncPerson(t, skipped)
		require.Equal(t, domain.SyncNothing, result.Outcome)
		o.requireSteps(t, result.RunID, skipped, "S15", "S5", "S3")
	})
	t.Run("a person whom Connexie does not know is refused", func(t *testing.T) {
		failure := o.fails(t, o.startPerson(t, "emp_nobody"))
		require.Equal(t, refusedInput, failure.Type())
		require.Contains(t, failure.Message(), "emp_nobody")
		require.Contains(t, failure.Message(), "look the id up in Connexie")
		require.Equal(t, "failed", o.runs(t)[0].Outcome)
	})
	t.Run("the full run takes the rest", func(t *testing.T) {
		require.Equal(t, domain.SyncOK, o.sync(t).Outcome)
		require.Equal(t, "Later", o.field(t, other, "last_name"))
	})
}

// requireSteps asserts that the explanation asks these rules, and names no value.
func (o *organisation) requireSteps(t *testing.T, runID, person string, rules ...string) {
	t.Helper()
	var asked []string
	for _, step := range o.items(t, runID)[person].Steps {
		require.NotEmpty(t, step.Question)
		require.NotEmpty(t, step.Answer)
		asked = append(asked, step.Rule)
	}
	require.Subset(t, asked, rules)
}
