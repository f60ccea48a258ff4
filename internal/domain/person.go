package domain

import (
	"slices"
	"time"

	"github.com/govalues/decimal"
)

// Field is a member of a Connexie record that may be absent. Absent and null are
// told apart because an absent member never clears a value in Eitje and an
// explicit null does (S8). An empty string counts as null.
type Field[T comparable] struct {
	// Sent tells that the record carried the member, be it as null.
	Sent bool
	// Value is the zero value for a member that was absent or null.
	Value T
}

// Sent is a member that Connexie sent, as null where value is the zero value.
func Sent[T comparable](value T) Field[T] { return Field[T]{Sent: true, Value: value} }

// Person is someone in Connexie as Connexie said last. BSN and bank account have
// no place here (N2).
type Person struct {
	// ID never changes and is never reused.
	ID string
	// Email is as sent; empty where it was absent, null or empty.
	Email       string
	FirstName   string
	Infix       Field[string]
	LastName    string
	DateOfBirth Field[Date]
	Phone       Field[string]
	Street      Field[string]
	HouseNumber Field[string]
	PostalCode  Field[string]
	City        Field[string]
	// Country is ISO 3166-1 alpha-2.
	Country    Field[string]
	Employment Employment
	// Contracts is the whole history; the order means nothing.
	Contracts  []Contract
	ModifiedAt time.Time
}

// Employment is the whole time with the employer. A contract within it may end
// while the employment goes on (S13).
type Employment struct {
	Ended bool
	Start Date
	// End is the last day; it may lie in the future, and is zero where open.
	End Date
}

// ActiveOn reports whether the employment is active on the day: its status says
// so and its end date is open or not yet past.
func (e Employment) ActiveOn(day Date) bool {
	return !e.Ended && (e.End.IsZero() || !e.End.Before(day))
}

// ContractType is one of the four types of the Connexie contract.
type ContractType string

// The contract types. Flex is the zero-hours contract.
const (
	Flex         ContractType = "flex"
	FixedHours   ContractType = "fixed_hours"
	SelfEmployed ContractType = "self_employed"
	Payroll      ContractType = "payroll"
)

// Valid reports whether the type is one that the contract knows.
func (t ContractType) Valid() bool {
	switch t {
	case Flex, FixedHours, SelfEmployed, Payroll:
		return true
	}
	return false
}

// Contract is one contract of a person in Connexie. An absent optional member
// counts as null here: contract data is replaced as a whole (S8).
type Contract struct {
	ID    string
	Type  ContractType
	Start Date
	// End is the last day, included; zero where open.
	End Date
	// HoursPerWeek is in hours with at most four decimals.
	HoursPerWeek decimal.NullDecimal
	// HourlyWage is in euros with at most four decimals.
	HourlyWage decimal.NullDecimal
	JobTitle   string
	// VenueID and AdditionalVenueIDs are Connexie venues.
	VenueID            string
	AdditionalVenueIDs []string
}

// ActiveOn reports whether the contract covers the day, its end day included.
func (c Contract) ActiveOn(day Date) bool {
	return !day.Before(c.Start) && (c.End.IsZero() || !c.End.Before(day))
}

// Venues lists the main venue first, then the additional ones, each once.
func (c Contract) Venues() []string {
	venues := []string{c.VenueID}
	for _, id := range c.AdditionalVenueIDs {
		if !slices.Contains(venues, id) {
			venues = append(venues, id)
		}
	}
	return venues
}
