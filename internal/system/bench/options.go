package bench

import (
	"io"
	"time"

	"github.com/eitje/connexie-worker/internal/system/stack"
)

// Options say what is measured, and on what.
type Options struct {
	Layout stack.Layout
	// DatabaseURL is a PostgreSQL whose user may create databases.
	DatabaseURL     string
	TemporalAddress string
	// Sizes are numbers of people.
	Sizes []int
	// Scenarios are measured, in this order; see ScenarioNames.
	Scenarios []string
	// Exports are numbers of entries that are exported.
	Exports []int
	// Repeat is how often the short scenarios are measured.
	Repeat int
	// RowByRow and PerPerson are the numbers of people at which what people write
	// first is measured.
	RowByRow  []int
	PerPerson []int
	// Away is how far PostgreSQL is, there and back, when row by row is measured once
	// more at the largest number; zero for not.
	Away time.Duration
	// Plans are the numbers of people at which PostgreSQL's plans are looked at; where
	// there is one, so are those of the exports.
	Plans []int
	// Out shows progress.
	Out io.Writer
}

// firstExports is how often a first export is measured, each on databases of its own.
func (o Options) firstExports() int { return (o.Repeat + 1) / 2 }

// large is the size from which a first synchronisation is measured once, and the
// others less often.
const large = 50_000

func (o Options) repetitions(scenario string, people int) int {
	switch {
	case scenario == First && people >= large:
		return 1
	case scenario == First || people >= large:
		return (o.Repeat + 1) / 2
	}
	return o.Repeat
}
