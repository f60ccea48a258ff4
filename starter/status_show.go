package main

import (
	"fmt"

	"github.com/eitje/connexie-worker/internal/app"
)

// showStatus prints one connection in full.
func (t *terminal) showStatus(status app.Status) {
	t.say("%s %s", t.bold("Connection"), status.ConnectionID)
	t.say("%s (%s): %s", status.Organisation, status.OrganisationID, t.connectionState(status.State))
	if status.FailedNights > 0 {
		t.say("%s", t.alert(fmt.Sprintf("Connexie was out of reach for %d nights in a row.", status.FailedNights)))
	}
	t.showPeople(status.People)
	t.showRuns(status.Runs)
	t.showNotifications(status.Notifications)
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

func (t *terminal) showNotifications(notifications []app.Notification) {
	var rows []row
	for _, notice := range notifications {
		rows = append(rows, row{string(notice.Severity), words(string(notice.Cause)), notice.Subject, when(notice.OpenedAt), notice.NextStep})
	}
	t.table("Open notifications", row{"severity", "cause", "about", "since", "next step"}, rows...)
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
