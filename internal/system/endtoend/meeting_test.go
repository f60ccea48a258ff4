package endtoend

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/workflows"
)

// meetings let runs meet in the middle of each other.
func meetings(t *testing.T, s *system) {
	for _, story := range []story{
		{"S1 S2 a night joins a run that plans", nightWhilePlanning},
		{"S1 S2 a night joins a run that applies", nightWhileApplying},
		{"S2 somebody who asks during a night gets a pass of their own", requestWhileNight},
		{"S2 S16 somebody who asks while a run is held waits for the word", requestWhileHeld},
		{"S2 S19 a preview in the middle of applying goes through", previewWhileApplying},
		{"S2 S20 one person alone behind the batch finds it done", personBehindTheBatch},
		{"S2 S20 one person alone ahead of the batch is done", personAheadOfTheBatch},
	} {
		t.Run(story.name, func(t *testing.T) {
			t.Parallel()
			story.tell(t, s)
		})
	}
}

// requireJoined waits until a night has noted that it joined the connection's run.
func (o *organisation) requireJoined(t *testing.T) {
	t.Helper()
	require.Eventually(t, func() bool {
		return value[int](t, o.system, `select count(*) from connexie.night_connections
			where connection_id = $1 and joined`, o.connection) == 1
	}, patience, glance, "the night never joined the run")
}

// requireTwoPasses asserts that the run that was met and the night's own came one
// after the other, the latter reading after the night had asked.
func (o *organisation) requireTwoPasses(t *testing.T, met client.WorkflowRun, night client.WorkflowRun, counts domain.Counts) {
	t.Helper()
	summary := result[workflows.NightResult](t, night)
	require.Equal(t, counts, summary.Counts)
	last := o.run(t, o.await(t, met).RunID)
	require.Equal(t, 2, last.Pass)
	require.Equal(t, summary.Night.String(), last.Night, "the night is answered for by the pass that followed")
	require.Equal(t, "nightly", last.Trigger)
}

func nightWhilePlanning(t *testing.T, s *system) {
	o := s.small(t, "Nacht bij plannen", 20)
	o.settle(t)
	known := len(o.runs(t))
	o.edit(t, `update eitje.team_members set first_name = 'Roepnaam' where id = $1`, o.member(t, editedBack))
	met, batch := o.holdPlanning(t)
	night := s.startNight(t, o.connection)
	o.requireJoined(t)
	require.Equal(t, workflows.StagePlanning, o.progress(t).Stage)
	batch.release()
	o.requireTwoPasses(t, met, night, domain.Counts{"nothing": 1})
	require.Equal(t, o.Account.Employees[2].FirstName, o.field(t, editedBack, "first_name"))
	require.Len(t, o.runs(t), known+2)
	o.record(t, "met-while-planning", met)
}

func nightWhileApplying(t *testing.T, s *system) {
	o := s.small(t, "Nacht bij uitvoeren", 20)
	o.settle(t)
	o.change(t, firstInBatch, func(e *sandbox.Employee) { e.LastName = "Vooraan" })
	before := o.state(t)
	met, batch := o.holdApplying(t, firstInBatch)
	night := s.startNight(t, o.connection)
	o.requireJoined(t)
	// What changes now is read by the night's own pass.
	o.change(t, wageChanged, func(e *sandbox.Employee) { e.LastName = "Nachtwerk" })
	require.Equal(t, before, o.state(t), "the batch waits")
	batch.release()
	o.requireTwoPasses(t, met, night, domain.Counts{"ok": 1})
	require.Equal(t, "Nachtwerk", o.field(t, firstInBatch, "last_name"))
	runs := o.runs(t)
	require.Len(t, append(o.audit(t, runs[0].ID), o.audit(t, runs[1].ID)...), 2, "each pass wrote its own change, once")
	o.record(t, "met-while-applying", met)
	o.record(t, "joined-a-run", night)
}

// requestWhileNight asks by hand while the night's run reads.
func requestWhileNight(t *testing.T, s *system) {
	o := s.small(t, "Vraag bij nacht", 20)
	o.settle(t)
	o.touch(t)
	reach, release := o.hold(t)
	night := s.startNight(t, o.connection)
	reach()
	asked, err := o.request(t, "user_1")
	require.NoError(t, err)
	require.True(t, asked.Joined)
	require.Equal(t, 2, asked.Pass)
	release()
	require.Equal(t, domain.Counts{"ok": 1}, result[workflows.NightResult](t, night).Counts)
	require.Equal(t, asked.RunID, o.await(t, o.latest(workflows.SyncID(o.connection))).RunID)
	runs := o.runs(t)
	require.Equal(t, []string{"manual", "nightly"}, []string{runs[0].Trigger, runs[1].Trigger})
	require.Equal(t, []string{"", today().String()}, []string{runs[0].Night, runs[1].Night})
	require.Equal(t, "nothing", runs[0].Outcome)
}

// requestWhileHeld asks by hand while the guard holds a run: only a night ends it.
func requestWhileHeld(t *testing.T, s *system) {
	o := s.small(t, "Vraag bij bewaker", 20)
	o.settle(t)
	members := o.members(t)
	run := o.overflow(t)
	held := o.requireHeld(t, members)
	asked, err := o.request(t, "user_1")
	require.NoError(t, err)
	require.Equal(t, 2, asked.Pass)
	require.Equal(t, held.ID, o.requireHeld(t, members).ID, "it is held as before")
	_, err = o.word(t, "reject")
	require.NoError(t, err)
	anew := o.awaitPass(t, 2, "held")
	require.Equal(t, asked.RunID, anew.ID)
	require.Equal(t, "rejected", o.run(t, held.ID).Outcome)
	o.requireHeld(t, members)
	_, err = o.word(t, "allow")
	require.NoError(t, err)
	require.Equal(t, anew.ID, o.await(t, run).RunID)
	require.Equal(t, members+tooMany, o.members(t))
	o.requireOpen(t, domain.CauseGuardHeld)
}

// awaitPass waits until the latest run is a pass and has come to a stage.
func (o *organisation) awaitPass(t *testing.T, pass int, stage string) run {
	t.Helper()
	var latest run
	require.Eventually(t, func() bool {
		latest = o.runs(t)[0]
		return latest.Pass == pass && latest.Stage == stage
	}, patience, glance, "pass %d never came to the stage %s", pass, stage)
	return latest
}

func previewWhileApplying(t *testing.T, s *system) {
	o := s.small(t, "Voorbeeld bij uitvoeren", 20)
	o.settle(t)
	newcomer := o.newcomers(t, 1)[0].ID
	o.change(t, firstInBatch, func(e *sandbox.Employee) { e.LastName = "Vooraan" })
	run, batch := o.holdApplying(t, firstInBatch)
	previewed := o.preview(t)
	require.Equal(t, domain.SyncOK, previewed.Outcome)
	require.Equal(t, "create", o.items(t, previewed.RunID)[newcomer].Action)
	batch.release()
	result := o.await(t, run)
	require.Equal(t, previewed.Counts, result.Counts, "what the preview promised is what was done")
	require.NotEmpty(t, o.member(t, newcomer))
	o.requireSettled(t)
}

// personBehindTheBatch synchronises a newcomer alone whom the waiting batch has locked
// already: the one-person run comes after it and finds nothing to do.
func personBehindTheBatch(t *testing.T, s *system) {
	o := s.small(t, "Alleen achteraan", 20)
	o.settle(t)
	newcomers := o.newcomers(t, 2) // locked in the order of their ids
	run, batch := o.holdApplying(t, newcomers[1].ID)
	alone := o.startPerson(t, newcomers[0].ID)
	batch.reachBehind(t)
	batch.release()
	full := o.await(t, run)
	require.Equal(t, domain.SyncOK, full.Outcome)
	behind := o.await(t, alone)
	require.Empty(t, o.audit(t, behind.RunID), "what it planned was decided anew behind the batch")
	require.Equal(t, "none", o.items(t, behind.RunID)[newcomers[0].ID].Action)
	o.requireCreatedOnce(t, newcomers[0].ID, full.RunID)
	o.requireCreatedOnce(t, newcomers[1].ID, full.RunID)
	o.requireSettled(t)
}

// personAheadOfTheBatch synchronises a newcomer alone whom the waiting batch has yet
// to lock: the batch finds the person done.
func personAheadOfTheBatch(t *testing.T, s *system) {
	o := s.small(t, "Alleen vooraan", 20)
	o.settle(t)
	newcomers := o.newcomers(t, 2)
	run, batch := o.holdApplying(t, newcomers[0].ID)
	alone := o.syncPerson(t, newcomers[1].ID)
	require.Equal(t, domain.SyncOK, alone.Outcome)
	batch.release()
	full := o.await(t, run)
	o.requireCreatedOnce(t, newcomers[0].ID, full.RunID)
	o.requireCreatedOnce(t, newcomers[1].ID, alone.RunID)
	require.Equal(t, "none", o.items(t, full.RunID)[newcomers[1].ID].Action)
	o.requireSettled(t)
	o.record(t, "one-person-while-applying", run)
}

// requireCreatedOnce asserts that a person has one profile, made by one run.
func (o *organisation) requireCreatedOnce(t *testing.T, connexieID, runID string) {
	t.Helper()
	require.Equal(t, 1, value[int](t, o.system, `select count(*) from eitje.team_members m
		join eitje.team_members linked on linked.email_key = m.email_key and linked.organisation_id = m.organisation_id
		where linked.id = $1`, o.member(t, connexieID)))
	require.Equal(t, []string{runID}, list(t, o.system, pgx.RowTo[string], `select run_id::text from connexie.changes
		where connection_id = $1 and connexie_id = $2 and object = 'team_member' and field = 'created'`,
		o.connection, connexieID))
}
