package bench

import (
	"slices"
	"strconv"

	"github.com/eitje/connexie-worker/internal/system/bench/subject"
)

// Report is all that was measured.
type Report struct {
	// Command is how it was started.
	Command string   `json:"command"`
	Machine Machine  `json:"machine"`
	Rows    []*Row   `json:"rows"`
	Exports []*Row   `json:"exports"`
	Naive   []Naive  `json:"naive"`
	Targets []Target `json:"targets"`
	Plans   []Plan   `json:"plans"`
}

// Row is one scenario at one size: a number of people, or of entries where it is
// about an export.
type Row struct {
	Scenario string  `json:"scenario"`
	Title    string  `json:"title"`
	Size     int     `json:"size"`
	Of       string  `json:"of"`
	Worker   Seconds `json:"worker_seconds"`
	Floor    Seconds `json:"floor_seconds"`
	Events   int     `json:"events"`
	Memory   float64 `json:"memory_mib"`

	goal goal
}

// Seconds are the times of all repetitions.
type Seconds []float64

func (s *Seconds) add(seconds float64) { *s = append(*s, seconds) }

// Median is the middle one; of two in the middle the mean.
func (s Seconds) Median() float64 {
	if len(s) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// Of what a row's size is a number.
const (
	ofPeople  = "people"
	ofEntries = "entries"
)

func newRow(g goal, size int, of string) *Row {
	return &Row{Scenario: g.name, Title: g.title, Size: size, Of: of, goal: g}
}

// addWorker keeps the most of events and memory.
func (r *Row) addWorker(execution subject.Execution, memory float64) {
	r.Worker.add(execution.Seconds)
	r.Events, r.Memory = max(r.Events, execution.Events), max(r.Memory, memory)
}

// Ratio is how much longer the worker takes than the floor.
func (r *Row) Ratio() float64 { return r.Worker.Median() / r.Floor.Median() }

// thousands writes 100000 as 100,000.
func thousands(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	rest := strconv.Itoa(n % 1000)
	for len(rest) < 3 {
		rest = "0" + rest
	}
	return thousands(n/1000) + "," + rest
}
