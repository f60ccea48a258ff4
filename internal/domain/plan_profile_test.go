package domain_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
)

func TestPlan_S9_UnchangedDataIsQuiet(t *testing.T) {
	t.Parallel()
	plan := domain.PlanPerson(teamMember())
	require.True(t, plan.Quiet())
	require.Equal(t, domain.ActionNone, plan.Action)
	require.Equal(t, profile("t1"), *plan.Profile)
}

func TestPlan_S9_ANewStandingOrNoticeAloneIsNotQuiet(t *testing.T) {
	t.Parallel()
	firstSeen := domain.PlanPerson(teamMember(func(f *domain.Facts) { f.Standing = domain.Standing{} }))
	require.True(t, firstSeen.StandingChanged)
	require.False(t, firstSeen.Quiet())
	require.False(t, firstSeen.WritesEitje())

	require.False(t, domain.PlanPerson(teamMember(email("other@example.nl"))).Quiet(), "a notice opens")
	require.False(t, domain.PlanPerson(teamMember(open(domain.CauseDisputed))).Quiet(), "a notice closes")
}

func TestPlan_S4_ACreatedProfileHoldsWhatConnexieSent(t *testing.T) {
	t.Parallel()
	plan := planned(newcomer(email(" Jan@Example.NL\t")))
	require.Equal(t, domain.ActionCreate, plan.Action)
	require.True(t, plan.WritesProfile)

	want := profile("id-1")
	want.Email = "Jan@Example.NL" // trimmed, and written as the person writes it
	want.Contracts[0].ID = "id-2"
	require.Equal(t, want, *plan.Profile)
	require.Equal(t, []domain.Change{
		{Object: domain.ObjectTeamMember, ObjectID: "id-1", Field: domain.FieldCreated, After: "p1"},
		{Object: domain.ObjectContract, ObjectID: "id-2", Field: domain.FieldCreated, After: "c1"},
		{Object: domain.ObjectVenue, ObjectID: "id-1", Field: "venue_id", After: ourMain},
	}, plan.Changes)
	require.Equal(t, domain.Standing{Situation: domain.Linked, Rule: "S5"}, plan.Standing)
}

func TestPlan_S4_AMatchIsLinkedAndItsAddressKept(t *testing.T) {
	t.Parallel()
	match := profile("t1")
	match.Email = "JAN@example.nl"
	plan := domain.PlanPerson(newcomer(candidates(match)))
	require.Equal(t, domain.ActionLink, plan.Action)
	require.Equal(t, []domain.Change{
		{Object: domain.ObjectLink, ObjectID: "t1", Field: "connexie_id", After: "p1"},
	}, plan.Changes)
	require.Equal(t, match, *plan.Profile)
	require.False(t, plan.WritesProfile)
}

// personalMembers are the members of the personal data that may be absent, each
// with where Connexie sends it and where Eitje holds it.
var personalMembers = map[string]struct {
	sent func(*domain.Person) *domain.Field[string]
	held func(*domain.Profile) *string
}{
	"infix":        {func(p *domain.Person) *domain.Field[string] { return &p.Infix }, func(p *domain.Profile) *string { return &p.Infix }},
	"phone":        {func(p *domain.Person) *domain.Field[string] { return &p.Phone }, func(p *domain.Profile) *string { return &p.Phone }},
	"street":       {func(p *domain.Person) *domain.Field[string] { return &p.Street }, func(p *domain.Profile) *string { return &p.Street }},
	"house_number": {func(p *domain.Person) *domain.Field[string] { return &p.HouseNumber }, func(p *domain.Profile) *string { return &p.HouseNumber }},
	"postal_code":  {func(p *domain.Person) *domain.Field[string] { return &p.PostalCode }, func(p *domain.Profile) *string { return &p.PostalCode }},
	"city":         {func(p *domain.Person) *domain.Field[string] { return &p.City }, func(p *domain.Profile) *string { return &p.City }},
	"country":      {func(p *domain.Person) *domain.Field[string] { return &p.Country }, func(p *domain.Profile) *string { return &p.Country }},
}

func TestPlan_S8_AbsentNeverClearsNullDoesAndAValueOverwrites(t *testing.T) {
	t.Parallel()
	rows := map[string]struct {
		sent domain.Field[string]
		want string
	}{
		"absent": {domain.Field[string]{}, "old"},
		"null":   {domain.Sent(""), ""},
		"value":  {domain.Sent("new"), "new"},
		"same":   {domain.Sent("old"), "old"},
	}
	for name, at := range personalMembers {
		for kind, row := range rows {
			t.Run("S8_"+name+"_"+kind, func(t *testing.T) {
				t.Parallel()
				facts := teamMember()
				*at.sent(&facts.Person), *at.held(facts.Profile) = row.sent, "old"
				plan := domain.PlanPerson(facts)
				require.Equal(t, row.want, *at.held(plan.Profile))
				if row.want == "old" {
					require.Empty(t, plan.Changes)
					require.False(t, plan.WritesProfile)
					return
				}
				require.Equal(t, []domain.Change{{
					Object: domain.ObjectTeamMember, ObjectID: "t1", Field: name, Before: "old", After: row.want,
				}}, plan.Changes)
				require.True(t, plan.WritesProfile)
			})
		}
	}
}

func TestPlan_S8_BirthDateAndNames(t *testing.T) {
	t.Parallel()
	facts := teamMember()
	facts.Person.DateOfBirth = domain.Field[domain.Date]{}
	require.Empty(t, domain.PlanPerson(facts).Changes, "absent")

	facts.Person.DateOfBirth = domain.Sent(domain.Date{})
	facts.Person.FirstName, facts.Person.LastName = "Johannes", "Janssen"
	require.Equal(t, []domain.Change{
		{Object: domain.ObjectTeamMember, ObjectID: "t1", Field: "first_name", Before: "Jan", After: "Johannes"},
		{Object: domain.ObjectTeamMember, ObjectID: "t1", Field: "last_name", Before: "Jansen", After: "Janssen"},
		{Object: domain.ObjectTeamMember, ObjectID: "t1", Field: "date_of_birth", Before: "1999-04-01"},
	}, domain.PlanPerson(facts).Changes)
}

func TestSentMembers_S8_NamesWhatWasSentBeItAsNull(t *testing.T) {
	t.Parallel()
	require.Empty(t, domain.SentMembers(domain.Person{FirstName: "Jan", LastName: "Jansen"}))
	require.Equal(t, []string{"infix", "date_of_birth", "city"}, domain.SentMembers(domain.Person{
		Infix: domain.Sent(""), DateOfBirth: domain.Sent(date("1999-04-01")), City: domain.Sent("Amsterdam"),
	}))
}

func TestPlan_S7_S11_AnInactiveProfileIsActivatedAgain(t *testing.T) {
	t.Parallel()
	left := profile("t1", inactive("manager-7"), func(p *domain.Profile) {
		p.DeactivatedAt = time.Date(2026, 11, 1, 13, 30, 0, 5000, time.FixedZone("CET", 3600))
	})
	lines := []domain.Change{
		{Object: domain.ObjectTeamMember, ObjectID: "t1", Field: "active", Before: "false", After: "true"},
		{Object: domain.ObjectTeamMember, ObjectID: "t1", Field: "deactivated_at", Before: "2026-11-01T12:30:00.000005Z"},
		{Object: domain.ObjectTeamMember, ObjectID: "t1", Field: "deactivated_by", Before: "manager-7"},
	}
	linked := domain.PlanPerson(teamMember(member(func(p *domain.Profile) { *p = left })))
	rehired := domain.PlanPerson(newcomer(candidates(left)))

	require.Equal(t, domain.ActionReactivate, linked.Action)
	require.Equal(t, lines, linked.Changes)
	require.Equal(t, domain.ActionLink, rehired.Action, "linking is the first that applies")
	require.Equal(t, lines, rehired.Changes[1:])
	for _, plan := range []domain.Plan{linked, rehired} {
		require.True(t, plan.Reactivates)
		require.True(t, plan.WritesProfile)
		require.Equal(t, profile("t1"), *plan.Profile)
		require.Len(t, plan.Events, 1)
		require.Equal(t, domain.CauseReactivated, plan.Events[0].Cause)
		require.Contains(t, plan.Events[0].NextStep, "manager-7")
		require.Contains(t, plan.Events[0].NextStep, "end the employment in Connexie first")
	}
}

func TestPlan_S11_IsToldAtEverySync(t *testing.T) {
	t.Parallel()
	plan := domain.PlanPerson(teamMember(member(inactive("")), open(domain.CauseReactivated)))
	require.Len(t, plan.Events, 1)
	require.Contains(t, plan.Events[0].NextStep, "unknown")
	require.Empty(t, plan.Close)
}

func TestPlan_S12_S13_EndedEmploymentLeavesTheTeamMemberActive(t *testing.T) {
	t.Parallel()
	ended := contracts(contract("c1", "2026-01-01", "2026-10-31"))
	plan := domain.PlanPerson(teamMember(employmentEnded, ended))
	require.True(t, plan.Profile.Active)
	require.Equal(t, []domain.Cause{domain.CauseEmploymentEnded}, causesOf(plan.Open))
	require.Contains(t, plan.Open[0].NextStep, "End it in Eitje as well")
	require.Contains(t, plan.Open[0].NextStep, "starter end-employment start --team-member "+plan.Profile.ID, "it offers to start at step two")
	withDate := domain.PlanPerson(teamMember(func(f *domain.Facts) { f.Person.Employment.End = date("2026-11-21") }))
	require.Contains(t, withDate.Open[0].NextStep, "--end-date 2026-11-21")

	underWay := teamMember(employmentEnded, ended, open(domain.CauseEmploymentEnded))
	underWay.Ending = true
	told := domain.PlanPerson(underWay)
	require.Empty(t, told.Open, "its ending says what is to be done: nobody is told twice")
	require.Equal(t, []domain.Cause{domain.CauseEmploymentEnded}, told.Close)

	require.Empty(t, domain.PlanPerson(teamMember(ended)).Open, "S13: an ended contract is not the end of the employment")
	require.Empty(t, domain.PlanPerson(teamMember(employmentEnded, member(inactive("x")))).Open, "ended on both sides")
	again := domain.PlanPerson(teamMember(open(domain.CauseEmploymentEnded)))
	require.Equal(t, []domain.Cause{domain.CauseEmploymentEnded}, again.Close, "opened again in Connexie")
}

func TestPlan_S18_VenuesAreAddedAndNeverRemoved(t *testing.T) {
	t.Parallel()
	shared := venues([]domain.VenueConnection{
		{EitjeID: "E1", ConnexieID: mainVenue}, {EitjeID: "E9", ConnexieID: mainVenue}, {EitjeID: "E2", ConnexieID: secondVenue},
	})
	worksAt := func(ids ...string) option { return member(func(p *domain.Profile) { p.Venues = ids }) }
	both := contracts(contract("c1", "2026-01-01", "", at(mainVenue, secondVenue, secondVenue)))
	secondInactive := venues([]domain.VenueConnection{
		{EitjeID: "E1", ConnexieID: mainVenue}, {EitjeID: "E2", ConnexieID: secondVenue},
	}, domain.ConnexieVenue{ID: secondVenue, Inactive: true})
	rows := []struct {
		name  string
		facts domain.Facts
		want  []string
	}{
		{"C5_nobody_is_brought_to_an_Inactive_one", teamMember(both, worksAt("E1"), secondInactive), nil},
		{"S18_main_and_additional", teamMember(both, worksAt()), []string{"E1", "E2"}},
		{"S18_only_what_lacks", teamMember(both, worksAt("E1")), []string{"E2"}},
		{"S18_none_lacks", teamMember(worksAt("E7", "E1")), nil},
		{"S18_an_unconnected_one_is_left_out", teamMember(contracts(contract("c1", "2026-01-01", "", at(mainVenue, undecidedVenue, closedVenue)))), nil},
		{"S18_of_the_last_contract_between_two", teamMember(worksAt(), contracts(
			contract("c1", "2026-01-01", "2026-10-31"), contract("c2", "2026-12-01", "", at(secondVenue)))), []string{"E1"}},
		{"C4_one_of_those_that_share_is_enough", teamMember(shared, worksAt("E9")), nil},
		{"C4_the_contract_names_which_is_added", teamMember(shared, worksAt(), member(func(p *domain.Profile) { p.Contracts[0].VenueID = "E9" })), []string{"E9"}},
		{"C4_else_the_first", teamMember(shared, worksAt(), holds()), []string{"E1"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			plan := domain.PlanPerson(row.facts)
			require.Equal(t, row.want, plan.AddVenues)
			require.Equal(t, append(row.facts.Profile.Venues, row.want...), plan.Profile.Venues)
		})
	}
}

func TestPlan_S19_AddedVenuesLeaveTheCallersSliceAlone(t *testing.T) {
	t.Parallel()
	withRoom := []string{"E7", "unused"}
	facts := teamMember(member(func(p *domain.Profile) { p.Venues = withRoom[:1] }))
	require.Equal(t, []string{"E7", "E1"}, domain.PlanPerson(facts).Profile.Venues)
	require.Equal(t, []string{"E7", "unused"}, withRoom)
}

func TestPlan_S18_C4_TheContractTakesAVenueWhereTheTeamMemberIs(t *testing.T) {
	t.Parallel()
	facts := teamMember(holds(), venues([]domain.VenueConnection{
		{EitjeID: "E9", ConnexieID: mainVenue}, {EitjeID: "E1", ConnexieID: mainVenue}, {EitjeID: "E0", ConnexieID: mainVenue},
	}))
	facts.Profile.Venues = []string{"E9", "E1"}
	plan := domain.PlanPerson(facts)
	require.Equal(t, "E1", plan.WriteContracts[0].VenueID)
	require.Empty(t, plan.AddVenues)

	facts.Profile.Contracts = []domain.HeldContract{holding("h1", facts.Person.Contracts[0])}
	facts.Profile.Contracts[0].VenueID = "E0"
	require.Empty(t, domain.PlanPerson(facts).WriteContracts, "a venue that was chosen among those that share stays")
}
