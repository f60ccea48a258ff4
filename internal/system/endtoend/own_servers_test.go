package endtoend

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/localpg"
	"github.com/eitje/connexie-worker/internal/system/stack"
)

// ownServers are a PostgreSQL and a Temporal server of one test, which may kill them
// and start them again in the same place. Temporal keeps its data in the same
// cluster, as in docker-compose.yml and make up.
type ownServers struct {
	cluster  *localpg.Cluster
	temporal *stack.Temporal
	postgres localpg.Options
	options  stack.TemporalOptions
}

// startServers starts both. The data outlives a kill: the cluster writes it to disk.
func startServers(t *testing.T) *ownServers {
	t.Helper()
	layout, err := stack.FindLayout()
	require.NoError(t, err)
	o := &ownServers{
		postgres: localpg.Options{Dir: clusterFolder(t), Durable: true, Say: t.Logf},
		options: stack.TemporalOptions{
			Layout: layout, Headless: true, LogName: fmt.Sprintf("temporal-crash-%d", os.Getpid()),
		},
	}
	o.startPostgres(t)
	t.Cleanup(func() { require.NoError(t, o.cluster.Stop(context.Background())) })
	o.startTemporal(t)
	t.Cleanup(func() { require.NoError(t, o.temporal.Stop(context.Background())) })
	return o
}

// clusterFolder is below the temporary folder itself: the account that PostgreSQL
// runs as where the tests run as root cannot enter t.TempDir.
func clusterFolder(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "connexie-crash-")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(folder, 0o711))
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(folder)) })
	return folder
}

// servers are what a system is brought up on, with an empty database.
func (o *ownServers) servers(t *testing.T) servers {
	t.Helper()
	const database = "connexie"
	require.NoError(t, o.cluster.EnsureDatabase(t.Context(), database))
	return servers{url: o.cluster.URL(database), address: o.temporal.Address}
}

// startPostgres starts the cluster, or starts it again on the same port.
func (o *ownServers) startPostgres(t *testing.T) {
	t.Helper()
	cluster, err := localpg.Start(t.Context(), o.postgres)
	require.NoError(t, err)
	if o.cluster != nil {
		require.Equal(t, o.cluster.URL(""), cluster.URL(""), "it has come back elsewhere")
		require.NoError(t, o.cluster.Stop(t.Context())) // the use of what was killed; the new one goes on
	}
	address, err := url.Parse(cluster.URL(""))
	require.NoError(t, err)
	o.postgres.Port, err = strconv.Atoi(address.Port())
	require.NoError(t, err)
	o.cluster = cluster
}

// killPostgres kills the server's first process, without a word; the others notice
// and end.
func (o *ownServers) killPostgres(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(filepath.Dir(o.cluster.LogFile()), "data", "postmaster.pid"))
	require.NoError(t, err)
	var pid int
	_, err = fmt.Sscan(string(text), &pid)
	require.NoError(t, err)
	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
}

// startTemporal starts the server, or starts it again on the same port and database.
func (o *ownServers) startTemporal(t *testing.T) {
	t.Helper()
	o.options.Postgres = o.cluster
	server, err := stack.StartTemporal(t.Context(), o.options, t.Logf)
	require.NoError(t, err)
	if o.temporal == nil {
		_, err = fmt.Sscanf(server.Address, "127.0.0.1:%d", &o.options.Port)
		require.NoError(t, err)
	} else {
		require.Equal(t, o.temporal.Address, server.Address, "it has come back elsewhere")
	}
	o.temporal = server
}

// killTemporal kills the server without a word.
func (o *ownServers) killTemporal() { o.temporal.Child.Kill() }
