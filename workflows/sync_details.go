package workflows

import (
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/sdk/workflow"

	"github.com/eitje/connexie-worker/internal/domain"
)

// SyncProgress is the answer to the query progress.
type SyncProgress struct {
	Stage Stage `json:"stage"`
	// Done and Total count people: those read while reading, then those whose plans
	// are applied.
	Done   int           `json:"done"`
	Total  int           `json:"total"`
	Counts domain.Counts `json:"counts"`
	// NextStep says what somebody can do, in a sentence.
	NextStep string             `json:"next_step"`
	Outcome  domain.SyncOutcome `json:"outcome,omitempty"`
	// Guarded and Limit tell why a held run is held (S16).
	Guarded *domain.Guarded `json:"guarded,omitempty"`
	Limit   *domain.Guarded `json:"limit,omitempty"`
}

// setProgress notes how far the run is, for the query and for the UI.
func (s *syncRun) setProgress(ctx workflow.Context, progress SyncProgress) {
	if progress.Counts == nil {
		progress.Counts = domain.Counts{}
	}
	progress.NextStep = nextStep(progress)
	s.progress = progress
	if s.shown != nil {
		s.shown(ctx, progress)
		return
	}
	s.showDetails(ctx)
}

func nextStep(progress SyncProgress) string {
	switch progress.Stage {
	case StageHeld:
		return "Look at what would change, then allow or reject the run with the update " + UpdateDecideGuard + "."
	case StageClosed:
		return outcomeSteps[progress.Outcome]
	}
	return "Nothing: the run goes on by itself."
}

var outcomeSteps = map[domain.SyncOutcome]string{
	domain.SyncOK:          "Nothing.",
	domain.SyncNothing:     "Nothing: Eitje was as it should be.",
	domain.SyncProblems:    "See the open notifications: some people could not be synchronised.",
	domain.SyncRefused:     "Connexie refused the token. Set a new one: starter activate.",
	domain.SyncUnreachable: "Connexie was out of reach. Nothing was changed; the next night tries again.",
	domain.SyncRejected:    "Nothing was changed. Correct the cause in Connexie, then synchronise again.",
	domain.SyncSuperseded:  "Nothing: the night planned anew.",
}

// showDetails shows the run in the Temporal UI, ids and counts alone (N4).
func (s *syncRun) showDetails(ctx workflow.Context) {
	var text strings.Builder
	fmt.Fprintf(&text, "**%s** · pass %d · asked by `%s`\n\n", s.progress.Stage, max(s.number, 1), s.pass.by)
	if s.progress.Total > 0 || s.progress.Done > 0 {
		fmt.Fprintf(&text, "%d of %d people\n\n", s.progress.Done, max(s.progress.Total, s.progress.Done))
	}
	if s.progress.Outcome != "" {
		fmt.Fprintf(&text, "Outcome: **%s**\n\n", s.progress.Outcome)
	}
	text.WriteString(countsTable(s.progress.Counts))
	if s.progress.Guarded != nil {
		text.WriteString(guardTable(*s.progress.Guarded, *s.progress.Limit))
	}
	if s.queued {
		text.WriteString("One more pass is queued.\n\n")
	}
	for _, reject := range s.rejects {
		fmt.Fprintf(&text, "Refused: %s; send %s\n\n", reject, requestExample)
	}
	fmt.Fprintf(&text, "**What you can do:** %s\n", s.progress.NextStep)
	workflow.SetCurrentDetails(ctx, text.String())
}

func countsTable(counts domain.Counts) string { return wordsTable("people", counts) }

// wordsTable shows counts of something, in the order of their words.
func wordsTable(what string, counts domain.Counts) string {
	if len(counts) == 0 {
		return ""
	}
	words := workflow.DeterministicKeys(counts)
	slices.Sort(words)
	var text strings.Builder
	fmt.Fprintf(&text, "| what | %s |\n| --- | ---: |\n", what)
	for _, word := range words {
		fmt.Fprintf(&text, "| %s | %d |\n", word, counts[word])
	}
	return text.String() + "\n"
}

// copied are counts for a query to answer with while they still grow.
func copied(counts domain.Counts) domain.Counts {
	copied := make(domain.Counts, len(counts))
	for _, word := range workflow.DeterministicKeys(counts) {
		copied[word] = counts[word]
	}
	return copied
}

func guardTable(guarded, limit domain.Guarded) string {
	return "The guard lets no more pass without somebody's word:\n\n" +
		"| kind | planned | limit |\n| --- | ---: | ---: |\n" +
		fmt.Sprintf("| creations | %d | %d |\n", guarded.Creations, limit.Creations) +
		fmt.Sprintf("| reactivations | %d | %d |\n", guarded.Reactivations, limit.Reactivations) +
		fmt.Sprintf("| contracts ended | %d | %d |\n\n", guarded.ContractsEnded, limit.ContractsEnded) +
		"Send the update `" + UpdateDecideGuard + "` with `" + decideExample + "`, or `\"reject\"`.\n\n"
}
