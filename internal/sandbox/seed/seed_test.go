package seed_test

import (
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/sandbox/seed"
)

const today = sandbox.Date("2026-11-22")

func tally(expected map[string]seed.Expectation) map[string]int {
	counts := map[string]int{}
	for _, expectation := range expected {
		counts[strings.TrimSuffix(expectation.Situation+" "+expectation.Reason, " ")]++
	}
	return counts
}

func TestDemo_HasTheCountsThatItsReadersRelyOn(t *testing.T) {
	t.Parallel()
	demo := seed.Demo(1, today)
	require.Equal(t, map[string]int{
		"matched": 144, "new": 24, "linked": 12,
		"disputed shared_email": 7, "disputed several_candidates": 2, "disputed email_of_linked_profile": 1,
		"skipped email_blank": 4, "skipped email_invalid": 3,
		"skipped employment_ended": 3,
		"skipped no_contract":      1, "skipped contract_not_started": 2, "skipped contract_ended": 3, "skipped contract_gap": 1,
		"skipped venue_inactive": 3, "skipped venue_undecided": 1,
	}, tally(demo.Expected))
	require.Len(t, demo.Account.Employees, 211)
	require.Len(t, demo.Organisation.Profiles, 169)
}

// The oracle decides from the data alone; it shares no code with the seed.
func TestScenarios_ExpectWhatTheRulesSay(t *testing.T) {
	t.Parallel()
	for _, day := range []sandbox.Date{today, "2027-01-01", "2028-02-29", "2027-03-28"} {
		demo := seed.Demo(7, day)
		require.Equal(t, judge(demo, day), demo.Expected, day)
		small := seed.Small("Lunchroom Noord", 61, 3, day)
		require.Equal(t, judge(small, day), small.Expected, day)
	}
}

func TestScaled_ExpectsWhatTheRulesSay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.IntRange(0, 450).Draw(r, "n")
		scenario := seed.Scaled(n, rapid.Uint64().Draw(r, "seed"), today).Scenario()
		require.Equal(r, judge(scenario, today), scenario.Expected)
		require.Len(r, scenario.Account.Employees, n)
	})
}

func TestSeed_IsDeterministicAndSeedsDiffer(t *testing.T) {
	t.Parallel()
	demo, sameDemo := seed.Demo(1, today), seed.Demo(1, today)
	require.Equal(t, demo, sameDemo)
	require.NotEqual(t, seed.Demo(1, today).Organisation.ID, seed.Demo(2, today).Organisation.ID)
	scaled, sameScaled := seed.Scaled(50, 1, today), seed.Scaled(50, 1, today)
	require.Equal(t, scaled.Scenario(), sameScaled.Scenario())
	require.NotEqual(t, seed.Small("A", 5, 1, today).Organisation.ID, seed.Small("B", 5, 1, today).Organisation.ID)
}

func TestSeed_IsWhatTheSandboxTakes(t *testing.T) {
	t.Parallel()
	s := sandbox.New(sandbox.Options{})
	require.NoError(t, s.AddAccount(seed.Demo(1, s.Today()).Account))
	require.NoError(t, s.AddAccount(seed.Small("Lunchroom Noord", 20, 1, s.Today()).Account))
	crowd := seed.Scaled(1000, 1, s.Today())
	require.NoError(t, s.AddAccount(crowd.Account))
	require.NoError(t, s.LoadEmployees(crowd.Account.ID, crowd.Employees()))
	require.Equal(t, []string{"acc_demo", "acc_lunchroom-noord", "acc_schaal-1000"}, s.AccountIDs())
}

func TestDemo_LabelsEveryAwkwardRule(t *testing.T) {
	t.Parallel()
	demo := seed.Demo(1, today)
	var rules []string
	for _, labelled := range demo.Cases {
		rules = append(rules, labelled.Rule)
		require.NotEmpty(t, slices.Concat(labelled.EmployeeIDs, labelled.ProfileIDs), labelled.Name)
		for _, id := range labelled.EmployeeIDs {
			require.Contains(t, demo.Expected, id)
		}
	}
	for _, rule := range []string{"C2", "C5", "S3", "S4", "S5", "S6", "S7", "S8", "S9", "S11", "S12", "S13", "S14", "S17", "S18", "S22", "E3", "X2", "X3"} {
		require.Contains(t, rules, rule)
	}
	require.Len(t, demo.BeforeDecisions(), len(demo.Expected))
	require.NotContains(t, tally(demo.BeforeDecisions()), "skipped venue_inactive")
}

func TestSeed_NobodyExists(t *testing.T) {
	t.Parallel()
	reserved := regexp.MustCompile(`(?i)@(example\.(com|net|org)|post\.example)$`)
	for _, employee := range seed.Demo(1, today).Account.Employees {
		if address, err := mail.ParseAddress(address(employee)); err == nil {
			require.Regexp(t, reserved, address.Address)
		}
		if number, ok := employee.BSN.Get(); ok {
			require.Regexp(t, `^9\d{8}$`, number)
		}
		if account, ok := employee.IBAN.Get(); ok {
			require.Regexp(t, `^NL00TEST\d{10}$`, account)
		}
	}
}

func TestSeed_IDsAreUnique(t *testing.T) {
	t.Parallel()
	for _, scenario := range []seed.Scenario{seed.Demo(1, today), seed.Scaled(3000, 1, today).Scenario()} {
		seen := map[string]bool{}
		once := func(id string) {
			require.False(t, seen[id], id)
			seen[id] = true
		}
		for _, employee := range scenario.Account.Employees {
			once(employee.ID)
			for _, contract := range employee.Contracts {
				once(contract.ID)
			}
		}
		for _, profile := range scenario.Organisation.Profiles {
			once(profile.ID)
			require.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, profile.ID)
			for _, contract := range profile.Contracts {
				once(contract.ID)
			}
		}
		for _, entry := range scenario.Organisation.Entries {
			once(entry.ID)
		}
	}
}

func address(employee sandbox.Employee) string {
	text, _ := employee.Email.Get()
	return strings.TrimSpace(text)
}
