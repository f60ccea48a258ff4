package seed

import (
	"time"

	"github.com/eitje/connexie-worker/internal/sandbox"
)

const twoInTheAfternoon = 14 * time.Hour

// personalData is absent, null or empty on one side.
func (b *builder) personalData() {
	b.matchedWithout("S8", "absent members clear nothing", func(e *sandbox.Employee) {
		e.Phone, e.Address = sandbox.Absent[string](), sandbox.Absent[sandbox.Address]()
		e.DateOfBirth, e.Infix = sandbox.Absent[sandbox.Date](), sandbox.Absent[string]()
	})
	b.matchedWithout("S8", "null members clear", func(e *sandbox.Employee) {
		e.Phone, e.Address = sandbox.Null[string](), sandbox.Null[sandbox.Address]()
		e.DateOfBirth, e.Infix = sandbox.Null[sandbox.Date](), sandbox.Null[string]()
	})
	b.matchedWithout("S8", "an empty phone counts as null", func(e *sandbox.Employee) { e.Phone = sandbox.Some("") })
	b.created("S8", "hardly anything known", func(e *sandbox.Employee) {
		e.Phone, e.Address = sandbox.Absent[string](), sandbox.Null[sandbox.Address]()
		e.DateOfBirth, e.BSN, e.IBAN = sandbox.Null[sandbox.Date](), sandbox.Absent[string](), sandbox.Null[string]()
	})

	b.duplicate("same name and birth date", func(p *Profile) { p.Phone = "" })
	b.duplicate("same phone", func(p *Profile) { p.FirstName, p.DateOfBirth = "Bo", "" })
}

// matchedWithout adds someone whose profile knows more than Connexie sends.
func (b *builder) matchedWithout(rule, name string, forget edit) {
	employee := b.person()
	profile := b.team(employee)
	forget(&b.scenario.Account.Employees[len(b.scenario.Account.Employees)-1])
	b.expect(employee, Matched, "", profile.ID)
	b.label(rule, name, employee).ProfileIDs = []string{profile.ID}
}

// duplicate adds someone new who looks like an unlinked profile with another
// e-mail.
func (b *builder) duplicate(name string, differ func(*Profile)) {
	employee := b.created("S22", "likely duplicate: "+name)
	profile := b.team(employee, func(p *Profile) {
		p.FirstName = employee.FirstName
		p.Phone, _ = employee.Phone.Get()
		p.Email = "prive." + p.Email
	}, differ)
	b.scenario.Cases[len(b.scenario.Cases)-1].ProfileIDs = []string{profile.ID}
}

// linkedEarlier have a Connexie ID before the first synchronisation.
func (b *builder) linkedEarlier() {
	day := b.today.AddDays
	b.linked("S8", "linked; wage and name differ", nil, func(p *Profile) {
		p.Contracts[0].HourlyWage, p.LastName = "11.00", "Jansen"
	})
	b.linked("S8", "linked; e-mail differs", nil, func(p *Profile) { p.Email = "oud." + p.Email })
	b.linked("S9", "linked; nothing differs", nil, nil)
	b.linked("S11", "linked; deactivated in Eitje, active in Connexie", nil, b.deactivated(-3))
	b.linked("S12", "linked; employment ended only in Connexie",
		[]edit{runs(day(-500), day(-10)), employed(day(-500), day(-10))}, nil)
	b.linked("S13", "linked; contract ended, employment goes on", []edit{runs(day(-500), day(-10))}, nil)
	b.linked("S5", "linked; no e-mail in Connexie", []edit{email("")}, func(p *Profile) { p.Email = "eigen@example.com" })
	b.swapped()

	owner := b.linked("S5", "linked; the e-mail is now someone else's", nil, func(p *Profile) { p.Email = "oud@example.com" })
	heir := b.person(email("Oud@example.com"))
	b.expect(heir, Disputed, EmailOfLinkedProfile, "")
	b.label("S6", "e-mail of a profile that is linked to another", heir).ProfileIDs = []string{owner.ID}
}

// linked adds a linked pair. The profile equals the person but for the edits.
func (b *builder) linked(rule, name string, edits []edit, differ func(*Profile)) Profile {
	employee := b.person(edits...)
	profile := b.team(employee, b.same(employee), b.linkedTo(employee), func(p *Profile) {
		if differ != nil {
			differ(p)
		}
	})
	b.expect(employee, Linked, "", profile.ID)
	b.label(rule, name, employee).ProfileIDs = []string{profile.ID}
	return profile
}

// same takes out what profile lets differ.
func (b *builder) same(employee *sandbox.Employee) func(*Profile) {
	return func(p *Profile) {
		p.FirstName = employee.FirstName
		p.Phone, _ = employee.Phone.Get()
		home, _ := employee.Address.Get()
		p.Street, p.HouseNumber = home.Street, home.HouseNumber
	}
}

// swapped are two linked people who exchanged e-mail addresses.
func (b *builder) swapped() {
	one, two := b.person(), b.person()
	ofOne := b.team(one, b.same(one), b.linkedTo(one), func(p *Profile) { p.Email = emailOf(two) })
	ofTwo := b.team(two, b.same(two), b.linkedTo(two), func(p *Profile) { p.Email = emailOf(one) })
	b.expect(one, Linked, "", ofOne.ID)
	b.expect(two, Linked, "", ofTwo.ID)
	b.label("S5", "linked; e-mails swapped", one, two).ProfileIDs = []string{ofOne.ID, ofTwo.ID}
}

// eitjeOnly are profiles without a person in Connexie.
func (b *builder) eitjeOnly() {
	for range 3 {
		b.number++
		stranger := b.employee(b.number)
		profile := b.team(&stranger)
		b.label("S4", "in Eitje only").ProfileIDs = []string{profile.ID}
	}
	b.number++
	missing := b.employee(b.number)
	profile := b.team(&missing, b.same(&missing), b.linkedTo(&missing))
	b.label("S14", "linked, but missing from Connexie's answer").ProfileIDs = []string{profile.ID}
}
