package endtoend

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/sandbox/seed"
)

// exportDays is how long the days of a seed are: so short that periods meet.
const exportDays = 14

// The wage codes of a random organisation.
var exportCodes = map[string][]string{
	seed.Hours: {"1000", "1001"}, seed.Meal: {"2000", "2001"}, seed.Allowance: {"3000", "3001"},
}

// Types of extras, of which some get a code; the blanks around one do not count.
var extraTypes = map[string][]string{
	seed.Meal: {"lunch", "dinner", " dinner "}, seed.Allowance: {"travel", "tips", "lunch"},
}

// exportDice draws organisations that export.
type exportDice struct {
	*dice
	window seed.Period
	// theirs and ours are the venues of Connexie and Eitje.
	theirs, ours []string
	members      []string
}

func rollExports(number uint64, today sandbox.Date) *exportDice {
	d := &exportDice{
		dice:   &dice{Rand: rand.New(rand.NewPCG(number, 5)), today: today},
		theirs: []string{"ven_A", "ven_B", "ven_a", "ven_c"},
	}
	from := today.AddDays(-exportDays - d.IntN(40))
	if d.one(3) { // around the night in which a clock changes
		from = choose(d.dice, lastDayOf(today, 25*time.Hour), lastDayOf(today, 23*time.Hour)).AddDays(-1 - d.IntN(exportDays-2))
	}
	d.window = seed.Period{From: from, To: from.AddDays(exportDays - 1)}
	return d
}

// lastDayOf is the last day of 25 hours, or of 23.
func lastDayOf(today sandbox.Date, hours time.Duration) sandbox.Date {
	day := today.AddDays(-2)
	for day.AddDays(1).Start().Sub(day.Start()) != hours {
		day = day.AddDays(-1)
	}
	return day
}

// day is one of the seed's days, or seldom one beside them.
func (d *exportDice) day() sandbox.Date {
	if d.one(12) {
		return choose(d.dice, d.window.From.AddDays(-1), d.window.To.AddDays(1))
	}
	return d.window.From.AddDays(d.IntN(exportDays))
}

// scenario draws a handful of people, who all have a profile with their address.
func (d *exportDice) scenario(number uint64) seed.Scenario {
	name := fmt.Sprintf("Uitvoer %d", number)
	drawn := seed.Scenario{
		Account: sandbox.Account{
			ID: fmt.Sprintf("acc_exports-%d", number), Name: name, Token: fmt.Sprintf("exports-token-%d-%s", number, d.word()),
			Permissions: []sandbox.Permission{sandbox.EmployeesRead, sandbox.ImportsWrite},
		},
		Organisation: seed.Organisation{ID: d.id(), Name: name},
	}
	payroll, together := d.payrollPeriods(), d.one(2)
	for i, id := range d.theirs {
		venue := seed.Venue{ID: d.id(), Name: fmt.Sprintf("%s %d", name, i)}
		drawn.Account.Venues = append(drawn.Account.Venues, sandbox.Venue{ID: id, Name: venue.Name, Active: true})
		drawn.Organisation.Venues = append(drawn.Organisation.Venues, venue)
		d.ours = append(d.ours, venue.ID)
		if !together {
			payroll = d.payrollPeriods()
		}
		for number, period := range payroll {
			period.ID, period.VenueID = fmt.Sprintf("pay_%s_%d", id, number), id
			drawn.Account.PayrollPeriods = append(drawn.Account.PayrollPeriods, period)
		}
	}
	for kind, codes := range exportCodes {
		for _, code := range codes {
			drawn.Account.WageCodes = append(drawn.Account.WageCodes, wageCode(kind, code))
		}
	}
	slices.SortFunc(drawn.Account.WageCodes, func(a, b sandbox.WageCode) int { return int(a.Code[0]) - int(b.Code[0]) })
	for i := range 4 + d.IntN(3) {
		person := d.worker(fmt.Sprintf("emp_%d", i))
		drawn.Account.Employees = append(drawn.Account.Employees, person)
		d.addProfile(&drawn.Organisation, person)
	}
	d.addProfile(&drawn.Organisation, d.plainPerson("emp_stranger"))
	for range 30 + d.IntN(40) {
		drawn.Organisation.Entries = append(drawn.Organisation.Entries, d.entry())
	}
	return drawn
}

func wageCode(kind, code string) sandbox.WageCode {
	unit := map[string]string{seed.Hours: "hours", seed.Meal: "pieces", seed.Allowance: "eur"}[kind]
	return sandbox.WageCode{Code: code, Description: code, Kind: kind, Unit: unit}
}

func (d *exportDice) addProfile(to *seed.Organisation, person sandbox.Employee) {
	profile := seed.Profile{
		ID: d.id(), Email: text(person.Email), FirstName: person.FirstName, LastName: person.LastName, Active: true,
		VenueIDs: []string{d.ours[0]},
	}
	to.Profiles = append(to.Profiles, profile)
	d.members = append(d.members, profile.ID)
}

// payrollPeriods cut the days into runs.
func (d *exportDice) payrollPeriods() []sandbox.PayrollPeriod {
	var periods []sandbox.PayrollPeriod
	for start := d.window.From.AddDays(-d.IntN(7)); start <= d.window.To; {
		end := start.AddDays(choose(d.dice, 3, 6, 6, 13))
		periods = append(periods, sandbox.PayrollPeriod{StartDate: start, EndDate: end, Status: sandbox.PayrollOpen})
		start = end.AddDays(1)
	}
	return periods
}

// worker draws somebody who has a contract today and had others before, with gaps,
// overlaps and changes of type in the seed's days.
func (d *exportDice) worker(id string) sandbox.Employee {
	person := d.plainPerson(id)
	start := d.window.From.AddDays(-200)
	person.Contracts = nil
	for range d.IntN(3) {
		end := max(start, d.day())
		person.Contracts = append(person.Contracts, d.hiring(id, start, sandbox.Some(end)))
		start = end.AddDays(choose(d.dice, 1, 1, 1, 2, 4, 0, -2))
	}
	person.Contracts = append(person.Contracts, d.hiring(id, start, sandbox.Null[sandbox.Date]()))
	person.Employment.StartDate = d.window.From.AddDays(-200)
	return person
}

func (d *exportDice) hiring(person string, start sandbox.Date, end sandbox.Optional[sandbox.Date]) sandbox.Contract {
	contract := d.contract(person, start)
	contract.Type = choose(d.dice, sandbox.Flex, sandbox.Flex, sandbox.Flex, sandbox.Flex, sandbox.FixedHours, sandbox.FixedHours,
		choose(d.dice, sandbox.SelfEmployed, sandbox.Payroll))
	contract.EndDate, contract.VenueID = end, choose(d.dice, d.theirs[0], d.theirs[0], d.theirs[0], d.theirs[1], d.theirs[2])
	return contract
}

// entry draws a registration; most are approved work of somebody who is known.
func (d *exportDice) entry() seed.Entry {
	e := seed.Entry{ID: d.id(), ProfileID: choose(d.dice, d.members...), VenueID: choose(d.dice, d.ours...), Day: d.day()}
	e.Kind = d.mostly(seed.Worked, seed.Leave, seed.Sick)
	e.State = d.mostly(seed.Approved, seed.Open, seed.Deleted)
	d.time(&e)
	e.Extras = d.extras()
	return e
}

func (d *exportDice) mostly(usual string, others ...string) string {
	if d.one(10) {
		return choose(d.dice, others...)
	}
	return usual
}

// time draws when an entry was and how long: by minutes that were approved, or by two
// instants of which one may be missing.
func (d *exportDice) time(e *seed.Entry) {
	e.StartsAt, e.EndsAt, e.Minutes, e.BreakMinutes = time.Time{}, time.Time{}, nil, choose(d.dice, 0, 0, 15, 30)
	if d.one(2) {
		minutes := choose(d.dice, 20, 20, 20, 40, 1, 7, 47, 200, 475, 480, 480, 0)
		e.Minutes = &minutes
	}
	if e.Minutes != nil && d.one(3) {
		return
	}
	day := e.Day
	if d.one(15) {
		day = day.AddDays(choose(d.dice, -1, 1))
	}
	shift := choose(d.dice, [2]int{9 * 60, 17 * 60}, [2]int{22 * 60, 30 * 60}, [2]int{0, 20}, [2]int{23*60 + 59, 25 * 60},
		[2]int{90, 200}, [2]int{17 * 60, 17*60 + 20})
	ends := shift[1] + choose(d.dice, 0, 0, 0, 1, 13)
	if d.one(12) {
		ends = shift[0] + choose(d.dice, 0, 15, -30)
	}
	e.StartsAt, e.EndsAt = clock(day, shift[0]), clock(day, ends).Add(choose(d.dice, 0, 0, 59*time.Second))
	if d.one(15) {
		e.EndsAt = time.Time{}
	}
}

// clock is what the clock shows in Amsterdam so many minutes into a day.
func clock(day sandbox.Date, minutes int) time.Time {
	start := day.Start()
	return time.Date(start.Year(), start.Month(), start.Day(), 0, minutes, 0, 0, start.Location())
}

func (d *exportDice) extras() []seed.Extra {
	drawn := map[codeOf]seed.Extra{}
	for range choose(d.dice, 0, 0, 1, 1, 2, 3) {
		kind := choose(d.dice, seed.Meal, seed.Allowance)
		quantity := choose(d.dice, "1", "2", "12.5", "0.2501", "100")
		if kind == seed.Meal {
			quantity = choose(d.dice, "1", "1", "1", "2", "1.5")
		}
		x := seed.Extra{Kind: kind, Type: choose(d.dice, extraTypes[kind]...), Quantity: quantity}
		drawn[codeOf{x.Kind, x.Type}] = x
	}
	var extras []seed.Extra
	for _, of := range slices.SortedFunc(maps.Keys(drawn), compareWords) {
		extras = append(extras, drawn[of])
	}
	return extras
}

func compareWords(a, b codeOf) int {
	return slices.Compare([]string{a.kind, a.word}, []string{b.kind, b.word})
}

// request draws what an operator asks for: often what was asked before, days that payroll
// left open, or days that meet what was asked before.
func (d *exportDice) request(before []request, leftOpen []seed.Period) request {
	if len(leftOpen) > 0 && d.one(2) {
		return request{Period: choose(d.dice, leftOpen...), kinds: []string{"hours", "meals", "allowances"}, acknowledges: true}
	}
	if len(before) > 0 && !d.one(3) {
		again := choose(d.dice, before...)
		if d.one(6) {
			again.kinds = d.kinds()
		}
		again.acknowledges = !d.one(6)
		return again
	}
	half := d.window.From.AddDays(exportDays/2 - 1)
	from := d.window.From.AddDays(d.IntN(exportDays))
	return request{
		Period: choose(d.dice, d.window, d.window, seed.Period{From: d.window.From, To: half},
			seed.Period{From: half.AddDays(1), To: d.window.To}, seed.Period{From: d.window.From.AddDays(-20), To: d.window.To.AddDays(20)},
			seed.Period{From: from, To: min(d.window.To, from.AddDays(d.IntN(6)))}),
		kinds: d.kinds(), acknowledges: !d.one(6),
	}
}

func (d *exportDice) kinds() []string {
	all := []string{"hours", "meals", "allowances"}
	if !d.one(3) {
		return all
	}
	return choose(d.dice, all[:1], all[:2], all[1:], all[2:], []string{"hours", "allowances"})
}

func (q request) String() string {
	return fmt.Sprintf("%s to %s, %v, acknowledges unmapped %v", q.From, q.To, q.kinds, q.acknowledges)
}

// exportKinds are the kinds as the product knows them.
func (q request) exportKinds() []domain.ExportKind {
	var kinds []domain.ExportKind
	for _, kind := range q.kinds {
		kinds = append(kinds, domain.ExportKind(kind))
	}
	return kinds
}
