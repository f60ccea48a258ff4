package web

import (
	"net/http"
	"net/url"
	"strings"
)

// notServed answers what no call has the path or the method for.
func (a *api) notServed(mux *http.ServeMux) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		problem := NewProblem(http.StatusNotFound, "there is nothing under this path", "The paths are in /v1/openapi.json.")
		if allowed := allowedMethods(mux, r.Host, r.URL); len(allowed) > 0 {
			w.Header().Set("Allow", strings.Join(allowed, ", "))
			problem = NewProblem(http.StatusMethodNotAllowed, "this path does not take this method",
				"Use "+strings.Join(allowed, " or ")+".")
		}
		problem.write(w, callOf(r.Context()).requestID)
	}
}

func allowedMethods(mux *http.ServeMux, host string, path *url.URL) (allowed []string) {
	for _, method := range methods {
		_, pattern := mux.Handler(&http.Request{Method: method, Host: host, URL: path})
		if strings.Contains(pattern, " ") { // the others are registered without a method
			allowed = append(allowed, method)
		}
	}
	return allowed
}
