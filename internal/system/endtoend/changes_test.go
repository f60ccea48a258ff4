package endtoend

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/sandbox/seed"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// The people of the story, each changed in one way.
const (
	wageChanged      = "emp_0001"
	nameChanged      = "emp_0002"
	emailChanged     = "emp_0003"
	contractShort    = "emp_0004"
	employmentEnds   = "emp_0005"
	phoneNull        = "emp_0006"
	phoneAbsent      = "emp_0007"
	wageEdited       = "emp_0008" // from here on changed in Eitje
	nameEdited       = "emp_0009"
	deactivated      = "emp_0010"
	venueTaken       = "emp_0011"
	swappedOne       = "emp_0020" // who swap their e-mails in Connexie
	swappedOther     = "emp_0021"
	contractOver     = "emp_0022" // whose contract ended while the employment goes on
	newcomer         = "emp_0073" // who comes in only now
	deactivatingUser = "user_manager_7"
)

// changes changes people in Connexie and profiles in Eitje, previews, synchronises
// and holds the three against each other.
func changes(t *testing.T, s *system) {
	o := s.withoutLast(t, seed.Small("Wijzigingen", 73, 1, s.sandbox.Today()))
	o.settle(t)
	oldNames := o.values(t, "phone", phoneAbsent, phoneNull)
	oldEmails := o.values(t, "email", emailChanged, swappedOne, swappedOther)
	links := o.links(t)
	o.changeInConnexie(t)
	o.changeInEitje(t)

	before, rows := o.state(t), testkit.TakeSnapshot(t, s.url, "connexie.sync_runs", "connexie.sync_items")
	previewed := o.preview(t)
	t.Run("S19 a preview changes nothing in Eitje and opens nothing", func(t *testing.T) {
		later := testkit.TakeSnapshot(t, s.url, "connexie.sync_runs", "connexie.sync_items")
		for table, versions := range later {
			if !mirrored[table] {
				require.Equal(t, rows[table], versions, "the preview wrote %s", table)
			}
		}
	})
	synced := o.sync(t)
	t.Run("S19 the sync does exactly what the preview said", func(t *testing.T) {
		require.Equal(t, domain.SyncOK, synced.Outcome)
		require.Equal(t, previewed.Outcome, synced.Outcome)
		require.Equal(t, previewed.Counts, synced.Counts)
		require.Equal(t, o.promised(t, previewed.RunID), o.promised(t, synced.RunID))
	})
	t.Run("S10 the audit explains every difference and nothing else", func(t *testing.T) {
		require.ElementsMatch(t, o.differences(t, before, o.state(t)), o.audit(t, synced.RunID))
	})
	t.Run("S8 Connexie leads whichever side changed", func(t *testing.T) {
		require.Equal(t, "29.75", o.wage(t, wageChanged))
		require.Equal(t, o.wageInConnexie(t, wageEdited), o.wage(t, wageEdited))
		require.Equal(t, "Verhuisd", o.field(t, nameChanged, "last_name"))
		require.Equal(t, o.Account.Employees[8].FirstName, o.field(t, nameEdited, "first_name"))
		require.Empty(t, o.field(t, phoneNull, "phone"), "an explicit null clears")
		require.Equal(t, oldNames[phoneAbsent], o.field(t, phoneAbsent, "phone"), "an absent member clears nothing")
	})
	t.Run("S8 the log-in e-mail stays, and a differing one is notified once", func(t *testing.T) {
		require.Equal(t, oldEmails, o.values(t, "email", emailChanged, swappedOne, swappedOther))
		o.requireOpen(t, domain.CauseEmailDiffers, emailChanged, swappedOne, swappedOther)
	})
	t.Run("S5 linked people who swap e-mails stay where they are", func(t *testing.T) {
		for id, member := range links {
			require.Equal(t, member, o.links(t)[id], id)
		}
	})
	t.Run("S11 who was deactivated is active again, and it says who had done it", func(t *testing.T) {
		require.Equal(t, "true", o.field(t, deactivated, "active"))
		told := o.notices(t, domain.CauseReactivated)
		last := told[len(told)-1] // after those of the seed's rehires
		require.Equal(t, deactivated, last.Subject)
		require.Contains(t, last.NextStep, deactivatingUser)
	})
	t.Run("S12 an employment that ended in Connexie alone leaves the team member active", func(t *testing.T) {
		require.Equal(t, "true", o.field(t, employmentEnds, "active"))
		o.requireOpen(t, domain.CauseEmploymentEnded, employmentEnds)
	})
	t.Run("S13 a contract that ended is not the end of the employment", func(t *testing.T) {
		require.Equal(t, "true", o.field(t, contractOver, "active"))
		require.Equal(t, seed.Linked, o.standings(t)[contractOver].Situation)
	})
	t.Run("S18 a venue of the contract comes back", func(t *testing.T) {
		require.NotZero(t, value[int](t, s,
			`select count(*) from eitje.team_member_venues where team_member_id = $1`, o.member(t, venueTaken)))
	})
	t.Run("S9 N1 synchronising again writes and notifies nothing", func(t *testing.T) {
		quiet := testkit.TakeSnapshot(t, s.url, bookkeeping...)
		require.Equal(t, domain.SyncNothing, o.sync(t).Outcome)
		quiet.RequireUnchanged(t, testkit.TakeSnapshot(t, s.url, bookkeeping...))
	})
}

// mirrored are the tables that any reading writes, a preview's too: what Connexie
// said last.
var mirrored = map[string]bool{
	"connexie.people": true, "connexie.person_contracts": true, "connexie.readings": true,
	"connexie.reading_pages": true, "connexie.list_etags": true,
}

// withoutLast brings in a scenario whose last person Connexie does not know yet.
func (s *system) withoutLast(t *testing.T, scenario seed.Scenario) *organisation {
	t.Helper()
	last := len(scenario.Account.Employees) - 1
	newcomers := scenario.Account.Employees[last:]
	scenario.Account.Employees = scenario.Account.Employees[:last]
	o := s.organisation(t, scenario)
	o.Account.Employees = append(o.Account.Employees[:last:last], newcomers...)
	return o
}

func (o *organisation) changeInConnexie(t *testing.T) {
	t.Helper()
	day := o.sandbox.Today()
	o.change(t, wageChanged, func(e *sandbox.Employee) { e.Contracts[0].HourlyWage = sandbox.Some("29.75") })
	o.change(t, nameChanged, func(e *sandbox.Employee) { e.LastName = "Verhuisd" })
	o.change(t, emailChanged, func(e *sandbox.Employee) { e.Email = sandbox.Some("een.ander@example.com") })
	o.change(t, contractShort, func(e *sandbox.Employee) { e.Contracts[0].EndDate = sandbox.Some(day.AddDays(14)) })
	o.change(t, employmentEnds, func(e *sandbox.Employee) {
		e.Employment.EndDate = sandbox.Some(day.AddDays(-1))
		e.Contracts[0].EndDate = sandbox.Some(day.AddDays(-1))
	})
	o.change(t, phoneNull, func(e *sandbox.Employee) { e.Phone = sandbox.Null[string]() })
	o.change(t, phoneAbsent, func(e *sandbox.Employee) { e.Phone = sandbox.Absent[string]() })
	o.change(t, contractOver, func(e *sandbox.Employee) { e.Contracts[0].EndDate = sandbox.Some(day.AddDays(-1)) })
	one, err := o.sandbox.Employee(o.Account.ID, swappedOne)
	require.NoError(t, err)
	other, err := o.sandbox.Employee(o.Account.ID, swappedOther)
	require.NoError(t, err)
	o.change(t, swappedOne, func(e *sandbox.Employee) { e.Email = other.Email })
	o.change(t, swappedOther, func(e *sandbox.Employee) { e.Email = one.Email })
	arrived := o.Account.Employees[72]
	require.Equal(t, newcomer, arrived.ID)
	require.NoError(t, o.sandbox.PutEmployee(o.Account.ID, arrived))
}

func (o *organisation) changeInEitje(t *testing.T) {
	t.Helper()
	o.edit(t, `update eitje.contracts set hourly_wage = 1.23 where team_member_id = $1`, o.member(t, wageEdited))
	o.edit(t, `update eitje.team_members set first_name = 'Roepnaam' where id = $1`, o.member(t, nameEdited))
	o.edit(t, `update eitje.team_members set active = false, deactivated_at = now(), deactivated_by = $2 where id = $1`,
		o.member(t, deactivated), deactivatingUser)
	o.edit(t, `delete from eitje.team_member_venues where team_member_id = $1`, o.member(t, venueTaken))
}

// values reads one column of several people's team members.
func (o *organisation) values(t *testing.T, column string, people ...string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, id := range people {
		found[id] = o.field(t, id, column)
	}
	return found
}

func (o *organisation) wage(t *testing.T, connexieID string) string {
	t.Helper()
	return value[string](t, o.system,
		`select round(hourly_wage, 2)::text from eitje.contracts where team_member_id = $1`, o.member(t, connexieID))
}

func (o *organisation) wageInConnexie(t *testing.T, connexieID string) string {
	t.Helper()
	employee, err := o.sandbox.Employee(o.Account.ID, connexieID)
	require.NoError(t, err)
	return text(employee.Contracts[0].HourlyWage)
}

// promised is what a run did, or would do, for everyone: its items without their
// states, and without the ids of what was made only when it was applied.
func (o *organisation) promised(t *testing.T, runID string) map[string]item {
	t.Helper()
	items := o.items(t, runID)
	for id, item := range items {
		items[id] = item.undated()
	}
	require.Equal(t, "create", items[newcomer].Action)
	return items
}

// undated is an item without its state, and without the ids of what was made only when
// it was applied: what a preview and its sync have in common.
func (i item) undated() item {
	i.State = ""
	if i.Action == "create" {
		i.Member = ""
	}
	for n := range i.Changes {
		if i.Action == "create" || i.Changes[n].Field == domain.FieldCreated {
			i.Changes[n].ObjectID = ""
		}
	}
	return i
}
