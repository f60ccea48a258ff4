package activities_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

func (b *bundle) pause() {
	b.Helper()
	_, err := b.db.Store.PauseConnection(b.Context(), b.connection, "user_42", now)
	require.NoError(b, err)
}

func TestPaused_C9_ARunUnderWayGoesOnAndNoneBegins(t *testing.T) {
	t.Parallel()
	b := newBundle(t, person("p_1"))
	under := b.newRun()
	first := b.read(under)
	b.pause()
	again, err := run(b, b.reading.ReadPeople, activities.ReadPeopleInput{Run: under, Position: first.Position})
	require.NoError(t, err, "the next slice, or a repetition of this one")
	require.Equal(t, b.organisation, again.OrganisationID)

	for name, begins := range map[string]activities.Run{"a full run": b.newRun(), "one person": b.oneRun("p_1")} {
		_, err := run(b, b.reading.ReadPeople, activities.ReadPeopleInput{Run: begins})
		failure := requireFailure(t, err, activities.ErrorInvalidInput, false)
		require.Contains(t, failure.Message(), "starter connections resume --connection "+b.connection, name)
	}
	require.Equal(t, 1, testkit.Value[int](t, b.db, `select count(*) from connexie.sync_runs`))
}

func TestPaused_C9_S19_APreviewChangesNothingAndIsAllowed(t *testing.T) {
	t.Parallel()
	b := newBundle(t, person("p_1"))
	b.pause()
	preview := b.newPreview()
	read := b.read(preview)
	planned, err := run(b, b.syncing.PlanSync, activities.PlanInput{Run: preview, Day: read.Day})
	require.NoError(t, err)
	require.Equal(t, domain.SyncOK, planned.Closed.Outcome)
	require.Equal(t, 1, planned.Closed.Counts["new"])
	require.Equal(t, store.ConnectionPaused, b.state())
	require.Zero(t, testkit.Value[int](t, b.db, `select count(*) from connexie.links`))
}

func TestPaused_C8_C9_ATokenRefusedMeanwhileIsToldAndStaysPaused(t *testing.T) {
	t.Parallel()
	b := newBundle(t, person("p_1"))
	under := b.newRun()
	b.read(under)
	b.pause()
	require.NoError(t, b.sandbox.SetToken(account, "token-2"))
	_, err := run(b, b.reading.ReadPeople, activities.ReadPeopleInput{Run: under})
	requireFailure(t, err, activities.ErrorTokenRefused, false)
	require.Equal(t, store.ConnectionPaused, b.state())
	require.Equal(t, []string{"token_refused connection"}, b.causes())
}

func TestActivate_C2_WhoLooksFirstFindsItPaused(t *testing.T) {
	t.Parallel()
	b := newUnchecked(t, person("p_1"))
	in := b.activation()
	in.PreviewFirst = true
	for range 2 {
		check, err := run(b, b.reading.CheckToken, in)
		require.NoError(t, err)
		require.True(t, check.Accepted)
		require.Equal(t, store.ConnectionPaused, b.state())
	}
	fetched, err := run(b, b.reading.FetchCatalogue, in)
	require.NoError(t, err)
	require.Equal(t, 2, fetched.Connected)
}
