package main

import (
	"time"

	"github.com/eitje/connexie-worker/internal/app"
)

// showNotificationList prints a line for each, and behind the last what can be done.
func (t *terminal) showNotificationList(lines []app.NotificationLine, query app.NotificationQuery) {
	if len(lines) == 0 {
		t.say("There is nothing that needs somebody.")
		return
	}
	var rows []row
	for _, line := range lines {
		rows = append(rows, row{
			line.ID, t.severity(string(line.Severity)), words(string(line.Cause)), printable(line.Subject), t.noticeStanding(line), printable(line.NextStep),
		})
	}
	t.table("", row{"notification", "severity", "cause", "about", "stands", "next step"}, rows...)
	if len(lines) == query.Limit {
		t.say("There may be more: --limit %d", min(10*query.Limit, mostNotifications))
	}
	t.say("Seen it: starter notifications read --notification ID. Not now: starter notifications snooze -h")
}

func (t *terminal) severity(severity string) string {
	if severity == "critical" {
		return t.alert(severity)
	}
	return severity
}

// noticeStanding says in a few words what became of a notification.
func (t *terminal) noticeStanding(line app.NotificationLine) string {
	switch {
	case !line.ClosedAt.IsZero():
		return "closed " + when(line.ClosedAt)
	case !line.SnoozedUntil.IsZero():
		return "snoozed by " + printable(line.SnoozedBy) + " until " + when(line.SnoozedUntil)
	case !line.ReadAt.IsZero():
		return "read by " + printable(line.ReadBy)
	}
	return "unread since " + when(line.OpenedAt)
}

func (t *terminal) showNotification(line app.NotificationLine) {
	t.say("%s %s: %s, %s", t.bold("Notification"), line.ID, t.severity(string(line.Severity)), words(string(line.Cause)))
	t.say("About:      %s", printable(line.Subject))
	t.say("Connection: %s of organisation %s", line.ConnectionID, line.OrganisationID)
	t.say("Opened:     %s", when(line.OpenedAt))
	t.say("Stands:     %s", t.noticeStanding(line))
	t.say("Next:       %s", printable(line.NextStep))
	if line.Link != "" {
		t.say("Temporal UI: %s", line.Link)
	}
}

// showChannels prints a line for each channel, and for what does not work what to do.
func (t *terminal) showChannels(channels []app.Channel) {
	if len(channels) == 0 {
		t.say("Nobody is told of notifications. Choose where: starter notifications channels set -h")
		return
	}
	var rows []row
	for _, channel := range channels {
		rows = append(rows, row{
			channel.ChannelID, channel.OrganisationID, channel.Kind, printable(channel.Target), "from " + channel.MinimumSeverity,
			t.channelState(channel.State), orDash(channel.Problem), channel.Pending, channel.Refused, sinceOrNever(channel.LastDeliveredAt),
		})
	}
	t.table("", row{"channel", "organisation", "kind", "target", "told", "state", "problem", "waiting", "refused", "last delivered"}, rows...)
	for _, channel := range channels {
		if channel.NextStep != "" {
			t.say("%s: %s", channel.ChannelID, channel.NextStep)
		}
	}
}

func (t *terminal) channelState(state string) string {
	if state == app.ChannelFailing || state == app.ChannelStopped {
		return t.alert(state)
	}
	return state
}

func sinceOrNever(at time.Time) string {
	if at.IsZero() {
		return "never"
	}
	return when(at)
}

func (t *terminal) showSetChannel(channel app.Channel) {
	t.showChannels([]app.Channel{channel})
	if channel.SigningSecret != "" {
		t.say("\nThe receiver checks with this secret (standardwebhooks.com). It is shown this one time:")
		t.say("  %s", channel.SigningSecret)
	}
	t.say("Try it: starter notifications channels test --channel %s", channel.ChannelID)
}

func (t *terminal) showChannelTest(test app.ChannelTest) {
	if test.Delivered {
		t.say("The test has arrived at %s %s.", test.Channel.Kind, printable(test.Channel.Target))
		return
	}
	t.say("%s %s.", t.alert("The test has not arrived:"), printable(test.Problem))
	t.say("Next: mend it there, or set another: starter notifications channels set -h")
	if test.Link != "" {
		t.say("Temporal UI: %s", test.Link)
	}
}
