package domain_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/eitje/connexie-worker/internal/domain"
)

// linesOf are the changes of one contract.
func linesOf(changes []domain.Change, id string) []domain.Change {
	return having(changes, func(c domain.Change) bool { return c.Object == domain.ObjectContract && c.ObjectID == id })
}

// Whatever a run does to the contracts of anybody, each that it overwrote or removed
// comes back exactly, and undoing that undo leaves exactly what the run left.
func TestUndo_S10_AnyOverwriteOrRemovalIsTakenBackAndForth(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		plan := planned(w.Facts)
		if plan.Profile == nil {
			return
		}
		before, after := heldBefore(w.Facts, plan).Contracts, apply(w.Facts, plan).Profile.Contracts
		for _, was := range before {
			lines := linesOf(plan.Changes, was.ID)
			if len(lines) == 0 {
				continue
			}
			current := findHeld(after, was.ID)
			undone, refusal := domain.UndoContract(was.ID, lines, current)
			require.Nil(t, refusal)
			require.Equal(t, contractCells(was), contractCells(*undone.Contract))
			require.ElementsMatch(t, unoverwritten(lines, current == nil), undone.Changes)

			again, refusal := domain.UndoContract(was.ID, lines, undone.Contract)
			require.Nil(t, refusal)
			require.Empty(t, again.Changes, "a second time there is nothing left to do")

			redone, refusal := domain.UndoContract(was.ID, undone.Changes, undone.Contract)
			require.Nil(t, refusal)
			if current == nil {
				require.Nil(t, redone.Contract)
			} else {
				require.Equal(t, contractCells(*current), contractCells(*redone.Contract))
			}
			require.ElementsMatch(t, lines, redone.Changes)
		}
	})
}

// unoverwritten are the lines that take lines back: each turned round, a removal become
// a creation.
func unoverwritten(lines []domain.Change, wasRemoved bool) []domain.Change {
	turned := slices.Clone(lines)
	for i := range turned {
		turned[i].Before, turned[i].After = turned[i].After, turned[i].Before
		if wasRemoved && turned[i].Field == domain.FieldRemoved {
			turned[i].Field = domain.FieldCreated
		}
	}
	return turned
}

func TestUndo_S10_IsRefusedWhereItWouldOverwriteSomethingElse(t *testing.T) {
	t.Parallel()
	line := func(field, before, after string) domain.Change {
		return domain.Change{Object: domain.ObjectContract, ObjectID: "h1", Field: field, Before: before, After: after}
	}
	overwritten := []domain.Change{line("end_date", "", "2026-12-31"), line("hourly_wage", "14.00", "15.50")}
	removed := []domain.Change{
		line(domain.FieldRemoved, "c1", ""), line("connexie_contract_id", "c1", ""), line("type", "flex", ""),
		line("start_date", "2026-01-01", ""),
	}
	held := holding("h1", contract("c1", "2026-01-01", "2026-12-31"))
	edited := func(change func(*domain.HeldContract)) *domain.HeldContract {
		copied := held
		change(&copied)
		return &copied
	}
	refusal := func(obstacle domain.UndoObstacle, fields ...string) domain.UndoRefusal {
		return domain.UndoRefusal{Obstacle: obstacle, Fields: fields}
	}
	for name, row := range map[string]struct {
		lines   []domain.Change
		current *domain.HeldContract
		want    domain.UndoRefusal
	}{
		"S10_one_field_was_edited_since": {overwritten, edited(func(c *domain.HeldContract) { c.HourlyWage = amount("16") }), refusal(domain.UndoChanged, "hourly_wage")},
		"S10_both_were": {overwritten, edited(func(c *domain.HeldContract) { c.HourlyWage, c.End = amount("16"), date("2027-01-01") }),
			refusal(domain.UndoChanged, "end_date", "hourly_wage")},
		"S10_the_contract_is_gone":              {overwritten, nil, refusal(domain.UndoGone)},
		"S10_nothing_was_kept":                  {nil, &held, refusal(domain.UndoUnknown)},
		"S10_N5_what_was_before_is_erased":      {[]domain.Change{line("end_date", "", "")}, &held, refusal(domain.UndoErased)},
		"S10_a_run_created_it":                  {[]domain.Change{line(domain.FieldCreated, "", "c1")}, &held, refusal(domain.UndoCreated)},
		"S10_a_removed_one_is_back_and_differs": {removed, edited(func(c *domain.HeldContract) { c.Type = domain.Payroll }), refusal(domain.UndoChanged, "type")},
		"S10_no_contract_is_made_of_scraps":     {removed[:2], nil, refusal(domain.UndoErased)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			undone, got := domain.UndoContract("h1", row.lines, row.current)
			require.NotNil(t, got)
			require.Equal(t, row.want, *got)
			require.Empty(t, undone.Changes)
		})
	}
}

func TestUndo_S10_OtherFieldsMayHaveBeenEditedMeanwhile(t *testing.T) {
	t.Parallel()
	held := holding("h1", contract("c1", "2026-01-01", "2026-12-31"))
	held.JobTitle = "edited since"
	undone, refusal := domain.UndoContract("h1", []domain.Change{{
		Object: domain.ObjectContract, ObjectID: "h1", Field: "end_date", After: "2026-12-31",
	}}, &held)
	require.Nil(t, refusal)
	require.Equal(t, "edited since", undone.Contract.JobTitle)
	require.True(t, undone.Contract.End.IsZero())
}
