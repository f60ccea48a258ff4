package seed

import "github.com/eitje/connexie-worker/internal/sandbox"

// role is what a person's number makes of them.
type role int

const (
	roleMatched role = iota
	roleNew
	roleRehire
	roleTwoVenues
	roleSkipped
	roleShared
)

func roleOf(number int) role {
	if within := number % 200; within == 98 || within == 99 {
		return roleShared
	}
	switch within := number % 20; {
	case within < 13:
		return roleMatched
	case within < 17:
		return roleNew
	case within == 17:
		return roleRehire
	case within == 18:
		return roleTwoVenues
	default:
		return roleSkipped
	}
}

// skipReasons come in turn, one per skipped person.
var skipReasons = []string{EmailBlank, ContractEnded, EmploymentEnded, EmailInvalid, ContractNotStarted, NoContract, ContractGap}

func skipReason(number int) string { return skipReasons[number/20%len(skipReasons)] }

func (c Crowd) employee(number int) sandbox.Employee {
	employee := c.generator.employee(number)
	switch roleOf(number) {
	case roleTwoVenues:
		at("ven_1", "ven_2")(&employee)
	case roleShared:
		first := c.generator.employee(number - number%2)
		employee.Email = first.Email
	case roleSkipped:
		c.skip(&employee, skipReason(number))
	}
	return employee
}

func (c Crowd) skip(employee *sandbox.Employee, reason string) {
	day := c.generator.today.AddDays
	switch reason {
	case EmailBlank:
		email("")(employee)
	case EmailInvalid:
		email("geen adres")(employee)
	case EmploymentEnded:
		runs(day(-300), day(-30))(employee)
		employed(day(-300), day(-30))(employee)
	case NoContract:
		employee.Contracts = nil
	case ContractNotStarted:
		runs(day(3), "")(employee)
	case ContractEnded:
		runs(day(-300), day(-30))(employee)
	case ContractGap:
		runs(day(-300), day(-30))(employee)
		another(day(30), "")(employee)
	}
}

func (c Crowd) profile(number int) (Profile, bool) {
	kind := roleOf(number)
	if kind != roleMatched && kind != roleRehire && kind != roleTwoVenues {
		return Profile{}, false
	}
	employee := c.employee(number)
	profile := c.generator.profile(number, &employee, c.toEitje)
	if kind == roleRehire {
		profile.Active = false
		profile.DeactivatedAt = c.generator.today.AddDays(-90).Start().Add(twoInTheAfternoon).UTC()
		profile.DeactivatedBy = c.generator.eitjeID("manager", 1)
	}
	return profile, true
}

func (c Crowd) expected(number int) Expectation {
	switch roleOf(number) {
	case roleNew:
		return Expectation{Situation: New}
	case roleSkipped:
		return Expectation{Situation: Skipped, Reason: skipReason(number)}
	case roleShared:
		if number%200 == 98 && number == c.size { // whoever shares it is not there
			return Expectation{Situation: New}
		}
		return Expectation{Situation: Disputed, Reason: SharedEmail}
	default:
		return Expectation{Situation: Matched, ProfileID: c.generator.eitjeID("profile", number)}
	}
}
