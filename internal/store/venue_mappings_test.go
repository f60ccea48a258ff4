package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// mapped is a connection with venues on both sides.
type mapped struct {
	*testkit.DB
	organisation string
	connection   string
	bar, kitchen string
}

func newMapped(t testing.TB) mapped {
	t.Helper()
	db := testkit.New(t)
	organisation := db.Organisation(t)
	m := mapped{DB: db, organisation: organisation, connection: db.Connection(t, organisation).ID}
	m.bar, m.kitchen = db.Venue(t, organisation, "Bar"), db.Venue(t, organisation, "Kitchen")
	db.ConnexieVenues(t, m.connection, "ven_bar", " bar ", "ven_office", "Office")
	return m
}

func (m mapped) undecided(t testing.TB) int {
	t.Helper()
	every, undecided, err := m.Store.EveryVenueDecided(t.Context(), m.connection)
	require.NoError(t, err)
	require.Equal(t, undecided == 0, every)
	return undecided
}

func TestStore_C2_VenuesOfEqualNameAreConnected(t *testing.T) {
	t.Parallel()
	m := newMapped(t)
	connected, err := m.Store.DraftVenueMappings(t.Context(), m.connection, "activation", now)
	require.NoError(t, err)
	require.Equal(t, 1, connected)
	decisions, err := m.Store.VenueDecisions(t.Context(), m.connection)
	require.NoError(t, err)
	require.Equal(t, []string{m.bar}, decisions.Map().EitjeVenues("ven_bar"))

	before := testkit.TakeSnapshot(t, m.URL)
	connected, err = m.Store.DraftVenueMappings(t.Context(), m.connection, "activation", later)
	require.NoError(t, err)
	require.Zero(t, connected)
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, m.URL))
}

func TestStore_C2_ADraftNeverTouchesADecision(t *testing.T) {
	t.Parallel()
	m := newMapped(t)
	require.NoError(t, m.Store.SetVenueNotUsed(t.Context(), m.connection, m.bar, "cli", now))
	connected, err := m.Store.DraftVenueMappings(t.Context(), m.connection, "activation", now)
	require.NoError(t, err)
	require.Zero(t, connected)
}

func TestStore_C3_EveryUndecidedVenueIsNamedUntilItIsDecided(t *testing.T) {
	t.Parallel()
	m := newMapped(t)
	ctx := t.Context()
	require.Equal(t, 4, m.undecided(t))
	require.NoError(t, m.Store.SyncConfigurationNotices(ctx, m.connection, now))
	require.Len(t, causes(t, m.DB, m.connection), 4)
	before := testkit.TakeSnapshot(t, m.URL)
	require.NoError(t, m.Store.SyncConfigurationNotices(ctx, m.connection, later))
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, m.URL))

	require.NoError(t, m.Store.ConnectVenue(ctx, m.connection, m.bar, "ven_bar", "cli", now))
	require.Equal(t, 2, m.undecided(t))
	require.NoError(t, m.Store.SetVenueNotUsed(ctx, m.connection, m.kitchen, "cli", now))
	require.NoError(t, m.Store.SetConnexieVenueInactive(ctx, m.connection, "ven_office", now))
	require.Zero(t, m.undecided(t))
	require.Empty(t, causes(t, m.DB, m.connection), "decided is closed")

	// A new venue on either side is undecided again.
	added := m.Venue(t, m.organisation, "Terrace")
	require.NoError(t, m.Store.SyncConfigurationNotices(ctx, m.connection, later))
	open, err := m.Store.OpenNotifications(ctx, m.connection)
	require.NoError(t, err)
	require.Len(t, open, 1)
	require.Equal(t, "eitje:"+added, open[0].Subject)
}

func TestStore_C3_AVenueThatConnexieClosedOrDroppedNeedsNoDecision(t *testing.T) {
	t.Parallel()
	m := newMapped(t)
	list := store.CompleteList{ConnectionID: m.connection}
	_, err := m.Store.SaveVenues(t.Context(), list, []domain.Venue{{ID: "ven_office", Name: "Office"}}, now)
	require.NoError(t, err)
	require.Equal(t, 2, m.undecided(t), "the two of Eitje")
}

func TestStore_C4_OneEitjeVenueNeverHasTwoAndSeveralMayShareOne(t *testing.T) {
	t.Parallel()
	m := newMapped(t)
	ctx := t.Context()
	for _, venue := range []string{m.bar, m.kitchen} {
		require.NoError(t, m.Store.ConnectVenue(ctx, m.connection, venue, "ven_bar", "cli", now))
	}
	decisions, err := m.Store.VenueDecisions(ctx, m.connection)
	require.NoError(t, err)
	require.ElementsMatch(t, []string{m.bar, m.kitchen}, decisions.Map().EitjeVenues("ven_bar"))

	require.NoError(t, m.Store.ConnectVenue(ctx, m.connection, m.bar, "ven_office", "cli", now))
	decisions, err = m.Store.VenueDecisions(ctx, m.connection)
	require.NoError(t, err)
	require.Equal(t, []string{m.kitchen}, decisions.Map().EitjeVenues("ven_bar"))
	require.Equal(t, []string{m.bar}, decisions.Map().EitjeVenues("ven_office"))
}

func TestStore_C3_AConnectedVenueIsNotSetInactive(t *testing.T) {
	t.Parallel()
	m := newMapped(t)
	ctx := t.Context()
	require.NoError(t, m.Store.SetConnexieVenueInactive(ctx, m.connection, "ven_bar", now))
	require.NoError(t, m.Store.ConnectVenue(ctx, m.connection, m.bar, "ven_bar", "cli", now), "connecting uses it again")
	decisions, err := m.Store.VenueDecisions(ctx, m.connection)
	require.NoError(t, err)
	require.False(t, decisions.Connexie[0].SetInactive)

	var refused *store.VenueConnectedError
	require.ErrorAs(t, m.Store.SetConnexieVenueInactive(ctx, m.connection, "ven_bar", now), &refused)
	require.Equal(t, []string{m.bar}, refused.VenueIDs)
}

func TestStore_C3_ConnectingAndSettingInactiveAtOnceLeaveOneOfThem(t *testing.T) {
	t.Parallel()
	m := newMapped(t)
	for range 10 {
		m.Exec(t, `delete from connexie.venue_mappings`)
		m.Exec(t, `update connexie.venues set set_inactive = false`)
		var group errgroup.Group
		group.Go(func() error { return m.Store.ConnectVenue(t.Context(), m.connection, m.bar, "ven_bar", "cli", now) })
		_ = m.Store.SetConnexieVenueInactive(t.Context(), m.connection, "ven_bar", now)
		require.NoError(t, group.Wait())
		require.Zero(t, testkit.Value[int](t, m.DB, `
			select count(*) from connexie.venues v
			  join connexie.venue_mappings m using (connection_id, connexie_venue_id)
			 where v.set_inactive`))
	}
}

func TestStore_C3_UnknownVenuesAreAnsweredPlainly(t *testing.T) {
	t.Parallel()
	m := newMapped(t)
	ctx := t.Context()
	foreign := m.Venue(t, m.Organisation(t), "Bar")
	for _, venue := range []string{foreign, testkit.ID(t), "bogus", ""} {
		require.ErrorIs(t, m.Store.ConnectVenue(ctx, m.connection, venue, "ven_bar", "cli", now), store.ErrVenueUnknown)
		require.ErrorIs(t, m.Store.SetVenueNotUsed(ctx, m.connection, venue, "cli", now), store.ErrVenueUnknown)
	}
	for _, venue := range []string{"ven_none", "", "no id at all"} {
		require.ErrorIs(t, m.Store.ConnectVenue(ctx, m.connection, m.bar, venue, "cli", now), store.ErrConnexieVenueUnknown)
		require.ErrorIs(t, m.Store.SetConnexieVenueInactive(ctx, m.connection, venue, now), store.ErrConnexieVenueUnknown)
	}
	require.ErrorIs(t, m.Store.SetVenueNotUsed(ctx, "bogus", m.bar, "cli", now), store.ErrNotFound)
	require.Equal(t, 4, m.undecided(t))
}

// What counts is what was decided when the run was planned: it left out whoever waits
// for a decision that came later.
func TestStore_S16_TheGuardIsArmedByARunPlannedWithEveryVenueDecided(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	connection := db.Connection(t, db.Organisation(t)).ID
	arm := func(decided bool, at time.Time) bool {
		run := open(t, db, fullRun(t, connection))
		require.NoError(t, db.Store.BeginPlanning(t.Context(), run.ID, decided))
		armed, err := db.Store.ArmGuard(t.Context(), connection, run.ID, at)
		require.NoError(t, err)
		return armed
	}
	require.False(t, arm(false, now))
	require.Zero(t, reload(t, db, connection).GuardArmedAt)
	require.True(t, arm(true, now))
	require.False(t, arm(true, later), "armed once")
	require.WithinDuration(t, now, reload(t, db, connection).GuardArmedAt, 0)
}

func TestStore_C6_OnlyAnActivatedCodeOfTheKindCanBeChosen(t *testing.T) {
	t.Parallel()
	m := newMapped(t)
	ctx := t.Context()
	list := store.CompleteList{ConnectionID: m.connection}
	hours := domain.WageCode{Code: "100", Description: "Hours", Kind: "hours", Unit: "hours"}
	meal := domain.WageCode{Code: "200", Description: "Meal", Kind: "meal", Unit: "pieces"}
	_, err := m.Store.SaveWageCodes(ctx, list, []domain.WageCode{hours, meal}, now)
	require.NoError(t, err)
	set := func(kind, kindType, code string) error {
		return m.Store.SetCodeMapping(ctx, m.connection, store.CodeMapping{Kind: kind, Type: kindType, Code: code}, "cli", now)
	}
	require.NoError(t, set("hours", "", "100"))
	require.NoError(t, set("meal", " dinner ", "200"))
	require.ErrorIs(t, set("hours", "", "999"), store.ErrCodeUnknown)
	require.ErrorIs(t, set("hours", "", "200"), store.ErrCodeUnfit)
	require.ErrorIs(t, set("hours", "night", "100"), store.ErrCodeUnfit)
	require.ErrorIs(t, set("bogus", "", "100"), store.ErrCodeUnfit)
	require.ErrorIs(t, set("meal", "  ", "200"), store.ErrCodeUnfit)

	mappings, err := m.Store.CodeMappings(ctx, m.connection)
	require.NoError(t, err)
	require.Equal(t, []store.CodeMapping{{Kind: "hours", Code: "100"}, {Kind: "meal", Type: "dinner", Code: "200"}}, mappings)

	// A code in use that vanishes is announced, and cannot be chosen any more.
	_, err = m.Store.SaveWageCodes(ctx, list, []domain.WageCode{hours}, later)
	require.NoError(t, err)
	require.NoError(t, m.Store.SyncConfigurationNotices(ctx, m.connection, later))
	require.Contains(t, causes(t, m.DB, m.connection), domain.CauseCodeVanished)
	require.ErrorIs(t, set("meal", "lunch", "200"), store.ErrCodeUnknown)
	_, err = m.Store.SaveWageCodes(ctx, list, []domain.WageCode{hours, meal}, later)
	require.NoError(t, err)
	require.NoError(t, m.Store.SyncConfigurationNotices(ctx, m.connection, later))
	require.NotContains(t, causes(t, m.DB, m.connection), domain.CauseCodeVanished)
}
