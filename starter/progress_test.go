package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestProgress_PipedItIsALineForEachStep(t *testing.T) {
	t.Parallel()
	terminal, printed := drawing()
	p := terminal.progress()
	p.show("reading", 0, 0)
	p.show("reading", 100, 0)
	p.show("applying", 1, 2)
	p.end()
	require.Equal(t, "reading …\napplying …\n", printed.String())
}

func TestProgress_OnATerminalItIsOneLineAndLeavesNone(t *testing.T) {
	t.Parallel()
	terminal, printed := drawing()
	terminal.live = true
	p := terminal.progress()
	p.show("applying", 50, 200)
	require.Contains(t, printed.String(), "██████░░░░░░░░░░░░░░░░░░ 50 of 200")
	require.NotContains(t, printed.String(), "\n")
	p.end()
	require.True(t, len(printed.String()) > 0 && printed.String()[printed.Len()-1] == '\r')
}

func TestProgress_BarsStayWithinTheirWidth(t *testing.T) {
	t.Parallel()
	require.Equal(t, "████████████████████████ 9 of 3", bar(9, 3))
	require.Equal(t, "░░░░░░░░░░░░░░░░░░░░░░░░ 0 of 3", bar(0, 3))
	require.Equal(t, "························ 500", bar(500, 0))
}

func TestTable_BreaksLongTextsAndNeverAnID(t *testing.T) {
	t.Parallel()
	for _, width := range []int{0, 20, 80, 400} {
		require.GreaterOrEqual(t, (&terminal{width: width}).cellWidth(), longestID)
	}
}
