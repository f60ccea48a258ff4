package domain

import "fmt"

// EndingCandidate is a team member whose employment somebody wants to end.
type EndingCandidate struct {
	// Known tells that there is such a team member, and Own that it belongs to the
	// connection's organisation.
	Known, Own bool
	// Archived profiles were merged into another one by a repair (S22).
	Archived bool
	// Active tells that the profile is active in Eitje.
	Active bool
	// ConnexieID is the person to whom it is linked; empty where it is not.
	ConnexieID string
	// Mirrored tells that Connexie's record of the person has been read, and Employment
	// what it says.
	Mirrored   bool
	Employment Employment
}

// CheckEndingStart reports why an employment cannot be ended, or "" where it can. Of an
// unlinked team member it is ended in Eitje alone, without a workflow.
func CheckEndingStart(candidate EndingCandidate, end, today Date) EndingReason {
	switch {
	case !candidate.Known:
		return EndingUnknownPerson
	case !candidate.Own:
		return EndingOtherCompany
	case candidate.Archived:
		return EndingArchived
	case candidate.ConnexieID == "":
		return EndingNotLinked
	}
	ended := candidate.Mirrored && !candidate.Employment.ActiveOn(today)
	switch {
	case ended && !candidate.Active:
		return EndingAlreadyEnded
	case today.AddDays(MaxEndingAhead).Before(end):
		return EndingTooFarAhead
	case candidate.Mirrored && end.Before(candidate.Employment.Start):
		return EndingBeforeStart
	}
	return ""
}

// EndingRefusal says in a sentence why an employment cannot be ended, and the next step.
// It carries ids and dates alone (N4).
func EndingRefusal(reason EndingReason, ending Ending, start Date) string {
	member := "team member " + ending.TeamMemberID
	switch reason {
	case EndingUnknownPerson:
		return "There is no " + member + ". Look the id up in Eitje; nothing was changed."
	case EndingOtherCompany:
		return fmt.Sprintf("There is no %s in the organisation of connection %s. "+
			"Look both ids up; nothing was changed.", member, ending.ConnectionID)
	case EndingArchived:
		return "The profile of " + member + " was merged into another one (S22). End the employment of that one; nothing was changed."
	case EndingNotLinked:
		return "The " + member + " is not linked to anybody in Connexie: deactivate the profile in Eitje alone. Nothing was changed."
	case EndingAlreadyEnded:
		return "The employment of " + member + " has ended already, in Connexie and in Eitje. There is nothing to do."
	case EndingBeforeStart:
		return fmt.Sprintf("The employment of %s began on %s and cannot end on %s. Give a later end date; nothing was changed.",
			member, start, ending.EndDate)
	case EndingTooFarAhead:
		return fmt.Sprintf("The end date %s lies more than three years ahead. Correct it; nothing was changed.", ending.EndDate)
	}
	return "The employment cannot be ended: " + string(reason) + ". Nothing was changed."
}

// EndInEitjeRefusal says why step two is refused while Connexie shows the employment as
// active (E1), and the next step.
func EndInEitjeRefusal(ending Ending, employment Employment) string {
	text := "E1: Connexie still shows the employment as active"
	if !employment.End.IsZero() {
		return fmt.Sprintf("%s until %s, and the next sync would activate the team member again. "+
			"Confirm from the day after it on, or correct the date in Connexie", text, employment.End)
	}
	return text + ", and the next sync would activate the team member again. End it in Connexie first, then: " +
		endingCommand("confirm", ending)
}
