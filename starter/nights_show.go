package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/eitje/connexie-worker/internal/app"
)

func (t *terminal) showNights(nights []app.Night) {
	var rows []row
	for _, night := range nights {
		rows = append(rows, row{
			night.Night.String(), t.outcome(string(night.Outcome), "under way"), night.Total, countsLine(night.Counts),
			when(night.StartedAt), took(night),
		})
	}
	t.table("", row{"night", "outcome", "connections", "how they ended", "started", "took"}, rows...)
}

// showNight prints a night with every connection.
func (t *terminal) showNight(night app.Night) {
	t.say("%s %s: %s, %s: %s", t.bold("Night of"), night.Night,
		t.outcome(string(night.Outcome), "under way"), counted(night.Total, "connection"), orDash(countsLine(night.Counts)))
	var rows []row
	for _, connection := range night.Connections {
		rows = append(rows, row{
			connection.ConnectionID, t.standing(connection.Standing),
			people(connection, "linked"), people(connection, "skipped"), people(connection, "disputed"), orDash(connection.RunID), orDash(connection.Problem),
		})
	}
	t.table("", row{"connection", "ended", "linked", "skipped", "disputed", "run", "problem"}, rows...)
	if night.Link != "" {
		t.say("Temporal UI: %s", night.Link)
	}
}

// people counts those of a situation; a run that was refused or is held has counted
// nobody, which is not the same as none.
func people(connection app.NightConnection, situation string) any {
	if len(connection.Counts) == 0 {
		return orDash("")
	}
	return connection.Counts[situation]
}

func (t *terminal) standing(word string) string {
	if slices.Contains([]string{"ok", "nothing", "running", "not_started"}, word) {
		return words(word)
	}
	return t.alert(words(word))
}

func (t *terminal) showStartedNight(started app.StartedNight) {
	t.say("%s started: %s", t.bold("Night"), started.WorkflowID)
	if started.Link != "" {
		t.say("Temporal UI: %s", started.Link)
	}
	t.say("Next: starter nights")
}

func (t *terminal) showPlanned(planned app.NextNights) {
	if planned.Paused {
		t.say("%s", t.alert(fmt.Sprintf("The schedule is paused (%s): none of these nights runs until it is resumed.", orDash(planned.Note))))
	}
	var rows []row
	for _, night := range planned.Nights {
		mark := ""
		if night.ClockChange {
			mark = t.alert("the clock changed")
		}
		rows = append(rows, row{night.Amsterdam, night.At.UTC().Format(time.RFC3339), night.HoursSince, mark})
	}
	t.table("Planned nights, as Temporal computes them from the schedule "+planned.ScheduleID,
		row{"Amsterdam", "UTC", "hours since the one before", ""}, rows...)
	if planned.Link != "" {
		t.say("Temporal UI: %s", planned.Link)
	}
}

// followNight shows how many connections have ended until the night has.
func (t *terminal) followNight(
	ctx context.Context, operator *app.Operator, started app.StartedNight, patience time.Duration,
) (app.Night, error) {
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	p := t.progress()
	p.show("starting", 0, 0)
	night, err := operator.FollowNight(waiting, started, func(night app.Night) {
		p.show("following", night.Total-night.Counts["running"]-night.Counts["not_started"], night.Total)
	})
	p.end()
	if err != nil && ctx.Err() == nil && waiting.Err() != nil {
		return night, overtime(patience, "starter nights")
	}
	return night, interrupted(ctx, err, "starter nights")
}

// countsLine writes counts in one line, the most frequent first.
func countsLine(counts map[string]int) string {
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		if counts[a] != counts[b] {
			return counts[b] - counts[a]
		}
		return strings.Compare(a, b)
	})
	for i, name := range names {
		names[i] = fmt.Sprintf("%d %s", counts[name], words(name))
	}
	return strings.Join(names, ", ")
}

func took(night app.Night) string {
	if night.ClosedAt.IsZero() {
		return "-"
	}
	return elapsed(night.ClosedAt.Sub(night.StartedAt))
}
