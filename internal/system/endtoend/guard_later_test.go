package endtoend

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/sandbox/seed"
	"github.com/eitje/connexie-worker/workflows"
)

// words are given late, twice, at once, and where nobody asked.
func words(t *testing.T, s *system) {
	for _, story := range []story{
		{"allowed after changes within what was allowed", allowedWithin},
		{"allowed after changes beyond what was allowed is held again", allowedBeyond},
		{"of two words at once one counts", twoWords},
		{"a word that nobody asked for is refused", unaskedWord},
	} {
		t.Run(story.name, func(t *testing.T) {
			t.Parallel()
			story.tell(t, s)
		})
	}
}

// allowedWithin gives the word when Eitje has moved on: what was planned is decided
// about anew, and no more than what was allowed is left of it.
func allowedWithin(t *testing.T, s *system) {
	o := s.small(t, "Bewaker later", 20)
	o.settle(t)
	newcomers := o.newcomers(t, tooMany)
	o.change(t, editedAgain, func(e *sandbox.Employee) { e.Contracts[0].HourlyWage = sandbox.Some("29.75") })
	run := o.startSync(t)
	o.requireHeld(t, o.members(t))

	met, twice := newcomers[0], newcomers[1]
	hired := o.hire(t, met)
	o.hire(t, twice)
	o.hire(t, twice)
	o.edit(t, `update eitje.contracts set hourly_wage = 1.23 where team_member_id = $1`, o.member(t, editedAgain))
	before, members := o.state(t), o.members(t)
	_, err := o.word(t, "allow")
	require.NoError(t, err)
	result := o.await(t, run)

	require.Equal(t, domain.SyncOK, result.Outcome)
	require.Equal(t, members+tooMany-2, o.members(t), "who had been hired by hand has no second profile")
	require.Equal(t, hired, o.member(t, met.ID))
	require.Equal(t, seed.SeveralCandidates, o.standings(t)[twice.ID].Reason)
	applied := o.items(t, result.RunID)
	require.Equal(t, "1.23", onlyChange(t, applied[editedAgain].Changes, "hourly_wage").Before)
	want := append(o.differences(t, before, o.state(t)), line{domain.ObjectLink, hired, "connexie_id", "", met.ID})
	require.ElementsMatch(t, want, o.audit(t, result.RunID))
	o.requireOpen(t, domain.CauseGuardHeld)
	o.requireSettled(t)
	o.record(t, "held-then-allowed-later", run)
}

// allowedBeyond gives the word when Connexie has moved on, as a preview in the
// meantime learnt: what is more than was allowed needs a word of its own.
func allowedBeyond(t *testing.T, s *system) {
	o := s.small(t, "Bewaker te veel", 20)
	o.settle(t)
	members := o.members(t)
	run := o.overflow(t)
	held := o.requireHeld(t, members)
	o.newcomers(t, tooMany+4)
	o.preview(t)

	_, err := o.word(t, "allow")
	require.NoError(t, err)
	more := domain.Guarded{Creations: tooMany + 4}
	require.Eventually(t, func() bool {
		progress := o.progress(t)
		return progress.Stage == workflows.StageHeld && *progress.Guarded == more
	}, patience, glance, "it was never held again")
	require.Equal(t, "held", o.run(t, held.ID).Stage)
	require.Equal(t, members, o.members(t), "nothing was written")
	o.requireOpen(t, domain.CauseGuardHeld, o.connection)
	told := o.notices(t, domain.CauseGuardHeld)
	require.Len(t, told, 1)
	require.Contains(t, told[0].NextStep, "create 55 profiles", "the notification says what there is to decide now")

	_, err = o.word(t, "allow")
	require.NoError(t, err)
	require.Equal(t, held.ID, o.await(t, run).RunID)
	require.Equal(t, members+tooMany+4, o.members(t))
	o.requireOpen(t, domain.CauseGuardHeld)
	o.requireSettled(t)
	o.record(t, "held-then-held-again", run)
}

// twoWords allows and rejects at once. One of the two finds the run held; what it
// said is what happens.
func twoWords(t *testing.T, s *system) {
	o := s.small(t, "Bewaker tweemaal", 20)
	o.settle(t)
	members := o.members(t)
	run := o.overflow(t)
	held := o.requireHeld(t, members)
	type spoken struct {
		answer workflows.DecideGuardResult
		err    error
	}
	decisions := []string{"allow", "reject"}
	said := make(chan spoken, len(decisions))
	for _, decision := range decisions {
		go func() {
			answer, err := o.word(t, decision)
			said <- spoken{answer, err}
		}()
	}
	var heard []workflows.DecideGuardResult
	for range decisions {
		if word := <-said; word.err == nil {
			heard = append(heard, word.answer)
		} else {
			requireNotHeld(t, word.err)
		}
	}
	require.Len(t, heard, 1)
	require.Equal(t, held.ID, heard[0].RunID)
	outcome := o.await(t, run).Outcome
	if heard[0].Decision == "allow" {
		require.Equal(t, domain.SyncOK, outcome)
		require.Equal(t, members+tooMany, o.members(t))
	} else {
		require.Equal(t, domain.SyncRejected, outcome)
		require.Equal(t, members, o.members(t))
	}
	_, err := o.word(t, heard[0].Decision)
	requireNotHeld(t, err)
}

func unaskedWord(t *testing.T, s *system) {
	o := s.small(t, "Bewaker ongevraagd", 20)
	o.settle(t)
	_, err := o.word(t, "allow")
	requireNotHeld(t, err)

	o.touch(t)
	before := o.state(t)
	reach, release := o.hold(t)
	run := o.startSync(t)
	reach()
	_, err = o.word(t, "reject")
	requireNotHeld(t, err)
	require.Equal(t, before, o.state(t))
	release()
	require.Equal(t, domain.SyncOK, o.await(t, run).Outcome, "the word changed nothing")
}

// requireNotHeld asserts that there was nothing to decide: either nothing runs, or
// what runs says that it is not held.
func requireNotHeld(t *testing.T, err error) {
	t.Helper()
	if _, ended := errors.AsType[*serviceerror.NotFound](err); ended {
		return
	}
	require.ErrorContains(t, err, "this run is not held")
}
