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

// Imports opened, put, committed and read at once: a key opens one import, and
// of commits for the same days one is whole and the others are gone.
func TestHourImports_AreSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	b := setupImports(t)
	var group errgroup.Group
	for range 8 {
		group.Go(func() error {
			for i := range 10 {
				key := header{"Idempotency-Key", fmt.Sprint(i)}
				status, body := request(b.sandbox, http.MethodPost, "/v1/hour-imports", november("ven_1"), key)
				made := reply{status: status, body: body}.hourImport(t)
				lines := []sentLine{worked(fmt.Sprintf("%d.a", i), "2026-11-01", "1"), worked(fmt.Sprintf("%d.b", i), "2026-11-30", "2")}
				path := "/v1/hour-imports/" + made.ID
				put, _ := request(b.sandbox, http.MethodPut, path+"/parts/1", partBody(lines...))
				committed, _ := request(b.sandbox, http.MethodPost, path+"/commit", commitBody(lines...))
				if put != 204 && put != 409 || committed != 200 && committed != 409 {
					return fmt.Errorf("put %d, commit %d", put, committed)
				}
				if held := b.references("ven_1"); len(held) != 2 || held[0][:2] != held[1][:2] {
					return fmt.Errorf("held %v", held)
				}
				b.held()
			}
			return nil
		})
	}
	require.NoError(t, group.Wait())
	require.Len(t, b.held(), 10)
	counting := 0
	for _, made := range b.held() {
		if made.Status == sandbox.ImportCommitted {
			counting++
		}
	}
	require.Equal(t, 1, counting)
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
