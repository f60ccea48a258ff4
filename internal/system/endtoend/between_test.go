package endtoend

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/sandbox/seed"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// The people of the story, by what becomes of them between plan and apply.
const (
	firstInBatch    = "emp_0001" // whose row keeps the batch waiting
	editedAgain     = "emp_0002" // whose wage is edited in Eitje
	editedBack      = "emp_0003" // whose edit in Eitje is taken back
	deactivatedThen = "emp_0004" // who is deactivated in Eitje
)

// betweenPlanAndApply keeps a planned batch waiting while people work in Eitje. What
// was planned is worth nothing then: everyone is decided about anew (S19).
func betweenPlanAndApply(t *testing.T, s *system) {
	o := s.small(t, "Tussen plan en uitvoering", 20)
	o.settle(t)
	newcomers := o.newcomers(t, 4)
	met, twice, linked, taken := newcomers[0], newcomers[1], newcomers[2], newcomers[3]
	links := o.links(t)
	o.change(t, firstInBatch, func(e *sandbox.Employee) { e.LastName = "Vooraan" })
	o.change(t, editedAgain, func(e *sandbox.Employee) { e.Contracts[0].HourlyWage = sandbox.Some("29.75") })
	o.edit(t, `update eitje.team_members set first_name = 'Roepnaam' where id = $1`, o.member(t, editedBack))
	o.change(t, deactivatedThen, func(e *sandbox.Employee) { e.LastName = "Weggestuurd" })

	run, batch := o.holdApplying(t, firstInBatch)
	planned := o.items(t, o.runs(t)[0].ID)
	for _, newcomer := range newcomers {
		require.Equal(t, "create", planned[newcomer.ID].Action, "what was planned")
	}
	require.Equal(t, "update", planned[editedBack].Action)
	require.False(t, planned[deactivatedThen].Reactivates)

	o.edit(t, `update eitje.contracts set hourly_wage = 1.23 where team_member_id = $1`, o.member(t, editedAgain))
	o.edit(t, `update eitje.team_members set first_name = $2 where id = $1`,
		o.member(t, editedBack), o.Account.Employees[2].FirstName)
	o.edit(t, `update eitje.team_members set active = false, deactivated_at = now(), deactivated_by = $2 where id = $1`,
		o.member(t, deactivatedThen), deactivatingUser)
	hired := o.hire(t, met)
	rivals := []string{o.hire(t, twice), o.hire(t, twice)}
	byHand := o.hire(t, linked)
	o.link(t, byHand, linked.ID)
	o.link(t, o.hire(t, taken), "emp_gone")
	before, members := o.state(t), o.members(t)
	batch.release()
	result := o.await(t, run)

	require.Equal(t, members, o.members(t), "nobody has a second profile")
	applied := o.items(t, result.RunID)
	t.Run("S8 S10 the audit's before is what was edited meanwhile", func(t *testing.T) {
		require.Equal(t, "29.75", o.wage(t, editedAgain))
		require.Equal(t, "1.23", onlyChange(t, applied[editedAgain].Changes, "hourly_wage").Before)
	})
	t.Run("S19 what became right by itself is not written", func(t *testing.T) {
		require.Equal(t, "none", applied[editedBack].Action)
		require.Empty(t, applied[editedBack].Changes)
	})
	t.Run("S11 who was deactivated meanwhile is active again, and somebody is told", func(t *testing.T) {
		require.Equal(t, "true", o.field(t, deactivatedThen, "active"))
		require.True(t, applied[deactivatedThen].Reactivates)
		o.requireOpen(t, domain.CauseReactivated, reactivatedAtFirst, deactivatedThen)
	})
	t.Run("S4 a profile that somebody made is matched", func(t *testing.T) {
		require.Equal(t, hired, o.member(t, met.ID))
		require.Equal(t, "link", applied[met.ID].Action)
	})
	t.Run("S6 two profiles that somebody made are disputed", func(t *testing.T) {
		require.NotContains(t, o.links(t), twice.ID)
		require.Equal(t, seed.SeveralCandidates, o.standings(t)[twice.ID].Reason)
		require.ElementsMatch(t, rivals, o.candidates(t, twice.ID))
	})
	t.Run("S5 a link that somebody made is kept", func(t *testing.T) {
		require.Equal(t, byHand, o.member(t, linked.ID))
		require.Equal(t, "update", applied[linked.ID].Action)
	})
	t.Run("S6 an address that went to somebody else is disputed", func(t *testing.T) {
		require.NotContains(t, o.links(t), taken.ID)
		require.Equal(t, seed.EmailOfLinkedProfile, o.standings(t)[taken.ID].Reason)
	})
	t.Run("S10 the audit explains every difference and nothing else", func(t *testing.T) {
		want := append(o.differences(t, before, o.state(t)), line{domain.ObjectLink, hired, "connexie_id", "", met.ID})
		require.ElementsMatch(t, want, o.audit(t, result.RunID))
	})
	t.Run("S5 links never move", func(t *testing.T) {
		require.Subset(t, o.links(t), links)
	})
	o.requireOpen(t, domain.CauseDisputed, twice.ID, taken.ID)
	o.requireSettled(t)
	o.record(t, "edited-between-plan-and-apply", run)
}

// reactivatedAtFirst is the rehire of every small organisation of twenty.
const reactivatedAtFirst = "emp_0017"

// venueDecidedMeanwhile sets a venue to Inactive while a batch waits that brings in
// somebody who works there.
func venueDecidedMeanwhile(t *testing.T, s *system) {
	o := s.small(t, "Locatie tussendoor", 20)
	o.settle(t)
	newcomer := o.newcomers(t, 1)[0]
	venue := newcomer.Contracts[0].VenueID
	o.change(t, firstInBatch, func(e *sandbox.Employee) { e.LastName = "Vooraan" })
	run, batch := o.holdApplying(t, firstInBatch)
	members := o.members(t)
	for _, decision := range o.Decisions {
		if decision.ConnexieVenueID == venue {
			require.NoError(t, o.store.SetVenueNotUsed(t.Context(), o.connection, decision.EitjeVenueID, "test", time.Now()))
		}
	}
	require.NoError(t, o.store.SetConnexieVenueInactive(t.Context(), o.connection, venue, time.Now()))
	batch.release()
	result := o.await(t, run)

	require.Equal(t, members, o.members(t), "nobody comes in at a venue that is Inactive")
	require.Equal(t, seed.VenueInactive, o.items(t, result.RunID)[newcomer.ID].Reason)
	require.Equal(t, seed.VenueInactive, o.standings(t)[newcomer.ID].Reason)
}

// newcomers puts n more people into Connexie about whom nothing is awkward.
func (o *organisation) newcomers(t *testing.T, n int) []sandbox.Employee {
	t.Helper()
	var added []sandbox.Employee
	for _, newcomer := range seed.Small(o.Account.Name+" nieuw", 200, 2, o.sandbox.Today()).Account.Employees {
		if !importable(newcomer) || len(added) == n {
			continue
		}
		newcomer.ID = "new_" + newcomer.ID
		newcomer.Contracts[0].ID = "new_" + newcomer.Contracts[0].ID
		newcomer.Email = sandbox.Some(newcomer.ID + "@example.com")
		require.NoError(t, o.sandbox.PutEmployee(o.Account.ID, newcomer))
		added = append(added, newcomer)
	}
	require.Len(t, added, n)
	return added
}

// importable tells of a seeded person that nothing is awkward about.
func importable(employee sandbox.Employee) bool {
	_, ended := employee.Employment.EndDate.Get()
	return !ended && len(employee.Contracts) == 1 && string(employee.Contracts[0].StartDate) < today().String() &&
		text(employee.Contracts[0].EndDate) == ""
}

// hire makes a profile by hand in Eitje, with a person's address as people type it.
func (o *organisation) hire(t *testing.T, employee sandbox.Employee) string {
	t.Helper()
	id := testkit.ID(t)
	o.edit(t, `insert into eitje.team_members (id, organisation_id, email, first_name, last_name)
		values ($1, $2, upper($3), 'Met', 'Hand')`, id, o.Organisation.ID, text(employee.Email))
	return id
}

// link links by hand, as whoever settles a dispute does.
func (o *organisation) link(t *testing.T, member, connexieID string) {
	t.Helper()
	o.edit(t, `insert into connexie.links (connection_id, team_member_id, connexie_id, linked_at)
		values ($1, $2, $3, now())`, o.connection, member, connexieID)
}

// candidates are the profiles that a dispute is about.
func (o *organisation) candidates(t *testing.T, connexieID string) []string {
	t.Helper()
	return list(t, o.system, pgx.RowTo[string], `select team_member_id::text from connexie.dispute_candidates
		where connection_id = $1 and connexie_id = $2`, o.connection, connexieID)
}

// onlyChange is the one change of a field.
func onlyChange(t *testing.T, changes []domain.Change, field string) domain.Change {
	t.Helper()
	var found []domain.Change
	for _, change := range changes {
		if change.Field == field {
			found = append(found, change)
		}
	}
	require.Len(t, found, 1, field)
	return found[0]
}

// requireSettled asserts that nothing is left over: no run is open, no plan waits,
// and one more run has nothing to do (S9).
func (o *organisation) requireSettled(t *testing.T) {
	t.Helper()
	before := o.state(t)
	require.Equal(t, domain.SyncNothing, o.sync(t).Outcome)
	require.Equal(t, before, o.state(t))
	require.Zero(t, value[int](t, o.system, `select count(*) from connexie.sync_runs
		where connection_id = $1 and closed_at is null`, o.connection))
	require.Zero(t, value[int](t, o.system, `select count(*) from connexie.sync_items
		join connexie.sync_runs r on r.id = run_id
		where r.connection_id = $1 and r.mode = 'apply' and r.only_connexie_id is null and state = 'planned'`, o.connection))
}
