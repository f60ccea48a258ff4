package domain

import (
	"cmp"
	"slices"
)

// syncContracts makes the profile hold exactly the contracts of Connexie (S8): the
// whole history, so that the active one on any past day can be told (S17). A
// contract that was entered by hand in Eitje is taken over where it begins on the
// same day as one that Eitje lacks, and left alone otherwise. Both sides are put in
// order first, so that the order in which they came decides nothing.
func (p *planner) syncContracts(profile *Profile) {
	wanted := slices.Clone(p.facts.Person.Contracts)
	slices.SortFunc(wanted, compareContracts)
	slices.SortFunc(profile.Contracts, func(a, b HeldContract) int { return cmp.Compare(a.ID, b.ID) })
	for _, contract := range wanted {
		p.syncContract(contract, profile)
	}
	var kept []HeldContract
	for _, contract := range profile.Contracts {
		if contract.ConnexieID == "" || hasContract(wanted, contract.ConnexieID) {
			kept = append(kept, contract)
			continue
		}
		if closed, keep := closedByExport(contract); keep {
			p.closeContract(contract, closed)
			kept = append(kept, closed)
			continue
		}
		p.removeContract(contract)
	}
	profile.Contracts = kept
	if OverlapOn(wanted, p.facts.Day) {
		p.explain("S17", "Do several contracts cover the day?", "yes; the latest start counts, then the highest id")
		p.want(overlapNotice(p.facts.Person.ID))
	}
}

// syncContract writes one contract of Connexie over the one that Eitje holds of it.
// One taken over carries its Connexie ID from then on, so no second can take it.
func (p *planner) syncContract(contract Contract, profile *Profile) {
	index := heldIndex(profile.Contracts, contract)
	if index < 0 {
		after := p.held(contract, HeldContract{}, profile.Venues)
		profile.Contracts = append(profile.Contracts, after)
		p.plan.WriteContracts = append(p.plan.WriteContracts, after)
		p.change(Change{Object: ObjectContract, Field: FieldCreated, After: contract.ID})
		return
	}
	before := profile.Contracts[index]
	after := p.held(contract, before, profile.Venues)
	profile.Contracts[index] = after
	changes := diffContract(before, after)
	if len(changes) == 0 {
		return
	}
	p.plan.WriteContracts = append(p.plan.WriteContracts, after)
	p.change(changes...)
	if endsEarlier(before, after) {
		p.plan.ContractsEnded++
	}
}

// heldIndex finds the held contract that is, or is to become, the one of Connexie.
func heldIndex(held []HeldContract, contract Contract) int {
	index := slices.IndexFunc(held, func(h HeldContract) bool { return h.ConnexieID == contract.ID })
	if index >= 0 {
		return index
	}
	return slices.IndexFunc(held, func(h HeldContract) bool { return h.ConnexieID == "" && h.Start == contract.Start })
}

// held is a contract of Connexie as Eitje must hold it.
func (p *planner) held(contract Contract, before HeldContract, venues []string) HeldContract {
	return HeldContract{
		ID: before.ID, ConnexieID: contract.ID, Type: contract.Type,
		Start: contract.Start, End: contract.End,
		HoursPerWeek: contract.HoursPerWeek, HourlyWage: contract.HourlyWage,
		JobTitle: contract.JobTitle,
		VenueID:  contractVenue(p.facts.Venues.EitjeVenues(contract.VenueID), before.VenueID, venues),

		LastExported: before.LastExported,
	}
}

// contractVenue keeps the venue that a contract has among those that share the
// Connexie venue (C4); otherwise it takes the first at which the team member is
// already, or else the first (S18).
func contractVenue(mapped []string, before string, venues []string) string {
	switch {
	case len(mapped) == 0:
		return ""
	case slices.Contains(mapped, before):
		return before
	}
	for _, id := range mapped {
		if slices.Contains(venues, id) {
			return id
		}
	}
	return mapped[0]
}

// closedByExport is a contract that is gone from Connexie's list as Eitje keeps it, so
// that the days that were exported under it can be exported again (X2, X8): it ends on
// the last of them, or on its own last day where that is earlier. The second result is
// false where nothing was exported under it, or nothing since the day on which it now
// begins.
func closedByExport(contract HeldContract) (HeldContract, bool) {
	last := contract.LastExported
	if last.IsZero() || last.Before(contract.Start) {
		return HeldContract{}, false
	}
	if contract.End.IsZero() || last.Before(contract.End) {
		contract.End = last
	}
	return contract, true
}

func (p *planner) closeContract(before, after HeldContract) {
	if before.End == after.End {
		return
	}
	p.plan.WriteContracts = append(p.plan.WriteContracts, after)
	p.plan.ContractsEnded++
	p.change(diffContract(before, after)...)
}

func (p *planner) removeContract(contract HeldContract) {
	p.plan.RemoveContracts = append(p.plan.RemoveContracts, contract.ID)
	p.plan.ContractsEnded++
	p.change(Change{Object: ObjectContract, ObjectID: contract.ID, Field: FieldRemoved, Before: contract.ConnexieID})
	p.change(diffContract(contract, HeldContract{ID: contract.ID})...)
}

// endsEarlier reports whether an end date is newly set or moved earlier (S16).
func endsEarlier(before, after HeldContract) bool {
	return !after.End.IsZero() && (before.End.IsZero() || after.End.Before(before.End))
}

func hasContract(contracts []Contract, id string) bool {
	return slices.ContainsFunc(contracts, func(c Contract) bool { return c.ID == id })
}
