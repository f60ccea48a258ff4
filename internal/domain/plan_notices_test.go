package domain_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
)

func TestPlan_N1_EveryMatterForAPersonOpensOnceAndClosesByItself(t *testing.T) {
	t.Parallel()
	overlap := contracts(contract("c1", "2026-01-01", ""), contract("c2", "2026-02-01", ""))
	rows := map[domain.Cause]domain.Facts{
		domain.CauseEmailBlank:      newcomer(email("")),
		domain.CauseEmailInvalid:    newcomer(email("jan")),
		domain.CauseDisputed:        newcomer(candidates(profile("t1"), profile("t2"))),
		domain.CauseBadRecord:       newcomer(func(f *domain.Facts) { f.Problem = "id" }),
		domain.CauseEmailDiffers:    teamMember(email("other@example.nl")),
		domain.CauseEmploymentEnded: teamMember(employmentEnded),
		domain.CauseContractOverlap: newcomer(overlap),
	}
	require.Len(t, rows, len(domain.StandingCauses()), "every standing cause has a row")
	for cause, facts := range rows {
		t.Run("N1_"+string(cause), func(t *testing.T) {
			t.Parallel()
			first := domain.PlanPerson(facts)
			require.Len(t, first.Open, 1)
			require.Equal(t, cause, first.Open[0].Cause)
			require.Equal(t, "p1", first.Open[0].Subject)
			require.NotEmpty(t, first.Open[0].NextStep)
			require.NotEmpty(t, first.Open[0].Severity)

			facts.OpenCauses = []domain.Cause{cause}
			again := domain.PlanPerson(facts)
			require.Empty(t, again.Open, "the same cause comes once")
			require.Empty(t, again.Close)

			gone := domain.PlanPerson(teamMember(open(cause)))
			require.Equal(t, []domain.Cause{cause}, gone.Close)
		})
	}
}

func TestPlan_N1_TwoCausesAreOpenedAndClosedEachByItself(t *testing.T) {
	t.Parallel()
	both := domain.PlanPerson(teamMember(email("other@example.nl"), employmentEnded))
	require.Equal(t, []domain.Cause{domain.CauseEmailDiffers, domain.CauseEmploymentEnded}, causesOf(both.Open))

	one := domain.PlanPerson(teamMember(employmentEnded, open(domain.CauseEmploymentEnded, domain.CauseEmailDiffers)))
	require.Empty(t, one.Open)
	require.Equal(t, []domain.Cause{domain.CauseEmailDiffers}, one.Close)
}

func TestPlan_N1_AnUnreadableRecordClosesNothing(t *testing.T) {
	t.Parallel()
	unreadable := func(f *domain.Facts) { f.Problem = "contracts" }
	plan := domain.PlanPerson(teamMember(unreadable, open(domain.CauseEmploymentEnded, domain.CauseEmailDiffers)))
	require.Equal(t, []domain.Cause{domain.CauseBadRecord}, causesOf(plan.Open))
	require.Empty(t, plan.Close)
}

func TestPlan_N1_OnlySkipsThatNeedAPersonAreNotified(t *testing.T) {
	t.Parallel()
	for name, facts := range map[string]domain.Facts{
		"S3_employment_ended":      newcomer(employmentEnded),
		"S3_no_contract":           newcomer(contracts()),
		"S3_contract_starts_later": newcomer(contracts(contract("c1", "2026-12-01", ""))),
		"C5_Inactive_venue":        newcomer(contracts(contract("c1", "2026-01-01", "", at(closedVenue)))),
		"C2_undecided_venue":       newcomer(contracts(contract("c1", "2026-01-01", "", at(undecidedVenue)))),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan := domain.PlanPerson(facts)
			require.Equal(t, domain.Skipped, plan.Situation)
			require.Empty(t, plan.Open)
		})
	}
}

func TestPlan_S8_ADifferingAddressIsNotifiedAndKept(t *testing.T) {
	t.Parallel()
	plan := domain.PlanPerson(teamMember(email("other@example.nl")))
	require.Equal(t, "jan@example.nl", plan.Profile.Email)
	require.Empty(t, plan.Changes)

	require.Empty(t, domain.PlanPerson(teamMember(email(" JAN@Example.nl"))).Open, "the same address, written otherwise")
	require.Empty(t, domain.PlanPerson(teamMember(email(" "))).Open, "none to differ from")
	require.Len(t, domain.PlanPerson(teamMember(member(func(p *domain.Profile) { p.Email = "" }))).Open, 1)
}

func TestPlan_S20_StepsTellHowItWasDecided(t *testing.T) {
	t.Parallel()
	require.Equal(t, []domain.Step{
		{Rule: "S15", Question: "Could the record be read?", Answer: "yes"},
		{Rule: "S5", Question: "Is the person linked to a team member?", Answer: "no"},
		{Rule: "S3", Question: "Is the employment active on 2026-11-22?", Answer: "yes"},
		{Rule: "S3", Question: "Does a contract cover 2026-11-22?", Answer: "yes"},
		{Rule: "C5", Question: "Is a venue of the person connected to one in Eitje?", Answer: "yes"},
		{Rule: "S3", Question: "Is there an e-mail address to match on?", Answer: "no, it is blank"},
	}, domain.PlanPerson(newcomer(email(""))).Steps)

	steps := domain.PlanPerson(teamMember(func(f *domain.Facts) {
		f.Profile.City, f.Profile.Contracts[0].End, f.Profile.Venues = "Utrecht", date("2026-12-31"), nil
	})).Steps
	require.Contains(t, steps, domain.Step{
		Rule: "S8", Question: "Does Eitje hold something else than Connexie?",
		Answer: "yes, overwritten: team_member.city, contract.end_date",
	})
	require.Contains(t, steps, domain.Step{
		Rule: "S18", Question: "Does the team member lack a venue of the contract?", Answer: "yes; added: 1",
	})
}

func TestStandingCauses_AreTheCallersOwn(t *testing.T) {
	t.Parallel()
	domain.StandingCauses()[0] = "overwritten"
	require.NotContains(t, domain.StandingCauses(), domain.Cause("overwritten"))
}

func causesOf(notices []domain.Notice) []domain.Cause {
	var causes []domain.Cause
	for _, notice := range notices {
		causes = append(causes, notice.Cause)
	}
	return causes
}
