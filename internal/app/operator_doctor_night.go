package app

import (
	"context"
	"fmt"
	"time"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
)

const (
	// nightBegins is how late a night may be in the database before it counts as
	// missing: a worker that is busy opens it a little later.
	nightBegins = 15 * time.Minute
	// nightEnds is when a night that is still open has lost its way: it stops
	// following its runs after six hours.
	nightEnds = 7 * time.Hour
	// nightsLooked covers the nights that were started by hand since the last one.
	nightsLooked = 20
)

// night looks whether the last night that was due came, and how it ended.
func (d *doctor) night(ctx context.Context) {
	if d.store == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, engineBound)
	defer cancel()
	nights, err := d.store.Nights(ctx, nightsLooked)
	if err != nil {
		return // the schema has been reported
	}
	found := judgeNights(nights, d.scheduledSince, d.now())
	d.note(found.status, "last night", found.next, "%s", found.detail)
}

// judgeNights tells whether the last night needs somebody. scheduledSince is the
// instant from which the schedule was to start nights; zero where it starts none.
func judgeNights(nights []store.Night, scheduledSince, now time.Time) finding {
	due := lastDue(now)
	missed := !scheduledSince.IsZero() && scheduledSince.Before(due) && now.Sub(due) > nightBegins
	if missed && !covered(nights, due) {
		return finding{CheckFailed, fmt.Sprintf("the night of %s was due at %s and has not begun", domain.DayOf(due), clock(due)),
			"Mend what has failed above. Where the night does not begin by itself then: starter nights run --wait"}
	}
	if len(nights) == 0 {
		return finding{status: CheckOK, detail: "there has been none yet"}
	}
	return judgeNight(nights[0], now)
}

func judgeNight(last store.Night, now time.Time) finding {
	look := "See who did not end well: starter nights --night " + last.Night.String()
	switch {
	case last.Outcome == domain.NightOK:
		return finding{status: CheckOK, detail: fmt.Sprintf("%s: ok, %s", last.Night, connections(last.Total))}
	case last.Outcome != "":
		return finding{CheckWarn, fmt.Sprintf("%s: %s, %s", last.Night, last.Outcome, connections(last.Total)), look}
	case now.Sub(last.StartedAt) > nightEnds:
		return finding{CheckFailed, fmt.Sprintf("%s: has not ended since %s", last.Night, clock(last.StartedAt)),
			"Look at " + last.WorkflowID + " in the Temporal UI, and whether a worker runs; while it is open no other night begins."}
	}
	return finding{status: CheckOK, detail: fmt.Sprintf("%s: under way since %s, %s", last.Night, clock(last.StartedAt), connections(last.Total))}
}

// lastDue is the last instant at which a night was due (S1).
func lastDue(now time.Time) time.Time {
	day := domain.DayOf(now)
	if tonight := day.At(domain.NightHour, domain.NightMinute); !tonight.After(now) {
		return tonight
	}
	return day.AddDays(-1).At(domain.NightHour, domain.NightMinute)
}

// covered reports whether a night was started for an instant, or since.
func covered(nights []store.Night, due time.Time) bool {
	for _, night := range nights {
		if !night.StartedAt.Before(due) || night.Night == domain.DayOf(due) {
			return true
		}
	}
	return false
}

// clock writes an instant as the Amsterdam clock shows it.
func clock(instant time.Time) string { return instant.In(Amsterdam()).Format("Mon 2 Jan 15:04") }

func connections(number int) string {
	if number == 1 {
		return "1 connection"
	}
	return fmt.Sprintf("%d connections", number)
}
