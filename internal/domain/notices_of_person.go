package domain

import "fmt"

// The notices of a person: each says what to do next, with ids alone (N4).

func emailBlankNotice(id string) Notice {
	return Notice{CauseEmailBlank, id, SeverityWarning,
		"Fill in an e-mail address for this person in Connexie; the next sync brings the person in."}
}

func emailInvalidNotice(id string) Notice {
	return Notice{CauseEmailInvalid, id, SeverityWarning,
		"Correct the e-mail address of this person in Connexie; the next sync brings the person in."}
}

func disputedNotice(id string) Notice {
	return Notice{CauseDisputed, id, SeverityWarning,
		"Decide which profile belongs to this person: starter disputes list. Or give each person an e-mail address of their own in Connexie."}
}

func badRecordNotice(id string) Notice {
	return Notice{CauseBadRecord, id, SeverityWarning,
		"Correct this person's record in Connexie; if it looks right there, report the run to Connexie's support."}
}

// RefusedRecordNotice tells that a person's data could be read and not be written
// (S15).
func RefusedRecordNotice(id string) Notice {
	return Notice{CauseBadRecord, id, SeverityWarning,
		"A value of this person cannot be kept in Eitje; the run's items name the column. Correct it in Connexie."}
}

func emailDiffersNotice(id string) Notice {
	return Notice{CauseEmailDiffers, id, SeverityInfo,
		"The log-in e-mail in Eitje is kept. Where the address in Connexie is the right one, let the team member change it in Eitje."}
}

// employmentEndedNotice names the step that is missing, and offers to start the ending
// there: at step two (S12).
func employmentEndedNotice(person Person, profile Profile) Notice {
	command := endingCommand("start", Ending{TeamMemberID: profile.ID})
	if !person.Employment.End.IsZero() {
		command += " --end-date " + person.Employment.End.String()
	}
	return Notice{CauseEmploymentEnded, person.ID, SeverityWarning,
		"The employment has ended in Connexie. End it in Eitje as well; until then the team member stays active: " + command + "."}
}

func overlapNotice(id string) Notice {
	return Notice{CauseContractOverlap, id, SeverityWarning,
		"Several contracts cover today; the one with the latest start counts. End the other in Connexie."}
}

func reactivatedNotice(id string, profile Profile) Notice {
	who := "unknown"
	if profile.DeactivatedBy != "" {
		who = profile.DeactivatedBy
	}
	return Notice{CauseReactivated, id, SeverityWarning, fmt.Sprintf(
		"Activated again because the employment is active in Connexie; it had been deactivated by %s. "+
			"If the person has left, end the employment in Connexie first, then in Eitje.", who)}
}

// GuardHeldNotice tells that a run waits for somebody's word (S16).
func GuardHeldNotice(connectionID string, guarded Guarded) Notice {
	return Notice{CauseGuardHeld, connectionID, SeverityCritical, fmt.Sprintf(
		"The sync would create %d profiles, reactivate %d and end %d contracts, more than the guard lets pass. "+
			"Look at its items, then allow or reject it: starter sync decide, or the update decideGuard in the Temporal UI.",
		guarded.Creations, guarded.Reactivations, guarded.ContractsEnded)}
}

// SyncFailedNotice tells that a run failed. reason is the stable word for why, and
// nextStep what to do about it.
func SyncFailedNotice(connectionID, reason, nextStep string) Notice {
	if reason == "" {
		reason = "for no reason that has a name"
	}
	return Notice{CauseSyncFailed, connectionID, SeverityCritical, fmt.Sprintf("The sync failed: %s. %s", reason, nextStep)}
}

// UnreadableRecordNotice tells of records without so much as an id (S15).
func UnreadableRecordNotice(connectionID string, number int) Notice {
	return Notice{CauseUnreadableRecord, connectionID, SeverityWarning, fmt.Sprintf(
		"Records in Connexie's list without a readable id were left out: %d. Report it to Connexie's support.", number)}
}
