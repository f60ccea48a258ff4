package domain

// ExportKind is a kind of work that an operator chooses to export (X7).
type ExportKind string

// The kinds of an export.
const (
	ExportHours      ExportKind = "hours"
	ExportMeals      ExportKind = "meals"
	ExportAllowances ExportKind = "allowances"
)

// ExportKinds are all kinds, in the order in which they are shown.
func ExportKinds() []ExportKind { return []ExportKind{ExportHours, ExportMeals, ExportAllowances} }

// LineKind is what a line of an export, or an extra of an entry, is about.
type LineKind string

// The kinds of a line.
const (
	LineHours     LineKind = "hours"
	LineMeal      LineKind = "meal"
	LineAllowance LineKind = "allowance"
)

// ExportKind is the kind under which lines of this kind are chosen.
func (k LineKind) ExportKind() ExportKind {
	switch k {
	case LineMeal:
		return ExportMeals
	case LineAllowance:
		return ExportAllowances
	}
	return ExportHours
}

// ExportOutcome is how an export ended.
type ExportOutcome string

// The outcomes of an export. ExportFailed is kept for one that ended without a result.
const (
	ExportOK                   ExportOutcome = "ok"
	ExportNothing              ExportOutcome = "nothing"
	ExportPartly               ExportOutcome = "partly"
	ExportRefused              ExportOutcome = "refused"
	ExportRejected             ExportOutcome = "rejected"
	ExportNeedsAcknowledgement ExportOutcome = "needs_acknowledgement"
	ExportCancelled            ExportOutcome = "cancelled"
	ExportSuperseded           ExportOutcome = "superseded"

	ExportFailed ExportOutcome = "failed"
)

// VenueState is how far the import of one Connexie venue is (X13).
type VenueState string

// The states of a venue within an export. Committed: Connexie has the import. Exported:
// what it read back equals what was sent, and the entries are marked (X11).
const (
	VenuePlanned    VenueState = "planned"
	VenueSending    VenueState = "sending"
	VenueCommitted  VenueState = "committed"
	VenueExported   VenueState = "exported"
	VenueRefused    VenueState = "refused"
	VenueRejected   VenueState = "rejected"
	VenueFailed     VenueState = "failed"
	VenueCancelled  VenueState = "cancelled"
	VenueSuperseded VenueState = "superseded"
)

// Period is a run of calendar days, both ends included.
type Period struct {
	From Date `json:"from"`
	To   Date `json:"to"`
}

// MaxPeriodDays is the longest period of an export (X10).
const MaxPeriodDays = 62

// String has the form 2026-11-01_2026-11-30, the value of the search attribute Period.
func (p Period) String() string { return p.From.String() + "_" + p.To.String() }

// Days counts the days, both ends included; zero or less where To lies before From.
func (p Period) Days() int {
	return int(p.To.midnightUTC().Sub(p.From.midnightUTC()).Hours()/24) + 1
}

// Contains reports whether every day of other is a day of p.
func (p Period) Contains(other Period) bool {
	return !other.From.Before(p.From) && !p.To.Before(other.To)
}

// Overlaps reports whether the two share a day.
func (p Period) Overlaps(other Period) bool {
	return !other.To.Before(p.From) && !p.To.Before(other.From)
}
