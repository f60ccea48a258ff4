package bench_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/system/bench"
	"github.com/eitje/connexie-worker/internal/system/stack"
)

// Worker, floor, row by row and one activity a person do the same work: Run fails
// where the rows in Eitje differ, or where a run did not find what it was to find.
func TestBench_EveryWayLeavesTheSameRowsInEitje(t *testing.T) {
	const people = 100 // the fewest with every role of seed.Scaled
	options := optionsOf(t)
	options.Sizes, options.Scenarios, options.Repeat = []int{people}, bench.ScenarioNames(), 1
	options.RowByRow, options.PerPerson = []int{people}, []int{people}
	report, err := bench.Run(t.Context(), options)
	require.NoError(t, err)

	require.Len(t, report.Rows, len(bench.ScenarioNames()))
	for _, row := range report.Rows {
		require.Len(t, row.Worker, 1, row.Title)
		require.Len(t, row.Floor, 1, row.Title)
		require.Positive(t, row.Events, row.Title)
	}
	require.Len(t, report.Naive, 3)
	document, err := report.Document()
	require.NoError(t, err)
	require.Contains(t, document, "| 100 | nothing changed, without ETag |")
	require.Contains(t, document, "| 100 | one activity a person |")
}

// Worker and floor export the same: Run fails where the lines in Connexie or the marked
// entries differ, or where the worker did not send what it counts.
func TestBench_X8_X11_EveryExportLeavesTheSameLinesAndMarks(t *testing.T) {
	const entries = 3000 // two parts at a venue
	options := optionsOf(t)
	options.Exports, options.Repeat = []int{entries}, 3
	report, err := bench.Run(t.Context(), options)
	require.NoError(t, err)

	require.Empty(t, report.Rows)
	require.Len(t, report.Exports, 2)
	first, again := report.Exports[0], report.Exports[1]
	require.Len(t, first.Worker, 2)
	require.Len(t, first.Floor, 2)
	require.Len(t, again.Worker, 3)
	require.Len(t, again.Floor, 3)
	require.Positive(t, again.Events)
	document, err := report.Document()
	require.NoError(t, err)
	require.Contains(t, document, "| 3,000 | first export |")
	require.Contains(t, document, "| 3,000 entries | again, nothing changed | at most 2.00 x of the floor's time |")
}

func optionsOf(t *testing.T) bench.Options {
	t.Helper()
	layout, err := stack.FindLayout()
	require.NoError(t, err)
	options := bench.Options{
		Layout: layout, DatabaseURL: os.Getenv("TEST_DATABASE_URL"), TemporalAddress: os.Getenv("TEST_TEMPORAL_ADDRESS"),
		Out: t.Output(),
	}
	require.NotEmpty(t, options.DatabaseURL, "TEST_DATABASE_URL is not set; run: make test-system")
	require.NotEmpty(t, options.TemporalAddress, "TEST_TEMPORAL_ADDRESS is not set; run: make test-system")
	return options
}
