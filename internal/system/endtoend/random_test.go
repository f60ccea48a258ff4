package endtoend

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/system/stack"
)

// TestRandom plays random scripts and holds the invariants against what they leave;
// docs/random-test.md tells of it. By itself it plays the first few seeds; SEEDS,
// FROM and SEED choose others:
//
//	make random SEEDS=200
//	make random SEED=1234
func TestRandom(t *testing.T) {
	t.Parallel()
	chosen(sample).play(t)
}

// What is told of the invariants is what is held against the runs.
func TestRandom_TheDocumentTellsEveryInvariant(t *testing.T) {
	t.Parallel()
	layout, err := stack.FindLayout()
	require.NoError(t, err)
	text, err := os.ReadFile(filepath.Join(layout.Root, "docs", "random-test.md"))
	require.NoError(t, err)
	for _, stated := range append(slices.Clone(invariants), converges, exportSettles, previewTells, repeatsNothing) {
		require.Contains(t, strings.Join(strings.Fields(string(text)), " "), "| "+stated.name+" | "+stated.sentence, stated.rule)
	}
}

// sample is how many seeds are played with all other tests: none in which a process
// dies, for the engine waits half a minute before it gives its work to another one.
const sample = 4

func number(name string, otherwise int) int {
	if text := os.Getenv(name); text != "" {
		given, err := strconv.Atoi(text)
		if err != nil {
			panic(name + " is no number: " + text)
		}
		return given
	}
	return otherwise
}

// chosen are the seeds that somebody asked for, or a sample from the first on.
func chosen(sample int) choice {
	c := choice{seeds: number("SEEDS", sample), from: number("FROM", 1), lanes: number("LANES", 2)}
	if one := number("SEED", 0); one > 0 {
		c = choice{seeds: 1, from: one, lanes: 1}
	}
	c.calm = os.Getenv("SEEDS") == "" && os.Getenv("SEED") == ""
	return c
}

// choice is which seeds are played.
type choice struct {
	seeds, from, lanes int
	// calm leaves out the deaths of processes.
	calm bool
}

// kind is what seeds have in common that share their systems.
type kind struct {
	name  string
	every int
	lanes int
	begin func(*testing.T) *lane
	// deaths are the processes that may die.
	deaths []act
}

func begin(t *testing.T) *lane { return newLane(t, shared(t)) }

// kinds are asked in this order; a seed is of the first of which it is a multiple.
func (c choice) kinds() []kind {
	plain := kind{name: "lane", every: 1, lanes: c.lanes, begin: begin}
	if c.calm {
		return []kind{plain}
	}
	return []kind{
		{name: "own servers", every: 25, lanes: 1, begin: newLaneAlone, deaths: []act{killPostgres, killTemporal, kill}},
		{name: "mortal lane", every: 4, lanes: c.lanes, begin: begin, deaths: []act{kill, kill, kill, stop}},
		plain,
	}
}

func (c choice) play(t *testing.T) {
	var sum summary
	sum.begun = time.Now()
	t.Cleanup(func() { sum.print(c) })
	taken := map[int]bool{}
	for _, k := range c.kinds() {
		queue := make(chan int, c.seeds)
		for seed := c.from; seed < c.from+c.seeds; seed++ {
			if seed%k.every == 0 && !taken[seed] {
				taken[seed] = true
				queue <- seed
			}
		}
		close(queue)
		for i := range min(k.lanes, len(queue)) {
			t.Run(fmt.Sprintf("%s %d", k.name, i+1), func(t *testing.T) {
				t.Parallel()
				l := k.begin(t)
				for seed := range queue {
					l.playSeed(t, seed, k, &sum)
				}
			})
		}
	}
}

func (l *lane) playSeed(t *testing.T, seed int, k kind, sum *summary) {
	t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
		begun := time.Now()
		w := l.bring(t, uint64(seed), k.deaths)
		t.Cleanup(func() { sum.add(t, w, seed, time.Since(begun)) })
		w.whole(t)
	})
}

// bring draws a seed's script and brings its organisation in.
func (l *lane) bring(t *testing.T, seed uint64, deaths []act) *world {
	t.Helper()
	s := draw(seed, l.sandbox.Today(), deaths...)
	l.page = s.page
	w := &world{
		lane: l, t: t, script: s, begun: time.Now(), known: s.scenario.Account.Employees, logged: len(l.logs.String()),
		seen: map[string]bool{}, may: map[string]bool{}, linked: map[string]string{}, created: map[string]string{},
	}
	w.organisation = l.organisation(t, s.scenario)
	_, err := l.system.pool.Exec(t.Context(), `update connexie.connections
		   set guard_creations_floor = $2, guard_creations_percent = 0, guard_changes_floor = $3, guard_changes_percent = 0
		 where id = $1`, w.connection, s.creations, s.changes)
	require.NoError(t, err)
	w.checked = l.now(t)
	w.linked = w.links(t)
	return w
}

// whole plays the script from its beginning to the calm at its end.
func (w *world) whole(t *testing.T) {
	t.Helper()
	w.tell("%d people, %d profiles, pages of %d", len(w.Account.Employees), len(w.Organisation.Profiles), w.script.page)
	w.play(t, "the first run", w.script.first)
	w.check(t)
	for i, r := range w.script.rounds {
		w.play(t, fmt.Sprintf("round %d", i+1), r)
		w.check(t)
	}
	w.calm(t)
}

// summary adds up what the seeds did.
type summary struct {
	mutex  sync.Mutex
	begun  time.Time
	total  tally
	played int
	failed []int
}

// add counts a seed that is over, and tells how it went: of one that failed its steps
// and the command that repeats it.
func (s *summary) add(t *testing.T, w *world, seed int, lasted time.Duration) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.played++
	s.total.steps += w.tally.steps
	s.total.faults += w.tally.faults
	s.total.deaths += w.tally.deaths
	s.total.runs += w.tally.runs
	s.total.exports += w.tally.exports
	s.total.writes += w.tally.writes
	word := "ok"
	if t.Failed() {
		word = "FAILED"
		s.failed = append(s.failed, seed)
	}
	if t.Failed() || testing.Verbose() {
		t.Logf("seed %d did:\n%s\nrepeat it with: make random SEED=%d", seed, strings.Join(w.told, "\n"), seed)
	}
	fmt.Fprintf(os.Stderr, "seed %d: %s, %s, %.1f s\n", seed, word, w.tally, lasted.Seconds())
}

func (t tally) String() string {
	return fmt.Sprintf("%d steps, %d faults, %d deaths of a process, %d runs, %d exports, %d writes", t.steps, t.faults, t.deaths, t.runs, t.exports, t.writes)
}

func (s *summary) print(c choice) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	fmt.Fprintf(os.Stderr, "seeds %d to %d: %d played, %d failed %v; %s; %.0f s\n",
		c.from, c.from+c.seeds-1, s.played, len(s.failed), s.failed, s.total, time.Since(s.begun).Seconds())
}
