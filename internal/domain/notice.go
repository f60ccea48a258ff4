package domain

// Cause is the stable word for why somebody is notified (N1).
type Cause string

// Causes that belong to one person; the subject is the person's Connexie ID.
const (
	CauseEmailBlank      Cause = "email_blank"
	CauseEmailInvalid    Cause = "email_invalid"
	CauseDisputed        Cause = "disputed"
	CauseBadRecord       Cause = "bad_record"
	CauseEmailDiffers    Cause = "email_differs"
	CauseReactivated     Cause = "reactivated"
	CauseEmploymentEnded Cause = "employment_ended_in_connexie"
	CauseContractOverlap Cause = "contracts_overlap"
	CauseMissing         Cause = "missing_in_connexie"
	CauseLikelyDuplicate Cause = "likely_duplicate"
)

// Causes that belong to the end of one person's employment; the subject is the
// person's Connexie ID. The first two close by themselves when the step is done, the
// others tell of an event.
const (
	CauseEndingStepOne Cause = "ending_step_one"
	CauseEndingStepTwo Cause = "ending_step_two"
	CauseEndingDate    Cause = "ending_date"
	CauseEndingOver    Cause = "ending_over"
)

// Causes that belong to the connection or to a part of its configuration.
const (
	CauseTokenRefused     Cause = "token_refused"
	CauseVenueUndecided   Cause = "venue_undecided"
	CauseVenueUnlisted    Cause = "venue_unlisted"
	CauseVenueClosed      Cause = "venue_closed"
	CauseCodeVanished     Cause = "code_vanished"
	CauseGuardHeld        Cause = "guard_held"
	CauseSyncFailed       Cause = "sync_failed"
	CauseUnreachable      Cause = "connexie_unreachable"
	CauseUnreadableRecord Cause = "unreadable_record"
	CauseExportedChanged  Cause = "exported_changed"
	CauseExportIncomplete Cause = "export_incomplete"
)

// Severity tells how soon somebody must act.
type Severity string

// The severities.
const (
	SeverityInfo     Severity = "info"
	SeverityWarning  Severity = "warning"
	SeverityCritical Severity = "critical"
)

// Notice is what a notification says: cause, subject and the next step. It carries
// ids, never names (N4).
type Notice struct {
	Cause    Cause
	Subject  string
	Severity Severity
	NextStep string
}

// standingCauses are the causes of a person that hold as long as the state that
// raised them, and close by themselves when it is gone (N1). CauseReactivated and
// CauseLikelyDuplicate are not among them: they tell of events. CauseMissing is judged for the whole
// reading (S14).
var standingCauses = []Cause{
	CauseEmailBlank, CauseEmailInvalid, CauseDisputed, CauseBadRecord,
	CauseEmailDiffers, CauseEmploymentEnded, CauseContractOverlap,
}

// StandingCauses lists the causes of a person that the plan for that person opens
// and closes.
func StandingCauses() []Cause { return append([]Cause(nil), standingCauses...) }
