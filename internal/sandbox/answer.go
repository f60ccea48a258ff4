package sandbox

import (
	"encoding/json"
	"maps"
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

func answerOK(value any) *answer {
	body, err := json.Marshal(value)
	if err != nil {
		panic(err) // only the sandbox's own types come here
	}
	return answerBytes(http.StatusOK, body)
}

func answerBytes(status int, body []byte) *answer {
	return &answer{
		status: status,
		header: http.Header{"Content-Type": {"application/json"}},
		body:   body,
	}
}

func answerNothing() *answer {
	return &answer{status: http.StatusNoContent, header: http.Header{}}
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
	// A reader who has gone is nobody's error.
	_, _ = w.Write(a.body) //nolint:gosec // JSON under its own content type, which no browser takes for a page
}

// writeCut announces the whole body, sends half of it and breaks the connection.
func (a *answer) writeCut(w http.ResponseWriter) {
	a.writeHeader(w)
	_, _ = w.Write(a.body[:len(a.body)/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

func (a *answer) writeHeader(w http.ResponseWriter) {
	maps.Copy(w.Header(), a.header)
	if a.status != http.StatusNotModified && a.status != http.StatusNoContent {
		w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	w.WriteHeader(a.status)
}
