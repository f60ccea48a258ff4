package sandbox

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"
)

// keptCalls bounds the log; the counters go on.
const keptCalls = 10_000

// Call is one answered call. It holds neither the token nor anything of a body.
type Call struct {
	Number      int       `json:"number"`
	At          time.Time `json:"at"`
	RequestID   string    `json:"request_id"`
	Account     string    `json:"account"` // "" where the token was refused
	Operation   string    `json:"operation"`
	Path        string    `json:"path"`
	Query       string    `json:"query,omitempty"`
	Conditional bool      `json:"conditional,omitempty"` // carried If-None-Match
	Status      int       `json:"status"`                // 0 where the connection was dropped
	Faults      []string  `json:"faults,omitempty"`      // ids of those that struck
}

// Counter counts the calls of one account to one operation.
type Counter struct {
	Account     string      `json:"account"`
	Operation   string      `json:"operation"`
	Requests    int         `json:"requests"`
	NotModified int         `json:"not_modified"`
	Struck      int         `json:"struck"`
	Statuses    map[int]int `json:"statuses"`
}

type counterKey struct{ account, operation string }

// callLog counts calls and keeps the last ones. The zero value is empty.
type callLog struct {
	mu       sync.Mutex
	number   int
	kept     []Call
	counters map[counterKey]*Counter
}

func (l *callLog) add(c *call, requestID string, response *answer) {
	made := Call{
		At: c.now, RequestID: requestID, Account: c.accountID(), Operation: c.operation.id,
		Path: c.request.URL.Path, Query: c.request.URL.RawQuery,
		Conditional: c.request.Header.Get("If-None-Match") != "",
	}
	if response != nil {
		made.Status = response.status
	}
	for _, fault := range c.struck {
		made.Faults = append(made.Faults, fault.id)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.number++
	made.Number = l.number
	if len(l.kept) >= 2*keptCalls {
		l.kept = append(l.kept[:0], l.kept[keptCalls:]...)
	}
	l.kept = append(l.kept, made)
	l.count(&made)
}

func (l *callLog) count(made *Call) {
	if l.counters == nil {
		l.counters = map[counterKey]*Counter{}
	}
	key := counterKey{made.Account, made.Operation}
	counter, found := l.counters[key]
	if !found {
		counter = &Counter{Account: made.Account, Operation: made.Operation, Statuses: map[int]int{}}
		l.counters[key] = counter
	}
	counter.Requests++
	counter.Statuses[made.Status]++
	if made.Status == http.StatusNotModified {
		counter.NotModified++
	}
	if len(made.Faults) > 0 {
		counter.Struck++
	}
}

func (l *callLog) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.kept, l.counters = nil, nil
}

// Calls returns the last calls, oldest first, of an account and an operation
// ("" is any). At least the last 10,000 of all accounts are kept.
func (s *Sandbox) Calls(accountID, operationID string) []Call {
	s.calls.mu.Lock()
	defer s.calls.mu.Unlock()
	found := []Call{}
	for _, made := range s.calls.kept {
		if (accountID == "" || made.Account == accountID) && (operationID == "" || made.Operation == operationID) {
			found = append(found, made)
		}
	}
	return found
}

// Counters returns the counts per account and operation since the start or the
// last ClearCalls, in order.
func (s *Sandbox) Counters() []Counter {
	s.calls.mu.Lock()
	defer s.calls.mu.Unlock()
	counters := make([]Counter, 0, len(s.calls.counters))
	for _, counter := range s.calls.counters {
		copied := *counter
		copied.Statuses = make(map[int]int, len(counter.Statuses))
		maps.Copy(copied.Statuses, counter.Statuses)
		counters = append(counters, copied)
	}
	slices.SortFunc(counters, func(x, y Counter) int {
		return cmp.Or(cmp.Compare(x.Account, y.Account), cmp.Compare(x.Operation, y.Operation))
	})
	return counters
}

// Counter returns the counts of one account and operation, zeroes if there were
// no calls.
func (s *Sandbox) Counter(accountID, operationID string) Counter {
	for _, counter := range s.Counters() {
		if counter.Account == accountID && counter.Operation == operationID {
			return counter
		}
	}
	return Counter{Account: accountID, Operation: operationID, Statuses: map[int]int{}}
}

// ClearCalls forgets calls and counts.
func (s *Sandbox) ClearCalls() { s.calls.clear() }
