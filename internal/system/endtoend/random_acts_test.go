package endtoend

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/sandbox/seed"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/workflows"
)

// act is one thing that somebody does, on either side or at the controls. It is
// drawn with all that it needs; where what it is about is not there, it does
// nothing.
type act struct {
	name string
	do   func(*testing.T, *world)
}

// anyEdit draws a change on either side, or somebody's word.
func (d *dice) anyEdit(scenario seed.Scenario) act {
	switch d.IntN(14) {
	case 0, 1, 2, 3, 4:
		return d.editInConnexie(scenario)
	case 12, 13:
		return d.say(scenario)
	case 10, 11:
		return d.editHours(scenario.Organisation.Entries, scenario.Organisation.Venues)
	case 5:
		return d.comeOrGo(scenario)
	case 6:
		return d.decision(scenario)
	default:
		return d.editInEitje(scenario)
	}
}

func (d *dice) editInConnexie(scenario seed.Scenario) act {
	people := scenario.Account.Employees
	person := choose(d, people...)
	if d.one(8) {
		return swapEmails(person.ID, choose(d, people...).ID)
	}
	edit := choose(d, personEdits(d, person.ID, people)...)
	return act{"Connexie: " + edit.name + " for " + person.ID, func(t *testing.T, w *world) {
		w.changePerson(t, person.ID, edit.edit)
	}}
}

// swapEmails exchanges two people's addresses in Connexie (S5).
func swapEmails(one, other string) act {
	return act{"Connexie: e-mails swapped between " + one + " and " + other, func(t *testing.T, w *world) {
		first, errOne := w.sandbox.Employee(w.Account.ID, one)
		second, errOther := w.sandbox.Employee(w.Account.ID, other)
		if errOne != nil || errOther != nil {
			return
		}
		w.changePerson(t, one, func(e *sandbox.Employee) { e.Email = second.Email })
		w.changePerson(t, other, func(e *sandbox.Employee) { e.Email = first.Email })
	}}
}

// comeOrGo draws somebody who leaves Connexie's list, comes back to it, or is new.
func (d *dice) comeOrGo(scenario seed.Scenario) act {
	person := choose(d, scenario.Account.Employees...)
	switch d.IntN(3) {
	case 0:
		return act{"Connexie: " + person.ID + " is gone", func(_ *testing.T, w *world) {
			_ = w.sandbox.RemoveEmployee(w.Account.ID, person.ID)
		}}
	case 1:
		return act{"Connexie: " + person.ID + " is as at first", func(t *testing.T, w *world) {
			require.NoError(t, w.sandbox.PutEmployee(w.Account.ID, person))
		}}
	}
	return d.newcomers(scenario, choose(d, 1, 1, 2, 3, 5))
}

func (d *dice) newcomers(scenario seed.Scenario, number int) act {
	newcomers := make([]sandbox.Employee, number)
	for i := range newcomers {
		newcomers[i] = d.plainPerson("new_" + strings.ToLower(d.word()))
		if d.one(5) {
			d.twist(&newcomers[i], scenario.Account.Employees)
		}
	}
	return act{fmt.Sprintf("Connexie: %d newcomers, %s first", len(newcomers), newcomers[0].ID), func(t *testing.T, w *world) {
		for _, newcomer := range newcomers {
			w.addPerson(t, newcomer)
		}
	}}
}

// linked is the team member of a person, in a statement with the connection first
// and the person second.
const linked = `(select team_member_id from connexie.links where connection_id = $1 and connexie_id = $2)`

// editInEitje draws what somebody does in Eitje, where everybody may do anything.
func (d *dice) editInEitje(scenario seed.Scenario) act {
	person := choose(d, scenario.Account.Employees...).ID
	other := choose(d, scenario.Account.Employees...)
	set := func(name, column string, value any) act {
		return act{"Eitje: " + name + " of " + person, func(t *testing.T, w *world) {
			w.edit(t, `update eitje.team_members set `+column+` = $3 where id = `+linked, w.connection, person, value)
		}}
	}
	switch d.IntN(14) {
	case 13:
		return manyDeactivated(2 + d.IntN(8))
	case 0:
		return set("first name", "first_name", d.word())
	case 1:
		return set("phone", "phone", nil)
	case 2:
		return set("city", "city", d.word())
	case 3:
		return set("e-mail", "email", d.email())
	case 4:
		return set("e-mail, that of "+other.ID+",", "email", text(other.Email))
	case 5, 6:
		return act{"Eitje: profile deactivated of " + person, func(t *testing.T, w *world) {
			w.edit(t, `update eitje.team_members set active = false, deactivated_at = now(), deactivated_by = 'user_manager_7'
				where active and id = `+linked, w.connection, person)
		}}
	case 7:
		wage := d.wage()
		return act{"Eitje: wages of " + person, func(t *testing.T, w *world) {
			w.edit(t, `update eitje.contracts set hourly_wage = $3::text::numeric where team_member_id = `+linked, w.connection, person, wage)
		}}
	case 8:
		return act{"Eitje: contracts deleted of " + person, func(t *testing.T, w *world) {
			w.edit(t, `delete from eitje.contracts where team_member_id = `+linked, w.connection, person)
		}}
	case 9:
		return act{"Eitje: venues taken from " + person, func(t *testing.T, w *world) {
			w.edit(t, `delete from eitje.team_member_venues where team_member_id = `+linked, w.connection, person)
		}}
	case 10:
		return d.profileMade(other, scenario.Organisation.Venues)
	case 11:
		profile := choose(d, scenario.Organisation.Profiles...)
		return act{"Eitje: profile archived unless linked, " + profile.ID, func(t *testing.T, w *world) {
			w.edit(t, `update eitje.team_members set archived_at = now(), active = false
				where id = $1 and archived_at is null and not exists (select from connexie.links where team_member_id = $1)`, profile.ID)
		}}
	default:
		profile := choose(d, scenario.Organisation.Profiles...)
		address := d.email()
		return act{"Eitje: another e-mail for profile " + profile.ID, func(t *testing.T, w *world) {
			w.edit(t, `update eitje.team_members set email = $2 where id = $1`, profile.ID, address)
		}}
	}
}

func manyDeactivated(number int) act {
	return act{fmt.Sprintf("Eitje: up to %d profiles deactivated", number), func(t *testing.T, w *world) {
		w.edit(t, `update eitje.team_members set active = false, deactivated_at = now(), deactivated_by = 'user_manager_7'
			where active and id in (select team_member_id from connexie.links where connection_id = $1
			                         order by connexie_id limit $2)`, w.connection, number)
	}}
}

// surge is more at once than the guard lets pass unasked (S16).
func (d *dice) surge(s script) act {
	if d.one(2) {
		return manyDeactivated(s.changes + 4)
	}
	return d.newcomers(s.scenario, s.creations*2+2)
}

// profileMade makes a profile in Eitje for somebody whom Connexie has too: it
// collides with a profile that is there, or is there before the sync makes one.
func (d *dice) profileMade(person sandbox.Employee, venues []seed.Venue) act {
	profile := d.profile(person, venues)
	return act{"Eitje: a profile with the e-mail of " + person.ID, func(t *testing.T, w *world) {
		address := profile.Email
		if now, err := w.sandbox.Employee(w.Account.ID, person.ID); err == nil {
			address = text(now.Email)
		}
		w.edit(t, `insert into eitje.team_members (id, organisation_id, email, first_name, last_name, active)
			values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
			profile.ID, w.Organisation.ID, address, profile.FirstName, profile.LastName, profile.Active)
	}}
}

// decision draws a decision about a venue (C3, C4, C5).
func (d *dice) decision(scenario seed.Scenario) act {
	ours, theirs := choose(d, scenario.Organisation.Venues...), choose(d, venueEast, venueWest, venueNorth)
	switch d.IntN(3) {
	case 0:
		return act{"venues: " + theirs + " set Inactive", func(t *testing.T, w *world) {
			w.decides(t, func(ctx context.Context) error {
				return w.store.SetConnexieVenueInactive(ctx, w.connection, theirs, time.Now())
			})
		}}
	case 1:
		return act{"venues: " + ours.ID + " not used", func(t *testing.T, w *world) {
			w.decides(t, func(ctx context.Context) error {
				return w.store.SetVenueNotUsed(ctx, w.connection, ours.ID, "user_7", time.Now())
			})
		}}
	}
	return act{"venues: " + ours.ID + " connected to " + theirs, func(t *testing.T, w *world) {
		w.decides(t, func(ctx context.Context) error {
			return w.store.ConnectVenue(ctx, w.connection, ours.ID, theirs, "user_7", time.Now())
		})
	}}
}

// everyVenue leaves no venue undecided, so that the guard is armed by the next run that
// is applied (S16).
func (d *dice) everyVenue(scenario seed.Scenario) act {
	terrace := scenario.Organisation.Venues[2].ID
	if d.one(2) {
		return act{"venues: all decided, " + terrace + " connected to " + venueNorth, func(t *testing.T, w *world) {
			w.decides(t, func(ctx context.Context) error {
				return w.store.ConnectVenue(ctx, w.connection, terrace, venueNorth, "user_7", time.Now())
			})
		}}
	}
	return act{"venues: all decided, " + terrace + " not used and " + venueNorth + " Inactive", func(t *testing.T, w *world) {
		w.decides(t, func(ctx context.Context) error {
			return errors.Join(
				w.store.SetVenueNotUsed(ctx, w.connection, terrace, "user_7", time.Now()),
				w.store.SetConnexieVenueInactive(ctx, w.connection, venueNorth, time.Now()))
		})
	}}
}

// control draws something that an operator or a program does while a run is under
// way.
func (d *dice) control(scenario seed.Scenario) act {
	person := choose(d, scenario.Account.Employees...).ID
	switch d.IntN(13) {
	case 9, 10:
		return d.exportAct("")
	case 11:
		return d.exportAct("preview")
	case 12:
		return d.cancelledExport()
	case 0:
		return act{"requestSync", func(t *testing.T, w *world) { w.requestSync(t) }}
	case 1:
		return act{"joinRequested", func(t *testing.T, w *world) { w.joinSync(t) }}
	case 2:
		return act{"a preview", func(t *testing.T, w *world) {
			w.begin(t, workflows.PreviewID(w.connection), workflows.SyncTeamMembersInput{Mode: "preview"})
		}}
	case 3, 4:
		return act{"a sync of " + person, func(t *testing.T, w *world) {
			w.begin(t, workflows.SyncPersonID(w.connection, person), workflows.SyncTeamMembersInput{OnlyConnexieID: person})
		}}
	case 5:
		return act{"a night", func(t *testing.T, w *world) { w.beginNight(t) }}
	case 6:
		return act{"the sync is cancelled", func(t *testing.T, w *world) {
			w.mayEnd("cancelled")
			w.gone(t, w.temporal.CancelWorkflow(t.Context(), workflows.SyncID(w.connection), ""))
		}}
	case 7:
		return act{"the sync is terminated", func(t *testing.T, w *world) {
			if w.nights > 0 { // it would wait six hours for a run that is not there any more
				w.tell("  (not while a night follows it)")
				return
			}
			w.orphaned = true
			w.mayEnd("abandoned")
			w.gone(t, w.temporal.TerminateWorkflow(t.Context(), workflows.SyncID(w.connection), "", "terminated by the test"))
		}}
	default:
		return act{"the token is replaced", func(t *testing.T, w *world) { w.replaceToken(t) }}
	}
}

// start draws how a run is begun.
func (d *dice) start(scenario seed.Scenario) act {
	person := choose(d, scenario.Account.Employees...).ID
	switch d.IntN(13) {
	case 8, 9, 10, 11:
		return d.exportAct("")
	case 12:
		return d.exportAct("preview")
	case 0, 1, 2:
		return act{"a sync by hand", func(t *testing.T, w *world) {
			w.begin(t, workflows.SyncID(w.connection), workflows.SyncTeamMembersInput{})
		}}
	case 3:
		return act{"a sync by requestSync", func(t *testing.T, w *world) { w.requestSync(t) }}
	case 4:
		return act{"a sync by joinRequested", func(t *testing.T, w *world) { w.joinSync(t) }}
	case 5:
		return act{"a night", func(t *testing.T, w *world) { w.beginNight(t) }}
	case 6:
		return act{"a preview", func(t *testing.T, w *world) {
			w.begin(t, workflows.PreviewID(w.connection), workflows.SyncTeamMembersInput{Mode: "preview"})
		}}
	default:
		return act{"a sync of " + person, func(t *testing.T, w *world) {
			w.begin(t, workflows.SyncPersonID(w.connection, person), workflows.SyncTeamMembersInput{OnlyConnexieID: person})
		}}
	}
}

// begin starts a synchronisation; one that is under way under that id goes on.
func (w *world) begin(t *testing.T, id string, in workflows.SyncTeamMembersInput) {
	t.Helper()
	in.ConnectionID = w.connection
	if in.OnlyConnexieID != "" {
		if _, err := w.sandbox.Employee(w.Account.ID, in.OnlyConnexieID); err != nil {
			w.mayEnd("failed") // Connexie does not know the person
		}
	}
	run, err := w.temporal.ExecuteWorkflow(t.Context(), options(id), workflows.TypeSyncTeamMembers, in)
	if running, ok := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err); ok {
		run, err = w.temporal.GetWorkflow(t.Context(), id, running.RunId), nil
	}
	require.NoError(t, err)
	w.track(run)
}

func (w *world) beginNight(t *testing.T) client.WorkflowRun {
	t.Helper()
	w.nights++
	night := w.startNight(t, w.connection)
	w.track(night)
	return night
}

func (w *world) requestSync(t *testing.T) {
	t.Helper()
	_, err := w.request(t, "user_7")
	// A workflow that ends at this moment turns the request away.
	if err != nil {
		w.tell("  (the request was turned away)")
	}
	w.track(w.latest(workflows.SyncID(w.connection)))
}

func (w *world) joinSync(t *testing.T) {
	t.Helper()
	id := workflows.SyncID(w.connection)
	start := options(id)
	start.WorkflowIDConflictPolicy = useExisting
	start.WorkflowExecutionErrorWhenAlreadyStarted = false
	run, err := w.temporal.SignalWithStartWorkflow(t.Context(), id, workflows.SignalJoinRequested,
		workflows.RequestSyncInput{RequestedBy: "user_7"}, start, workflows.TypeSyncTeamMembers,
		workflows.SyncTeamMembersInput{ConnectionID: w.connection})
	require.NoError(t, err)
	w.track(run)
}

// replaceToken revokes the token that is in use and gives another of the same
// account (C8). Whoever reads meanwhile is refused.
func (w *world) replaceToken(t *testing.T) {
	t.Helper()
	w.mayEnd("refused")
	w.mayEnd(exportFailed)
	w.tokens++
	token := fmt.Sprintf("%s-%d", w.Account.Token, w.tokens)
	w.hidden = append(w.hidden, token)
	sealed, err := w.keys.Seal([]byte(token), []byte(w.connection))
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), locked)
	defer cancel()
	if w.store.SetToken(ctx, w.connection, store.SealedToken(sealed), "user_7", time.Now()) != nil {
		w.tell("  (the connection was locked)")
		return
	}
	require.NoError(t, w.sandbox.SetToken(w.Account.ID, token))
	run, err := w.temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: workflows.ActivateID(w.connection), TaskQueue: workflows.QueueMain,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING, // as the starter does
	}, workflows.TypeActivateConnection, workflows.ActivateConnectionInput{ConnectionID: w.connection})
	require.NoError(t, err)
	w.track(run)
}

// gone passes over a workflow that has ended already.
func (w *world) gone(t *testing.T, err error) {
	t.Helper()
	if isNotFound(err) {
		w.tell("  (it had ended)")
		return
	}
	require.NoError(t, err)
}

// locked is how long the test waits for what the worker may have locked at a moment
// when it is kept waiting itself.
const locked = 300 * time.Millisecond

// decides takes a decision about a venue and passes over one that is refused, as an
// operator is told.
func (w *world) decides(t *testing.T, decide func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), locked)
	defer cancel()
	if decide(ctx) != nil {
		w.tell("  (refused)")
	}
}

func isNotFound(err error) bool {
	_, missing := errors.AsType[*serviceerror.NotFound](err)
	return missing
}
