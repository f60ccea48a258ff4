package app

import (
	"context"
	"fmt"
	"time"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
)

// housekeepingOverdue is how long ago the last housekeeping may be that ended: one that was
// missed is made up for the day after.
const housekeepingOverdue = 48 * time.Hour

// housekeeping looks whether what nothing needs any more is removed (N5).
func (d *doctor) housekeeping(ctx context.Context) {
	if d.store == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, engineBound)
	defer cancel()
	latest, err := d.store.Housekeepings(ctx, 10)
	if err != nil {
		return // the schema has been reported
	}
	found := judgeHousekeepings(latest, d.scheduledSince, d.now())
	d.note(found.status, "housekeeping", found.next, "%s", found.detail)
}

// judgeHousekeepings tells whether somebody must look after it. scheduledSince is since when
// the schedules are there; zero where that is not known.
func judgeHousekeepings(latest []store.Housekeeping, scheduledSince, now time.Time) finding {
	const run = "Run it, and look whether its schedule is paused: starter housekeeping run --wait"
	for _, one := range latest {
		if one.ClosedAt.IsZero() {
			continue
		}
		switch {
		case now.Sub(one.ClosedAt) > housekeepingOverdue:
			return finding{CheckWarn, "none has ended since " + clock(one.ClosedAt), run}
		case one.Outcome == domain.HousekeepingProblems:
			return finding{CheckWarn, fmt.Sprintf("that of %s left something undone", clock(one.ClosedAt)),
				"See what: starter housekeeping show"}
		}
		return finding{status: CheckOK, detail: fmt.Sprintf("ended %s: %s", clock(one.ClosedAt), one.Outcome)}
	}
	if !scheduledSince.IsZero() && now.Sub(scheduledSince) > housekeepingOverdue {
		return finding{CheckWarn, "there has never been one", run}
	}
	return finding{status: CheckOK, detail: "there has been none yet"}
}
