package domain_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
)

// situation is a row of the tables below: who, and where the rules put them.
type situation struct {
	name  string
	facts domain.Facts
	want  verdict
}

func checkSituations(t *testing.T, rows []situation) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			plan := domain.PlanPerson(row.facts)
			require.Equal(t, row.want, verdict{plan.Situation, plan.Reason, plan.Rule})
			if row.want.Situation == domain.Skipped {
				require.False(t, plan.WritesEitje(), "someone who is skipped is left as they are")
				require.Nil(t, plan.Profile)
			}
		})
	}
}

func skipped(reason domain.Reason, rule string) verdict { return verdict{domain.Skipped, reason, rule} }

func TestPlan_S3_OnlyWhoCanBeImportedIs(t *testing.T) {
	t.Parallel()
	isNew := verdict{domain.New, "", "S4"}
	endingOn := func(day string) option {
		return func(f *domain.Facts) { f.Person.Employment.End = date(day) }
	}
	checkSituations(t, []situation{
		{"S3_nothing_in_the_way", newcomer(), isNew},
		{"S3_employment_ended", newcomer(employmentEnded), skipped(domain.ReasonEmploymentEnded, "S3")},
		{"S3_employment_ended_yesterday", newcomer(endingOn("2026-11-21")), skipped(domain.ReasonEmploymentEnded, "S3")},
		{"S3_employment_ends_today", newcomer(endingOn(today)), isNew},
		{"S3_no_contract", newcomer(contracts()), skipped(domain.ReasonNoContract, "S3")},
		{"S3_contract_starts_tomorrow", newcomer(contracts(contract("c1", "2026-11-23", ""))), skipped(domain.ReasonContractNotStarted, "S3")},
		{"S3_contract_starts_today", newcomer(contracts(contract("c1", today, ""))), isNew},
		{"S3_contract_ends_today", newcomer(contracts(contract("c1", "2026-01-01", today))), isNew},
		{"S3_contract_ended_yesterday", newcomer(contracts(contract("c1", "2026-01-01", "2026-11-21"))), skipped(domain.ReasonContractEnded, "S3")},
		{"S3_between_two_contracts", newcomer(contracts(contract("c1", "2026-01-01", "2026-11-21"), contract("c2", "2026-11-23", ""))), skipped(domain.ReasonContractGap, "S3")},
		{"S3_email_absent", newcomer(email("")), skipped(domain.ReasonEmailBlank, "S3")},
		{"S3_email_white_space", newcomer(email(" \t\u00a0")), skipped(domain.ReasonEmailBlank, "S3")},
		{"S3_email_invalid", newcomer(email("jan.example.nl")), skipped(domain.ReasonEmailInvalid, "S3")},
		{"S13_creation_needs_a_contract_beside_the_employment", newcomer(contracts(contract("c1", "2020-01-01", "2020-12-31"))), skipped(domain.ReasonContractEnded, "S3")},
	})
}

func TestPlan_S4_S6_S7_TheEmailAddressMatches(t *testing.T) {
	t.Parallel()
	disputed := func(reason domain.Reason) verdict { return verdict{domain.Disputed, reason, "S6"} }
	rivals := func(f *domain.Facts) { f.Rivals = 1 }
	taken := func(f *domain.Facts) { f.EmailTaken = true }
	checkSituations(t, []situation{
		{"S4_one_candidate_is_linked", newcomer(candidates(profile("t1"))), verdict{domain.Matched, "", "S4"}},
		{"S4_none_is_created", newcomer(), verdict{domain.New, "", "S4"}},
		{"S6_two_candidates", newcomer(candidates(profile("t1"), profile("t2"))), disputed(domain.ReasonSeveralCandidates)},
		{"S6_two_candidates_of_whom_one_left", newcomer(candidates(profile("t1"), profile("t2", inactive("")))), disputed(domain.ReasonSeveralCandidates)},
		{"S6_two_people_share_it", newcomer(rivals), disputed(domain.ReasonSharedEmail)},
		{"S6_two_people_share_it_and_a_profile", newcomer(rivals, candidates(profile("t1"))), disputed(domain.ReasonSharedEmail)},
		{"S6_of_another_linked_profile", newcomer(taken), disputed(domain.ReasonEmailOfLinkedProfile)},
		{"S6_of_another_linked_profile_and_an_unlinked_one", newcomer(taken, candidates(profile("t1"))), disputed(domain.ReasonEmailOfLinkedProfile)},
		{"S7_rehire", newcomer(candidates(profile("t1", inactive("manager-7")))), verdict{domain.Matched, "", "S7"}},
	})
}

func TestPlan_C2_C5_VenuesDecideWhoComesIn(t *testing.T) {
	t.Parallel()
	placedAt := func(main string, additional ...string) option {
		return contracts(contract("c1", "2026-01-01", "", at(main, additional...)))
	}
	isInactive, isUndecided := skipped(domain.ReasonVenueInactive, "C5"), skipped(domain.ReasonVenueUndecided, "C2")
	isNew, isLinked := verdict{domain.New, "", "S4"}, verdict{domain.Linked, "", "S5"}
	connectedButInactive := venues(
		[]domain.VenueConnection{{EitjeID: ourMain, ConnexieID: mainVenue}},
		domain.ConnexieVenue{ID: mainVenue, Inactive: true})
	checkSituations(t, []situation{
		{"C2_undecided", newcomer(placedAt(undecidedVenue)), isUndecided},
		{"C2_unknown_is_undecided", newcomer(placedAt("V9")), isUndecided},
		{"C2_undecided_and_Inactive", newcomer(placedAt(undecidedVenue, closedVenue)), isUndecided},
		{"C2_one_decided_is_enough", newcomer(placedAt(undecidedVenue, mainVenue)), isNew},
		{"C5_Inactive", newcomer(placedAt(closedVenue)), isInactive},
		{"C5_one_active_one_Inactive", newcomer(placedAt(closedVenue, mainVenue)), isNew},
		{"C5_Inactive_wins_over_a_connection", newcomer(connectedButInactive), isInactive},
		{"C5_linked_at_an_Inactive_venue", teamMember(placedAt(closedVenue)), isInactive},
		{"C5_linked_and_deactivated_at_an_Inactive_venue", teamMember(placedAt(closedVenue), member(inactive("manager-7"))), isInactive},
		{"C5_no_address_is_asked_for_at_an_Inactive_venue", newcomer(placedAt(closedVenue), email("")), isInactive},
		{"C5_who_has_left_is_no_matter_of_venues", newcomer(placedAt(closedVenue), employmentEnded), skipped(domain.ReasonEmploymentEnded, "S3")},
		{"C5_linked_without_contracts_has_no_venue", teamMember(contracts()), isLinked},
		{"C2_the_last_contract_places_who_is_between_two", teamMember(contracts(
			contract("c1", "2026-01-01", "2026-10-31"), contract("c2", "2026-12-01", "", at(closedVenue)))), isLinked},
		{"C5_the_first_contract_to_come_places_who_never_worked", teamMember(contracts(
			contract("c1", "2026-12-01", "", at(closedVenue)), contract("c2", "2027-01-01", ""))), isInactive},
	})
}

func TestPlan_S5_S11_S13_ALinkedPersonIsFoundByTheLinkAlone(t *testing.T) {
	t.Parallel()
	isLinked, isBack := verdict{domain.Linked, "", "S5"}, verdict{domain.Linked, "", "S11"}
	gone := contracts(contract("c1", "2020-01-01", "2020-12-31"))
	checkSituations(t, []situation{
		{"S5_without_an_address", teamMember(email("")), isLinked},
		{"S5_candidates_are_nobody", teamMember(candidates(profile("t2"), profile("t3"))), isLinked},
		{"S5_rivals_dispute_nothing", teamMember(func(f *domain.Facts) { f.Rivals, f.EmailTaken = 3, true }), isLinked},
		{"S11_deactivated_while_employed", teamMember(member(inactive("manager-7"))), isBack},
		{"S11_without_a_known_reason", teamMember(member(inactive(""))), isBack},
		{"S12_employment_ended", teamMember(employmentEnded), isLinked},
		{"S12_ended_on_both_sides", teamMember(employmentEnded, member(inactive("manager-7"))), isLinked},
		{"S13_contract_ended", teamMember(gone), isLinked},
		{"S13_contract_ended_and_deactivated", teamMember(gone, member(inactive("manager-7"))), isBack},
	})
}

func TestPlan_S15_ABadRecordIsRecordedAndNothingElseHappens(t *testing.T) {
	t.Parallel()
	unreadable := func(f *domain.Facts) { f.Problem = "contracts.0.start_date" }
	isBad := verdict{domain.BadRecord, domain.ReasonUnreadable, "S15"}
	checkSituations(t, []situation{
		{"S15_newcomer", newcomer(unreadable), isBad},
		{"S15_linked", teamMember(unreadable, member(inactive("manager-7"))), isBad},
		{"S15_matched", newcomer(unreadable, candidates(profile("t1"))), isBad},
	})
	plan := domain.PlanPerson(teamMember(unreadable, member(inactive("manager-7"))))
	require.False(t, plan.WritesEitje())
	require.Nil(t, plan.Profile)
}

func TestPlan_S5_TwoLinkedPeopleSwapAddressesAndNothingMoves(t *testing.T) {
	t.Parallel()
	jan, piet := teamMember(), teamMember(email("piet@example.nl"), member(func(p *domain.Profile) {
		p.ID, p.Email = "t2", "piet@example.nl"
	}))
	jan.Person.Email, piet.Person.Email = piet.Person.Email, jan.Person.Email
	for _, swapped := range []domain.Facts{jan, piet} {
		plan := domain.PlanPerson(swapped)
		require.Empty(t, plan.Changes)
		require.Equal(t, swapped.Profile.ID, plan.Profile.ID)
		require.Equal(t, swapped.Profile.Email, plan.Profile.Email)
	}
}

func TestPlan_S6_ADisputeNamesItsCandidatesInOrder(t *testing.T) {
	t.Parallel()
	facts := newcomer(candidates(profile("t2"), profile("t1")))
	facts.Rivals = 1
	plan := domain.PlanPerson(facts)
	require.Equal(t, []string{"t1", "t2"}, plan.Candidates)
	require.Equal(t, domain.ActionNone, plan.Action)
	require.Empty(t, plan.Changes)

	facts.Standing, facts.OpenCauses = plan.Standing, []domain.Cause{domain.CauseDisputed}
	facts.KnownCandidates = []string{"t1", "t2"}
	require.True(t, domain.PlanPerson(facts).Quiet())
	facts.Candidates = facts.Candidates[:1]
	require.False(t, domain.PlanPerson(facts).Quiet(), "the queue must show the candidates as they are")
}
