package domain_test

import (
	"time"

	"github.com/govalues/decimal"

	"github.com/eitje/connexie-worker/internal/domain"
)

// theDay is the day of every entry in these tests that names no other.
const theDay = "2026-11-10"

// closedOurs and undecidedOurs are Eitje venues: one is kept with an Inactive Connexie
// venue, one waits for a decision, unused was set to not used.
const closedOurs, undecidedOurs, unused = "E3", "E4", "E5"

// exportOption changes the facts of a test.
type exportOption func(*domain.ExportFacts)

// exporting is an export of November of all kinds with the entries named. Team member
// t1 is linked to p1 and has a flex contract; every code is chosen.
func exporting(entries []domain.Entry, options ...exportOption) domain.ExportFacts {
	facts := domain.ExportFacts{
		Period:    domain.Period{From: date("2026-11-01"), To: date("2026-11-30")},
		Kinds:     domain.ExportKinds(),
		Entries:   entries,
		Links:     map[string]string{"t1": "p1", "t2": "p2"},
		Contracts: map[string][]domain.ExportContract{"t1": {flexFrom("2026-01-01")}, "t2": {flexFrom("2026-01-01")}},
		Venues: map[string]domain.ExportVenueChoice{
			ourMain:    {Decided: true, ConnexieID: mainVenue},
			ourSecond:  {Decided: true, ConnexieID: secondVenue},
			closedOurs: {Decided: true, ConnexieID: closedVenue, Inactive: true},
			unused:     {Decided: true},
		},
		Codes: map[domain.CodeKey]string{
			{Kind: domain.LineHours}:                         "1000",
			{Kind: domain.LineMeal, Type: "lunch"}:           "2000",
			{Kind: domain.LineAllowance, Type: "travelling"}: "3000",
		},
	}
	for _, change := range options {
		change(&facts)
	}
	return facts
}

func kinds(list ...domain.ExportKind) exportOption {
	return func(f *domain.ExportFacts) { f.Kinds = list }
}

// under gives t1 these contracts.
func under(list ...domain.ExportContract) exportOption {
	return func(f *domain.ExportFacts) { f.Contracts["t1"] = list }
}

// flexFrom is a flex contract c1 without an end.
func flexFrom(start string) domain.ExportContract {
	return exportContract("c1", start, "")
}

func exportContract(id, start, end string) domain.ExportContract {
	return domain.ExportContract{ConnexieID: id, Type: domain.Flex, Start: date(start), End: date(end)}
}

// entryOption changes an entry.
type entryOption func(*domain.Entry)

// shift is an approved shift of t1 at the main venue from nine to five on theDay.
func shift(id string, options ...entryOption) domain.Entry {
	entry := domain.Entry{
		ID: id, TeamMemberID: "t1", VenueID: ourMain, Day: date(theDay),
		StartsAt: date(theDay).At(9, 0), EndsAt: date(theDay).At(17, 0),
		Kind: domain.EntryWorked, State: domain.EntryApproved,
	}
	for _, change := range options {
		change(&entry)
	}
	return entry
}

// on moves the shift to another day, at the same hours.
func on(day string) entryOption {
	return func(e *domain.Entry) {
		e.Day, e.StartsAt, e.EndsAt = date(day), date(day).At(9, 0), date(day).At(17, 0)
	}
}

func approved(minutes int) entryOption {
	return func(e *domain.Entry) { e.Minutes = &minutes }
}

func inState(state string) entryOption { return func(e *domain.Entry) { e.State = state } }

func ofKind(kind string) entryOption { return func(e *domain.Entry) { e.Kind = kind } }

func atVenue(id string) entryOption { return func(e *domain.Entry) { e.VenueID = id } }

func by(teamMember string) entryOption { return func(e *domain.Entry) { e.TeamMemberID = teamMember } }

func between(start, end time.Time) entryOption {
	return func(e *domain.Entry) { e.StartsAt, e.EndsAt = start, end }
}

func withMeal(extraType, quantity string) entryOption {
	return withExtra(domain.LineMeal, extraType, quantity)
}

func travelling(quantity string) entryOption {
	return withExtra(domain.LineAllowance, "travelling", quantity)
}

func withExtra(kind domain.LineKind, extraType, quantity string) entryOption {
	return func(e *domain.Entry) {
		e.Extras = append(e.Extras, domain.Extra{Kind: kind, Type: extraType, Quantity: decimal.MustParse(quantity)})
	}
}
