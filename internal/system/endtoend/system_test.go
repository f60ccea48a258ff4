package endtoend

import "testing"

// story is one thing that the system must do from end to end. Each brings
// organisations of its own.
type story struct {
	name string
	tell func(*testing.T, *system)
}

// TestSystem brings the system up once and tells every story on it, in parallel.
func TestSystem(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, story := range []story{
		{"a first sync does for everyone what the rule book says", firstSync},
		{"S2 one synchronisation at a time", oneAtATime},
		{"a cancelled run is closed", cancelled},
		{"S16 the guard", guard},
		{"C8 a token refused in mid-run", refusedInMidRun},
		{"N6 Connexie away for three nights", threeNights},
		{"N6 a night that is repeated while Connexie is away", sameNightTwice},
		{"N6 a storm of 429", storm},
		{"N6 S14 a second page that breaks", secondPage},
		{"a person twice across pages", twiceAcrossPages},
		{"S14 a list that changes while it is read", changingList},
		{"S16 words at a held run", words},
		{"S2 runs that meet", meetings},
		{"S4 S8 S19 between plan and apply", betweenPlanAndApply},
		{"C5 S19 a venue decided while a batch waits", venueDecidedMeanwhile},
		{"S1 S2 a night that is repeated", nightAgain},
		{"S1 the schedule", theSchedule},
		{"a run that somebody cancels", cancelledByHand},
		{"S6 S10 S21 disputes, holds and undo", disputes},
		{"X14 X16 X18 an export by hand", exportedByHand},
		{"faults that pass", passing},
		{"faults between pages", pages},
		{"S15 an answer that breaks the contract", broken},
		{"S15 a bad record", badRecord},
		{"S14 absence", absence},
		{"S20 one person alone", onePerson},
		{"bad input at the door", doors},
		{"bad messages", messages},
		{"a connection that there is not", unknownConnection},
		{"a month that is exported", monthly},
		{"every case of an export", demonstrated},
		{"X8 N6 an export whose answers are lost", lostAnswers},
		{"N6 an export in a storm of 429", exportInAStorm},
		{"N6 X13 an export during an outage", exportInAnOutage},
		{"N6 an export before an outage", exportBeforeAnOutage},
		{"X13 X17 one bad line", oneBadLine},
		{"X17 nothing but a venue with a bad line", onlyABadLine},
		{"X13 one venue that fails", oneVenueFails},
		{"C9 an export that nobody can make", exportOfNobody},
		{"exports that are refused", exportsRefused},
		{"X9 X10 payroll that has run for half a month", halfMonthRun},
		{"X7 X10 periods that meet", periodsThatMeet},
		{"X9 X13 payroll between the question and the commit", payrollInBetween},
		{"X8 hours imported beside Eitje", importedBeside},
		{"X8 X12 a shift that moved while one venue fails", movedWhileOneFails},
		{"X8 a venue that Connexie no longer has", venueGone},
		{"X14 exports that meet", exportsThatMeet},
		{"X13 an export that is cancelled in the Temporal UI", exportCancelledInTheUI},
		{"X14 an export that is terminated", exportTerminated},
		{"X10 X11 an export that is terminated after a commit", terminatedAfterCommit},
		{"E1 E2 E5 E7 S12 an employment that people end", endedByPeople},
		{"E2 E3 E4 E5 an employment that the token ends", endedThroughTheAPI},
		{"S12 E6 an ending that starts at step two", startedAtStepTwo},
		{"E7 an ending while a sync and an export run", endedBetween},
		{"endings that cannot be", endingsRefused},
		{"C2 S19 an activation that is looked at first", lookedFirst},
		{"C9 a connection that is paused during a night", pausedDuringANight},
		{"C9 S16 a connection that is paused while a run is held", pausedWhileHeld},
		{"C8 C9 a connection that is resumed with a refused token", resumedWithARefusedToken},
		{"C9 N3 a connection that is removed at work, and revived", removedAtWork},
		{"C8 a new token while a sync and an export are under way", newTokenMidway},
		{"N6 three nights away, quarantine, and back", quarantined},
		{"S16 E4 S22 settings by hand", settingsByHand},
		{"N1 notifications reach a webhook and a mailbox", deliveredNotifications},
		{"N7 programs of two organisations call the API", programsOverHTTP},
	} {
		t.Run(story.name, func(t *testing.T) {
			t.Parallel()
			story.tell(t, s)
		})
	}
}
