package domain_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/eitje/connexie-worker/internal/domain"
)

// endingDay is a Sunday; the endings of these tests are looked at on its afternoon.
var (
	endingDay = domain.NewDate(2026, time.November, 22)
	endingNow = endingDay.At(16, 4)
)

// endingFacts are those of somebody whose ending waits at a stage; open, until or gone
// say what Connexie shows.
func endingFacts(stage domain.EndingStage, change ...func(*domain.EndingFacts)) domain.EndingFacts {
	facts := domain.EndingFacts{
		Now: endingNow, Active: true,
		Ending: domain.Ending{
			ID: "end-1", ConnectionID: "con-1", TeamMemberID: "tm-1", ConnexieID: "emp_1", Stage: stage,
			EndDate: endingDay.AddDays(8), Since: endingNow.Add(-time.Hour),
		},
		Employment: domain.Employment{Start: domain.NewDate(2024, time.January, 1)},
	}
	for _, apply := range change {
		apply(&facts)
	}
	return facts
}

func until(days int) func(*domain.EndingFacts) {
	return func(f *domain.EndingFacts) { f.Employment.End = endingDay.AddDays(days) }
}

func saidEnded(f *domain.EndingFacts) { f.Employment.Ended = true }

func goneFromConnexie(f *domain.EndingFacts) { f.Gone = true }

func automatically(f *domain.EndingFacts) { f.Automatic = true }

func doneAgo(days int) func(*domain.EndingFacts) {
	return func(f *domain.EndingFacts) {
		f.Active, f.Ending.EndedAt = false, endingNow.Add(-time.Duration(days)*24*time.Hour)
	}
}

func TestEnding_E1_E2_E3_E5_E6_WhereItStands(t *testing.T) {
	t.Parallel()
	const (
		opened, connexie, dated = domain.EndingOpened, domain.EndingWaitsForConnexie, domain.EndingWaitsForDate
		confirm, watches        = domain.EndingWaitsForConfirmation, domain.EndingWatches
	)
	stays := func(stage domain.EndingStage) domain.EndingMove { return domain.EndingMove{Stage: stage} }
	ends := func(outcome domain.EndingOutcome, reason domain.EndingReason) domain.EndingMove {
		return domain.EndingMove{Stage: domain.EndingClosed, Outcome: outcome, Reason: reason}
	}
	for name, row := range map[string]struct {
		facts domain.EndingFacts
		want  domain.EndingMove
	}{
		"E2 open in Connexie":                     {endingFacts(opened), stays(connexie)},
		"E2 still open":                           {endingFacts(connexie), stays(connexie)},
		"E3 ends in the future":                   {endingFacts(connexie, until(8)), stays(dated)},
		"E3 the last day itself is still to come": {endingFacts(dated, until(0)), stays(dated)},
		"E3 the day after the last":               {endingFacts(dated, until(-1)), stays(confirm)},
		"S12 ended before anybody asked":          {endingFacts(opened, until(-40)), stays(confirm)},
		"ended without a date":                    {endingFacts(opened, saidEnded), stays(confirm)},
		"S14 gone from Connexie":                  {endingFacts(connexie, goneFromConnexie), stays(confirm)},
		"E5 opened again on the way to its date":  {endingFacts(dated), ends(domain.EndingWithdrawn, domain.EndingReopened)},
		"E5 opened again before confirmation":     {endingFacts(confirm), ends(domain.EndingWithdrawn, domain.EndingReopened)},
		"a later date is no opening again":        {endingFacts(confirm, until(30)), stays(dated)},
		"E6 nobody has seen the person":           {endingFacts(watches, until(-1), doneAgo(13)), stays(watches)},
		"E6 a sync has passed":                    {endingFacts(watches, until(-1), doneAgo(1), func(f *domain.EndingFacts) { f.Seen = true }), ends(domain.EndingEnded, "")},
		"E6 a sync activated the person again":    {endingFacts(watches, doneAgo(1), func(f *domain.EndingFacts) { f.Active, f.Seen = true, true }), ends(domain.EndingReactivated, "")},
		"E6 fourteen days without a sync":         {endingFacts(watches, until(-1), doneAgo(14)), ends(domain.EndingUnwatched, "")},
		"E6 seen on the fourteenth day":           {endingFacts(watches, until(-1), doneAgo(14), func(f *domain.EndingFacts) { f.Seen = true }), ends(domain.EndingEnded, "")},
		"begins after it would end": {
			endingFacts(opened, func(f *domain.EndingFacts) { f.Employment.Start = endingDay.AddDays(9) }),
			ends(domain.EndingRefused, domain.EndingBeforeStart),
		},
		"C9 the connection is removed": {endingFacts(connexie, func(f *domain.EndingFacts) { f.Removed = true }), ends(domain.EndingWithdrawn, domain.EndingConnectionGone)},
		"unlinked meanwhile":           {endingFacts(confirm, until(-1), func(f *domain.EndingFacts) { f.Unlinked = true }), ends(domain.EndingWithdrawn, domain.EndingUnlinked)},
		"closed stays closed":          {endingFacts(domain.EndingClosed, until(-1)), stays(domain.EndingClosed)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			move := domain.PlanEnding(row.facts)
			require.Equal(t, row.want, domain.EndingMove{Stage: move.Stage, Outcome: move.Outcome, Reason: move.Reason})
			require.Equal(t, move.Stage == domain.EndingClosed, move.NextAt.IsZero(), "what goes on is looked at again")
		})
	}
}

// An ended contract says nothing about the employment: the rules of an ending do not even
// look at contracts.
func TestEnding_S13_AnEndedContractEndsNoEmployment(t *testing.T) {
	t.Parallel()
	ended := contracts(contract("c1", "2026-01-01", "2026-10-31"))
	require.True(t, teamMember(ended).Person.Employment.ActiveOn(endingDay))
	require.Equal(t, domain.EndingWaitsForConnexie, domain.PlanEnding(endingFacts(domain.EndingOpened)).Stage)
	require.False(t, domain.PlanEndingStepTwo(endingFacts(domain.EndingWaitsForConfirmation)), "E1")
}

func TestEnding_E1_StepTwoOnlyOnceConnexieShowsTheEmploymentAsEnded(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		facts   domain.EndingFacts
		allowed bool
	}{
		"ended":              {endingFacts(domain.EndingWaitsForConfirmation, until(-1)), true},
		"gone":               {endingFacts(domain.EndingWaitsForConfirmation, goneFromConnexie), true},
		"the last day":       {endingFacts(domain.EndingWaitsForConfirmation, until(0)), false},
		"opened again":       {endingFacts(domain.EndingWaitsForConfirmation), false},
		"waits for Connexie": {endingFacts(domain.EndingWaitsForConnexie, until(-1)), false},
		"done before":        {endingFacts(domain.EndingWatches, until(-1)), false},
		"unlinked":           {endingFacts(domain.EndingWaitsForConfirmation, until(-1), func(f *domain.EndingFacts) { f.Unlinked = true }), false},
	} {
		require.Equal(t, row.allowed, domain.PlanEndingStepTwo(row.facts), name)
	}
	refusal := domain.EndInEitjeRefusal(endingFacts("").Ending, domain.Employment{End: endingDay.AddDays(3)})
	require.Contains(t, refusal, "E1")
	require.Contains(t, refusal, "until 2026-11-25")
	require.Contains(t, domain.EndInEitjeRefusal(endingFacts("").Ending, domain.Employment{}), "starter end-employment confirm --team-member tm-1")
}

func TestEnding_E2_RemindersGrowApart(t *testing.T) {
	t.Parallel()
	var days []int
	for n := range 8 {
		at := domain.ReminderAt(endingNow, n)
		require.Equal(t, 9, at.Hour())
		days = append(days, int(at.Sub(endingDay.At(9, 0)).Hours()/24+0.5))
	}
	require.Equal(t, []int{1, 4, 11, 25, 55, 85, 115, 145}, days)

	due := endingFacts(domain.EndingWaitsForConnexie, func(f *domain.EndingFacts) {
		f.Ending.Since, f.Ending.Reminders, f.Remind = endingNow.AddDate(0, 0, -5), 1, true
	})
	move := domain.PlanEnding(due)
	require.True(t, move.Reminded)
	require.Equal(t, []domain.Cause{domain.CauseEndingStepOne}, causesOf(move.Events), "told anew although it is open")
	require.Equal(t, domain.ReminderAt(due.Ending.Since, 2), move.NextAt)

	due.Remind = false
	move = domain.PlanEnding(due)
	require.False(t, move.Reminded)
	require.Equal(t, domain.ReminderAt(due.Ending.Since, 1), move.NextAt, "a look does not move the reminder")
}

// A worker that was away for months reminds once, and not for every reminder that it
// missed.
func TestEnding_E2_MissedRemindersAreNotMadeUpFor(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		facts := endingFacts(domain.EndingWaitsForConfirmation, until(-1), func(f *domain.EndingFacts) {
			f.Ending.Since = endingNow.AddDate(0, 0, -rapid.IntRange(0, 400).Draw(t, "days"))
			f.Ending.Reminders, f.Remind = rapid.IntRange(0, 20).Draw(t, "reminders"), true
		})
		move := domain.PlanEnding(facts)
		require.True(t, move.Reminded)
		require.True(t, move.NextAt.After(facts.Now))
	})
}

// The day after begins at midnight in Amsterdam, also where the clocks change.
func TestEnding_E3_StepTwoWaitsForTheDayAfter(t *testing.T) {
	t.Parallel()
	for _, days := range []int{0, 1, 8, 29} {
		move := domain.PlanEnding(endingFacts(domain.EndingWaitsForConnexie, until(days)))
		require.Equal(t, endingDay.AddDays(days+1).At(0, 0), move.NextAt)
	}
	far := domain.PlanEnding(endingFacts(domain.EndingWaitsForConnexie, until(5000)))
	require.Equal(t, endingDay.AddDays(30).At(0, 0), far.NextAt, "a date that is far ahead is looked at now and then")
	summer := domain.NewDate(2026, time.October, 24)
	move := domain.PlanEnding(endingFacts(domain.EndingWaitsForConnexie, func(f *domain.EndingFacts) {
		f.Now, f.Employment.End = summer.At(12, 0), summer
	}))
	require.Equal(t, "2026-10-24T22:00:00Z", move.NextAt.UTC().Format(time.RFC3339))
}

func TestEnding_ConnexiesEndDateWinsAndIsTold(t *testing.T) {
	t.Parallel()
	move := domain.PlanEnding(endingFacts(domain.EndingWaitsForConnexie, until(20)))
	require.Equal(t, endingDay.AddDays(20), move.EndDate)
	require.Equal(t, []domain.Cause{domain.CauseEndingDate}, causesOf(move.Events))
	require.Contains(t, move.Events[0].NextStep, "Connexie has 2026-12-12 as the last day, not 2026-11-30")

	same := domain.PlanEnding(endingFacts(domain.EndingWaitsForConnexie, until(8)))
	require.Empty(t, same.Events, "the date that was asked for")
}

func TestEnding_N1_WhatMustBeDoneIsOpenAndWhatIsDoneIsClosed(t *testing.T) {
	t.Parallel()
	both := []domain.Cause{domain.CauseEndingStepOne, domain.CauseEndingStepTwo}
	for name, row := range map[string]struct {
		facts        domain.EndingFacts
		open, closed []domain.Cause
	}{
		"step one": {endingFacts(domain.EndingOpened), both[:1], both[1:]},
		"E3":       {endingFacts(domain.EndingWaitsForConnexie, until(8)), []domain.Cause{}, both},
		"step two": {endingFacts(domain.EndingWaitsForConnexie, until(-1)), both[1:], both[:1]},
		"E4":       {endingFacts(domain.EndingWaitsForConnexie, until(-1), automatically), []domain.Cause{}, both},
		"E4 gone":  {endingFacts(domain.EndingWaitsForConnexie, goneFromConnexie, automatically), both[1:], both[:1]},
		"watching": {endingFacts(domain.EndingWatches, until(-1), doneAgo(1)), []domain.Cause{}, both},
		"over":     {endingFacts(domain.EndingWaitsForDate), []domain.Cause{}, append(both, domain.CauseEndingDate)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			move := domain.PlanEnding(row.facts)
			require.Equal(t, row.open, append([]domain.Cause{}, causesOf(move.Open)...))
			require.ElementsMatch(t, row.closed, move.Close)
		})
	}
}

func TestEnding_E5_AWithdrawalTellsWhatStaysInConnexie(t *testing.T) {
	t.Parallel()
	reopened := domain.PlanEnding(endingFacts(domain.EndingWaitsForConfirmation))
	require.Equal(t, []domain.Cause{domain.CauseEndingOver}, causesOf(reopened.Events))
	require.Contains(t, reopened.Events[0].NextStep, "opened again in Connexie (E5)")

	byHand := func(stage domain.EndingStage, change ...func(*domain.EndingFacts)) domain.EndingMove {
		return domain.PlanEndingWithdrawal(endingFacts(stage, change...), "changed_mind")
	}
	before := byHand(domain.EndingWaitsForConnexie)
	require.Equal(t, domain.EndingWithdrawn, before.Outcome)
	require.Equal(t, domain.EndingReason("changed_mind"), before.Reason)
	require.Empty(t, before.Events, "nothing was done in Connexie, so there is nothing to undo")
	dated := byHand(domain.EndingWaitsForDate, until(8))
	require.Contains(t, dated.Events[0].NextStep, "still has 2026-11-30 as the last day")
	ended := byHand(domain.EndingWaitsForConfirmation, until(-1))
	require.Contains(t, ended.Events[0].NextStep, "nothing opens it again there")

	late := byHand(domain.EndingWatches, until(-1), doneAgo(1))
	require.Equal(t, domain.EndingUnwatched, late.Outcome, "step two is not taken back")
	require.Empty(t, byHand(domain.EndingClosed).Outcome, "what is over stays as it ended")
	removed := byHand(domain.EndingWaitsForConnexie, func(f *domain.EndingFacts) { f.Removed = true })
	require.Equal(t, domain.EndingConnectionGone, removed.Reason, "C9: who ends its workflow gives no reason")
}

func TestEnding_E6_WhatRemainsIsTold(t *testing.T) {
	t.Parallel()
	ending := endingFacts("").Ending
	_, worth := domain.EndingOverNotice(ending, domain.EndingEnded, domain.EndingRemains{})
	require.False(t, worth, "there is nothing to do")
	notice, worth := domain.EndingOverNotice(ending, domain.EndingEnded, domain.EndingRemains{FutureShifts: 3, Unapproved: 2, Unexported: 1})
	require.True(t, worth)
	require.Equal(t, domain.SeverityWarning, notice.Severity)
	require.Contains(t, notice.NextStep, "3 shifts after the last day")
	require.Contains(t, notice.NextStep, "2 entries to approve; 1 approved entries to export")
	for _, outcome := range []domain.EndingOutcome{domain.EndingReactivated, domain.EndingUnwatched} {
		_, worth = domain.EndingOverNotice(ending, outcome, domain.EndingRemains{})
		require.True(t, worth, outcome)
	}
}

func TestEnding_WhoCannotBeEndedIsRefusedWithTheReason(t *testing.T) {
	t.Parallel()
	good := domain.EndingCandidate{
		Known: true, Own: true, Active: true, ConnexieID: "emp_1", Mirrored: true,
		Employment: domain.Employment{Start: domain.NewDate(2024, time.January, 1)},
	}
	ending := endingFacts("").Ending
	for reason, row := range map[domain.EndingReason]struct {
		change func(*domain.EndingCandidate)
		end    domain.Date
	}{
		"":                         {func(*domain.EndingCandidate) {}, endingDay.AddDays(8)},
		domain.EndingUnknownPerson: {func(c *domain.EndingCandidate) { *c = domain.EndingCandidate{} }, endingDay},
		domain.EndingOtherCompany:  {func(c *domain.EndingCandidate) { c.Own = false }, endingDay},
		domain.EndingArchived:      {func(c *domain.EndingCandidate) { c.Archived = true }, endingDay},
		domain.EndingNotLinked:     {func(c *domain.EndingCandidate) { c.ConnexieID = "" }, endingDay},
		domain.EndingAlreadyEnded:  {func(c *domain.EndingCandidate) { c.Active, c.Employment.Ended = false, true }, endingDay},
		domain.EndingBeforeStart:   {func(*domain.EndingCandidate) {}, domain.NewDate(2023, time.December, 31)},
		domain.EndingTooFarAhead:   {func(*domain.EndingCandidate) {}, endingDay.AddDays(domain.MaxEndingAhead + 1)},
	} {
		candidate := good
		row.change(&candidate)
		require.Equal(t, reason, domain.CheckEndingStart(candidate, row.end, endingDay), reason)
		require.Contains(t, domain.EndingRefusal(reason, ending, candidate.Employment.Start), ".", reason)
	}
	inactive := good
	inactive.Active = false
	require.Empty(t, domain.CheckEndingStart(inactive, endingDay, endingDay), "the next sync would activate it: the employment must be ended")
	require.Empty(t, domain.CheckEndingStart(good, good.Employment.Start, endingDay), "the first day may be the last")
}

// Whatever the facts: planning twice moves nothing a second time, and an ending never
// leads to a team member without Connexie's word.
func TestEnding_E1_S9_PlanningTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	stages := []domain.EndingStage{
		domain.EndingOpened, domain.EndingWaitsForConnexie, domain.EndingWaitsForDate, domain.EndingWaitsForConfirmation, domain.EndingWatches,
	}
	rapid.Check(t, func(t *rapid.T) {
		facts := endingFacts(rapid.SampledFrom(stages).Draw(t, "stage"), doneAgo(rapid.IntRange(0, 20).Draw(t, "done")))
		facts.Employment.Ended = rapid.Bool().Draw(t, "ended")
		if rapid.Bool().Draw(t, "dated") {
			until(rapid.IntRange(-3, 40).Draw(t, "until"))(&facts)
		}
		facts.Gone, facts.Active = rapid.Bool().Draw(t, "gone"), rapid.Bool().Draw(t, "active")
		facts.Seen, facts.Automatic = rapid.Bool().Draw(t, "seen"), rapid.Bool().Draw(t, "automatic")
		move := domain.PlanEnding(facts)
		if move.Stage == domain.EndingWaitsForConfirmation {
			require.True(t, facts.Gone || !facts.Employment.ActiveOn(endingDay))
		}
		if move.Outcome != "" {
			return
		}
		if move.Stage != facts.Ending.Stage {
			facts.Ending.Since = facts.Now
		}
		facts.Ending.Stage, facts.Ending.EndDate = move.Stage, move.EndDate
		again := domain.PlanEnding(facts)
		require.Equal(t, move.Stage, again.Stage)
		require.Equal(t, move.EndDate, again.EndDate)
		require.Equal(t, move.NextAt, again.NextAt)
		require.Empty(t, again.Events)
		require.Equal(t, causesOf(move.Open), causesOf(again.Open))
	})
}
