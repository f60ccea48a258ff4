package secrets_test

import (
	"encoding/hex"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/secrets"
)

func ring(t *testing.T, value string) *secrets.KeyRing {
	t.Helper()
	parsed, err := secrets.ParseKeyRing(value)
	require.NoError(t, err)
	return parsed
}

func TestMark_N5_IsTheSameAsLongAsItsKeyIsInTheRing(t *testing.T) {
	t.Parallel()
	before, after := ring(t, "one:"+encodedKey(1)), ring(t, "two:"+encodedKey(2)+",one:"+encodedKey(1))
	require.Equal(t, "one", before.NewestKey())
	require.Equal(t, "two", after.NewestKey())
	old, err := before.Mark("one", "con-1", "emp_1")
	require.NoError(t, err)
	// It must stay what it is: nobody who was erased before would be recognised.
	require.Equal(t, "b18d76e9b7f94b1476aded285ce09b37782aeb66fa84f20567ae689d9c5b69c9", hex.EncodeToString(old))
	still, err := after.Mark("one", "con-1", "emp_1")
	require.NoError(t, err)
	require.Equal(t, old, still)
	newer, err := after.Mark("two", "con-1", "emp_1")
	require.NoError(t, err)
	require.NotEqual(t, old, newer)

	_, err = ring(t, "two:"+encodedKey(2)).Mark("one", "con-1", "emp_1")
	var unknown *secrets.UnknownKeyError
	require.ErrorAs(t, err, &unknown)
	require.Equal(t, "one", unknown.KeyID)
}

func TestMark_N5_DiffersWhereAnythingDoes(t *testing.T) {
	t.Parallel()
	keys := ring(t, "one:"+encodedKey(1))
	seen := map[string][]string{}
	for _, parts := range [][]string{
		{"con-1", "emp_1"}, {"con-1", "emp_2"}, {"con-2", "emp_1"}, {"con-1e", "mp_1"}, {"con-1", "emp_1", ""}, {"con-1emp_1"}, {},
	} {
		mark, err := keys.Mark("one", parts...)
		require.NoError(t, err)
		require.Len(t, mark, 32)
		require.NotContains(t, seen, string(mark), "%v and %v", seen[string(mark)], parts)
		seen[string(mark)] = parts
	}
}

func TestKeyRing_N3_NothingDerivedIsPrinted(t *testing.T) {
	t.Parallel()
	keys := ring(t, "one:"+encodedKey(1))
	for _, verb := range []string{"%v", "%+v", "%#v", "%x", "%d"} {
		require.Equal(t, "key ring (one)", fmt.Sprintf(verb, *keys))
	}
}
