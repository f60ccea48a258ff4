package web

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// methods are those that may stand in a log; whatever else is sent is called other.
var methods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions,
}

const other = "other"

// exchangeOf keeps what may stand in a log (N4): patterns rather than paths, and ids
// only where they are ids.
func exchangeOf(r *http.Request, call *call, answer *recorder, took time.Duration) Exchange {
	exchange := Exchange{
		RequestID: call.requestID, OrganisationID: call.organisationID, Method: r.Method, Route: routeOf(r),
		ConnectionID: idIn(r, "connection_id"), RunID: idIn(r, "run_id"),
		Status: answer.status, Bytes: answer.bytes, Duration: took,
	}
	if !slices.Contains(methods, r.Method) {
		exchange.Method = other
	}
	return exchange
}

// routeOf is the path of the pattern that was served.
func routeOf(r *http.Request) string {
	_, path, found := strings.Cut(r.Pattern, " ")
	if !found {
		return other
	}
	return path
}

func idIn(r *http.Request, name string) string {
	if id := r.PathValue(name); uuidPattern.MatchString(id) {
		return id
	}
	return ""
}

// recorder notes what is answered.
type recorder struct {
	http.ResponseWriter

	status int
	bytes  int
}

// WriteHeader notes the status.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write counts, and keeps to itself that whoever asked has gone: huma would panic.
func (r *recorder) Write(text []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	written, _ := r.ResponseWriter.Write(text)
	r.bytes += written
	return len(text), nil
}

// Unwrap lets deadlines be set.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
