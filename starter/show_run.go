package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/eitje/connexie-worker/internal/app"
)

// showRun prints how a run stands: a line, its counts, the next step.
func (t *terminal) showRun(run app.Run) {
	took := ""
	if !run.ClosedAt.IsZero() {
		took = " in " + elapsed(run.ClosedAt.Sub(run.StartedAt))
	}
	t.say("%s %s: %s%s", t.bold(runKind(run)), run.RunID, t.outcome(string(run.Outcome), run.Stage), took)
	if run.Problem != "" {
		t.say("Problem: %s", printable(run.Problem))
	}
	t.showGuard(run)
	t.showCounts(run)
	if run.Link != "" {
		t.say("Temporal UI: %s", run.Link)
	}
	t.say("Next: %s", run.NextStep)
}

func runKind(run app.Run) string {
	kind := "Synchronisation"
	if run.Preview() {
		kind = "Preview"
	}
	if run.OnlyConnexieID != "" {
		kind += " of " + run.OnlyConnexieID
	}
	return kind
}

// outcome is the word for how something ended, or how far it is.
func (t *terminal) outcome(outcome, stage string) string {
	switch outcome {
	case "":
		return stage
	case "ok", "nothing":
		return outcome
	}
	return t.alert(outcome)
}

// showGuard prints why a run is held (S16).
func (t *terminal) showGuard(run app.Run) {
	if run.Guarded == nil || run.Limit == nil {
		return
	}
	t.table("The guard lets no more pass without somebody's word", row{"kind", "planned", "limit"},
		row{"creations", run.Guarded.Creations, run.Limit.Creations},
		row{"reactivations", run.Guarded.Reactivations, run.Limit.Reactivations},
		row{"contracts ended", run.Guarded.ContractsEnded, run.Limit.ContractsEnded})
}

// showCounts prints what was counted: each situation with its reasons below it, then
// what was, or would be, done.
func (t *terminal) showCounts(run app.Run) {
	var people, done []row
	for _, word := range slices.Sorted(maps.Keys(run.Counts)) {
		situation, reason, has := strings.Cut(word, ".")
		switch {
		case has:
			people = append(people, row{"  " + words(reason), run.Counts[word]})
		case isSituation(situation):
			people = append(people, row{words(situation), run.Counts[word]})
		default:
			done = append(done, row{words(word), run.Counts[word]})
		}
	}
	t.table("Where people stand", row{"situation, and why", "people"}, people...)
	title := "Done"
	if run.Preview() || slices.Contains([]string{"rejected", "superseded"}, string(run.Outcome)) {
		title = "Planned, not done"
	}
	t.table(title, row{"what", "people"}, done...)
}

func isSituation(word string) bool {
	return slices.Contains([]string{"linked", "matched", "new", "disputed", "skipped", "on_hold", "bad_record"}, word)
}

// words writes a stable word as people read it.
func words(word string) string { return strings.ReplaceAll(word, "_", " ") }

// elapsed is a duration as people say it.
func elapsed(duration time.Duration) string {
	switch {
	case duration < time.Second:
		return fmt.Sprintf("%d ms", duration.Milliseconds())
	case duration < time.Minute:
		return fmt.Sprintf("%.1f s", duration.Seconds())
	}
	return duration.Round(time.Second).String()
}

// counted writes a number with its noun.
func counted(number int, noun string) string {
	if number == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", number, noun)
}
