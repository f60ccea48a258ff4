package domain

import "time"

// EndingStage is how far the end of an employment has come.
type EndingStage string

// The stages of an ending. Step one is done in Connexie, step two in Eitje (E1).
const (
	// EndingOpened is an ending about which Connexie has not been asked.
	EndingOpened EndingStage = "opened"
	// EndingWaitsForConnexie waits for step one: Connexie has no end of the employment
	// (E2).
	EndingWaitsForConnexie EndingStage = "waiting_for_connexie"
	// EndingWaitsForDate waits for the day after the last one (E3).
	EndingWaitsForDate EndingStage = "waiting_for_date"
	// EndingWaitsForConfirmation waits for step two (E4).
	EndingWaitsForConfirmation EndingStage = "waiting_for_confirmation"
	// EndingWatches waits for one more sync after step two (E6).
	EndingWatches EndingStage = "watching"
	EndingClosed  EndingStage = "closed"
)

// EndingOutcome is how an ending ended.
type EndingOutcome string

// The outcomes of an ending. The last one is kept for endings whose workflow ended
// without a word.
const (
	EndingEnded       EndingOutcome = "ended"
	EndingWithdrawn   EndingOutcome = "withdrawn"
	EndingRefused     EndingOutcome = "refused"
	EndingReactivated EndingOutcome = "reactivated"
	EndingUnwatched   EndingOutcome = "unwatched"

	EndingAbandoned EndingOutcome = "abandoned"
)

// EndingReason says in one word why an ending was refused, withdrawn or is stuck.
type EndingReason string

// Reasons why an ending is refused when it is started: nothing has been changed.
const (
	EndingUnknownPerson  EndingReason = "unknown_person"
	EndingOtherCompany   EndingReason = "other_organisation"
	EndingArchived       EndingReason = "archived"
	EndingNotLinked      EndingReason = "not_linked"
	EndingAlreadyEnded   EndingReason = "already_ended"
	EndingBeforeStart    EndingReason = "end_before_start"
	EndingTooFarAhead    EndingReason = "end_too_far_ahead"
	EndingConnectionIdle EndingReason = "connection_not_active"
)

// Reasons why an ending was withdrawn.
const (
	// EndingReopened: the employment was opened again in Connexie (E5).
	EndingReopened EndingReason = "reopened"
	// EndingByHand: somebody withdrew it and gave no reason of their own.
	EndingByHand EndingReason = "by_hand"
	// EndingCancelled: its workflow was cancelled.
	EndingCancelled EndingReason = "cancelled"
	// EndingUnlinked: the team member is no longer linked to the person.
	EndingUnlinked EndingReason = "unlinked"
	// EndingConnectionGone: the connection was removed (C9).
	EndingConnectionGone EndingReason = "connection_removed"
)

// MaxEndingAhead is how many days ahead an employment can be ended: a year that was
// mistyped is refused, rather than waited for.
const MaxEndingAhead = 3 * 366

// WatchEndingFor is how long an ending waits for one more sync after step two (E6).
const WatchEndingFor = 14 * 24 * time.Hour

// Ending is the end of one employment as it is kept.
type Ending struct {
	ID           string
	ConnectionID string
	TeamMemberID string
	ConnexieID   string
	Stage        EndingStage
	// EndDate is the last day: Connexie's, once there is one, or else the one that was
	// asked for.
	EndDate Date
	// Since is when the stage began, and Reminders how often somebody was reminded in
	// it.
	Since     time.Time
	Reminders int
	// EndedAt is when step two was done; zero before.
	EndedAt time.Time
}

// EndingFacts is everything that the rules look at to tell where an ending stands.
type EndingFacts struct {
	Now    time.Time
	Ending Ending
	// Employment is what Connexie said last.
	Employment Employment
	// Gone tells that Connexie no longer has the person: it shows no employment (S14).
	Gone bool
	// Unlinked tells that the team member is no longer linked to the person, and
	// Removed that the connection was removed.
	Unlinked, Removed bool
	// Active tells that the profile is active in Eitje.
	Active bool
	// Seen tells that a full run which began after step two has seen the person (E6).
	Seen bool
	// Automatic tells that step two needs no confirmation (E4).
	Automatic bool
	// Remind tells that the time of a reminder has come.
	Remind bool
}

// ended reports whether Connexie shows the employment as no longer active (E1). A
// contract that has ended says nothing about it (S13).
func (f EndingFacts) ended() bool {
	return f.Gone || !f.Employment.ActiveOn(DayOf(f.Now))
}

// EndingMove is what becomes of an ending. Making it twice changes nothing.
type EndingMove struct {
	Stage   EndingStage
	EndDate Date
	// Outcome and Reason are empty while the ending goes on.
	Outcome EndingOutcome
	Reason  EndingReason
	// Reminded tells that somebody is reminded with this move.
	Reminded bool
	// NextAt is when the ending must be looked at again, whatever happens until then;
	// zero once it is over.
	NextAt time.Time
	// Open are told once, Events also where an earlier one is still open, and Close
	// are the causes that are gone (N1).
	Open, Events []Notice
	Close        []Cause
}

// PlanEnding tells where an ending stands, from what Connexie and Eitje hold now.
func PlanEnding(facts EndingFacts) EndingMove {
	p := endingPlanner{facts: facts, move: EndingMove{Stage: facts.Ending.Stage, EndDate: facts.Ending.EndDate}}
	p.decide()
	p.remind()
	p.wait()
	p.notify()
	return p.move
}

type endingPlanner struct {
	facts EndingFacts
	move  EndingMove
}

func (p *endingPlanner) decide() {
	switch {
	case p.facts.Ending.Stage == EndingClosed:
		return
	case p.facts.Ending.Stage == EndingWatches:
		p.watch()
		return
	case p.facts.Removed:
		p.over(EndingWithdrawn, EndingConnectionGone)
		return
	case p.facts.Unlinked:
		p.over(EndingWithdrawn, EndingUnlinked)
		return
	}
	p.takeDate()
	switch {
	case p.beforeStart():
		p.over(EndingRefused, EndingBeforeStart)
	case p.facts.ended():
		p.move.Stage = EndingWaitsForConfirmation
	case !p.facts.Employment.End.IsZero():
		p.move.Stage = EndingWaitsForDate
	case p.stepOneWasDone():
		p.over(EndingWithdrawn, EndingReopened)
	default:
		p.move.Stage = EndingWaitsForConnexie
	}
}

// takeDate lets Connexie's end date win over the one that was asked for.
func (p *endingPlanner) takeDate() {
	end := p.facts.Employment.End
	if p.facts.Gone || end.IsZero() || end == p.move.EndDate {
		return
	}
	p.move.Events = append(p.move.Events, endingDateNotice(p.facts.Ending, end))
	p.move.EndDate = end
}

// beforeStart reports whether the employment would end before it begins. Only the
// first look can find that: a later one finds a record that somebody corrected.
func (p *endingPlanner) beforeStart() bool {
	return p.facts.Ending.Stage == EndingOpened && p.move.EndDate.Before(p.facts.Employment.Start)
}

// stepOneWasDone reports whether Connexie had an end of the employment at the look
// before (E5).
func (p *endingPlanner) stepOneWasDone() bool {
	switch p.facts.Ending.Stage {
	case EndingWaitsForDate, EndingWaitsForConfirmation:
		return true
	}
	return false
}

// watch tells whether a sync has passed without a reactivation (E6).
func (p *endingPlanner) watch() {
	switch {
	case p.facts.Active:
		p.over(EndingReactivated, "")
	case p.facts.Seen:
		p.over(EndingEnded, "")
	case !p.facts.Now.Before(p.facts.Ending.EndedAt.Add(WatchEndingFor)):
		p.over(EndingUnwatched, "")
	}
}

// PlanEndingWithdrawal ends an ending before its time: withdrawn, or unwatched where step
// two was done, which it does not take back.
func PlanEndingWithdrawal(facts EndingFacts, reason EndingReason) EndingMove {
	p := endingPlanner{facts: facts, move: EndingMove{Stage: facts.Ending.Stage, EndDate: facts.Ending.EndDate}}
	switch facts.Ending.Stage {
	case EndingClosed:
		return p.move
	case EndingWatches:
		p.over(EndingUnwatched, reason)
	default:
		p.over(EndingWithdrawn, reason)
	}
	if facts.Removed {
		p.move.Reason = EndingConnectionGone
	}
	p.notify()
	return p.move
}

// PlanEndingStepTwo tells whether step two may be done now, under the lock of what it
// changes: not while Connexie shows the employment as active (E1).
func PlanEndingStepTwo(facts EndingFacts) (allowed bool) {
	return facts.Ending.Stage == EndingWaitsForConfirmation && facts.ended() && !facts.Unlinked && !facts.Removed
}

func (p *endingPlanner) over(outcome EndingOutcome, reason EndingReason) {
	p.move.Stage, p.move.Outcome, p.move.Reason = EndingClosed, outcome, reason
}

// remind reminds whoever must act, where the ending still waits for the same (E2).
func (p *endingPlanner) remind() {
	same := p.move.Stage == p.facts.Ending.Stage
	p.move.Reminded = same && p.facts.Remind && p.waitsForSomebody()
}

func (p *endingPlanner) waitsForSomebody() bool {
	return p.move.Stage == EndingWaitsForConnexie || p.move.Stage == EndingWaitsForConfirmation
}

// wait tells when to look again.
func (p *endingPlanner) wait() {
	switch p.move.Stage {
	case EndingWaitsForConnexie, EndingWaitsForConfirmation:
		p.move.NextAt = p.nextReminder()
	case EndingWaitsForDate:
		// A last day that is far ahead is looked at now and then: it may have moved.
		dayAfter, soonest := p.move.EndDate.AddDays(1), DayOf(p.facts.Now).AddDays(longestReminder)
		if soonest.Before(dayAfter) {
			dayAfter = soonest
		}
		p.move.NextAt = dayAfter.At(0, 0)
	case EndingWatches:
		p.move.NextAt = p.facts.Ending.EndedAt.Add(WatchEndingFor)
	}
}

// nextReminder is the next time that somebody is reminded: it moves on only when
// somebody was.
func (p *endingPlanner) nextReminder() time.Time {
	since, reminders := p.facts.Ending.Since, p.facts.Ending.Reminders
	if p.move.Stage != p.facts.Ending.Stage {
		since, reminders = p.facts.Now, 0
	}
	if p.move.Reminded {
		reminders++
	}
	next := ReminderAt(since, reminders)
	for p.move.Reminded && !next.After(p.facts.Now) { // nobody was there to remind in time
		next = DayOf(next).AddDays(longestReminder).At(reminderHour, 0)
	}
	return next
}

const (
	// longestReminder is the longest distance between reminders, in days.
	longestReminder = 30
	// reminderHour is when people are at work.
	reminderHour = 9
)

// reminderDistances are the days until the first reminders; the distance grows, so
// that an ending that waits for months is not forgotten and not noise (E2).
var reminderDistances = []int{1, 3, 7, 14}

// ReminderAt is when somebody is reminded next, who was reminded so often since a
// stage began: in the morning of the first, the fourth, the eleventh, the twenty-fifth
// day and then of every thirtieth.
func ReminderAt(since time.Time, reminders int) time.Time {
	days := 0
	for i := range reminders + 1 {
		distance := longestReminder
		if i < len(reminderDistances) {
			distance = reminderDistances[i]
		}
		days += distance
	}
	return DayOf(since).AddDays(days).At(reminderHour, 0)
}
