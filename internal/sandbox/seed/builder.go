package seed

import "github.com/eitje/connexie-worker/internal/sandbox"

// builder puts a scenario together person by person.
type builder struct {
	generator
	scenario Scenario
	number   int
	toEitje  map[string]string // Connexie venue to Eitje venue
	// turnedFixed is the one whose flex contract became one of fixed hours.
	turnedFixed worker
}

type edit func(*sandbox.Employee)

// person adds someone to Connexie.
func (b *builder) person(edits ...edit) *sandbox.Employee {
	b.number++
	employee := b.employee(b.number)
	for _, change := range edits {
		change(&employee)
	}
	b.scenario.Account.Employees = append(b.scenario.Account.Employees, employee)
	return &employee
}

// team adds the person's profile to Eitje, unlinked unless an edit links it.
func (b *builder) team(employee *sandbox.Employee, edits ...func(*Profile)) Profile {
	profile := b.profile(b.number, employee, b.toEitje)
	// Several profiles of one person need ids of their own.
	profile.ID = b.eitjeID("profile", len(b.scenario.Organisation.Profiles))
	for _, change := range edits {
		change(&profile)
	}
	b.scenario.Organisation.Profiles = append(b.scenario.Organisation.Profiles, profile)
	return profile
}

// linkedTo is an edit of a profile: it is the person's already.
func (b *builder) linkedTo(employee *sandbox.Employee) func(*Profile) {
	number := len(b.scenario.Organisation.Profiles)
	return func(profile *Profile) { b.link(profile, number, employee, b.toEitje) }
}

func (b *builder) expect(employee *sandbox.Employee, situation, reason, profileID string) {
	b.scenario.Expected[employee.ID] = Expectation{Situation: situation, Reason: reason, ProfileID: profileID}
}

func (b *builder) label(rule, name string, employees ...*sandbox.Employee) *Case {
	labelled := Case{Rule: rule, Name: name}
	for _, employee := range employees {
		labelled.EmployeeIDs = append(labelled.EmployeeIDs, employee.ID)
	}
	b.scenario.Cases = append(b.scenario.Cases, labelled)
	return &b.scenario.Cases[len(b.scenario.Cases)-1]
}

// matched adds someone who has a profile, edited in Connexie only, and works at the
// first venue unless said otherwise.
func (b *builder) matched(rule, name string, edits ...edit) worker {
	employee := b.person(edits...)
	profile := b.team(employee)
	b.expect(employee, Matched, "", profile.ID)
	b.label(rule, name, employee).ProfileIDs = []string{profile.ID}
	return worker{employee: employee, profileID: profile.ID, venue: VenueBrug}
}

// created adds someone who has none.
func (b *builder) created(rule, name string, edits ...edit) *sandbox.Employee {
	employee := b.person(edits...)
	b.expect(employee, New, "", "")
	b.label(rule, name, employee)
	return employee
}

// skipped adds someone who is not imported, though a profile would match.
func (b *builder) skipped(rule, name, reason string, edits ...edit) {
	employee := b.person(edits...)
	b.expect(employee, Skipped, reason, "")
	b.label(rule, name, employee)
}

// Edits of people.

func email(address string) edit {
	return func(e *sandbox.Employee) { e.Email = sandbox.Some(address) }
}

func emailOf(employee *sandbox.Employee) string {
	address, _ := employee.Email.Get()
	return address
}

// runs sets the first contract's days; end "" is open.
func runs(start, end sandbox.Date) edit {
	return func(e *sandbox.Employee) {
		e.Contracts[0].StartDate = start
		e.Contracts[0].EndDate = orNull(end)
		e.Employment.StartDate = min(e.Employment.StartDate, start)
	}
}

// another adds a contract like the first, with days of its own.
func another(start, end sandbox.Date) edit {
	return func(e *sandbox.Employee) {
		contract := e.Contracts[0]
		contract.ID += "b"
		contract.StartDate, contract.EndDate = start, orNull(end)
		e.Contracts = append(e.Contracts, contract)
	}
}

func employed(start, end sandbox.Date) edit {
	return func(e *sandbox.Employee) {
		e.Employment.StartDate, e.Employment.EndDate = start, orNull(end)
	}
}

func at(venue string, additional ...string) edit {
	return func(e *sandbox.Employee) {
		for i := range e.Contracts {
			e.Contracts[i].VenueID, e.Contracts[i].AdditionalVenueIDs = venue, additional
		}
	}
}

func contractType(kind, hours string) edit {
	return func(e *sandbox.Employee) {
		e.Contracts[0].Type = kind
		e.Contracts[0].HoursPerWeek = sandbox.Null[string]()
		if hours != "" {
			e.Contracts[0].HoursPerWeek = sandbox.Some(hours)
		}
	}
}

func orNull(date sandbox.Date) sandbox.Optional[sandbox.Date] {
	if date == "" {
		return sandbox.Null[sandbox.Date]()
	}
	return sandbox.Some(date)
}
