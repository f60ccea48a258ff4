package seed

import (
	"strings"

	"github.com/eitje/connexie-worker/internal/sandbox"
)

// profile is the team member that this person would have in Eitje, unlinked.
// One in three has another phone number there, one in four another street, one
// in seven a first name written otherwise.
func (g generator) profile(number int, employee *sandbox.Employee, venues map[string]string) Profile {
	profile := Profile{
		ID: g.eitjeID("profile", number), Active: true,
		FirstName: employee.FirstName, LastName: employee.LastName,
	}
	email, _ := employee.Email.Get()
	profile.Email = strings.ToLower(strings.TrimSpace(email))
	profile.Infix, _ = employee.Infix.Get()
	born, _ := employee.DateOfBirth.Get()
	profile.DateOfBirth = string(born)
	profile.Phone, _ = employee.Phone.Get()
	home, _ := employee.Address.Get()
	profile.Street, profile.HouseNumber, profile.PostalCode = home.Street, home.HouseNumber, home.PostalCode
	profile.City, profile.Country = home.City, home.Country
	for _, contract := range employee.Contracts {
		if venue := venues[contract.VenueID]; venue != "" {
			profile.VenueIDs = []string{venue}
		}
	}
	if number%3 == 0 {
		profile.Phone = g.phone(number + 5_000_000)
	}
	if number%4 == 0 {
		profile.Street, profile.HouseNumber = "Oude Dijk", "7"
	}
	if number%7 == 0 {
		profile.FirstName = profile.FirstName[:1] + "."
	}
	return profile
}

// link makes the profile that of the person, contracts included, as an earlier
// synchronisation left it.
func (g generator) link(profile *Profile, number int, employee *sandbox.Employee, venues map[string]string) {
	profile.ConnexieID = employee.ID
	for i, contract := range employee.Contracts {
		end, _ := contract.EndDate.Get()
		hours, _ := contract.HoursPerWeek.Get()
		wage, _ := contract.HourlyWage.Get()
		title, _ := contract.JobTitle.Get()
		profile.Contracts = append(profile.Contracts, Contract{
			ID: g.eitjeID("contract", number*100+i), ConnexieContractID: contract.ID, Type: contract.Type,
			StartDate: string(contract.StartDate), EndDate: string(end),
			HoursPerWeek: hours, HourlyWage: wage, JobTitle: title, VenueID: venues[contract.VenueID],
		})
	}
}
