package seed

import (
	"github.com/eitje/connexie-worker/internal/sandbox"
)

// contracts begin, end, overlap and leave gaps.
func (b *builder) contracts() {
	day := b.today.AddDays
	none := func(e *sandbox.Employee) { e.Contracts = nil }
	b.skipped("S3", "no contract", NoContract, none)
	b.skipped("S3", "contract starts tomorrow", ContractNotStarted, runs(day(1), ""))
	b.skipped("S13", "contract ended yesterday, employment goes on", ContractEnded, runs(day(-300), day(-1)))
	b.skipped("S13", "contracts long ended, employment goes on", ContractEnded,
		runs(day(-700), day(-400)), another(day(-399), day(-90)))
	b.skipped("X2", "today lies in a gap", ContractGap, runs(day(-200), day(-5)), another(day(5), ""))
	b.matched("S3", "contract starts today", runs(day(0), ""))
	b.matched("S3", "contract ends today", runs(day(-100), day(0)))
	b.matched("X2", "a gap in the past", runs(day(-400), day(-200)), another(day(-150), ""))
	b.matched("S17", "contracts follow without a gap", runs(day(-400), day(-31)), another(day(-30), ""))
	b.matched("S17", "overlap: the later start counts", runs(day(-300), ""), another(day(-20), day(60)))
	b.matched("S17", "overlap with one start: the highest id counts", runs(day(-90), ""), another(day(-90), ""))
	b.matched("X3", "self-employed", contractType(sandbox.SelfEmployed, ""))
	b.matched("X3", "payroll", contractType(sandbox.Payroll, "24.00"))
	b.matched("X3", "fixed hours", contractType(sandbox.FixedHours, "38.00"))
	b.turnedFixed = b.matched("X3", "flex turned fixed in the middle of last month",
		runs(day(-300), b.inLastMonth(15)), contractType(sandbox.Flex, ""), at(VenueBrug),
		another(b.inLastMonth(16), ""), func(e *sandbox.Employee) {
			e.Contracts[1].Type = sandbox.FixedHours
			e.Contracts[1].HoursPerWeek = sandbox.Some("32.00")
		})
	b.created("X3", "self-employed, not yet in Eitje", contractType(sandbox.SelfEmployed, ""))
}

// employments are over, about to be, or not yet begun.
func (b *builder) employments() {
	day := b.today.AddDays
	b.skipped("S3", "employment ended yesterday", EmploymentEnded,
		runs(day(-500), day(-1)), employed(day(-500), day(-1)))
	b.skipped("S3", "employment ended, contract left open", EmploymentEnded,
		runs(day(-500), ""), employed(day(-500), day(-40)))
	left := b.person(runs(day(-500), day(-40)), employed(day(-500), day(-40)))
	profile := b.team(left)
	b.expect(left, Skipped, EmploymentEnded, "")
	b.label("S3", "employment ended, an unlinked profile has the e-mail", left).ProfileIDs = []string{profile.ID}
	b.skipped("S3", "employment starts tomorrow", ContractNotStarted, func(e *sandbox.Employee) {
		e.Employment.StartDate, e.Contracts[0].StartDate = day(1), day(1)
	})
	b.matched("S3", "employment ends today", runs(day(-500), day(0)), employed(day(-500), day(0)))
	b.matched("E3", "employment ends in three weeks", runs(day(-500), day(21)), employed(day(-500), day(21)))
}

// workplaces are Inactive, undecided, or more than one.
func (b *builder) workplaces() {
	for range 3 {
		b.skipped("C5", "only at an Inactive venue", VenueInactive, at(VenueStrand))
	}
	b.skipped("C2", "only at a venue that is undecided", VenueUndecided, at(VenueUnlisted))
	b.matched("S18", "two venues", at(VenueBrug, VenueHaven))
	b.created("S18", "two venues, not yet in Eitje", at(VenueHaven, VenueBrug))
	b.matched("C5", "one active and one Inactive venue", at(VenueBrug, VenueStrand))
	b.matched("C5", "main venue Inactive, additional one active", at(VenueStrand, VenueHaven))
	b.matched("C2", "one undecided and one decided venue", at(VenueUnlisted, VenueBrug))
}
