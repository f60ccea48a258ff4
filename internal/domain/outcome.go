package domain

// SyncOutcome is how a synchronisation ended.
type SyncOutcome string

// The outcomes of a sync. The last three are kept for runs that ended without a
// result.
const (
	SyncOK          SyncOutcome = "ok"
	SyncProblems    SyncOutcome = "problems"
	SyncNothing     SyncOutcome = "nothing"
	SyncHeld        SyncOutcome = "held"
	SyncRejected    SyncOutcome = "rejected"
	SyncSuperseded  SyncOutcome = "superseded"
	SyncRefused     SyncOutcome = "refused"
	SyncUnreachable SyncOutcome = "unreachable"

	SyncFailed    SyncOutcome = "failed"
	SyncCancelled SyncOutcome = "cancelled"
	SyncAbandoned SyncOutcome = "abandoned"
)

// NightOutcome is how a night ended.
type NightOutcome string

// The outcomes of a night.
const (
	NightOK         NightOutcome = "ok"
	NightProblems   NightOutcome = "problems"
	NightUnfinished NightOutcome = "unfinished"
)

// Counts is what a run or a night counted, by words that stay the same. For a run:
// the situations of everyone (linked, matched, new, disputed, skipped,
// on_hold, bad_record), their reasons ("skipped.email_blank"), and what was done (updated,
// reactivated, failed).
type Counts map[string]int

// OutcomeOf is how a run that was applied, or previewed, ended: with problems where
// somebody's record could not be read or written (S15), with nothing where there
// was nothing to do (S9), and well otherwise. People who are skipped or disputed
// are no problem of the run: they are counted and notified.
func OutcomeOf(counts Counts, planned int) SyncOutcome {
	switch {
	case counts[string(BadRecord)] > 0 || counts["failed"] > 0 || counts["unreadable"] > 0:
		return SyncProblems
	case planned == 0:
		return SyncNothing
	}
	return SyncOK
}
