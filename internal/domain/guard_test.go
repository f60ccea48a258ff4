package domain_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/eitje/connexie-worker/internal/domain"
)

// usualLimits are those of the rule book.
var usualLimits = domain.GuardLimits{CreationsFloor: 50, CreationsPercent: 50, ChangesFloor: 10, ChangesPercent: 20}

func TestGuard_S16_HoldsBeyondTheLargerOfFloorAndPercentage(t *testing.T) {
	t.Parallel()
	creations := func(n int) domain.Guarded { return domain.Guarded{Creations: n} }
	reactivations := func(n int) domain.Guarded { return domain.Guarded{Reactivations: n} }
	ended := func(n int) domain.Guarded { return domain.Guarded{ContractsEnded: n} }
	rows := []struct {
		name   string
		linked int
		counts domain.Guarded
		holds  bool
	}{
		{"S16_creations_at_the_floor", 0, creations(50), false},
		{"S16_creations_beyond_the_floor", 0, creations(51), true},
		{"S16_creations_where_floor_and_percentage_meet", 100, creations(50), false},
		{"S16_creations_at_the_percentage", 1000, creations(500), false},
		{"S16_creations_beyond_the_percentage", 1000, creations(501), true},
		{"S16_half_a_person_counts_down", 101, creations(51), true},
		{"S16_a_part_of_a_person_is_within", 103, reactivations(20), false}, // 20.6
		{"S16_a_whole_one_more_is_beyond", 103, ended(21), true},
		{"S16_reactivations_at_the_floor", 0, reactivations(10), false},
		{"S16_reactivations_beyond_the_floor", 50, reactivations(11), true},
		{"S16_reactivations_at_the_percentage", 1000, reactivations(200), false},
		{"S16_reactivations_beyond_the_percentage", 1000, reactivations(201), true},
		{"S16_ends_at_the_floor", 0, ended(10), false},
		{"S16_ends_beyond_the_floor", 0, ended(11), true},
		{"S16_ends_at_the_percentage", 1000, ended(200), false},
		{"S16_ends_beyond_the_percentage", 1000, ended(201), true},
		{"S16_each_kind_is_counted_alone", 0, domain.Guarded{Creations: 50, Reactivations: 10, ContractsEnded: 10}, false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, row.holds, row.counts.Exceeds(usualLimits.Limit(row.linked)))
		})
	}
}

func TestGuard_S16_EqualsTheReference(t *testing.T) {
	t.Parallel()
	number := rapid.IntRange(0, 400)
	rapid.Check(t, func(t *rapid.T) {
		linked := number.Draw(t, "linked")
		limits := domain.GuardLimits{
			CreationsFloor: number.Draw(t, "creations floor"), CreationsPercent: number.Draw(t, "creations percent"),
			ChangesFloor: number.Draw(t, "changes floor"), ChangesPercent: number.Draw(t, "changes percent"),
		}
		limit := limits.Limit(linked)
		near := rapid.SampledFrom([]int{limit.Creations, limit.Reactivations, number.Draw(t, "anywhere")}).Draw(t, "near")
		count := max(0, near+rapid.IntRange(-1, 1).Draw(t, "beside"))
		beyond := func(floor, percent int) bool { return count > floor && count*100 > linked*percent }
		require.Equal(t, beyond(limits.CreationsFloor, limits.CreationsPercent), domain.Guarded{Creations: count}.Exceeds(limit))
		require.Equal(t, beyond(limits.ChangesFloor, limits.ChangesPercent), domain.Guarded{Reactivations: count}.Exceeds(limit))
		require.Equal(t, beyond(limits.ChangesFloor, limits.ChangesPercent), domain.Guarded{ContractsEnded: count}.Exceeds(limit))
	})
}

func TestGuard_S16_AddCountsEachPlanIn(t *testing.T) {
	t.Parallel()
	var counted domain.Guarded
	counted.Add(domain.PlanPerson(newcomer()))
	counted.Add(domain.PlanPerson(newcomer(candidates(profile("t1", inactive(""))))))
	counted.Add(domain.PlanPerson(teamMember(member(inactive("")))))
	counted.Add(domain.PlanPerson(teamMember(contracts())))
	counted.Add(domain.PlanPerson(teamMember(
		contracts(contract("c1", "2026-01-01", "2026-12-31")), member(inactive("")))))
	require.Equal(t, domain.Guarded{Creations: 1, Reactivations: 3, ContractsEnded: 2}, counted)
}
