package sandbox_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/sandbox/contract"
)

const (
	accountID = "acc_1"
	token     = "token-1"
)

// noon is the instant at which every bundle's clock stands.
var noon = time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC)

// bundle is a served sandbox whose responses are held against the contract.
type bundle struct {
	*testing.T
	sandbox *sandbox.Sandbox
	url     string
	client  *http.Client
	token   string
	clock   *clock
}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(by)
}

func setup(t *testing.T, employees ...sandbox.Employee) *bundle {
	t.Helper()
	at := &clock{now: noon}
	s := sandbox.New(sandbox.Options{Now: at.Now})
	require.NoError(t, s.AddAccount(account(employees...)))
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return &bundle{
		T: t, sandbox: s, url: server.URL, token: token, clock: at,
		client: &http.Client{Transport: contract.ResponsesOnly(t, server.Client().Transport)},
	}
}

func account(employees ...sandbox.Employee) sandbox.Account {
	return sandbox.Account{
		ID: accountID, Name: "Proef", Token: token,
		Permissions: []sandbox.Permission{sandbox.EmployeesRead, sandbox.EmploymentWrite, sandbox.ImportsWrite},
		Venues:      []sandbox.Venue{{ID: "ven_1", Name: "Een", Active: true}, {ID: "ven_2", Name: "Twee"}},
		WageCodes:   []sandbox.WageCode{{Code: "1000", Description: "Uren", Kind: "hours", Unit: "hours"}},
		PayrollPeriods: []sandbox.PayrollPeriod{
			{ID: "per_b", VenueID: "ven_1", StartDate: "2026-11-01", EndDate: "2026-11-30", Status: "open"},
			{ID: "per_a", VenueID: "ven_1", StartDate: "2026-10-01", EndDate: "2026-10-31", Status: "run"},
			{ID: "per_c", VenueID: "ven_2", StartDate: "2026-11-01", EndDate: "2026-11-30", Status: "open"},
		},
		Employees: employees,
	}
}

// person has one open flex contract and an e-mail address.
func person(id string) sandbox.Employee {
	return sandbox.Employee{
		ID: id, FirstName: "Noor", LastName: "Bakker", Email: sandbox.Some(id + "@example.com"),
		Employment: sandbox.Employment{Status: sandbox.EmploymentActive, StartDate: "2025-01-01"},
		Contracts: []sandbox.Contract{{
			ID: "con_" + id, Type: sandbox.Flex, StartDate: "2025-01-01",
			HourlyWage: sandbox.Some("15.20"), VenueID: "ven_1",
		}},
		ModifiedAt: noon.Add(-24 * time.Hour),
	}
}

func people(n int) []sandbox.Employee {
	all := make([]sandbox.Employee, n)
	for i := range all {
		all[i] = person(fmt.Sprintf("emp_%04d", i+1))
	}
	return all
}

// reply is a response that was read to its end.
type reply struct {
	status int
	header http.Header
	body   []byte
}

type header struct{ name, value string }

func (b *bundle) try(method, path, body string, headers ...header) (reply, error) {
	b.Helper()
	request, err := http.NewRequestWithContext(b.Context(), method, b.url+path, strings.NewReader(body))
	require.NoError(b, err)
	if body == "" {
		request.Body = nil
	} else {
		request.Header.Set("Content-Type", "application/json")
	}
	if b.token != "" {
		request.Header.Set("Authorization", "Bearer "+b.token)
	}
	for _, extra := range headers {
		request.Header.Set(extra.name, extra.value)
	}
	client := b.client
	if strings.HasPrefix(path, "/sandbox") {
		client = http.DefaultClient // the contract says nothing of this side
	}
	response, err := client.Do(request)
	if err != nil {
		return reply{}, err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	return reply{response.StatusCode, response.Header, data}, err
}

func (b *bundle) do(method, path, body string, headers ...header) reply {
	b.Helper()
	answered, err := b.try(method, path, body, headers...)
	require.NoError(b, err)
	return answered
}

func (b *bundle) get(path string, headers ...header) reply {
	b.Helper()
	return b.do(http.MethodGet, path, "", headers...)
}

type listed struct {
	Items []sandbox.Employee `json:"items"`
	Next  *string            `json:"next_cursor"`
}

func (r reply) list(t require.TestingT) listed {
	require.Equal(t, http.StatusOK, r.status, string(r.body))
	var page listed
	require.NoError(t, json.Unmarshal(r.body, &page))
	return page
}

func (l listed) ids() []string {
	ids := []string{}
	for _, employee := range l.Items {
		ids = append(ids, employee.ID)
	}
	return ids
}

// problem requires the status and code, and names what is pointed at.
func (r reply) problem(t require.TestingT, status int, code string) (pointer string) {
	require.Equal(t, status, r.status, string(r.body))
	require.Equal(t, "application/problem+json", r.header.Get("Content-Type"))
	require.NotEmpty(t, r.header.Get("X-Request-Id"))
	var body struct {
		Code   string
		Errors []struct{ Pointer string }
	}
	require.NoError(t, json.Unmarshal(r.body, &body))
	require.Equal(t, code, body.Code)
	if len(body.Errors) > 0 {
		return body.Errors[0].Pointer
	}
	return ""
}

// readAll reads the list to its end.
func (b *bundle) readAll(path string) []string {
	b.Helper()
	ids := []string{}
	for next := ""; ; {
		page := b.get(path + next).list(b)
		ids = append(ids, page.ids()...)
		if page.Next == nil {
			return ids
		}
		next = "&cursor=" + *page.Next
	}
}

func (b *bundle) fault(fault sandbox.Fault) string {
	b.Helper()
	id, err := b.sandbox.AddFault(fault)
	require.NoError(b, err)
	return id
}
