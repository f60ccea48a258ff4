package stack

import (
	"context"
	"errors"
	"net"
	"os/exec"
	"strconv"

	"go.temporal.io/sdk/client"
)

// commandLine finds the temporal command where it may be used and helps.
func (o TemporalOptions) commandLine() (path string, found bool) {
	if !o.CLI {
		return "", false
	}
	if _, built, err := o.Layout.temporalState(); err != nil || built {
		return "", false
	}
	path, err := exec.LookPath("temporal")
	return path, err == nil
}

// startCLI runs the development server of the temporal command, with the
// dynamic configuration that the worker relies on.
func startCLI(ctx context.Context, path string, o TemporalOptions, say Say) (*Temporal, error) {
	port, uiPort, err := o.ports(ctx, say)
	if err != nil {
		return nil, err
	}
	child, err := Launch(Process{
		Path: path, Dir: o.Layout.Root, LogFile: o.logFile(),
		Args: []string{
			"server", "start-dev", "--ip", loopback, "--port", strconv.Itoa(port), "--ui-port", strconv.Itoa(uiPort),
			"--namespace", o.Namespace, "--log-level", "warn", "--ui-codec-endpoint", o.CodecEndpoint,
			"--dynamic-config-value", "matching.enableFairness=true",
		},
	})
	if err != nil {
		return nil, err
	}
	server := &Temporal{
		Address:   net.JoinHostPort(loopback, strconv.Itoa(port)),
		UI:        "http://" + net.JoinHostPort(loopback, strconv.Itoa(uiPort)),
		Namespace: o.Namespace, Child: child, how: "by the temporal command, in memory",
	}
	ctx, cancel := context.WithTimeout(ctx, temporalTimeout)
	defer cancel()
	err = child.Await(ctx, func(ctx context.Context) error { return server.answers(ctx, client.Options{}) })
	if err != nil {
		return nil, errors.Join(err, abandon(child.Stop))
	}
	return server, nil
}
