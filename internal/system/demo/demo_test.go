package demo_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/types/known/durationpb"
)

// TestDemonstration runs what make demo runs, on the test's servers and in a
// namespace of its own, since another worker serves the default one. The story
// checks its own claims (C1 to C7, S1 to S22, E1 to E7, X1 to X12, X16, X18, N1) and ends with the reason where one does
// not hold.
func TestDemonstration(t *testing.T) {
	t.Parallel()
	address, database := os.Getenv("TEST_TEMPORAL_ADDRESS"), os.Getenv("TEST_DATABASE_URL")
	require.NotEmpty(t, address, "TEST_TEMPORAL_ADDRESS is not set; run: make test-system")
	require.NotEmpty(t, database, "TEST_DATABASE_URL is not set; run: make test-system")
	namespace := makeNamespace(t, address)
	cmd := exec.CommandContext(t.Context(), "go", "run", "../cmd/up", "--demo")
	cmd.Env = append(os.Environ(), "DATABASE_URL="+database, "TEMPORAL_ADDRESS="+address, "TEMPORAL_NAMESPACE="+namespace)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	require.NoError(t, cmd.Run(), "%s", &out)
	require.Contains(t, out.String(), "Everything held.")
}

// makeNamespace registers a namespace and waits until the server has loaded it.
func makeNamespace(t *testing.T, address string) string {
	t.Helper()
	c, err := client.NewNamespaceClient(client.Options{HostPort: address})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	name := fmt.Sprintf("demonstration-%d", time.Now().UnixNano())
	require.NoError(t, c.Register(t.Context(), &workflowservice.RegisterNamespaceRequest{
		Namespace: name, WorkflowExecutionRetentionPeriod: durationpb.New(24 * time.Hour),
	}))
	in, err := client.Dial(client.Options{HostPort: address, Namespace: name})
	require.NoError(t, err)
	t.Cleanup(in.Close)
	require.Eventually(t, func() bool {
		_, err := in.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{Namespace: name})
		return err == nil
	}, time.Minute, 100*time.Millisecond, "the namespace is not known")
	return name
}
