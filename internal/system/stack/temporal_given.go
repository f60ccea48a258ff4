package stack

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	sdklog "go.temporal.io/sdk/log"
)

// givenTemporal checks the server that the environment names, with TLS and key
// as the worker will use them. Unreachable is an error: falling back would hide
// a mistake.
func givenTemporal(ctx context.Context) (*Temporal, error) {
	options, err := envconfig.LoadDefaultClientOptions()
	if err != nil {
		return nil, fmt.Errorf("read the TEMPORAL_* variables: %w", err)
	}
	server := &Temporal{Address: options.HostPort, Namespace: options.Namespace, how: "given by TEMPORAL_ADDRESS"}
	if server.Namespace == "" {
		server.Namespace = client.DefaultNamespace
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := server.answers(ctx, options); err != nil {
		return nil, fmt.Errorf("the Temporal server of TEMPORAL_ADDRESS does not answer at %s (%w); "+
			"start it, correct the variable, or unset it to have a server started", options.HostPort, err)
	}
	return server, nil
}

// answers asks the server for its namespace.
func (t *Temporal) answers(ctx context.Context, options client.Options) error {
	options.HostPort, options.Namespace = t.Address, t.Namespace
	options.Logger = sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler))
	c, err := client.DialContext(ctx, options)
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = c.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: t.Namespace})
	return err
}
