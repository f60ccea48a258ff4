package temporaldev

import (
	"github.com/temporalio/ui-server/v2/server"
	"github.com/temporalio/ui-server/v2/server/config"
	"github.com/temporalio/ui-server/v2/server/server_options"
)

// newUI is the Web UI in front of the server. It fetches nothing from the
// internet.
func newUI(o Options, host string, p ports) *server.Server {
	return server.NewServer(server_options.WithConfigProvider(&config.Config{
		TemporalGRPCAddress: local(p.frontend),
		Host:                host,
		Port:                p.ui,
		EnableUI:            true,
		DefaultNamespace:    o.Namespace,
		Codec:               config.Codec{Endpoint: o.CodecEndpoint},
		CORS:                config.CORS{CookieInsecure: true}, // it is served without TLS, to this machine
		DisableNewsFetch:    true,
		HideLogs:            true,
	}))
}
