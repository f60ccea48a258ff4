package connexie

import (
	"container/list"
	"context"
	"crypto/sha256"
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	// maxPaceWait is how long a call may wait for its turn. Together with the
	// timeout of the call itself it stays below the heartbeat timeout (30 s) of the
	// activities that call; whatever would take longer goes back to the engine,
	// which waits without keeping an activity slot.
	maxPaceWait = 5 * time.Second

	// unsaidPause is how long a 429 without Retry-After stops a token.
	unsaidPause = time.Second

	// maxPaces bounds the memory: some ten times the connections of a large fleet,
	// at a few hundred bytes each.
	maxPaces = 10_000
)

// tokenKey stands for a token where the token itself must not be kept (N3).
type tokenKey [sha256.Size]byte

func keyOf(token Token) tokenKey {
	if token.IsZero() {
		return tokenKey{}
	}
	return sha256.Sum256([]byte(token.reveal()))
}

// paces keeps one pace per token and forgets the one that was used least recently
// when there are too many; a forgotten token starts afresh. Safe for concurrent
// use.
type paces struct {
	limit rate.Limit
	burst int
	max   int

	mu     sync.Mutex
	byKey  map[tokenKey]*list.Element
	recent list.List // of *pace, the most recently used first
}

func newPaces(perSecond float64, maximum int) *paces {
	return &paces{
		limit: rate.Limit(perSecond),
		// A second's worth at once, so that an idle connection answers promptly.
		burst: int(math.Ceil(perSecond)),
		max:   maximum,
		byKey: make(map[tokenKey]*list.Element),
	}
}

func (p *paces) of(key tokenKey) *pace {
	p.mu.Lock()
	defer p.mu.Unlock()
	if element, ok := p.byKey[key]; ok {
		p.recent.MoveToFront(element)
		return element.Value.(*pace)
	}
	if p.recent.Len() >= p.max {
		oldest := p.recent.Remove(p.recent.Back()).(*pace)
		delete(p.byKey, oldest.key)
	}
	fresh := &pace{key: key, limiter: rate.NewLimiter(p.limit, p.burst)}
	p.byKey[key] = p.recent.PushFront(fresh)
	return fresh
}

// pace holds the calls of one token to the rate, and back while a 429 counts.
type pace struct {
	key     tokenKey
	limiter *rate.Limiter

	mu          sync.Mutex
	pausedUntil time.Time
}

// wait returns when the call may be sent. A positive duration says that it may
// not, and how long it would have had to wait; the error is the context's.
func (p *pace) wait(ctx context.Context) (time.Duration, error) {
	deadline := time.Now().Add(maxPaceWait)
	for {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		// The pause comes first: whoever wakes from it together still queues for
		// the limiter instead of storming.
		if pause := p.pause(); pause > 0 {
			if time.Now().Add(pause).After(deadline) {
				return pause, nil
			}
			if err := sleep(ctx, pause); err != nil {
				return 0, err
			}
			continue
		}
		turn := p.limiter.Reserve()
		delay := turn.Delay()
		if time.Now().Add(delay).After(deadline) {
			turn.Cancel()
			return delay, nil
		}
		if err := sleep(ctx, delay); err != nil {
			turn.Cancel()
			return 0, err
		}
		// Another call may have met a 429 while this one queued.
		if p.pause() == 0 {
			return 0, nil
		}
	}
}

// pause tells how long the token is still held back.
func (p *pace) pause() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return max(time.Until(p.pausedUntil), 0)
}

// holdBack pauses the token after a 429. A shorter pause never replaces a longer
// one: the answers of concurrent calls arrive in any order.
func (p *pace) holdBack(pause time.Duration) {
	if pause <= 0 {
		pause = unsaidPause
	}
	until := time.Now().Add(pause)
	p.mu.Lock()
	defer p.mu.Unlock()
	if until.After(p.pausedUntil) {
		p.pausedUntil = until
	}
}

func sleep(ctx context.Context, delay time.Duration) error {
	if delay <= 0 {
		return nil
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
