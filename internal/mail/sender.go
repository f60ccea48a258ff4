package mail

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/eitje/connexie-worker/internal/domain"
)

// TLS is how the way to the server is protected.
type TLS string

// The modes.
const (
	// StartTLS begins in the clear and goes on under TLS, or not at all.
	StartTLS TLS = "starttls"
	// Implicit is TLS from the first byte.
	Implicit TLS = "tls"
	// Plain is no TLS, for a server on this machine.
	Plain TLS = "none"
)

// defaultTimeout bounds each step of one attempt; below a heartbeat.
const defaultTimeout = 10 * time.Second

// Options say which server sends, and for whom.
type Options struct {
	// Addr is host:port; empty where there is no server, and everything waits.
	Addr string
	// From is the sender's address.
	From     string
	Username string
	// Password gives the password where it is used and nowhere else (N3).
	Password func() string
	TLS      TLS
	Timeout  time.Duration
	// TLSConfig is for tests with a certificate of their own.
	TLSConfig *tls.Config
}

// Sender sends mails through one server. It is safe for concurrent use; each mail has a
// connection of its own, since there is one a minute at most to an address.
type Sender struct{ options Options }

// New connects to nothing.
func New(options Options) *Sender { return &Sender{options} }

// NoServer is the problem of a channel while no server is configured.
const NoServer = "the worker has no SMTP server: set SMTP_ADDR and SMTP_FROM"

// Envelope is a mail to one address.
type Envelope struct {
	// ChannelID is that of the channel that the address belongs to.
	ChannelID string
	To        string
	// Events are in order; the first one leads.
	Events []domain.NoticeEvent
	// Link, which may be empty, gives where somebody can look at a connection.
	Link func(connectionID string) string
}

// Send sends one mail.
func (s *Sender) Send(ctx context.Context, envelope Envelope) domain.Attempt {
	if s.options.Addr == "" {
		return domain.Attempt{Result: domain.SendLater, Problem: NoServer}
	}
	message, err := s.message(envelope)
	if err != nil {
		return domain.Attempt{Result: domain.SendRefused, Problem: "its address, or that of SMTP_FROM, cannot be used"}
	}
	client, err := s.client()
	if err != nil {
		return domain.Attempt{Result: domain.SendLater, Problem: "the worker's SMTP settings cannot be used"}
	}
	if err := client.DialWithContext(ctx); err != nil {
		return domain.Attempt{Result: domain.SendLater, Problem: undialled(err)}
	}
	// Where the goodbye fails the mail is on its way nonetheless.
	defer func() { _ = client.Close() }()
	return judge(client.Send(message))
}

func (s *Sender) client() (*mail.Client, error) {
	host, port, err := net.SplitHostPort(s.options.Addr)
	if err != nil {
		return nil, errors.New("the address of the server is not host:port")
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, errors.New("the port of the server is no number")
	}
	options := []mail.Option{mail.WithPort(number), mail.WithTimeout(cmp.Or(s.options.Timeout, defaultTimeout)), mail.WithoutNoop()}
	if s.options.TLSConfig != nil {
		options = append(options, mail.WithTLSConfig(s.options.TLSConfig))
	}
	switch s.options.TLS {
	case Implicit:
		options = append(options, mail.WithSSL(), mail.WithTLSPolicy(mail.NoTLS))
	case Plain:
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if s.options.Username != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover),
			mail.WithUsername(s.options.Username), mail.WithPassword(s.options.Password()))
	}
	return mail.NewClient(host, options...)
}

func (s *Sender) message(envelope Envelope) (*mail.Msg, error) {
	message := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := message.From(s.options.From); err != nil {
		return nil, err
	}
	if err := message.To(envelope.To); err != nil {
		return nil, err
	}
	_, host, _ := strings.Cut(s.options.From, "@")
	lead := envelope.Events[0]
	message.SetMessageIDWithValue(fmt.Sprintf("%s@%s", lead.ID, strings.Trim(host, "<> ")))
	message.SetDateWithValue(lead.At)
	message.SetGenHeader("Auto-Submitted", "auto-generated")
	envelope.Events = latest(envelope.Events)
	message.Subject(subject(envelope.Events))
	message.SetBodyString(mail.TypeTextPlain, text(envelope))
	return message, nil
}

// undialled says why the server could not be spoken to. All of it passes by itself, or
// with other settings of the worker, and is nobody's fault at the address.
func undialled(err error) string {
	var (
		name        *net.DNSError
		certificate *tls.CertificateVerificationError
		network     net.Error
		answer      *textproto.Error
	)
	switch {
	case errors.As(err, &name):
		return "the host of SMTP_ADDR has no address"
	case errors.As(err, &certificate):
		return "the certificate of the SMTP server is not trusted"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return "the SMTP server did not answer in time"
	case errors.As(err, &answer):
		return fmt.Sprintf("the SMTP server answered %d before any mail: look at SMTP_USERNAME and SMTP_PASSWORD", answer.Code)
	}
	return "the SMTP server cannot be spoken to: look at SMTP_ADDR, SMTP_TLS, SMTP_USERNAME and SMTP_PASSWORD"
}

// judge tells what sending came to: a server that refuses for good, with 5xx, refuses
// the address or the mail.
func judge(err error) domain.Attempt {
	if err == nil {
		return domain.Attempt{Result: domain.Delivered}
	}
	var failure *mail.SendError
	if !errors.As(err, &failure) {
		return domain.Attempt{Result: domain.SendLater, Problem: "the SMTP server was lost while sending"}
	}
	code := failure.ErrorCode()
	switch {
	case failure.IsTemp(), code < 500, failure.Reason == mail.ErrSMTPMailFrom:
		// A sender that is refused is a matter of SMTP_FROM, not of the address.
		return domain.Attempt{Result: domain.SendLater, Problem: smtpProblem(code, failure.Reason)}
	}
	return domain.Attempt{Result: domain.SendRefused, Problem: smtpProblem(code, failure.Reason)}
}

func smtpProblem(code int, reason mail.SendErrReason) string {
	step := "the mail"
	switch reason {
	case mail.ErrSMTPMailFrom:
		step = "the sender SMTP_FROM"
	case mail.ErrSMTPRcptTo:
		step = "the address"
	}
	if code == 0 {
		return "the SMTP server was lost at " + step
	}
	return fmt.Sprintf("the SMTP server answered %d to %s", code, step)
}
