package secrets_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/secrets"
)

func encodedKey(first byte) string {
	key := make([]byte, 32)
	for i := range key {
		key[i] = first + byte(i)*5
	}
	return base64.StdEncoding.EncodeToString(key)
}

func TestParseKeyRing_TakesWhatToolsPrint(t *testing.T) {
	t.Parallel()
	one, two := encodedKey(1), encodedKey(2)
	urlAlphabet := strings.NewReplacer("+", "-", "/", "_").Replace(two)

	for name, value := range map[string]string{
		"plain":               "new:" + one + ",old:" + two,
		"trailing comma":      "new:" + one + ",old:" + two + ",",
		"white space":         " new:" + one + " ,\n old: " + two + "\n",
		"without padding":     "new:" + strings.TrimRight(one, "=") + ",old:" + strings.TrimRight(two, "="),
		"of the URL alphabet": "new:" + one + ",old:" + urlAlphabet,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ring, err := secrets.ParseKeyRing(value)
			require.NoError(t, err)
			require.Equal(t, []string{"new", "old"}, ring.KeyIDs())
		})
	}
}

func TestParseKeyRing_NamesEveryProblemAtOnce(t *testing.T) {
	t.Parallel()
	short := base64.StdEncoding.EncodeToString([]byte("sixteen bytes ok"))
	zeros := base64.StdEncoding.EncodeToString(make([]byte, 32))

	_, err := secrets.ParseKeyRing(strings.Join([]string{
		"good:" + encodedKey(1),
		"",
		encodedKey(2),
		"an id:" + encodedKey(3),
		"a:%%%",
		"b:" + short,
		"c:" + zeros,
		"good:" + encodedKey(4),
		"again:" + encodedKey(1),
	}, ","))

	var invalid *secrets.KeyRingError
	require.ErrorAs(t, err, &invalid)
	require.Equal(t, []string{
		"entry 2: is empty",
		"entry 3: has no colon between key id and key",
		"entry 4: the key id must be 1 to 32 letters, digits, - or _",
		"entry 5: the key is not base64",
		"entry 6: the key has 16 bytes, want 32",
		"entry 7: the key repeats one byte: a placeholder, make a random one",
		`entries 1 and 8 have the same key id "good"`,
		"entries 1 and 9 have the same key",
	}, invalid.Problems)
	require.ErrorContains(t, err, "keyid:base64-of-32-bytes")
}

func TestParseKeyRing_EmptyIsAProblem(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"", "  \n"} {
		_, err := secrets.ParseKeyRing(value)
		require.ErrorContains(t, err, "holds no key")
	}
}

func TestParseKeyRing_N3_SwappedIDAndKeyIsNotRepeated(t *testing.T) {
	t.Parallel()
	key := strings.TrimRight(encodedKey(7), "=")

	_, err := secrets.ParseKeyRing(key + ":k1")

	require.Error(t, err)
	require.NotContains(t, err.Error(), key)
}

func TestNewKey_IsAWholeRing(t *testing.T) {
	t.Parallel()
	first, second := secrets.NewKey(), secrets.NewKey()
	require.NotEqual(t, first, second)

	ring, err := secrets.ParseKeyRing(first + "," + second)
	require.NoError(t, err)
	require.Len(t, ring.KeyIDs(), 2)
}

// FuzzParseKeyRing holds two things against any input: what is taken can be
// used, and what is refused is refused without repeating it (N3).
func FuzzParseKeyRing(f *testing.F) {
	f.Add("k1:" + encodedKey(1) + ",k2:" + encodedKey(2))
	f.Add("k1:" + encodedKey(1) + ",k1:" + encodedKey(1))
	f.Add(encodedKey(1) + ":k1")
	f.Add("k1:c2hvcnQ=,,:")
	f.Fuzz(func(t *testing.T, value string) {
		ring, err := secrets.ParseKeyRing(value)
		if err != nil {
			requireNothingRepeated(t, value, err)
			return
		}
		sealed, err := ring.Seal([]byte("token"), connectionA)
		require.NoError(t, err)
		opened, err := ring.Open(sealed, connectionA)
		require.NoError(t, err)
		require.Equal(t, "token", string(opened))
	})
}

// requireNothingRepeated looks for every part of value that is as long as a key,
// which no part of the fixed wording is.
func requireNothingRepeated(t *testing.T, value string, err error) {
	t.Helper()
	for part := range strings.FieldsFuncSeq(value, func(r rune) bool { return strings.ContainsRune(",: \n\t", r) }) {
		if len(part) > 32 {
			require.NotContains(t, err.Error(), part)
		}
	}
}
