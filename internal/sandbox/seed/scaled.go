package seed

import (
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/eitje/connexie-worker/internal/sandbox"
)

// Crowd is an organisation of any size. Its people are made one by one, each
// from its number alone, so that it costs no memory and may be read repeatedly.
type Crowd struct {
	Account      sandbox.Account // without its people
	Organisation Organisation    // without its profiles
	Decisions    []Decision
	generator    generator
	size         int
	toEitje      map[string]string
	shifts       Period // zero without
}

// Scaled is a crowd of n people: of every 20, 13 match a profile, 4 are new, one
// is a rehire, one works at two venues and one is skipped; of every 200 two
// share an e-mail address.
func Scaled(n int, seed uint64, today sandbox.Date) Crowd {
	return crowd(fmt.Sprintf("Schaal %d", n), n, seed, today)
}

// Small is a scenario of n people for one more organisation; its account and
// token carry the name: acc_lunchroom-noord, sandbox-token-lunchroom-noord.
func Small(name string, n int, seed uint64, today sandbox.Date) Scenario {
	return crowd(name, n, seed, today).Scenario()
}

func crowd(name string, n int, seed uint64, today sandbox.Date) Crowd {
	made := generator{
		seed: seed, scope: name, today: today, width: max(4, len(fmt.Sprint(n))),
		venues: []string{"ven_1", "ven_2"},
	}
	one := Venue{ID: made.eitjeID("venue", 1), Name: name + " Oost"}
	two := Venue{ID: made.eitjeID("venue", 2), Name: name + " West"}
	return Crowd{
		Account: sandbox.Account{
			ID: "acc_" + slug(name), Name: name, Token: "sandbox-token-" + slug(name),
			Permissions:    []sandbox.Permission{sandbox.EmployeesRead, sandbox.ImportsWrite},
			Venues:         []sandbox.Venue{{ID: "ven_1", Name: one.Name, Active: true}, {ID: "ven_2", Name: two.Name, Active: true}},
			WageCodes:      wageCodes(),
			PayrollPeriods: months(today, "ven_1", "ven_2"),
		},
		Organisation: Organisation{ID: made.eitjeID("organisation", 0), Name: name, Venues: []Venue{one, two}},
		Decisions: []Decision{
			{ConnexieVenueID: "ven_1", EitjeVenueID: one.ID, EqualName: true},
			{ConnexieVenueID: "ven_2", EitjeVenueID: two.ID, EqualName: true},
		},
		generator: made, size: n,
		toEitje: map[string]string{"ven_1": one.ID, "ven_2": two.ID},
	}
}

// Employees are the people in Connexie, in order of id.
func (c Crowd) Employees() iter.Seq[sandbox.Employee] {
	return func(yield func(sandbox.Employee) bool) {
		for number := 1; number <= c.size; number++ {
			if !yield(c.employee(number)) {
				return
			}
		}
	}
}

// Profiles are the team members in Eitje, in order of id.
func (c Crowd) Profiles() iter.Seq[Profile] {
	return func(yield func(Profile) bool) {
		for number := 1; number <= c.size; number++ {
			if profile, exists := c.profile(number); exists && !yield(profile) {
				return
			}
		}
	}
}

// Expected is what a first synchronisation makes of each person, by Connexie id
// and in that order.
func (c Crowd) Expected() iter.Seq2[string, Expectation] {
	return func(yield func(string, Expectation) bool) {
		for number := 1; number <= c.size; number++ {
			if !yield(c.generator.employeeID(number), c.expected(number)) {
				return
			}
		}
	}
}

// WithShifts is the crowd with one approved shift for every day of a period and
// every profile, under the codes that Demo chooses.
func (c Crowd) WithShifts(days Period) Crowd {
	c.shifts = days
	return c
}

// Entries are the shifts in Eitje, person by person and day by day.
func (c Crowd) Entries() iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		for number := 1; number <= c.size && c.shifts.From != ""; number++ {
			if profile, exists := c.profile(number); exists && !c.yieldShifts(number, profile, yield) {
				return
			}
		}
	}
}

// yieldShifts reports whether more is wanted.
func (c Crowd) yieldShifts(number int, profile Profile, yield func(Entry) bool) bool {
	random := rand.New(rand.NewPCG(c.generator.seed^rosterSalt, uint64(number))) //nolint:gosec // repeatable, not secret
	kilometres := drawKilometres(random)
	for i, day := 0, c.shifts.From; day <= c.shifts.To; i, day = i+1, day.AddDays(1) {
		entry := Entry{
			ID: c.generator.eitjeID("entry", number*100+i), ProfileID: profile.ID, VenueID: profile.VenueIDs[0],
			Day: day, Kind: Worked, State: Approved,
		}
		for _, change := range drawShift(random, kilometres).edits {
			change(&entry)
		}
		if !yield(entry) {
			return false
		}
	}
	return true
}

// Scenario makes everyone at once.
func (c Crowd) Scenario() Scenario {
	scenario := Scenario{
		Account: c.Account, Organisation: c.Organisation, Decisions: c.Decisions,
		Expected: make(map[string]Expectation, c.size),
	}
	for employee := range c.Employees() {
		scenario.Account.Employees = append(scenario.Account.Employees, employee)
	}
	for profile := range c.Profiles() {
		scenario.Organisation.Profiles = append(scenario.Organisation.Profiles, profile)
	}
	scenario.Organisation.Entries = slices.Collect(c.Entries())
	if len(scenario.Organisation.Entries) > 0 {
		scenario.Export.Codes = chosenCodes()
	}
	maps.Insert(scenario.Expected, c.Expected())
	return scenario
}

func slug(name string) string {
	hyphen := func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r == ' ':
			return '-'
		default:
			return -1
		}
	}
	return strings.Map(hyphen, strings.ToLower(name))
}
