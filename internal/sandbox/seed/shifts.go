package seed

import (
	"fmt"
	"time"

	"github.com/eitje/connexie-worker/internal/sandbox"
)

// worker is someone with a profile, at work at a venue of Connexie.
type worker struct {
	employee  *sandbox.Employee
	profileID string
	venue     string
}

// shift adds an approved entry at the worker's venue, which belongs to the case that
// was labelled last. What an export makes of it is said in what is returned.
func (b *builder) shift(who worker, on sandbox.Date, edits ...func(*Entry)) noted {
	n := b.add(who, on, edits...)
	labelled := &b.scenario.Cases[len(b.scenario.Cases)-1]
	labelled.EntryIDs = append(labelled.EntryIDs, n.entry.ID)
	return n
}

func (b *builder) add(who worker, on sandbox.Date, edits ...func(*Entry)) noted {
	entry := Entry{
		ID: b.eitjeID("entry", len(b.scenario.Organisation.Entries)), ProfileID: who.profileID,
		VenueID: b.toEitje[who.venue], Day: on, Kind: Worked, State: Approved,
	}
	for _, change := range edits {
		change(&entry)
	}
	b.scenario.Organisation.Entries = append(b.scenario.Organisation.Entries, entry)
	return noted{builder: b, who: who, entry: entry, contract: 0}
}

// noted is an entry whose fate is being written down.
type noted struct {
	builder  *builder
	who      worker
	entry    Entry
	contract int // the number of the contract of that day
}

// under names another contract than the person's first.
func (n noted) under(contract int) noted {
	n.contract = contract
	return n
}

// sends notes lines that go out.
func (n noted) sends(lines ...ExpectedLine) noted {
	return n.note(func(expected *ExpectedEntry) {
		expected.EmployeeID, expected.ContractID = n.who.employee.ID, n.who.employee.Contracts[n.contract].ID
		expected.VenueID = n.who.venue
		expected.Lines = append(expected.Lines, lines...)
	})
}

// without notes one line that does not.
func (n noted) without(kind, typ, rule, reason string) noted {
	return n.note(func(expected *ExpectedEntry) {
		expected.Skips = append(expected.Skips, ExpectedSkip{Kind: kind, Type: typ, Rule: rule, Reason: reason})
	})
}

// leftOut notes that nothing of the entry goes out.
func (n noted) leftOut(rule, reason string) {
	n.without(Hours, "", rule, reason)
	for _, extra := range n.entry.Extras {
		n.without(extra.Kind, extra.Type, rule, reason)
	}
}

func (n noted) note(add func(*ExpectedEntry)) noted {
	expected := n.builder.scenario.Export.Expected[n.entry.ID]
	add(&expected)
	n.builder.scenario.Export.Expected[n.entry.ID] = expected
	return n
}

// Lines that are sent, under the codes of chosenCodes.

func hours(minutes int) ExpectedLine {
	return ExpectedLine{Kind: Hours, Code: "1000", Minutes: minutes}
}

func hoursOf(minutes int, quantity string) ExpectedLine {
	line := hours(minutes)
	line.Quantity = quantity
	return line
}

func lunchLine() ExpectedLine {
	return ExpectedLine{Kind: Meal, Type: Lunch, Code: "2000", Quantity: "1"}
}

func dinnerLine() ExpectedLine {
	return ExpectedLine{Kind: Meal, Type: Dinner, Code: "2010", Quantity: "1"}
}

func travelLine(kilometres string) ExpectedLine {
	return ExpectedLine{Kind: Allowance, Type: Travel, Code: "3000", Quantity: kilometres}
}

func tipsLine(euros string) ExpectedLine {
	return ExpectedLine{Kind: Allowance, Type: Tips, Code: "3010", Quantity: euros}
}

func chosenCodes() []Code {
	return []Code{
		{Kind: Hours, Code: "1000"},
		{Kind: Meal, Type: Lunch, Code: "2000"},
		{Kind: Meal, Type: Dinner, Code: "2010"},
		{Kind: Allowance, Type: Travel, Code: "3000"},
		{Kind: Allowance, Type: Tips, Code: "3010"},
	}
}

// Edits of entries.

// clock sets the instants from the clock in Amsterdam; an end that is not after the
// start lies on the day after.
func clock(start, end string) func(*Entry) {
	return func(e *Entry) {
		e.StartsAt, e.EndsAt = atClock(e.Day, start), atClock(e.Day, end)
		if end <= start {
			e.EndsAt = atClock(e.Day.AddDays(1), end)
		}
	}
}

// backwards sets instants of which the end lies before the start.
func backwards(start, end string) func(*Entry) {
	return func(e *Entry) { e.StartsAt, e.EndsAt = atClock(e.Day, start), atClock(e.Day, end) }
}

func begins(start string) func(*Entry) {
	return func(e *Entry) { e.StartsAt = atClock(e.Day, start) }
}

func rest(minutes int) func(*Entry) { return func(e *Entry) { e.BreakMinutes = minutes } }

func approved(minutes int) func(*Entry) { return func(e *Entry) { e.Minutes = &minutes } }

func state(state string) func(*Entry) { return func(e *Entry) { e.State = state } }

func kind(kind string) func(*Entry) { return func(e *Entry) { e.Kind = kind } }

func atVenue(id string) func(*Entry) { return func(e *Entry) { e.VenueID = id } }

// filedUnder gives the entry another day than that of its start.
func filedUnder(day sandbox.Date) func(*Entry) { return func(e *Entry) { e.Day = day } }

func with(kind, typ, quantity string) func(*Entry) {
	return func(e *Entry) { e.Extras = append(e.Extras, Extra{Kind: kind, Type: typ, Quantity: quantity}) }
}

// atClock is the instant at which a clock in Amsterdam shows hh:mm on a day.
func atClock(day sandbox.Date, text string) time.Time {
	var hour, minute int
	if _, err := fmt.Sscanf(text, "%d:%d", &hour, &minute); err != nil {
		panic(fmt.Sprintf("clock %q: %v", text, err))
	}
	begin := day.Start()
	return time.Date(begin.Year(), begin.Month(), begin.Day(), hour, minute, 0, 0, begin.Location()).UTC()
}
