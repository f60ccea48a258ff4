package sandbox_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/eitje/connexie-worker/internal/sandbox"
)

// Readers, writers, faults and the clock at once; the race detector watches.
func TestSandbox_IsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	b := setup(t, people(40)...)
	var group errgroup.Group
	for worker := range 4 {
		group.Go(func() error {
			for i := range 40 {
				id := fmt.Sprintf("emp_%04d", i+1)
				serve(t, b.sandbox, "/v1/employees?limit=7")
				if _, err := b.sandbox.PatchEmployee(accountID, id, fmt.Appendf(nil, `{"last_name":"%d"}`, worker)); err != nil {
					return err
				}
				request(b.sandbox, http.MethodPut, "/v1/employees/"+id+"/employment-end", `{"end_date":"2026-11-23"}`)
				fault, err := b.sandbox.AddFault(sandbox.Fault{Kind: sandbox.FaultHide, IDs: []string{id}, Times: 1})
				if err != nil {
					return err
				}
				b.clock.advance(time.Hour)
				b.sandbox.Counters()
				_ = b.sandbox.RemoveFault(fault)
			}
			return nil
		})
	}
	require.NoError(t, group.Wait())
	require.Len(t, b.readAll("/v1/employees?limit=7"), 40)
}

func TestListen_ServesUntilTheContextEnds(t *testing.T) {
	t.Parallel()
	s := sandbox.New(sandbox.Options{})
	ctx, stop := context.WithCancel(t.Context())
	address := make(chan net.Addr, 1)
	ended := make(chan error, 1)
	go func() { ended <- s.Listen(ctx, "127.0.0.1:0", func(at net.Addr) { address <- at }) }()
	response, err := http.Get("http://" + (<-address).String() + "/v1/openapi.yaml")
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, 200, response.StatusCode)
	stop()
	require.NoError(t, <-ended)
	require.ErrorContains(t, s.Listen(t.Context(), "127.0.0.1:-1", nil), "listen on")
}
