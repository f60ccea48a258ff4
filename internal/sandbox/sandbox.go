package sandbox

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// DefaultCursorTTL is how long a cursor lives by the contract.
const DefaultCursorTTL = 10 * time.Minute

// Options of a sandbox; the zero value is a good one.
type Options struct {
	// Now is the clock; time.Now if nil. It must be safe for concurrent use.
	Now func() time.Time
	// CursorTTL is how long a cursor lives; DefaultCursorTTL if zero.
	CursorTTL time.Duration
	// StampOnLoad takes everyone who is loaded as changed now. A sandbox that is
	// started again has lost its changes; for whoever remembers them, modified_at
	// must rise all the same.
	StampOnLoad bool
	// Wait lets a delay fault pass its time; a timer if nil. It returns early
	// with the context's error.
	Wait func(ctx context.Context, delay time.Duration) error
}

// Sandbox is a Connexie with any number of accounts. It is safe for concurrent
// use; every call sees an account as it is between two changes.
type Sandbox struct {
	now       func() time.Time
	shift     atomic.Int64 // nanoseconds that MoveClock added to now
	cursorTTL time.Duration
	stamp     bool
	wait      func(context.Context, time.Duration) error
	requests  atomic.Int64 // numbers the request ids
	importIDs atomic.Int64 // numbers the imports of all accounts
	faults    faults
	calls     callLog
	admin     http.Handler

	mu       sync.RWMutex // before an account's own lock
	accounts map[string]*account
	tokens   map[string]*account
}

var _ http.Handler = (*Sandbox)(nil)

// New makes a sandbox without accounts.
func New(options Options) *Sandbox {
	s := &Sandbox{
		now:       options.Now,
		cursorTTL: options.CursorTTL,
		stamp:     options.StampOnLoad,
		wait:      options.Wait,
		accounts:  map[string]*account{},
		tokens:    map[string]*account{},
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.cursorTTL == 0 {
		s.cursorTTL = DefaultCursorTTL
	}
	if s.wait == nil {
		s.wait = waitTimer
	}
	s.admin = s.adminRoutes()
	return s
}

// Now is the sandbox's time, in UTC and to the microsecond.
func (s *Sandbox) Now() time.Time {
	return s.now().Add(time.Duration(s.shift.Load())).UTC().Truncate(time.Microsecond)
}

// Today is the day in Amsterdam.
func (s *Sandbox) Today() Date { return DateOf(s.Now()) }

// MoveClock sets the sandbox's time; it runs on from there. Employments whose
// last day has passed by then are ended at the next call. Going back undoes
// nothing.
func (s *Sandbox) MoveClock(to time.Time) { s.shift.Store(int64(to.Sub(s.now()))) }

// AddAccount puts an account in, replacing one of the same id. Its data is what
// Reset goes back to.
func (s *Sandbox) AddAccount(config Account) error {
	added, err := newAccount(config, s.Now(), s.stamp)
	if err != nil {
		return fmt.Errorf("add account %s: %w", config.ID, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if owner, taken := s.tokens[config.Token]; taken && config.Token != "" && owner.id != config.ID {
		return fmt.Errorf("add account %s: its token belongs to account %s", config.ID, owner.id)
	}
	s.dropTokens(config.ID)
	s.accounts[config.ID] = added
	if config.Token != "" {
		s.tokens[config.Token] = added
	}
	return nil
}

// SetToken makes this the account's only token; "" revokes what it had.
func (s *Sandbox) SetToken(accountID, token string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	owned, ok := s.accounts[accountID]
	if !ok {
		return unknownAccount(accountID)
	}
	if owner, taken := s.tokens[token]; taken && owner != owned {
		return fmt.Errorf("token of account %s: belongs to account %s", accountID, owner.id)
	}
	s.dropTokens(accountID)
	if token != "" {
		s.tokens[token] = owned
	}
	return nil
}

func (s *Sandbox) dropTokens(accountID string) {
	for token, owner := range s.tokens {
		if owner.id == accountID {
			delete(s.tokens, token)
		}
	}
}

// AccountIDs lists the accounts in order.
func (s *Sandbox) AccountIDs() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	ids := make([]string, 0, len(s.accounts))
	for id := range s.accounts {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

func (s *Sandbox) account(id string) (*account, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	found, ok := s.accounts[id]
	if !ok {
		return nil, unknownAccount(id)
	}
	return found, nil
}

// authenticate finds the account of a bearer token.
func (s *Sandbox) authenticate(header http.Header) (*account, *problem) {
	scheme, token, _ := strings.Cut(header.Get("Authorization"), " ")
	s.mu.RLock()
	defer s.mu.RUnlock()
	owner, ok := s.tokens[token]
	if !strings.EqualFold(scheme, "Bearer") || token == "" || !ok {
		refused := newProblem(http.StatusUnauthorized, "the token is missing, mistyped or revoked")
		refused.header = http.Header{"Www-Authenticate": {"Bearer"}}
		return nil, refused
	}
	return owner, nil
}

func waitTimer(ctx context.Context, delay time.Duration) error {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
