package activities_test

import (
	"cmp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/testsuite"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

const listEmployees = "listEmployees"

func (b *bundle) mirrored() int {
	return testkit.Value[int](b, b.db, `select count(*) from connexie.people where missing_since is null`)
}

func TestRead_PageByPageAndSliceBySlice(t *testing.T) {
	t.Parallel()
	b := newBundle(t, people(1200)...)
	b.reading.SlicePages = 1
	in := activities.ReadPeopleInput{Run: b.newRun()}
	var pages []int
	for {
		slice, err := run(b, b.reading.ReadPeople, in)
		require.NoError(t, err)
		pages = append(pages, slice.Position.Page)
		require.Equal(t, today, slice.Day)
		require.Equal(t, b.organisation, slice.OrganisationID)
		if slice.Done {
			require.Equal(t, 1200, slice.Position.People)
			break
		}
		in.Position = slice.Position
	}
	require.Equal(t, []int{1, 2, 3}, pages)
	require.Equal(t, 1200, b.mirrored())
	require.Equal(t, 1, testkit.Value[int](t, b.db, `select count(*) from connexie.readings where completed_at is not null`))
}

func TestRead_S9_FetchesNothingWhereTheETagSaysThatNothingChanged(t *testing.T) {
	t.Parallel()
	b := newBundle(t, people(3)...)
	b.read(b.newRun())
	b.sandbox.ClearCalls()
	slice := b.read(b.newRun())
	require.True(t, slice.Unchanged)
	for _, operation := range []string{"listVenues", "listWageCodes", listEmployees} {
		require.Equal(t, 1, b.sandbox.Counter(account, operation).NotModified, operation)
		require.Equal(t, 1, b.sandbox.Counter(account, operation).Requests, operation)
	}
}

// A worker that dies in the middle of a list leaves its position in the heartbeat;
// the next attempt goes on from there and not from its input.
func TestRead_AnAttemptGoesOnFromTheHeartbeatOfTheOneBefore(t *testing.T) {
	t.Parallel()
	b := newBundle(t, people(1200)...)
	in := activities.ReadPeopleInput{Run: b.newRun()}
	b.fault(sandbox.Fault{Kind: sandbox.FaultStatus, Status: 503, Operation: listEmployees, FromCall: 3, Times: 1})
	var beat converter.EncodedValues
	_, err := run(b, b.reading.ReadPeople, in, func(env *testsuite.TestActivityEnvironment) {
		env.SetOnActivityHeartbeatListener(func(_ *activity.Info, details converter.EncodedValues) { beat = details })
	})
	requireFailure(t, err, activities.ErrorUnavailable, true)
	var position activities.Position
	require.NoError(t, beat.Get(&position))
	require.Equal(t, 2, position.Page)
	require.Equal(t, 1000, position.People)

	b.sandbox.ClearCalls()
	slice, err := run(b, b.reading.ReadPeople, in, func(env *testsuite.TestActivityEnvironment) { env.SetHeartbeatDetails(position) })
	require.NoError(t, err)
	require.True(t, slice.Done)
	require.Equal(t, 1200, slice.Position.People)
	require.Equal(t, 1, b.sandbox.Counter(account, listEmployees).Requests, "one page was left")
	require.Equal(t, 1200, b.mirrored(), "and nobody counts as missing (S14)")
}

func TestRead_S14_AnExpiredCursorBeginsANewReading(t *testing.T) {
	t.Parallel()
	b := newBundle(t, people(600)...)
	b.fault(sandbox.Fault{Kind: sandbox.FaultCursorExpired, Operation: listEmployees, Times: 1})
	slice := b.read(b.newRun())
	require.Equal(t, 1, slice.Position.Restarts)
	require.Equal(t, 600, slice.Position.People, "counted anew")
	require.Equal(t, slice.Position.Reading, testkit.Value[int64](t, b.db, `select max(number) from connexie.readings where completed_at is not null`))
	require.Greater(t, slice.Position.Reading, testkit.Value[int64](t, b.db, `select min(number) from connexie.readings`), "the first one never completed")
}

func TestRead_S14_AListThatIsNeverReadToItsEndConcludesNothing(t *testing.T) {
	t.Parallel()
	b := newBundle(t, people(600)...)
	b.read(b.newRun())
	b.fault(sandbox.Fault{Kind: sandbox.FaultCursorExpired, Operation: listEmployees})
	require.NoError(t, b.sandbox.RemoveEmployee(account, "p_0001"))
	_, err := run(b, b.reading.ReadPeople, activities.ReadPeopleInput{Run: b.newRun()})
	failure := requireFailure(t, err, activities.ErrorReading, false)
	require.Contains(t, failure.Message(), "expired 6 times")
	require.Equal(t, 600, b.mirrored())
}

func TestRead_S14_AnEmptyListIsNotBelievedWherePeopleAreLinked(t *testing.T) {
	t.Parallel()
	b := newBundle(t, people(2)...)
	empty := sandbox.Fault{Kind: sandbox.FaultEmptyList, Operation: listEmployees}
	b.fault(empty)
	b.sync(b.newRun()) // nobody is linked: a new customer may well be empty
	b.sandbox.ClearFaults()
	b.sync(b.newRun())
	b.fault(empty)
	before := testkit.TakeSnapshot(t, b.db.URL, bookkeeping...)
	_, err := run(b, b.reading.ReadPeople, activities.ReadPeopleInput{Run: b.newRun()})
	requireFailure(t, err, activities.ErrorReading, false)
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, b.db.URL, bookkeeping...))
}

func TestRead_S14_WhoIsMissingFromAWholeReadingIsToldOnceAndLeftAlone(t *testing.T) {
	t.Parallel()
	b := newBundle(t, people(3)...)
	b.sync(b.newRun())
	require.NoError(t, b.sandbox.RemoveEmployee(account, "p_0002"))
	b.db.Exec(t, `update eitje.contracts set hourly_wage = 99 where team_member_id = $1`, b.profileOf("p_0002"))
	for range 2 {
		ending := b.sync(b.newRun())
		require.Equal(t, domain.Counts{"linked": 2, "missing": 1}, ending.Counts)
		require.Equal(t, []string{"missing_in_connexie p_0002"}, b.causes())
	}
	require.Equal(t, 1, testkit.Value[int](t, b.db, `select count(*) from eitje.contracts where hourly_wage = 99`), "not from what the mirror still holds")
	require.NoError(t, b.sandbox.PutEmployee(account, person("p_0002")))
	require.Equal(t, domain.Counts{"linked": 3, "updated": 1}, b.sync(b.newRun()).Counts)
	require.Empty(t, b.causes())
}

func TestRead_S15_ABadRecordIsSetAsideAndTheOthersGoOn(t *testing.T) {
	t.Parallel()
	b := newBundle(t, people(3)...)
	b.sync(b.newRun())
	b.fault(sandbox.Fault{Kind: sandbox.FaultBadRecord, Operation: listEmployees, IDs: []string{"p_0002"}})
	b.patch("p_0001", `{"last_name":"de Wit"}`)
	b.patch("p_0002", `{"last_name":"de Boer"}`)
	ending := b.sync(b.newRun())
	require.Equal(t, domain.SyncProblems, ending.Outcome)
	require.Equal(t, domain.Counts{"linked": 2, "updated": 1, "bad_record": 1, "bad_record.unreadable": 1}, ending.Counts)
	require.Equal(t, []string{"bad_record p_0002"}, b.causes())
	b.sandbox.ClearFaults()
	require.Equal(t, domain.SyncOK, b.sync(b.newRun()).Outcome)
	require.Empty(t, b.causes())
}

// The cause of a bad record may pass without anything in the list changing; so may
// that of a person who was read alone.
func TestRead_S15_ABadRecordIsReadAgainAlthoughNothingChanges(t *testing.T) {
	t.Parallel()
	b := newBundle(t, people(3)...)
	b.sync(b.newRun())
	kept := func() int {
		return testkit.Value[int](t, b.db, `select count(*) from connexie.list_etags where list = 'people'`)
	}
	require.Equal(t, 1, kept())
	_, err := b.db.Store.SavePage(t.Context(), store.MirrorPage{
		ConnectionID: b.connection, Bad: []store.BadRecord{{ID: "p_0002", Reason: "last_name: missing"}},
	})
	require.NoError(t, err)
	require.Zero(t, kept(), "after one person alone")
	b.sync(b.newRun())
	require.Equal(t, 1, kept())

	b.fault(sandbox.Fault{Kind: sandbox.FaultBadRecord, Operation: listEmployees, IDs: []string{"p_0002"}})
	b.read(b.newRun())
	require.Zero(t, kept(), "after a whole reading")
	b.sandbox.ClearFaults()
	b.sync(b.newRun())
	require.Empty(t, b.causes())
	require.Equal(t, 1, kept())
}

// A record without so much as an id cannot be anybody's; it is counted, and looked at
// again although nothing in the list changes.
func TestRead_S15_ARecordWithoutAnIDIsToldUntilItIsMended(t *testing.T) {
	t.Parallel()
	b := newBundle(t, people(2)...)
	b.fault(sandbox.Fault{Kind: sandbox.FaultBadRecord, Operation: listEmployees, IDs: []string{"p_0002"}, Member: "id", Value: []byte(`7`)})
	for range 2 {
		full := b.newRun()
		slice := b.read(full)
		require.Equal(t, 1, slice.Position.Unreadable)
		plan, err := run(b, b.syncing.PlanSync, activities.PlanInput{Run: full, Day: today, Unreadable: slice.Position.Unreadable})
		require.NoError(t, err)
		if plan.Closed == nil {
			applied, err := run(b, b.syncing.ApplySync, activities.ApplyInput{Run: full, Day: today, Total: plan.Total, Unreadable: 1})
			require.NoError(t, err)
			plan.Closed = applied.Closed
		}
		require.Equal(t, domain.SyncProblems, plan.Closed.Outcome)
		require.Equal(t, 1, plan.Closed.Counts["unreadable"])
		require.Equal(t, []string{"unreadable_record connection"}, b.causes())
		require.Empty(t, testkit.Value[string](t, b.db, `select coalesce((select etag from connexie.list_etags where list = 'people'), '')`))
	}
	b.sandbox.ClearFaults()
	require.Equal(t, domain.SyncOK, b.sync(b.newRun()).Outcome)
	require.Empty(t, b.causes())
}

func TestRead_S20_OnePerson(t *testing.T) {
	t.Parallel()
	b := newBundle(t, people(2)...)
	slice := b.read(b.oneRun("p_0002"))
	require.Equal(t, 1, slice.Position.People)
	require.Equal(t, 1, b.mirrored())
	require.Zero(t, b.sandbox.Counter(account, listEmployees).Requests)
	require.Zero(t, testkit.Value[int](t, b.db, `select coalesce(max(fence), 0) from connexie.fences`), "it stands in nobody's way (S2)")

	_, err := run(b, b.reading.ReadPeople, activities.ReadPeopleInput{Run: b.oneRun("p_9999")})
	failure := requireFailure(t, err, activities.ErrorInvalidInput, false)
	require.Contains(t, failure.Message(), "p_9999")
}

func TestRead_WhereThereIsNothingToReadFor(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	paused := b.newRun()
	b.db.Exec(t, `update connexie.connections set state = 'paused'`)
	_, err := run(b, b.reading.ReadPeople, activities.ReadPeopleInput{Run: paused})
	require.Contains(t, requireFailure(t, err, activities.ErrorInvalidInput, false).Message(), "is paused")
	for _, id := range []string{"con-1", testkit.ID(t)} {
		unknown := b.newRun()
		unknown.ConnectionID = id
		_, err = run(b, b.reading.ReadPeople, activities.ReadPeopleInput{Run: unknown})
		require.Contains(t, requireFailure(t, err, activities.ErrorInvalidInput, false).Message(), "there is no connection "+id)
	}
	require.Zero(t, testkit.Value[int](t, b.db, `select count(*) from connexie.sync_runs`))
}

func TestRead_C8_ARefusedTokenStopsTheConnectionAndIsToldOnce(t *testing.T) {
	t.Parallel()
	b := newBundle(t, person("p_1"))
	require.NoError(t, b.sandbox.SetToken(account, "another"))
	for range 2 {
		_, err := run(b, b.reading.ReadPeople, activities.ReadPeopleInput{Run: b.newRun()})
		requireFailure(t, err, activities.ErrorTokenRefused, false)
		require.Equal(t, store.ConnectionNeedsToken, b.state())
		require.Equal(t, []string{"token_refused connection"}, b.causes())
	}
	require.Equal(t, 1, testkit.Value[int](t, b.db, `select count(*) from connexie.notifications`))
}

func TestRead_N6_WhatConnexieAnswersDecidesWhetherItIsAskedAgain(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault   sandbox.Fault
		kind    string
		retried bool
		delay   time.Duration
	}{
		"403":            {sandbox.Fault{Kind: sandbox.FaultStatus, Status: 403}, activities.ErrorForbidden, false, 0},
		"404":            {sandbox.Fault{Kind: sandbox.FaultStatus, Status: 404}, activities.ErrorProtocol, false, 0},
		"429":            {sandbox.Fault{Kind: sandbox.FaultRateLimited, RetryAfterSeconds: 7}, activities.ErrorRateLimited, true, 7 * time.Second},
		"429 for long":   {sandbox.Fault{Kind: sandbox.FaultRateLimited, RetryAfterSeconds: 3000}, activities.ErrorRateLimited, true, 10 * time.Minute},
		"500":            {sandbox.Fault{Kind: sandbox.FaultStatus, Status: 500}, activities.ErrorUnavailable, true, 0},
		"503 with delay": {sandbox.Fault{Kind: sandbox.FaultStatus, Status: 503, RetryAfterSeconds: 30}, activities.ErrorUnavailable, true, 30 * time.Second},
		"dropped":        {sandbox.Fault{Kind: sandbox.FaultDropConnection}, activities.ErrorUnavailable, true, 0},
		"cut body":       {sandbox.Fault{Kind: sandbox.FaultCutBody}, activities.ErrorUnavailable, true, 0},
		"500 to venues":  {sandbox.Fault{Kind: sandbox.FaultStatus, Status: 500, Operation: "listVenues"}, activities.ErrorUnavailable, true, 0},
		"403 to codes":   {sandbox.Fault{Kind: sandbox.FaultStatus, Status: 403, Operation: "listWageCodes"}, activities.ErrorForbidden, false, 0},
		"malformed JSON": {sandbox.Fault{Kind: sandbox.FaultMalformedJSON}, activities.ErrorProtocol, false, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBundle(t, person("p_1"))
			test.fault.Operation = cmp.Or(test.fault.Operation, listEmployees)
			b.fault(test.fault)
			_, err := run(b, b.reading.ReadPeople, activities.ReadPeopleInput{Run: b.newRun()})
			failure := requireFailure(t, err, test.kind, test.retried)
			require.Equal(t, test.delay, failure.NextRetryDelay())
			require.Contains(t, failure.Message(), b.connection)
			require.Equal(t, store.ConnectionActive, b.state())
			require.Zero(t, b.mirrored())
		})
	}
}

// A venue or a code left out would look as if Connexie had withdrawn it.
func TestRead_C6_ABadVenueEndsTheReading(t *testing.T) {
	t.Parallel()
	b := newBundle(t, person("p_1"))
	b.fault(sandbox.Fault{Kind: sandbox.FaultBadRecord, Operation: "listVenues", Member: "active", Value: []byte(`"yes"`)})
	_, err := run(b, b.reading.ReadPeople, activities.ReadPeopleInput{Run: b.newRun()})
	requireFailure(t, err, activities.ErrorProtocol, false)
	require.Equal(t, 2, testkit.Value[int](t, b.db, `select count(*) from connexie.venues where gone_at is null`))
}

// Pages are kept, and the next attempt begins where the worker stopped.
func TestRead_AStoppingWorkerEndsTheSliceEarly(t *testing.T) {
	t.Parallel()
	b := newBundle(t, people(600)...)
	slice, err := run(b, b.reading.ReadPeople, activities.ReadPeopleInput{Run: b.newRun()}, stopped)
	require.NoError(t, err)
	require.False(t, slice.Done)
	require.Equal(t, 1, slice.Position.Page)
	require.NotEmpty(t, slice.Position.Cursor)
}

// stopped runs an activity on a worker that is shutting down.
func stopped(env *testsuite.TestActivityEnvironment) {
	stop := make(chan struct{})
	close(stop)
	env.SetWorkerStopChannel(stop)
}
