package endtoend

import "testing"

// TestAlone tells the stories that look at every row of the database, count the calls
// that Connexie refused, which belong to no account, or stop the worker: on a system of
// their own, one after the other.
func TestAlone(t *testing.T) { //nolint:tparallel // each story needs the system to itself
	t.Parallel()
	s := start(t)
	for _, story := range []story{
		{"S9 a second sync writes nothing", secondSync},
		{"S19 a sync does what its preview said", changes},
		{"S6 S9 S21 with decisions and holds a second sync writes nothing", secondSyncWithDecisions},
		{"S1 C8 a night over three organisations", aNight},
		{"C1 a token that Connexie refuses", refusedActivation},
		{"S16 a held run outlives its worker", heldOverRestart},
		{"N5 one person is erased, and comes back when that is lifted", erased},
		{"N5 what nothing needs any more is removed", houseKept},
		{"S2 a request without a worker waits for one", withoutAWorker},
	} {
		t.Run(story.name, func(t *testing.T) { story.tell(t, s) })
	}
}
