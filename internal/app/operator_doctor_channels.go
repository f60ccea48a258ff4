package app

import (
	"context"

	"github.com/eitje/connexie-worker/workflows"
)

// channels looks at how notifications get to people: whether the schedule that delivers
// them is there, and which channels do not take what they are sent. No notification
// tells of it, since that could not be delivered either.
func (d *doctor) channels(ctx context.Context) {
	if d.store == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, callBound)
	defer cancel()
	found, err := d.store.Channels(ctx, "")
	if err != nil {
		return // the schema has been reported
	}
	used := 0
	for _, status := range found {
		channel := describeChannel(status)
		name := "channel " + channel.ChannelID
		switch channel.State {
		case ChannelStopped:
			d.note(CheckFailed, name, channel.NextStep, "it is stopped since it took nothing: %s; %d wait", channel.Problem, channel.Pending)
		case ChannelFailing:
			problem := channel.Problem
			if problem == "" {
				problem = "the receiver has refused them"
			}
			d.note(CheckWarn, name, channel.NextStep, "%d wait and %d were refused: %s", channel.Pending, channel.Refused, problem)
		}
		if status.Enabled {
			used++
		}
	}
	if used > 0 {
		d.ok("channels", "notifications go to %s", amount(used, "channel", "channels"))
		d.deliverySchedule(ctx)
	}
}

func (d *doctor) deliverySchedule(ctx context.Context) {
	if d.temporal == nil {
		return
	}
	const name, id = "delivery of notifications", workflows.DeliverNotificationsID
	described, err := d.temporal.ScheduleClient().GetHandle(ctx, id).Describe(ctx)
	switch {
	case isNotFound(err):
		d.note(CheckFailed, name, "Run: starter migrate", "there is no schedule %s, so nothing is delivered", id)
	case err != nil:
		d.note(CheckFailed, name, "Look at the Temporal server and its database.", "%v", err)
	case described.Schedule.State != nil && described.Schedule.State.Paused:
		d.note(CheckWarn, name, "When the reason is gone, unpause it in the Temporal UI.",
			"the schedule %s is paused, with the note %q", id, described.Schedule.State.Note)
	}
}
