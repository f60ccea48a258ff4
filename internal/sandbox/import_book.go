package sandbox

import (
	"maps"
	"slices"
	"time"
)

// keyTTL is how long an Idempotency-Key is kept.
const keyTTL = 30 * 24 * time.Hour

// importBook is what an account holds of imports. What counts is kept by venue
// and day: a day belongs to the import that brought it last, empty days too, and
// an import knows nothing of others. The account that owns the book locks it.
type importBook struct {
	imports map[string]*hourImport
	opened  []*hourImport         // in order of opening
	keys    map[string]*openedKey // by Idempotency-Key
	ledger  map[string]map[Date]*ledgerDay
}

// openedKey is an Idempotency-Key and what it opened.
type openedKey struct {
	at   time.Time
	made *hourImport
}

// ledgerDay is what counts for one venue on one day.
type ledgerDay struct {
	from  *hourImport
	lines []hourLine
	sums  sums
}

// hourImport is one import. What it was opened with never changes.
type hourImport struct {
	id   string
	key  string
	body newHourImport

	status  string            // draft, committed or discarded; replaced follows from the ledger
	parts   map[int]*linePart // of a draft
	receipt *receipt          // of a committed import
}

// newHourImport is what an import is opened with.
type newHourImport struct {
	venueID    string
	start, end Date
	kinds      []string
}

func (n newHourImport) equal(other newHourImport) bool {
	return n.venueID == other.venueID && n.start == other.start && n.end == other.end && slices.Equal(n.kinds, other.kinds)
}

// days is the period, both ends included.
func (n newHourImport) days() []Date {
	var days []Date
	for day := n.start; day <= n.end; day = day.AddDays(1) {
		days = append(days, day)
	}
	return days
}

// hourLine is one line of a part that was understood.
type hourLine struct {
	reference, employeeID, contractID string
	date                              Date
	code, quantity                    string
}

// linePart is one part of a draft.
type linePart struct {
	lines []hourLine
	sums  sums
}

// receipt is what a commit was asked with and answered.
type receipt struct {
	lineCount int
	sums      sums
	at        time.Time
	answer    HourImport
}

func newImportBook() *importBook {
	return &importBook{
		imports: map[string]*hourImport{},
		keys:    map[string]*openedKey{},
		ledger:  map[string]map[Date]*ledgerDay{},
	}
}

// openedBy finds what a key opened, while it is kept.
func (b *importBook) openedBy(key string, now time.Time) (*hourImport, bool) {
	opened, found := b.keys[key]
	if !found || !now.Before(opened.at.Add(keyTTL)) {
		return nil, false
	}
	return opened.made, true
}

// open makes a draft.
func (b *importBook) open(id, key string, body newHourImport, now time.Time) *hourImport {
	made := &hourImport{id: id, key: key, body: body, status: ImportDraft, parts: map[int]*linePart{}}
	b.imports[id] = made
	b.opened = append(b.opened, made)
	b.keys[key] = &openedKey{at: now, made: made}
	return made
}

// discard forgets what a draft held.
func (b *importBook) discard(draft *hourImport) { draft.status, draft.parts = ImportDiscarded, nil }

// commit makes a draft count: it takes every day of its period over from
// whichever import had it, lines or none.
func (b *importBook) commit(draft *hourImport, now time.Time) HourImport {
	byDay := map[Date]*ledgerDay{}
	for _, day := range draft.body.days() {
		byDay[day] = &ledgerDay{from: draft, sums: sums{}}
	}
	for _, line := range draft.lines() {
		day := byDay[line.date]
		day.lines = append(day.lines, line)
		value, _ := parseQuantity(line.quantity) // the part was checked
		day.sums.add(line.code, value)
	}
	venue := b.ledger[draft.body.venueID]
	if venue == nil {
		venue = map[Date]*ledgerDay{}
		b.ledger[draft.body.venueID] = venue
	}
	maps.Copy(venue, byDay)
	draft.receipt = &receipt{at: now}
	draft.receipt.lineCount, draft.receipt.sums = draft.held()
	draft.status, draft.parts = ImportCommitted, nil
	draft.receipt.answer = b.describe(draft)
	return draft.receipt.answer
}

// held is what the parts of a draft add up to.
func (i *hourImport) held() (lines int, total sums) {
	total = sums{}
	for _, part := range i.parts {
		lines += len(part.lines)
		total.addAll(part.sums)
	}
	return lines, total
}

// lines are those of a draft, by part.
func (i *hourImport) lines() []hourLine {
	numbers := make([]int, 0, len(i.parts))
	for number := range i.parts {
		numbers = append(numbers, number)
	}
	slices.Sort(numbers)
	var lines []hourLine
	for _, number := range numbers {
		lines = append(lines, i.parts[number].lines...)
	}
	return lines
}

// own are the days of a committed import that no later one took over.
func (b *importBook) own(committed *hourImport) []*ledgerDay {
	var own []*ledgerDay
	for _, date := range committed.body.days() {
		if day := b.ledger[committed.body.venueID][date]; day != nil && day.from == committed {
			own = append(own, day)
		}
	}
	return own
}

// status tells a committed import of which no day is left from others.
func (b *importBook) status(i *hourImport) string {
	if i.status == ImportCommitted && len(b.own(i)) == 0 {
		return ImportReplaced
	}
	return i.status
}

// describe is the import as it stands now.
func (b *importBook) describe(i *hourImport) HourImport {
	lines, total := i.held()
	described := HourImport{
		ID: i.id, VenueID: i.body.venueID, PeriodStart: i.body.start, PeriodEnd: i.body.end,
		Kinds: slices.Clone(i.body.kinds), Status: b.status(i),
	}
	if i.receipt != nil {
		at := i.receipt.at
		described.CommittedAt = &at
		for _, day := range b.own(i) {
			lines += len(day.lines)
			total.addAll(day.sums)
		}
	}
	described.LineCount, described.Totals = lines, total.totals()
	return described
}
