package store_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// Rows that nobody could work with are refused where they are written, so that one
// of them cannot stop a run for everybody (S15).
func TestStore_S15_EitjeTakesNoRowThatNobodyCanReckonWith(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	organisation := db.Organisation(t)
	member := db.TeamMember(t, testkit.TeamMember{OrganisationID: organisation})
	for name, write := range map[string]string{
		"a birth date at infinity":     `update eitje.team_members set date_of_birth = 'infinity' where id = $1`,
		"a birth date before our era":  `update eitje.team_members set date_of_birth = '0044-03-15 BC' where id = $1`,
		"deactivated at infinity":      `update eitje.team_members set deactivated_at = '-infinity' where id = $1`,
		"a contract without an end":    `insert into eitje.contracts (id, team_member_id, type, start_date, end_date) values (gen_random_uuid(), $1, 'flex', '2026-01-01', 'infinity')`,
		"a contract of the year 12026": `insert into eitje.contracts (id, team_member_id, type, start_date) values (gen_random_uuid(), $1, 'flex', '12026-01-01')`,
		"a contract that ends first":   `insert into eitje.contracts (id, team_member_id, type, start_date, end_date) values (gen_random_uuid(), $1, 'flex', '2026-02-01', '2026-01-31')`,
		"a negative wage":              `insert into eitje.contracts (id, team_member_id, type, start_date, hourly_wage) values (gen_random_uuid(), $1, 'flex', '2026-01-01', -1)`,
		"a wage that is no number":     `insert into eitje.contracts (id, team_member_id, type, start_date, hourly_wage) values (gen_random_uuid(), $1, 'flex', '2026-01-01', 'NaN')`,
		"an unknown kind of contract":  `insert into eitje.contracts (id, team_member_id, type, start_date) values (gen_random_uuid(), $1, 'zzp', '2026-01-01')`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := db.Pool.Exec(t.Context(), write, member)
			var refused *pgconn.PgError
			require.ErrorAs(t, err, &refused)
			require.Contains(t, []string{"23514", "22003", "22008"}, refused.Code)
		})
	}
}

// Whatever text Eitje holds is read, compared and left to the rules; nothing of it
// stops the others.
func TestStore_S15_TheStrangestProfilesAreRead(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	organisation := db.Organisation(t)
	connection := db.Connection(t, organisation).ID
	member := db.TeamMember(t, testkit.TeamMember{OrganisationID: organisation})
	db.Link(t, connection, member, "emp_1")
	strange := strings.Repeat("é\u202e", 5000) + "'; drop table eitje.team_members; --\t\n\"{}\\"
	db.Exec(t, `
		update eitje.team_members
		   set email = $2, first_name = $2, infix = $2, last_name = $2, phone = $2, street = $2, house_number = $2,
		       postal_code = $2, city = $2, country = $2, deactivated_by = $2, date_of_birth = '9999-12-31'
		 where id = $1`, member, strange)
	db.Exec(t, `
		insert into eitje.contracts (id, team_member_id, type, start_date, hourly_wage, hours_per_week, job_title)
		select gen_random_uuid(), $1, 'flex', '0001-01-01', 99999999.9999, 0.0001, $2 from generate_series(1, 50)`,
		member, strange)
	person := domain.Person{
		ID: "emp_1", FirstName: "A", LastName: "B", Email: "a@example.org", ModifiedAt: testkit.Now,
		Employment: domain.Employment{Start: domain.NewDate(2020, 1, 1)},
	}
	_, err := db.Store.SavePage(t.Context(), store.MirrorPage{ConnectionID: connection, People: []domain.Person{person}})
	require.NoError(t, err)

	day := domain.NewDate(2026, 11, 22)
	named, err := db.Store.NamePeople(t.Context(), connection, day)
	require.NoError(t, err)
	require.Equal(t, []string{"emp_1"}, named)
	facts, err := db.Store.Facts(t.Context(), store.Scope{ConnectionID: connection, Day: day}, named)
	require.NoError(t, err)
	require.Len(t, facts, 1)
	require.Equal(t, strange, facts[0].Profile.LastName)
	require.Len(t, facts[0].Profile.Contracts, 50)
	plan := domain.PlanPerson(facts[0])
	require.Equal(t, domain.Linked, plan.Situation)
}
