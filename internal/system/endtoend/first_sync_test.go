package endtoend

import (
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/sandbox/seed"
	"github.com/eitje/connexie-worker/workflows"
)

// firstSync activates the seeded organisation, which has every awkward case of the
// rule book, and looks at everyone.
func firstSync(t *testing.T, s *system) {
	o := s.demo(t, 1)
	activated := o.activate(t)
	activation := o.latest(workflows.ActivateID(o.connection))
	first := o.latest(workflows.SyncID(o.connection))
	synced := o.await(t, first)

	t.Run("C2 activation connects venues of equal name and starts the first sync", func(t *testing.T) {
		require.Equal(t, workflows.ActivationResult{
			Outcome: workflows.ActivationOK,
			Counts:  domain.Counts{"venues": 3, "wage_codes": 7, "connected": 2, "undecided": 2},
		}, activated)
		require.Equal(t, "activation", o.run(t, synced.RunID).Trigger)
		o.requireOpen(t, domain.CauseVenueUndecided, o.undecided()...)
	})
	t.Run("S3 to S7 and S11 to S14 everyone stands where the rules put them", func(t *testing.T) {
		require.Equal(t, domain.SyncOK, synced.Outcome)
		o.requireItems(t, synced.RunID, o.BeforeDecisions())
		o.requireStandings(t, o.BeforeDecisions())
	})
	t.Run("S16 the guard is silent until every venue is decided", func(t *testing.T) {
		require.False(t, o.armed(t))
	})

	o.decide(t)
	run := o.startSync(t)
	decided := o.await(t, run)
	t.Run("C3 deciding the venues is all that a second sync takes in", func(t *testing.T) {
		o.requireStandings(t, o.Expected)
		for id, item := range o.items(t, decided.RunID) {
			require.Equal(t, seed.VenueInactive, o.Expected[id].Reason, "%s", id)
			require.Empty(t, item.Changes)
		}
		require.True(t, o.armed(t))
		o.requireOpen(t, domain.CauseVenueUndecided)
	})
	t.Run("S4 a created profile is complete", func(t *testing.T) {
		for id, expected := range o.Expected {
			if expected.Situation == seed.New {
				o.requireComplete(t, id)
			}
		}
	})
	t.Run("N2 N3 N4 nothing private is kept where it has no place", func(t *testing.T) {
		o.requirePrivate(t, activation, first, run)
	})
	o.record(t, "ok", activation)
	o.record(t, "ok", first)
}

// undecided are the subjects of the notices about venues that activation left open.
func (o *organisation) undecided() []string {
	var subjects []string
	for _, decision := range o.Decisions {
		switch {
		case decision.EitjeVenueID == "":
			subjects = append(subjects, "connexie:"+decision.ConnexieVenueID)
		case decision.ConnexieVenueID == "":
			subjects = append(subjects, "eitje:"+decision.EitjeVenueID)
		}
	}
	return subjects
}

func (o *organisation) armed(t *testing.T) bool {
	t.Helper()
	return value[bool](t, o.system,
		`select guard_armed_at is not null from connexie.connections where id = $1`, o.connection)
}

// requireItems holds the run's items against what the seed says of everyone.
func (o *organisation) requireItems(t *testing.T, runID string, expected map[string]seed.Expectation) {
	t.Helper()
	items := o.items(t, runID)
	require.Len(t, items, len(expected))
	for id, want := range expected {
		got := items[id]
		require.Equal(t, want.Situation, got.Situation, "%s %+v", id, got)
		require.Equal(t, want.Reason, got.Reason, id)
		require.Equal(t, "applied", got.State, id)
		if want.ProfileID != "" {
			require.Equal(t, want.ProfileID, got.Member, id)
		}
	}
}

// requireStandings holds the view people_status against the seed: who was matched
// or created is linked from then on.
func (o *organisation) requireStandings(t *testing.T, expected map[string]seed.Expectation) {
	t.Helper()
	seeded := map[string]bool{}
	for _, profile := range o.Organisation.Profiles {
		seeded[profile.ID] = true
	}
	standings := o.standings(t)
	require.Len(t, standings, len(expected))
	for id, want := range expected {
		got := standings[id]
		switch want.Situation {
		case seed.New:
			require.Equal(t, seed.Linked, got.Situation, id)
			require.NotEmpty(t, got.Member, id)
			require.False(t, seeded[got.Member], "%s was linked to a profile of somebody else", id)
		case seed.Linked, seed.Matched:
			require.Equal(t, standing{Person: id, Member: want.ProfileID, Situation: seed.Linked, Rule: "S5"}, got)
		default:
			require.Equal(t, want.Situation, got.Situation, id)
			require.Equal(t, want.Reason, got.Reason, id)
			require.Empty(t, got.Member, "%s must not be linked", id)
		}
	}
}

// profile is a created team member as its table holds it.
type profile struct {
	Email, FirstName, Infix, LastName, Born, Phone string
	Street, HouseNumber, PostalCode, City, Country string
	Active                                         bool
	Contracts                                      []string
	Venues                                         []string
}

// requireComplete holds a created profile against the person in Connexie, field by
// field.
func (o *organisation) requireComplete(t *testing.T, id string) {
	t.Helper()
	const query = `
		select m.email, m.first_name, coalesce(m.infix, ''), m.last_name, coalesce(m.date_of_birth::text, ''),
		       coalesce(m.phone, ''), coalesce(m.street, ''), coalesce(m.house_number, ''), coalesce(m.postal_code, ''),
		       coalesce(m.city, ''), coalesce(m.country, ''), m.active,
		       array(select concat_ws(' ', c.connexie_contract_id, c.type, c.start_date, c.end_date,
		                    round(c.hours_per_week, 2), round(c.hourly_wage, 2), c.job_title, c.venue_id)
		               from eitje.contracts c where c.team_member_id = m.id order by c.id),
		       array(select v.venue_id::text from eitje.team_member_venues v where v.team_member_id = m.id
		              order by v.venue_id)
		  from eitje.team_members m where m.id = $1`
	found := list(t, o.system, pgx.RowToStructByPos[profile], query, o.member(t, id))
	require.Len(t, found, 1)
	require.Equal(t, o.completeProfile(t, id), found[0], id)
}

// completeProfile is what Eitje must hold of a person whom it did not know.
func (o *organisation) completeProfile(t *testing.T, id string) profile {
	t.Helper()
	employee, err := o.sandbox.Employee(o.Account.ID, id)
	require.NoError(t, err)
	home, _ := employee.Address.Get()
	want := profile{
		Email: strings.TrimSpace(text(employee.Email)), FirstName: employee.FirstName, Infix: text(employee.Infix),
		LastName: employee.LastName, Born: text(employee.DateOfBirth), Phone: text(employee.Phone),
		Street: home.Street, HouseNumber: home.HouseNumber, PostalCode: home.PostalCode, City: home.City,
		Country: home.Country, Active: true, Contracts: []string{}, Venues: []string{},
	}
	require.Len(t, employee.Contracts, 1, "the seed's newcomers have one contract each")
	contract := employee.Contracts[0]
	words := []string{
		contract.ID, contract.Type, string(contract.StartDate), text(contract.EndDate), text(contract.HoursPerWeek),
		text(contract.HourlyWage), text(contract.JobTitle), o.eitjeVenue(contract.VenueID),
	}
	want.Contracts = append(want.Contracts, strings.Join(strings.Fields(strings.Join(words, " ")), " "))
	for _, venue := range append([]string{contract.VenueID}, contract.AdditionalVenueIDs...) {
		want.Venues = append(want.Venues, o.eitjeVenue(venue))
	}
	slices.Sort(want.Venues)
	return want
}

// eitjeVenue is the venue in Eitje that a Connexie venue is connected to.
func (o *organisation) eitjeVenue(connexieID string) string {
	for _, decision := range o.Decisions {
		if decision.ConnexieVenueID == connexieID {
			return decision.EitjeVenueID
		}
	}
	return ""
}

// text is a member's value, empty where it is absent or null.
func text[T ~string](member sandbox.Optional[T]) string {
	value, _ := member.Get()
	return string(value)
}
