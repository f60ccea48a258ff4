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
		t.say("Problem: %s", run.Problem)
	}
	t.showCounts(run.Counts)
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

// showCounts prints what was counted: each situation with its reasons below it, then
// what was done.
func (t *terminal) showCounts(counts map[string]int) {
	var people, done []row
	for _, word := range slices.Sorted(maps.Keys(counts)) {
		situation, reason, has := strings.Cut(word, ".")
		switch {
		case has:
			people = append(people, row{"  " + words(reason), counts[word]})
		case isSituation(situation):
			people = append(people, row{words(situation), counts[word]})
		default:
			done = append(done, row{words(word), counts[word]})
		}
	}
	t.table("Where people stand", row{"situation, and why", "people"}, people...)
	t.table("Done", row{"what", "people"}, done...)
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
