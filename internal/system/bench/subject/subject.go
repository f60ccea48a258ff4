package subject

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"time"

	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/eitje/connexie-worker/internal/secrets"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/system/stack"
	"github.com/eitje/connexie-worker/workflows"
)

// requestsPerSecond is the most that the worker's configuration takes: Connexie's
// limit is no part of what is measured.
const requestsPerSecond = 1000

// Surroundings are what a subject runs on.
type Surroundings struct {
	Layout          stack.Layout
	DatabaseURL     string
	ConnexieURL     string
	TemporalAddress string
}

// Subject is the integration of one database, with a worker where it was started.
type Subject struct {
	Surroundings

	namespace string
	keys      string
	temporal  client.Client
	store     *store.Store
	metrics   string
	worker    *stack.Child
}

// Build makes the programs from the checkout.
func Build(ctx context.Context, layout stack.Layout, say stack.Say) error {
	for program, source := range map[string]string{workerProgram: "./worker", starterProgram: "./starter"} {
		if _, err := layout.Build(ctx, program, source, say); err != nil {
			return err
		}
	}
	return nil
}

// The programs have names of their own: another test may be building the same source.
const (
	workerProgram  = "bench-worker"
	starterProgram = "bench-starter"
)

// Install prepares a namespace and the database, and pauses the night, which would
// otherwise come at 23:00.
func Install(ctx context.Context, around Surroundings) (*Subject, error) {
	s := &Subject{Surroundings: around, keys: secrets.NewKey()}
	if err := s.install(ctx); err != nil {
		return nil, errors.Join(err, s.Remove(ctx))
	}
	return s, nil
}

func (s *Subject) install(ctx context.Context) (err error) {
	if s.namespace, err = NewNamespace(ctx, s.TemporalAddress); err != nil {
		return err
	}
	if s.temporal, err = Dial(ctx, s.TemporalAddress, s.namespace); err != nil {
		return err
	}
	if s.store, err = store.Open(ctx, s.DatabaseURL, 4); err != nil {
		return err
	}
	port, err := stack.Port(ctx, 0, "the worker's metrics", func(string, ...any) {})
	if err != nil {
		return err
	}
	s.metrics = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	cmd := exec.CommandContext(ctx, s.Layout.Program(starterProgram), "migrate")
	cmd.Env = append(os.Environ(), s.environment()...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("starter migrate: %w\n%s", err, out)
	}
	night := s.temporal.ScheduleClient().GetHandle(ctx, workflows.NightlySyncID)
	return night.Pause(ctx, client.SchedulePauseOptions{Note: "paused by the benchmark"})
}

// environment configures worker and starter.
func (s *Subject) environment() []string {
	return []string{
		"DATABASE_URL=" + s.DatabaseURL,
		"CONNEXIE_BASE_URL=" + s.ConnexieURL,
		"CONNEXIE_REQUESTS_PER_SECOND=" + strconv.Itoa(requestsPerSecond),
		"TEMPORAL_ADDRESS=" + s.TemporalAddress,
		"TEMPORAL_NAMESPACE=" + s.namespace,
		"ENCRYPTION_KEYS=" + s.keys,
		"METRICS_ADDR=" + s.metrics,
	}
}

// Remove stops the worker and gives the namespace back.
func (s *Subject) Remove(ctx context.Context) error {
	err := s.StopWorker(ctx)
	if s.store != nil {
		s.store.Close()
	}
	if s.temporal != nil {
		err = errors.Join(err, DropNamespace(ctx, s.temporal, s.namespace))
		s.temporal.Close()
	}
	return err
}

// NewNamespace makes a namespace of a name that nobody has.
func NewNamespace(ctx context.Context, address string) (string, error) {
	name := fmt.Sprintf("bench-%d-%d", os.Getpid(), time.Now().UnixNano())
	c, err := client.NewNamespaceClient(client.Options{HostPort: address, Logger: quiet{}})
	if err != nil {
		return "", err
	}
	defer c.Close()
	err = c.Register(ctx, &workflowservice.RegisterNamespaceRequest{
		Namespace: name, WorkflowExecutionRetentionPeriod: durationpb.New(24 * time.Hour),
	})
	return name, err
}

// DropNamespace leaves nothing behind on a server that lives on.
func DropNamespace(ctx context.Context, c client.Client, namespace string) error {
	_, err := c.OperatorService().DeleteNamespace(ctx, &operatorservice.DeleteNamespaceRequest{Namespace: namespace})
	return err
}

// Dial connects to a namespace.
func Dial(ctx context.Context, address, namespace string) (client.Client, error) {
	return client.DialContext(ctx, client.Options{
		HostPort: address, Namespace: namespace, Identity: "bench", Logger: quiet{},
	})
}

// quiet keeps the benchmark's own client silent.
type quiet struct{}

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(string, ...any) {}
