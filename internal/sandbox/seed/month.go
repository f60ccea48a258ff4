package seed

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/eitje/connexie-worker/internal/sandbox"
)

// exportOf is what an organisation is to export as of a day, without entries yet.
func exportOf(today sandbox.Date) Export {
	thisMonth := today[:8] + "01"
	return Export{
		Codes:     chosenCodes(),
		LastMonth: Period{From: thisMonth.AddMonths(-1), To: thisMonth.AddDays(-1)},
		ThisMonth: Period{From: thisMonth, To: thisMonth.AddMonths(1).AddDays(-1)},
		Winter:    nightBeforeChange(today, "-10-31"),
		Summer:    nightBeforeChange(today, "-03-31"),
		Expected:  map[string]ExpectedEntry{},
	}
}

// nightBeforeChange is the Saturday before the last Sunday of a month whose last day
// is given; that Sunday has passed.
func nightBeforeChange(today sandbox.Date, lastOfMonth string) Period {
	for year := today.Start().Year(); ; year-- {
		last := sandbox.Date(fmt.Sprintf("%04d%s", year, lastOfMonth))
		sunday := last.AddDays(-int(last.Start().Weekday()))
		if sunday < today {
			return Period{From: sunday.AddDays(-1), To: sunday.AddDays(-1)}
		}
	}
}

// pattern is a shift as rosters repeat it; minutes are net.
type pattern struct {
	start   string
	minutes int
	rest    int
	meal    string
}

var patterns = []pattern{
	{start: "09:00", minutes: 480, rest: 30, meal: Lunch},
	{start: "11:30", minutes: 300, rest: 0, meal: Lunch},
	{start: "16:00", minutes: 420, rest: 30, meal: Dinner},
	{start: "17:30", minutes: 330, rest: 15, meal: Dinner},
	{start: "18:30", minutes: 480, rest: 30, meal: Dinner}, // until three in the morning
}

// roster gives someone the shifts of last month, and of this one until yesterday: two
// to four days a week, of which managers have approved all but the last two days.
func (b *builder) roster(who worker) {
	random := rand.New(rand.NewPCG(b.seed^rosterSalt, uint64(b.number))) //nolint:gosec // repeatable, not secret
	week := random.Perm(7)[:2+random.IntN(3)]
	works := map[time.Weekday]bool{}
	for _, day := range week {
		works[time.Weekday(day)] = true
	}
	kilometres := drawKilometres(random)
	contract := who.employee.Contracts[0]
	for day := b.scenario.Export.LastMonth.From; day < b.today; day = day.AddDays(1) {
		if works[day.Start().Weekday()] && day >= contract.StartDate {
			b.rostered(random, who, day, kilometres)
		}
	}
}

// rosterSalt makes shifts independent of what a person is drawn from.
const rosterSalt = 0x5a17

// rostered adds one shift, and what is to become of it: hours under flex alone, meals
// and allowances also under fixed hours (X3).
func (b *builder) rostered(random *rand.Rand, who worker, day sandbox.Date, kilometres string) {
	drawn := drawShift(random, kilometres)
	switch {
	case day >= b.today.AddDays(-2):
		b.add(who, day, append(drawn.edits, state(Open))...).leftOut("X1", NotApproved)
	case who.employee.Contracts[0].Type == sandbox.Flex:
		b.add(who, day, drawn.edits...).sends(append([]ExpectedLine{drawn.hours}, drawn.extras...)...)
	case len(drawn.extras) == 0:
		b.add(who, day, drawn.edits...).leftOut("X3", ByContractType)
	default:
		b.add(who, day, drawn.edits...).without(Hours, "", "X3", ByContractType).sends(drawn.extras...)
	}
}

// drawn is a shift of somebody's month, and the lines that it holds.
type drawn struct {
	edits  []func(*Entry)
	hours  ExpectedLine
	extras []ExpectedLine
}

func drawShift(random *rand.Rand, kilometres string) drawn {
	p := pick(random, patterns)
	net := p.minutes + 15*(random.IntN(5)-2)
	shift := drawn{edits: []func(*Entry){rest(p.rest), lasting(p.start, net+p.rest)}, hours: hours(net)}
	if random.IntN(3) > 0 {
		shift.edits = append(shift.edits, approved(net))
	}
	if random.IntN(2) == 0 {
		shift.add(mealLine(p.meal))
	}
	if random.IntN(3) == 0 {
		shift.add(travelLine(kilometres))
	}
	if random.IntN(4) == 0 {
		shift.add(tipsLine(decimal(100+random.IntN(2400), 2)))
	}
	return shift
}

// add puts a meal or an allowance on the shift.
func (d *drawn) add(line ExpectedLine) {
	d.edits = append(d.edits, with(line.Kind, line.Type, line.Quantity))
	d.extras = append(d.extras, line)
}

// drawKilometres is how far somebody lives.
func drawKilometres(random *rand.Rand) string { return decimal(5+random.IntN(245), 1) }

func mealLine(meal string) ExpectedLine {
	if meal == Lunch {
		return lunchLine()
	}
	return dinnerLine()
}

// lasting sets instants that lie so many minutes apart, whatever the clock does
// between them.
func lasting(start string, minutes int) func(*Entry) {
	return func(e *Entry) {
		e.StartsAt = atClock(e.Day, start)
		e.EndsAt = e.StartsAt.Add(time.Duration(minutes) * time.Minute)
	}
}

// decimal writes units of ten to the power of -digits without zeros at the end.
func decimal(units, digits int) string {
	for ; digits > 0 && units%10 == 0; digits-- {
		units /= 10
	}
	if digits == 0 {
		return fmt.Sprint(units)
	}
	scale := 1
	for range digits {
		scale *= 10
	}
	return fmt.Sprintf("%d.%0*d", units/scale, digits, units%scale)
}
