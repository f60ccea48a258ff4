package sandbox

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// problem is an error as the contract sends it (RFC 9457). Details name
// parameters and ids, never what a person is called.
type problem struct {
	Title  string         `json:"title"`
	Status int            `json:"status"`
	Code   string         `json:"code"`
	Detail string         `json:"detail,omitempty"`
	Errors []problemError `json:"errors,omitempty"`

	header http.Header
}

type problemError struct {
	Reference string `json:"reference,omitempty"`
	Pointer   string `json:"pointer,omitempty"`
	Code      string `json:"code"`
	Detail    string `json:"detail,omitempty"`
}

func (p *problem) Error() string { return p.Code + ": " + p.Detail }

func (p *problem) answer() *answer {
	body, err := json.Marshal(p)
	if err != nil {
		panic(err) // a struct of strings and numbers always encodes
	}
	header := p.header.Clone()
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", "application/problem+json")
	return &answer{status: p.Status, header: header, body: body}
}

// codes gives each status the code of the contract.
var codes = map[int]string{
	http.StatusUnauthorized:        "invalid_token",
	http.StatusForbidden:           "forbidden",
	http.StatusNotFound:            "not_found",
	http.StatusMethodNotAllowed:    "method_not_allowed",
	http.StatusConflict:            "conflict",
	http.StatusGone:                "cursor_expired",
	http.StatusUnprocessableEntity: "validation_failed",
	http.StatusTooManyRequests:     "rate_limited",
}

func newProblem(status int, detail string) *problem {
	code, known := codes[status]
	if !known {
		code = "bad_request"
	}
	if status >= http.StatusInternalServerError {
		code = "server_error"
	}
	title := http.StatusText(status)
	if title == "" {
		title = "Status " + strconv.Itoa(status)
	}
	return &problem{Title: title, Status: status, Code: code, Detail: detail}
}

// invalid is a 422 that points at the member or parameter that is wrong.
func invalid(pointer, detail string) *problem {
	p := newProblem(http.StatusUnprocessableEntity, pointer+": "+detail)
	p.Errors = []problemError{{Pointer: pointer, Code: "invalid", Detail: detail}}
	return p
}

// refusal is a problem whose code says more than its status.
func refusal(status int, code, detail string) *problem {
	p := newProblem(status, detail)
	p.Code = code
	return p
}

func retryLater(status, seconds int, detail string) *problem {
	p := newProblem(status, detail)
	p.header = http.Header{"Retry-After": {strconv.Itoa(seconds)}}
	return p
}
