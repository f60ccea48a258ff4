package domain

import (
	"time"

	"github.com/govalues/decimal"
)

// Profile is a team member in Eitje with the contracts and venues that the
// synchronisation may write. Text that is not known is empty.
type Profile struct {
	ID          string
	Email       string
	FirstName   string
	Infix       string
	LastName    string
	DateOfBirth Date
	Phone       string
	Street      string
	HouseNumber string
	PostalCode  string
	City        string
	Country     string
	Active      bool
	// DeactivatedAt and DeactivatedBy tell who made the profile inactive; the
	// latter is an id of a person or program, never a name.
	DeactivatedAt time.Time
	DeactivatedBy string
	// Venues are ids of Eitje venues.
	Venues    []string
	Contracts []HeldContract
}

// HeldContract is a contract as Eitje holds it.
type HeldContract struct {
	ID string
	// ConnexieID is empty for a contract that was entered by hand in Eitje.
	ConnexieID   string
	Type         ContractType
	Start        Date
	End          Date
	HoursPerWeek decimal.NullDecimal
	HourlyWage   decimal.NullDecimal
	JobTitle     string
	// VenueID is an Eitje venue, or empty where the Connexie venue is not
	// connected.
	VenueID string
	// LastExported is the last day for which a line that Connexie holds names the
	// contract; zero where none does. It is asked only of a contract that is gone
	// from Connexie's list.
	LastExported Date
}
