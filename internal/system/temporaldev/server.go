package temporaldev

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/temporalio/ui-server/v2/server"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/temporal"
)

// readyTimeout bounds the wait for a started server to answer.
const readyTimeout = 60 * time.Second

// Server is a running server.
type Server struct {
	Address   string `json:"address"`
	UI        string `json:"ui,omitempty"`
	Namespace string `json:"namespace"`

	temporal temporal.Server
	ui       *server.Server
	release  func()
}

// Start prepares the databases, runs the server and its Web UI, and returns
// when both answer. When it fails, nothing is left running.
func Start(ctx context.Context, o Options) (*Server, error) {
	at, err := o.validate()
	if err != nil {
		return nil, err
	}
	db, err := openDatabases(o)
	if err != nil {
		return nil, err
	}
	p, err := choosePorts(at.host, at.port, o.UIPort)
	if err != nil {
		return nil, err
	}
	if err := db.create(ctx); err != nil {
		return nil, err
	}
	release, err := db.lock(ctx)
	if err != nil {
		return nil, err
	}
	s := &Server{
		Address:   net.JoinHostPort(at.host, strconv.Itoa(p.frontend)),
		Namespace: o.Namespace,
		release:   release,
	}
	if err := s.start(ctx, o, db, at.host, p); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

func (s *Server) start(ctx context.Context, o Options, db *databases, host string, p ports) (err error) {
	if err := db.prepare(o.Namespace); err != nil {
		return err
	}
	logger := log.NewZapLogger(log.BuildZapLogger(log.Config{Level: o.LogLevel}))
	s.temporal, err = temporal.NewServer(
		temporal.WithConfig(serverConfig(db, host, p)),
		temporal.ForServices(temporal.DefaultServices),
		temporal.WithStaticHosts(staticHosts(p)),
		temporal.WithDynamicConfigClient(dynamicConfig()),
		temporal.WithLogger(logger),
		temporal.WithAuthorizer(authorization.NewNoopAuthorizer()),
		temporal.WithClaimMapper(func(*config.Config) authorization.ClaimMapper {
			return authorization.NewNoopClaimMapper()
		}),
	)
	if err != nil {
		return fmt.Errorf("assemble the Temporal server: %w", err)
	}
	if err := s.temporal.Start(); err != nil {
		return fmt.Errorf("start the Temporal server: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	if err := s.awaitServer(ctx); err != nil {
		return err
	}
	if o.Headless {
		return nil
	}
	s.ui = newUI(o, host, p)
	go func() { _ = s.ui.Start() }() // returns when stopped; a taken port was ruled out
	s.UI = "http://" + net.JoinHostPort(host, strconv.Itoa(p.ui))
	return awaitUI(ctx, s.UI)
}

// awaitServer asks for the namespace until the server knows it.
func (s *Server) awaitServer(ctx context.Context) error {
	return await(ctx, "the Temporal server", func(ctx context.Context) error {
		c, err := client.DialContext(ctx, client.Options{
			HostPort: s.Address, Namespace: s.Namespace, Logger: sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)),
		})
		if err != nil {
			return err
		}
		defer c.Close()
		_, err = c.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: s.Namespace})
		return err
	})
}

func awaitUI(ctx context.Context, address string) error {
	return await(ctx, "the Web UI", func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/healthz", nil)
		if err != nil {
			return err
		}
		answer, err := (&http.Client{Timeout: time.Second}).Do(request)
		if err != nil {
			return err
		}
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			return errors.New(answer.Status)
		}
		return nil
	})
}

func await(ctx context.Context, what string, ready func(context.Context) error) error {
	for {
		err := ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer: %w", what, err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Stop ends the Web UI and the server. Workflows stay in the database and go on
// when a server is started on it again.
func (s *Server) Stop() {
	if s.ui != nil {
		s.ui.Stop()
	}
	if s.temporal != nil {
		_ = s.temporal.Stop() // it logs what goes wrong
	}
	s.release()
}
