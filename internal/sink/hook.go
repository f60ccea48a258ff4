package sink

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
)

// Call is what a webhook was sent.
type Call struct {
	Header http.Header
	Body   string
}

// ID is the key under which a receiver knows a repetition.
func (c Call) ID() string { return c.Header.Get("webhook-id") }

// Hook is a webhook that keeps every call. It is safe for concurrent use.
type Hook struct {
	server *httptest.Server

	mutex sync.Mutex
	calls []Call
	next  []Answer
	rest  Answer
}

// Answer is what a webhook does with a call that it has kept. The zero value takes it.
type Answer struct {
	// Status is 204 where zero.
	Status     int
	RetryAfter string
	// Lost takes the call and breaks the connection instead of answering.
	Lost bool
	// Silent takes the call and answers never: until the caller gives up.
	Silent bool
}

// OpenHook listens on this machine.
func OpenHook() *Hook {
	h := &Hook{}
	h.server = httptest.NewServer(h)
	return h
}

// URL is where it is called.
func (h *Hook) URL() string { return h.server.URL + "/hooks/connexie" }

// Close returns once nobody listens.
func (h *Hook) Close() { h.server.CloseClientConnections(); h.server.Close() }

// Calls are those that came, in order, whatever was answered.
func (h *Hook) Calls() []Call {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return append([]Call(nil), h.calls...)
}

// AnswerNext lets it answer the next calls so, one each.
func (h *Hook) AnswerNext(answers ...Answer) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.next = append(h.next, answers...)
}

// AnswerAll lets it answer so from now on.
func (h *Hook) AnswerAll(answer Answer) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.next, h.rest = nil, answer
}

// ServeHTTP keeps a call and answers it.
func (h *Hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	answer := h.keep(Call{r.Header.Clone(), string(body)})
	switch {
	case answer.Lost:
		panic(http.ErrAbortHandler)
	case answer.Silent:
		<-r.Context().Done()
		return
	case answer.RetryAfter != "":
		w.Header().Set("Retry-After", answer.RetryAfter)
	}
	if answer.Status == 0 {
		answer.Status = http.StatusNoContent
	}
	w.WriteHeader(answer.Status)
}

func (h *Hook) keep(call Call) Answer {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.calls = append(h.calls, call)
	if len(h.next) == 0 {
		return h.rest
	}
	answer := h.next[0]
	h.next = h.next[1:]
	return answer
}
