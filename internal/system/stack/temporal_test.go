package stack_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/eitje/connexie-worker/internal/localpg"
	"github.com/eitje/connexie-worker/internal/system/stack"
)

// attributes are those that the project registers on every server.
var attributes = map[string]enumspb.IndexedValueType{
	"Organisation":   enumspb.INDEXED_VALUE_TYPE_KEYWORD,
	"Connection":     enumspb.INDEXED_VALUE_TYPE_KEYWORD,
	"Trigger":        enumspb.INDEXED_VALUE_TYPE_KEYWORD,
	"Outcome":        enumspb.INDEXED_VALUE_TYPE_KEYWORD,
	"Stage":          enumspb.INDEXED_VALUE_TYPE_KEYWORD,
	"Period":         enumspb.INDEXED_VALUE_TYPE_KEYWORD,
	"SpecHash":       enumspb.INDEXED_VALUE_TYPE_KEYWORD,
	"NeedsAttention": enumspb.INDEXED_VALUE_TYPE_BOOL,
	"DueAt":          enumspb.INDEXED_VALUE_TYPE_DATETIME,
}

func TestSearchAttributesOnPostgreSQL(t *testing.T) {
	t.Parallel()
	c := dial(t, startTemporal(t, options(t)))
	register := &operatorservice.AddSearchAttributesRequest{Namespace: "default", SearchAttributes: attributes}
	_, err := c.OperatorService().AddSearchAttributes(t.Context(), register)
	require.NoError(t, err)
	_, err = c.OperatorService().AddSearchAttributes(t.Context(), register)
	require.NoError(t, err, "may be repeated")

	stage := temporal.NewSearchAttributeKeyKeyword("Stage")
	attention := temporal.NewSearchAttributeKeyBool("NeedsAttention")
	due := temporal.NewSearchAttributeKeyTime("DueAt")
	start := func() error {
		_, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
			ID: "held", TaskQueue: "nobody",
			TypedSearchAttributes: temporal.NewSearchAttributes(
				stage.ValueSet("held"), attention.ValueSet(true), due.ValueSet(time.Now())),
		}, "Held")
		return err
	}
	registered := time.Now()
	require.Eventually(t, func() bool { return start() == nil }, 90*time.Second, 250*time.Millisecond,
		"the server's cache of attributes lasts up to a minute")
	t.Logf("attributes can be used %s after their registration", time.Since(registered).Round(time.Millisecond))
	query := "Stage = 'held' and NeedsAttention = true and DueAt > '2020-01-01T00:00:00Z'"
	require.Eventually(t, func() bool {
		found, err := c.ListWorkflow(context.Background(), &workflowservice.ListWorkflowExecutionsRequest{Query: query})
		return err == nil && len(found.GetExecutions()) == 1
	}, 30*time.Second, 100*time.Millisecond)
}

func TestWorkflowsSurviveAKilledServer(t *testing.T) {
	t.Parallel()
	o := options(t)
	server := startTemporal(t, o)
	before := dial(t, server)
	_, err := before.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: "survivor", TaskQueue: "survivors"}, survive)
	require.NoError(t, err)
	server.Child.Kill()

	after := dial(t, startTemporal(t, o))
	w := worker.New(after, "survivors", worker.Options{WorkflowPanicPolicy: worker.FailWorkflow})
	w.RegisterWorkflow(survive)
	require.NoError(t, w.Start())
	t.Cleanup(w.Stop)
	var answer string
	require.NoError(t, after.GetWorkflow(t.Context(), "survivor", "").Get(t.Context(), &answer))
	require.Equal(t, "survived", answer)
}

func survive(workflow.Context) (string, error) { return "survived", nil }

func TestWebUIAnswersForTheNamespace(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.Headless, o.Namespace = false, "elsewhere"
	server := startTemporal(t, o)
	require.Contains(t, get(t, server.UI), "<html")
	require.Contains(t, get(t, server.UI+"/api/v1/namespaces/elsewhere"), `"elsewhere"`)
}

func TestSecondServerOnTheSameDatabaseIsRefused(t *testing.T) {
	t.Parallel()
	o := options(t)
	startTemporal(t, o)
	_, err := stack.StartTemporal(t.Context(), o, t.Logf)
	require.ErrorContains(t, err, "another Temporal server uses database "+o.Database)
}

func TestGivenServerIsUsedOrTheReasonIsTold(t *testing.T) { //nolint:paralleltest // sets the environment
	o := options(t)
	ours := startTemporal(t, o)
	var given *stack.Temporal
	component := stack.TemporalComponent(func() stack.TemporalOptions {
		require.Fail(t, "nothing is started where a server is given")
		return o
	}, &given)

	t.Setenv("TEMPORAL_ADDRESS", ours.Address)
	running, err := component.Start(t.Context(), t.Logf)
	require.NoError(t, err)
	require.Equal(t, ours.Address, given.Address)
	require.Nil(t, running.Stop, "it is not ours to stop")

	t.Setenv("TEMPORAL_NAMESPACE", "missing")
	_, err = component.Start(t.Context(), t.Logf)
	require.ErrorContains(t, err, "TEMPORAL_ADDRESS")
	t.Setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
	_, err = component.Start(t.Context(), t.Logf)
	require.ErrorContains(t, err, "does not answer at 127.0.0.1:1")
}

func TestCancelledStartLeavesNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := stack.StartTemporal(ctx, options(t), t.Logf)
	require.ErrorIs(t, err, context.Canceled)
}

func startTemporal(t *testing.T, o stack.TemporalOptions) *stack.Temporal {
	t.Helper()
	server, err := stack.StartTemporal(t.Context(), o, t.Logf)
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		require.NoError(t, server.Stop(ctx))
	})
	return server
}

var servers atomic.Int64

// options are those of a server with databases and a log of its own.
func options(t *testing.T) stack.TemporalOptions {
	t.Helper()
	layout, err := stack.FindLayout()
	require.NoError(t, err)
	name := fmt.Sprintf("temporal_test_%d_%d", os.Getpid(), servers.Add(1))
	return stack.TemporalOptions{
		Layout: layout, Postgres: postgres(t), Headless: true,
		Database: name, LogName: name, Scratch: true,
	}
}

func postgres(t *testing.T) *localpg.Cluster {
	t.Helper()
	cluster, err := localpg.Start(t.Context(), localpg.Options{
		URL: os.Getenv("TEST_DATABASE_URL"), Linger: 20 * time.Second, Say: t.Logf,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, cluster.Stop(context.Background())) })
	return cluster
}

func dial(t *testing.T, server *stack.Temporal) client.Client {
	t.Helper()
	c, err := client.DialContext(t.Context(), client.Options{HostPort: server.Address, Namespace: server.Namespace})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

func get(t *testing.T, url string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { _ = answer.Body.Close() }()
	var text strings.Builder
	require.NoError(t, answer.Write(&text))
	return text.String()
}
