package store_test

import (
	"testing"

	"github.com/govalues/decimal"
	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// localEdits are one edit in Eitje for each column that Connexie leads (S8, S11, S18).
var localEdits = map[string]string{
	"first name":    `update eitje.team_members set first_name = 'x'`,
	"infix":         `update eitje.team_members set infix = null`,
	"last name":     `update eitje.team_members set last_name = ''`,
	"date of birth": `update eitje.team_members set date_of_birth = '1999-09-09'`,
	"phone":         `update eitje.team_members set phone = null`,
	"street":        `update eitje.team_members set street = 'x'`,
	"house number":  `update eitje.team_members set house_number = 'x'`,
	"postal code":   `update eitje.team_members set postal_code = null`,
	"city":          `update eitje.team_members set city = 'x'`,
	"country":       `update eitje.team_members set country = 'BE'`,
	"S11 active":    `update eitje.team_members set active = false`,
	"S18 venue":     `delete from eitje.team_member_venues`,
	"type":          `update eitje.contracts set type = 'payroll'`,
	"start":         `update eitje.contracts set start_date = start_date + 1`,
	"end":           `update eitje.contracts set end_date = null`,
	"hours":         `update eitje.contracts set hours_per_week = null`,
	"wage":          `update eitje.contracts set hourly_wage = hourly_wage + 0.0001`,
	"job title":     `update eitje.contracts set job_title = 'x'`,
	"its venue":     `update eitje.contracts set venue_id = null`,
	"contract gone": `delete from eitje.contracts`,
	"made by hand":  `update eitje.contracts set connexie_contract_id = null`,
	"another's":     `update eitje.contracts set connexie_contract_id = 'other'`,
}

// The property draws an edit of each column too seldom to rely on: this one takes
// them in turn.
func TestCompare_S8_NamesWhoeverWasEditedInAnyColumn(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	organisation := db.Organisation(t)
	connection := db.Connection(t, organisation).ID
	db.ConnexieVenues(t, connection, "V1", "Bar")
	require.NoError(t, db.Store.ConnectVenue(t.Context(), connection, db.Venue(t, organisation, "Bar"), "V1", "cli", now))
	_, err := db.Store.SavePage(t.Context(), store.MirrorPage{ConnectionID: connection, People: []domain.Person{wholePerson()}})
	require.NoError(t, err)
	batch := store.Batch{
		Run: store.PlanOwner{RunID: open(t, db, fullRun(t, connection)).ID, ConnectionID: connection},
		Day: today, By: "cli", ConnexieIDs: []string{"p1"},
	}
	require.NoError(t, db.Store.ApplyBatch(t.Context(), batch, now))
	for name, edit := range localEdits {
		require.Equal(t, 1, db.Exec(t, edit), name)
		named, err := db.Store.NamePeople(t.Context(), connection, today)
		require.NoError(t, err)
		require.Equal(t, []string{"p1"}, named, name)
		require.NoError(t, db.Store.ApplyBatch(t.Context(), batch, now))
		named, err = db.Store.NamePeople(t.Context(), connection, today)
		require.NoError(t, err)
		require.Empty(t, named, name)
	}
}

// wholePerson has a value in every member.
func wholePerson() domain.Person {
	amount := decimal.NullDecimal{Decimal: decimal.MustParse("7.50"), Valid: true}
	return domain.Person{
		ID: "p1", Email: "a@example.nl", FirstName: "one", LastName: "two", Infix: domain.Sent("de"),
		DateOfBirth: domain.Sent(domain.NewDate(1990, 2, 28)), Phone: domain.Sent("06"), Street: domain.Sent("Kade"),
		HouseNumber: domain.Sent("1"), PostalCode: domain.Sent("1000"), City: domain.Sent("Delft"), Country: domain.Sent("NL"),
		Employment: domain.Employment{Start: today.AddDays(-100)},
		Contracts: []domain.Contract{{
			ID: "c1", Type: domain.Flex, Start: today.AddDays(-100), End: today.AddDays(100), HoursPerWeek: amount,
			HourlyWage: amount, JobTitle: "chef", VenueID: "V1",
		}},
		ModifiedAt: now,
	}
}
