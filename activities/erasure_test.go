package activities_test

import (
	"crypto/sha256"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// oneKey is a key ring of tests.
type oneKey string

func (k oneKey) NewestKey() string { return string(k) }

func (k oneKey) HashID(keyID, connectionID, connexieID string) ([]byte, error) {
	if keyID != string(k) {
		return nil, errors.New("no such key")
	}
	sum := sha256.Sum256([]byte(keyID + connectionID + connexieID))
	return sum[:], nil
}

func (b *bundle) eraseFirst() {
	b.Helper()
	report, err := b.db.Store.Erase(b.Context(), oneKey("k"), store.ErasureRequest{
		ConnectionID: b.connection, ConnexieID: "p_0001", By: "cli", Day: today, Force: true,
	}, now)
	require.NoError(b, err)
	require.NotEmpty(b, report.Erasure.ID)
}

func TestSync_N5_AnErasedPersonIsCountedAndLeftOutByEveryWayToRead(t *testing.T) {
	t.Parallel()
	b := newBundle(t, people(3)...)
	b.reading.Hasher = oneKey("k")
	b.sync(b.newRun())
	b.eraseFirst()
	erased := func() int {
		return testkit.Value[int](t, b.db, `select count(*) from connexie.people where connexie_id = 'p_0001'`)
	}
	for name, of := range map[string]activities.Run{"full": b.newRun(), "preview": b.newPreview()} {
		ending := b.sync(of)
		require.Equal(t, domain.SyncNothing, ending.Outcome, name)
		require.Equal(t, 1, ending.Counts["erased"], name)
		require.Equal(t, 2, ending.Counts["linked"], name)
		require.NotContains(t, ending.Counts, "missing", name)
		require.Zero(t, erased(), name)
	}
	quiet := b.newRun()
	require.True(t, b.read(quiet).Unchanged, "the list is read once, then known")
	require.Equal(t, 1, b.plan(quiet).Closed.Counts["erased"])

	_, err := run(b, b.reading.ReadPeople, activities.ReadPeopleInput{Run: b.oneRun("p_0001")})
	failure := requireFailure(t, err, activities.ErrorInvalidInput, false)
	require.Contains(t, failure.Message(), "starter erase lift")
	require.Zero(t, erased())
}

func TestSync_N5_WithoutTheKeyNobodyIsReadRatherThanThatSomebodyComesBack(t *testing.T) {
	t.Parallel()
	b := newBundle(t, people(3)...)
	b.reading.Hasher = oneKey("k")
	b.sync(b.newRun())
	b.eraseFirst()
	b.reading.Hasher = oneKey("another")
	_, err := run(b, b.reading.ReadPeople, activities.ReadPeopleInput{Run: b.newRun()})
	requireFailure(t, err, activities.ErrorConfiguration, false)
	require.Zero(t, testkit.Value[int](t, b.db, `select count(*) from connexie.people where connexie_id = 'p_0001'`))
}
