package domain_test

import (
	"slices"
	"strconv"
	"time"

	"github.com/govalues/decimal"
	"pgregory.net/rapid"

	"github.com/eitje/connexie-worker/internal/domain"
)

// world is what a property test draws: the facts, and what was known while they
// were made, so that the reference need not ask the code.
type world struct {
	Facts     domain.Facts
	Email     domain.EmailState
	Connected []domain.VenueConnection
	Inactive  []string
}

// Personal data is drawn from words that nothing else contains, so that a leak into
// steps and notices shows (N4): see personalMarks.
var (
	texts        = []string{"pii-a", "pii-b", ""}
	birthDates   = []string{"1987-01-02", "1987-12-31", ""}
	amounts      = []string{"", "9137.5", "9137.50", "9137.5000", "9137.2501", "0"}
	personEmails = map[domain.EmailState][]string{
		domain.EmailValid:   {"pii-a@example.nl", " PII-A@Example.NL\t", "pii-b@example.nl"},
		domain.EmailBlank:   {"", " ", "\t\u00a0"},
		domain.EmailInvalid: {"pii-no-at", "pii a@example.nl", "pii-a@localhost"},
	}
	emailStates = []domain.EmailState{
		domain.EmailValid, domain.EmailValid, domain.EmailValid, domain.EmailValid, domain.EmailBlank, domain.EmailInvalid,
	}
)

// personalMarks are found in all personal data above and in nothing else.
var personalMarks = []string{"pii", "PII", "9137", "1987", "@"}

// dayOffsets are the days around the run on which contracts begin and end: the
// boundaries of every rule about days, and few enough to coincide often.
var dayOffsets = []int{-40, -10, -1, 0, 1, 30}

func drawWorld(t *rapid.T) world {
	w := drawVenues(t)
	w.Email = rapid.SampledFrom(emailStates).Draw(t, "email state")
	day := date(today).AddDays(rapid.IntRange(0, 800).Draw(t, "day"))
	w.Facts = domain.Facts{
		Day:             day,
		Person:          drawPerson(t, day),
		Problem:         drawSeldom(t, "end_date", "problem"),
		Rivals:          drawSeldom(t, 1, "rivals"),
		EmailTaken:      drawSeldom(t, true, "e-mail taken"),
		Venues:          domain.NewVenueMap(w.Connected, connexieVenues(w.Inactive)),
		Standing:        drawStanding(t),
		KnownCandidates: rapid.SampledFrom([][]string{nil, {"t1"}, {"t1", "t2"}}).Draw(t, "known candidates"),
		Ending:          rapid.Bool().Draw(t, "ending"),
		OpenCauses:      drawSome(t, append(domain.StandingCauses(), domain.CauseReactivated, domain.CauseLikelyDuplicate), "open causes"),
	}
	w.Facts.Person.Email = rapid.SampledFrom(personEmails[w.Email]).Draw(t, "email")
	if rapid.Bool().Draw(t, "linked") {
		w.Facts.Profile = new(drawProfile(t, "t0", day, rapid.SampledFrom(append(personEmails[domain.EmailValid], "")).Draw(t, "profile's email")))
	}
	if w.Email == domain.EmailValid {
		for i := range rapid.SampledFrom([]int{0, 0, 1, 1, 2}).Draw(t, "candidates") {
			w.Facts.Candidates = append(w.Facts.Candidates, drawProfile(t, "t"+strconv.Itoa(i+1), day, w.Facts.Person.Email))
		}
	}
	w.Facts.LookAlikes = rapid.SampledFrom([][]string{nil, nil, {"t8"}, {"t9", "t8"}}).Draw(t, "look-alikes")
	w.Facts.LikelyDuplicatesWait = rapid.Bool().Draw(t, "likely duplicates wait")
	w.Facts.Decision = drawDecision(t, w)
	if rapid.Uint64().Draw(t, "held")%8 == 7 {
		w.Facts.HoldUntil = day.AddDays(rapid.SampledFrom(dayOffsets).Draw(t, "held until"))
	}
	return w
}

// drawDecision draws somebody's word on the person, on today's basis or on another one
// (S6).
func drawDecision(t *rapid.T, w world) *domain.Decision {
	if rapid.Bool().Draw(t, "undecided") {
		return nil
	}
	decision := &domain.Decision{
		Kind:       rapid.SampledFrom([]domain.DecisionKind{domain.DecideLink, domain.DecideCreate, domain.DecideSkip}).Draw(t, "decision"),
		EmailKey:   plainKey(w.Facts.Person.Email),
		Candidates: rapid.SampledFrom([][]string{nil, {"t1"}, {"t2"}, {"t1", "t2"}, {"t1", "t2", "t3"}, {"t8"}, {"t8", "t9"}}).Draw(t, "decided among"),
	}
	decision.EmailKey = drawSeldom(t, "pii-other@example.nl", "decided on another address") + decision.EmailKey
	if decision.Kind == domain.DecideLink {
		decision.TeamMemberID = "t9"
		decision.Profile = drawChosen(t, w.Facts)
	}
	return decision
}

// drawChosen draws the profile that somebody chose: a candidate, another one, or one
// that can no longer be linked.
func drawChosen(t *rapid.T, f domain.Facts) *domain.Profile {
	switch rapid.Uint64().Draw(t, "chosen") % 4 {
	case 0:
		return nil
	case 1:
		return new(drawProfile(t, "t9", f.Day, "pii-d@example.nl"))
	}
	if len(f.Candidates) == 0 {
		return nil
	}
	return &f.Candidates[len(f.Candidates)-1]
}

func drawVenues(t *rapid.T) world {
	var w world
	for _, ours := range []string{"E1", "E2", "E3", "E4"} {
		theirs := rapid.SampledFrom([]string{"V1", "V1", "V2", "V2", "V3", "", "undecided"}).Draw(t, ours+" is kept with")
		if theirs != "undecided" {
			w.Connected = append(w.Connected, domain.VenueConnection{EitjeID: ours, ConnexieID: theirs})
		}
	}
	w.Inactive = drawSeldom(t, drawSome(t, []string{"V1", "V2", "V3"}, "inactive"), "any inactive")
	return w
}

func connexieVenues(inactive []string) []domain.ConnexieVenue {
	var venues []domain.ConnexieVenue
	for _, id := range []string{"V1", "V2", "V3"} {
		venues = append(venues, domain.ConnexieVenue{ID: id, Inactive: slices.Contains(inactive, id)})
	}
	return venues
}

func drawPerson(t *rapid.T, day domain.Date) domain.Person {
	return domain.Person{
		ID:        "p1",
		FirstName: drawText(t, "first name"), LastName: drawText(t, "last name"),
		Infix:       drawField(t, "infix", drawText),
		DateOfBirth: drawField(t, "birth date", drawBirthDate),
		Phone:       drawField(t, "phone", drawText),
		Street:      drawField(t, "street", drawText),
		HouseNumber: drawField(t, "house number", drawText),
		PostalCode:  drawField(t, "postal code", drawText),
		City:        drawField(t, "city", drawText),
		Country:     drawField(t, "country", drawText),
		Employment: domain.Employment{
			Ended: drawSeldom(t, true, "employment ended"),
			Start: day.AddDays(-100),
			End:   rapid.SampledFrom([]domain.Date{{}, {}, day, day.AddDays(1), day.AddDays(-1)}).Draw(t, "employment end"),
		},
		Contracts: drawContracts(t, day),
	}
}

func drawContracts(t *rapid.T, day domain.Date) []domain.Contract {
	var contracts []domain.Contract
	for _, id := range drawSome(t, []string{"c1", "c2", "c3", "c4"}, "contracts") {
		start, end := drawSpan(t, day, id)
		contracts = append(contracts, domain.Contract{
			ID: id, Type: drawType(t, id), Start: start, End: end,
			HoursPerWeek: drawAmount(t, id), HourlyWage: drawAmount(t, id), JobTitle: drawText(t, id),
			VenueID:            rapid.SampledFrom([]string{"V1", "V1", "V2", "V2", "V3", "V9"}).Draw(t, id+"'s venue"),
			AdditionalVenueIDs: drawSome(t, []string{"V1", "V2", "V3", "V9"}, id+"'s additional venues"),
		})
	}
	return contracts
}

func drawProfile(t *rapid.T, id string, day domain.Date, email string) domain.Profile {
	made := domain.Profile{
		ID: id, Email: email, FirstName: drawText(t, id), Infix: drawText(t, id), LastName: drawText(t, id),
		DateOfBirth: drawBirthDate(t, id), Phone: drawText(t, id), Street: drawText(t, id),
		HouseNumber: drawText(t, id), PostalCode: drawText(t, id), City: drawText(t, id), Country: drawText(t, id),
		Active:    rapid.Bool().Draw(t, id+" active"),
		Venues:    drawSome(t, []string{"E1", "E2", "E3", "E4"}, id+"'s venues"),
		Contracts: drawHeld(t, id, day),
	}
	if !made.Active && rapid.Bool().Draw(t, id+" deactivation known") {
		made.DeactivatedAt = time.Date(2026, 11, 1, 12, 0, 0, 123456000, time.UTC)
		made.DeactivatedBy = "manager-7"
	}
	return made
}

// drawHeld draws contracts of Eitje: copies of those that Connexie may have, ones
// that it no longer has (c5), and ones that were entered by hand.
func drawHeld(t *rapid.T, profile string, day domain.Date) []domain.HeldContract {
	var held []domain.HeldContract
	taken := []string{""}
	for _, id := range drawSome(t, []string{"h1", "h2", "h3", "h4"}, profile+"'s contracts") {
		id = profile + id
		connexieID := rapid.SampledFrom([]string{"", "", "c1", "c2", "c3", "c4", "c5"}).Draw(t, id+" is")
		if connexieID != "" && slices.Contains(taken, connexieID) {
			connexieID = ""
		}
		taken = append(taken, connexieID)
		start, end := drawSpan(t, day, id)
		held = append(held, domain.HeldContract{
			ID: id, ConnexieID: connexieID, Type: drawType(t, id), Start: start, End: end,
			HoursPerWeek: drawAmount(t, id), HourlyWage: drawAmount(t, id), JobTitle: drawText(t, id),
			VenueID: rapid.SampledFrom([]string{"", "E1", "E2", "E3", "E4"}).Draw(t, id+"'s venue"),
		})
		if connexieID != "" && rapid.Bool().Draw(t, id+" was exported") {
			held[len(held)-1].LastExported = day.AddDays(rapid.SampledFrom(dayOffsets).Draw(t, id+" was last exported"))
		}
	}
	return held
}

// drawSpan draws a start and an end not before it.
func drawSpan(t *rapid.T, day domain.Date, label string) (domain.Date, domain.Date) {
	start := rapid.SampledFrom(dayOffsets).Draw(t, label+" starts")
	end := rapid.SampledFrom(append([]int{1000}, dayOffsets...)).Draw(t, label+" ends")
	switch {
	case end == 1000:
		return day.AddDays(start), domain.Date{}
	case end < start:
		start, end = end, start
	}
	return day.AddDays(start), day.AddDays(end)
}

func drawStanding(t *rapid.T) domain.Standing {
	return rapid.SampledFrom([]domain.Standing{
		{},
		{Situation: domain.Linked, Rule: "S5"},
		{Situation: domain.Skipped, Reason: domain.ReasonEmailBlank, Rule: "S3"},
		{Situation: domain.Disputed, Reason: domain.ReasonSharedEmail, Rule: "S6"},
	}).Draw(t, "standing")
}

func drawField[T comparable](t *rapid.T, label string, draw func(*rapid.T, string) T) domain.Field[T] {
	if rapid.Bool().Draw(t, label+" is absent") {
		return domain.Field[T]{}
	}
	return domain.Sent(draw(t, label))
}

func drawText(t *rapid.T, label string) string {
	return rapid.SampledFrom(texts).Draw(t, label)
}

func drawBirthDate(t *rapid.T, label string) domain.Date {
	return date(rapid.SampledFrom(birthDates).Draw(t, label+" born"))
}

func drawAmount(t *rapid.T, label string) decimal.NullDecimal {
	return amount(rapid.SampledFrom(amounts).Draw(t, label+" amount"))
}

func drawType(t *rapid.T, label string) domain.ContractType {
	return rapid.SampledFrom([]domain.ContractType{domain.Flex, domain.FixedHours, domain.SelfEmployed, domain.Payroll}).
		Draw(t, label+" type")
}

// drawSeldom draws the value once in eight times and nothing otherwise.
func drawSeldom[T any](t *rapid.T, value T, label string) T {
	if rapid.Uint64().Draw(t, label+" seldom")%8 == 7 {
		return value
	}
	var nothing T
	return nothing
}

// drawSome draws some of the items, each at most once, in any order.
func drawSome[T any](t *rapid.T, items []T, label string) []T {
	shuffled := rapid.Permutation(items).Draw(t, label)
	return shuffled[:rapid.Uint64().Draw(t, label+" count")%uint64(len(items)+1)]
}
