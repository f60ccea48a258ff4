package testkit_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/testkit"
)

func TestDatabase_IsMigratedAndOnesOwn(t *testing.T) {
	t.Parallel()
	one, other := testkit.New(t), testkit.New(t)
	one.Organisation(t)
	require.Equal(t, 1, testkit.Value[int](t, one, `select count(*) from eitje.organisations`))
	require.Equal(t, 0, testkit.Value[int](t, other, `select count(*) from eitje.organisations`))
	pending, err := one.Store.PendingMigrations(t.Context())
	require.NoError(t, err)
	require.Zero(t, pending)
}

func TestSnapshot_SeesARowThatIsWrittenAgainAsItWas(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	id := db.Organisation(t)
	before := testkit.TakeSnapshot(t, db.URL)
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, db.URL))
	require.Equal(t, 1, before.Rows("eitje.organisations"))

	db.Exec(t, `update eitje.organisations set name = name where id = $1`, id)
	require.NotEqual(t, before, testkit.TakeSnapshot(t, db.URL))
	before = testkit.TakeSnapshot(t, db.URL, "eitje.organisations")
	require.NotContains(t, before, "eitje.organisations")
}

func TestBuilders_MakeAWholeOrganisation(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	organisation := db.Organisation(t)
	venue := db.Venue(t, organisation, "Bar")
	connection := db.Connection(t, organisation)
	db.ConnexieVenues(t, connection.ID, "ven_1", "Bar")
	member := db.TeamMember(t, testkit.TeamMember{OrganisationID: organisation, Email: "j@example.com", Inactive: true})
	db.Contract(t, testkit.Contract{TeamMemberID: member, VenueID: venue})
	db.Entry(t, testkit.Entry{OrganisationID: organisation, TeamMemberID: member, VenueID: venue})
	db.Entry(t, testkit.Entry{
		OrganisationID: organisation, TeamMemberID: member, VenueID: venue, NoStart: true, NoEnd: true, NoMinutes: true,
		Kind: "sick", State: "open", Extras: []testkit.Extra{{}, {Kind: domain.LineAllowance, Type: "travel", Quantity: "2.5"}},
	})
	db.Link(t, connection.ID, member, "per_1")
	db.Code(t, connection.ID, domain.LineHours, "", "1000")
	db.Code(t, connection.ID, domain.LineMeal, "lunch", "2000")
	require.Equal(t, "active", string(connection.State))
	require.Equal(t, 1, testkit.Value[int](t, db, `select count(*) from connexie.links`))
	require.Equal(t, []string{"approved worked 480", "open sick -"}, testkit.Value[[]string](t, db, `
		select array_agg(concat_ws(' ', state, kind, coalesce(minutes::text, '-')) order by state) from eitje.entries`))
	require.Equal(t, []string{"allowance travel 2.5000", "meal lunch 1.0000"}, testkit.Value[[]string](t, db, `
		select array_agg(concat_ws(' ', kind, type, quantity) order by kind) from eitje.entry_extras`))
	require.Equal(t, []string{"hours  1000", "meal lunch 2000"}, testkit.Value[[]string](t, db, `
		select array_agg(concat_ws(' ', kind, type, code) order by kind) from connexie.code_mappings`))
}

// watched is a test that notes what the logger does to it.
type watched struct {
	testing.TB
	failures []string
}

func (w *watched) Helper()                        {}
func (w *watched) Cleanup(func())                 {}
func (w *watched) Log(...any)                     {}
func (w *watched) Errorf(format string, _ ...any) { w.failures = append(w.failures, format) }

func TestLogger_FailsOnAnErrorThatNobodyExpected(t *testing.T) {
	t.Parallel()
	watch := &watched{TB: t}
	logger := testkit.Logger(watch, "connection refused")
	logger.Warn("this is fine")
	logger.Error("read: connection refused, as the test wants")
	require.Empty(t, watch.failures)
	logger.Error("read: something else")
	require.Len(t, watch.failures, 1)
}
