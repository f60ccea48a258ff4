package demo

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

// A check of the story that cannot fail would prove nothing.
func TestSame_TellsTheFirstDifferenceInEitherDirection(t *testing.T) {
	t.Parallel()
	require.NoError(t, same("one", nil, "other", nil))
	require.NoError(t, same("one", []string{"b", "a", "a"}, "other", []string{"a", "b", "a"}))
	for name, lists := range map[string]struct {
		one, other []string
		says       string
	}{
		"one has more":       {[]string{"a", "b"}, []string{"a"}, `one has "b", which other lacks`},
		"the other has more": {[]string{"a"}, []string{"a", "b"}, `one lacks "b" of other`},
		"one twice":          {[]string{"a", "a"}, []string{"a"}, `one has "a", which other lacks`},
		"one is another":     {[]string{"a", "b"}, []string{"a", "c"}, `one has "b", which other lacks`},
	} {
		require.EqualError(t, same("one", lists.one, "other", lists.other), lists.says, name)
	}
}

func TestTrimmed_TakesAwayWhatSaysNothing(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"5.00": "5", "5.50": "5.5", "100": "100", "0.3300": "0.33"} {
		require.Equal(t, want, trimmed(text))
	}
}

func TestRefused_IsNothingButExitCodeFour(t *testing.T) {
	t.Parallel()
	for code, refused := range map[string]bool{"0": false, "1": false, "3": false, "4": true} {
		s := &Story{Surroundings: Surroundings{Starter: "/bin/sh", Out: &bytes.Buffer{}}}
		err := s.refused(t.Context(), "-c", "exit "+code)
		require.Equal(t, refused, err == nil, "%s: %v", code, err)
	}
}

func TestAgain_ShowsWhatIsPrintedLast(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	s := &Story{Surroundings: Surroundings{Starter: "/bin/sh", Out: &out}}
	require.NoError(t, s.again(t.Context(), "-c", `printf 'a table\n\nthe end\n'`))
	require.Contains(t, out.String(), "\n  …\n  the end\n")
	require.NotContains(t, out.String(), "\n  a table")
}
