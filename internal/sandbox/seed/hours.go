package seed

import (
	"time"

	"github.com/eitje/connexie-worker/internal/sandbox"
)

// Kinds and states of an entry.
const (
	Worked = "worked"
	Leave  = "leave"
	Sick   = "sick"

	Open     = "open"
	Approved = "approved"
	Deleted  = "deleted"
)

// Kinds of a line, of which the last two are those of an extra.
const (
	Hours     = "hours"
	Meal      = "meal"
	Allowance = "allowance"
)

// Types of extras, as this organisation calls them.
const (
	Lunch    = "lunch"
	Dinner   = "dinner"
	Travel   = "travel"
	Tips     = "tips"
	Clothing = "clothing" // nobody chose a wage code for it
)

// Reasons for which an entry, or one line of it, is left out of an export. Those of
// X2 are NoContract, ContractNotStarted, ContractEnded, ContractGap and NotLinked.
const (
	IsDeleted             = "deleted"
	NotApproved           = "not_approved"
	IsLeave               = "leave"
	IsSick                = "sick"
	DayDiffers            = "day_differs"
	NotLinked             = "not_linked"
	VenueNotUsed          = "venue_not_used"
	ContractVenueInactive = "contract_venue_inactive"
	NoEnd                 = "no_end"
	NegativeLength        = "negative_length"
	ZeroLength            = "zero_length"
	ByContractType        = "contract_type"
	NotACount             = "not_a_count"
	Unmapped              = "unmapped"
)

// Entry is one time registration in Eitje.
type Entry struct {
	ID        string
	ProfileID string
	VenueID   string
	Day       sandbox.Date
	// StartsAt and EndsAt are zero where they are not known.
	StartsAt     time.Time
	EndsAt       time.Time
	BreakMinutes int
	Minutes      *int // as approved, net of breaks; nil where nobody filled it in
	Kind         string
	State        string
	Extras       []Extra
}

// Extra is a meal or an allowance on an entry. Quantity is a decimal without zeros
// at its end.
type Extra struct {
	Kind     string
	Type     string
	Quantity string
}

// Period is a run of days, both ends included.
type Period struct {
	From sandbox.Date
	To   sandbox.Date
}

// Contains tells whether a day lies in the period.
func (p Period) Contains(day sandbox.Date) bool { return p.From <= day && day <= p.To }

// Export is what the organisation exports once its people are linked.
type Export struct {
	// Codes are chosen before the first export; Clothing has none.
	Codes []Code
	// LastMonth holds every case but those of the clock; ThisMonth goes on until
	// yesterday. Payroll has run for neither.
	LastMonth Period
	ThisMonth Period
	// Winter and Summer are the days on which the nights of the last clock changes
	// began: the one of 25 hours in October, and the one of 23 in March.
	Winter Period
	Summer Period
	// Expected holds, by entry, what an export of all kinds makes of it under Codes.
	Expected map[string]ExpectedEntry
}

// Code is a wage code that was chosen for a kind, and a type of extras.
type Code struct {
	Kind string
	Type string // "" for hours
	Code string
}

// ExpectedEntry is what an export makes of one entry: what is sent, and what of it
// is left out. EmployeeID, ContractID and VenueID are Connexie's, "" where nothing
// is sent.
type ExpectedEntry struct {
	EmployeeID string
	ContractID string
	VenueID    string
	Lines      []ExpectedLine
	Skips      []ExpectedSkip
}

// ExpectedLine is sent. Hours have Minutes; their Quantity is "" where it depends on
// what else the period holds of the person (X5).
type ExpectedLine struct {
	Kind     string
	Type     string
	Code     string
	Minutes  int
	Quantity string
}

// ExpectedSkip is left out, by a rule and for a reason.
type ExpectedSkip struct {
	Kind   string
	Type   string
	Rule   string
	Reason string
}
