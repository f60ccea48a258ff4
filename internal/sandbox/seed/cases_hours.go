package seed

import "github.com/eitje/connexie-worker/internal/sandbox"

// hoursCases are entries with an expectation that was written down by hand, nearly
// all in the month before today's.
func (b *builder) hoursCases() {
	b.statesAndKinds()
	b.contractsOnTheDay()
	b.overlaps()
	b.contractTypes()
	b.days()
	b.clockChanges()
	b.lengths()
	b.venuesOfEntries()
	b.codes()
}

// inLastMonth is a day of the month before today's that every month has.
func (b *builder) inLastMonth(day int) sandbox.Date {
	return b.scenario.Export.LastMonth.From.AddDays(day - 1)
}

// flexWorker adds someone who has worked at a venue for long, under an open flex
// contract but for the edits.
func (b *builder) flexWorker(rule, name string, edits ...edit) worker {
	edits = append([]edit{runs(b.today.AddDays(-500), ""), contractType(sandbox.Flex, ""), at(VenueBrug)}, edits...)
	return b.matched(rule, name, edits...)
}

func (b *builder) statesAndKinds() {
	day := b.inLastMonth
	who := b.flexWorker("X1", "approved work with all that belongs to it")
	b.shift(who, day(3), clock("17:00", "23:00"), rest(30), approved(330),
		with(Meal, Dinner, "1"), with(Allowance, Travel, "12.5"), with(Allowance, Tips, "8.4")).
		sends(hours(330), dinnerLine(), travelLine("12.5"), tipsLine("8.4"))

	who = b.flexWorker("X1", "not approved, deleted, leave and sick leave")
	b.shift(who, day(4), clock("17:00", "23:00"), approved(360), state(Open), with(Meal, Dinner, "1")).leftOut("X1", NotApproved)
	b.shift(who, day(5), clock("17:00", "23:00"), approved(360), state(Deleted)).leftOut("X1", IsDeleted)
	b.shift(who, day(6), approved(480), kind(Leave)).leftOut("X1", IsLeave)
	b.shift(who, day(7), approved(480), kind(Sick)).leftOut("X1", IsSick)
	b.shift(who, day(8), approved(480), kind(Leave), state(Open)).leftOut("X1", NotApproved)
	b.shift(who, day(10), clock("17:00", "23:00"), approved(360)).sends(hours(360))
}

func (b *builder) contractsOnTheDay() {
	day := b.inLastMonth
	long := b.today.AddDays(-500)
	profile := b.linked("X2", "left in mid-month: the last shifts, and one too many",
		[]edit{runs(long, day(16)), employed(long, day(16)), contractType(sandbox.Flex, ""), at(VenueBrug)}, nil)
	left := b.lastWorker(profile)
	b.shift(left, day(14), clock("12:00", "18:00"), approved(360)).sends(hours(360))
	b.shift(left, day(16), clock("20:00", "02:00"), approved(360)).sends(hours(360))
	b.shift(left, day(17), clock("12:00", "18:00"), approved(360)).leftOut("X2", ContractEnded)

	who := b.flexWorker("X2", "began in mid-month", runs(day(15), ""))
	b.shift(who, day(14), clock("12:00", "18:00"), approved(360)).leftOut("X2", ContractNotStarted)
	b.shift(who, day(15), clock("12:00", "18:00"), approved(360)).sends(hours(360))

	who = b.flexWorker("X2", "a gap between two contracts", runs(long, day(9)), another(day(21), ""))
	b.shift(who, day(9), clock("12:00", "18:00"), approved(360)).sends(hours(360))
	b.shift(who, day(14), clock("12:00", "18:00"), approved(360)).leftOut("X2", ContractGap)
	b.shift(who, day(21), clock("12:00", "18:00"), approved(360)).under(1).sends(hours(360))

	profile = b.linked("X2", "linked, and without a contract", []edit{func(e *sandbox.Employee) { e.Contracts = nil }},
		func(p *Profile) { p.VenueIDs = []string{b.toEitje[VenueBrug]} })
	b.shift(b.lastWorker(profile), day(10), clock("12:00", "18:00"), approved(360)).leftOut("X2", NoContract)

	b.number++
	stranger := b.employee(b.number)
	profile = b.team(&stranger)
	b.label("X2", "not linked: in Eitje alone").ProfileIDs = []string{profile.ID}
	b.shift(worker{profileID: profile.ID, venue: VenueBrug}, day(10), clock("12:00", "18:00"), approved(360)).
		leftOut("X2", NotLinked)
}

// lastWorker is whom linked added last.
func (b *builder) lastWorker(profile Profile) worker {
	people := b.scenario.Account.Employees
	return worker{employee: &people[len(people)-1], profileID: profile.ID, venue: VenueBrug}
}

func (b *builder) overlaps() {
	day := b.inLastMonth
	secondIsFixed := func(e *sandbox.Employee) {
		e.Contracts[1].Type, e.Contracts[1].HoursPerWeek = sandbox.FixedHours, sandbox.Some("24.00")
	}
	who := b.flexWorker("S17", "contracts overlap: the later start counts", another(day(10), ""), secondIsFixed)
	b.shift(who, day(9), clock("12:00", "18:00"), approved(360)).sends(hours(360))
	b.shift(who, day(10), clock("12:00", "18:00"), approved(360)).leftOut("X3", ByContractType)

	who = b.flexWorker("S17", "contracts with one start: the highest id counts",
		another(b.today.AddDays(-500), ""), secondIsFixed)
	b.shift(who, day(10), clock("12:00", "18:00"), approved(360)).leftOut("X3", ByContractType)
}

func (b *builder) contractTypes() {
	day := b.inLastMonth
	everything := func(e *Entry) {
		for _, change := range []func(*Entry){
			clock("17:00", "22:00"), approved(300), with(Meal, Dinner, "1"), with(Allowance, Travel, "7"),
		} {
			change(e)
		}
	}
	who := b.flexWorker("X3", "flex: hours, meals and allowances")
	b.shift(who, day(20), everything).sends(hours(300), dinnerLine(), travelLine("7"))
	who = b.flexWorker("X3", "fixed hours: meals and allowances alone", contractType(sandbox.FixedHours, "38.00"))
	b.shift(who, day(20), everything).without(Hours, "", "X3", ByContractType).sends(dinnerLine(), travelLine("7"))
	who = b.flexWorker("X3", "self-employed: nothing", contractType(sandbox.SelfEmployed, ""))
	b.shift(who, day(20), everything).leftOut("X3", ByContractType)
	who = b.flexWorker("X3", "payroll: nothing", contractType(sandbox.Payroll, "24.00"))
	b.shift(who, day(20), everything).leftOut("X3", ByContractType)

	who = b.turnedFixed
	b.label("X3", "flex turned fixed: hours until that day", who.employee).ProfileIDs = []string{who.profileID}
	b.shift(who, day(15), everything).sends(hours(300), dinnerLine(), travelLine("7"))
	b.shift(who, day(16), everything).under(1).
		without(Hours, "", "X3", ByContractType).sends(dinnerLine(), travelLine("7"))
}

func (b *builder) days() {
	day := b.inLastMonth
	who := b.flexWorker("X4", "over midnight, and over the end of the month")
	b.shift(who, day(12), clock("18:00", "02:30"), rest(30), approved(480)).sends(hours(480))
	b.shift(who, b.scenario.Export.LastMonth.To, clock("20:00", "03:00"), approved(420)).sends(hours(420))

	who = b.flexWorker("X4", "a day that is not that of the start")
	b.shift(who, day(12), clock("18:00", "23:00"), approved(300), filedUnder(day(13))).leftOut("X4", DayDiffers)
}

// clockChanges are 22:00 to 06:00 on the nights that are longer and shorter.
func (b *builder) clockChanges() {
	who := b.flexWorker("X5", "the nights of both clock changes")
	b.shift(who, b.scenario.Export.Winter.From, clock("22:00", "06:00")).sends(hoursOf(540, "9"))
	b.shift(who, b.scenario.Export.Summer.From, clock("22:00", "06:00")).sends(hoursOf(420, "7"))
}

func (b *builder) lengths() {
	day := b.inLastMonth
	who := b.flexWorker("X5", "what was approved wins over the clock")
	b.shift(who, day(3), clock("17:00", "23:00"), rest(30), approved(300)).sends(hours(300))
	b.shift(who, day(4), clock("17:00", "23:15"), rest(30)).sends(hours(345))
	b.shift(who, day(5), approved(240)).sends(hours(240))

	who = b.flexWorker("X5", "three times 20 minutes are one hour")
	b.shift(who, day(11), clock("09:00", "09:20"), approved(20)).sends(hoursOf(20, "0.33"))
	b.shift(who, day(11), clock("13:00", "13:20"), approved(20)).sends(hoursOf(20, "0.34"))
	b.shift(who, day(11), clock("17:00", "17:20"), approved(20)).sends(hoursOf(20, "0.33"))

	who = b.flexWorker("X5", "no end, and an end before the beginning")
	b.shift(who, day(6), begins("17:00")).leftOut("X5", NoEnd)
	b.shift(who, day(7), backwards("23:00", "17:00")).leftOut("X5", NegativeLength)
	b.shift(who, day(8), clock("10:00", "10:20"), rest(30)).leftOut("X5", NegativeLength)

	who = b.flexWorker("X6", "of zero length")
	b.shift(who, day(6), clock("12:00", "18:00"), approved(0), with(Meal, Lunch, "1")).leftOut("X6", ZeroLength)
	b.shift(who, day(7), clock("17:00", "17:30"), rest(30)).leftOut("X6", ZeroLength)

	who = b.flexWorker("X6", "a meal and a half")
	b.shift(who, day(8), clock("12:00", "18:00"), approved(360), with(Meal, Lunch, "1.5")).
		sends(hours(360)).without(Meal, Lunch, "X6", NotACount)
}

func (b *builder) venuesOfEntries() {
	day := b.inLastMonth
	office := b.scenario.Organisation.Venues[2]
	who := b.flexWorker("C3", "a shift at a venue that is not used")
	b.shift(who, day(18), clock("09:00", "13:00"), approved(240), atVenue(office.ID)).leftOut("C3", VenueNotUsed)
	b.shift(who, day(19), clock("09:00", "13:00"), approved(240)).sends(hours(240))

	who = b.flexWorker("C5", "a contract at an Inactive venue", at(VenueStrand, VenueHaven))
	who.venue = VenueHaven
	b.shift(who, day(18), clock("12:00", "18:00"), approved(360), with(Meal, Lunch, "1")).leftOut("C5", ContractVenueInactive)

	who = b.flexWorker("C5", "a contract at a venue that Connexie does not list is no reason", at(VenueUnlisted, VenueBrug))
	b.shift(who, day(18), clock("12:00", "18:00"), approved(360)).sends(hours(360))

	who = b.flexWorker("X2", "the entry's venue, not the contract's, chooses the import")
	who.venue = VenueHaven
	b.shift(who, day(18), clock("12:00", "18:00"), approved(360)).sends(hours(360))
	who.venue = VenueBrug
	b.shift(who, day(19), clock("12:00", "18:00"), approved(360)).sends(hours(360))
}

func (b *builder) codes() {
	day := b.inLastMonth
	who := b.flexWorker("C6", "an allowance without a code")
	b.shift(who, day(22), clock("12:00", "18:00"), approved(360), with(Allowance, Clothing, "1")).
		sends(hours(360)).without(Allowance, Clothing, "C6", Unmapped)

	who = b.flexWorker("C6", "a type with spaces around has the code of the one without")
	b.shift(who, day(22), clock("17:00", "22:00"), approved(300), with(Meal, " dinner ", "1")).
		sends(hours(300), ExpectedLine{Kind: Meal, Type: " dinner ", Code: "2010", Quantity: "1"})
}
