package secrets_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/eitje/connexie-worker/internal/secrets"
)

var (
	connectionA = []byte("0199f3a2-0000-7000-8000-00000000000a")
	connectionB = []byte("0199f3a2-0000-7000-8000-00000000000b")
)

func parse(t require.TestingT, value string) *secrets.KeyRing {
	ring, err := secrets.ParseKeyRing(value)
	require.NoError(t, err)
	return ring
}

func TestKeyRing_N3_RoundTrip(t *testing.T) {
	t.Parallel()
	ring := parse(t, secrets.NewKey())

	rapid.Check(t, func(t *rapid.T) {
		plaintext := rapid.SliceOf(rapid.Byte()).Draw(t, "plaintext")
		bound := rapid.SliceOfN(rapid.Byte(), 1, 64).Draw(t, "associated data")

		sealed, err := ring.Seal(plaintext, bound)
		require.NoError(t, err)
		if len(plaintext) >= 8 { // shorter ones turn up by chance
			require.False(t, bytes.Contains(sealed.Ciphertext, plaintext))
		}

		opened, err := ring.Open(sealed, bound)
		require.NoError(t, err)
		require.True(t, bytes.Equal(plaintext, opened))
	})
}

func TestKeyRing_N3_SameTokenTwiceLooksDifferent(t *testing.T) {
	t.Parallel()
	ring := parse(t, secrets.NewKey())

	first, err := ring.Seal([]byte("token"), connectionA)
	require.NoError(t, err)
	second, err := ring.Seal([]byte("token"), connectionA)
	require.NoError(t, err)

	require.NotEqual(t, first.Ciphertext, second.Ciphertext)
}

func TestKeyRing_N3_CiphertextCannotMoveToAnotherConnection(t *testing.T) {
	t.Parallel()
	ring := parse(t, secrets.NewKey())
	sealed, err := ring.Seal([]byte("token of A"), connectionA)
	require.NoError(t, err)

	_, err = ring.Open(sealed, connectionB)

	var refused *secrets.AuthenticationError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, sealed.KeyID, refused.KeyID)
}

func TestKeyRing_N3_EveryTamperedByteIsNoticed(t *testing.T) {
	t.Parallel()
	ring := parse(t, secrets.NewKey())
	sealed, err := ring.Seal([]byte("token"), connectionA)
	require.NoError(t, err)

	var refused *secrets.AuthenticationError
	for i := range sealed.Ciphertext {
		tampered := secrets.Sealed{KeyID: sealed.KeyID, Ciphertext: bytes.Clone(sealed.Ciphertext)}
		tampered.Ciphertext[i] ^= 1
		_, err := ring.Open(tampered, connectionA)
		require.ErrorAs(t, err, &refused, "byte %d", i)

		tampered.Ciphertext = sealed.Ciphertext[:i]
		_, err = ring.Open(tampered, connectionA)
		require.ErrorAs(t, err, &refused, "cut to %d bytes", i)
	}
}

func TestKeyRing_N3_Rotation(t *testing.T) {
	t.Parallel()
	oldKey, newKey := secrets.NewKey(), secrets.NewKey()
	before := parse(t, oldKey)
	during := parse(t, newKey+","+oldKey)
	after := parse(t, newKey)

	sealed, err := before.Seal([]byte("token"), connectionA)
	require.NoError(t, err)
	require.False(t, before.NeedsRotation(sealed))
	require.True(t, during.NeedsRotation(sealed))

	token, err := during.Open(sealed, connectionA)
	require.NoError(t, err)
	resealed, err := during.Seal(token, connectionA)
	require.NoError(t, err)
	require.False(t, during.NeedsRotation(resealed))

	token, err = after.Open(resealed, connectionA)
	require.NoError(t, err)
	require.Equal(t, "token", string(token))

	_, err = after.Open(sealed, connectionA)
	var unknown *secrets.UnknownKeyError
	require.ErrorAs(t, err, &unknown)
	require.Equal(t, sealed.KeyID, unknown.KeyID)
	require.Equal(t, after.KeyIDs(), unknown.Known)
	require.ErrorContains(t, err, sealed.KeyID)
	require.ErrorContains(t, err, "ENCRYPTION_KEYS")
}

func TestKeyRing_N3_ReplacedKeyUnderTheSameIDIsNoticed(t *testing.T) {
	t.Parallel()
	_, first, _ := strings.Cut(secrets.NewKey(), ":")
	_, second, _ := strings.Cut(secrets.NewKey(), ":")
	sealed, err := parse(t, "k:"+first).Seal([]byte("token"), connectionA)
	require.NoError(t, err)

	_, err = parse(t, "k:"+second).Open(sealed, connectionA)

	var refused *secrets.AuthenticationError
	require.ErrorAs(t, err, &refused)
}

func TestKeyRing_RefusesToSealWithoutBinding(t *testing.T) {
	t.Parallel()
	ring := parse(t, secrets.NewKey())

	_, err := ring.Seal([]byte("token"), nil)
	require.ErrorIs(t, err, secrets.ErrNoAssociatedData)
	_, err = ring.Open(secrets.Sealed{}, nil)
	require.ErrorIs(t, err, secrets.ErrNoAssociatedData)
}

func TestKeyRing_ZeroValueRefusesEverything(t *testing.T) {
	t.Parallel()
	var ring secrets.KeyRing
	var unknown *secrets.UnknownKeyError

	_, err := ring.Seal([]byte("token"), connectionA)
	require.ErrorAs(t, err, &unknown)
	_, err = ring.Open(secrets.Sealed{KeyID: "k"}, connectionA)
	require.ErrorAs(t, err, &unknown)
	require.False(t, ring.NeedsRotation(secrets.Sealed{KeyID: "k"}))
}

func TestKeyRing_N3_PrintsNoKeyBytes(t *testing.T) {
	t.Parallel()
	value := secrets.NewKey()
	ring := parse(t, value)
	want := "key ring (" + ring.KeyIDs()[0] + ")"

	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		require.Equal(t, want, fmt.Sprintf(verb, ring), verb)
		require.Equal(t, want, fmt.Sprintf(verb, *ring), verb)
	}
	encoded, err := json.Marshal(ring) //nolint:staticcheck // SA9005: that nothing comes out is the point
	require.NoError(t, err)
	require.JSONEq(t, `{}`, string(encoded))
}
