package activities

import "github.com/eitje/connexie-worker/internal/domain"

// What a run is closed with besides the type of an error.
const (
	// problemTimeout: an activity did not end in time.
	problemTimeout = "Timeout"
	// ProblemTerminated: its workflow was terminated and said nothing.
	ProblemTerminated = "Terminated"
)

// syncFailed tells that a connection's run failed, and what can be done about it.
func syncFailed(connectionID, problem string) []domain.Notice {
	return []domain.Notice{domain.SyncFailedNotice(connectionID, problem, StepAfter(problem))}
}

// StepAfter is what somebody can do about a run that failed with a type of error, or
// with a word of its own. The sentences are for people; the types are what programs go by.
func StepAfter(problem string) string {
	if step, known := stepsAfter[problem]; known {
		return step
	}
	return "Open the failed workflow in the Temporal UI: its error says what happened and what to do. Then synchronise again."
}

var stepsAfter = map[string]string{
	ErrorForbidden: "The token may not read people: grant it the permission employees.read in Connexie, then synchronise again.",
	ErrorProtocol: "Connexie's answer breaks its contract, and nothing was concluded from it. The failed workflow names the " +
		"request: report it to Connexie's support. The next night tries again.",
	ErrorReading: "Connexie's list was empty or could not be read to its end, so nobody was changed (S14). " +
		"Look at the account in Connexie, then synchronise again.",
	ErrorDatabase: "PostgreSQL did not take a statement. What was applied stays. Look at it with: starter doctor. " +
		"Then synchronise again, which does the rest; if it fails again, the failed workflow names the statement.",
	ErrorConfiguration: "A key is missing from ENCRYPTION_KEYS: the one that sealed the token, or that erased people are recognised by; starter doctor names it. " +
		"Add it to the end again, restart the workers, then synchronise again.",
	ErrorFenceLost: "A newer attempt took over the run. Synchronise again.",
	ProblemTerminated: "Its workflow was terminated, so that it could not say how far it was. What was applied stays. " +
		"Synchronise again, which does the rest.",
	problemTimeout: "It did not end in its time. Look whether a worker and the database answer: starter doctor. " +
		"Then synchronise again, which does the rest.",
	ErrorInvalidInput: "The failed workflow says what is wrong with what was asked: open it in the Temporal UI.",
}
