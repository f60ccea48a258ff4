package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/eitje/connexie-worker/internal/app"
	"github.com/eitje/connexie-worker/internal/config"
)

func serveCommand(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Serve the HTTP API until it is asked to stop",
		Long: `serve answers programs over HTTP: where a connection stands, a synchronisation, a
preview or one person's run to ask for, a held run to decide about, and how far a run
is. GET /v1/openapi.json describes it all.

Every call needs a bearer key of API_KEYS and sees that key's organisation alone; only
/healthz and /readyz are open. It speaks plain HTTP: put it behind what ends TLS.

Reads DATABASE_URL, TEMPORAL_*, HTTP_ADDR, API_KEYS and LOG_*. It logs to standard
error.`,
		Example: `  API_KEYS=0190a1b2-0000-7000-8000-000000000001:$(printf %s "$KEY" | sha256sum | cut -c1-64) starter serve
  curl -s -H "Authorization: Bearer $KEY" http://127.0.0.1:8088/v1/openapi.yaml`,
		Args: cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error {
			cfg, err := config.LoadStarter(app.NeedsToServe())
			if err != nil {
				return err
			}
			return app.ServeProcess(ctx, cfg)
		}),
	}
}
