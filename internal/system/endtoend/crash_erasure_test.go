package endtoend

import (
	"context"
	"os/exec"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/system/stack"
)

// starterProgram builds the starter once for all tests and answers with its path.
var starterProgram = sync.OnceValues(func() (string, error) {
	layout, err := stack.FindLayout()
	if err != nil {
		return "", err
	}
	return layout.Build(context.Background(), "starter", "./starter", func(string, ...any) {})
})

// TestCrash_N5_AnErasureIsWholeOrNotThere kills the starter, kill -9, before the commit of
// an erasure, amid it and after it: all of the person is there, or nothing. Erasing again
// ends it either way.
func TestCrash_N5_AnErasureIsWholeOrNotThere(t *testing.T) {
	t.Parallel()
	program, err := starterProgram()
	require.NoError(t, err)
	s := start(t)
	for _, row := range []struct {
		at   point
		done bool
	}{
		{point{side: before, words: "insert into connexie.erasures", number: 1}, false},
		{point{side: amid, words: "delete from connexie.people", number: 1}, false},
		{point{side: after, words: "insert into connexie.erasures", number: 1}, true},
	} {
		t.Run(row.at.String(), func(t *testing.T) {
			t.Parallel()
			o := s.small(t, "Gedood "+string(row.at.side), 3)
			o.settle(t)
			erase := func(database string) *exec.Cmd {
				cmd := exec.CommandContext(t.Context(), program, "erase", "--connection", o.connection, "--person", o.employeeID(1), "--yes", "--force")
				cmd.Env = s.environment(database)
				return cmd
			}
			there := func() [2]int {
				return [2]int{
					value[int](t, s, `select count(*)::int from connexie.people where connection_id = $1 and connexie_id = $2`, o.connection, o.employeeID(1)),
					value[int](t, s, `select count(*)::int from connexie.erasures where connection_id = $1`, o.connection),
				}
			}
			require.Equal(t, [2]int{1, 0}, there())

			p := startProxy(t, s.url)
			killed, started := erase(p.url), make(chan struct{})
			p.arm(&row.at, func() { <-started; _ = killed.Process.Kill() })
			require.NoError(t, killed.Start())
			close(started)
			require.Error(t, killed.Wait(), "it was killed")
			require.True(t, p.struck.Load())
			if row.done {
				require.Equal(t, [2]int{0, 1}, there())
			} else {
				require.Equal(t, [2]int{1, 0}, there())
			}

			said, err := erase(s.url).CombinedOutput()
			require.NoError(t, err, string(said))
			require.Equal(t, [2]int{0, 1}, there())
			require.Equal(t, 1, o.sync(t).Counts["erased"])
			require.Equal(t, [2]int{0, 1}, there())
		})
	}
}
