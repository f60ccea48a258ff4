package bench

import (
	"fmt"
	"slices"
)

// Target is a figure of the design beside what was measured.
type Target struct {
	// Size is how many of what: "10,000 people".
	Size     string `json:"size"`
	Title    string `json:"title"`
	Wanted   string `json:"wanted"`
	Measured string `json:"measured"`
	Met      bool   `json:"met"`
}

const (
	// maxMemory is what the worker may use above idle, in MiB, at any size.
	maxMemory = 64
	// maxEventsAtLarge bounds every history at a large size.
	maxEventsAtLarge = 150
	// maxGrowth is how much longer a scenario may take for ten times the people.
	maxGrowth = 11
	// comparedAt is the size at which rates are compared with those of the naive ways.
	comparedAt = 10_000
)

// judge holds every row against the targets.
func (r *Report) judge() {
	for _, row := range slices.Concat(r.Rows, r.Exports) {
		r.atMost(row, "of the floor's time", "%.2f x", row.Ratio(), row.goal.ratio)
		r.atMost(row, "MiB above idle", "%.0f", row.Memory, maxMemory)
	}
	for _, row := range r.Rows {
		events := row.goal.events
		if row.Size >= large {
			events = maxEventsAtLarge
		}
		if events > 0 {
			r.atMost(row, "events", "%.0f", float64(row.Events), float64(events))
		}
		for _, smaller := range r.Rows {
			if smaller.Scenario == row.Scenario && smaller.Size*10 == row.Size {
				r.atMost(row, "of the time for "+thousands(smaller.Size), "%.1f x",
					row.Worker.Median()/smaller.Worker.Median(), maxGrowth)
			}
		}
	}
	r.judgeNaive()
}

// judgeNaive compares rates with that of the worker's own first synchronisation.
func (r *Report) judgeNaive() {
	for i := range r.Naive {
		naive := &r.Naive[i]
		rate := r.workerRate(naive.Away)
		if rate == 0 {
			continue
		}
		naive.Factor = rate / naive.Rate()
		if naive.wanted == 0 {
			continue
		}
		title := "first sync, " + naive.Way
		if naive.Away != "" {
			title += ", PostgreSQL " + naive.Away + " away"
		}
		r.Targets = append(r.Targets, Target{
			Size: sizeOf(naive.People, ofPeople), Title: title, Met: naive.Factor >= naive.wanted,
			Wanted:   fmt.Sprintf("worker at least %.0f x faster, by rate", naive.wanted),
			Measured: fmt.Sprintf("%.1f x", naive.Factor),
		})
	}
}

// workerRate is how many people a second the worker synchronises first: at a distance
// as measured there, nearby at the design's size where that was measured and else at
// the first one.
func (r *Report) workerRate(away string) (rate float64) {
	for _, naive := range r.Naive {
		if naive.Way == wayWorker && naive.Away == away {
			return naive.Rate()
		}
	}
	for _, row := range r.Rows {
		if away == "" && row.Scenario == First && (rate == 0 || row.Size == comparedAt) {
			rate = float64(row.Size) / row.Worker.Median()
		}
	}
	return rate
}

func (r *Report) atMost(row *Row, what, format string, is, limit float64) {
	r.Targets = append(r.Targets, Target{
		Size: sizeOf(row.Size, row.Of), Title: row.Title, Met: is <= limit,
		Wanted: "at most " + fmt.Sprintf(format, limit) + " " + what, Measured: fmt.Sprintf(format, is),
	})
}

func sizeOf(number int, of string) string { return thousands(number) + " " + of }
