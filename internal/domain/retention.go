package domain

import "time"

// Retention is how many days things are kept that nothing needs any more. Whatever a rule
// needs is kept as long as it does, however old.
type Retention struct {
	// Mirror: people who are missing from Connexie and linked to nobody.
	Mirror int
	// Runs: what runs did to each person, readings, and nights.
	Runs int
	// Previews of exports, with their lines.
	Previews int
	// Lines of exports that no current import rests on. Their receipts stay.
	Lines int
	// Changes: what stood in a field before and after. That it changed stays (S10).
	Changes int
	// Notifications that are closed, with what was delivered of them.
	Notifications int
	// Erased: the Connexie ID of somebody erased, counted from the last day of work that
	// was or may be exported (N5).
	Erased int
}

// RetentionTask is one kind of what housekeeping removes. The words are also those of its
// counts.
type RetentionTask string

// The tasks, in the order in which they are done.
const (
	RetainMirror        RetentionTask = "mirror"
	RetainRuns          RetentionTask = "runs"
	RetainReadings      RetentionTask = "readings"
	RetainNights        RetentionTask = "nights"
	RetainPreviews      RetentionTask = "previews"
	RetainLines         RetentionTask = "lines"
	RetainChanges       RetentionTask = "changes"
	RetainNotifications RetentionTask = "notifications"
	RetainErased        RetentionTask = "erased"
)

// RetentionTasks are all of them, in their order.
func RetentionTasks() []RetentionTask {
	return []RetentionTask{
		RetainMirror, RetainRuns, RetainReadings, RetainNights, RetainPreviews, RetainLines, RetainChanges,
		RetainNotifications, RetainErased,
	}
}

// Days is the term of a task.
func (r Retention) Days(task RetentionTask) int {
	switch task {
	case RetainMirror:
		return r.Mirror
	case RetainRuns, RetainReadings, RetainNights:
		return r.Runs
	case RetainPreviews:
		return r.Previews
	case RetainLines:
		return r.Lines
	case RetainChanges:
		return r.Changes
	case RetainNotifications:
		return r.Notifications
	case RetainErased:
		return r.Erased
	}
	return 0
}

// Before is the instant before which the term of a task has run out, and false where the
// task has no term: nothing goes then.
func (r Retention) Before(task RetentionTask, now time.Time) (time.Time, bool) {
	days := r.Days(task)
	return now.AddDate(0, 0, -days), days > 0
}

// HousekeepingOutcome is how a housekeeping ended.
type HousekeepingOutcome string

// The outcomes of a housekeeping.
const (
	HousekeepingOK       HousekeepingOutcome = "ok"
	HousekeepingNothing  HousekeepingOutcome = "nothing"
	HousekeepingProblems HousekeepingOutcome = "problems"
)

// HousekeepingOutcomeOf is how a housekeeping with these counts ended: with problems where
// a task failed or a draft could not be settled.
func HousekeepingOutcomeOf(counts Counts) HousekeepingOutcome {
	removed := 0
	for _, count := range counts {
		removed += count
	}
	switch {
	case counts["failed"] > 0 || counts["drafts_unsettled"] > 0:
		return HousekeepingProblems
	case removed == 0:
		return HousekeepingNothing
	}
	return HousekeepingOK
}
