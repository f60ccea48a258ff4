package bench

import "fmt"

// Target is a figure of the design beside what was measured.
type Target struct {
	People   int    `json:"people"`
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
)

// judge holds every row against the targets.
func (r *Report) judge() {
	for _, row := range r.Rows {
		r.atMost(row, "of the floor's time", "%.2f x", row.Ratio(), row.scenario.ratio)
		events := row.scenario.events
		if row.People >= large {
			events = maxEventsAtLarge
		}
		if events > 0 {
			r.atMost(row, "events", "%.0f", float64(row.Events), float64(events))
		}
		r.atMost(row, "MiB above idle", "%.0f", row.Memory, maxMemory)
		for _, smaller := range r.Rows {
			if smaller.Scenario == row.Scenario && smaller.People*10 == row.People {
				r.atMost(row, "of the time for "+thousands(smaller.People), "%.1f x",
					row.Worker.Median()/smaller.Worker.Median(), maxGrowth)
			}
		}
	}
}

func (r *Report) atMost(row *Row, what, format string, is, limit float64) {
	r.Targets = append(r.Targets, Target{
		People: row.People, Title: row.Title, Met: is <= limit,
		Wanted: "at most " + fmt.Sprintf(format, limit) + " " + what, Measured: fmt.Sprintf(format, is),
	})
}
