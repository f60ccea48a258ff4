package stack

import (
	"context"

	"github.com/eitje/connexie-worker/internal/localpg"
)

// Postgres is the component that provides PostgreSQL; into receives it when it
// is up.
func Postgres(opts localpg.Options, into **localpg.Cluster) Component {
	return Component{Name: "PostgreSQL", Start: func(ctx context.Context, say Say) (Running, error) {
		opts.Say = say
		cluster, err := localpg.Start(ctx, opts)
		if err != nil {
			return Running{}, err
		}
		*into = cluster
		return Running{Summary: cluster.String(), Stop: cluster.Stop}, nil
	}}
}
