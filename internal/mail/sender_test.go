package mail_test

import (
	"fmt"
	"io"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/mail"
	"github.com/eitje/connexie-worker/internal/sink"
)

const (
	organisation = "0190a1b2-0000-7000-8000-000000000001"
	connection   = "0190a1b2-0000-7000-8000-000000000002"
	recipient    = "payroll@example.com"
	password     = "hunter2"
)

var at = time.Date(2026, time.November, 22, 15, 4, 5, 0, time.UTC)

func event(number int, kind domain.EventKind, severity domain.Severity, cause domain.Cause, subject, next string) domain.NoticeEvent {
	return domain.NoticeEvent{
		ID: fmt.Sprintf("5b0f0c1e-0000-5000-8000-%012d", number), Kind: kind, At: at, NotificationID: subject + string(cause), OrganisationID: organisation,
		ConnectionID: connection, Cause: cause, Subject: subject, Severity: severity, NextStep: next,
	}
}

var opened = event(1, domain.EventOpened, domain.SeverityWarning, domain.CauseDisputed, "per_1", "Decide.")

// inbox is a real SMTP server that keeps what it takes.
type inbox struct{ *sink.Mailbox }

func newInbox(t *testing.T) inbox {
	t.Helper()
	mailbox, err := sink.OpenMailbox("127.0.0.1:0", password)
	require.NoError(t, err)
	t.Cleanup(mailbox.Close)
	return inbox{mailbox}
}

func (i inbox) only(t *testing.T) (*netmail.Message, string) {
	t.Helper()
	mails := i.Mails()
	require.Len(t, mails, 1)
	message, err := netmail.ReadMessage(strings.NewReader(mails[0]))
	require.NoError(t, err)
	body, err := io.ReadAll(quotedprintable.NewReader(message.Body))
	require.NoError(t, err)
	return message, strings.ReplaceAll(string(body), "\r\n", "\n")
}

func (i inbox) sender() *mail.Sender {
	return mail.New(mail.Options{Addr: i.Addr(), From: "notifications@eitje.example", TLS: mail.Plain, Timeout: 5 * time.Second})
}

func envelope(events ...domain.NoticeEvent) mail.Envelope {
	return mail.Envelope{ChannelID: "0190a1b2-0000-7000-8000-000000000009", To: recipient, Events: events, Link: func(id string) string {
		return "https://temporal.example/" + id
	}}
}

func TestSend_N1_AMailSaysWhatToDoUnderTheIDOfTheEvent(t *testing.T) {
	t.Parallel()
	s := newInbox(t)
	require.Equal(t, domain.Attempt{Result: domain.Delivered}, s.sender().Send(t.Context(), envelope(opened)))
	message, body := s.only(t)
	require.Equal(t, "<"+opened.ID+"@eitje.example>", message.Header.Get("Message-Id"))
	require.Equal(t, "[Connexie] warning: disputed", message.Header.Get("Subject"))
	require.Equal(t, "<"+recipient+">", message.Header.Get("To"))
	require.Equal(t, "auto-generated", message.Header.Get("Auto-Submitted"))
	require.Equal(t, `Notifications about the connection to Connexie of organisation `+organisation+`.

New
---

warning: disputed
  About:      per_1
  Next step:  Decide.
  Connection: `+connection+`
  Look:       https://temporal.example/`+connection+`

Everything that is open: starter notifications list --organisation `+organisation+`
This address is channel 0190a1b2-0000-7000-8000-000000000009. To change that: starter notifications channels -h
`, body)
}

func TestSend_N1_SeveralEventsAreOneMail(t *testing.T) {
	t.Parallel()
	s := newInbox(t)
	events := []domain.NoticeEvent{opened}
	for i := range 60 {
		events = append(events, event(i+2, domain.EventOpened, domain.SeverityCritical, domain.CauseBadRecord, fmt.Sprintf("per_%d", i), "Mend it."))
	}
	events = append(events,
		event(70, domain.EventToldAnew, domain.SeverityInfo, domain.CauseEmailDiffers, "per_7", "Look."),
		event(71, domain.EventDueAgain, domain.SeverityInfo, domain.CauseEmailDiffers, "per_8", "Look."),
		event(72, domain.EventClosed, domain.SeverityWarning, domain.CauseDisputed, "per_9", "Decide."))
	require.Equal(t, domain.Delivered, s.sender().Send(t.Context(), envelope(events...)).Result)
	message, body := s.only(t)
	require.Equal(t, "<"+opened.ID+"@eitje.example>", message.Header.Get("Message-Id"), "the first one leads")
	require.Equal(t, "[Connexie] 64 notifications: 60 critical, 1 warning, 2 info, 1 closed", message.Header.Get("Subject"))
	require.Less(t, strings.Index(body, "critical: bad record"), strings.Index(body, "warning: disputed"), "the most severe first")
	require.Contains(t, body, "per_49 and 10 more\n")
	for _, section := range []string{"\nNew\n---\n", "\nChanged\n", "\nDue again\n", "\nClosed: the cause is gone, nothing need be done\n"} {
		require.Contains(t, body, section)
	}
	require.Equal(t, 1, strings.Count(body, "Mend it."))
}

func TestSend_N1_AMailThatWaitedTellsWhatHappenedLast(t *testing.T) {
	t.Parallel()
	s := newInbox(t)
	closed := event(3, domain.EventClosed, domain.SeverityWarning, domain.CauseDisputed, "per_1", "Decide.")
	other := event(2, domain.EventOpened, domain.SeverityWarning, domain.CauseDisputed, "per_2", "Decide.")
	require.Equal(t, domain.Delivered, s.sender().Send(t.Context(), envelope(opened, other, closed)).Result)
	message, body := s.only(t)
	require.Equal(t, "[Connexie] 2 notifications: 1 warning, 1 closed", message.Header.Get("Subject"))
	require.Contains(t, message.Header.Get("Message-ID"), opened.ID, "the key is that of the first event all the same")
	require.Equal(t, 1, strings.Count(body, "per_1"), body)
	require.Less(t, strings.Index(body, "per_2"), strings.Index(body, "Closed"), body)
}

func TestSend_ATestSaysThatNothingNeedBeDone(t *testing.T) {
	t.Parallel()
	s := newInbox(t)
	require.Equal(t, domain.Delivered, s.sender().Send(t.Context(), envelope(domain.Testing("id", organisation, at))).Result)
	message, body := s.only(t)
	require.Equal(t, "[Connexie] test of this channel", message.Header.Get("Subject"))
	require.Contains(t, body, "Nothing need be done")
}

// The server's words repeat addresses; ours have its code alone.
func TestSend_N6_N4_TellsWhatPassesFromWhatDoesNot(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		step sink.Step
		code int
		want domain.Attempt
	}{
		"unknown address": {sink.AtAddress, 550, domain.Attempt{Result: domain.SendRefused, Problem: "the SMTP server answered 550 to the address"}},
		"greylisted":      {sink.AtAddress, 451, domain.Attempt{Result: domain.SendLater, Problem: "the SMTP server answered 451 to the address"}},
		"wrong sender":    {sink.AtSender, 553, domain.Attempt{Result: domain.SendLater, Problem: "the SMTP server answered 553 to the sender SMTP_FROM"}},
		"taken for spam":  {sink.AtMail, 554, domain.Attempt{Result: domain.SendRefused, Problem: "the SMTP server answered 554 to the mail"}},
		"full":            {sink.AtMail, 452, domain.Attempt{Result: domain.SendLater, Problem: "the SMTP server answered 452 to the mail"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newInbox(t)
			s.Refuse(test.step, test.code, recipient+" is not known here")
			require.Equal(t, test.want, s.sender().Send(t.Context(), envelope(opened)))
			require.Empty(t, s.Mails())
		})
	}
}

func TestSend_N3_AServerThatCannotBeSpokenToIsTriedLater(t *testing.T) {
	t.Parallel()
	s := newInbox(t)
	secret := func() string { return "wrong-" + password }
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = silent.Close() })
	const settings = "the SMTP server cannot be spoken to: look at SMTP_ADDR, SMTP_TLS, SMTP_USERNAME and SMTP_PASSWORD"
	for name, test := range map[string]struct {
		options mail.Options
		problem string
	}{
		"not configured":  {mail.Options{}, mail.NoServer},
		"nobody there":    {mail.Options{Addr: "127.0.0.1:1", TLS: mail.Plain}, settings},
		"no TLS to begin": {mail.Options{Addr: s.Addr(), TLS: mail.StartTLS}, settings},
		"no TLS at all":   {mail.Options{Addr: s.Addr(), TLS: mail.Implicit}, settings},
		"silent":          {mail.Options{Addr: silent.Addr().String(), TLS: mail.Plain, Timeout: 200 * time.Millisecond}, "the SMTP server did not answer in time"},
		"no port":         {mail.Options{Addr: "127.0.0.1", TLS: mail.Plain}, "the worker's SMTP settings cannot be used"},
		"wrong password":  {mail.Options{Addr: s.Addr(), TLS: mail.Plain, Username: "worker", Password: secret}, settings},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.options.From = "notifications@eitje.example"
			tried := mail.New(test.options).Send(t.Context(), envelope(opened))
			require.Equal(t, domain.Attempt{Result: domain.SendLater, Problem: test.problem}, tried)
		})
	}
}

func TestSend_AnAddressThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	bad := envelope(opened)
	bad.To = "jan@example.com\r\nBcc: eve@example.com"
	s := newInbox(t)
	require.Equal(t, domain.Attempt{Result: domain.SendRefused, Problem: "its address, or that of SMTP_FROM, cannot be used"},
		s.sender().Send(t.Context(), bad))
}
