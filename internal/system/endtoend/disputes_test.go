package endtoend

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/app"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/sandbox/seed"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
	"github.com/eitje/connexie-worker/workflows"
)

// freeText is what somebody writes about somebody: it belongs into the database alone
// (N4).
const freeText = "zij-trouwde-in-mei"

// quarrels brings n newcomers whose addresses two profiles in Eitje have each: they are
// disputed after a sync. It answers with their ids and those of the profiles.
func (o *organisation) quarrels(t *testing.T, n int) (ids []string, profiles [][]string) {
	t.Helper()
	for _, newcomer := range o.newcomers(t, n) {
		ids = append(ids, newcomer.ID)
		profiles = append(profiles, []string{o.hire(t, newcomer), o.hire(t, newcomer)})
	}
	o.sync(t)
	o.requireOpen(t, domain.CauseDisputed, ids...)
	return ids, profiles
}

// decideDispute decides as an operator does, and waits for the sync that follows.
func (o *organisation) decideDispute(t *testing.T, operator *app.Operator, id string, kind domain.DecisionKind, member string) app.Item {
	t.Helper()
	decided, err := operator.DecideDispute(t.Context(), app.DisputeRequest{
		ConnectionID: o.connection, ConnexieID: id, Decision: kind, TeamMemberID: member, Reason: freeText, By: "user_42",
	})
	require.NoError(t, err)
	run, err := operator.FollowDispute(t.Context(), decided, func(app.Run) {})
	require.NoError(t, err)
	require.Equal(t, domain.SyncOK, run.Outcome)
	items, err := operator.Items(t.Context(), run.RunID, "", 2)
	require.NoError(t, err)
	require.Len(t, items, 1, "one person alone")
	return items[0]
}

func disputes(t *testing.T, s *system) {
	for _, story := range []story{
		{"S6 S9 each decision is followed at once, and then it is quiet", decisions},
		{"S6 two people with one address", twoWithOneAddress},
		{"S6 a skip lasts until the address changes", skipped},
		{"S6 of two who decide at once one is told", decidedAtOnce},
		{"S6 a decision while a full run is under way", decidedMeanwhile},
		{"S6 a decision whose sync was never started is followed by the night", decidedAndKilled},
		{"S6 a decision that joins a one-person sync", decidedBehindASync},
		{"S21 a hold through a night, and its end", heldThroughANight},
		{"S19 S21 a preview with a hold", previewedWithAHold},
		{"S8 S10 S21 an overwrite that is undone", undoneOverwrite},
	} {
		t.Run(story.name, func(t *testing.T) {
			t.Parallel()
			story.tell(t, s)
		})
	}
}

func decisions(t *testing.T, s *system) {
	o := s.small(t, "Betwist", 20)
	o.settle(t)
	operator := s.operator(t)
	ids, profiles := o.quarrels(t, 3)
	queue, err := operator.Disputes(t.Context(), o.connection)
	require.NoError(t, err)
	require.Len(t, queue, 3)
	sides, err := operator.Dispute(t.Context(), o.connection, ids[0])
	require.NoError(t, err)
	require.Len(t, sides.Profiles, 2)
	require.NotEmpty(t, sides.Person.Name)

	linked := o.decideDispute(t, operator, ids[0], domain.DecideLink, profiles[0][1])
	require.Equal(t, domain.Matched, linked.Situation)
	require.Equal(t, profiles[0][1], o.member(t, ids[0]))
	created := o.decideDispute(t, operator, ids[1], domain.DecideCreate, "")
	require.Equal(t, domain.New, created.Situation)
	require.NotContains(t, profiles[1], o.member(t, ids[1]))
	left := o.decideDispute(t, operator, ids[2], domain.DecideSkip, "")
	require.Equal(t, domain.ReasonDecidedSkip, left.Reason)
	require.Equal(t, string(domain.ReasonDecidedSkip), o.standings(t)[ids[2]].Reason)
	o.requireOpen(t, domain.CauseDisputed)
	for _, item := range []app.Item{linked, created, left} {
		require.Contains(t, steps(item), "Has somebody decided whose profile it is?", "S20")
	}
	require.Equal(t, 3, value[int](t, s, `select count(*) from connexie.changes where connection_id = $1 and act = 'dispute' and field = 'decision' and by = 'user_42'`, o.connection))
	o.requireSettled(t)
	o.requireNoFreeText(t, ids...)
}

func steps(item app.Item) string {
	var all []string
	for _, step := range item.Steps {
		all = append(all, step.Question)
	}
	return strings.Join(all, "\n")
}

// requireNoFreeText looks for what somebody wrote in the histories of one-person syncs
// and in the logs (N4).
func (o *organisation) requireNoFreeText(t *testing.T, ids ...string) {
	t.Helper()
	for _, id := range ids {
		history := o.history(t, o.latest(workflows.SyncPersonID(o.connection, id)))
		require.NotContains(t, history.String(), freeText)
	}
	require.NotContains(t, o.logs.String(), freeText)
}

func twoWithOneAddress(t *testing.T, s *system) {
	o := s.small(t, "Een adres", 20)
	o.settle(t)
	operator := s.operator(t)
	newcomers := o.newcomers(t, 2)
	one, two := newcomers[0].ID, newcomers[1].ID
	o.change(t, two, func(e *sandbox.Employee) { e.Email = newcomers[0].Email })
	profile := o.hire(t, newcomers[0])
	o.sync(t)
	o.requireOpen(t, domain.CauseDisputed, one, two)
	require.Equal(t, seed.SharedEmail, o.standings(t)[two].Reason)

	o.decideDispute(t, operator, one, domain.DecideLink, profile)
	o.decideDispute(t, operator, two, domain.DecideCreate, "")
	require.Equal(t, profile, o.member(t, one))
	require.NotEqual(t, profile, o.member(t, two))
	o.requireOpen(t, domain.CauseDisputed)
	o.requireSettled(t)
}

func skipped(t *testing.T, s *system) {
	o := s.small(t, "Voorlopig niet", 20)
	o.settle(t)
	ids, _ := o.quarrels(t, 1)
	o.decideDispute(t, s.operator(t), ids[0], domain.DecideSkip, "")
	require.Equal(t, domain.Counts{"nothing": 1}, o.night(t, o.connection).Counts)
	require.Equal(t, string(domain.ReasonDecidedSkip), o.standings(t)[ids[0]].Reason)
	o.change(t, ids[0], func(e *sandbox.Employee) { e.Email = sandbox.Some("een.eigen.adres@example.com") })
	require.Equal(t, domain.Counts{"ok": 1}, o.night(t, o.connection).Counts)
	require.NotEmpty(t, o.member(t, ids[0]), "with an address of her own nothing is disputed")
}

func decidedAtOnce(t *testing.T, s *system) {
	o := s.small(t, "Twee tegelijk", 20)
	o.settle(t)
	ids, profiles := o.quarrels(t, 1)
	var (
		together sync.WaitGroup
		decided  [2]app.DisputeTaken
		failures [2]error
	)
	for i, by := range []string{"user_1", "user_2"} {
		operator := s.operator(t)
		together.Go(func() {
			decided[i], failures[i] = operator.DecideDispute(t.Context(), app.DisputeRequest{
				ConnectionID: o.connection, ConnexieID: ids[0], Decision: domain.DecideLink, TeamMemberID: profiles[0][i], By: by,
			})
		})
	}
	together.Wait()
	winner := 0
	if failures[0] != nil {
		winner = 1
	}
	require.NoError(t, failures[winner])
	var told *app.Problem
	require.ErrorAs(t, failures[1-winner], &told)
	require.Equal(t, app.KindRefused, told.Kind)
	require.Contains(t, told.What, profiles[0][winner])
	_, err := s.operator(t).FollowDispute(t.Context(), decided[winner], func(app.Run) {})
	require.NoError(t, err)
	require.Equal(t, profiles[0][winner], o.member(t, ids[0]))
	require.Equal(t, 1, value[int](t, s, `select count(*) from connexie.dispute_decisions where connection_id = $1`, o.connection))
	o.requireSettled(t)
}

// decidedMeanwhile decides about people while a full run waits in the middle of its
// batch, which it has planned with their disputes.
func decidedMeanwhile(t *testing.T, s *system) {
	o := s.small(t, "Midden in een run", 20)
	o.settle(t)
	operator := s.operator(t)
	newcomers := o.newcomers(t, 2)
	profiles := []string{o.hire(t, newcomers[0]), o.hire(t, newcomers[0])}
	o.hire(t, newcomers[1])
	o.hire(t, newcomers[1])
	o.change(t, firstInBatch, func(e *sandbox.Employee) { e.LastName = "Vooraan" })
	run, batch := o.holdApplying(t, firstInBatch)
	require.Equal(t, "disputed", o.items(t, o.runs(t)[0].ID)[newcomers[0].ID].Situation, "what the full run planned")

	o.decideDispute(t, operator, newcomers[0].ID, domain.DecideLink, profiles[1])
	o.decideDispute(t, operator, newcomers[1].ID, domain.DecideCreate, "")
	require.Equal(t, profiles[1], o.member(t, newcomers[0].ID), "before the full run is over")
	batch.release()
	full := o.await(t, run)
	require.Equal(t, domain.SyncOK, full.Outcome)
	require.Equal(t, "none", o.items(t, full.RunID)[newcomers[0].ID].Action, "the batch finds it done")
	require.Equal(t, "Vooraan", o.field(t, firstInBatch, "last_name"))
	o.requireOpen(t, domain.CauseDisputed)
	o.requireSettled(t)
}

// decidedAndKilled is what a command leaves that is killed between the commit of the
// decision and the start of the sync.
func decidedAndKilled(t *testing.T, s *system) {
	o := s.small(t, "Halverwege", 20)
	o.settle(t)
	ids, profiles := o.quarrels(t, 1)
	decision := store.DisputeDecision{
		ConnectionID: o.connection, ConnexieID: ids[0], Kind: domain.DecideLink, TeamMemberID: profiles[0][0], By: "user_42",
	}
	_, changed, err := o.store.DecideDispute(t.Context(), decision, today(), time.Now())
	require.NoError(t, err)
	require.True(t, changed)
	queue, err := s.operator(t).Disputes(t.Context(), o.connection)
	require.NoError(t, err)
	require.Equal(t, app.DisputeDecided, queue[0].State)
	require.Equal(t, domain.Counts{"ok": 1}, o.night(t, o.connection).Counts)
	require.Equal(t, profiles[0][0], o.member(t, ids[0]))
	again, err := s.operator(t).DecideDispute(t.Context(), app.DisputeRequest{
		ConnectionID: o.connection, ConnexieID: ids[0], Decision: domain.DecideLink, TeamMemberID: profiles[0][0], By: "user_42",
	})
	require.NoError(t, err, "the command that was killed may be repeated")
	require.True(t, again.Already)
	o.requireSettled(t)
}

// decidedBehindASync decides while the person is being synchronised alone and has been
// planned already: another sync follows.
func decidedBehindASync(t *testing.T, s *system) {
	o := s.small(t, "Achter een andere", 20)
	o.settle(t)
	operator := s.operator(t)
	ids, profiles := o.quarrels(t, 1)
	held := o.fault(t, sandbox.Fault{Kind: sandbox.FaultHold, Operation: "getEmployee", Times: 1})
	alone := o.startPerson(t, ids[0])
	require.NoError(t, o.sandbox.AwaitFault(t.Context(), held))
	decided, err := operator.DecideDispute(t.Context(), app.DisputeRequest{
		ConnectionID: o.connection, ConnexieID: ids[0], Decision: domain.DecideLink, TeamMemberID: profiles[0][0], By: "user_42",
	})
	require.NoError(t, err)
	require.True(t, decided.Sync.Joined)
	require.NoError(t, o.sandbox.RemoveFault(held))
	run, err := operator.FollowDispute(t.Context(), decided, func(app.Run) {})
	require.NoError(t, err)
	require.NotEqual(t, o.await(t, alone).RunID, run.RunID, "one that began after the decision")
	require.Equal(t, profiles[0][0], o.member(t, ids[0]))
}

// secondSyncWithDecisions looks at every row of the database while decisions and holds
// are in place.
func secondSyncWithDecisions(t *testing.T, s *system) {
	o := s.small(t, "Rust na besluiten", 20)
	o.settle(t)
	operator := s.operator(t)
	ids, profiles := o.quarrels(t, 4)
	o.decideDispute(t, operator, ids[0], domain.DecideLink, profiles[0][0])
	o.decideDispute(t, operator, ids[1], domain.DecideCreate, "")
	o.decideDispute(t, operator, ids[2], domain.DecideSkip, "")
	o.exempt(t, operator, ids[3])
	o.exempt(t, operator, wageChanged)
	o.sync(t)
	before := testkit.TakeSnapshot(t, s.url, bookkeeping...)
	require.Equal(t, domain.SyncNothing, o.sync(t).Outcome)
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, s.url, bookkeeping...))
}
