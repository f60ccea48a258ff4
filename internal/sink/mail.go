package sink

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Step is a point of an SMTP conversation at which a sink can refuse.
type Step string

// The steps.
const (
	AtSender  Step = "sender"
	AtAddress Step = "address"
	AtMail    Step = "mail"
)

// Mailbox is an SMTP server that keeps every mail that it takes. It is safe for
// concurrent use.
type Mailbox struct {
	listener net.Listener
	server   *smtp.Server
	ended    chan struct{}
	password string

	mutex   sync.Mutex
	mails   []string
	refusal map[Step]*smtp.SMTPError
}

// User is who may log in where a password is set.
const User = "worker"

// OpenMailbox listens at an address, such as 127.0.0.1:0. With a password, it may be
// logged in to as User; without one nobody need.
func OpenMailbox(addr, password string) (*Mailbox, error) {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", addr)
	if err != nil {
		return nil, err
	}
	m := &Mailbox{listener: listener, ended: make(chan struct{}), password: password, refusal: map[Step]*smtp.SMTPError{}}
	m.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return session{m}, nil }))
	m.server.Domain, m.server.AllowInsecureAuth, m.server.ErrorLog = "sink.example", true, quiet{}
	go func() { defer close(m.ended); _ = m.server.Serve(listener) }()
	return m, nil
}

// Addr is where it listens, host:port.
func (m *Mailbox) Addr() string { return m.listener.Addr().String() }

// Close ends every conversation and returns once nobody listens.
func (m *Mailbox) Close() {
	_ = m.listener.Close()
	_ = m.server.Close()
	<-m.ended
}

// Mails are those that were taken, in order, each as it came: header and body.
func (m *Mailbox) Mails() []string {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return append([]string(nil), m.mails...)
}

// Refuse lets it answer a code to a step from now on; code 0 takes everything again.
func (m *Mailbox) Refuse(step Step, code int, text string) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	delete(m.refusal, step)
	if code != 0 {
		m.refusal[step] = &smtp.SMTPError{Code: code, EnhancedCode: smtp.NoEnhancedCode, Message: text}
	}
}

func (m *Mailbox) answer(step Step) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if refusal := m.refusal[step]; refusal != nil {
		return refusal
	}
	return nil
}

// session is one conversation.
type session struct{ *Mailbox }

func (s session) AuthMechanisms() []string {
	if s.password == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (s session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		if username != User || password != s.password {
			return errors.New("not welcome")
		}
		return nil
	}), nil
}

func (s session) Mail(string, *smtp.MailOptions) error { return s.answer(AtSender) }
func (s session) Rcpt(string, *smtp.RcptOptions) error { return s.answer(AtAddress) }
func (s session) Reset()                               {}
func (s session) Logout() error                        { return nil }

func (s session) Data(from io.Reader) error {
	text, err := io.ReadAll(from)
	if err == nil {
		err = s.answer(AtMail)
	}
	if err != nil {
		return err
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.mails = append(s.mails, string(text))
	return nil
}

// quiet keeps broken conversations, which tests make, off the log.
type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}
