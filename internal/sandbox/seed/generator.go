package seed

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/eitje/connexie-worker/internal/sandbox"
)

// generator makes people who depend on nothing but seed, scope and number, so
// that the hundred-thousandth is made without the others.
type generator struct {
	seed   uint64
	scope  string // the organisation's name: two organisations share no id
	today  sandbox.Date
	venues []string // of Connexie, where people work
	width  int      // digits of an id, so that ids sort as numbers do
}

func (g generator) employeeID(number int) string { return fmt.Sprintf("emp_%0*d", g.width, number) }

// employee has one active employment, one active contract at one venue, and an
// e-mail address of their own.
func (g generator) employee(number int) sandbox.Employee {
	random := rand.New(rand.NewPCG(g.seed, uint64(number))) //nolint:gosec // repeatable, not secret
	first, last := pick(random, firstNames), pick(random, surnames)
	hired := g.today.AddDays(-60 - random.IntN(1500))
	employee := sandbox.Employee{
		ID:          g.employeeID(number),
		FirstName:   first,
		LastName:    last.name,
		Email:       sandbox.Some(mailbox(first, last, number) + "@" + pick(random, domains)),
		DateOfBirth: sandbox.Some(g.today.AddDays(-365*17 - random.IntN(365*40))),
		Phone:       sandbox.Some(g.phone(number)),
		Address:     sandbox.Some(address(random)),
		BSN:         sandbox.Some(citizenNumber(random)),
		IBAN:        sandbox.Some(fmt.Sprintf("NL00TEST%010d", random.IntN(1e10))),
		Employment:  sandbox.Employment{Status: sandbox.EmploymentActive, StartDate: hired, EndDate: sandbox.Null[sandbox.Date]()},
		Contracts:   []sandbox.Contract{g.contract(random, number, hired)},
		ModifiedAt:  g.today.AddDays(-1 - random.IntN(50)).Start().Add(time.Duration(random.IntN(72_000)) * time.Second),
	}
	employee.Infix = sandbox.Null[string]()
	if last.infix != "" {
		employee.Infix = sandbox.Some(last.infix)
	}
	return employee
}

func (g generator) contract(random *rand.Rand, number int, from sandbox.Date) sandbox.Contract {
	contract := sandbox.Contract{
		ID:           fmt.Sprintf("con_%0*d", g.width, number),
		Type:         sandbox.Flex,
		StartDate:    from,
		EndDate:      sandbox.Null[sandbox.Date](),
		HoursPerWeek: sandbox.Null[string](),
		HourlyWage:   sandbox.Some(fmt.Sprintf("%d.%02d", 13+random.IntN(9), random.IntN(100))),
		JobTitle:     sandbox.Some(pick(random, jobTitles)),
		VenueID:      pick(random, g.venues),
	}
	if random.IntN(4) == 0 {
		contract.Type = sandbox.FixedHours
		contract.HoursPerWeek = sandbox.Some(pick(random, []string{"16.00", "24.00", "32.00", "38.00"}))
	}
	if random.IntN(3) == 0 {
		contract.EndDate = sandbox.Some(from.AddDays(4000))
	}
	return contract
}

// phone numbers of one organisation differ: 7919 shares no factor with 10^7.
func (g generator) phone(number int) string {
	return fmt.Sprintf("+3160%07d", (uint64(number)*7919+g.seed%1000)%10_000_000) //nolint:gosec // a number in a row, never negative
}

func mailbox(first string, last surname, number int) string {
	letters := func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r
		default:
			return -1
		}
	}
	name := strings.Map(letters, strings.ToLower(first)) + "." +
		strings.Map(letters, strings.ToLower(last.infix+last.name))
	return name + "." + strconv.Itoa(number)
}

func address(random *rand.Rand) sandbox.Address {
	in := pick(random, towns)
	return sandbox.Address{
		Street:      pick(random, streets),
		HouseNumber: strconv.Itoa(1+random.IntN(240)) + pick(random, []string{"", "", "", "A", "-2", " bis"}),
		PostalCode:  in.postcode + " " + string([]byte{letter(random), letter(random)}),
		City:        in.name,
		Country:     "NL",
	}
}

func letter(random *rand.Rand) byte { return "ABCDEGHJKLMNPRTVWXZ"[random.IntN(19)] }

// citizenNumber has nine digits and fails the check that every real one passes.
func citizenNumber(random *rand.Rand) string {
	for {
		number := fmt.Sprintf("9%08d", random.IntN(1e8))
		sum := -int(number[8] - '0')
		for i := range 8 {
			sum += (9 - i) * int(number[i]-'0')
		}
		if sum%11 != 0 {
			return number
		}
	}
}

// firstID is the instant that Eitje's ids carry, a millisecond apart.
var firstID = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// eitjeID is shaped like a UUIDv7, so that rows arrive in the order of their
// key, and is the same for the same arguments.
func (g generator) eitjeID(kind string, number int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d\n%s\n%s\n%d", g.seed, g.scope, kind, number))
	id := uuid.UUID(sum[:16])
	var at [8]byte
	binary.BigEndian.PutUint64(at[:], uint64(firstID.UnixMilli()+int64(number))) //nolint:gosec // after 1970
	copy(id[:6], at[2:])
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80
	return id.String()
}

func pick[T any](random *rand.Rand, choices []T) T { return choices[random.IntN(len(choices))] }
