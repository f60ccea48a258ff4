package domain

import (
	"time"

	"github.com/govalues/decimal"
)

// Entry is one time registration of Eitje.
type Entry struct {
	ID           string
	TeamMemberID string
	// VenueID is the Eitje venue.
	VenueID string
	// Day is the day to which Eitje counts the entry.
	Day Date
	// StartsAt and EndsAt are zero where there is none.
	StartsAt, EndsAt time.Time
	BreakMinutes     int
	// Minutes is what was approved, net of breaks, or nil.
	Minutes *int
	Kind    string
	State   string
	Extras  []Extra
}

// The kinds and states of an entry that the rules tell apart.
const (
	EntryWorked = "worked"
	EntryLeave  = "leave"
	EntrySick   = "sick"

	EntryOpen     = "open"
	EntryApproved = "approved"
	EntryDeleted  = "deleted"
)

// Extra is a meal or an allowance on an entry.
type Extra struct {
	Kind LineKind
	// Type is the organisation's own word.
	Type     string
	Quantity decimal.Decimal
}

// NetMinutes is the length of an entry (X5), the twin of SQL's eitje.net_minutes:
// what was approved wins; else the whole minutes between the instants less the break.
// The second result is false where there is no start or no end to count from; the
// first may be zero or less (X6), and lies within SQL's integers whatever the instants.
func (e Entry) NetMinutes() (int, bool) {
	switch {
	case e.Minutes != nil:
		return *e.Minutes, true
	case e.StartsAt.IsZero() || e.EndsAt.IsZero():
		return 0, false
	}
	seconds := e.EndsAt.Unix() - e.StartsAt.Unix()
	if e.EndsAt.Nanosecond() < e.StartsAt.Nanosecond() {
		seconds--
	}
	whole := seconds / 60
	if seconds%60 < 0 {
		whole-- // down, as SQL's floor does, also below zero
	}
	return int(max(-1<<31, min(1<<31-1, whole-int64(e.BreakMinutes)))), true
}

// Why an entry, or a part of it, is left out of an export (X16); beside the reasons
// why no contract covers a day.
const (
	ReasonDeleted               Reason = "deleted"
	ReasonNotApproved           Reason = "not_approved"
	ReasonLeave                 Reason = "leave"
	ReasonSick                  Reason = "sick"
	ReasonDayDiffers            Reason = "day_differs"
	ReasonNotLinked             Reason = "not_linked"
	ReasonVenueNotUsed          Reason = "venue_not_used"
	ReasonContractVenueInactive Reason = "contract_venue_inactive"
	ReasonNoEnd                 Reason = "no_end"
	ReasonNegativeLength        Reason = "negative_length"
	ReasonZeroLength            Reason = "zero_length"
	ReasonTooLong               Reason = "too_long"
	ReasonContractType          Reason = "contract_type"
	ReasonNotACount             Reason = "not_a_count"
	ReasonUnmapped              Reason = "unmapped"
)

// verdict is why something is left out, with the rule that decides; zero where
// nothing keeps it from going out.
type verdict struct {
	rule   string
	reason Reason
}

// judgeRegistration looks at the entry alone: approved worked hours (X1) that are
// counted to the day on which they start (X4).
func judgeRegistration(e Entry) verdict {
	switch {
	case e.State == EntryDeleted:
		return verdict{"X1", ReasonDeleted}
	case e.State != EntryApproved:
		return verdict{"X1", ReasonNotApproved}
	case e.Kind == EntryLeave:
		return verdict{"X1", ReasonLeave}
	case e.Kind != EntryWorked:
		return verdict{"X1", ReasonSick}
	case !e.StartsAt.IsZero() && DayOf(e.StartsAt) != e.Day:
		return verdict{"X4", ReasonDayDiffers}
	}
	return verdict{}
}

// MaxEntryMinutes is the longest entry that goes out, 31 days: whatever is longer is a
// slip of the pen in an instant or in the minutes (X5).
const MaxEntryMinutes = 31 * 24 * 60

// judgeLength looks at how long the entry is. Its meals and allowances stay with it:
// an entry without a sensible length is left out as a whole (X5, X6).
func judgeLength(e Entry) verdict {
	minutes, known := e.NetMinutes()
	switch {
	case !known:
		return verdict{"X5", ReasonNoEnd}
	case minutes < 0:
		return verdict{"X5", ReasonNegativeLength}
	case minutes == 0:
		return verdict{"X6", ReasonZeroLength}
	case minutes > MaxEntryMinutes:
		return verdict{"X5", ReasonTooLong}
	}
	return verdict{}
}
