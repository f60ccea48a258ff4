package telemetry

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/singleflight"
)

// checkTimeout is shorter than the second or two that probes usually wait, so
// that the answer says which check is slow instead of not coming at all.
const checkTimeout = 900 * time.Millisecond

// The words that /readyz uses for a check.
const (
	checkOK       = "ok"
	checkFailed   = "failed"
	checkTimedOut = "timed out"
)

// Check asks whether something that the process needs is there. It must be
// cheap, obey its context, and may be called from several goroutines.
type Check = func(ctx context.Context) error

// readiness runs named checks. However many probes ask and however long a check
// hangs, at most one call of each check is under way.
type readiness struct {
	checks map[string]Check
	logger *zap.Logger
	flight singleflight.Group
}

// run asks every check at once and returns the word for each, in at most
// checkTimeout. Why a check failed is logged and not returned: whoever can reach
// the port may read the answer, and error texts hold addresses.
func (r *readiness) run(ctx context.Context) map[string]string {
	// A prober that hangs up is no failed check, hence without its cancel.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), checkTimeout)
	defer cancel()

	var mutex sync.Mutex
	words := make(map[string]string, len(r.checks))
	var all sync.WaitGroup
	for name, check := range r.checks {
		all.Go(func() {
			word := r.ask(ctx, name, check)
			mutex.Lock()
			defer mutex.Unlock()
			words[name] = word
		})
	}
	all.Wait()
	return words
}

func (r *readiness) ask(ctx context.Context, name string, check Check) string {
	answer := r.flight.DoChan(name, func() (any, error) {
		// Not the context of the probe that happened to come first: others
		// wait for the same answer.
		own, cancel := context.WithTimeout(context.WithoutCancel(ctx), checkTimeout)
		defer cancel()
		return nil, recovered(own, check)
	})
	select {
	case <-ctx.Done():
		r.logger.Warn("readiness check does not answer", zap.String("check", name))
		return checkTimedOut
	case result := <-answer:
		if result.Err == nil {
			return checkOK
		}
		r.logger.Warn("readiness check failed", zap.String("check", name), zap.Error(result.Err))
		if errors.Is(result.Err, context.DeadlineExceeded) {
			return checkTimedOut
		}
		return checkFailed
	}
}

// recovered turns a panic into an error: singleflight would pass it on to a
// goroutine where nobody can catch it.
func recovered(ctx context.Context, check Check) (err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("check panicked: %v", reason)
		}
	}()
	return check(ctx)
}
