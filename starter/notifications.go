package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/eitje/connexie-worker/internal/app"
)

// mostNotifications is how many one list may hold.
const mostNotifications = 10_000

func notificationsCommand(t *terminal) *cobra.Command {
	command := &cobra.Command{
		Use:   "notifications",
		Short: "See what needs somebody, say that you have seen it, and choose where to be told",
		Long: `A notification says what happened, to whom, and what to do next. It closes by itself once
its cause is gone. It carries ids, never names.

list shows what is open. read says that somebody has seen one, and snooze keeps one quiet
until a day; it then comes again. channels chooses where an organisation is told:
webhooks and e-mail addresses.

Reads DATABASE_URL and TEMPORAL_UI_URL.`,
		Example: `  starter notifications list
  starter notifications snooze --notification 0190a1b2-0000-7000-8000-000000000008 --until 2026-12-01
  starter notifications channels -h`,
	}
	command.AddCommand(notificationsListCommand(t), notificationsShowCommand(t), notificationsReadCommand(t),
		notificationsSnoozeCommand(t), notificationsUnsnoozeCommand(t), channelsCommand(t))
	t.group(command, "subcommand")
	return command
}

func notificationsListCommand(t *terminal) *cobra.Command {
	var query app.NotificationQuery
	command := &cobra.Command{
		Use:   "list",
		Short: "List what is open, the most severe first",
		Long: `list shows what is open and not snoozed, the most severe first. With --all it shows what is
snoozed and what is closed as well, the latest closed first.`,
		Example: `  starter notifications list
  starter notifications list --organisation 0190a1b2-0000-7000-8000-000000000001 --unread
  starter notifications list --severity critical
  starter notifications list --all --connection 0190a1b2-0000-7000-8000-000000000002`,
		Args: cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error { return listNotifications(ctx, t, query) }),
	}
	f := command.Flags()
	f.StringVar(&query.OrganisationID, "organisation", "", "id of the organisation (default: all)")
	f.StringVar(&query.ConnectionID, "connection", "", "id of the connection (default: all)")
	f.StringVar(&query.Severity, "severity", "", "the least severe to show: info, warning or critical (default: info)")
	f.BoolVar(&query.Unread, "unread", false, "show only what nobody has read")
	f.BoolVar(&query.All, "all", false, "show what is closed or snoozed as well")
	f.IntVar(&query.Limit, "limit", 100, "how many to show")
	return command
}

func listNotifications(ctx context.Context, t *terminal, query app.NotificationQuery) error {
	if err := checkLimit(query.Limit, mostNotifications); err != nil {
		return err
	}
	return withOperator(ctx, needsDatabase, func(ctx context.Context, operator *app.Operator) error {
		found, err := operator.Notifications(ctx, query)
		if err != nil {
			return err
		}
		t.result(map[string]any{"notifications": found}, func() { t.showNotificationList(found, query) })
		return nil
	})
}

func notificationsShowCommand(t *terminal) *cobra.Command {
	return t.oneNotification("show", "Show one in full", "", nil,
		func(ctx context.Context, operator *app.Operator, id, _ string) (app.NotificationLine, error) {
			return operator.Notification(ctx, id)
		})
}

func notificationsReadCommand(t *terminal) *cobra.Command {
	return t.oneNotification("read", "Say that somebody has read one",
		`read says that somebody has read one. Who read it first stays noted. It counts as unread
again when it is told anew with other words, or comes back after a snooze.`, nil,
		func(ctx context.Context, operator *app.Operator, id, by string) (app.NotificationLine, error) {
			return operator.ReadNotification(ctx, id, by)
		})
}

func notificationsSnoozeCommand(t *terminal) *cobra.Command {
	var until string
	command := t.oneNotification("snooze", "Hear nothing of one until a day",
		`snooze keeps an open one from being listed and delivered until a day, from its beginning in
Amsterdam on, or until an instant. It then comes again by itself; before that where
something else is told about it. Snoozing again replaces the day.`, &until,
		func(ctx context.Context, operator *app.Operator, id, by string) (app.NotificationLine, error) {
			return operator.SnoozeNotification(ctx, id, until, by)
		})
	return command
}

func notificationsUnsnoozeCommand(t *terminal) *cobra.Command {
	return t.oneNotification("unsnooze", "Hear of one again", "", nil,
		func(ctx context.Context, operator *app.Operator, id, by string) (app.NotificationLine, error) {
			return operator.UnsnoozeNotification(ctx, id, by)
		})
}

// oneNotification is a command that does something about one notification and shows it.
// until, where given, is the day of a snooze.
func (t *terminal) oneNotification(
	name, short, long string, until *string, act func(ctx context.Context, operator *app.Operator, id, by string) (app.NotificationLine, error),
) *cobra.Command {
	var id, by string
	example := "  starter notifications " + name + " --notification 0190a1b2-0000-7000-8000-000000000008"
	if until != nil {
		example += " --until 2026-12-01"
	}
	command := &cobra.Command{
		Use: name + " --notification ID", Short: short, Long: long, Example: example, Args: cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error {
			return withOperator(ctx, needsDatabase, func(ctx context.Context, operator *app.Operator) error {
				line, err := act(ctx, operator, id, by)
				if err != nil {
					return err
				}
				t.result(line, func() { t.showNotification(line) })
				return nil
			})
		}),
	}
	f := command.Flags()
	f.StringVar(&id, "notification", "", "id of the notification; see: starter notifications list")
	required := []string{"notification"}
	if name != "show" {
		f.StringVar(&by, "by", app.DefaultRequester, "id of who does it, a person or program; never a name")
	}
	if until != nil {
		command.Use += " --until DAY"
		f.StringVar(until, "until", "", "a day, such as 2026-12-01, or an instant, such as 2026-12-01T09:00:00+01:00")
		required = append(required, "until")
	}
	t.require(command, required...)
	return command
}
