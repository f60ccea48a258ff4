package seed

import (
	"fmt"

	"github.com/eitje/connexie-worker/internal/sandbox"
)

// The demo organisation's account and venues in Connexie.
const (
	DemoAccountID = "acc_demo"
	DemoToken     = "sandbox-token-demo"

	VenueBrug   = "ven_brug"
	VenueHaven  = "ven_haven"
	VenueStrand = "ven_strand" // has no venue in Eitje and becomes Inactive
	// VenueUnlisted is named by a contract, but Connexie's list of venues lacks
	// it, so that nobody can decide it.
	VenueUnlisted = "ven_markt"
)

const (
	straightMatches = 96
	straightNew     = 19
)

// Demo is the demonstration's organisation as of a day.
func Demo(seed uint64, today sandbox.Date) Scenario {
	const name = "Horecagroep De Brug"
	b := &builder{
		generator: generator{
			seed: seed, scope: name, today: today, width: 4,
			venues: []string{VenueBrug, VenueBrug, VenueHaven},
		},
	}
	b.scenario = Scenario{
		Expected: map[string]Expectation{},
		Export:   exportOf(today),
	}
	b.scenario.Account = demoAccount(name, today, b.scenario.Export)
	b.demoOrganisation(name)
	for range straightMatches {
		employee := b.person()
		profile := b.team(employee)
		b.expect(employee, Matched, "", profile.ID)
		b.roster(worker{employee: employee, profileID: profile.ID, venue: employee.Contracts[0].VenueID})
	}
	for range straightNew {
		b.expect(b.person(), New, "", "")
	}
	b.emails()
	b.disputes()
	b.contracts()
	b.employments()
	b.workplaces()
	b.personalData()
	b.linkedEarlier()
	b.eitjeOnly()
	b.hoursCases()
	return b.scenario
}

func demoAccount(name string, today sandbox.Date, export Export) sandbox.Account {
	return sandbox.Account{
		ID: DemoAccountID, Name: name, Token: DemoToken,
		Permissions: []sandbox.Permission{sandbox.EmployeesRead, sandbox.EmploymentWrite, sandbox.ImportsWrite},
		Venues: []sandbox.Venue{
			{ID: VenueBrug, Name: "Grand Café De Brug", Active: true},
			{ID: VenueHaven, Name: "Brasserie De Haven", Active: true},
			{ID: VenueStrand, Name: "Strandpaviljoen Noord", Active: true},
		},
		WageCodes:      wageCodes(),
		PayrollPeriods: payrollOf(export, months(today, VenueBrug, VenueHaven, VenueStrand)),
	}
}

// payrollOf leaves payroll open where it would have run over the night of a clock
// change, so that the night can be exported whatever the day.
func payrollOf(export Export, periods []sandbox.PayrollPeriod) []sandbox.PayrollPeriod {
	for i, period := range periods {
		days := Period{From: period.StartDate, To: period.EndDate}
		if days.Contains(export.Winter.From) || days.Contains(export.Summer.From) {
			periods[i].Status = "open"
		}
	}
	return periods
}

func (b *builder) demoOrganisation(name string) {
	brug := Venue{ID: b.eitjeID("venue", 1), Name: "Grand Café De Brug"}
	haven := Venue{ID: b.eitjeID("venue", 2), Name: "Brasserie De Haven"}
	office := Venue{ID: b.eitjeID("venue", 3), Name: "Kantoor"}
	b.scenario.Organisation = Organisation{
		ID: b.eitjeID("organisation", 0), Name: name, Venues: []Venue{brug, haven, office},
	}
	b.toEitje = map[string]string{VenueBrug: brug.ID, VenueHaven: haven.ID}
	b.scenario.Decisions = []Decision{
		{ConnexieVenueID: VenueBrug, EitjeVenueID: brug.ID, EqualName: true},
		{ConnexieVenueID: VenueHaven, EitjeVenueID: haven.ID, EqualName: true},
		{ConnexieVenueID: VenueStrand},
		{EitjeVenueID: office.ID},
	}
}

func wageCodes() []sandbox.WageCode {
	return []sandbox.WageCode{
		{Code: "1000", Description: "Gewerkte uren", Kind: "hours", Unit: "hours"},
		{Code: "1010", Description: "Gewerkte uren feestdag", Kind: "hours", Unit: "hours"},
		{Code: "2000", Description: "Maaltijd", Kind: "meal", Unit: "pieces"},
		{Code: "2010", Description: "Maaltijd avond", Kind: "meal", Unit: "pieces"},
		{Code: "3000", Description: "Reiskosten", Kind: "allowance", Unit: "km"},
		{Code: "3010", Description: "Fooi", Kind: "allowance", Unit: "eur"},
		{Code: "3020", Description: "Kledingvergoeding", Kind: "allowance", Unit: "pieces"},
	}
}

// months are a venue's calendar months from three before today's to the next;
// payroll has run for those before last month.
func months(today sandbox.Date, venues ...string) []sandbox.PayrollPeriod {
	first := today[:8] + "01"
	var periods []sandbox.PayrollPeriod
	for _, venue := range venues {
		for offset := -3; offset <= 1; offset++ {
			start := first.AddMonths(offset)
			status := "open"
			if offset < -1 {
				status = "run"
			}
			periods = append(periods, sandbox.PayrollPeriod{
				ID: fmt.Sprintf("per_%s_%s%s", venue[4:], start[:4], start[5:7]), VenueID: venue,
				StartDate: start, EndDate: start.AddMonths(1).AddDays(-1), Status: status,
			})
		}
	}
	return periods
}
