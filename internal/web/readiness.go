package web

import (
	"context"
	"net/http"
	"sync"
	"time"
)

const (
	// checkTimeout is shorter than the second or two that probes usually wait.
	checkTimeout = 900 * time.Millisecond
	// readyFor is how long an answer holds: whoever can reach the port may ask, and
	// must not make us ask the database as often.
	readyFor = time.Second
)

// readiness asks every check, at most once per readyFor however many ask.
type readiness struct {
	checks map[string]Check

	mutex sync.Mutex
	asked time.Time
	words map[string]string
}

// Readiness is the answer of /readyz. Why a check failed is not told: whoever can
// reach the port may read it.
type Readiness struct {
	Ready  bool              `json:"ready"`
	Checks map[string]string `json:"checks"`
}

func (s *readiness) ask() Readiness {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if time.Since(s.asked) >= readyFor {
		s.words = askAll(s.checks)
		s.asked = time.Now()
	}
	answer := Readiness{Ready: true, Checks: s.words}
	for _, word := range s.words {
		answer.Ready = answer.Ready && word == "ok"
	}
	return answer
}

// askAll has a context of its own: others wait for the same answer.
func askAll(checks map[string]Check) map[string]string {
	ctx, cancel := context.WithTimeout(context.Background(), checkTimeout)
	defer cancel()
	var mutex sync.Mutex
	words := make(map[string]string, len(checks))
	var all sync.WaitGroup
	for name, check := range checks {
		all.Go(func() {
			word := "ok"
			if check(ctx) != nil {
				word = "failed"
			}
			mutex.Lock()
			defer mutex.Unlock()
			words[name] = word
		})
	}
	all.Wait()
	return words
}

func (a *api) serveProbes(mux *http.ServeMux) {
	ready := &readiness{checks: a.Checks}
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = writeJSON(w, map[string]bool{"alive": true})
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		answer := ready.ask()
		w.Header().Set("Content-Type", "application/json")
		if !answer.Ready {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_ = writeJSON(w, answer)
	})
}
