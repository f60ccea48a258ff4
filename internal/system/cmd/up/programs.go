package main

import (
	"context"
	"net"
	"strconv"
	"time"

	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/sink"
	"github.com/eitje/connexie-worker/internal/system/demo"
	"github.com/eitje/connexie-worker/internal/system/stack"
)

// Ports of our own programs, taken where they are free.
const (
	sandboxPort = 8085
	metricsPort = 9464
)

// programs are the parts built from the main module, in the order of their start.
func (e *environment) programs() []stack.Component {
	programs := []stack.Component{e.prepare(), e.migrations(), e.organisations(), e.sandbox(), e.worker()}
	if e.demo {
		return append([]stack.Component{e.receive()}, programs...)
	}
	return programs
}

// receive opens a mail server and a webhook, to which the demonstration's notifications
// are delivered.
func (e *environment) receive() stack.Component {
	return stack.Component{Name: "Receivers", Start: func(context.Context, stack.Say) (stack.Running, error) {
		mailbox, err := sink.OpenMailbox(net.JoinHostPort("127.0.0.1", "0"), "")
		if err != nil {
			return stack.Running{}, err
		}
		e.receivers = demo.Receivers{Mailbox: mailbox, Hook: sink.OpenHook()}
		stop := func(context.Context) error { mailbox.Close(); e.receivers.Hook.Close(); return nil }
		return stack.Running{Summary: "a mailbox and a webhook on this machine", Stop: stop}, nil
	}}
}

// prepare makes the database and what the programs must share.
func (e *environment) prepare() stack.Component {
	return stack.Component{Name: "Database", Start: func(ctx context.Context, say stack.Say) (stack.Running, error) {
		if e.demo {
			if err := e.postgres.DropDatabase(ctx, e.database()); err != nil {
				return stack.Running{}, err
			}
		}
		if err := e.postgres.EnsureDatabase(ctx, e.database()); err != nil {
			return stack.Running{}, err
		}
		var err error
		if e.keys, err = encryptionKeys(e.layout); err != nil {
			return stack.Running{}, err
		}
		if e.sandboxPort, err = stack.Port(ctx, sandboxPort, "the sandbox", say); err != nil {
			return stack.Running{}, err
		}
		e.metricsPort, err = stack.Port(ctx, metricsPort, "the worker's metrics", say)
		return stack.Running{Summary: e.database()}, err
	}}
}

// database is the demonstration's own, made anew each time, or the one that stays.
func (e *environment) database() string {
	if e.demo {
		return "connexie_demo"
	}
	return "connexie"
}

// variables configure every program of ours.
func (e *environment) variables() []string {
	variables := []string{
		"DATABASE_URL=" + e.postgres.URL(e.database()),
		"TEMPORAL_ADDRESS=" + e.temporal.Address,
		"TEMPORAL_NAMESPACE=" + e.temporal.Namespace,
		"TEMPORAL_UI_URL=" + e.temporal.UI,
		"CONNEXIE_BASE_URL=" + e.sandboxURL() + "/v1",
		"ENCRYPTION_KEYS=" + e.keys,
		"METRICS_ADDR=" + e.metricsAddr(),
		"LOG_FORMAT=console",
	}
	if e.receivers.Mailbox != nil {
		variables = append(variables,
			"SMTP_ADDR="+e.receivers.Mailbox.Addr(), "SMTP_FROM=connexie-worker@example.com", "SMTP_TLS=none")
	}
	return variables
}

func (e *environment) sandboxURL() string {
	return "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(e.sandboxPort))
}

func (e *environment) metricsAddr() string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(e.metricsPort))
}

func (e *environment) migrations() stack.Component {
	return stack.Program{
		Layout: e.layout, Name: "Migrations", Package: "./starter", Args: []string{"migrate"}, Env: e.variables,
		Summary: func() string { return "schemas, search attributes and the schedules are up to date" },
	}.Step()
}

// organisations writes Eitje's side of what the sandbox holds.
func (e *environment) organisations() stack.Component {
	return stack.Component{Name: "Eitje", Start: func(ctx context.Context, _ stack.Say) (stack.Running, error) {
		var err error
		if e.story, err = demo.New(ctx, e.surroundings()); err != nil {
			return stack.Running{}, err
		}
		stop := func(context.Context) error { e.story.Close(); return nil }
		if err := e.story.SeedEitje(ctx); err != nil {
			_ = stop(ctx)
			return stack.Running{}, err
		}
		return stack.Running{Summary: "three organisations with their team members", Stop: stop}, nil
	}}
}

func (e *environment) sandbox() stack.Component {
	return stack.Component{Name: "Sandbox", Start: func(ctx context.Context, say stack.Say) (stack.Running, error) {
		organisations := demo.Organisations(e.today)
		args := []string{
			"sandbox", "--addr", net.JoinHostPort("127.0.0.1", strconv.Itoa(e.sandboxPort)),
			"--seed", strconv.FormatUint(organisations.Seed, 10), "--today", organisations.Today,
			"--organisations", strconv.Itoa(organisations.Organisations), "--people", strconv.Itoa(organisations.People),
		}
		return stack.Program{
			Layout: e.layout, Name: "Sandbox", Package: "./starter", Args: args, Env: e.variables,
			Ready:   stack.Answers(e.sandboxURL() + "/sandbox/accounts"),
			Summary: func() string { return e.sandboxURL() + "/v1 plays Connexie" },
		}.Service().Start(ctx, say)
	}}
}

func (e *environment) worker() stack.Component {
	return stack.Component{Name: "Worker", Start: func(ctx context.Context, say stack.Say) (stack.Running, error) {
		return stack.Program{
			Layout: e.layout, Name: "Worker", Package: "./worker", Env: e.variables,
			Ready:   stack.Answers("http://" + e.metricsAddr() + "/readyz"),
			Summary: func() string { return "http://" + e.metricsAddr() + "/metrics" },
		}.Service().Start(ctx, say)
	}}
}

func (e *environment) surroundings() demo.Surroundings {
	return demo.Surroundings{
		Starter: e.layout.Program("starter"), Environment: e.variables(),
		DatabaseURL: e.postgres.URL(e.database()), SandboxURL: e.sandboxURL(),
		TemporalUI: e.temporal.UI, Namespace: e.temporal.Namespace, Out: e.out, Today: e.today,
		Receivers: e.receivers,
	}
}

// today is the day that the organisations are made for.
func today() sandbox.Date { return sandbox.DateOf(time.Now()) }
