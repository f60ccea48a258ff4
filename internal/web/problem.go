package web

import (
	"encoding/json"
	"net/http"
)

// Problem is what is wrong and what to do, in the form of RFC 9457. It holds ids and
// never what a caller sent.
type Problem struct { //nolint:errname // it is an answer as well as an error
	Title     string  `json:"title" doc:"The status in words." example:"Conflict"`
	Status    int     `json:"status" example:"409"`
	Detail    string  `json:"detail" doc:"What is wrong."`
	NextStep  string  `json:"next_step" doc:"What to do about it."`
	RequestID string  `json:"request_id,omitempty" doc:"Names this request in the log; give it when asking for help."`
	Errors    []Fault `json:"errors,omitempty" doc:"Each part of the request that is wrong."`
}

// Fault is one part of a request that is wrong.
type Fault struct {
	Location string `json:"location" doc:"Where, such as body.decision or query.limit."`
	Message  string `json:"message"`
}

// NewProblem makes a problem of an HTTP status, what is wrong, and what to do.
func NewProblem(status int, detail, nextStep string) *Problem {
	return &Problem{Title: http.StatusText(status), Status: status, Detail: detail, NextStep: nextStep}
}

// Error is both sentences.
func (p *Problem) Error() string { return p.Detail + ". " + p.NextStep }

// GetStatus is the status of the answer; huma asks for it.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is that of a problem; huma asks for it.
func (p *Problem) ContentType(string) string { return problemType }

const problemType = "application/problem+json"

func unauthorised() *Problem {
	return NewProblem(http.StatusUnauthorized, "no valid key came with this request",
		"Send the header Authorization: Bearer KEY with a key of API_KEYS.")
}

// notThere is the one answer for what does not exist and for what belongs to another
// organisation (N7).
func notThere(what string) *Problem {
	return NewProblem(http.StatusNotFound, "your organisation has no such "+what, "Check the id.")
}

func timedOut() *Problem {
	return NewProblem(http.StatusServiceUnavailable, "no answer came in time",
		"Try again with the same Idempotency-Key. It may have been done all the same.")
}

func internal() *Problem {
	return NewProblem(http.StatusInternalServerError, "something went wrong here",
		"Try again; if it stays so, give request_id to whoever runs this service.")
}

// write answers with the problem, outside of huma.
func (p *Problem) write(w http.ResponseWriter, requestID string) {
	own := *p
	own.RequestID = requestID
	w.Header().Set("Content-Type", problemType)
	w.WriteHeader(own.Status)
	_ = json.NewEncoder(w).Encode(own) // whoever asked has gone
}
