package app

import (
	"context"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/workflows"
)

// NextNights are instants at which nights are planned, as the engine computes them
// from the schedule.
type NextNights struct {
	ScheduleID string `json:"schedule_id"`
	Link       string `json:"link,omitempty"`
	Paused     bool   `json:"paused"`
	Note       string `json:"note,omitempty"`
	// ComputedBy is the engine's operation that named the instants.
	ComputedBy string        `json:"computed_by"`
	Nights     []PlannedHour `json:"nights"`
}

// PlannedHour is one planned instant.
type PlannedHour struct {
	At time.Time `json:"at"`
	// Amsterdam is the instant on the Amsterdam clock, with its offset.
	Amsterdam string `json:"amsterdam"`
	// HoursSince is the time since the night before: 24, and 23 or 25 where the clock
	// changed between the two.
	HoursSince int `json:"hours_since"`
	// ClockChange tells that the clock changed since the night before.
	ClockChange bool `json:"clock_change"`
}

// MaxNextNights is how many planned nights can be asked for.
const MaxNextNights = 400

// NextNights lists planned nights from a day on, or from now where it is empty. Needs
// Temporal.
func (o *Operator) NextNights(ctx context.Context, from string, count int) (NextNights, error) {
	begin := o.now()
	if from != "" {
		day, err := domain.ParseDate(from)
		if err != nil {
			return NextNights{}, invalid("Give a date such as 2027-03-27.", "%q is not a calendar date", shorten(from))
		}
		begin = day.At(0, 0)
	}
	if count < 1 || count > MaxNextNights {
		return NextNights{}, invalid("Give 5, for instance.", "the number of nights must be 1 to %d", MaxNextNights)
	}
	nights, err := o.describeSchedule(ctx)
	if err != nil {
		return nights, err
	}
	// One night more in front tells how long the first gap is.
	times, err := o.matchingTimes(ctx, begin.AddDate(0, 0, -2), begin.AddDate(0, 0, count+2))
	nights.Nights = plannedHours(times, begin, count)
	return nights, err
}

// ClockChanges lists the nights around both clock changes of a year, which are held
// against the rule that there is exactly one a day (S1). Needs Temporal.
func (o *Operator) ClockChanges(ctx context.Context, year int) (NextNights, error) {
	if year < 2000 || year > 2100 {
		return NextNights{}, invalid("Give 2027, for instance.", "the year must be 2000 to 2100")
	}
	nights, err := o.describeSchedule(ctx)
	if err != nil {
		return nights, err
	}
	for _, day := range clockChangesOf(year) {
		begin := day.AddDays(-2).At(0, 0)
		times, err := o.matchingTimes(ctx, begin.AddDate(0, 0, -2), day.AddDays(2).At(0, 0))
		if err != nil {
			return nights, err
		}
		nights.Nights = append(nights.Nights, plannedHours(times, begin, daysAroundChange)...)
	}
	return nights, nil
}

// daysAroundChange are two days before a change, the day itself, and the one behind.
const daysAroundChange = 4

// clockChangesOf are the days of a year that do not have 24 hours.
func clockChangesOf(year int) []domain.Date {
	var days []domain.Date
	for day := domain.NewDate(year, time.January, 1); day.Before(domain.NewDate(year+1, time.January, 1)); day = day.AddDays(1) {
		if day.AddDays(1).At(0, 0).Sub(day.At(0, 0)) != 24*time.Hour {
			days = append(days, day)
		}
	}
	return days
}

func (o *Operator) describeSchedule(ctx context.Context) (NextNights, error) {
	ctx, cancel := context.WithTimeout(ctx, engineBound)
	defer cancel()
	id := workflows.NightlySyncID
	described, err := o.temporal.ScheduleClient().GetHandle(ctx, id).Describe(ctx)
	if err != nil {
		return NextNights{}, noSchedule(err)
	}
	nights := NextNights{ScheduleID: id, Link: o.scheduleLink(id), ComputedBy: "ListScheduleMatchingTimes", Nights: []PlannedHour{}}
	if state := described.Schedule.State; state != nil {
		nights.Paused, nights.Note = state.Paused, state.Note
	}
	return nights, nil
}

func noSchedule(err error) error {
	if isNotFound(err) {
		return notFound("Make it with: starter migrate", "Temporal has no schedule %s", workflows.NightlySyncID)
	}
	return fromEngine("describe the schedule "+workflows.NightlySyncID, err)
}

// matchingTimes asks the engine when the schedule fires between two instants.
func (o *Operator) matchingTimes(ctx context.Context, from, to time.Time) ([]time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, engineBound)
	defer cancel()
	answer, err := o.temporal.WorkflowService().ListScheduleMatchingTimes(ctx, &workflowservice.ListScheduleMatchingTimesRequest{
		Namespace: orDefaultNamespace(o.cfg.Temporal), ScheduleId: workflows.NightlySyncID,
		StartTime: timestamppb.New(from), EndTime: timestamppb.New(to),
	})
	if err != nil {
		return nil, fromEngine("ask when the schedule fires", err)
	}
	times := make([]time.Time, 0, len(answer.GetStartTime()))
	for _, at := range answer.GetStartTime() {
		times = append(times, at.AsTime())
	}
	return times, nil
}

// plannedHours are the first count instants from begin on, each with its distance
// from the one before.
func plannedHours(times []time.Time, begin time.Time, count int) []PlannedHour {
	planned := make([]PlannedHour, 0, count)
	for i, at := range times {
		if at.Before(begin) || i == 0 || len(planned) == count {
			continue
		}
		gap := at.Sub(times[i-1])
		planned = append(planned, PlannedHour{
			At: at, Amsterdam: at.In(Amsterdam()).Format("Mon 2006-01-02 15:04 MST"),
			HoursSince: int(gap / time.Hour), ClockChange: gap != 24*time.Hour,
		})
	}
	return planned
}
