package endtoend

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/sandbox/seed"
)

// reference is a slow and obvious reading of the rules of an export, which shares no code
// with the product's. It knows what Eitje registered, what was decided, whose payroll has
// begun, and what Connexie therefore holds.
type reference struct {
	entries map[string]seed.Entry
	// places are the Connexie venues of Eitje's; "" where one is not used.
	places map[string]string
	// venues are Connexie's, by id.
	venues map[string]connexieVenue
	// codes are those that were chosen; gone are codes that Connexie has no longer.
	codes map[codeOf]string
	gone  map[string]bool
	// payroll are the periods in which payroll is running or has run.
	payroll []closed
	// members are the Connexie ids of the team members that are linked, and contracts what
	// Eitje has of theirs: other tests tell that a synchronisation brings them there.
	members   map[string]string
	contracts map[string][]hired
	// people are those in Connexie, who may have changed since the last synchronisation.
	people map[string]sandbox.Employee
	// held is what Connexie holds, by venue and day.
	held map[string]map[sandbox.Date]heldDay
	// exports counts those that brought something to Connexie.
	exports int
}

type connexieVenue struct{ active, setInactive bool }

func (v connexieVenue) inactive() bool { return !v.active || v.setInactive }

type codeOf struct{ kind, word string }

// closed are days of a venue whose payroll has begun.
type closed struct {
	venue string
	seed.Period
}

// hired is a contract that Eitje has from Connexie; To is empty where it is open, and
// Venue where the mirror does not know the contract.
type hired struct {
	ID, Type string
	From, To sandbox.Date
	Venue    string
}

// heldDay is what one import brought to a venue on a day.
type heldDay struct {
	from  *heldImport
	lines []exportedLine
}

// heldImport is a committed import.
type heldImport struct {
	export string
	// number orders the exports.
	number int
	kinds  []string
	// entries are those that have lines.
	entries map[string]exportedEntry
}

// exportedEntry is what was exported of an entry, and whether its hours were.
type exportedEntry struct {
	hours   bool
	content string
}

// exportedLine is a line of an export. Quantity counts ten-thousandths.
type exportedLine struct {
	Venue, Person, Contract, Member, Entry string
	Day                                    sandbox.Date
	Kind, Type, Code                       string
	Quantity                               int64
}

// leftOut is something that an export leaves out.
type leftOut struct{ Entry, Kind, Type, Rule, Reason string }

// request is what an operator asks for.
type request struct {
	seed.Period
	kinds        []string
	acknowledges bool
	preview      bool
}

// answer is what the rules make of a request.
type answer struct {
	outcome string
	// rules are those that a problem names.
	rules   []string
	lines   []exportedLine
	skipped []leftOut
	// states are those of the venues, where the export came to send.
	states map[string]string
	// differs is what the lines change of what Connexie holds on these days.
	differs []difference
}

// difference is a quantity of a person's day that is added, changed or removed.
type difference struct {
	Change, Venue, Person, Member string
	Day                           sandbox.Date
	Kind, Type, Code              string
	Was, Is                       string
}

// answer tells what becomes of a request, and brings what it sends to Connexie.
func (r *reference) answer(q request) answer {
	if rules := r.refusals(q); len(rules) > 0 {
		return answer{outcome: "refused", rules: rules}
	}
	a := answer{states: map[string]string{}}
	a.lines, a.skipped = r.plan(q)
	a.differs = r.differences(q, a.lines)
	unmapped := slices.ContainsFunc(a.skipped, func(s leftOut) bool { return s.Reason == "unmapped" })
	if unmapped && !q.acknowledges && !q.preview {
		a.outcome, a.rules = "needs_acknowledgement", []string{"C6"}
		return a
	}
	for _, venue := range r.venuesOf(q, a.lines) {
		lines := only(a.lines, func(l exportedLine) bool { return l.Venue == venue })
		switch {
		case slices.ContainsFunc(r.payroll, func(c closed) bool { return c.venue == venue && overlap(c.Period, q.Period) }):
			a.states[venue] = "refused"
			a.rules = append(a.rules, "X9")
		case q.preview:
			a.states[venue] = "planned"
		case slices.ContainsFunc(lines, r.rejects):
			a.states[venue] = "rejected"
			a.rules = append(a.rules, "X17")
		default:
			a.states[venue] = "exported"
		}
	}
	a.outcome = outcomeOf(a.states, len(a.lines))
	if unmapped && !q.acknowledges {
		a.outcome = "needs_acknowledgement"
		a.rules = append(a.rules, "C6")
	}
	slices.Sort(a.rules)
	a.rules = slices.Compact(a.rules)
	return a
}

func outcomeOf(states map[string]string, lines int) string {
	count := map[string]int{}
	for _, state := range states {
		count[state]++
	}
	gone := count["exported"] + count["planned"]
	switch {
	case gone == len(states) && lines == 0:
		return "nothing"
	case gone == len(states):
		return "ok"
	case gone > 0:
		return "partly"
	case count["rejected"] > 0:
		return "rejected"
	}
	return "refused"
}

// bring replaces the days of the period at every venue that was exported with the lines
// of the export (X8).
func (r *reference) bring(q request, exportID string, a answer) {
	r.exports++
	for venue, state := range a.states {
		if state != "exported" {
			continue
		}
		made := &heldImport{export: exportID, number: r.exports, kinds: q.kinds, entries: map[string]exportedEntry{}}
		if r.held[venue] == nil {
			r.held[venue] = map[sandbox.Date]heldDay{}
		}
		for day := q.From; day <= q.To; day = day.AddDays(1) {
			of := only(a.lines, func(l exportedLine) bool { return l.Venue == venue && l.Day == day })
			r.held[venue][day] = heldDay{from: made, lines: of}
			for _, l := range of {
				hours := slices.ContainsFunc(of, func(other exportedLine) bool { return other.Entry == l.Entry && other.Kind == seed.Hours })
				made.entries[l.Entry] = exportedEntry{hours, content(r.entries[l.Entry], hours, q.kinds)}
			}
		}
	}
}

// content is what of an entry decides whether it has changed since (X12).
func content(e seed.Entry, hours bool, kinds []string) string {
	parts := []string{e.ProfileID, e.VenueID, string(e.Day)}
	if hours {
		minutes, known := length(e)
		parts = append(parts, fmt.Sprint(minutes, known))
	}
	extras := []string{}
	for _, x := range e.Extras {
		if slices.Contains(kinds, x.Kind+"s") {
			extras = append(extras, fmt.Sprintf("%s|%s|%d", x.Kind, x.Type, tenThousandths(x.Quantity)))
		}
	}
	slices.Sort(extras)
	return strings.Join(append(parts, extras...), "\n")
}

// refusals are the rules that refuse a request before anything is collected.
func (r *reference) refusals(q request) []string {
	broken := map[string]bool{
		"C3":  len(r.toDecide()) > 0,
		"C7":  slices.Contains(q.kinds, "hours") && r.codes[codeOf{kind: seed.Hours}] == "",
		"X10": r.cuts(q.Period),
	}
	for of, code := range r.codes {
		if r.gone[code] && (slices.Contains(q.kinds, of.kind+"s") || slices.Contains(q.kinds, of.kind)) {
			broken["C6"] = true
		}
	}
	for _, days := range r.held {
		for day, there := range days {
			fewer := slices.ContainsFunc(there.from.kinds, func(kind string) bool { return !slices.Contains(q.kinds, kind) })
			if q.Contains(day) && fewer {
				broken["X7"] = true
			}
		}
	}
	maps.DeleteFunc(broken, func(_ string, is bool) bool { return !is })
	return slices.Sorted(maps.Keys(broken))
}

// toDecide are the venues of Connexie that nobody connected or set Inactive; Eitje's are
// all decided from the beginning.
func (r *reference) toDecide() []string {
	connected := slices.Collect(maps.Values(r.places))
	var undecided []string
	for id, venue := range r.venues {
		if !venue.inactive() && !slices.Contains(connected, id) {
			undecided = append(undecided, id)
		}
	}
	return undecided
}

// cuts reports whether a period takes some days, and not others, of a run of open days
// that one import brought (X10).
func (r *reference) cuts(period seed.Period) bool {
	for venue := range r.held {
		for _, run := range r.openRuns(venue) {
			if overlap(run, period) && (run.From < period.From || period.To < run.To) {
				return true
			}
		}
	}
	return false
}

// openRuns are the runs of days of a venue that one import brought and whose payroll has
// not begun.
func (r *reference) openRuns(venue string) []seed.Period {
	return r.runs(venue, func(day sandbox.Date) bool {
		return !slices.ContainsFunc(r.payroll, func(c closed) bool { return c.venue == venue && c.Contains(day) })
	})
}

// leftOpen are the open runs of imports of which payroll has closed some days; they may be
// exported as periods of their own (X10).
func (r *reference) leftOpen() []seed.Period {
	var left []seed.Period
	for _, venue := range slices.Sorted(maps.Keys(r.held)) {
		whole := r.runs(venue, func(sandbox.Date) bool { return true })
		for _, run := range r.openRuns(venue) {
			if !slices.Contains(whole, run) {
				left = append(left, run)
			}
		}
	}
	return left
}

func (r *reference) runs(venue string, counts func(sandbox.Date) bool) []seed.Period {
	var runs []seed.Period
	var last *heldImport
	for _, day := range slices.Sorted(maps.Keys(r.held[venue])) {
		from := r.held[venue][day].from
		switch end := len(runs) - 1; {
		case !counts(day):
			last = nil
			continue
		case last == from && runs[end].To.AddDays(1) == day:
			runs[end].To = day
		default:
			runs = append(runs, seed.Period{From: day, To: day})
		}
		last = from
	}
	return runs
}

func overlap(a, b seed.Period) bool { return a.From <= b.To && b.From <= a.To }

// venuesOf are those that an export has lines of, or an earlier one on its days (X8).
func (r *reference) venuesOf(q request, lines []exportedLine) []string {
	venues := map[string]bool{}
	for _, l := range lines {
		venues[l.Venue] = true
	}
	for venue, days := range r.held {
		for day := range days {
			if q.Contains(day) {
				venues[venue] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(venues))
}

// rejects reports whether Connexie rejects a line: nobody told Eitje yet that the
// contract does not hold on that day (X17).
func (r *reference) rejects(l exportedLine) bool {
	return !slices.ContainsFunc(r.people[l.Person].Contracts, func(c sandbox.Contract) bool {
		end := text(c.EndDate)
		return c.ID == l.Contract && c.StartDate <= l.Day && (end == "" || string(l.Day) <= end)
	})
}

// differences compare the lines with what Connexie holds on these days (X16).
func (r *reference) differences(q request, lines []exportedLine) []difference {
	was, is := map[difference]int64{}, map[difference]int64{}
	for _, days := range r.held {
		for day, there := range days {
			for _, l := range there.lines {
				if q.Contains(day) {
					was[l.what()] += l.Quantity
				}
			}
		}
	}
	for _, l := range lines {
		is[l.what()] += l.Quantity
	}
	all := maps.Clone(was)
	maps.Copy(all, is)
	differs := []difference{}
	for what := range all {
		if was[what] == is[what] {
			continue
		}
		found := what
		found.Was, found.Is, found.Change = plain(was[what]), plain(is[what]), "changed"
		switch {
		case was[what] == 0:
			found.Change = "added"
		case is[what] == 0:
			found.Change = "removed"
		}
		differs = append(differs, found)
	}
	slices.SortFunc(differs, difference.compare)
	return differs
}

func (l exportedLine) what() difference {
	return difference{Venue: l.Venue, Person: l.Person, Member: l.Member, Day: l.Day, Kind: l.Kind, Type: l.Type, Code: l.Code}
}

func (d difference) compare(other difference) int {
	return strings.Compare(fmt.Sprint(d), fmt.Sprint(other))
}

// ledger is what Connexie holds, without the numbers of the lines.
func (r *reference) ledger() []held {
	found := []held{}
	for _, days := range r.held {
		for _, there := range days {
			for _, l := range there.lines {
				found = append(found, held{l.Venue, l.Entry, l.Person, l.Contract, string(l.Day), l.Code, plain(l.Quantity)})
			}
		}
	}
	slices.SortFunc(found, compareHeld)
	return found
}

// shown is what the table of hours shows: how an entry is marked and by which export
// (X11, X12). An entry whose row is gone is listed as long as Connexie holds it.
func (r *reference) shown() map[string]string {
	shown := map[string]string{}
	for id := range r.entries {
		shown[id] = ""
	}
	places, last := map[string]int{}, map[string]*heldImport{}
	for _, days := range r.held {
		for _, there := range days {
			for entry := range entriesOf(there.lines) {
				places[entry]++
				if last[entry] == nil || last[entry].number < there.from.number {
					last[entry] = there.from
				}
			}
		}
	}
	for id, from := range last {
		e, there := r.entries[id]
		then := from.entries[id]
		as := there && e.State == seed.Approved && e.Kind == seed.Worked && places[id] == 1 &&
			then.content == content(e, then.hours, from.kinds)
		shown[id] = "Exported, changed since, by " + from.export
		if as {
			shown[id] = "Exported, by " + from.export
		}
	}
	return shown
}

func entriesOf(lines []exportedLine) map[string]bool {
	entries := map[string]bool{}
	for _, l := range lines {
		entries[l.Entry] = true
	}
	return entries
}

// imports are the runs of days that Connexie holds of each import, as texts.
func (r *reference) imports() []string {
	found := []string{}
	for venue, days := range r.held {
		for _, run := range r.runs(venue, func(sandbox.Date) bool { return true }) {
			lines := 0
			for day := run.From; day <= run.To; day = day.AddDays(1) {
				lines += len(days[day].lines)
			}
			found = append(found, fmt.Sprint(venue, run, days[run.From].from.export, days[run.From].from.kinds, lines))
		}
	}
	slices.Sort(found)
	return found
}

func only(lines []exportedLine, wanted func(exportedLine) bool) []exportedLine {
	var found []exportedLine
	for _, l := range lines {
		if wanted(l) {
			found = append(found, l)
		}
	}
	return found
}
