package activities

import (
	"fmt"
	"slices"
	"strings"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
)

// exportProblems says in sentences why not everything was exported: the rule, the ids
// and what to do next. The sentences are for people; programs go by states and words.
func exportProblems(in CloseExportInput, venues []store.ExportVenue) []string {
	var problems []string
	for _, state := range []domain.VenueState{
		domain.VenueRefused, domain.VenueRejected, domain.VenueSuperseded, domain.VenueFailed, domain.VenueSending,
	} {
		problems = append(problems, venueProblems(in.Run, venues, state)...)
	}
	if len(in.Differing) > 0 {
		problems = append(problems, fmt.Sprintf("X16: Connexie does not hold what was exported last at %s, so what is "+
			"added, changed and removed there is not certain. The next export replaces it as a whole.", venuesNamed(in.Differing)))
	}
	switch in.Outcome {
	case domain.ExportNeedsAcknowledgement:
		leaveOut := in.Run.request()
		leaveOut.AcknowledgeUnmapped = true
		problems = append(problems, fmt.Sprintf("C6: meals or allowances have no code and would be left out. "+
			"What they are, and the commands that choose codes: starter mappings list --connection %s. "+
			"Or leave them out with: %s.", in.Run.ConnectionID, leaveOut.Command()))
	case domain.ExportRefused, domain.ExportFailed:
		if len(problems) == 0 { // else the venues say it
			problems = append(problems, exportProblem(in.Run, in.Problem))
		}
	}
	return problems
}

// exportProblem is the sentence for a type of error; anything else is one already.
func exportProblem(run ExportRun, problem string) string {
	if sentence, known := exportSentences[problem]; known {
		return strings.ReplaceAll(sentence, "CONNECTION", run.ConnectionID)
	}
	if problem == "" {
		return "The failed workflow says what happened: open it in the Temporal UI. Then export again."
	}
	return problem
}

var exportSentences = map[string]string{
	ErrorTokenRefused: "C8: Connexie refuses the token of connection CONNECTION. " +
		"Make a new one in Connexie for the same account and set it with: starter activate. Then export again.",
	ErrorForbidden: "C1: the token of connection CONNECTION may not import hours. " +
		"Grant it imports.write in Connexie, then export again.",
	ErrorUnavailable:   "N6: Connexie was out of reach. Export again later; it is safe to repeat.",
	ErrorRateLimited:   "N6: Connexie took no more calls. Export again later; it is safe to repeat.",
	ErrorProtocol:      "Connexie's answer breaks its contract. The workflow names the request: report it to Connexie's support.",
	ErrorDatabase:      "PostgreSQL did not take a statement. Look at it with: starter doctor. Then export again.",
	ErrorConfiguration: "The key that sealed the token is missing from ENCRYPTION_KEYS; starter doctor names it.",
	ErrorFenceLost:     "Another export took over. Look at it with: starter export list --connection CONNECTION.",
	problemTimeout:     "It did not end in its time. Look whether a worker and the database answer: starter doctor. Then export again.",
}

// venueProblems are the sentences about the venues of one state, one for each cause.
func venueProblems(run ExportRun, venues []store.ExportVenue, state domain.VenueState) []string {
	ids := map[string][]string{}
	var words []string
	for _, venue := range venues {
		if venue.State != state {
			continue
		}
		word := venue.Problem
		if word == "" {
			word = ErrorUnavailable
		}
		if ids[word] == nil {
			words = append(words, word)
		}
		ids[word] = append(ids[word], venue.ConnexieVenueID)
	}
	slices.Sort(words)
	var problems []string
	for _, word := range words {
		problems = append(problems, venueProblem(run, word, venuesNamed(ids[word])))
	}
	return problems
}

func venueProblem(run ExportRun, word, venues string) string {
	sentence, known := venueSentences[word]
	if !known {
		sentence = "X13: VENUES was not sent. " + exportProblem(run, word)
	}
	return strings.NewReplacer("VENUES", venues, "EXPORT", run.ID, "CONNECTION", run.ConnectionID).Replace(sentence)
}

var venueSentences = map[string]string{
	ProblemPayroll: "X9: payroll is running or has run for these days at VENUES, so nothing was sent there and its markers stay. " +
		"What differs from what was exported: starter export corrections --export EXPORT.",
	ProblemLinesRejected: "X17: Connexie rejects lines of VENUES, and nothing of it counts. " +
		"See them with: starter export lines --export EXPORT. Mend them, then export again.",
	ProblemReplaced: "X8: another import took over the days of VENUES in Connexie. " +
		"Find out who imports beside Eitje, then export again.",
	ProblemReadBackDiffers: "X11: Connexie holds something else at VENUES than was sent, so no entry was marked. " +
		"See both with: starter export receipt --export EXPORT. Report it to Connexie's support.",
	ProblemDiscarded:           "X13: the drafts of VENUES were discarded in Connexie again and again. Find out who does that, then export again.",
	ProblemVenueUnknown:        "X13: Connexie does not know VENUES. Look at the venues with: starter mappings list --connection CONNECTION.",
	ProblemTotalsMismatch:      "X13: Connexie adds up the lines of VENUES to other totals. Report it to Connexie's support.",
	ProblemIdempotencyConflict: "X13: Connexie knows the import of VENUES with other content. Export again, which opens another.",
	ProblemImportState:         "X13: Connexie neither takes nor ends the import of VENUES. Report it to Connexie's support.",
	ErrorUnavailable: "X13: Connexie was out of reach when VENUES was sent. " +
		"What became of it is found out by the next export: export again, which completes it.",
}

// maxVenuesNamed keeps a sentence readable.
const maxVenuesNamed = 20

func venuesNamed(ids []string) string {
	shown := ids[:min(len(ids), maxVenuesNamed)]
	text := "venue " + strings.Join(shown, ", ")
	if more := len(ids) - len(shown); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
