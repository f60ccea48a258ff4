package domain

import "fmt"

// EndingCauses lists the causes of an ending.
func EndingCauses() []Cause {
	return []Cause{CauseEndingStepOne, CauseEndingStepTwo, CauseEndingDate, CauseEndingOver}
}

// notify opens what somebody must do now, and closes what is done (N1).
func (p *endingPlanner) notify() {
	waiting := map[EndingStage]Notice{
		EndingWaitsForConnexie:     endingStepOneNotice(p.facts.Ending, p.move.EndDate),
		EndingWaitsForConfirmation: endingStepTwoNotice(p.facts.Ending, p.move.EndDate),
	}
	wanted, waits := waiting[p.move.Stage]
	if p.facts.Automatic && !p.facts.Gone && p.move.Stage == EndingWaitsForConfirmation && !p.move.Reminded {
		waits = false // it is done at once; a reminder tells where that did not succeed
	}
	switch {
	case waits && p.move.Reminded:
		p.move.Events = append(p.move.Events, wanted)
	case waits:
		p.move.Open = append(p.move.Open, wanted)
	}
	for _, cause := range []Cause{CauseEndingStepOne, CauseEndingStepTwo} {
		if !waits || cause != wanted.Cause {
			p.move.Close = append(p.move.Close, cause)
		}
	}
	if p.move.Outcome != "" {
		p.move.Close = append(p.move.Close, CauseEndingDate)
	}
	if p.move.Outcome == EndingWithdrawn && p.worthTelling() {
		p.move.Events = append(p.move.Events, endingWithdrawnNotice(p.facts, p.move.Reason))
	}
}

// worthTelling reports whether a withdrawal leaves something to do: one by hand before
// anything was done in Connexie does not.
func (p *endingPlanner) worthTelling() bool {
	_, byItself := endingReasons[p.move.Reason]
	return byItself || p.facts.ended() || !p.facts.Employment.End.IsZero()
}

// The commands that a next step names.

func endingCommand(verb string, ending Ending) string {
	return "starter end-employment " + verb + " --team-member " + ending.TeamMemberID
}

func endingStepOneNotice(ending Ending, end Date) Notice {
	return Notice{CauseEndingStepOne, ending.ConnexieID, SeverityWarning, fmt.Sprintf(
		"End this person's employment in Connexie, with %s as its last day. It is seen at the next sync, "+
			"or at once with: %s. Not leaving after all: %s.",
		end, endingCommand("check", ending), endingCommand("withdraw", ending))}
}

func endingStepTwoNotice(ending Ending, end Date) Notice {
	return Notice{CauseEndingStepTwo, ending.ConnexieID, SeverityWarning, fmt.Sprintf(
		"The employment has ended in Connexie, with %s as its last day. Deactivate the team member in Eitje as well: %s.",
		end, endingCommand("confirm", ending))}
}

func endingDateNotice(ending Ending, end Date) Notice {
	return Notice{CauseEndingDate, ending.ConnexieID, SeverityInfo, fmt.Sprintf(
		"Connexie has %s as the last day, not %s as was asked for: Connexie's counts. "+
			"If it is wrong, correct it in Connexie, then: %s.", end, ending.EndDate, endingCommand("check", ending))}
}

// endingWithdrawnNotice tells that an ending was withdrawn, and what follows from it:
// nothing is opened again in Connexie.
func endingWithdrawnNotice(facts EndingFacts, reason EndingReason) Notice {
	ending, why := facts.Ending, endingReasons[reason]
	if why == "" {
		why = "somebody withdrew it."
	}
	text := "The ending was withdrawn: " + why + " Nothing was changed in Eitje."
	switch {
	case reason == EndingReopened:
		text += " Where the person leaves all the same: " + endingCommand("start", ending) + "."
	case facts.ended():
		text += " The employment has ended in Connexie all the same, and nothing opens it again there: " +
			"do that in Connexie, or start anew: " + endingCommand("start", ending) + "."
	case !facts.Employment.End.IsZero():
		text += fmt.Sprintf(" Connexie still has %s as the last day, and nothing takes it away there: "+
			"take it away in Connexie if the person stays.", facts.Employment.End)
	}
	return Notice{CauseEndingOver, ending.ConnexieID, SeverityWarning, text}
}

var endingReasons = map[EndingReason]string{
	EndingReopened:       "the employment was opened again in Connexie (E5).",
	EndingCancelled:      "its workflow was cancelled.",
	EndingUnlinked:       "the team member is no longer linked to the person.",
	EndingConnectionGone: "the connection was removed (C9).",
}

// EndingOverNotice tells how an ending ended, where there is something left to do: false
// where there is not.
func EndingOverNotice(ending Ending, outcome EndingOutcome, remains EndingRemains) (Notice, bool) {
	notice := Notice{CauseEndingOver, ending.ConnexieID, SeverityWarning, ""}
	switch outcome {
	case EndingReactivated:
		notice.NextStep = "A sync activated the team member again, because Connexie shows the employment as active. " +
			"If the person has left, end the employment in Connexie, then: " + endingCommand("start", ending) + "."
	case EndingUnwatched:
		notice.NextStep = "The team member was deactivated, and no sync has seen the person within 14 days. " +
			"Look why: starter status --connection " + ending.ConnectionID + "."
	case EndingEnded:
		notice.Severity = SeverityInfo
		notice.NextStep = "The employment has ended in Connexie and in Eitje."
	default:
		return notice, false
	}
	if !remains.Any() {
		return notice, outcome != EndingEnded
	}
	notice.Severity = SeverityWarning
	notice.NextStep += " " + remains.sentence()
	return notice, true
}

// EndingRemains counts what is left of somebody whose employment has ended (E6).
type EndingRemains struct {
	// FutureShifts are entries after the last day.
	FutureShifts int
	// Unapproved are entries until the last day that nobody has approved.
	Unapproved int
	// Unexported are approved entries of worked hours until the last day that Connexie
	// does not hold; they stay exportable (E7).
	Unexported int
}

// Any reports whether something is left.
func (r EndingRemains) Any() bool { return r != EndingRemains{} }

// Counts are the numbers by words that stay the same.
func (r EndingRemains) Counts() Counts {
	return Counts{"future_shifts": r.FutureShifts, "unapproved": r.Unapproved, "unexported": r.Unexported}
}

func (r EndingRemains) sentence() string {
	return fmt.Sprintf("What is left: %d shifts after the last day, which others should take; %d entries to approve; "+
		"%d approved entries to export, which stay exportable (E7).", r.FutureShifts, r.Unapproved, r.Unexported)
}
