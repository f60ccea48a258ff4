package seed

import (
	"maps"
	"time"

	"github.com/eitje/connexie-worker/internal/sandbox"
)

// Situations of a person in a synchronisation.
const (
	Linked   = "linked"
	Matched  = "matched"
	New      = "new"
	Disputed = "disputed"
	Skipped  = "skipped"
)

// Reasons for Skipped.
const (
	EmailBlank         = "email_blank"
	EmailInvalid       = "email_invalid"
	EmploymentEnded    = "employment_ended"
	NoContract         = "no_contract"
	ContractNotStarted = "contract_not_started"
	ContractEnded      = "contract_ended"
	ContractGap        = "contract_gap"
	VenueInactive      = "venue_inactive"
	VenueUndecided     = "venue_undecided"
)

// Reasons for Disputed.
const (
	SeveralCandidates    = "several_candidates"
	SharedEmail          = "shared_email"
	EmailOfLinkedProfile = "email_of_linked_profile"
)

// Scenario is one organisation on both sides.
type Scenario struct {
	Account      sandbox.Account
	Organisation Organisation
	Decisions    []Decision
	Cases        []Case
	// Expected holds, by Connexie id, what the first synchronisation makes of
	// each person once every Decision is taken and the profiles' links exist.
	Expected map[string]Expectation
	// Export is what is exported of the entries; empty where there are none.
	Export Export
}

// Decision connects two venues. Without an Eitje venue the Connexie venue is set
// to Inactive; without a Connexie venue the Eitje venue is set to not used.
type Decision struct {
	ConnexieVenueID string
	EitjeVenueID    string
	EqualName       bool // activation takes it by itself
}

// Case is an awkward case of the rule book and whom it concerns.
type Case struct {
	Rule        string // S3
	Name        string
	EmployeeIDs []string // Connexie
	ProfileIDs  []string // Eitje
	EntryIDs    []string // Eitje
}

// Expectation is what a synchronisation makes of one person. ProfileID is the
// profile that is linked or matched, "" for anyone else.
type Expectation struct {
	Situation string
	Reason    string
	ProfileID string
}

// BeforeDecisions is Expected right after activation, when only venues of equal
// name are connected: whoever will be at an Inactive venue is at an undecided
// one.
func (s Scenario) BeforeDecisions() map[string]Expectation {
	before := maps.Clone(s.Expected)
	for id, expectation := range before {
		if expectation.Reason == VenueInactive {
			expectation.Reason = VenueUndecided
			before[id] = expectation
		}
	}
	return before
}

// Organisation is Eitje's side.
type Organisation struct {
	ID       string
	Name     string
	Venues   []Venue
	Profiles []Profile
	Entries  []Entry
}

// Venue is a venue in Eitje.
type Venue struct {
	ID   string
	Name string
}

// Profile is a team member in Eitje; "" is unknown.
type Profile struct {
	ID          string
	Email       string
	FirstName   string
	Infix       string
	LastName    string
	DateOfBirth string
	Phone       string
	Street      string
	HouseNumber string
	PostalCode  string
	City        string
	Country     string

	Active        bool
	DeactivatedAt time.Time // zero where active
	DeactivatedBy string    // the id of someone in Eitje

	// ConnexieID is the link that an earlier connection left, "" for most.
	ConnexieID string
	VenueIDs   []string
	Contracts  []Contract // of linked profiles only
}

// Contract is a contract in Eitje.
type Contract struct {
	ID                 string
	ConnexieContractID string
	Type               string
	StartDate          string
	EndDate            string // "" is open
	HoursPerWeek       string
	HourlyWage         string
	JobTitle           string
	VenueID            string
}
