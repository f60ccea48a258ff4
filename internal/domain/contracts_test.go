package domain_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/eitje/connexie-worker/internal/domain"
)

func TestActiveContract_S17_LatestStartThenHighestID(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name string
		list []domain.Contract
		want string
	}{
		{"S17_none", nil, ""},
		{"S17_alone", []domain.Contract{contract("c1", "2026-01-01", "")}, "c1"},
		{"S17_latest_start", []domain.Contract{contract("c1", "2026-06-01", ""), contract("c2", "2026-01-01", "")}, "c1"},
		{"S17_highest_id", []domain.Contract{contract("c2", "2026-01-01", ""), contract("c1", "2026-01-01", "")}, "c2"},
		{"S17_a_later_one_that_ended_does_not_count", []domain.Contract{contract("c1", "2026-01-01", ""), contract("c2", "2026-06-01", "2026-11-21")}, "c1"},
		{"S3_starts_today", []domain.Contract{contract("c1", today, "")}, "c1"},
		{"S3_starts_tomorrow", []domain.Contract{contract("c1", "2026-11-23", "")}, ""},
		{"S3_ends_today", []domain.Contract{contract("c1", "2026-01-01", today)}, "c1"},
		{"S3_ended_yesterday", []domain.Contract{contract("c1", "2026-01-01", "2026-11-21")}, ""},
		{"S3_of_one_day", []domain.Contract{contract("c1", today, today)}, "c1"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got, found := domain.ActiveContract(row.list, date(today))
			require.Equal(t, row.want, got.ID)
			require.Equal(t, row.want != "", found)
		})
	}
}

func TestActiveContract_S17_EqualsTheReferenceOnAnyDay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		run := date(today)
		list := drawContracts(t, run)
		day := run.AddDays(rapid.IntRange(-60, 60).Draw(t, "days from the run"))
		covering := having(list, func(c domain.Contract) bool { return covers(c, day) })
		got, found := domain.ActiveContract(list, day)
		require.Equal(t, len(covering) > 0, found)
		if found {
			require.Equal(t, winner(covering)[0], got)
		}
		require.Equal(t, len(covering) > 1, domain.OverlapOn(list, day))
	})
}

func TestContract_S18_VenuesAreEachNamedOnce(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"V2", "V1", "V3"}, contract("c1", "2026-01-01", "", at("V2", "V1", "V2", "V3", "V1")).Venues())
}

func TestContractType_Valid_KnowsTheFour(t *testing.T) {
	t.Parallel()
	for _, known := range []domain.ContractType{"flex", "fixed_hours", "self_employed", "payroll"} {
		require.True(t, known.Valid(), known)
	}
	for _, unknown := range []domain.ContractType{"", "Flex", "intern"} {
		require.False(t, unknown.Valid(), unknown)
	}
}
