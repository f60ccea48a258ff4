package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// leaving is a team member who is linked to a person in Connexie.
type leaving struct {
	db         *testkit.DB
	connection string
	// organisation and member are in Eitje; the person in Connexie is emp_1.
	organisation, member string
	saved                int
}

func newLeaving(t testing.TB) *leaving {
	t.Helper()
	l := &leaving{db: testkit.New(t)}
	l.organisation = l.db.Organisation(t)
	l.connection = l.db.Connection(t, l.organisation).ID
	l.member = l.db.TeamMember(t, testkit.TeamMember{OrganisationID: l.organisation, FirstName: "Noor"})
	l.db.Link(t, l.connection, l.member, "emp_1")
	l.says(t, domain.Employment{})
	return l
}

// says lets Connexie say something of the employment.
func (l *leaving) says(t testing.TB, employment domain.Employment) {
	t.Helper()
	l.saved++
	employment.Start = domain.NewDate(2024, time.January, 1)
	_, err := l.db.Store.SavePage(t.Context(), store.MirrorPage{ConnectionID: l.connection, People: []domain.Person{{
		ID: "emp_1", FirstName: "Noor", LastName: "Bakker", Employment: employment, ModifiedAt: now.Add(time.Duration(l.saved) * time.Second),
	}}})
	require.NoError(t, err)
}

func (l *leaving) opening(t testing.TB) store.EndingOpening {
	t.Helper()
	return store.EndingOpening{
		ID: testkit.ID(t), ConnectionID: l.connection, TeamMemberID: l.member, WorkflowID: "end-employment/" + l.member,
		EndDate: today.AddDays(8), Reason: "own_request", RequestedBy: "user_1",
	}
}

func (l *leaving) open(t testing.TB, opening store.EndingOpening) store.Ending {
	t.Helper()
	opened, err := l.db.Store.OpenEnding(t.Context(), opening, now)
	require.NoError(t, err)
	require.Empty(t, opened.Refused)
	return opened.Ending
}

func (l *leaving) look(t testing.TB, id string, at time.Time) store.EndingStanding {
	t.Helper()
	standing, err := l.db.Store.LookAtEnding(t.Context(), store.EndingLook{ID: id}, at)
	require.NoError(t, err)
	return standing
}

// causes are the open notifications about the person.
func (l *leaving) causes(t testing.TB) []string {
	t.Helper()
	return testkit.Value[[]string](t, l.db, `
		select coalesce(array_agg(cause order by cause), '{}') from connexie.notifications where closed_at is null and subject = 'emp_1'`)
}

func (l *leaving) active(t testing.TB) bool {
	t.Helper()
	return testkit.Value[bool](t, l.db, `select active from eitje.team_members where id = $1`, l.member)
}

var endedYesterday = domain.Employment{Ended: true, End: today.AddDays(-1)}

func TestStore_E1_AnEndingThroughBothSteps(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	opening := l.opening(t)
	ending := l.open(t, opening)
	require.Equal(t, ending, l.open(t, opening), "opening it again finds it as it is")
	require.Equal(t, domain.EndingWaitsForConnexie, l.look(t, ending.ID, now).Ending.Stage)
	require.Equal(t, []string{"ending_step_one"}, l.causes(t))

	refused, err := l.db.Store.EndInEitje(t.Context(), ending.ID, "user_2", now)
	require.NoError(t, err)
	require.True(t, refused.Refused, "E1: Connexie still shows the employment as active")
	require.True(t, l.active(t))

	l.says(t, endedYesterday)
	standing := l.look(t, ending.ID, now)
	require.Equal(t, domain.EndingWaitsForConfirmation, standing.Ending.Stage)
	require.Equal(t, endedYesterday.End, standing.Ending.EndDate, "Connexie's end date wins")
	require.Equal(t, []string{"ending_date", "ending_step_two"}, l.causes(t))
	before := testkit.TakeSnapshot(t, l.db.URL)
	require.Equal(t, standing.Ending.Stage, l.look(t, ending.ID, now).Ending.Stage)
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, l.db.URL))

	done, err := l.db.Store.EndInEitje(t.Context(), ending.ID, "user_2", now)
	require.NoError(t, err)
	require.False(t, done.Refused)
	require.Equal(t, domain.EndingWatches, done.Ending.Stage)
	require.Equal(t, now.Add(14*24*time.Hour), done.Ending.NextAt)
	require.False(t, l.active(t))
	require.Equal(t, []string{"ending_date"}, l.causes(t))
	again, err := l.db.Store.EndInEitje(t.Context(), ending.ID, "user_3", now.Add(time.Minute))
	require.NoError(t, err)
	require.Equal(t, "user_2", again.Ending.ConfirmedBy, "whoever confirms second changes nothing")
	require.True(t, now.Equal(again.Ending.EndedAt))
}

func TestStore_S10_E1_TheDeactivationIsAudited(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	l.says(t, endedYesterday)
	ending := l.open(t, l.opening(t))
	l.look(t, ending.ID, now)
	for range 2 {
		_, err := l.db.Store.EndInEitje(t.Context(), ending.ID, "user_2", now)
		require.NoError(t, err)
	}
	lines := testkit.Value[[]string](t, l.db, `
		select array_agg(concat_ws(' ', act, act_id, connexie_id, object, object_id, field, coalesce(before, '-'), coalesce(after, '-'), by) order by field)
		  from connexie.changes`)
	prefix := "ending " + ending.ID + " emp_1 team_member " + l.member
	require.Len(t, lines, 3)
	require.Equal(t, prefix+" active true false user_2", lines[0])
	require.Contains(t, lines[1], prefix+" deactivated_at")
	require.Equal(t, prefix+" deactivated_by - user_2 user_2", lines[2])
}

func TestStore_ATeamMemberHasOneEndingAtATime(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	first, second := l.open(t, l.opening(t)), l.open(t, l.opening(t))
	left, err := l.db.Store.Ending(t.Context(), first.ID)
	require.NoError(t, err)
	require.Equal(t, domain.EndingAbandoned, left.Outcome, "its workflow was terminated")
	found, err := l.db.Store.EndingOf(t.Context(), l.member)
	require.NoError(t, err)
	require.Equal(t, second.ID, found.ID)

	var group errgroup.Group
	for range 4 {
		opening := l.opening(t)
		group.Go(func() error {
			_, err := l.db.Store.OpenEnding(t.Context(), opening, now)
			return err
		})
	}
	require.NoError(t, group.Wait())
	open, err := l.db.Store.Endings(t.Context(), l.connection, true, 10)
	require.NoError(t, err)
	require.Len(t, open, 1)
	all, err := l.db.Store.Endings(t.Context(), l.connection, false, 10)
	require.NoError(t, err)
	require.Len(t, all, 6)
	require.Equal(t, open[0], all[0])
}

func TestStore_AnEndingThatCannotBeIsRefusedAndNothingIsWritten(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	other := l.db.Organisation(t)
	stranger := l.db.TeamMember(t, testkit.TeamMember{OrganisationID: other})
	unlinked := l.db.TeamMember(t, testkit.TeamMember{OrganisationID: l.organisation})
	archived := l.db.TeamMember(t, testkit.TeamMember{OrganisationID: l.organisation, Archived: true})
	before := testkit.TakeSnapshot(t, l.db.URL)
	for want, change := range map[domain.EndingReason]func(*store.EndingOpening){
		domain.EndingUnknownPerson: func(o *store.EndingOpening) { o.TeamMemberID = testkit.ID(t) },
		domain.EndingOtherCompany:  func(o *store.EndingOpening) { o.TeamMemberID = stranger },
		domain.EndingNotLinked:     func(o *store.EndingOpening) { o.TeamMemberID = unlinked },
		domain.EndingArchived:      func(o *store.EndingOpening) { o.TeamMemberID = archived },
		domain.EndingBeforeStart:   func(o *store.EndingOpening) { o.EndDate = domain.NewDate(2023, time.May, 1) },
		domain.EndingTooFarAhead:   func(o *store.EndingOpening) { o.EndDate = domain.NewDate(9999, time.May, 1) },
	} {
		opening := l.opening(t)
		change(&opening)
		opened, err := l.db.Store.OpenEnding(t.Context(), opening, now)
		require.NoError(t, err)
		require.Equal(t, want, opened.Refused)
	}
	opening := l.opening(t)
	opening.TeamMemberID = "tm_1"
	opened, err := l.db.Store.OpenEnding(t.Context(), opening, now)
	require.NoError(t, err)
	require.Equal(t, domain.EndingUnknownPerson, opened.Refused, "what is no id of ours")
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, l.db.URL))
}

func TestStore_E2_AReminderGoesOutOnceForItsNumber(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	ending := l.open(t, l.opening(t))
	standing := l.look(t, ending.ID, now)
	due := standing.Ending.NextAt
	require.True(t, domain.ReminderAt(now, 0).Equal(due))
	for range 2 { // the activity is repeated after its commit
		reminded, err := l.db.Store.LookAtEnding(t.Context(), store.EndingLook{ID: ending.ID, Reminder: 1}, due)
		require.NoError(t, err)
		require.Equal(t, 1, reminded.Ending.Reminders)
		require.True(t, domain.ReminderAt(now, 1).Equal(reminded.Ending.NextAt))
	}
	opened := testkit.Value[time.Time](t, l.db, `select opened_at from connexie.notifications where closed_at is null and cause = 'ending_step_one'`)
	require.True(t, due.Equal(opened), "the notification is told anew")
}

func TestStore_E6_TheEndingClosesAfterOneMoreFullRunThatSawThePerson(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	l.says(t, endedYesterday)
	ending := l.open(t, l.opening(t))
	l.look(t, ending.ID, now)
	under := fullRun(t, l.connection)
	open(t, l.db, under) // it began before step two, and may have read before it
	_, err := l.db.Store.EndInEitje(t.Context(), ending.ID, "user_2", now)
	require.NoError(t, err)
	closeRun(t, l.db, under.ID, domain.SyncOK)
	require.Equal(t, domain.EndingWatches, l.look(t, ending.ID, now).Ending.Stage, "a run that began before")

	one := fullRun(t, l.connection)
	one.OnlyConnexieID = "emp_1"
	open(t, l.db, one)
	closeRun(t, l.db, one.ID, domain.SyncOK)
	require.Equal(t, domain.EndingWatches, l.look(t, ending.ID, now).Ending.Stage, "no full run")

	away := fullRun(t, l.connection)
	open(t, l.db, away)
	closeRun(t, l.db, away.ID, domain.SyncUnreachable)
	require.Equal(t, domain.EndingWatches, l.look(t, ending.ID, now).Ending.Stage, "it saw nobody")

	next := fullRun(t, l.connection)
	open(t, l.db, next)
	require.Equal(t, domain.EndingWatches, l.look(t, ending.ID, now).Ending.Stage, "it has not closed")
	closeRun(t, l.db, next.ID, domain.SyncNothing)
	l.db.Exec(t, `update connexie.people set missing_since = $1`, now)
	require.Equal(t, domain.EndingWatches, l.look(t, ending.ID, now).Ending.Stage, "it did not see the person")
	l.db.Exec(t, `update connexie.people set missing_since = null`)
	require.Equal(t, domain.EndingEnded, l.look(t, ending.ID, now).Ending.Outcome)
}

func TestStore_E6_WhatRemainsIsCounted(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	l.says(t, endedYesterday)
	venue := l.db.Venue(t, l.organisation, "Bar")
	for _, entry := range []testkit.Entry{
		{Day: today}, {Day: today.AddDays(30), State: "open"}, {Day: today.AddDays(40), State: "deleted"},
		{Day: today.AddDays(-1), State: "open"}, {Day: today.AddDays(-1)}, {Day: today.AddDays(-2)},
		{Day: today.AddDays(-2), Kind: "leave"}, {Day: today.AddDays(-3), State: "deleted"},
	} {
		entry.OrganisationID, entry.TeamMemberID, entry.VenueID = l.organisation, l.member, venue
		l.db.Entry(t, entry)
	}
	ending := l.open(t, l.opening(t))
	l.look(t, ending.ID, now)
	done, err := l.db.Store.EndInEitje(t.Context(), ending.ID, "user_2", now)
	require.NoError(t, err)
	require.Equal(t, domain.EndingRemains{FutureShifts: 2, Unapproved: 1, Unexported: 2}, done.Ending.Remains)
	late := l.look(t, ending.ID, now.Add(14*24*time.Hour))
	require.Equal(t, domain.EndingUnwatched, late.Ending.Outcome)
	require.Equal(t, []string{"ending_over"}, l.causes(t))
}

func TestStore_E5_WithdrawnEndingsLeaveEitjeAlone(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	l.says(t, endedYesterday)
	ending := l.open(t, l.opening(t))
	l.look(t, ending.ID, now)
	l.says(t, domain.Employment{})
	require.Equal(t, domain.EndingReopened, l.look(t, ending.ID, now).Ending.OutcomeReason)
	require.True(t, l.active(t))
	require.Equal(t, []string{"ending_over"}, l.causes(t))

	second := l.open(t, l.opening(t))
	require.Empty(t, l.causes(t), "how the one before ended is past")
	withdrawn, err := l.db.Store.WithdrawEnding(t.Context(), second.ID, "user_2", "by_hand", now)
	require.NoError(t, err)
	require.Equal(t, domain.EndingWithdrawn, withdrawn.Ending.Outcome)
	again, err := l.db.Store.WithdrawEnding(t.Context(), second.ID, "user_3", "other", now)
	require.NoError(t, err)
	require.Equal(t, domain.EndingByHand, again.Ending.OutcomeReason, "what is over stays as it ended")
	kept, err := l.db.Store.Ending(t.Context(), second.ID)
	require.NoError(t, err)
	require.Equal(t, "user_2", kept.WithdrawnBy)
}

// An ending may wait for months: a removal finds it, and a pause does not.
func TestStore_C9_E5_OpenEndingsOfARemovedConnection(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	opening := l.opening(t)
	ending := l.open(t, opening)
	found, err := l.db.Store.OpenEndings(t.Context(), l.connection)
	require.NoError(t, err)
	require.Equal(t, []string{opening.WorkflowID}, found)
	under, err := l.db.Store.OpenWork(t.Context(), l.connection)
	require.NoError(t, err)
	require.Empty(t, under)

	require.NoError(t, l.db.Store.CloseLeftOpen(t.Context(), l.connection, now))
	require.Equal(t, ending, l.kept(t, ending.ID), "it was added again")
	_, err = l.db.Store.RemoveConnection(t.Context(), l.connection, "user_42", now)
	require.NoError(t, err)
	withdrawn, err := l.db.Store.WithdrawEnding(t.Context(), ending.ID, "engine", domain.EndingCancelled, now)
	require.NoError(t, err)
	require.Equal(t, domain.EndingWithdrawn, withdrawn.Ending.Outcome)
	require.Equal(t, domain.EndingConnectionGone, withdrawn.Ending.OutcomeReason)
	require.Empty(t, l.causes(t), "nobody need do anything about it")
	found, err = l.db.Store.OpenEndings(t.Context(), l.connection)
	require.NoError(t, err)
	require.Empty(t, found)
}

func TestStore_C9_AnEndingWhoseWorkflowWasTerminatedIsAbandoned(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	ending := l.open(t, l.opening(t))
	_, err := l.db.Store.RemoveConnection(t.Context(), l.connection, "user_42", now)
	require.NoError(t, err)
	for range 2 {
		require.NoError(t, l.db.Store.CloseLeftOpen(t.Context(), l.connection, now))
		require.Equal(t, domain.EndingAbandoned, l.kept(t, ending.ID).Outcome)
	}
	require.True(t, l.active(t))
}

func (l *leaving) kept(t testing.TB, id string) store.Ending {
	t.Helper()
	ending, err := l.db.Store.Ending(t.Context(), id)
	require.NoError(t, err)
	return ending
}

func TestStore_E3_E5_E6_ARunTellsTheEndingsThatItConcerns(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	told := func(only string, day domain.Date) bool {
		t.Helper()
		ids, err := l.db.Store.EndingsToTell(t.Context(), l.connection, only, day)
		require.NoError(t, err)
		return len(ids) == 1 && ids[0] == l.member
	}
	require.False(t, told("", today), "none is open")
	ending := l.open(t, l.opening(t))
	l.look(t, ending.ID, now)
	require.False(t, told("", today), "nothing has changed")
	l.says(t, domain.Employment{End: today.AddDays(3)})
	require.True(t, told("", today))
	require.True(t, told("emp_1", today))
	require.False(t, told("emp_2", today), "a run of another person")
	require.Equal(t, domain.EndingWaitsForDate, l.look(t, ending.ID, now).Ending.Stage)
	require.False(t, told("", today.AddDays(3)))
	require.True(t, told("", today.AddDays(4)), "E3: only a date has passed")
	l.look(t, ending.ID, today.AddDays(4).At(3, 0))
	require.False(t, told("", today.AddDays(4)))
	l.db.Exec(t, `update connexie.people set missing_since = $1`, now)
	require.True(t, told("", today.AddDays(4)), "the person went missing")
	l.look(t, ending.ID, today.AddDays(4).At(3, 0))
	l.db.Exec(t, `update connexie.people set missing_since = null`)
	l.look(t, ending.ID, today.AddDays(4).At(3, 0))
	_, err := l.db.Store.EndInEitje(t.Context(), ending.ID, "user_2", today.AddDays(4).At(9, 0))
	require.NoError(t, err)
	require.True(t, told("", today.AddDays(5)), "E6: any full run")
	require.False(t, told("emp_1", today.AddDays(5)), "one person alone says nothing")
	l.db.Exec(t, `update eitje.team_members set active = true`)
	require.True(t, told("emp_1", today.AddDays(5)), "but that the profile is active again")
}

// A person of whom Connexie says that it does not know the id stays gone until it is
// asked again, whatever the mirror still holds.
func TestStore_S14_GoneFromConnexie(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	ending := l.open(t, l.opening(t))
	gone, there := true, false
	standing, err := l.db.Store.LookAtEnding(t.Context(), store.EndingLook{ID: ending.ID, Gone: &gone}, now)
	require.NoError(t, err)
	require.Equal(t, domain.EndingWaitsForConfirmation, standing.Ending.Stage)
	require.False(t, standing.Automatic)
	require.Equal(t, domain.EndingWaitsForConfirmation, l.look(t, ending.ID, now).Ending.Stage)
	standing, err = l.db.Store.LookAtEnding(t.Context(), store.EndingLook{ID: ending.ID, Gone: &there}, now)
	require.NoError(t, err)
	require.Equal(t, domain.EndingReopened, standing.Ending.OutcomeReason)
}

// An ending, a sync of the same person and more endings wait for each other and never for
// ever.
func TestStore_AnEndingAndASyncAtOnce(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	l.says(t, endedYesterday)
	ending := l.open(t, l.opening(t))
	run := open(t, l.db, fullRun(t, l.connection))
	fence, err := l.db.Store.BumpFence(t.Context(), l.connection, run.ID)
	require.NoError(t, err)
	batch := store.Batch{Run: store.PlanOwner{RunID: run.ID, ConnectionID: l.connection, Fence: fence}, Day: today, ConnexieIDs: []string{"emp_1"}}
	var group errgroup.Group
	for range 10 {
		group.Go(func() error { return l.db.Store.ApplyBatch(t.Context(), batch, now) })
		group.Go(func() error {
			_, err := l.db.Store.LookAtEnding(t.Context(), store.EndingLook{ID: ending.ID}, now)
			return err
		})
		group.Go(func() error {
			_, err := l.db.Store.EndInEitje(t.Context(), ending.ID, "user_2", now)
			return err
		})
	}
	require.NoError(t, group.Wait())
	_, err = l.db.Store.EndInEitje(t.Context(), ending.ID, "user_2", now)
	require.NoError(t, err)
	require.False(t, l.active(t))
}

func TestStore_NotesOfAnEndingAreKeptApart(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	id := testkit.ID(t)
	note := store.EndingNote{At: now.UTC(), By: "user_1", Note: "Verhuist naar Gent."}
	require.NoError(t, l.db.Store.NoteEnding(t.Context(), id, note))
	found, err := l.db.Store.EndingNotes(t.Context(), id)
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Equal(t, note.Note, found[0].Note)
	leaver, err := l.db.Store.Leaver(t.Context(), l.member)
	require.NoError(t, err)
	require.Equal(t, "emp_1", leaver.ConnexieID)
	require.Equal(t, l.connection, leaver.ConnectionID)
	for _, unknown := range []string{testkit.ID(t), "tm_1"} {
		_, err = l.db.Store.Leaver(t.Context(), unknown)
		require.ErrorIs(t, err, store.ErrNotFound)
	}
}
