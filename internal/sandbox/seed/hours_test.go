package seed_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/sandbox/seed"
)

// anyDay is a day on which somebody may run the demonstration.
func anyDay(r *rapid.T) sandbox.Date {
	return sandbox.Date("2024-01-01").AddDays(rapid.IntRange(0, 3000).Draw(r, "days"))
}

// The oracle decides from the data alone; it shares no code with the seed.
func TestDemo_X1_X2_X3_X4_X5_X6_C3_C5_C6_EntriesExpectWhatTheRulesSay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		demo := seed.Demo(rapid.Uint64().Draw(r, "seed"), anyDay(r))
		a := newAuditor(demo)
		said, judged := map[string]seed.ExpectedEntry{}, map[string]seed.ExpectedEntry{}
		for id, expected := range demo.Export.Expected {
			said[id] = unordered(expected)
		}
		for _, entry := range demo.Organisation.Entries {
			judged[entry.ID] = unordered(a.entry(entry))
		}
		require.Equal(r, judged, said)
	})
}

// reasons are what leaves something out in the demonstration, with the rule.
var reasons = map[string]string{
	seed.IsDeleted: "X1", seed.NotApproved: "X1", seed.IsLeave: "X1", seed.IsSick: "X1",
	seed.NotLinked: "X2", seed.NoContract: "X2", seed.ContractNotStarted: "X2", seed.ContractEnded: "X2", seed.ContractGap: "X2",
	seed.ByContractType: "X3", seed.DayDiffers: "X4", seed.NoEnd: "X5", seed.NegativeLength: "X5",
	seed.ZeroLength: "X6", seed.NotACount: "X6",
	seed.VenueNotUsed: "C3", seed.ContractVenueInactive: "C5", seed.Unmapped: "C6",
}

func TestDemo_LabelsEveryReasonToLeaveAnEntryOut(t *testing.T) {
	t.Parallel()
	demo := seed.Demo(1, today)
	found := map[string]string{}
	for _, labelled := range demo.Cases {
		for _, id := range labelled.EntryIDs {
			for _, skip := range demo.Export.Expected[id].Skips {
				found[skip.Reason] = skip.Rule
			}
		}
	}
	require.Equal(t, reasons, found)
}

func TestDemo_EveryRuleAboutEntriesHasACaseThatIsSent(t *testing.T) {
	t.Parallel()
	demo := seed.Demo(1, today)
	sent := map[string]bool{}
	for _, labelled := range demo.Cases {
		for _, id := range labelled.EntryIDs {
			sent[labelled.Rule] = sent[labelled.Rule] || len(demo.Export.Expected[id].Lines) > 0
		}
	}
	require.Equal(t, map[string]bool{
		"X1": true, "X2": true, "X3": true, "X4": true, "X5": true, "X6": true, "S17": true, "C3": true, "C5": true, "C6": true,
	}, sent)
}

// Whatever the day: last month holds every case but those of the clock, which have
// days of their own, and payroll takes them all.
func TestDemo_CasesLieInPeriodsThatPayrollStillTakes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		day := anyDay(r)
		demo := seed.Demo(1, day)
		entries := entriesByID(demo)
		for _, labelled := range demo.Cases {
			for _, id := range labelled.EntryIDs {
				on := entries[id].Day
				require.True(r, demo.Export.LastMonth.Contains(on) ||
					demo.Export.Winter.Contains(on) || demo.Export.Summer.Contains(on), "%s on %s", labelled.Name, on)
			}
		}
		for _, entry := range demo.Organisation.Entries {
			require.Less(r, entry.Day, day)
			for _, period := range demo.Account.PayrollPeriods {
				within := period.StartDate <= entry.Day && entry.Day <= period.EndDate
				require.False(r, within && period.Status != "open", "%s", entry.Day)
			}
		}
	})
}

func TestDemo_X5_TheNightsOfBothClockChangesAreAnHourLongerAndShorter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		day := anyDay(r)
		export := seed.Demo(1, day).Export
		for length, night := range map[time.Duration]seed.Period{25 * time.Hour: export.Winter, 23 * time.Hour: export.Summer} {
			sunday := night.From.AddDays(1)
			require.Equal(r, length, sunday.AddDays(1).Start().Sub(sunday.Start()), "%s", sunday)
			require.Less(r, sunday, day)
			require.Greater(r, sunday, day.AddDays(-372), "it is the last one")
		}
	})
	export := seed.Demo(1, today).Export
	require.Equal(t, sandbox.Date("2026-10-24"), export.Winter.From)
	require.Equal(t, sandbox.Date("2026-03-28"), export.Summer.From)
}

func TestDemo_X5_ThreeTimesTwentyMinutesAreOneHour(t *testing.T) {
	t.Parallel()
	demo := seed.Demo(1, today)
	at := slices.IndexFunc(demo.Cases, func(c seed.Case) bool { return c.Name == "three times 20 minutes are one hour" })
	var quantities []string
	for _, id := range demo.Cases[at].EntryIDs {
		quantities = append(quantities, demo.Export.Expected[id].Lines[0].Quantity)
	}
	require.Equal(t, []string{"0.33", "0.34", "0.33"}, quantities)
}

// A month as it would be: most of it goes out, and some shifts pass midnight.
func TestDemo_HasARealisticMonth(t *testing.T) {
	t.Parallel()
	demo := seed.Demo(1, today)
	var sent, overMidnight, lastMonth int
	for _, entry := range demo.Organisation.Entries {
		if len(demo.Export.Expected[entry.ID].Lines) > 0 {
			sent++
		}
		if !entry.EndsAt.IsZero() && sandbox.DateOf(entry.EndsAt) > entry.Day {
			overMidnight++
		}
		if demo.Export.LastMonth.Contains(entry.Day) {
			lastMonth++
		}
	}
	require.Greater(t, lastMonth, 1000)
	require.Greater(t, len(demo.Organisation.Entries)-lastMonth, 500)
	require.Greater(t, sent, len(demo.Organisation.Entries)*7/10)
	require.Greater(t, overMidnight, 100)
}

func TestSmallAndScaled_HaveNoEntries(t *testing.T) {
	t.Parallel()
	require.Empty(t, seed.Small("Lunchroom Noord", 61, 3, today).Organisation.Entries)
	require.Empty(t, seed.Scaled(200, 3, today).Scenario().Organisation.Entries)
}

func TestScaled_HasOneShiftADayForEveryProfileWhereAsked(t *testing.T) {
	t.Parallel()
	days := seed.Period{From: "2026-10-01", To: "2026-10-31"}
	crowd := seed.Scaled(200, 3, today).WithShifts(days)
	scenario := crowd.Scenario()
	require.Equal(t, scenario.Organisation.Entries, slices.Collect(crowd.Entries()))
	require.Len(t, scenario.Organisation.Entries, 31*len(scenario.Organisation.Profiles))
	once := map[string]bool{}
	for _, entry := range scenario.Organisation.Entries {
		require.True(t, days.Contains(entry.Day))
		require.Positive(t, net(entry))
		require.NotEmpty(t, entry.VenueID)
		once[entry.ID], once[entry.ProfileID+string(entry.Day)] = true, true
	}
	require.Len(t, once, 2*len(scenario.Organisation.Entries))
}

func entriesByID(scenario seed.Scenario) map[string]seed.Entry {
	entries := make(map[string]seed.Entry, len(scenario.Organisation.Entries))
	for _, entry := range scenario.Organisation.Entries {
		entries[entry.ID] = entry
	}
	return entries
}
