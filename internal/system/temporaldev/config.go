package temporaldev

import (
	"net"
	"strconv"
	"time"

	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/primitives"
)

const (
	loopback    = "127.0.0.1"
	clusterName = "active"
	mainStore   = "main"
	visibility  = "visibility"
	// historyShards is fixed once a database exists: four are enough for one
	// machine, and each costs polling.
	historyShards = 4
	// Connections per service and store: four services share the server's 200
	// with everything else on it.
	mainConnections       = 16
	visibilityConnections = 8
)

// serverConfig is a cluster of one, alone in one process.
func serverConfig(db *databases, host string, p ports) *config.Config {
	return &config.Config{
		Global: config.Global{Membership: config.Membership{
			MaxJoinDuration:  30 * time.Second,
			BroadcastAddress: loopback,
		}},
		Persistence: config.Persistence{
			DefaultStore:     mainStore,
			VisibilityStore:  visibility,
			NumHistoryShards: historyShards,
			DataStores: map[string]config.DataStore{
				mainStore:  {SQL: db.store(db.main, mainConnections)},
				visibility: {SQL: db.store(db.visibility, visibilityConnections)},
			},
		},
		ClusterMetadata: &cluster.Config{
			FailoverVersionIncrement: 10,
			MasterClusterName:        clusterName,
			CurrentClusterName:       clusterName,
			ClusterInformation: map[string]cluster.ClusterInformation{clusterName: {
				Enabled:                true,
				InitialFailoverVersion: 1,
				RPCAddress:             local(p.frontend),
			}},
		},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		Services: map[string]config.Service{
			string(primitives.FrontendService): {RPC: config.RPC{GRPCPort: p.frontend, BindOnIP: host}},
			string(primitives.HistoryService):  {RPC: config.RPC{GRPCPort: p.history, BindOnLocalHost: true}},
			string(primitives.MatchingService): {RPC: config.RPC{GRPCPort: p.matching, BindOnLocalHost: true}},
			string(primitives.WorkerService):   {RPC: config.RPC{GRPCPort: p.worker, BindOnLocalHost: true}},
		},
		Archival: config.Archival{
			History:    config.HistoryArchival{State: config.ArchivalDisabled},
			Visibility: config.VisibilityArchival{State: config.ArchivalDisabled},
		},
		NamespaceDefaults: config.NamespaceDefaults{Archival: config.ArchivalNamespaceDefaults{
			History:    config.HistoryArchivalNamespaceDefaults{State: config.ArchivalDisabled},
			Visibility: config.VisibilityArchivalNamespaceDefaults{State: config.ArchivalDisabled},
		}},
		PublicClient: config.PublicClient{HostPort: local(p.frontend)},
	}
}

// staticHosts replaces the gossip by which services of a real cluster find each
// other.
func staticHosts(p ports) map[primitives.ServiceName]static.Hosts {
	hosts := make(map[primitives.ServiceName]static.Hosts)
	for name, port := range map[primitives.ServiceName]int{
		primitives.FrontendService: p.frontend,
		primitives.HistoryService:  p.history,
		primitives.MatchingService: p.matching,
		primitives.WorkerService:   p.worker,
	} {
		hosts[name] = static.Hosts{Self: local(port), All: []string{local(port)}}
	}
	return hosts
}

// dynamicConfig sets what the worker relies on and what one machine needs.
func dynamicConfig() dynamicconfig.StaticClient {
	return dynamicconfig.StaticClient{
		// Without fairness small connections wait behind a big one.
		dynamicconfig.MatchingEnableFairness.Key(): true,
		// One partition: nothing to spread over, no forwarding between them, and
		// a queue's rate limit is the rate of the queue.
		dynamicconfig.MatchingNumTaskqueueReadPartitions.Key():  1,
		dynamicconfig.MatchingNumTaskqueueWritePartitions.Key(): 1,
		// A development server does not report home.
		dynamicconfig.EnableServerVersionCheck.Key(): false,
	}
}

func local(port int) string { return net.JoinHostPort(loopback, strconv.Itoa(port)) }
