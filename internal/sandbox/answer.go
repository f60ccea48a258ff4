package sandbox

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// answer is a whole response before it is written, so that a fault can change
// it, send half of it or none.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func answerJSON(status int, value any) *answer {
	body, err := json.Marshal(value)
	if err != nil {
		panic(err) // only the sandbox's own types come here
	}
	return answerBytes(status, body)
}

func answerBytes(status int, body []byte) *answer {
	return &answer{
		status: status,
		header: http.Header{"Content-Type": {"application/json"}},
		body:   body,
	}
}

// answerError sends a *problem as it is; any other error is the sandbox's own
// mistake.
func answerError(err error) *answer {
	if known, ok := err.(*problem); ok { //nolint:errorlint // handlers never wrap it
		return known.answer()
	}
	return newProblem(http.StatusInternalServerError, err.Error()).answer()
}

func (a *answer) write(w http.ResponseWriter) {
	a.writeHeader(w)
	_, _ = w.Write(a.body) // a reader who has gone is nobody's error
}

// writeCut announces the whole body, sends half of it and breaks the connection.
func (a *answer) writeCut(w http.ResponseWriter) {
	a.writeHeader(w)
	_, _ = w.Write(a.body[:len(a.body)/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

func (a *answer) writeHeader(w http.ResponseWriter) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	if a.status != http.StatusNotModified {
		w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	w.WriteHeader(a.status)
}
