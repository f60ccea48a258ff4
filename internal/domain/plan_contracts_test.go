package domain_test

import (
	"cmp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/eitje/connexie-worker/internal/domain"
)

func TestPlan_S8_EveryFieldOfAContractIsOverwritten(t *testing.T) {
	t.Parallel()
	rows := map[string]struct {
		edit          func(*domain.HeldContract)
		before, after string
	}{
		"type":           {func(c *domain.HeldContract) { c.Type = domain.Payroll }, "payroll", "flex"},
		"start_date":     {func(c *domain.HeldContract) { c.Start = date("2025-12-01") }, "2025-12-01", "2026-01-01"},
		"end_date":       {func(c *domain.HeldContract) { c.End = date("2026-12-31") }, "2026-12-31", ""},
		"hours_per_week": {func(c *domain.HeldContract) { c.HoursPerWeek = amount("38") }, "38.00", ""},
		"hourly_wage":    {func(c *domain.HeldContract) { c.HourlyWage = amount("15.505") }, "15.505", "15.50"},
		"job_title":      {func(c *domain.HeldContract) { c.JobTitle = "Cook" }, "Cook", ""},
		"venue_id":       {func(c *domain.HeldContract) { c.VenueID = ourSecond }, ourSecond, ourMain},
	}
	for field, row := range rows {
		t.Run("S8_"+field, func(t *testing.T) {
			t.Parallel()
			facts := teamMember()
			row.edit(&facts.Profile.Contracts[0])
			plan := domain.PlanPerson(facts)
			require.Equal(t, []domain.Change{{
				Object: domain.ObjectContract, ObjectID: "h1", Field: field, Before: row.before, After: row.after,
			}}, plan.Changes)
			require.Equal(t, profile("t1").Contracts, plan.WriteContracts)
			require.Equal(t, profile("t1").Contracts, plan.Profile.Contracts)
			require.Equal(t, domain.ActionUpdate, plan.Action)
			require.False(t, plan.WritesProfile)
		})
	}
}

func TestPlan_S9_EqualAmountsAreNoChange(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{
		{"7.5", "7.50"}, {"7.5", "7.5000"}, {"0", "0.0000"}, {"1300", "1300.00"}, {"15.1234", "15.1234"},
		{"123456789012345678", "123456789012345678.0"}, // where two decimals no longer fit
	} {
		facts := teamMember()
		facts.Person.Contracts[0].HourlyWage, facts.Profile.Contracts[0].HourlyWage = amount(pair[0]), amount(pair[1])
		facts.Person.Contracts[0].HoursPerWeek, facts.Profile.Contracts[0].HoursPerWeek = amount(pair[1]), amount(pair[0])
		require.Empty(t, domain.PlanPerson(facts).Changes, pair)
	}
}

func TestPlan_S8_AmountsThatDifferAreAChange(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{{"7.5", "7.5001"}, {"0", ""}, {"", "0"}, {"-1", "1"}, {"10", "100"}} {
		facts := teamMember()
		facts.Person.Contracts[0].HourlyWage, facts.Profile.Contracts[0].HourlyWage = amount(pair[0]), amount(pair[1])
		require.Len(t, domain.PlanPerson(facts).Changes, 1, pair)
	}
}

func TestPlan_S8_S9_AmountsAreChangedIffTheyDiffer(t *testing.T) {
	t.Parallel()
	number := rapid.StringMatching(`[0-9]{1,8}(\.[0-9]{1,4})?`)
	rapid.Check(t, func(t *rapid.T) {
		theirs := amount(number.Draw(t, "theirs"))
		ours := amount(number.Draw(t, "ours"))
		if rapid.Bool().Draw(t, "equal") {
			ours.Decimal = theirs.Decimal.Pad(rapid.IntRange(0, 6).Draw(t, "scale"))
		}
		facts := teamMember()
		facts.Person.Contracts[0].HourlyWage, facts.Profile.Contracts[0].HourlyWage = theirs, ours
		require.Equal(t, !theirs.Decimal.Equal(ours.Decimal), domain.PlanPerson(facts).WritesEitje())
	})
}

func TestPlan_S8_AContractEnteredByHandIsTakenOver(t *testing.T) {
	t.Parallel()
	spring, autumn := contract("c1", "2026-01-01", "2026-06-30"), contract("c2", "2026-07-01", "")
	rows := []struct {
		name    string
		theirs  []domain.Contract
		ours    []domain.HeldContract
		want    map[string]string // held id to Connexie ID, "" for one by hand
		created int
	}{
		{"S8_same_start", []domain.Contract{spring}, []domain.HeldContract{byHand("h1", "2026-01-01")}, map[string]string{"h1": "c1"}, 0},
		{"S8_another_start_is_left_alone", []domain.Contract{spring}, []domain.HeldContract{byHand("h1", "2026-01-02")}, map[string]string{"h1": ""}, 1},
		{"S8_of_two_the_first", []domain.Contract{spring}, []domain.HeldContract{byHand("h2", "2026-01-01"), byHand("h1", "2026-01-01")}, map[string]string{"h1": "c1", "h2": ""}, 0},
		{"S8_two_want_one", []domain.Contract{contract("c9", "2026-01-01", ""), spring}, []domain.HeldContract{byHand("h1", "2026-01-01")}, map[string]string{"h1": "c1"}, 1},
		{"S8_two_want_two", []domain.Contract{contract("c9", "2026-01-01", ""), spring}, []domain.HeldContract{byHand("h1", "2026-01-01"), byHand("h2", "2026-01-01")}, map[string]string{"h1": "c1", "h2": "c9"}, 0},
		{"S8_none_where_Eitje_has_it_already", []domain.Contract{spring}, []domain.HeldContract{byHand("h1", "2026-01-01"), holding("h2", spring)}, map[string]string{"h1": "", "h2": "c1"}, 0},
		{"S8_not_from_one_that_has_it", []domain.Contract{contract("c0", "2026-01-01", ""), spring}, []domain.HeldContract{holding("h1", spring)}, map[string]string{"h1": "c1"}, 1},
		{"S8_each_its_own", []domain.Contract{autumn, spring}, []domain.HeldContract{byHand("h1", "2026-07-01"), byHand("h2", "2026-01-01")}, map[string]string{"h1": "c2", "h2": "c1"}, 0},
		{"S8_gone_and_replaced_is_no_taking_over", []domain.Contract{contract("c8", "2026-01-01", "")}, []domain.HeldContract{holding("h1", spring)}, map[string]string{}, 1},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			plan := domain.PlanPerson(teamMember(contracts(row.theirs...), holds(row.ours...)))
			got, created := map[string]string{}, 0
			for _, held := range plan.Profile.Contracts {
				if held.ID == "" {
					created++
					continue
				}
				got[held.ID] = held.ConnexieID
			}
			require.Equal(t, row.want, got)
			require.Equal(t, row.created, created)
		})
	}
}

func TestPlan_S8_S17_EitjeHoldsTheWholeHistoryAndWhatWasEnteredByHand(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		plan := planned(w.Facts)
		if plan.Profile == nil {
			return
		}
		before, after := *heldBefore(w.Facts, plan), *apply(w.Facts, plan).Profile
		requireKept(t, before.Contracts, after.Contracts)
		left := after.Contracts
		for _, theirs := range w.Facts.Person.Contracts {
			i := slices.IndexFunc(left, func(h domain.HeldContract) bool { return h.ConnexieID == theirs.ID })
			require.GreaterOrEqual(t, i, 0, "%s is not held", theirs.ID)
			requireEqualContract(t, w, theirs, left[i])
			left = slices.Delete(slices.Clone(left), i, i+1)
		}
		for _, byHand := range withoutClosed(t, w, before.Contracts, left) {
			require.Empty(t, byHand.ConnexieID, "a contract that Connexie does not have")
			require.Equal(t, byHand, *findHeld(before.Contracts, byHand.ID), "untouched")
			for _, written := range plan.WriteContracts {
				require.False(t, findHeld(before.Contracts, written.ID) == nil && written.Start == byHand.Start,
					"one was created beside one by hand that begins on the same day")
			}
		}
	})
}

// withoutClosed takes out the contracts that are gone from Connexie's list and named by
// exported lines, each of which must be there, closed and otherwise untouched.
func withoutClosed(t require.TestingT, w world, before, left []domain.HeldContract) []domain.HeldContract {
	for _, was := range before {
		exported := was.LastExported
		if was.ConnexieID == "" || exported.IsZero() || exported.String() < was.Start.String() ||
			slices.ContainsFunc(w.Facts.Person.Contracts, func(c domain.Contract) bool { return c.ID == was.ConnexieID }) {
			continue
		}
		want := was
		want.End = date(min(exported.String(), cmp.Or(was.End.String(), "9999-12-31")))
		is := findHeld(left, was.ID)
		require.NotNil(t, is, "a contract that exported lines name was removed")
		require.Equal(t, want, *is)
		left = slices.DeleteFunc(slices.Clone(left), func(h domain.HeldContract) bool { return h.ID == was.ID })
	}
	return left
}

// requireKept tells that a contract by hand is there as before, or taken over by one
// that begins on the same day.
func requireKept(t require.TestingT, before, after []domain.HeldContract) {
	for _, was := range before {
		if was.ConnexieID != "" {
			continue
		}
		is := findHeld(after, was.ID)
		require.NotNil(t, is, "a contract by hand was removed")
		require.Equal(t, was.Start, is.Start)
	}
}

func requireEqualContract(t require.TestingT, w world, theirs domain.Contract, ours domain.HeldContract) {
	want := holding(ours.ID, theirs)
	want.VenueID = ours.VenueID
	require.Equal(t, contractCells(want), contractCells(ours))
	var mapped []string
	for _, c := range w.Connected {
		if c.ConnexieID == theirs.VenueID {
			mapped = append(mapped, c.EitjeID)
		}
	}
	if len(mapped) == 0 {
		mapped = []string{""}
	}
	require.Contains(t, mapped, ours.VenueID, "S18: through the mapping")
}

func TestPlan_S10_ARemovedContractLeavesEverythingItHeld(t *testing.T) {
	t.Parallel()
	old := holding("h0", contract("c0", "2025-01-01", "2025-12-31"))
	facts := teamMember()
	facts.Profile.Contracts = append(facts.Profile.Contracts, old)
	plan := domain.PlanPerson(facts)
	line := func(field, before string) domain.Change {
		return domain.Change{Object: domain.ObjectContract, ObjectID: "h0", Field: field, Before: before}
	}
	require.Equal(t, []domain.Change{
		line(domain.FieldRemoved, "c0"), line("connexie_contract_id", "c0"), line("type", "flex"),
		line("start_date", "2025-01-01"), line("end_date", "2025-12-31"), line("hourly_wage", "15.50"), line("venue_id", ourMain),
	}, plan.Changes)
	require.Equal(t, []string{"h0"}, plan.RemoveContracts)
	require.Equal(t, profile("t1").Contracts, plan.Profile.Contracts)
	require.Equal(t, 1, plan.ContractsEnded)
}

func TestPlan_X2_S10_AContractThatIsGoneIsKeptClosedWhereExportedLinesNameIt(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name              string
		end, lastExported string
		closedOn          string
		audit             int
	}{
		{"X2_open_ended", "", "2026-11-10", "2026-11-10", 1},
		{"X2_ends_later", "2026-12-31", "2026-11-10", "2026-11-10", 1},
		{"X2_has_ended_already", "2026-10-31", "2026-11-10", "2026-10-31", 0},
		{"X2_ended_on_that_day", "2026-11-10", "2026-11-10", "2026-11-10", 0},
		{"X2_exported_on_its_first_day", "", "2026-01-01", "2026-01-01", 1},
		{"X2_begins_later_than_the_lines", "", "2025-12-31", "", -1},
		{"X2_never_exported", "", "", "", -1},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			gone := holding("h0", contract("c0", "2026-01-01", row.end))
			gone.LastExported = date(row.lastExported)
			facts := teamMember()
			facts.Profile.Contracts = append(facts.Profile.Contracts, gone)
			plan := domain.PlanPerson(facts)
			if row.audit < 0 {
				require.Equal(t, []string{"h0"}, plan.RemoveContracts)
				require.Nil(t, findHeld(plan.Profile.Contracts, "h0"))
				return
			}
			require.Empty(t, plan.RemoveContracts)
			require.Equal(t, date(row.closedOn), findHeld(plan.Profile.Contracts, "h0").End)
			require.Len(t, plan.Changes, row.audit)
			require.Equal(t, row.audit, plan.ContractsEnded, "S16: an end that is newly set or moved earlier")
			if row.audit > 0 {
				require.Equal(t, domain.Change{
					Object: domain.ObjectContract, ObjectID: "h0", Field: "end_date", Before: row.end, After: row.closedOn,
				}, plan.Changes[0])
			}
			again := apply(facts, plan)
			require.True(t, domain.PlanPerson(again).Quiet(), "S9: nothing changes any more")
			back := contract("c0", "2026-01-01", "")
			again.Person.Contracts = append(again.Person.Contracts, back)
			require.Equal(t, date(""), findHeld(domain.PlanPerson(again).Profile.Contracts, "h0").End, "S8: it has come back")
		})
	}
}

func TestPlan_S16_EndsThatAreSetEarlierOrGoneAreCounted(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name          string
		before, after string
		want          int
	}{
		{"S16_newly_set", "", "2027-12-31", 1},
		{"S16_moved_earlier", "2027-12-31", "2027-12-30", 1},
		{"S16_moved_later", "2027-12-30", "2027-12-31", 0},
		{"S16_opened", "2027-12-31", "", 0},
		{"S16_unchanged", "2027-12-31", "2027-12-31", 0},
		{"S16_open_as_before", "", "", 0},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			facts := teamMember(
				contracts(contract("c1", "2026-01-01", row.after)),
				holds(holding("h1", contract("c1", "2026-01-01", row.before))))
			require.Equal(t, row.want, domain.PlanPerson(facts).ContractsEnded)
			facts.Profile.Contracts[0].JobTitle = "Cook"
			require.Equal(t, row.want, domain.PlanPerson(facts).ContractsEnded, "another field is no matter of the guard")
		})
	}
	require.Zero(t, domain.PlanPerson(teamMember(holds(), contracts(contract("c1", "2026-01-01", "2026-12-31")))).ContractsEnded,
		"a new contract with an end ends nothing")
}

func TestPlan_S17_AnOverlapIsNotified(t *testing.T) {
	t.Parallel()
	overlap := contracts(contract("c1", "2026-01-01", ""), contract("c2", today, today))
	plan := domain.PlanPerson(teamMember(overlap))
	require.Equal(t, []domain.Cause{domain.CauseContractOverlap}, causesOf(plan.Open))
	require.Equal(t, []domain.Cause{domain.CauseContractOverlap}, domain.PlanPerson(teamMember(open(domain.CauseContractOverlap))).Close)
	require.Empty(t, domain.PlanPerson(newcomer(overlap, employmentEnded)).Open, "nobody to mend it for")
}

func TestPlan_AssignIDs_NamesNewContractsEverywhere(t *testing.T) {
	t.Parallel()
	plan := domain.PlanPerson(teamMember(contracts(
		contract("c1", "2026-01-01", "2026-06-30"), contract("c3", "2026-10-01", ""), contract("c2", "2026-07-01", "2026-09-30"))))
	plan.AssignIDs(numbered())
	require.Equal(t, "id-1", findConnexie(plan.WriteContracts, "c2").ID)
	require.Equal(t, "id-2", findConnexie(plan.WriteContracts, "c3").ID)
	for _, written := range plan.WriteContracts {
		require.Equal(t, written, findConnexie(plan.Profile.Contracts, written.ConnexieID))
	}
	require.Equal(t, "id-1", plan.Changes[1].ObjectID)
	require.Equal(t, "id-2", plan.Changes[2].ObjectID)
	plan.AssignIDs(func() string { t.Error("an id was assigned twice"); return "" })
}

func findConnexie(list []domain.HeldContract, id string) domain.HeldContract {
	return list[slices.IndexFunc(list, func(c domain.HeldContract) bool { return c.ConnexieID == id })]
}
