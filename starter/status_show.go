package main

import (
	"fmt"
	"strings"

	"github.com/eitje/connexie-worker/internal/app"
)

// showStatus prints one connection in full.
func (t *terminal) showStatus(status app.Status) {
	t.say("%s %s", t.bold("Connection"), status.ConnectionID)
	t.say("%s (%s): %s", printable(status.Organisation), status.OrganisationID, t.connectionState(status.State))
	if status.FailedNights > 0 {
		t.say("%s", t.alert("Connexie was out of reach for "+counted(status.FailedNights, "night")+" in a row."))
	}
	t.showPeople(status.People)
	t.showRuns(status.Runs)
	t.showLastExport(status.LastExport)
	t.showNotifications(status.Notifications)
	if status.Snoozed > 0 {
		t.say("And %s: starter notifications list --all --connection %s", counted(status.Snoozed, "snoozed notification"), status.ConnectionID)
	}
	t.showNext(status)
}

func (t *terminal) showPeople(counts []app.PeopleCount) {
	var rows []row
	for _, count := range counts {
		rows = append(rows, row{words(string(count.Situation)), orDash(words(string(count.Reason))), count.Rule, count.Count})
	}
	t.table("People in Connexie", row{"situation", "reason", "rule", "people"}, rows...)
}

func (t *terminal) showRuns(runs []app.Run) {
	var rows []row
	for _, run := range runs {
		kind := run.Trigger
		if run.Preview() {
			kind = "preview"
		}
		if run.OnlyConnexieID != "" {
			kind += " of " + run.OnlyConnexieID
		}
		rows = append(rows, row{run.RunID, when(run.StartedAt), kind, run.RequestedBy, t.outcome(string(run.Outcome), run.Stage)})
	}
	t.table("Latest runs", row{"run", "started", "kind", "asked by", "outcome"}, rows...)
}

func (t *terminal) showLastExport(export *app.LastExport) {
	if export == nil {
		return
	}
	t.table("Last export", row{"export", "started", "period", "kinds", "outcome"}, row{
		export.ExportID, when(export.StartedAt), fmt.Sprintf("%s to %s", export.From, export.To), kindWords(export.Kinds),
		t.outcome(words(string(export.Outcome)), exportStage(export.Stage)),
	})
}

// showNotifications prints a line for each cause and next step, with whom it is about:
// many people often need the same. --json has each by itself.
func (t *terminal) showNotifications(notifications []app.Notification) {
	type group struct{ severity, cause, next string }
	var order []group
	about := map[group][]string{}
	for _, notice := range notifications {
		key := group{string(notice.Severity), words(string(notice.Cause)), notice.NextStep}
		if about[key] == nil {
			order = append(order, key)
		}
		about[key] = append(about[key], notice.Subject)
	}
	var rows []row
	for _, key := range order {
		rows = append(rows, row{key.severity, key.cause, len(about[key]), strings.Join(about[key], ", "), key.next})
	}
	t.table("Open notifications", row{"severity", "cause", "how many", "about", "next step"}, rows...)
}

// showNext says what comes first.
func (t *terminal) showNext(status app.Status) {
	held := status.Held()
	switch {
	case held != nil:
		t.say("\n%s", t.alert("Run "+held.RunID+" is held."))
		t.say("Next: %s", held.NextStep)
	case status.State != "active":
		t.say("\nNext: activate it: starter activate --organisation %s --token-file -", status.OrganisationID)
	case status.UndecidedVenues > 0:
		t.say("\nNext: decide about %d venues: starter mappings list --connection %s", status.UndecidedVenues, status.ConnectionID)
	}
}
