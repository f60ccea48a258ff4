package endtoend

import (
	"os"
	"slices"
	"testing"
)

// crashesVariable asks for a kill on both sides of every commit; make crashes sets it.
const crashesVariable = "CRASHES"

// TestCrash kills the worker, kill -9, while it reads, plans and applies, before
// commits and after them. Whatever moment that is, what the tables hold in the end
// equals what they hold where nobody was killed.
func TestCrash(t *testing.T) {
	t.Parallel()
	for _, sc := range scenarios() {
		t.Run(sc.name, func(t *testing.T) {
			t.Parallel()
			undisturbed, commits := sc.happen(t, nil)
			for _, at := range sc.points(commits) {
				t.Run(at.String(), func(t *testing.T) {
					t.Parallel()
					crashed, _ := sc.happen(t, &at)
					undisturbed.requireSame(t, crashed)
				})
			}
		})
	}
}

// points are the moments to try: one side of every effect or, where that is asked
// for, both sides of every commit there is.
func (sc scenario) points(commits []commit) []point {
	if os.Getenv(crashesVariable) == "" {
		return sc.effects
	}
	points := slices.DeleteFunc(slices.Clone(sc.effects), func(at point) bool { return at.side == before || at.side == after })
	for i, c := range commits {
		for _, side := range []side{before, after} {
			points = append(points, point{side: side, number: i + 1, does: c.headline()})
		}
	}
	return points
}
