package temporaldev

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// lockKey is any number that nobody else locks in the server's database.
	lockKey = 7233_1932
	// lockPatience lets PostgreSQL notice that a killed server has gone.
	lockPatience = 15 * time.Second
	lockRetry    = 100 * time.Millisecond
)

// lock refuses to run two servers on one database: both would own the same
// history shards. The lock goes with the connection, so that a killed server
// leaves none behind.
func (d *databases) lock(ctx context.Context) (release func(), err error) {
	config := d.server.Copy()
	config.Database = d.main
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connect to database %s: %w", d.main, err)
	}
	release = func() { _ = conn.Close(context.WithoutCancel(ctx)) }
	for deadline := time.Now().Add(lockPatience); ; {
		var mine bool
		if err := conn.QueryRow(ctx, "select pg_try_advisory_lock($1)", lockKey).Scan(&mine); err != nil {
			release()
			return nil, fmt.Errorf("lock database %s: %w", d.main, err)
		}
		if mine {
			return release, nil
		}
		if time.Now().After(deadline) {
			release()
			return nil, fmt.Errorf("another Temporal server uses database %s; stop it, or give --database another name", d.main)
		}
		select {
		case <-ctx.Done():
			release()
			return nil, context.Cause(ctx)
		case <-time.After(lockRetry):
		}
	}
}
