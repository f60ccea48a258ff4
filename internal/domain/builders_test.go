package domain_test

import (
	"github.com/govalues/decimal"

	"github.com/eitje/connexie-worker/internal/domain"
)

// today is the day of every run in these tests that names no other.
const today = "2026-11-22"

// The venues of every test that decides nothing else: main and second are
// connected, closed is Inactive, undecided waits for a decision.
const (
	mainVenue, secondVenue, closedVenue, undecidedVenue = "V1", "V2", "V3", "V4"
	ourMain, ourSecond                                  = "E1", "E2"
)

// option changes the facts of a test.
type option func(*domain.Facts)

// newcomer is somebody whom nothing keeps from being imported: not linked, no
// profile with the e-mail address.
func newcomer(options ...option) domain.Facts {
	facts := domain.Facts{
		Day: date(today),
		Person: domain.Person{
			ID: "p1", Email: "jan@example.nl", FirstName: "Jan", LastName: "Jansen",
			Infix: domain.Sent(""), DateOfBirth: domain.Sent(date("1999-04-01")), Phone: domain.Sent("0612345678"),
			Street: domain.Sent("Dam"), HouseNumber: domain.Sent("1"), PostalCode: domain.Sent("1012 JS"),
			City: domain.Sent("Amsterdam"), Country: domain.Sent("NL"),
			Employment: domain.Employment{Start: date("2020-01-01")},
			Contracts:  []domain.Contract{contract("c1", "2026-01-01", "")},
		},
		Venues: usualVenues(),
	}
	for _, change := range options {
		change(&facts)
	}
	return facts
}

// teamMember is somebody who is linked, with a profile that equals what Connexie
// says: a sync has nothing to do.
func teamMember(options ...option) domain.Facts {
	facts := newcomer()
	facts.Profile = new(profile("t1"))
	facts.Standing = domain.Standing{Situation: domain.Linked, Rule: "S5"}
	for _, change := range options {
		change(&facts)
	}
	return facts
}

// profile is a team member who equals the person of newcomer.
func profile(id string, changes ...func(*domain.Profile)) domain.Profile {
	made := domain.Profile{
		ID: id, Email: "jan@example.nl", FirstName: "Jan", LastName: "Jansen",
		DateOfBirth: date("1999-04-01"), Phone: "0612345678", Street: "Dam", HouseNumber: "1",
		PostalCode: "1012 JS", City: "Amsterdam", Country: "NL", Active: true,
		Venues:    []string{ourMain},
		Contracts: []domain.HeldContract{holding("h1", contract("c1", "2026-01-01", ""))},
	}
	for _, change := range changes {
		change(&made)
	}
	return made
}

func inactive(by string) func(*domain.Profile) {
	return func(p *domain.Profile) { p.Active, p.DeactivatedBy = false, by }
}

// contract is a flex contract at the main venue.
func contract(id, start, end string, changes ...func(*domain.Contract)) domain.Contract {
	made := domain.Contract{
		ID: id, Type: domain.Flex, Start: date(start), End: date(end), VenueID: mainVenue,
		HourlyWage: amount("15.50"),
	}
	for _, change := range changes {
		change(&made)
	}
	return made
}

func at(main string, additional ...string) func(*domain.Contract) {
	return func(c *domain.Contract) { c.VenueID, c.AdditionalVenueIDs = main, additional }
}

// holding is a contract in Eitje that equals one of Connexie at the main venue.
func holding(id string, c domain.Contract) domain.HeldContract {
	return domain.HeldContract{
		ID: id, ConnexieID: c.ID, Type: c.Type, Start: c.Start, End: c.End,
		HoursPerWeek: c.HoursPerWeek, HourlyWage: c.HourlyWage, JobTitle: c.JobTitle, VenueID: ourMain,
	}
}

// byHand is a contract that was entered in Eitje.
func byHand(id, start string) domain.HeldContract {
	return domain.HeldContract{ID: id, Type: domain.FixedHours, Start: date(start)}
}

func email(address string) option {
	return func(f *domain.Facts) { f.Person.Email = address }
}

func contracts(list ...domain.Contract) option {
	return func(f *domain.Facts) { f.Person.Contracts = list }
}

func employmentEnded(f *domain.Facts) { f.Person.Employment.Ended = true }

func candidates(list ...domain.Profile) option {
	return func(f *domain.Facts) { f.Candidates = list }
}

func holds(list ...domain.HeldContract) option {
	return func(f *domain.Facts) { f.Profile.Contracts = list }
}

func member(change func(*domain.Profile)) option {
	return func(f *domain.Facts) { change(f.Profile) }
}

func open(causes ...domain.Cause) option {
	return func(f *domain.Facts) { f.OpenCauses = causes }
}

func venues(connections []domain.VenueConnection, list ...domain.ConnexieVenue) option {
	return func(f *domain.Facts) { f.Venues = domain.NewVenueMap(connections, list) }
}

func usualVenues() domain.VenueMap {
	return domain.NewVenueMap(
		[]domain.VenueConnection{
			{EitjeID: ourMain, ConnexieID: mainVenue}, {EitjeID: ourSecond, ConnexieID: secondVenue},
		},
		[]domain.ConnexieVenue{
			{ID: mainVenue}, {ID: secondVenue}, {ID: closedVenue, Inactive: true}, {ID: undecidedVenue},
		},
	)
}

// date reads a date of a test; the empty string is no date.
func date(text string) domain.Date {
	if text == "" {
		return domain.Date{}
	}
	parsed, err := domain.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return parsed
}

// amount reads a decimal of a test; the empty string is none.
func amount(text string) decimal.NullDecimal {
	if text == "" {
		return decimal.NullDecimal{}
	}
	return decimal.NullDecimal{Decimal: decimal.MustParse(text), Valid: true}
}
