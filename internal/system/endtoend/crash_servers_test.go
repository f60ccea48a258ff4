package endtoend

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/workflows"
)

// TestServersCrash kills the servers under a worker that goes on running.
func TestServersCrash(t *testing.T) { //nolint:tparallel // one after the other: each crash is everybody's
	t.Parallel()
	own := startServers(t)
	s := bringUp(t, own.servers(t))
	s.launch(t, s.url)
	for _, row := range []struct {
		name  string
		crash func()
	}{
		{"Temporal", func() { own.killTemporal(); own.startTemporal(t) }},
		{"PostgreSQL", func() { own.killPostgres(t); own.startPostgres(t) }},
	} {
		t.Run(row.name+" is killed and started again in mid-run", func(t *testing.T) {
			o := s.small(t, row.name, 20)
			reach, release := o.hold(t)
			require.Equal(t, workflows.ActivationOK, o.activate(t).Outcome)
			reach()
			row.crash()
			release()
			require.Equal(t, domain.SyncOK, o.await(t, o.latest(workflows.SyncID(o.connection))).Outcome)
			o.requireStandings(t, o.Expected)
		})
	}
}
