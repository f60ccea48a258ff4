package activities_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

func (b *bundle) check() activities.TokenCheck {
	b.Helper()
	check, err := run(b, b.reading.CheckToken, b.activation())
	require.NoError(b, err)
	return check
}

func TestActivate_C1_AGoodTokenMakesTheConnectionActive(t *testing.T) {
	t.Parallel()
	b := newUnchecked(t)
	for range 2 {
		require.Equal(t, activities.TokenCheck{Accepted: true}, b.check())
		require.Equal(t, store.ConnectionActive, b.state())
	}
	require.Equal(t, account, testkit.Value[string](t, b.db, `select account_id::text from connexie.connections`))
	require.Zero(t, b.sandbox.Counter(account, listEmployees).Requests, "nothing is fetched before")
}

func TestActivate_C1_ARefusedOrMissingTokenLeavesItInactiveAndIsTold(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*bundle){
		"refused": func(b *bundle) { b.setToken("no-such-token") },
		"missing": func(b *bundle) { b.db.Exec(b, `delete from connexie.connection_tokens`) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newUnchecked(t)
			prepare(b)
			require.Equal(t, activities.TokenCheck{Problem: activities.ProblemTokenRefused}, b.check())
			require.Equal(t, store.ConnectionInactive, b.state())
			require.Equal(t, []string{"token_refused connection"}, b.causes())
			_, err := run(b, b.reading.ReadPeople, activities.ReadPeopleInput{Run: b.newRun()})
			requireFailure(t, err, activities.ErrorInvalidInput, false)
		})
	}
}

func TestActivate_C8_ANewTokenOfTheSameAccountResumesEverything(t *testing.T) {
	t.Parallel()
	b := newBundle(t, person("p_1"))
	b.sync(b.newRun())
	profile := b.profileOf("p_1")
	require.NoError(t, b.sandbox.SetToken(account, "token-2"))
	_, err := run(b, b.reading.ReadPeople, activities.ReadPeopleInput{Run: b.newRun()})
	requireFailure(t, err, activities.ErrorTokenRefused, false)

	b.setToken("token-2")
	require.True(t, b.check().Accepted)
	require.Equal(t, store.ConnectionActive, b.state())
	require.Empty(t, b.causes())
	b.sync(b.newRun())
	require.Equal(t, profile, b.profileOf("p_1"))
}

func TestActivate_C8_ATokenOfAnotherAccountIsRefusedAndTheOneInUseStays(t *testing.T) {
	t.Parallel()
	b := newBundle(t, person("p_1"))
	require.NoError(t, b.sandbox.AddAccount(sandbox.Account{ID: "acc_2", Name: "Ander", Token: "token-9", Permissions: []sandbox.Permission{sandbox.EmployeesRead}}))
	b.setToken("token-9")
	require.Equal(t, activities.TokenCheck{Problem: activities.ProblemOtherAccount}, b.check())
	require.Equal(t, store.ConnectionActive, b.state())
	b.read(b.newRun())
	require.Equal(t, 1, b.mirrored())
}

func TestActivate_N6_AnOutageChangesNothing(t *testing.T) {
	t.Parallel()
	b := newUnchecked(t)
	b.fault(sandbox.Fault{Kind: sandbox.FaultStatus, Status: 503, Operation: "getAccount"})
	before := testkit.TakeSnapshot(t, b.db.URL)
	_, err := run(b, b.reading.CheckToken, b.activation())
	requireFailure(t, err, activities.ErrorUnavailable, true)
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, b.db.URL))
}

func TestActivate_AnUnknownOrRemovedConnectionIsAnsweredWithTheNextStep(t *testing.T) {
	t.Parallel()
	b := newUnchecked(t)
	for _, id := range []string{"con-1", testkit.ID(t)} {
		_, err := run(b, b.reading.CheckToken, activities.ActivationInput{ConnectionID: id})
		require.Contains(t, requireFailure(t, err, activities.ErrorInvalidInput, false).Message(), "starter activate")
	}
	b.db.Exec(t, `update connexie.connections set state = 'removed'`)
	_, err := run(b, b.reading.CheckToken, b.activation())
	require.Contains(t, requireFailure(t, err, activities.ErrorInvalidInput, false).Message(), "removed")
}

func TestActivate_C2_ConnectsVenuesOfEqualNameAndKeepsWhatWasDecided(t *testing.T) {
	t.Parallel()
	b := newUnchecked(t)
	require.NoError(t, b.sandbox.PutVenue(account, sandbox.Venue{ID: "ven_3", Name: "Terras", Active: true}))
	require.True(t, b.check().Accepted)
	want := activities.CatalogueResult{Venues: 3, WageCodes: 1, Connected: 2, Undecided: 1}
	got, err := run(b, b.reading.FetchCatalogue, b.activation())
	require.NoError(t, err)
	require.Equal(t, want, got)

	require.NoError(t, b.db.Store.SetVenueNotUsed(t.Context(), b.connection, b.kitchen, "cli", now))
	want = activities.CatalogueResult{Venues: 3, WageCodes: 1, Connected: 0, Undecided: 2}
	got, err = run(b, b.reading.FetchCatalogue, b.activation())
	require.NoError(t, err)
	require.Equal(t, want, got)
}

// Someone whose venues are all undecided waits, and comes in once one is decided.
func TestActivate_C2_WhoWaitsForAVenueComesInOnceItIsDecided(t *testing.T) {
	t.Parallel()
	waiting := person("p_1")
	waiting.Contracts[0].VenueID = "ven_3"
	b := newUnchecked(t, waiting)
	require.NoError(t, b.sandbox.PutVenue(account, sandbox.Venue{ID: "ven_3", Name: "Terras", Active: true}))
	b.check()
	require.Equal(t, map[string]int{"skipped": 1, "skipped.venue_undecided": 1}, map[string]int(b.sync(b.newRun()).Counts))
	require.NoError(t, b.db.Store.ConnectVenue(t.Context(), b.connection, b.bar, "ven_3", "cli", now))
	require.Equal(t, map[string]int{"new": 1}, map[string]int(b.sync(b.newRun()).Counts))
}

// A venue that contracts name and Connexie does not list stands in no list of what is
// to decide: a notification says so, once, and closes with its cause.
func TestActivate_C2_N1_AVenueThatNobodyCanDecideIsAnnounced(t *testing.T) {
	t.Parallel()
	waiting := person("p_1")
	waiting.Contracts[0].VenueID = "ven_9"
	b := newUnchecked(t, waiting, person("p_2")) // the venue of p_2 is listed and undecided
	b.check()
	require.Equal(t, 2, b.sync(b.newRun()).Counts["skipped.venue_undecided"])
	require.Equal(t, 1, strings.Count(strings.Join(b.causes(), "\n"), "venue_unlisted"))
	require.Contains(t, b.causes(), "venue_unlisted connexie:ven_9")

	require.NoError(t, b.sandbox.PutVenue(account, sandbox.Venue{ID: "ven_9", Name: "Markt", Active: true}))
	b.sync(b.newRun())
	require.NotContains(t, b.causes(), "venue_unlisted connexie:ven_9")
	require.Contains(t, b.causes(), "venue_undecided connexie:ven_9", "now somebody can decide")
}

// What Connexie closes is Inactive, also where an Eitje venue is connected to it; the
// export has always said so.
func TestSync_C5_N1_AVenueThatConnexieClosesIsInactiveAlsoWhereItIsConnected(t *testing.T) {
	t.Parallel()
	works := person("p_1")
	b := newBundle(t, works, person("p_2"))
	b.sync(b.newRun())
	wage := func() string {
		return testkit.Value[string](t, b.db, `select round(hourly_wage, 2)::text from eitje.contracts where team_member_id = $1`, b.profileOf("p_1"))
	}
	raise := func(to string) {
		_, err := b.sandbox.UpdateEmployee(account, "p_1", func(e *sandbox.Employee) error {
			e.Contracts[0].HourlyWage = sandbox.Some(to)
			return nil
		})
		require.NoError(t, err)
	}
	require.NoError(t, b.sandbox.PutVenue(account, sandbox.Venue{ID: "ven_1", Name: "Bar", Active: false}))
	raise("16.00")
	require.Equal(t, 2, b.sync(b.newRun()).Counts["skipped.venue_inactive"])
	require.Equal(t, "15.20", wage(), "its people stay as they are (C5)")
	require.Equal(t, []string{"venue_closed connexie:ven_1"}, b.causes())
	require.Equal(t, domain.SyncNothing, b.sync(b.newRun()).Outcome, "and nobody is told twice")
	require.Len(t, b.causes(), 1)

	require.NoError(t, b.sandbox.PutVenue(account, sandbox.Venue{ID: "ven_1", Name: "Bar", Active: true}))
	require.Equal(t, domain.SyncOK, b.sync(b.newRun()).Outcome)
	require.Equal(t, "16.00", wage())
	require.Empty(t, b.causes(), "it closes by itself")
}
