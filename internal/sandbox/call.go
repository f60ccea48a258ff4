package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// call is one request of an account to one operation.
type call struct {
	sandbox   *Sandbox
	account   *account // nil where the token is refused
	refused   *problem // why
	operation *operation
	pathValues
	request *http.Request
	body    []byte // read before anything else, so that a caller who gives up is noticed
	unread  *problem
	query   url.Values
	now     time.Time
	struck  []strike
}

// ServeHTTP answers under /v1 as the contract says and under /sandbox as the
// sandbox's own API.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Request-Id", fmt.Sprintf("req_%08d", s.requests.Add(1)))
	switch path := r.URL.Path; {
	case path == "/sandbox" || strings.HasPrefix(path, "/sandbox/"):
		s.admin.ServeHTTP(w, r)
	case path == "/v1/openapi.yaml" && r.Method == http.MethodGet:
		w.Header().Set("Content-Type", "application/yaml")
		_, _ = w.Write(openAPI)
	default:
		s.serveContract(w, r)
	}
}

func (s *Sandbox) serveContract(w http.ResponseWriter, r *http.Request) {
	path, found := strings.CutPrefix(r.URL.Path, "/v1")
	if !found {
		path = ""
	}
	operation, values, wrong := route(r.Method, path)
	if wrong != nil {
		wrong.answer().write(w)
		return
	}
	c := &call{sandbox: s, operation: operation, pathValues: values, request: r, now: s.Now()}
	c.body, c.unread = readBody(r)
	c.account, c.refused = s.authenticate(r.Header)
	c.struck = s.faults.strike(c.aspects())
	response := c.answer()
	s.calls.add(c, w.Header().Get("X-Request-Id"), response)
	c.send(w, response)
}

func (c *call) accountID() string {
	if c.account == nil {
		return ""
	}
	return c.account.id
}

// aspects are what faults choose calls by.
func (c *call) aspects() aspects {
	query := c.request.URL.Query()
	return aspects{
		account: c.accountID(), operation: c.operation.id,
		venue: c.venueID(query), hasCursor: query.Has("cursor"),
	}
}

// venueID is the venue whose import or payroll periods the call is about, ""
// where it is about none. What is wrong with the call is not looked at.
func (c *call) venueID(query url.Values) string {
	switch {
	case c.account == nil:
		return ""
	case c.operation.id == "listPayrollPeriods":
		return query.Get("venue_id")
	case c.operation.id == "createHourImport":
		var body struct {
			VenueID string `json:"venue_id"`
		}
		_ = json.Unmarshal(c.body, &body)
		return body.VenueID
	case strings.HasPrefix(c.operation.path, "/hour-imports/"):
		return c.account.venueOfImport(c.id)
	default:
		return ""
	}
}

// answer lets the faults before the effect speak, then the operation, then the
// faults after it. nil is a connection that breaks without an answer.
func (c *call) answer() *answer {
	if response, decided := c.strikeEffect(false); decided {
		return response
	}
	response, err := c.perform()
	if err != nil {
		response = answerError(err)
	}
	c.strikeChanges()
	if replaced, decided := c.strikeEffect(true); decided {
		return replaced
	}
	return response
}

// perform checks what every operation asks for and runs it.
func (c *call) perform() (*answer, error) {
	if c.refused != nil {
		return nil, c.refused
	}
	if len(c.id) > 64 {
		return nil, invalid("id", "longer than 64 characters")
	}
	var wrong *problem
	if c.query, wrong = readQuery(c.request.URL.RawQuery, c.operation.parameters); wrong != nil {
		return nil, wrong
	}
	if err := c.permitted(); err != nil {
		return nil, err
	}
	return c.operation.handle(c)
}

// read runs do on the account as it is today.
func (c *call) read(do func(*account)) {
	a := c.account
	a.mu.RLock()
	if a.day < DateOf(c.now) {
		a.mu.RUnlock()
		a.mu.Lock()
		a.advance(c.now)
		a.mu.Unlock()
		a.mu.RLock()
	}
	defer a.mu.RUnlock()
	do(a)
}

func (c *call) permitted() (err error) {
	c.read(func(a *account) {
		if needed := c.operation.permission; needed != "" && !a.may(needed) {
			err = newProblem(http.StatusForbidden, "the token lacks the permission "+string(needed))
		}
	})
	return err
}
