package domain_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
)

func TestRepair_S22_OneOfTwoProfilesOfTheOrganisationIsLinked(t *testing.T) {
	t.Parallel()
	side := func(id, connexieID string) domain.RepairProfile {
		return domain.RepairProfile{ID: id, Ours: true, ConnexieID: connexieID}
	}
	but := func(p domain.RepairProfile, change func(*domain.RepairProfile)) domain.RepairProfile {
		change(&p)
		return p
	}
	archived := func(p *domain.RepairProfile) { p.Archived = true }
	ending := func(p *domain.RepairProfile) { p.Ending = true }
	stranger := func(p *domain.RepairProfile) { p.Ours = false }
	old, fresh := side("t1", ""), side("t2", "p1")
	for name, row := range map[string]struct {
		keep, drop domain.RepairProfile
		want       domain.RepairRefusal
	}{
		"S22_the_duplicate_is_linked":     {old, fresh, ""},
		"S22_the_kept_one_is_linked":      {fresh, old, ""},
		"S22_the_same":                    {fresh, fresh, domain.RefusedSameProfile},
		"S22_unknown_keep":                {domain.RepairProfile{}, fresh, domain.RefusedUnknownProfile},
		"S22_unknown_drop":                {old, domain.RepairProfile{}, domain.RefusedUnknownProfile},
		"S22_both_unknown":                {domain.RepairProfile{}, domain.RepairProfile{}, domain.RefusedUnknownProfile},
		"S22_keep_of_others":              {but(old, stranger), fresh, domain.RefusedOtherOrganisation},
		"S22_drop_of_others":              {old, but(fresh, stranger), domain.RefusedOtherOrganisation},
		"S22_keep_archived":               {but(old, archived), fresh, domain.RefusedArchived},
		"S22_drop_archived":               {old, but(fresh, archived), domain.RefusedArchived},
		"S22_two_people":                  {side("t1", "p2"), fresh, domain.RefusedBothLinked},
		"S22_nobody":                      {old, side("t3", ""), domain.RefusedNeitherLinked},
		"S22_E1_ending_of_the_kept_one":   {but(old, ending), fresh, domain.RefusedEndingOpen},
		"S22_E1_ending_of_the_other":      {old, but(fresh, ending), domain.RefusedEndingOpen},
		"S22_what_cannot_be_mended_first": {but(old, archived), but(fresh, ending), domain.RefusedArchived},
	} {
		require.Equal(t, row.want, domain.JudgeRepair(row.keep, row.drop), name)
	}
}

func TestRepair_S22_AnUndoNeedsTheLinkWhereTheRepairLeftIt(t *testing.T) {
	t.Parallel()
	keep := domain.RepairProfile{ID: "t1", Ours: true, ConnexieID: "p1"}
	drop := domain.RepairProfile{ID: "t2", Ours: true, Archived: true}
	require.Empty(t, domain.JudgeUndo(keep, drop, "p1"))
	for name, change := range map[string]func(keep, drop *domain.RepairProfile){
		"S22_repaired_again": func(keep, _ *domain.RepairProfile) { keep.Archived = true },
		"S22_unlinked":       func(keep, _ *domain.RepairProfile) { keep.ConnexieID = "" },
		"S22_another_person": func(keep, _ *domain.RepairProfile) { keep.ConnexieID = "p2" },
		"S22_drop_is_linked": func(_, drop *domain.RepairProfile) { drop.ConnexieID = "p3" },
	} {
		k, d := keep, drop
		change(&k, &d)
		require.Equal(t, domain.RefusedMovedOn, domain.JudgeUndo(k, d, "p1"), name)
	}
	keep.ConnexieID = "p9"
	require.Empty(t, domain.JudgeUndo(keep, drop, ""), "the repair moved no link")
	keep.Ending = true
	require.Equal(t, domain.RefusedEndingOpen, domain.JudgeUndo(keep, drop, ""))
}

func TestRepair_S22_EveryRefusalNamesTheNextStep(t *testing.T) {
	t.Parallel()
	for _, refusal := range []domain.RepairRefusal{
		domain.RefusedSameProfile, domain.RefusedUnknownProfile, domain.RefusedOtherOrganisation, domain.RefusedArchived,
		domain.RefusedBothLinked, domain.RefusedNeitherLinked, domain.RefusedEndingOpen, domain.RefusedNotRepaired, domain.RefusedMovedOn,
	} {
		require.NotContains(t, refusal.Explain(), "it was refused", "%s", refusal)
	}
}
