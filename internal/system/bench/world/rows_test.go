package world_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/system/bench/world"
)

func TestCompare_TellsTheFirstDifference(t *testing.T) {
	t.Parallel()
	require.NoError(t, world.Compare([]string{"a", "b"}, []string{"a", "b"}))
	require.EqualError(t, world.Compare([]string{"a", "b"}, []string{"a", "c"}), "row 2 differs:\nc\ninstead of\nb")
	require.EqualError(t, world.Compare([]string{"a", "b"}, []string{"a"}), "1 rows instead of 2; the first that is missing is\nb")
	require.EqualError(t, world.Compare([]string{"a"}, []string{"a", "b"}), "2 rows instead of 1; the first too many is\nb")
}
