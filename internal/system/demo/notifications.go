package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/quotedprintable"
	"net/mail"
	"slices"
	"strings"

	"go.temporal.io/sdk/client"

	"github.com/eitje/connexie-worker/internal/sink"
	"github.com/eitje/connexie-worker/workflows"
)

// Receivers are where the story's notifications are delivered: a mail server and a
// webhook on this machine.
type Receivers struct {
	Mailbox *sink.Mailbox
	Hook    *sink.Hook
}

// chooseChannels says where the organisation wants to be told (N1).
func (s *Story) chooseChannels(ctx context.Context) error {
	channel := func(more ...string) []string {
		return append([]string{"notifications", "channels", "set", "--organisation", s.main().Organisation.ID}, more...)
	}
	if err := s.ask(ctx, "", new(json.RawMessage), channel("--webhook", s.Hook.URL(), "--severity", "info")...); err != nil {
		return err
	}
	s.say("\n$ starter %s\n", line(channel("--webhook", s.Hook.URL(), "--severity", "info")))
	s.say("  The secret that its calls are signed with is shown once, and not in a story (N3).\n")
	return s.run(ctx, channel("--email", "payroll@example.com", "--severity", "warning")...)
}

// whatWasTold shows the notifications that all of it opened and closed, and holds what
// was delivered against them (N1).
func (s *Story) whatWasTold(ctx context.Context) error {
	if err := s.deliver(ctx); err != nil {
		return err
	}
	type tally struct {
		Cause        string
		Open, Closed int
	}
	told, err := rows[tally](ctx, s, `
		select cause, (count(*) filter (where closed_at is null))::int, (count(*) filter (where closed_at is not null))::int
		  from connexie.notifications where connection_id = $1 group by cause order by cause`, s.connection())
	if err != nil {
		return err
	}
	lines := make([][]string, 0, len(told))
	for _, t := range told {
		lines = append(lines, []string{t.Cause, fmt.Sprint(t.Open), fmt.Sprint(t.Closed)})
	}
	s.table([]string{"cause", "open", "closed by itself"}, lines)
	if err := s.readOne(ctx); err != nil {
		return err
	}
	if err := s.delivered(ctx); err != nil {
		return err
	}
	return s.showMail()
}

// readOne lets a manager say of one notification that it is seen, and of one that it can
// wait.
func (s *Story) readOne(ctx context.Context) error {
	open, err := texts(ctx, s, `
		select id::text from connexie.notifications
		 where connection_id = $1 and closed_at is null and cause = 'disputed' order by subject limit 2`, s.connection())
	if err != nil {
		return err
	}
	if err := s.run(ctx, "notifications", "read", "--notification", open[0], "--by", "manager_7"); err != nil {
		return err
	}
	err = s.run(ctx, "notifications", "snooze", "--notification", open[1], "--until", string(s.Today.AddDays(7)), "--by", "manager_7")
	if err != nil {
		return err
	}
	return s.claims(ctx,
		claim{"one is read, and one says nothing for a week (N1)", `
			select (select read_by = 'manager_7' from connexie.notifications where id = $1)
			   and (select snoozed_until > now() from connexie.notifications where id = $2)`, []any{open[0], open[1]}})
}

// deliver has the schedule deliver at once, as it does every minute, until nothing waits.
func (s *Story) deliver(ctx context.Context) error {
	delivering := s.Temporal.ScheduleClient().GetHandle(ctx, workflows.DeliverNotificationsID)
	if err := delivering.Trigger(ctx, client.ScheduleTriggerOptions{}); err != nil {
		return fmt.Errorf("have notifications delivered: %w", err)
	}
	return s.await(ctx, "not everything was delivered", `
		select not exists (select from connexie.notification_deliveries where state <> 'delivered')`)
}

// delivered holds the events against what arrived at the webhook.
func (s *Story) delivered(ctx context.Context) error {
	due, err := value[int](ctx, s, `
		select count(*)::int from connexie.notification_deliveries d join connexie.notification_channels c on c.id = d.channel_id
		 where c.kind = 'webhook'`)
	if err != nil {
		return err
	}
	arrived := map[string]bool{}
	kinds := map[string]int{}
	for _, call := range s.Hook.Calls() {
		if arrived[call.ID()] {
			continue // a repetition, which the id tells
		}
		arrived[call.ID()] = true
		var event struct{ Type string }
		if err := json.Unmarshal([]byte(call.Body), &event); err != nil {
			return fmt.Errorf("read what the webhook was sent: %w", err)
		}
		kinds[event.Type]++
	}
	words := []word{}
	for kind, number := range kinds {
		words = append(words, word{kind, number})
	}
	slices.SortFunc(words, func(a, b word) int { return strings.Compare(a.Word, b.Word) })
	s.counts("arrived at the webhook", words)
	if err := s.holds(len(arrived) == due && due > 0, "the webhook was told of all %d events, each once by its id (N1)", due); err != nil {
		return err
	}
	return s.holds(kinds["notification.closed"] > 0, "also of what closed by itself")
}

// linesOfMail are how much of a mail is shown.
const linesOfMail = 32

// showMail shows the beginning of the first mail that arrived: what is due together is
// one mail.
func (s *Story) showMail() error {
	mails := s.Mailbox.Mails()
	if err := s.holds(len(mails) > 0, "the mailbox was told as well: what was due together is one mail"); err != nil {
		return err
	}
	message, err := mail.ReadMessage(strings.NewReader(mails[0]))
	if err != nil {
		return fmt.Errorf("read the mail: %w", err)
	}
	body, err := io.ReadAll(quotedprintable.NewReader(message.Body))
	if err != nil {
		return fmt.Errorf("read the mail: %w", err)
	}
	text := fmt.Sprintf("To: %s\nSubject: %s\nMessage-ID: %s\n\n%s", message.Header.Get("To"), message.Header.Get("Subject"),
		message.Header.Get("Message-ID"), strings.ReplaceAll(string(body), "\r\n", "\n"))
	lines := strings.Split(text, "\n")
	s.say("\n%s\n  …\n", indent(strings.Join(lines[:min(len(lines), linesOfMail)], "\n")))
	return nil
}
