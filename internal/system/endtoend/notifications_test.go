package endtoend

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"github.com/eitje/connexie-worker/internal/app"
	"github.com/eitje/connexie-worker/internal/config"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/sink"
	"github.com/eitje/connexie-worker/workflows"
)

// keyed is an operator who can seal secrets.
func (s *system) keyed(t *testing.T) *app.Operator {
	t.Helper()
	operator, err := app.OpenOperator(t.Context(), s.starter, zap.NewNop(), config.PartDatabase, config.PartKeys, config.PartTemporal)
	require.NoError(t, err)
	t.Cleanup(operator.Close)
	return operator
}

func openHook(t *testing.T) *sink.Hook {
	t.Helper()
	hook := sink.OpenHook()
	t.Cleanup(hook.Close)
	return hook
}

var deliveries atomic.Int64

// startDelivery starts what the schedule starts every minute.
func (s *system) startDelivery(t *testing.T) client.WorkflowRun {
	t.Helper()
	id := fmt.Sprintf("%s-by-hand-%d", workflows.DeliverNotificationsID, deliveries.Add(1))
	run, err := s.temporal.ExecuteWorkflow(t.Context(), options(id), workflows.TypeDeliverNotifications, struct{}{})
	require.NoError(t, err)
	return run
}

func (s *system) deliver(t *testing.T) (client.WorkflowRun, workflows.DeliverNotificationsResult) {
	t.Helper()
	run := s.startDelivery(t)
	return run, result[workflows.DeliverNotificationsResult](t, run)
}

// hookEvent is what a webhook was told about one subject.
type hookEvent struct {
	Type string
	Data struct {
		EventID  string `json:"event_id"`
		Cause    string
		Subject  string
		Severity string
		NextStep string `json:"next_step"`
	}
}

// heard is what a webhook was told about a cause and subject.
func heard(t *testing.T, hook *sink.Hook, cause domain.Cause, subject string) []hookEvent {
	t.Helper()
	var all []hookEvent
	for _, call := range hook.Calls() {
		var one hookEvent
		require.NoError(t, json.Unmarshal([]byte(call.Body), &one))
		require.Equal(t, call.ID(), one.Data.EventID)
		if one.Data.Subject == subject && one.Data.Cause == string(cause) {
			all = append(all, one)
		}
	}
	return all
}

// deliveredNotifications lets a sync open a notification and close it again, and waits
// for both at a webhook and in a mailbox.
func deliveredNotifications(t *testing.T, s *system) {
	o := s.small(t, "Meldingen", 3)
	blank := o.employeeID(1)
	o.change(t, blank, func(e *sandbox.Employee) { e.Email = sandbox.Some(" ") })
	operator, hook := s.keyed(t), openHook(t)
	webhook, err := operator.SetChannel(t.Context(), app.ChannelSetting{OrganisationID: o.Organisation.ID, Webhook: hook.URL()})
	require.NoError(t, err)
	mailbox, err := operator.SetChannel(t.Context(), app.ChannelSetting{OrganisationID: o.Organisation.ID, Email: "payroll@example.com"})
	require.NoError(t, err)

	t.Run("a test arrives at once", func(t *testing.T) {
		test, err := operator.TestChannel(t.Context(), webhook.ChannelID)
		require.NoError(t, err)
		require.True(t, test.Delivered, test.Problem)
		require.Contains(t, hook.Calls()[0].Body, `"notification.test"`)
		verifier, err := standardwebhooks.NewWebhook(webhook.SigningSecret)
		require.NoError(t, err)
		require.NoError(t, verifier.Verify([]byte(hook.Calls()[0].Body), hook.Calls()[0].Header))
		o.record(t, "test", s.latest(workflows.TestChannelID(webhook.ChannelID)))
	})
	o.settle(t)
	run, _ := s.deliver(t)
	opened := heard(t, hook, domain.CauseEmailBlank, blank)
	require.Len(t, opened, 1)
	require.Equal(t, "notification.opened", opened[0].Type)
	require.NotEmpty(t, opened[0].Data.NextStep)
	mail := s.mailAbout(t, mailbox.ChannelID, blank, 1)
	require.Contains(t, mail[0], "email blank")
	o.record(t, "ok", run)

	t.Run("a snoozed one is silent and comes again", func(t *testing.T) {
		id := value[string](t, s, `select id::text from connexie.notifications where connection_id = $1 and subject = $2`, o.connection, blank)
		soon := time.Now().Add(2 * time.Second)
		_, err := operator.SnoozeNotification(t.Context(), id, soon.Format(time.RFC3339Nano), "user_42")
		require.NoError(t, err)
		lines, err := operator.Notifications(t.Context(), app.NotificationQuery{ConnectionID: o.connection, Limit: 100})
		require.NoError(t, err)
		for _, line := range lines {
			require.NotEqual(t, id, line.ID)
		}
		require.Eventually(t, func() bool { s.deliver(t); return len(heard(t, hook, domain.CauseEmailBlank, blank)) == 2 }, patience, glance)
		require.Equal(t, "notification.due_again", heard(t, hook, domain.CauseEmailBlank, blank)[1].Type)
	})

	o.change(t, blank, func(e *sandbox.Employee) { e.Email = sandbox.Some(blank + "@example.com") })
	o.sync(t)
	hook.AnswerNext(sink.Answer{Lost: true})
	again, delivered := s.deliver(t)
	require.Equal(t, workflows.DeliveredProblems, delivered.Outcome, "a receiver that fails is a result")
	o.record(t, "problems", again)
	test, err := operator.TestChannel(t.Context(), webhook.ChannelID)
	require.NoError(t, err)
	require.True(t, test.Delivered)
	s.deliver(t)
	closed := heard(t, hook, domain.CauseEmailBlank, blank)
	require.Equal(t, "notification.closed", closed[len(closed)-1].Type)
	requireOneRepetition(t, hook)
	require.Contains(t, s.mailAbout(t, mailbox.ChannelID, blank, 3)[2], "Closed")

	t.Run("N4 N3 nothing private is sent, logged or kept in clear", func(t *testing.T) {
		for _, call := range hook.Calls() {
			o.requireImpersonal(t, "a webhook", call.Body)
		}
		o.requireImpersonal(t, "the mails", strings.Join(s.mailAbout(t, mailbox.ChannelID, "", 3), "\n"))
		require.NotContains(t, s.logs.String(), strings.TrimPrefix(webhook.SigningSecret, "whsec_"))
		require.NotContains(t, s.logs.String(), "payroll@example.com")
		require.NotContains(t, s.logs.String(), "/hooks/connexie")
	})
	t.Run("the schedule does the same", func(t *testing.T) {
		schedule := s.temporal.ScheduleClient().GetHandle(t.Context(), workflows.DeliverNotificationsID)
		_, err := s.store.OpenNotices(t.Context(), o.connection, []domain.Notice{domain.RefusedRecordNotice("per_of_schedule")}, time.Now())
		require.NoError(t, err)
		require.NoError(t, schedule.Trigger(t.Context(), client.ScheduleTriggerOptions{}))
		require.Eventually(t, func() bool { return len(heard(t, hook, domain.CauseBadRecord, "per_of_schedule")) == 1 }, patience, glance)
	})
}

// requireOneRepetition wants the event whose answer was lost twice, the same in all, and
// every other once.
func requireOneRepetition(t *testing.T, hook *sink.Hook) {
	t.Helper()
	bodies, repeated := map[string]string{}, 0
	for _, call := range hook.Calls() {
		if body, known := bodies[call.ID()]; known {
			require.Equal(t, body, call.Body)
			repeated++
		}
		bodies[call.ID()] = call.Body
	}
	require.Equal(t, 1, repeated)
}

// mailAbout are the mails of a channel that name a subject, of which there must be so
// many.
func (s *system) mailAbout(t *testing.T, channelID, subject string, number int) []string {
	t.Helper()
	var found []string
	for _, mail := range s.mailbox.Mails() {
		mail = strings.ReplaceAll(mail, "=\r\n", "") // lines that were broken on the way
		if strings.Contains(mail, channelID) && strings.Contains(mail, subject) {
			found = append(found, mail)
		}
	}
	require.Len(t, found, number)
	return found
}

// TestNotifications_N1_AWorkerKilledWhileItSends kills the worker, kill -9, when the
// receiver has what was sent and the worker does not know it yet: it comes again, and
// is the same event.
func TestNotifications_N1_AWorkerKilledWhileItSends(t *testing.T) {
	t.Parallel()
	s := bringUp(t, shared(t))
	o := s.small(t, "Meldingen", 1)
	operator, hook := s.keyed(t), openHook(t)
	_, err := operator.SetChannel(t.Context(), app.ChannelSetting{OrganisationID: o.Organisation.ID, Webhook: hook.URL()})
	require.NoError(t, err)
	_, err = s.store.OpenNotices(t.Context(), o.connection, []domain.Notice{domain.RefusedRecordNotice("per_1"), domain.RefusedRecordNotice("per_2")}, time.Now())
	require.NoError(t, err)
	hook.AnswerNext(sink.Answer{}, sink.Answer{Silent: true})
	worker := s.launch(t, s.url)
	run := s.startDelivery(t)
	require.Eventually(t, func() bool { return len(hook.Calls()) == 2 }, patience, glance)
	worker.Kill()
	s.launch(t, s.url)
	// What a minute and a half would do.
	o.edit(t, `update connexie.notification_channels set leased_until = now() where leased_until is not null`)
	result[workflows.DeliverNotificationsResult](t, run)
	calls := hook.Calls()
	require.Len(t, calls, 3, "the first was noted and does not come again")
	require.Equal(t, calls[1].ID(), calls[2].ID())
	require.Equal(t, calls[1].Body, calls[2].Body)
	require.Zero(t, value[int](t, s, `select count(*) from connexie.notification_deliveries where state <> 'delivered'`))
}
