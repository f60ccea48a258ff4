package domain_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
)

// word is somebody's decision about the newcomer of these tests.
func word(kind domain.DecisionKind, among ...string) *domain.Decision {
	return &domain.Decision{Kind: kind, EmailKey: "jan@example.nl", Candidates: among}
}

// chosen is a decision to link; the profile is nil where it can no longer be linked.
func chosen(p *domain.Profile, among ...string) *domain.Decision {
	decision := word(domain.DecideLink, among...)
	decision.TeamMemberID, decision.Profile = "t9", p
	return decision
}

func decision(d *domain.Decision) option { return func(f *domain.Facts) { f.Decision = d } }

func TestPlan_S6_ADecisionIsFollowedAsLongAsItsBasisHolds(t *testing.T) {
	t.Parallel()
	disputed := func(reason domain.Reason) verdict { return verdict{domain.Disputed, reason, "S6"} }
	linked, created := verdict{domain.Matched, "", "S6"}, verdict{domain.New, "", "S6"}
	two := candidates(profile("t1"), profile("t2"))
	taken := func(f *domain.Facts) { f.EmailTaken = true }
	rivals := func(f *domain.Facts) { f.Rivals = 2 }
	checkSituations(t, []situation{
		{"S6_link_one_of_two", newcomer(two, decision(chosen(new(profile("t2")), "t1", "t2"))), linked},
		{"S6_link_although_people_share_the_address", newcomer(rivals, decision(chosen(new(profile("t1")), "t1"))), linked},
		{"S6_link_a_profile_with_another_address", newcomer(taken, decision(chosen(new(profile("t9"))))), linked},
		{"S6_link_names_one_whatever_becomes_of_the_others", newcomer(two, decision(chosen(new(profile("t2")), "t2"))), linked},
		{"S7_link_an_inactive_one", newcomer(two, decision(chosen(new(profile("t2", inactive("")))))), verdict{domain.Matched, "", "S7"}},
		{"S6_the_chosen_one_is_gone", newcomer(two, decision(chosen(nil, "t1", "t2"))), disputed(domain.ReasonDecidedProfileGone)},
		{"S6_the_chosen_one_is_gone_and_one_is_left", newcomer(candidates(profile("t1")), decision(chosen(nil))), disputed(domain.ReasonDecidedProfileGone)},
		{"S6_create_beside_two", newcomer(two, decision(word(domain.DecideCreate, "t1", "t2"))), created},
		{"S6_create_although_the_address_is_taken", newcomer(taken, decision(word(domain.DecideCreate))), created},
		{"S6_create_holds_of_those_who_are_left", newcomer(candidates(profile("t1")), decision(word(domain.DecideCreate, "t1", "t2"))), created},
		{"S6_create_says_nothing_of_a_new_candidate", newcomer(two, decision(word(domain.DecideCreate, "t1"))), disputed(domain.ReasonSeveralCandidates)},
		{"S6_skip", newcomer(two, decision(word(domain.DecideSkip, "t1", "t2"))), skipped(domain.ReasonDecidedSkip, "S6")},
		{"S6_skip_ends_with_a_candidate_less", newcomer(candidates(profile("t1")), decision(word(domain.DecideSkip, "t1", "t2"))), verdict{domain.Matched, "", "S4"}},
		{"S6_skip_ends_with_a_candidate_more", newcomer(two, decision(word(domain.DecideSkip, "t1"))), disputed(domain.ReasonSeveralCandidates)},
		{"S6_another_address_ends_a_skip", newcomer(two, email("piet@example.nl"), decision(word(domain.DecideSkip, "t1", "t2"))), disputed(domain.ReasonSeveralCandidates)},
		{"S6_another_address_ends_a_link", newcomer(two, email("piet@example.nl"), decision(chosen(new(profile("t2"))))), disputed(domain.ReasonSeveralCandidates)},
		{"S6_the_same_address_in_capitals_ends_nothing", newcomer(two, email(" JAN@example.nl "), decision(word(domain.DecideSkip, "t1", "t2"))), skipped(domain.ReasonDecidedSkip, "S6")},
		{"S3_nobody_is_imported_by_decision", newcomer(two, employmentEnded, decision(word(domain.DecideCreate, "t1", "t2"))), skipped(domain.ReasonEmploymentEnded, "S3")},
		{"S5_a_linked_person_is_past_deciding", teamMember(decision(word(domain.DecideSkip))), verdict{domain.Linked, "", "S5"}},
	})
}

func TestPlan_S6_WhoIsSkippedByDecisionNeedsNobody(t *testing.T) {
	t.Parallel()
	facts := newcomer(candidates(profile("t1"), profile("t2")), decision(word(domain.DecideSkip, "t1", "t2")), open(domain.CauseDisputed))
	plan := domain.PlanPerson(facts)
	require.Equal(t, []domain.Cause{domain.CauseDisputed}, plan.Close)
	require.Empty(t, plan.Open)
	require.True(t, domain.PlanPerson(apply(facts, plan)).Quiet())
}

func TestPlan_S6_ADecisionThatCannotBeFollowedKeepsTheDisputeOpenAndSaysWhy(t *testing.T) {
	t.Parallel()
	plan := domain.PlanPerson(newcomer(candidates(profile("t1")), decision(chosen(nil, "t1", "t9"))))
	require.Equal(t, domain.CauseDisputed, plan.Open[0].Cause)
	require.Equal(t, []string{"t1"}, plan.Candidates)
	require.Contains(t, plan.Steps[len(plan.Steps)-1].Answer, "can no longer be linked")
	require.Nil(t, plan.Profile)
}

func TestPlan_S21_AHoldExemptsUntilItsLastDay(t *testing.T) {
	t.Parallel()
	until := func(day string) option { return func(f *domain.Facts) { f.HoldUntil = date(day) } }
	isOnHold := verdict{domain.OnHold, "", "S21"}
	checkSituations(t, []situation{
		{"S21_a_newcomer", newcomer(until("2026-12-01")), isOnHold},
		{"S21_a_linked_person", teamMember(until("2026-12-01")), isOnHold},
		{"S21_the_last_day_is_included", newcomer(until(today)), isOnHold},
		{"S21_it_ends_by_itself_the_day_after", newcomer(until("2026-11-21")), verdict{domain.New, "", "S4"}},
		{"S21_before_a_record_that_cannot_be_read", newcomer(until(today), func(f *domain.Facts) { f.Problem = "end_date" }), isOnHold},
		{"S21_before_a_decision", newcomer(until(today), decision(word(domain.DecideCreate))), isOnHold},
	})
}

func TestPlan_S21_AHoldOpensAndClosesNoNotificationAndTouchesNothing(t *testing.T) {
	t.Parallel()
	facts := teamMember(email("other@example.nl"), member(inactive("manager-7")), open(domain.CauseContractOverlap, domain.CauseDisputed))
	facts.HoldUntil = date(today)
	plan := domain.PlanPerson(facts)
	require.Empty(t, plan.Open)
	require.Empty(t, plan.Close)
	require.Empty(t, plan.Events)
	require.Empty(t, plan.Changes)
	require.Equal(t, domain.Standing{Situation: domain.OnHold, Rule: "S21"}, plan.Standing)
	require.True(t, domain.PlanPerson(apply(facts, plan)).Quiet())
}
