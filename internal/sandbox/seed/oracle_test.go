package seed_test

import (
	"net/mail"
	"strings"

	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/sandbox/seed"
)

// judge decides slowly and plainly, from the rule book, what a first
// synchronisation makes of everyone.
func judge(scenario seed.Scenario, today sandbox.Date) map[string]seed.Expectation {
	linked, candidates, owners := index(scenario.Organisation.Profiles)
	sharing := map[string]int{}
	for _, employee := range scenario.Account.Employees {
		if linked[employee.ID] == "" && key(address(employee)) != "" {
			sharing[key(address(employee))]++
		}
	}
	verdicts := map[string]seed.Expectation{}
	for _, employee := range scenario.Account.Employees {
		email := key(address(employee))
		switch reason := skipReason(employee, scenario.Decisions, today); {
		case linked[employee.ID] != "": // S5
			verdicts[employee.ID] = seed.Expectation{Situation: seed.Linked, ProfileID: linked[employee.ID]}
		case reason != "": // S3
			verdicts[employee.ID] = seed.Expectation{Situation: seed.Skipped, Reason: reason}
		case sharing[email] > 1: // S6
			verdicts[employee.ID] = seed.Expectation{Situation: seed.Disputed, Reason: seed.SharedEmail}
		case owners[email]:
			verdicts[employee.ID] = seed.Expectation{Situation: seed.Disputed, Reason: seed.EmailOfLinkedProfile}
		case len(candidates[email]) > 1:
			verdicts[employee.ID] = seed.Expectation{Situation: seed.Disputed, Reason: seed.SeveralCandidates}
		case len(candidates[email]) == 1: // S4, S7
			verdicts[employee.ID] = seed.Expectation{Situation: seed.Matched, ProfileID: candidates[email][0]}
		default:
			verdicts[employee.ID] = seed.Expectation{Situation: seed.New}
		}
	}
	return verdicts
}

func index(profiles []seed.Profile) (linked map[string]string, candidates map[string][]string, owners map[string]bool) {
	linked, candidates, owners = map[string]string{}, map[string][]string{}, map[string]bool{}
	for _, profile := range profiles {
		if profile.ConnexieID != "" {
			linked[profile.ConnexieID] = profile.ID
			owners[key(profile.Email)] = true
			continue
		}
		candidates[key(profile.Email)] = append(candidates[key(profile.Email)], profile.ID)
	}
	return linked, candidates, owners
}

func skipReason(employee sandbox.Employee, decisions []seed.Decision, today sandbox.Date) string {
	end, closed := employee.Employment.EndDate.Get()
	if closed && end < today || employee.Employment.Status == sandbox.EmploymentEnded {
		return seed.EmploymentEnded
	}
	active, reason := activeContract(employee.Contracts, today)
	if reason != "" {
		return reason
	}
	if reason := venueReason(active, decisions); reason != "" {
		return reason
	}
	if address(employee) == "" {
		return seed.EmailBlank
	}
	if _, err := mail.ParseAddress(address(employee)); err != nil {
		return seed.EmailInvalid
	}
	return ""
}

func activeContract(contracts []sandbox.Contract, today sandbox.Date) (active sandbox.Contract, reason string) {
	var past, future, found bool
	for _, contract := range contracts {
		end, closed := contract.EndDate.Get()
		switch {
		case closed && end < today:
			past = true
		case contract.StartDate > today:
			future = true
		case !found || contract.StartDate > active.StartDate ||
			contract.StartDate == active.StartDate && contract.ID > active.ID: // S17
			active, found = contract, true
		}
	}
	switch {
	case found:
		return active, ""
	case past && future:
		return active, seed.ContractGap
	case past:
		return active, seed.ContractEnded
	case future:
		return active, seed.ContractNotStarted
	default:
		return active, seed.NoContract
	}
}

// venueReason is C2 and C5: one venue in use is enough.
func venueReason(contract sandbox.Contract, decisions []seed.Decision) string {
	undecided := false
	for _, venue := range append([]string{contract.VenueID}, contract.AdditionalVenueIDs...) {
		decided := false
		for _, decision := range decisions {
			if decision.ConnexieVenueID != venue {
				continue
			}
			if decided = true; decision.EitjeVenueID != "" {
				return ""
			}
		}
		undecided = undecided || !decided
	}
	if undecided {
		return seed.VenueUndecided
	}
	return seed.VenueInactive
}

func key(email string) string { return strings.ToLower(strings.TrimSpace(email)) }
