package endtoend

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestRandomExports plays random scripts of exports, and after each export holds
// everything that can be seen of it against a slow and obvious reading of the rules:
// what was sent, what was left out and why, how it ended, what Connexie holds then, what
// is marked, and what a preview had said (X1 to X18); docs/random-test.md tells of it. It
// takes the seeds that TestRandom takes.
func TestRandomExports(t *testing.T) {
	t.Parallel()
	c := chosen(sampleOfExports)
	sum := exportSummary{begun: time.Now(), ended: map[string]int{}}
	t.Cleanup(func() { sum.print(c) })
	s := start(t)
	seeds := make(chan int, c.seeds)
	for number := c.from; number < c.from+c.seeds; number++ {
		seeds <- number
	}
	close(seeds)
	for lane := range min(c.lanes, c.seeds) {
		t.Run(fmt.Sprintf("lane %d", lane+1), func(t *testing.T) {
			t.Parallel()
			for number := range seeds {
				t.Run(fmt.Sprintf("seed %d", number), func(t *testing.T) {
					w := s.exportWorld(t, uint64(number))
					t.Cleanup(func() { sum.add(t, w, number) })
					w.play(t)
				})
			}
		})
	}
}

// sampleOfExports is how many seeds are played with all other tests.
const sampleOfExports = 4

// exportSummary adds up what the seeds did.
type exportSummary struct {
	mutex  sync.Mutex
	begun  time.Time
	ended  map[string]int
	played int
	failed []int
}

// add counts a seed that is over, and tells of one that failed its steps and the command
// that repeats it.
func (s *exportSummary) add(t *testing.T, w *exportWorld, number int) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.played++
	for word, times := range w.ended {
		s.ended[word] += times
	}
	if t.Failed() {
		s.failed = append(s.failed, number)
	}
	if t.Failed() || testing.Verbose() {
		t.Logf("seed %d did:\n%s\nrepeat it with: make random SEED=%d", number, strings.Join(w.told, "\n"), number)
	}
}

func (s *exportSummary) print(c choice) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	slices.Sort(s.failed)
	words := []string{}
	for _, word := range slices.Sorted(maps.Keys(s.ended)) {
		words = append(words, fmt.Sprintf("%s %d", word, s.ended[word]))
	}
	fmt.Fprintf(os.Stderr, "exports of seeds %d to %d: %d played, %d failed %v; %s; %.0f s\n",
		c.from, c.from+c.seeds-1, s.played, len(s.failed), s.failed, strings.Join(words, ", "), time.Since(s.begun).Seconds())
}
