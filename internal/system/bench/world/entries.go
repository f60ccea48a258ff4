package world

import (
	"context"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/sandbox/seed"
)

const (
	// shiftsEach is how many shifts a team member has in the period, one a day, the last
	// yesterday: everybody has been employed for longer, and payroll has not run on any of
	// the days.
	shiftsEach = 20

	warmUpEntries = 100
	// Of twenty shifts two keep their meals and allowances, and two others take twenty
	// minutes, so that lines must add up (X5).
	withExtras  = 10
	twentyAfter = 5
)

// NewWithEntries makes a world with that many entries of work, at twenty a team member,
// and as many people as have them. The account in Connexie comes twice, so that worker
// and floor do not export to the same venues.
func NewWithEntries(ctx context.Context, serverURL string, entries int) (*World, error) {
	// Of 200 people 149 have a profile from before the first synchronisation, the last
	// few more or fewer: see seed.Scaled.
	people := entries*200/(149*shiftsEach) + warmUpPeople
	return build(ctx, serverURL, people, entries)
}

// Period is what the entries lie in.
func (w *World) Period() domain.Period {
	days := w.shifts()
	return domain.Period{From: domain.DayOf(days.From.Start()), To: domain.DayOf(days.To.Start())}
}

// Codes are the wage codes that are chosen for the entries.
func (w *World) Codes() []seed.Code { return w.codes }

func (w *World) shifts() seed.Period {
	today := w.sandbox.Today()
	return seed.Period{From: today.AddDays(-shiftsEach), To: today.AddDays(-1)}
}

// crowd is an organisation of so many people, with entries where there are to be some.
func (w *World) crowd(people, entries int) seed.Scenario {
	made := seed.Scaled(people, seedNumber, w.sandbox.Today())
	if entries > 0 {
		made = made.WithShifts(w.shifts())
	}
	scenario := made.Scenario()
	kept := scenario.Organisation.Entries
	kept = kept[:min(entries, len(kept))]
	twenty := 20
	for i := range kept {
		if i%withExtras != 0 {
			kept[i].Extras = nil
		}
		if i%withExtras == twentyAfter {
			kept[i].Minutes = &twenty
		}
	}
	scenario.Organisation.Entries = kept
	return scenario
}

const floorSuffix = "-floor"

// floorAccount is the account that the floor exports to.
func floorAccount(account sandbox.Account) sandbox.Account {
	account.ID += floorSuffix
	account.Token += floorSuffix
	return account
}
