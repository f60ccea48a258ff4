package endtoend

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/sandbox/seed"
)

// dice is all chance of a seed. Everything is drawn before anything is done, so that
// the same seed is the same script, whatever the machine does meanwhile.
type dice struct {
	*rand.Rand
	today sandbox.Date
	// words numbers what must be found nowhere, so that no two are the same.
	words int
}

func roll(number uint64, today sandbox.Date) *dice {
	return &dice{Rand: rand.New(rand.NewPCG(number, 3)), today: today}
}

// one reports true once in so many times.
func (d *dice) one(in int) bool { return d.IntN(in) == 0 }

func choose[T any](d *dice, choices ...T) T { return choices[d.IntN(len(choices))] }

// word is a name that stands in no dictionary, log line or identifier: where it is
// found, somebody was told of.
func (d *dice) word() string {
	d.words++
	letters := []byte{'Z', 'q'}
	for range 5 {
		letters = append(letters, byte('a'+d.IntN(26)))
	}
	for rest := d.words; rest > 0; rest /= 26 {
		letters = append(letters, byte('a'+rest%26))
	}
	return string(letters)
}

func (d *dice) email() string {
	return strings.ToLower(d.word()) + "@" + choose(d, "example.com", "example.org")
}

// wage has four decimals, which nothing else has.
func (d *dice) wage() string {
	return fmt.Sprintf("%d.%03d%d", 13+d.IntN(9), d.IntN(1000), 1+d.IntN(9))
}

func (d *dice) phone() string { return fmt.Sprintf("+316%08d", d.IntN(1e8)) }

func (d *dice) born() sandbox.Date { return d.today.AddDays(-365*17 - d.IntN(365*40)) }

func (d *dice) address() sandbox.Address {
	return sandbox.Address{
		Street: d.word(), HouseNumber: fmt.Sprint(1 + d.IntN(200)), PostalCode: fmt.Sprintf("%d QZ", 1000+d.IntN(8999)),
		City: d.word(), Country: "NL",
	}
}

func (d *dice) id() string {
	var id uuid.UUID
	for i := range id {
		id[i] = byte(d.IntN(256))
	}
	id[6], id[8] = id[6]&0x0f|0x70, id[8]&0x3f|0x80
	return id.String()
}

// The venues of a random organisation. The first two have equal names on both
// sides; the third of Connexie is undecided until somebody decides, as is Eitje's
// third; the fourth is inactive in Connexie itself; the fifth is in no list.
const (
	venueEast     = "ven_east"
	venueWest     = "ven_west"
	venueNorth    = "ven_north"
	venueClosed   = "ven_closed"
	venueUnlisted = "ven_unlisted"
)

func (d *dice) workplace() string {
	return choose(d, venueEast, venueEast, venueEast, venueWest, venueWest, venueNorth, venueClosed, venueUnlisted)
}

// organisation draws an organisation of 10 to 40 people: who they are in Connexie
// and what Eitje has of them already.
func (d *dice) organisation(number uint64) seed.Scenario {
	name := fmt.Sprintf("Toeval %d", number)
	venues := []seed.Venue{{ID: d.id(), Name: name + " Oost"}, {ID: d.id(), Name: name + " West"}, {ID: d.id(), Name: name + " Terras"}}
	drawn := seed.Scenario{
		Account: sandbox.Account{
			ID: fmt.Sprintf("acc_random-%d", number), Name: name, Token: fmt.Sprintf("random-token-%d-%s", number, d.word()),
			Permissions: []sandbox.Permission{sandbox.EmployeesRead, sandbox.ImportsWrite},
			Venues: []sandbox.Venue{
				{ID: venueEast, Name: venues[0].Name, Active: true}, {ID: venueWest, Name: venues[1].Name, Active: true},
				{ID: venueNorth, Name: name + " Noord", Active: true}, {ID: venueClosed, Name: name + " Zuid"},
			},
			WageCodes: hourCodes,
		},
		Organisation: seed.Organisation{ID: d.id(), Name: name, Venues: venues},
	}
	for range 10 + d.IntN(31) {
		person := d.person(drawn.Account.Employees)
		drawn.Account.Employees = append(drawn.Account.Employees, person)
		drawn.Organisation.Profiles = append(drawn.Organisation.Profiles, d.profiles(person, venues)...)
	}
	for range d.IntN(4) {
		stranger := d.plainPerson("emp_stranger")
		drawn.Organisation.Profiles = append(drawn.Organisation.Profiles, d.profile(stranger, venues))
	}
	drawn.Organisation.Entries = d.hours(drawn.Organisation.Profiles, venues)
	return drawn
}

// person draws the next person in Connexie. Four in ten are awkward in some way.
func (d *dice) person(others []sandbox.Employee) sandbox.Employee {
	person := d.plainPerson(fmt.Sprintf("emp_%03d", len(others)+1))
	if d.IntN(10) < 4 {
		d.twist(&person, others)
	}
	return person
}

func (d *dice) plainPerson(id string) sandbox.Employee {
	hired := d.today.AddDays(-30 - d.IntN(1500))
	return sandbox.Employee{
		ID: id, FirstName: d.word(), LastName: d.word(), Email: sandbox.Some(d.email()),
		DateOfBirth: sandbox.Some(d.born()), Phone: sandbox.Some(d.phone()), Address: sandbox.Some(d.address()),
		BSN: sandbox.Some(fmt.Sprintf("9%08d", d.IntN(1e8))), IBAN: sandbox.Some(fmt.Sprintf("NL00TEST%010d", d.IntN(1e10))),
		Employment: sandbox.Employment{StartDate: hired, EndDate: sandbox.Null[sandbox.Date]()},
		Contracts:  []sandbox.Contract{d.contract(id, hired)},
	}
}

func (d *dice) contract(person string, from sandbox.Date) sandbox.Contract {
	d.words++
	contract := sandbox.Contract{
		ID: fmt.Sprintf("con_%s_%d", person, d.words), Type: choose(d, sandbox.Flex, sandbox.FixedHours, sandbox.SelfEmployed, sandbox.Payroll),
		StartDate: from, EndDate: sandbox.Null[sandbox.Date](), HourlyWage: sandbox.Some(d.wage()),
		JobTitle: sandbox.Some(d.word()), VenueID: choose(d, venueEast, venueWest),
	}
	if d.one(3) {
		contract.EndDate = sandbox.Some(d.today.AddDays(20 + d.IntN(400)))
	}
	if d.one(3) {
		contract.HoursPerWeek = sandbox.Some(choose(d, "8", "16.5", "38.00"))
	}
	return contract
}

// twist makes a person awkward.
func (d *dice) twist(person *sandbox.Employee, others []sandbox.Employee) {
	edits := personEdits(d, person.ID, others)
	edits[d.IntN(len(edits))].edit(person)
}

// profiles are the team members that Eitje has of a person: mostly one with the same
// e-mail address, sometimes none, two, an inactive one, or one linked by a connection
// that was removed.
func (d *dice) profiles(person sandbox.Employee, venues []seed.Venue) []seed.Profile {
	if strings.TrimSpace(text(person.Email)) == "" && d.one(2) {
		return nil
	}
	switch kind := d.IntN(20); {
	case kind < 6:
		return nil
	case kind < 7:
		return []seed.Profile{d.profile(person, venues), d.profile(person, venues)}
	case kind < 10:
		profile := d.profile(person, venues)
		profile.ConnexieID = person.ID
		return []seed.Profile{profile}
	default:
		return []seed.Profile{d.profile(person, venues)}
	}
}

func (d *dice) profile(person sandbox.Employee, venues []seed.Venue) seed.Profile {
	profile := seed.Profile{
		ID: d.id(), Email: text(person.Email), FirstName: person.FirstName, LastName: person.LastName,
		DateOfBirth: text(person.DateOfBirth), Phone: text(person.Phone), Active: true,
		VenueIDs: []string{choose(d, venues...).ID},
	}
	if d.one(3) {
		profile.FirstName, profile.Phone = d.word(), ""
	}
	if d.one(4) {
		profile.Email = " " + strings.ToUpper(profile.Email)
	}
	if d.one(6) {
		profile.Active = false
		profile.DeactivatedAt = d.today.AddDays(-1 - d.IntN(90)).Start().Add(9 * time.Hour).UTC()
		profile.DeactivatedBy = "user_manager_7"
	}
	return profile
}

// personEdit is something that somebody does to a person in Connexie.
type personEdit struct {
	name string
	edit func(*sandbox.Employee)
}

// personEdits draws one of every kind of edit of one person.
func personEdits(d *dice, id string, others []sandbox.Employee) []personEdit {
	day := d.today.AddDays
	wage, first, last, phone, address, born := d.wage(), d.word(), d.word(), d.phone(), d.address(), d.born()
	fresh, workplace, second := d.email(), d.workplace(), d.contract(id, day(-d.IntN(60)))
	past, future, shared := day(-1-d.IntN(40)), day(1+d.IntN(40)), fresh
	if len(others) > 0 {
		shared = strings.ToUpper(text(choose(d, others...).Email))
	}
	contracts := func(edit func(*sandbox.Contract)) func(*sandbox.Employee) {
		return func(e *sandbox.Employee) {
			for i := range e.Contracts {
				edit(&e.Contracts[i])
			}
		}
	}
	return []personEdit{
		{"another wage", contracts(func(c *sandbox.Contract) { c.HourlyWage = sandbox.Some(wage) })},
		{"no wage", contracts(func(c *sandbox.Contract) { c.HourlyWage = sandbox.Null[string]() })},
		{"another name", func(e *sandbox.Employee) { e.FirstName, e.LastName = first, last }},
		{"another phone", func(e *sandbox.Employee) { e.Phone = sandbox.Some(phone) }},
		{"phone null", func(e *sandbox.Employee) { e.Phone = sandbox.Null[string]() }},
		{"phone absent", func(e *sandbox.Employee) { e.Phone = sandbox.Absent[string]() }},
		{"moved house", func(e *sandbox.Employee) { e.Address = sandbox.Some(address) }},
		{"address null", func(e *sandbox.Employee) { e.Address = sandbox.Null[sandbox.Address]() }},
		{"birth date mended", func(e *sandbox.Employee) { e.DateOfBirth = sandbox.Some(born) }},
		{"another e-mail", func(e *sandbox.Employee) { e.Email = sandbox.Some(fresh) }},
		{"e-mail of somebody else", func(e *sandbox.Employee) { e.Email = sandbox.Some(shared) }},
		{"e-mail blank", func(e *sandbox.Employee) { e.Email = sandbox.Some(" \t") }},
		{"e-mail absent", func(e *sandbox.Employee) { e.Email = sandbox.Absent[string]() }},
		{"e-mail invalid", func(e *sandbox.Employee) { e.Email = sandbox.Some(first + "@localhost") }},
		{"contracts end in the past", contracts(func(c *sandbox.Contract) { c.EndDate = sandbox.Some(max(past, c.StartDate)) })},
		{"contracts end in the future", contracts(func(c *sandbox.Contract) { c.EndDate = sandbox.Some(max(future, c.StartDate)) })},
		{"contracts open", contracts(func(c *sandbox.Contract) { c.EndDate = sandbox.Null[sandbox.Date]() })},
		{"contract begins in the future", func(e *sandbox.Employee) {
			e.Contracts = e.Contracts[:min(1, len(e.Contracts))]
			contracts(func(c *sandbox.Contract) { c.StartDate, c.EndDate = future, sandbox.Null[sandbox.Date]() })(e)
		}},
		{"one more contract", func(e *sandbox.Employee) { e.Contracts = append(e.Contracts, second) }},
		{"no contracts", func(e *sandbox.Employee) { e.Contracts = nil }},
		{"employment ended", func(e *sandbox.Employee) { e.Employment.EndDate = sandbox.Some(past) }},
		{"employment ends", func(e *sandbox.Employee) { e.Employment.EndDate = sandbox.Some(future) }},
		{"employment open", func(e *sandbox.Employee) { e.Employment = sandbox.Employment{StartDate: e.Employment.StartDate} }},
		{"another venue", contracts(func(c *sandbox.Contract) { c.VenueID = workplace })},
		{"one more venue", contracts(func(c *sandbox.Contract) { c.AdditionalVenueIDs = []string{workplace} })},
	}
}
