package endtoend

import (
	"net/http"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/app"
	"github.com/eitje/connexie-worker/internal/config"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/workflows"
)

// activateByHand activates as a person does at the command line, and follows it.
func (o *organisation) activateByHand(t *testing.T, request app.ActivationRequest) app.Activation {
	t.Helper()
	operator := o.operator(t)
	request.OrganisationID = o.Organisation.ID
	if request.Token.Reveal() == "" {
		request.Token = config.NewSecret(o.Account.Token)
	}
	started, err := operator.Activate(t.Context(), request)
	require.NoError(t, err)
	return o.followActivation(t, operator, started)
}

func (o *organisation) followActivation(t *testing.T, operator *app.Operator, started app.Activation) app.Activation {
	t.Helper()
	require.Equal(t, o.connection, started.ConnectionID)
	ended, err := operator.FollowActivation(t.Context(), started, func(app.Activation) {})
	require.NoError(t, err)
	return ended
}

func (o *organisation) resume(t *testing.T) app.Activation {
	t.Helper()
	operator := o.operator(t)
	started, err := operator.ResumeConnection(t.Context(), o.connection, "user_42")
	require.NoError(t, err)
	return o.followActivation(t, operator, started)
}

func (o *organisation) pause(t *testing.T) app.Paused {
	t.Helper()
	paused, err := o.operator(t).PauseConnection(t.Context(), o.connection, "user_42")
	require.NoError(t, err)
	return paused
}

func (o *organisation) remove(t *testing.T) app.Removal {
	t.Helper()
	operator := o.operator(t)
	started, err := operator.RemoveConnection(t.Context(), o.connection, "user_42")
	require.NoError(t, err)
	removed, err := operator.FollowRemoval(t.Context(), started, func(app.Removal) {})
	require.NoError(t, err)
	return removed
}

// refusedByHand is the answer to what the present state stands against.
func refusedByHand(t *testing.T, err error) *app.Problem {
	t.Helper()
	var problem *app.Problem
	require.ErrorAs(t, err, &problem)
	require.Equal(t, app.KindRefused, problem.Kind, problem.What)
	return problem
}

// statesBy are the changes of a connection's state that the audit keeps, with who made
// them, in their order.
func (o *organisation) statesBy(t *testing.T) []string {
	t.Helper()
	return list(t, o.system, pgx.RowTo[string], `
		select concat_ws(' ', before, after, by) from connexie.changes
		 where connection_id = $1 and act = 'connection' and field = 'state' order by at, id`, o.connection)
}

// lookedFirst activates with a preview first (C2): nothing is written until it is
// resumed, and nothing is read twice.
func lookedFirst(t *testing.T, s *system) {
	o := s.small(t, "Eerst kijken", 40)
	before := o.state(t)
	previewed := o.activateByHand(t, app.ActivationRequest{PreviewFirst: true, By: "user_42"})
	activation := o.latest(workflows.ActivateID(o.connection))

	t.Run("C2 S19 what the first sync would do is counted, and nothing is written", func(t *testing.T) {
		require.Equal(t, "ok", previewed.Outcome)
		require.Equal(t, "previewed", previewed.Stage)
		require.Positive(t, previewed.Counts["new"])
		require.Contains(t, previewed.NextStep, "starter connections resume --connection "+o.connection)
		require.Equal(t, "preview", value[string](t, s, `select mode from connexie.sync_runs where id = $1`, previewed.PreviewRunID))
		require.Equal(t, before, o.state(t))
		require.Empty(t, o.links(t))
		require.Equal(t, "paused", o.connectionState(t))
	})
	t.Run("C9 it waits, whoever asks", func(t *testing.T) {
		_, err := o.operator(t).RequestSync(t.Context(), app.SyncRequest{ConnectionID: o.connection})
		require.Contains(t, refusedByHand(t, err).NextStep, "starter connections resume")
		require.Equal(t, domain.Counts{"left_out": 1}, s.night(t, o.connection).Counts)
		require.Equal(t, previewed.Counts["new"], o.preview(t).Counts["new"], "a preview is always possible")
	})
	t.Run("C2 resuming does exactly that, and reads nothing twice", func(t *testing.T) {
		calls := len(o.sandbox.Calls(o.Account.ID, "listEmployees"))
		require.Equal(t, "ok", o.resume(t).Outcome)
		synced := o.await(t, o.latest(workflows.SyncID(o.connection)))
		require.Equal(t, domain.SyncOK, synced.Outcome)
		require.Equal(t, previewed.Counts["new"], synced.Counts["new"])
		require.Equal(t, previewed.Counts["matched"], synced.Counts["matched"])
		require.Len(t, o.links(t), synced.Counts["new"]+synced.Counts["matched"])
		require.Len(t, o.sandbox.Calls(o.Account.ID, "listEmployees"), calls+1, "one conditional request")
		require.Equal(t, http.StatusNotModified, o.sandbox.Calls(o.Account.ID, "listEmployees")[calls].Status)
	})
	o.requireSettled(t)
	o.record(t, "previewed-first", activation)
}

// pausedDuringANight pauses a connection whose run is under way, and resumes it (C9).
func pausedDuringANight(t *testing.T, s *system) {
	o := s.small(t, "Nacht gepauzeerd", 20)
	o.settle(t)
	o.touch(t)
	links := o.links(t)
	reach, release := o.hold(t)
	night := s.startNight(t, o.connection)
	reach()
	paused := o.pause(t)

	t.Run("C9 the run under way goes on, and its night counts it", func(t *testing.T) {
		require.Equal(t, "active", paused.Was)
		require.Equal(t, []string{workflows.SyncID(o.connection)}, paused.UnderWay)
		release()
		require.Equal(t, domain.Counts{"ok": 1}, result[workflows.NightResult](t, night).Counts)
		require.Equal(t, "paused", o.connectionState(t))
	})
	t.Run("C9 nothing begins until it is resumed", func(t *testing.T) {
		known := len(o.runs(t))
		operator := o.operator(t)
		_, err := operator.RequestSync(t.Context(), app.SyncRequest{ConnectionID: o.connection})
		require.Contains(t, refusedByHand(t, err).What, "is paused")
		_, err = operator.RequestSync(t.Context(), app.SyncRequest{ConnectionID: o.connection, OnlyConnexieID: o.employeeID(1)})
		refusedByHand(t, err)
		_, err = operator.RequestExport(t.Context(), app.ExportRequest{
			ConnectionID: o.connection, Days: app.Days{Month: "2026-10"}, Kinds: []string{"hours"},
		})
		require.Contains(t, refusedByHand(t, err).NextStep, "starter connections resume")
		require.Zero(t, s.night(t, o.connection).Total)
		require.Len(t, o.runs(t), known)
	})
	t.Run("C9 resuming synchronises at once, twice as well as once", func(t *testing.T) {
		o.touch(t)
		require.Equal(t, "paused", o.pause(t).Was, "pausing again changes nothing")
		require.Equal(t, "ok", o.resume(t).Outcome)
		require.Equal(t, domain.SyncOK, o.await(t, o.latest(workflows.SyncID(o.connection))).Outcome)
		require.Equal(t, "ok", o.resume(t).Outcome)
		o.await(t, o.latest(workflows.SyncID(o.connection)))
		require.Equal(t, links, o.links(t))
		require.Equal(t, []string{"active paused user_42", "paused active user_42"}, o.statesBy(t))
	})
	o.requireSettled(t)
}

// pausedWhileHeld pauses a connection whose run the guard holds (C9, S16).
func pausedWhileHeld(t *testing.T, s *system) {
	o := s.small(t, "Vastgehouden gepauzeerd", 20)
	o.settle(t)
	before := o.state(t)
	run := o.overflow(t)
	held := o.awaitHeld(t)
	paused := o.pause(t)
	require.Equal(t, held.ID, paused.RejectedRunID)
	require.Empty(t, paused.UnderWay)
	require.Equal(t, domain.SyncRejected, o.await(t, run).Outcome)
	require.Equal(t, before, o.state(t))
	o.requireOpen(t, domain.CauseGuardHeld)
	require.Empty(t, o.pause(t).RejectedRunID)
}

// resumedWithARefusedToken resumes a connection whose token was revoked meanwhile (C8).
func resumedWithARefusedToken(t *testing.T, s *system) {
	o := s.small(t, "Hervat zonder token", 20)
	o.settle(t)
	links := o.links(t)
	o.pause(t)
	require.NoError(t, s.sandbox.SetToken(o.Account.ID, ""))
	require.Equal(t, "refused", o.resume(t).Outcome)
	require.Equal(t, "needs_token", o.connectionState(t))
	require.Len(t, o.notices(t, domain.CauseTokenRefused), 1)

	require.NoError(t, s.sandbox.SetToken(o.Account.ID, "token-hervat"))
	require.Equal(t, "ok", o.activateByHand(t, app.ActivationRequest{Token: config.NewSecret("token-hervat")}).Outcome)
	require.Equal(t, domain.SyncNothing, o.await(t, o.latest(workflows.SyncID(o.connection))).Outcome)
	require.Equal(t, links, o.links(t))
	o.requireOpen(t, domain.CauseTokenRefused)
}

// removedAtWork removes a connection while a run is held and an export sends, and revives
// it (C9).
func removedAtWork(t *testing.T, s *system) {
	o := s.working(t, "Aan het werk verwijderd", 6, 2)
	require.Equal(t, domain.ExportOK, o.export(t, o.allKinds()).Outcome)
	links, markers := o.links(t), o.markers(t)
	leaving, err := o.operator(t).StartEnding(t.Context(), app.EndingRequest{
		TeamMemberID: o.member(t, o.employeeID(leaver)), EndDate: daysAhead(30), By: "user_42",
	})
	require.NoError(t, err)
	o.touch(t)
	reach, release := o.hold(t)
	sync := o.startSync(t)
	reach()
	part := o.fault(t, sandbox.Fault{Kind: sandbox.FaultStatus, Status: 503, Operation: "putHourImportPart", Venue: "ven_1"})
	export := o.startExport(t, o.allKinds())
	require.NoError(t, s.sandbox.AwaitFault(t.Context(), part))

	unconfirmed := o.operator(t).ConfirmRemoval(t.Context(), o.connection)
	require.Contains(t, refusedByHand(t, unconfirmed).NextStep, "--yes")
	require.ErrorContains(t, unconfirmed, "(1)")
	require.Equal(t, "active", o.connectionState(t), "nothing was done")
	removed := o.remove(t)
	release()
	require.NoError(t, s.sandbox.RemoveFault(part))

	t.Run("C9 what was under way has ended, and its draft is withdrawn", func(t *testing.T) {
		require.Equal(t, "removed", removed.Outcome)
		require.Equal(t, domain.Counts{"ended": 2, "endings": 1}, removed.Counts)
		require.Error(t, sync.Get(t.Context(), nil))
		require.Equal(t, "cancelled", o.runs(t)[0].Outcome)
		require.Error(t, export.Get(t.Context(), nil))
		require.Empty(t, o.drafts(t))
	})
	t.Run("C9 E5 nobody would hear of an ending any more: it is withdrawn", func(t *testing.T) {
		ended, err := o.operator(t).Ending(t.Context(), leaving.TeamMemberID)
		require.NoError(t, err)
		require.Equal(t, domain.EndingWithdrawn, ended.Outcome)
		require.Equal(t, domain.EndingConnectionGone, ended.OutcomeReason)
		require.Equal(t, "true", o.field(t, o.employeeID(leaver), "active"))
	})
	t.Run("N3 the token is deleted", func(t *testing.T) {
		require.Zero(t, value[int](t, s, `select count(*) from connexie.connection_tokens where connection_id = $1`, o.connection))
	})
	t.Run("C9 N1 it is left out of everything, and nobody is told anything", func(t *testing.T) {
		require.Zero(t, s.night(t, o.connection).Total)
		require.Zero(t, value[int](t, s, `select count(*) from connexie.notifications
			where connection_id = $1 and closed_at is null`, o.connection))
		operator := o.operator(t)
		_, err := operator.RequestSync(t.Context(), app.SyncRequest{ConnectionID: o.connection})
		require.Contains(t, refusedByHand(t, err).NextStep, "starter activate")
		_, err = operator.PauseConnection(t.Context(), o.connection, "")
		refusedByHand(t, err)
		_, err = operator.ResumeConnection(t.Context(), o.connection, "")
		refusedByHand(t, err)
	})
	t.Run("C9 links, markers and history stay", func(t *testing.T) {
		require.Equal(t, links, o.links(t))
		require.Equal(t, markers, o.markers(t))
		require.NotEmpty(t, o.runs(t))
		require.Equal(t, "removed", o.remove(t).Outcome, "removing again changes nothing")
		require.Equal(t, []string{"active removed user_42"}, o.statesBy(t))
	})
	o.record(t, "export-and-sync-under-way", o.latest(workflows.RemoveID(o.connection)))
	t.Run("C8 a token of another account does not revive it", func(t *testing.T) {
		other := s.small(t, "Een andere administratie", 2)
		refused := o.activateByHand(t, app.ActivationRequest{Token: config.NewSecret(other.Account.Token)})
		require.Equal(t, "other_account", refused.Outcome)
		require.Equal(t, "inactive", o.connectionState(t))
		require.Equal(t, links, o.links(t))
	})
	t.Run("C9 activating again revives it with its links and markers", func(t *testing.T) {
		require.Equal(t, "ok", o.activateByHand(t, app.ActivationRequest{}).Outcome)
		o.await(t, o.latest(workflows.SyncID(o.connection)))
		require.Equal(t, links, o.links(t))
		require.Equal(t, markers, o.markers(t))
		o.requireSettled(t)
		o.requireCompletes(t)
	})
}

// newTokenMidway gives a connection a new token while a sync reads and an export sends
// under the old one (C8).
func newTokenMidway(t *testing.T, s *system) {
	o := s.working(t, "Onderweg een nieuw token", 6, 2)
	links := o.links(t)
	t.Run("C8 a token of another account changes nothing for an export under way", func(t *testing.T) {
		other := s.small(t, "Niet deze administratie", 2)
		held := o.fault(t, sandbox.Fault{Kind: sandbox.FaultHold, Operation: "putHourImportPart", Times: 1})
		export := o.startExport(t, o.allKinds())
		require.NoError(t, s.sandbox.AwaitFault(t.Context(), held))
		require.Equal(t, "other_account", o.activateByHand(t, app.ActivationRequest{Token: config.NewSecret(other.Account.Token)}).Outcome)
		require.NoError(t, s.sandbox.RemoveFault(held))
		require.Equal(t, domain.ExportOK, result[workflows.ExportResult](t, export).Outcome)
		require.Equal(t, "active", o.connectionState(t))
		require.Empty(t, o.notices(t, domain.CauseTokenRefused))
	})
	t.Run("C8 an export goes on under the new token", func(t *testing.T) {
		held := o.fault(t, sandbox.Fault{Kind: sandbox.FaultHold, Operation: "createHourImport", Times: 1, AfterEffect: true})
		export := o.startExport(t, o.allKinds())
		require.NoError(t, s.sandbox.AwaitFault(t.Context(), held))
		o.renew(t, "token-onderweg")
		require.NoError(t, s.sandbox.RemoveFault(held))
		ended := result[workflows.ExportResult](t, export)
		require.Contains(t, []domain.ExportOutcome{domain.ExportOK, domain.ExportRefused, domain.ExportPartly}, ended.Outcome)
		o.await(t, o.latest(workflows.SyncID(o.connection)))
		o.requireCompletes(t)
	})
	t.Run("C8 a sync under the old token is followed by one under the new", func(t *testing.T) {
		o.touch(t)
		held := o.fault(t, sandbox.Fault{Kind: sandbox.FaultHold, Operation: "listVenues", Times: 1})
		run := o.startSync(t)
		require.NoError(t, s.sandbox.AwaitFault(t.Context(), held))
		o.renew(t, "token-onderweg-2")
		require.NoError(t, s.sandbox.RemoveFault(held))
		require.Equal(t, domain.SyncOK, o.await(t, run).Outcome, "its last pass")
		runs := o.runs(t)
		require.Equal(t, 2, runs[0].Pass)
		require.Equal(t, "refused", runs[1].Outcome, "the call after the one that was held")
	})
	require.Equal(t, "active", o.connectionState(t))
	require.Equal(t, links, o.links(t))
	o.requireOpen(t, domain.CauseTokenRefused)
	o.requireSettled(t)
}

// renew has Connexie take another token from now on, and activates with it.
func (o *organisation) renew(t *testing.T, token string) {
	t.Helper()
	require.NoError(t, o.sandbox.SetToken(o.Account.ID, token))
	require.Equal(t, "ok", o.activateByHand(t, app.ActivationRequest{Token: config.NewSecret(token)}).Outcome)
}

// quarantined keeps Connexie away for three nights and more: from then on a night costs
// one call, until one is answered (N6).
func quarantined(t *testing.T, s *system) {
	o := s.small(t, "In quarantaine", 20)
	o.settle(t)
	links := o.links(t)
	o.touch(t)
	begin := today()
	for i := range domain.NightsUntilUnreachable {
		o.nightOut(t, begin.AddDays(i), outages[0])
	}
	detail, err := o.operator(t).ConnectionDetail(t.Context(), o.connection)
	require.NoError(t, err)
	require.True(t, detail.Quarantined)
	o.requireOpen(t, domain.CauseUnreachable, o.connection)

	t.Run("N6 the fourth night asks once and starts nothing", func(t *testing.T) {
		known := len(o.runs(t))
		away := o.fault(t, outages[0])
		o.sandbox.ClearCalls()
		night := s.nightOf(t, begin.AddDays(3), o.connection)
		summary := result[workflows.NightResult](t, night)
		require.Equal(t, domain.Counts{"unreachable": 1}, summary.Counts)
		require.Equal(t, domain.NightProblems, summary.Outcome)
		require.Equal(t, 1, o.struck(away), "one call, of any kind")
		require.Len(t, o.runs(t), known)
		require.Equal(t, 4, o.failedNights(t))
		require.Len(t, o.notices(t, domain.CauseUnreachable), 1)
		require.NoError(t, s.sandbox.RemoveFault(away))
		o.record(t, "quarantined", night)
	})
	t.Run("N6 the night on which it answers synchronises it", func(t *testing.T) {
		night := s.nightOf(t, begin.AddDays(4), o.connection)
		require.Equal(t, domain.Counts{"ok": 1}, result[workflows.NightResult](t, night).Counts)
		o.requireOpen(t, domain.CauseUnreachable)
		require.Zero(t, o.failedNights(t))
		require.Equal(t, links, o.links(t))
		o.record(t, "back-from-quarantine", night)
	})
	o.requireSettled(t)
}

// settingsByHand chooses settings, right and wrong ones (S16, E4, S22).
func settingsByHand(t *testing.T, s *system) {
	o := s.small(t, "Instellingen", 20)
	o.settle(t)
	operator := o.operator(t)
	zero, on := 0, true
	for range 2 {
		chosen, err := operator.ChooseSettings(t.Context(), app.SettingsChange{
			ConnectionID: o.connection, CreationsFloor: &zero, CreationsPercent: &zero, AutomaticEndings: &on, By: "user_42",
		})
		require.NoError(t, err)
		require.Zero(t, chosen.Settings.Guard.CreationsFloor)
		require.Equal(t, 10, chosen.Settings.Guard.ChangesFloor, "what is not named stays")
		require.True(t, chosen.Settings.AutomaticEndings)
	}
	require.Equal(t, 3, value[int](t, s, `select count(*) from connexie.changes
		where connection_id = $1 and act = 'connection' and by = 'user_42'`, o.connection))

	o.newcomers(t, 1)
	run := o.startSync(t)
	o.awaitHeld(t)
	require.Eventually(t, func() bool { return o.progress(t).Stage == workflows.StageHeld }, patience, glance)
	t.Run("S16 the guard holds by what was chosen", func(t *testing.T) {
		_, err := o.word(t, "allow")
		require.NoError(t, err)
		require.Equal(t, domain.SyncOK, o.await(t, run).Outcome)
	})
	t.Run("what cannot be chosen is answered and changes nothing", func(t *testing.T) {
		low, high := -1, 1001
		_, err := operator.ChooseSettings(t.Context(), app.SettingsChange{
			ConnectionID: o.connection, CreationsFloor: &low, ChangesPercent: &high,
		})
		var problem *app.Problem
		require.ErrorAs(t, err, &problem)
		require.Equal(t, app.KindInvalid, problem.Kind)
		require.Contains(t, problem.What, "the creations floor must be 0 to 100000")
		require.Contains(t, problem.What, "the changes percent must be 0 to 1000")
		_, err = operator.ChooseSettings(t.Context(), app.SettingsChange{ConnectionID: o.connection})
		require.ErrorAs(t, err, &problem)
		require.Equal(t, app.KindInvalid, problem.Kind)
		require.Zero(t, value[int](t, s, `select guard_creations_floor from connexie.connections where id = $1`, o.connection))
	})
}
