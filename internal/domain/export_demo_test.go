package domain_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/govalues/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/sandbox/seed"
)

// The demonstration's entries carry what was written down of each by hand, from the
// rule book alone and whatever the day.
func TestPlanExport_X1_X2_X3_X4_X5_X6_C3_C5_C6_TheDemonstrationComesToWhatWasWrittenDown(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		today := sandbox.Date("2024-01-01").AddDays(rapid.IntRange(0, 3000).Draw(r, "day"))
		demo := seed.Demo(rapid.Uint64().Draw(r, "seed"), today)
		facts := demoFacts(demo)
		for _, days := range []seed.Period{demo.Export.LastMonth, demo.Export.ThisMonth, demo.Export.Winter, demo.Export.Summer} {
			facts.Period = domain.Period{From: demoDate(days.From), To: demoDate(days.To)}
			lines, skips := domain.PlanExport(facts)
			require.Equal(r, writtenDown(demo, days), computed(lines, skips))
		}
	})
}

func demoFacts(demo seed.Scenario) domain.ExportFacts {
	facts := domain.ExportFacts{
		Kinds: domain.ExportKinds(), Links: map[string]string{}, Contracts: map[string][]domain.ExportContract{},
		Venues: map[string]domain.ExportVenueChoice{}, Codes: map[domain.CodeKey]string{},
	}
	inactive := map[string]bool{}
	for _, decision := range demo.Decisions {
		if decision.EitjeVenueID == "" {
			inactive[decision.ConnexieVenueID] = true
			continue
		}
		facts.Venues[decision.EitjeVenueID] = domain.ExportVenueChoice{Decided: true, ConnexieID: decision.ConnexieVenueID}
	}
	for _, employee := range demo.Account.Employees {
		if member := demo.Expected[employee.ID].ProfileID; member != "" {
			facts.Links[member] = employee.ID
			facts.Contracts[member] = demoContracts(employee, inactive)
		}
	}
	for _, code := range demo.Export.Codes {
		facts.Codes[domain.KeyOfCode(domain.LineKind(code.Kind), code.Type)] = code.Code
	}
	for _, entry := range demo.Organisation.Entries {
		facts.Entries = append(facts.Entries, demoEntry(entry))
	}
	return facts
}

func demoContracts(employee sandbox.Employee, inactive map[string]bool) []domain.ExportContract {
	var contracts []domain.ExportContract
	for _, c := range employee.Contracts {
		contract := domain.ExportContract{
			ConnexieID: c.ID, Type: domain.ContractType(c.Type), Start: demoDate(c.StartDate), VenueInactive: inactive[c.VenueID],
		}
		if end, ends := c.EndDate.Get(); ends {
			contract.End = demoDate(end)
		}
		contracts = append(contracts, contract)
	}
	return contracts
}

func demoEntry(e seed.Entry) domain.Entry {
	entry := domain.Entry{
		ID: e.ID, TeamMemberID: e.ProfileID, VenueID: e.VenueID, Day: demoDate(e.Day), StartsAt: e.StartsAt, EndsAt: e.EndsAt,
		BreakMinutes: e.BreakMinutes, Minutes: e.Minutes, Kind: e.Kind, State: e.State,
	}
	for _, extra := range e.Extras {
		entry.Extras = append(entry.Extras, domain.Extra{
			Kind: domain.LineKind(extra.Kind), Type: extra.Type, Quantity: decimal.MustParse(extra.Quantity),
		})
	}
	return entry
}

func demoDate(date sandbox.Date) domain.Date {
	parsed, err := domain.ParseDate(string(date))
	if err != nil {
		panic(err)
	}
	return parsed
}

// computed and writtenDown are lines and what is left out as texts, in one order.
func computed(lines []domain.ExportLine, skips []domain.ExportSkip) []string {
	var texts []string
	for _, l := range lines {
		amount := l.Quantity.Trim(0).String()
		if l.Kind == domain.LineHours {
			amount = fmt.Sprint(l.Minutes)
		}
		texts = append(texts, fmt.Sprint("sent ", l.EntryID, l.Kind, l.Type, l.Code, l.ConnexieVenueID, l.ConnexieID, l.ContractID, amount))
	}
	for _, s := range skips {
		texts = append(texts, fmt.Sprint("left out ", s.EntryID, s.Kind, s.Type, s.Rule, s.Reason))
	}
	slices.Sort(texts)
	return texts
}

func writtenDown(demo seed.Scenario, days seed.Period) []string {
	var texts []string
	for _, entry := range demo.Organisation.Entries {
		if !days.Contains(entry.Day) {
			continue
		}
		expected := demo.Export.Expected[entry.ID]
		for _, l := range expected.Lines {
			amount := l.Quantity
			if l.Kind == seed.Hours {
				amount = fmt.Sprint(l.Minutes)
			}
			texts = append(texts, fmt.Sprint("sent ", entry.ID, l.Kind, l.Type, l.Code, expected.VenueID, expected.EmployeeID, expected.ContractID, amount))
		}
		for _, s := range expected.Skips {
			texts = append(texts, fmt.Sprint("left out ", entry.ID, s.Kind, s.Type, s.Rule, s.Reason))
		}
	}
	slices.Sort(texts)
	return texts
}
