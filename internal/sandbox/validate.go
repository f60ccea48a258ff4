package sandbox

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
)

var (
	idForm      = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	decimalForm = regexp.MustCompile(`^-?[0-9]+(\.[0-9]{1,4})?$`)
)

// problems collects everything that is wrong, so that one answer names it all.
type problems []error

func (p *problems) require(ok bool, format string, arguments ...any) {
	if !ok {
		*p = append(*p, fmt.Errorf(format, arguments...))
	}
}

func (p *problems) id(member, id string) {
	p.require(idForm.MatchString(id), "%s: 1 to 64 of A-Z a-z 0-9 _ -", member)
}

func (p *problems) date(member string, date Date) {
	_, err := ParseDate(string(date))
	p.require(err == nil, "%s: not a day as yyyy-mm-dd", member)
}

func (p *problems) optionalDate(member string, date Optional[Date]) {
	if value, ok := date.Get(); ok {
		p.date(member, value)
	}
}

func (p *problems) decimal(member string, decimal Optional[string]) {
	if value, ok := decimal.Get(); ok {
		p.require(decimalForm.MatchString(value), "%s: not a decimal with at most 4 decimals", member)
	}
}

func (p *problems) oneOf(member, word string, words ...string) {
	p.require(slices.Contains(words, word), "%s: not one of %v", member, words)
}

func (p problems) err() error { return errors.Join(p...) }

// Validate names everything in which the person is not what the contract
// describes. Faults send such people; the store does not hold them.
func (e Employee) Validate() error {
	var wrong problems
	wrong.id("id", e.ID)
	wrong.optionalDate("date_of_birth", e.DateOfBirth)
	wrong.oneOf("employment.status", e.Employment.Status, EmploymentActive, EmploymentEnded)
	wrong.date("employment.start_date", e.Employment.StartDate)
	wrong.optionalDate("employment.end_date", e.Employment.EndDate)
	seen := make(map[string]bool, len(e.Contracts))
	for i, contract := range e.Contracts {
		contract.validate(fmt.Sprintf("contracts.%d", i), &wrong)
		wrong.require(!seen[contract.ID], "contracts.%d.id: twice", i)
		seen[contract.ID] = true
	}
	return wrong.err()
}

func (c Contract) validate(path string, wrong *problems) {
	wrong.id(path+".id", c.ID)
	wrong.oneOf(path+".type", c.Type, Flex, FixedHours, SelfEmployed, Payroll)
	wrong.date(path+".start_date", c.StartDate)
	wrong.optionalDate(path+".end_date", c.EndDate)
	wrong.decimal(path+".hours_per_week", c.HoursPerWeek)
	wrong.decimal(path+".hourly_wage", c.HourlyWage)
	wrong.id(path+".venue_id", c.VenueID)
	for _, id := range c.AdditionalVenueIDs {
		wrong.id(path+".additional_venue_ids", id)
	}
}

// Validate names everything in which the venue is not what the contract describes.
func (v Venue) Validate() error {
	var wrong problems
	wrong.id("id", v.ID)
	return wrong.err()
}

// Validate names everything in which the code is not what the contract describes.
func (c WageCode) Validate() error {
	var wrong problems
	wrong.require(c.Code != "" && len(c.Code) <= 16, "code: 1 to 16 characters")
	wrong.oneOf("kind", c.Kind, "hours", "meal", "allowance")
	wrong.oneOf("unit", c.Unit, "hours", "pieces", "eur", "km")
	return wrong.err()
}

// Validate names everything in which the period is not what the contract describes.
func (p PayrollPeriod) Validate() error {
	var wrong problems
	wrong.id("id", p.ID)
	wrong.id("venue_id", p.VenueID)
	wrong.date("start_date", p.StartDate)
	wrong.date("end_date", p.EndDate)
	wrong.require(p.StartDate <= p.EndDate, "end_date: before start_date")
	wrong.oneOf("status", p.Status, PayrollOpen, PayrollRunning, PayrollRan)
	return wrong.err()
}
