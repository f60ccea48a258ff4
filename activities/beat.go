package activities

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"
)

// beatEvery is well within the shortest heartbeat timeout.
const beatEvery = 5 * time.Second

// beating works and heartbeats meanwhile: for one long statement, which has no position
// to tell. It shows that the worker lives, and brings a cancellation to the statement.
func beating[T any](ctx context.Context, work func(context.Context) (T, error)) (T, error) {
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(beatEvery)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				activity.RecordHeartbeat(ctx)
			}
		}
	}()
	result, err := work(ctx)
	stop()
	<-ended
	return result, err
}
