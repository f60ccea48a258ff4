package main

import (
	"context"
	"fmt"

	"github.com/eitje/connexie-worker/internal/app"
)

// How many people's changes are shown, and at most.
const (
	defaultItems = 50
	maxItems     = 10_000
)

// syncReport is how a synchronisation ended; a preview, one person's run and a held
// one come with what they would do.
type syncReport struct {
	app.Run
	Joined bool       `json:"joined"`
	Items  []app.Item `json:"items,omitempty"`
	// More tells that there are more items than are shown.
	More bool `json:"more,omitempty"`
}

func firstItems(ctx context.Context, operator *app.Operator, runID string, limit int) ([]app.Item, bool, error) {
	items, err := operator.Items(ctx, runID, "", limit+1)
	if len(items) > limit {
		return items[:limit], true, err
	}
	return items, false, err
}

func (t *terminal) showReport(report syncReport) {
	if report.OnlyConnexieID != "" {
		for _, item := range report.Items {
			t.showSteps(item)
		}
	}
	t.showItems(report.Items)
	if report.More {
		t.say("There are more: starter sync items --run %s --limit %d", report.RunID, maxItems)
	}
	t.say("")
	t.showRun(report.Run)
}

// showSteps prints rule by rule how it was decided about one person (S20).
func (t *terminal) showSteps(item app.Item) {
	var rows []row
	for i, step := range item.Steps {
		rows = append(rows, row{i + 1, step.Rule, step.Question, step.Answer})
	}
	t.table(fmt.Sprintf("How it was decided about %s", item.ConnexieID), row{"", "rule", "question", "answer"}, rows...)
	t.say("%s: %s, by rule %s", item.ConnexieID, situation(item), item.Rule)
}

// showItems prints who is concerned and, field by field, what changes. Values are
// shown: they come from the database to the operator's own screen.
func (t *terminal) showItems(items []app.Item) {
	var people, changes []row
	for _, item := range items {
		people = append(people, row{
			item.ConnexieID, orDash(item.TeamMemberID), situation(item), action(item), item.Rule, orDash(state(item)),
		})
		for _, change := range item.Changes {
			changes = append(changes, row{
				item.ConnexieID, words(string(change.Object)), change.Field, orDash(change.Before), orDash(change.After),
			})
		}
	}
	t.table("People", row{"connexie id", "team member", "situation", "action", "rule", "state"}, people...)
	t.table("Changes", row{"connexie id", "of", "field", "before", "after"}, changes...)
}

func situation(item app.Item) string {
	if item.Reason == "" {
		return words(string(item.Situation))
	}
	return fmt.Sprintf("%s (%s)", words(string(item.Situation)), words(string(item.Reason)))
}

func action(item app.Item) string {
	if item.Reactivates && item.Action != "reactivate" {
		return string(item.Action) + ", reactivate"
	}
	return string(item.Action)
}

func state(item app.Item) string {
	if item.Problem != "" {
		return item.State + ": " + item.Problem
	}
	return item.State
}

// syncCode is the exit code of a synchronisation's outcome.
func syncCode[W ~string](outcome W) int {
	switch outcome {
	case "ok", "nothing":
		return exitDone
	case "problems":
		return exitProblems
	case "held", "rejected", "superseded", "refused":
		return exitRefused
	}
	return exitFailed
}
