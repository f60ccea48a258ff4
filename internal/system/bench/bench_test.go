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
	layout, err := stack.FindLayout()
	require.NoError(t, err)
	options := bench.Options{
		Layout: layout, DatabaseURL: os.Getenv("TEST_DATABASE_URL"), TemporalAddress: os.Getenv("TEST_TEMPORAL_ADDRESS"),
		Sizes: []int{people}, Scenarios: bench.ScenarioNames(), Repeat: 1,
		RowByRow: []int{people}, PerPerson: []int{people}, Out: t.Output(),
	}
	require.NotEmpty(t, options.DatabaseURL, "TEST_DATABASE_URL is not set; run: make test-system")
	require.NotEmpty(t, options.TemporalAddress, "TEST_TEMPORAL_ADDRESS is not set; run: make test-system")
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
