package domain

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/govalues/decimal"
)

// ExportFacts is everything that decides what an export holds.
type ExportFacts struct {
	Period

	Kinds []ExportKind
	// Entries may be more than those of the period, in any order.
	Entries []Entry
	// Links are the Connexie ids of the connection's team members, by team member.
	Links map[string]string
	// Contracts are those that Eitje holds, by team member.
	Contracts map[string][]ExportContract
	// Venues are the decisions about Eitje's venues, by Eitje venue; none where
	// nobody has decided.
	Venues map[string]ExportVenueChoice
	// Codes are Connexie's codes that were chosen.
	Codes map[CodeKey]string
}

// ExportContract is a contract as Eitje holds it.
type ExportContract struct {
	// ConnexieID is empty for a contract entered by hand; nothing goes out under it.
	ConnexieID string
	Type       ContractType
	Start      Date
	// End is the last day, included; zero where open.
	End Date
	// VenueInactive tells that the contract's own Connexie venue is Inactive (X2).
	VenueInactive bool
	// Gone tells that Connexie's list no longer shows the contract, which Eitje keeps
	// because exported lines name it: nothing goes out under it, since Connexie would
	// reject the line and with it the venue's whole import (X17).
	Gone bool
}

// ExportVenueChoice is what was decided about an Eitje venue (C3).
type ExportVenueChoice struct {
	Decided bool
	// ConnexieID is the Connexie venue, or empty where the Eitje venue is not used.
	ConnexieID string
	// Inactive tells that the Connexie venue is Inactive, by decision or in Connexie
	// itself, or gone (C5).
	Inactive bool
}

// CodeKey is what a code is chosen for: hours, which have no type, or a type of meal
// or allowance, without blanks around it.
type CodeKey struct {
	Kind LineKind
	Type string
}

// KeyOfCode is where the code for an extra's type is kept and found; the organisation's
// word may have blanks around it. Blanks are spaces, as SQL's btrim takes them: any other
// white space is part of the word.
func KeyOfCode(kind LineKind, extraType string) CodeKey {
	return CodeKey{Kind: kind, Type: strings.Trim(extraType, " ")}
}

// ExportLine is one line of an export.
type ExportLine struct {
	// Number is 1 for the first line of the export.
	Number          int
	ConnexieVenueID string
	ConnexieID      string
	ContractID      string
	TeamMemberID    string
	EntryID         string
	Day             Date
	Kind            LineKind
	// Type is the organisation's word as the entry has it; empty for hours.
	Type string
	Code string
	// Minutes is zero for meals and allowances.
	Minutes int
	// Quantity is hours with two decimals (X5), a count (X6) or an amount.
	Quantity decimal.Decimal
}

// ExportSkip is something that is left out, and why (X16).
type ExportSkip struct {
	EntryID      string
	Kind         LineKind
	Type         string
	TeamMemberID string
	Day          Date
	Rule         string
	Reason       string
}

// PlanExport tells what an export of the facts holds and what it leaves out: the
// plain reference that the store's statements are proven equal to. Every entry of the
// period has as many candidates as it could have lines: its hours, and each of its
// meals and allowances, as far as their kinds were chosen (X7). A candidate is a line
// or a skip. Lines are numbered by venue, person, day, start, entry, kind and type;
// skips come by day, start, entry, kind and type.
func PlanExport(f ExportFacts) ([]ExportLine, []ExportSkip) {
	var (
		lines  []ExportLine
		skips  []ExportSkip
		starts = map[string]time.Time{}
	)
	for _, entry := range f.Entries {
		if entry.Day.Before(f.Period.From) || f.Period.To.Before(entry.Day) {
			continue
		}
		starts[entry.ID] = entry.StartsAt
		of, left := f.planEntry(entry)
		lines, skips = append(lines, of...), append(skips, left...)
	}
	slices.SortFunc(skips, func(a, b ExportSkip) int {
		return cmp.Or(compareDates(a.Day, b.Day), compareStarts(starts[a.EntryID], starts[b.EntryID]),
			cmp.Compare(a.EntryID, b.EntryID), compareKinds(a.Kind, b.Kind), cmp.Compare(a.Type, b.Type))
	})
	slices.SortFunc(lines, func(a, b ExportLine) int {
		return cmp.Or(cmp.Compare(a.ConnexieVenueID, b.ConnexieVenueID), cmp.Compare(a.ConnexieID, b.ConnexieID),
			compareDates(a.Day, b.Day), compareStarts(starts[a.EntryID], starts[b.EntryID]),
			cmp.Compare(a.EntryID, b.EntryID), compareKinds(a.Kind, b.Kind), cmp.Compare(a.Type, b.Type))
	})
	for i := range lines {
		lines[i].Number = i + 1
	}
	spreadHours(lines)
	return lines, skips
}

// planEntry judges an entry first as a whole, then its candidates one by one.
func (f ExportFacts) planEntry(e Entry) (lines []ExportLine, skips []ExportSkip) {
	contract, whole := f.judgeEntry(e)
	for _, candidate := range f.candidates(e) {
		found := whole
		if found == (verdict{}) {
			found = f.judgeCandidate(contract, candidate)
		}
		if found != (verdict{}) {
			skips = append(skips, ExportSkip{
				EntryID: e.ID, Kind: candidate.Kind, Type: candidate.Type, TeamMemberID: e.TeamMemberID, Day: e.Day,
				Rule: found.rule, Reason: string(found.reason),
			})
			continue
		}
		lines = append(lines, f.line(e, contract, candidate))
	}
	return lines, skips
}

// candidates are what could go out of an entry: its hours, and its meals and
// allowances, of the kinds that were chosen. Hours have no type and no quantity yet.
func (f ExportFacts) candidates(e Entry) []Extra {
	var candidates []Extra
	for _, candidate := range append([]Extra{{Kind: LineHours}}, e.Extras...) {
		if slices.Contains(f.Kinds, candidate.Kind.ExportKind()) {
			candidates = append(candidates, candidate)
		}
	}
	return candidates
}

// judgeEntry asks what concerns the entry as a whole; the first rule that leaves it
// out decides. It also finds the contract on the entry's day.
func (f ExportFacts) judgeEntry(e Entry) (ExportContract, verdict) {
	if found := judgeRegistration(e); found != (verdict{}) {
		return ExportContract{}, found
	}
	contract, found := f.contractOn(e)
	if found != (verdict{}) {
		return ExportContract{}, found
	}
	if found := f.judgeVenue(e); found != (verdict{}) {
		return ExportContract{}, found
	}
	if contract.VenueInactive {
		return ExportContract{}, verdict{"C5", ReasonContractVenueInactive}
	}
	return contract, judgeLength(e)
}

// contractOn finds the contract that was active on the entry's day, not today (X2);
// of several the one that S17 picks.
func (f ExportFacts) contractOn(e Entry) (ExportContract, verdict) {
	if _, linked := f.Links[e.TeamMemberID]; !linked {
		return ExportContract{}, verdict{"X2", ReasonNotLinked}
	}
	var contracts []Contract
	byID := map[string]ExportContract{}
	for _, c := range f.Contracts[e.TeamMemberID] {
		if c.ConnexieID != "" && !c.Gone {
			contracts = append(contracts, Contract{ID: c.ConnexieID, Start: c.Start, End: c.End})
			byID[c.ConnexieID] = c
		}
	}
	active, covered := ActiveContract(contracts, e.Day)
	if !covered {
		return ExportContract{}, verdict{"X2", whyNoActiveContract(contracts, e.Day)}
	}
	return byID[active.ID], verdict{}
}

// judgeVenue asks whether the entry's venue brings it anywhere (C3, C5).
func (f ExportFacts) judgeVenue(e Entry) verdict {
	switch venue := f.Venues[e.VenueID]; {
	case !venue.Decided:
		return verdict{"C3", ReasonVenueUndecided}
	case venue.ConnexieID == "":
		return verdict{"C3", ReasonVenueNotUsed}
	case venue.Inactive:
		return verdict{"C5", ReasonVenueInactive}
	}
	return verdict{}
}

// judgeCandidate asks what concerns one line of an entry alone.
func (f ExportFacts) judgeCandidate(contract ExportContract, candidate Extra) verdict {
	switch {
	case !MayExport(contract.Type, candidate.Kind):
		return verdict{"X3", ReasonContractType}
	case candidate.Kind == LineMeal && !candidate.Quantity.IsInt():
		return verdict{"X6", ReasonNotACount}
	case f.Codes[KeyOfCode(candidate.Kind, candidate.Type)] == "":
		return verdict{"C6", ReasonUnmapped}
	}
	return verdict{}
}

// line is a candidate that goes out; hours get their quantity when all lines are
// there.
func (f ExportFacts) line(e Entry, contract ExportContract, candidate Extra) ExportLine {
	line := ExportLine{
		ConnexieVenueID: f.Venues[e.VenueID].ConnexieID, ConnexieID: f.Links[e.TeamMemberID],
		ContractID: contract.ConnexieID, TeamMemberID: e.TeamMemberID, EntryID: e.ID, Day: e.Day,
		Kind: candidate.Kind, Type: candidate.Type, Code: f.Codes[KeyOfCode(candidate.Kind, candidate.Type)],
		Quantity: candidate.Quantity,
	}
	if candidate.Kind == LineHours {
		line.Minutes, _ = e.NetMinutes()
	}
	return line
}

func compareDates(a, b Date) int { return a.midnightUTC().Compare(b.midnightUTC()) }

// compareStarts puts an entry without a start first: no start is the zero instant.
func compareStarts(a, b time.Time) int {
	if a.IsZero() || b.IsZero() {
		return cmp.Compare(boolToInt(!a.IsZero()), boolToInt(!b.IsZero()))
	}
	return a.Compare(b)
}

func boolToInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// compareKinds puts hours before meals before allowances.
func compareKinds(a, b LineKind) int {
	order := []LineKind{LineHours, LineMeal, LineAllowance}
	return cmp.Compare(slices.Index(order, a), slices.Index(order, b))
}
