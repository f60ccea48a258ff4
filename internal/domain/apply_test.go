package domain_test

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/govalues/decimal"

	"github.com/eitje/connexie-worker/internal/domain"
)

// apply does what the store does with a plan, as plainly as possible, and returns
// the facts of the next sync. It trusts the flags and lists of the plan, not its
// Profile, except for the columns that WritesProfile speaks of.
func apply(facts domain.Facts, plan domain.Plan) domain.Facts {
	after := facts
	after.Standing = plan.Standing
	after.KnownCandidates = plan.Candidates
	after.OpenCauses = causesLeft(facts.OpenCauses, plan)
	held := heldBefore(facts, plan)
	if held == nil {
		return after
	}
	profile := *held
	if plan.WritesProfile {
		profile = *plan.Profile
	}
	profile.Venues = slices.Concat(held.Venues, plan.AddVenues)
	profile.Contracts = contractsLeft(held.Contracts, plan)
	after.Profile = &profile
	after.Candidates = nil
	return after
}

// heldBefore is the profile that the plan is about as it was: an empty one where
// it creates one, nil where nobody is linked.
func heldBefore(facts domain.Facts, plan domain.Plan) *domain.Profile {
	switch {
	case plan.Profile == nil:
		return facts.Profile
	case facts.Profile != nil:
		return facts.Profile
	case plan.Action == domain.ActionCreate:
		return &domain.Profile{}
	}
	if chosen := facts.Decision; chosen != nil && chosen.Profile != nil && chosen.Profile.ID == plan.Profile.ID {
		return chosen.Profile
	}
	return &facts.Candidates[slices.IndexFunc(facts.Candidates, func(p domain.Profile) bool { return p.ID == plan.Profile.ID })]
}

func causesLeft(causes []domain.Cause, plan domain.Plan) []domain.Cause {
	left := having(causes, func(c domain.Cause) bool { return !slices.Contains(plan.Close, c) })
	for _, notice := range slices.Concat(plan.Open, plan.Events) {
		if !slices.Contains(left, notice.Cause) {
			left = append(left, notice.Cause)
		}
	}
	return left
}

func contractsLeft(held []domain.HeldContract, plan domain.Plan) []domain.HeldContract {
	left := having(held, func(c domain.HeldContract) bool {
		isWritten := slices.ContainsFunc(plan.WriteContracts, func(w domain.HeldContract) bool { return w.ID == c.ID })
		return !isWritten && !slices.Contains(plan.RemoveContracts, c.ID)
	})
	return append(left, plan.WriteContracts...)
}

// numbered hands out ids that differ from all others.
func numbered() func() string {
	count := 0
	return func() string {
		count++
		return "id-" + strconv.Itoa(count)
	}
}

// planned is the plan for the facts with its ids assigned.
func planned(facts domain.Facts) domain.Plan {
	plan := domain.PlanPerson(facts)
	plan.AssignIDs(numbered())
	return plan
}

// cell names one value of a profile as the audit does.
type cell struct {
	Object domain.Object
	ID     string
	Field  string
}

// cells spreads a profile into its values that are not empty.
func cells(p domain.Profile) map[cell]string {
	spread := map[cell]string{}
	put := func(object domain.Object, id, field, value string) {
		if value != "" {
			spread[cell{object, id, field}] = value
		}
	}
	for field, value := range map[string]string{
		"first_name": p.FirstName, "infix": p.Infix, "last_name": p.LastName, "date_of_birth": p.DateOfBirth.String(),
		"phone": p.Phone, "street": p.Street, "house_number": p.HouseNumber, "postal_code": p.PostalCode,
		"city": p.City, "country": p.Country, "active": strconv.FormatBool(p.Active),
		"deactivated_at": instant(p.DeactivatedAt), "deactivated_by": p.DeactivatedBy, "email": p.Email,
	} {
		put(domain.ObjectTeamMember, p.ID, field, value)
	}
	for _, c := range p.Contracts {
		for field, value := range contractCells(c) {
			put(domain.ObjectContract, c.ID, field, value)
		}
	}
	for _, venue := range p.Venues {
		put(domain.ObjectVenue, p.ID, "venue_id "+venue, venue)
	}
	return spread
}

func contractCells(c domain.HeldContract) map[string]string {
	return map[string]string{
		"connexie_contract_id": c.ConnexieID, "type": string(c.Type),
		"start_date": c.Start.String(), "end_date": c.End.String(),
		"hours_per_week": plainAmount(c.HoursPerWeek), "hourly_wage": plainAmount(c.HourlyWage),
		"job_title": c.JobTitle, "venue_id": c.VenueID,
	}
}

func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// plainAmount writes an amount with two decimals, or as many as it needs of four.
func plainAmount(d decimal.NullDecimal) string {
	if !d.Valid {
		return ""
	}
	text := d.Decimal.Rescale(4).String()
	return strings.TrimSuffix(strings.TrimSuffix(text, "0"), "0")
}

// differences are the audit lines that tell a profile afterwards from the one
// before: one per value, and one more for each contract that came or went.
func differences(before, after domain.Profile) []domain.Change {
	was, is := cells(before), cells(after)
	var lines []domain.Change
	for _, c := range unionOf(was, is) {
		if was[c] == is[c] || isNew(before, c) {
			continue
		}
		lines = append(lines, domain.Change{
			Object: c.Object, ObjectID: c.ID, Field: strings.Fields(c.Field)[0], Before: was[c], After: is[c],
		})
	}
	return append(lines, comingAndGoing(before, after)...)
}

func unionOf(a, b map[cell]string) []cell {
	both := maps.Clone(a)
	maps.Copy(both, b)
	return slices.Collect(maps.Keys(both))
}

// isNew tells whether a value belongs to a contract that was not there before: it
// is told of by one line for the whole.
func isNew(before domain.Profile, c cell) bool {
	return c.Object == domain.ObjectContract && findHeld(before.Contracts, c.ID) == nil
}

func comingAndGoing(before, after domain.Profile) []domain.Change {
	var lines []domain.Change
	for _, c := range after.Contracts {
		if findHeld(before.Contracts, c.ID) == nil {
			lines = append(lines, domain.Change{
				Object: domain.ObjectContract, ObjectID: c.ID, Field: domain.FieldCreated, After: c.ConnexieID,
			})
		}
	}
	for _, c := range before.Contracts {
		if findHeld(after.Contracts, c.ID) == nil {
			lines = append(lines, domain.Change{
				Object: domain.ObjectContract, ObjectID: c.ID, Field: domain.FieldRemoved, Before: c.ConnexieID,
			})
		}
	}
	return lines
}

func findHeld(list []domain.HeldContract, id string) *domain.HeldContract {
	if i := slices.IndexFunc(list, func(c domain.HeldContract) bool { return c.ID == id }); i >= 0 {
		return &list[i]
	}
	return nil
}

// undo takes the contract lines of an audit back (S10).
func undo(list []domain.HeldContract, changes []domain.Change) []domain.HeldContract {
	restored := slices.Clone(list)
	for _, change := range changes {
		switch {
		case change.Object != domain.ObjectContract:
		case change.Field == domain.FieldCreated:
			restored = having(restored, func(c domain.HeldContract) bool { return c.ID != change.ObjectID })
		case change.Field == domain.FieldRemoved:
			restored = append(restored, domain.HeldContract{ID: change.ObjectID})
		default:
			undoField(findHeld(restored, change.ObjectID), change)
		}
	}
	return restored
}

func undoField(c *domain.HeldContract, change domain.Change) {
	switch change.Field {
	case "connexie_contract_id":
		c.ConnexieID = change.Before
	case "type":
		c.Type = domain.ContractType(change.Before)
	case "start_date":
		c.Start = date(change.Before)
	case "end_date":
		c.End = date(change.Before)
	case "hours_per_week":
		c.HoursPerWeek = amount(change.Before)
	case "hourly_wage":
		c.HourlyWage = amount(change.Before)
	case "job_title":
		c.JobTitle = change.Before
	case "venue_id":
		c.VenueID = change.Before
	}
}

// cloned is a copy of facts that shares nothing a plan could write to.
func cloned(f domain.Facts) domain.Facts {
	f.Person.Contracts = slices.Clone(f.Person.Contracts)
	f.OpenCauses = slices.Clone(f.OpenCauses)
	f.Candidates = slices.Clone(f.Candidates)
	for i := range f.Candidates {
		f.Candidates[i] = clonedProfile(f.Candidates[i])
	}
	if f.Profile != nil {
		f.Profile = new(clonedProfile(*f.Profile))
	}
	if f.Decision != nil && f.Decision.Profile != nil {
		f.Decision = new(*f.Decision)
		f.Decision.Profile = new(clonedProfile(*f.Decision.Profile))
	}
	return f
}

func clonedProfile(p domain.Profile) domain.Profile {
	p.Venues = slices.Clone(p.Venues)
	p.Contracts = slices.Clone(p.Contracts)
	return p
}
