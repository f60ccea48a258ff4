package domain_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
)

func TestOutcomeOf_S15_BadRecordsEndARunWithProblems(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name    string
		counts  domain.Counts
		planned int
		want    domain.SyncOutcome
	}{
		{"S15_bad_record", domain.Counts{"linked": 9, "bad_record": 1}, 9, domain.SyncProblems},
		{"S15_bad_record_alone", domain.Counts{"bad_record": 1}, 0, domain.SyncProblems},
		{"S15_failed_to_write", domain.Counts{"failed": 1}, 9, domain.SyncProblems},
		{"S15_without_an_id", domain.Counts{"unreadable": 1}, 0, domain.SyncProblems},
		{"S9_nothing_to_do", domain.Counts{"linked": 9}, 0, domain.SyncNothing},
		{"C5_skipped_is_no_problem", domain.Counts{"skipped": 3, "skipped.venue_inactive": 3}, 1, domain.SyncOK},
		{"S6_disputed_is_no_problem", domain.Counts{"disputed": 2}, 1, domain.SyncOK},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, row.want, domain.OutcomeOf(row.counts, row.planned))
		})
	}
}
