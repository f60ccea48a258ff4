package sandbox

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
)

// faults are the faults that are switched on. The zero value has none.
type faults struct {
	mu     sync.Mutex
	issued int
	active []*activeFault
}

// activeFault is a fault and what it has met.
type activeFault struct {
	Fault
	id       string
	seen     int // calls in scope
	hit      int
	chance   *rand.Rand
	released chan struct{} // closed when the fault is removed
	firstHit chan struct{} // closed when it first strikes
}

// FaultState is a fault as it stands: Seen counts the calls that it could have
// struck, Struck those that it did.
type FaultState struct {
	ID string `json:"id"`
	Fault
	Seen   int `json:"seen"`
	Struck int `json:"struck"`
}

// strike is a fault that meets a call.
type strike struct {
	Fault
	id       string
	released <-chan struct{}
}

// AddFault switches a fault on and returns its id. Of several that meet one
// call each acts; the first that answers in the operation's place wins.
func (s *Sandbox) AddFault(fault Fault) (string, error) {
	if err := fault.Validate(); err != nil {
		return "", fmt.Errorf("fault: %w: %w", ErrInvalid, err)
	}
	if fault.Account != "" {
		if _, err := s.account(fault.Account); err != nil {
			return "", err
		}
	}
	return s.faults.add(fault), nil
}

// RemoveFault switches a fault off; calls that it holds go on.
func (s *Sandbox) RemoveFault(id string) error {
	if !s.faults.remove(func(f *activeFault) bool { return f.id == id }) {
		return fmt.Errorf("fault %s: %w", id, ErrUnknown)
	}
	return nil
}

// ClearFaults switches every fault off.
func (s *Sandbox) ClearFaults() { s.faults.clear() }

// Faults lists what is switched on, in the order in which it was.
func (s *Sandbox) Faults() []FaultState { return s.faults.list() }

// AwaitFault returns once the fault has struck for the first time. It fails when
// the fault is unknown or is removed before, and when ctx ends.
func (s *Sandbox) AwaitFault(ctx context.Context, id string) error {
	fault, found := s.faults.find(id)
	if !found {
		return fmt.Errorf("fault %s: %w", id, ErrUnknown)
	}
	select {
	case <-fault.firstHit:
		return nil
	case <-fault.released:
		return fmt.Errorf("fault %s: %w", id, errRemoved)
	case <-ctx.Done():
		return fmt.Errorf("await fault %s: %w", id, ctx.Err())
	}
}

var errRemoved = errors.New("removed before it struck")

func (f *faults) add(fault Fault) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.issued++
	added := &activeFault{
		Fault: fault, id: fmt.Sprintf("fault_%d", f.issued),
		released: make(chan struct{}), firstHit: make(chan struct{}),
	}
	if fault.OneIn > 1 {
		added.chance = rand.New(rand.NewPCG(fault.Seed, 0)) //nolint:gosec // repeatable, not secret
	}
	f.active = append(f.active, added)
	return added.id
}

// strike counts the call with every fault whose scope it is in and returns
// those that meet it.
func (f *faults) strike(met aspects) []strike {
	f.mu.Lock()
	defer f.mu.Unlock()
	var struck []strike
	for _, fault := range f.active {
		if fault.strikes(met) && fault.meets() {
			struck = append(struck, strike{Fault: fault.Fault, id: fault.id, released: fault.released})
		}
	}
	return struck
}

func (f *activeFault) meets() bool {
	f.seen++
	switch {
	case f.seen < f.FromCall, f.Times > 0 && f.hit >= f.Times:
		return false
	case f.chance != nil && f.chance.IntN(f.OneIn) != 0:
		return false
	}
	f.hit++
	if f.hit == 1 {
		close(f.firstHit)
	}
	return true
}

func (f *faults) find(id string) (*activeFault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := slices.IndexFunc(f.active, func(a *activeFault) bool { return a.id == id })
	if i < 0 {
		return nil, false
	}
	return f.active[i], true
}

func (f *faults) clear() { f.remove(func(*activeFault) bool { return true }) }

func (f *faults) remove(which func(*activeFault) bool) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	before := len(f.active)
	f.active = slices.DeleteFunc(f.active, func(fault *activeFault) bool {
		gone := which(fault)
		if gone {
			close(fault.released)
		}
		return gone
	})
	return len(f.active) < before
}

func (f *faults) list() []FaultState {
	f.mu.Lock()
	defer f.mu.Unlock()
	states := make([]FaultState, 0, len(f.active))
	for _, fault := range f.active {
		states = append(states, FaultState{ID: fault.id, Fault: fault.Fault, Seen: fault.seen, Struck: fault.hit})
	}
	return states
}
