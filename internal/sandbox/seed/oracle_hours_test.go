package seed_test

import (
	"slices"
	"strings"
	"time"

	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/sandbox/seed"
)

// auditor decides slowly and plainly, from the rule book, what an export of all
// kinds makes of every entry.
type auditor struct {
	employees map[string]sandbox.Employee
	person    map[string]string // profile to Connexie id
	used      map[string]string // Eitje venue to Connexie venue
	inactive  map[string]bool   // Connexie venues
	codes     map[[2]string]string
}

func newAuditor(scenario seed.Scenario) auditor {
	a := auditor{
		employees: map[string]sandbox.Employee{}, person: map[string]string{}, used: map[string]string{},
		inactive: map[string]bool{}, codes: map[[2]string]string{},
	}
	for _, employee := range scenario.Account.Employees {
		a.employees[employee.ID] = employee
	}
	for id, expected := range scenario.Expected {
		if expected.ProfileID != "" {
			a.person[expected.ProfileID] = id
		}
	}
	for _, decision := range scenario.Decisions {
		if decision.EitjeVenueID != "" && decision.ConnexieVenueID != "" {
			a.used[decision.EitjeVenueID] = decision.ConnexieVenueID
		}
		a.inactive[decision.ConnexieVenueID] = decision.EitjeVenueID == ""
	}
	for _, code := range scenario.Export.Codes {
		a.codes[[2]string{code.Kind, code.Type}] = code.Code
	}
	return a
}

func (a auditor) entry(e seed.Entry) seed.ExpectedEntry {
	var is seed.ExpectedEntry
	contract, rule, reason := a.whole(e)
	candidates := append([]seed.Extra{{Kind: seed.Hours}}, e.Extras...)
	for _, candidate := range candidates {
		rule, reason, code := rule, reason, ""
		if rule == "" {
			code, rule, reason = a.line(candidate, contract)
		}
		if rule != "" {
			is.Skips = append(is.Skips, seed.ExpectedSkip{Kind: candidate.Kind, Type: candidate.Type, Rule: rule, Reason: reason})
			continue
		}
		line := seed.ExpectedLine{Kind: candidate.Kind, Type: candidate.Type, Code: code, Quantity: candidate.Quantity}
		if candidate.Kind == seed.Hours {
			line.Minutes = net(e)
		}
		is.Lines = append(is.Lines, line)
		is.EmployeeID, is.ContractID, is.VenueID = a.person[e.ProfileID], contract.ID, a.used[e.VenueID]
	}
	return is
}

// whole is what leaves out an entry as a whole, in the order in which it is asked.
func (a auditor) whole(e seed.Entry) (contract sandbox.Contract, rule, reason string) {
	switch {
	case e.State == seed.Deleted:
		return contract, "X1", seed.IsDeleted
	case e.State == seed.Open:
		return contract, "X1", seed.NotApproved
	case e.Kind == seed.Leave:
		return contract, "X1", seed.IsLeave
	case e.Kind == seed.Sick:
		return contract, "X1", seed.IsSick
	case !e.StartsAt.IsZero() && sandbox.DateOf(e.StartsAt) != e.Day:
		return contract, "X4", seed.DayDiffers
	case a.person[e.ProfileID] == "":
		return contract, "X2", seed.NotLinked
	}
	if contract, reason = activeContract(a.employees[a.person[e.ProfileID]].Contracts, e.Day); reason != "" {
		return contract, "X2", reason
	}
	switch {
	case a.used[e.VenueID] == "":
		return contract, "C3", seed.VenueNotUsed
	case a.inactive[contract.VenueID]:
		return contract, "C5", seed.ContractVenueInactive
	case e.Minutes == nil && (e.StartsAt.IsZero() || e.EndsAt.IsZero()):
		return contract, "X5", seed.NoEnd
	case net(e) < 0:
		return contract, "X5", seed.NegativeLength
	case net(e) == 0:
		return contract, "X6", seed.ZeroLength
	}
	return contract, "", ""
}

// line is what leaves out one line, or the code under which it goes.
func (a auditor) line(candidate seed.Extra, contract sandbox.Contract) (code, rule, reason string) {
	allowed := contract.Type == sandbox.Flex || contract.Type == sandbox.FixedHours && candidate.Kind != seed.Hours
	if !allowed {
		return "", "X3", seed.ByContractType
	}
	if candidate.Kind == seed.Meal && strings.Contains(candidate.Quantity, ".") {
		return "", "X6", seed.NotACount
	}
	code = a.codes[[2]string{candidate.Kind, strings.TrimSpace(candidate.Type)}]
	if code == "" {
		return "", "C6", seed.Unmapped
	}
	return code, "", ""
}

func net(e seed.Entry) int {
	if e.Minutes != nil {
		return *e.Minutes
	}
	return int(e.EndsAt.Sub(e.StartsAt)/time.Minute) - e.BreakMinutes
}

// unordered makes two expectations comparable: the order of lines says nothing, and
// the quantity of hours depends on the rest of the period.
func unordered(e seed.ExpectedEntry) seed.ExpectedEntry {
	e.Lines, e.Skips = slices.Clone(e.Lines), slices.Clone(e.Skips)
	for i := range e.Lines {
		if e.Lines[i].Kind == seed.Hours {
			e.Lines[i].Quantity = ""
		}
	}
	slices.SortFunc(e.Lines, func(x, y seed.ExpectedLine) int { return strings.Compare(x.Kind+x.Type, y.Kind+y.Type) })
	slices.SortFunc(e.Skips, func(x, y seed.ExpectedSkip) int { return strings.Compare(x.Kind+x.Type, y.Kind+y.Type) })
	return e
}
