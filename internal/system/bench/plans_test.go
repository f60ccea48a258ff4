package bench

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// serverLog is what a server logs of two databases at once.
const serverLog = `2026-11-22 19:00:00.000 UTC [1] ours LOG:  duration: 10.500 ms  plan:
	Query Text: 
			select connexie_id
			  from connexie.people
	Sort  (cost=1.00..2.00 rows=6 width=40) (actual time=9.000..10.000 rows=373 loops=1)
	  Sort Key: connexie_id
	  Sort Method: quicksort  Memory: 123kB
	  Buffers: shared hit=16956
	  CTE seen
	    ->  Seq Scan on people  (cost=0.00..1.00 rows=1 width=4) (actual time=0.001..0.002 rows=1 loops=2)
	          Rows Removed by Filter: 7
	  ->  Index Scan using people_pkey on people p  (cost=0.14..8.16 rows=1 width=40) (actual time=0.001..0.020 rows=1 loops=400)
	        Buffers: shared hit=12
	Trigger for constraint people_connection_id_fkey on people: time=1.500 calls=373
	Trigger raise_row_version: time=0.100 calls=373
2026-11-22 19:00:00.100 UTC [2] theirs LOG:  duration: 99.000 ms  plan:
	Query Text: select 1
	Result  (cost=0.00..0.01 rows=1 width=4) (actual time=99.000..99.000 rows=1 loops=1)
2026-11-22 19:00:00.200 UTC [1] ours LOG:  duration: 2.500 ms  plan:
	Query Text: select connexie_id
			  from connexie.people
	Sort  (cost=1.00..2.00 rows=6 width=40) (actual time=2.000..2.000 rows=1 loops=1)
2026-11-22 19:00:00.300 UTC [1] ours LOG:  checkpoint starting: time
`

func TestPlans_AreThoseOfOurDatabaseGroupedByStatement(t *testing.T) {
	t.Parallel()
	require.Equal(t, []Plan{{
		Statement: "select connexie_id from connexie.people",
		Times:     2, Milliseconds: 13, Slowest: 10.5,
		Lines: []string{
			"Sort  (expected rows=6, actual time=9.000..10.000 rows=373 loops=1)",
			"  Sort Method: quicksort  Memory: 123kB",
			"  Buffers: shared hit=16956",
			"  ->  Index Scan using people_pkey on people p  (expected rows=1, actual time=0.001..0.020 rows=1 loops=400)",
			"Trigger for constraint people_connection_id_fkey on people: time=1.500 calls=373",
		},
	}}, parsePlans(serverLog, "ours"))
}

func TestSeconds_MedianIsTheMiddleOne(t *testing.T) {
	t.Parallel()
	require.InDelta(t, 2, Seconds{3, 1, 2}.Median(), 0)
	require.InDelta(t, 2.5, Seconds{4, 1, 2, 3}.Median(), 0)
	require.Equal(t, "1.00 to 3.00", Seconds{3, 1, 2}.spread())
}

func TestTargets_AreHeldAgainstWhatWasMeasured(t *testing.T) {
	t.Parallel()
	first, _ := scenarioNamed(First)
	small := &Row{Title: "first sync", Scenario: First, Size: 10_000, Of: ofPeople, Worker: Seconds{4}, Floor: Seconds{2}, Events: 25, Memory: 10, goal: first.goal}
	big := &Row{Title: "first sync", Scenario: First, Size: 100_000, Of: ofPeople, Worker: Seconds{48}, Floor: Seconds{16}, Events: 151, Memory: 65, goal: first.goal}
	export := &Row{Title: "export", Size: 100_000, Of: ofEntries, Worker: Seconds{5}, Floor: Seconds{2}, Events: 151, Memory: 64, goal: goal{ratio: 2}}
	report := Report{Rows: []*Row{small, big}, Exports: []*Row{export}, Naive: []Naive{{Way: "row by row", People: 1000, Seconds: 10, wanted: 20}}}
	report.judge()
	var missed []string
	for _, target := range report.Targets {
		if !target.Met {
			missed = append(missed, target.Title+", "+target.Size+": "+target.Wanted+", "+target.Measured)
		}
	}
	require.Equal(t, []string{
		"first sync, 100,000 people: at most 2.00 x of the floor's time, 3.00 x",
		"first sync, 100,000 people: at most 64 MiB above idle, 65",
		"export, 100,000 entries: at most 2.00 x of the floor's time, 2.50 x",
		"first sync, 100,000 people: at most 150 events, 151",
		"first sync, 100,000 people: at most 11.0 x of the time for 10,000, 12.0 x",
	}, missed)
	require.InDelta(t, 25, report.Naive[0].Factor, 1e-9)
}
