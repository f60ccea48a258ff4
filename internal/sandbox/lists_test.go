package sandbox_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/eitje/connexie-worker/internal/sandbox"
)

func TestReading_EveryOperationKeepsTheContract(t *testing.T) {
	t.Parallel()
	b := setup(t, people(3)...)
	for _, path := range []string{
		"/v1/account", "/v1/venues", "/v1/wage-codes", "/v1/employees", "/v1/employees?limit=2",
		"/v1/employees/emp_0001",
		"/v1/payroll-periods?venue_id=ven_1&from=2026-10-31&to=2026-11-01",
	} {
		require.Equal(t, http.StatusOK, b.get(path).status, path)
	}
}

func TestList_PagesInOrderOfID(t *testing.T) {
	t.Parallel()
	all := people(7)
	all[0], all[5] = all[5], all[0] // put in unsorted
	b := setup(t, all...)
	first := b.get("/v1/employees?limit=3").list(t)
	require.Equal(t, []string{"emp_0001", "emp_0002", "emp_0003"}, first.ids())
	second := b.get("/v1/employees?limit=3&cursor=" + *first.Next).list(t)
	require.Equal(t, []string{"emp_0004", "emp_0005", "emp_0006"}, second.ids())
	third := b.get("/v1/employees?limit=3&cursor=" + *second.Next).list(t)
	require.Equal(t, []string{"emp_0007"}, third.ids())
	require.Nil(t, third.Next)
}

func TestList_LimitIs100UnlessGivenAndLastPageHasNoCursor(t *testing.T) {
	t.Parallel()
	b := setup(t, people(100)...)
	page := b.get("/v1/employees").list(t)
	require.Len(t, page.Items, 100)
	require.Nil(t, page.Next)
}

func TestList_IsNotASnapshot(t *testing.T) {
	t.Parallel()
	b := setup(t, people(6)...)
	first := b.get("/v1/employees?limit=3").list(t)
	require.NoError(t, b.sandbox.RemoveEmployee(accountID, "emp_0003"))
	require.NoError(t, b.sandbox.RemoveEmployee(accountID, "emp_0004"))
	require.NoError(t, b.sandbox.PutEmployee(accountID, person("emp_0003b")))
	second := b.get("/v1/employees?limit=3&cursor=" + *first.Next).list(t)
	require.Equal(t, []string{"emp_0003b", "emp_0005", "emp_0006"}, second.ids())
}

func TestList_RefusesWhatTheContractRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t, people(3)...)
	for query, pointer := range map[string]string{
		"limit=0": "limit", "limit=501": "limit", "limit=": "limit", "limit=ten": "limit", "limit=1.0": "limit",
		"limit=%2B5": "limit", "limit=99999999999999999999": "limit", "limit=1&limit=1": "limit",
		"modified_since=yesterday": "modified_since", "modified_since=2026-11-22": "modified_since",
		"cursor=": "cursor", "cursor=garbage": "cursor", "cursor=%00": "cursor",
		"modifed_since=2026-11-22T00:00:00Z": "modifed_since", "a=%zz": "query",
	} {
		require.Equal(t, pointer, b.get("/v1/employees?"+query).problem(t, 422, "validation_failed"), query)
	}
	require.Equal(t, "modified_since",
		b.get("/v1/venues?modified_since=2026-11-22T00:00:00Z").problem(t, 422, "validation_failed"))
}

func TestCursor_ExpiresAfterTenMinutes(t *testing.T) {
	t.Parallel()
	b := setup(t, people(3)...)
	next := "/v1/employees?limit=1&cursor=" + *b.get("/v1/employees?limit=1").list(t).Next
	b.clock.advance(10 * time.Minute)
	b.get(next).list(t)
	b.clock.advance(time.Microsecond)
	b.get(next).problem(t, 410, "cursor_expired")
}

func TestCursor_BelongsToOneListOfOneAccount(t *testing.T) {
	t.Parallel()
	b := setup(t, people(3)...)
	other := account(people(3)...)
	other.ID, other.Token = "acc_2", "token-2"
	require.NoError(t, b.sandbox.AddAccount(other))
	next := *b.get("/v1/employees?limit=1").list(t).Next
	b.get("/v1/venues?cursor="+next).problem(t, 422, "validation_failed")
	b.token = "token-2"
	b.get("/v1/employees?cursor="+next).problem(t, 422, "validation_failed")
}

func TestCursor_CarriesModifiedSince(t *testing.T) {
	t.Parallel()
	b := setup(t, people(4)...)
	b.clock.advance(time.Hour)
	for _, id := range []string{"emp_0002", "emp_0004"} {
		_, err := b.sandbox.PatchEmployee(accountID, id, []byte(`{"last_name":"Visser"}`))
		require.NoError(t, err)
	}
	since := url.QueryEscape(noon.Add(time.Hour).Format(time.RFC3339))
	first := b.get("/v1/employees?limit=1&modified_since=" + since).list(t)
	require.Equal(t, []string{"emp_0002"}, first.ids())
	require.Equal(t, []string{"emp_0004"}, b.get("/v1/employees?cursor="+*first.Next).list(t).ids())
	require.Equal(t, []string{"emp_0004"},
		b.get("/v1/employees?modified_since="+since+"&cursor="+*first.Next).list(t).ids())
	require.Equal(t, "modified_since",
		b.get("/v1/employees?modified_since=2020-01-01T00:00:00Z&cursor="+*first.Next).problem(t, 422, "validation_failed"))
}

func TestETag_StandsForTheListUnderItsParameters(t *testing.T) {
	t.Parallel()
	b := setup(t, people(3)...)
	tag := func(path string) string { return b.get(path).header.Get("ETag") }
	const path = "/v1/employees?limit=2"
	before := tag(path)
	require.NotEmpty(t, before)
	same := b.get(path, header{"If-None-Match", `"x", W/` + before})
	require.Equal(t, http.StatusNotModified, same.status)
	require.Empty(t, same.body)
	require.Equal(t, before, same.header.Get("ETag"))
	require.NotEqual(t, before, tag("/v1/employees?limit=3"))
	require.NotEqual(t, before, tag("/v1/employees?limit=2&modified_since=2020-01-01T00:00:00Z"))

	second := b.get(path+"&cursor="+*b.get(path).list(t).Next, header{"If-None-Match", before})
	require.Equal(t, http.StatusOK, second.status, "only the first page is conditional")
	require.Empty(t, second.header.Get("ETag"))

	_, err := b.sandbox.PatchEmployee(accountID, "emp_0003", []byte(`{"last_name":"Visser"}`))
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, b.get(path, header{"If-None-Match", before}).status)
	require.Equal(t, 1, b.sandbox.Counter(accountID, "listEmployees").NotModified)
}

func TestETag_IsThatOfTheContentInAnySandbox(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/v1/employees", "/v1/venues", "/v1/wage-codes"} {
		one, other := setup(t, people(3)...), setup(t, people(3)...)
		require.Equal(t, one.get(path).header.Get("ETag"), other.get(path).header.Get("ETag"))
	}
	require.NotEqual(t, setup(t, people(3)...).get("/v1/employees").header.Get("ETag"),
		setup(t, people(2)...).get("/v1/employees").header.Get("ETag"))
}

func TestETag_IsOfTheAccountAndComesBackWithTheContent(t *testing.T) {
	t.Parallel()
	b := setup(t, people(3)...)
	tag := func() string { return b.get("/v1/venues").header.Get("ETag") }
	before := tag()
	require.NoError(t, b.sandbox.PutVenue(accountID, sandbox.Venue{ID: "ven_1", Name: "Anders"}))
	require.NotEqual(t, before, tag())
	require.NoError(t, b.sandbox.PutVenue(accountID, sandbox.Venue{ID: "ven_1", Name: "Een", Active: true}))
	require.NoError(t, b.sandbox.PutVenue(accountID, sandbox.Venue{ID: "ven_3"}))
	require.NoError(t, b.sandbox.RemoveVenue(accountID, "ven_3"))
	require.Equal(t, before, tag())

	other := account(people(3)...)
	other.ID, other.Token = "acc_2", "token-2"
	require.NoError(t, b.sandbox.AddAccount(other))
	b.token = "token-2"
	require.NotEqual(t, before, tag())
}

// Whatever changes between the pages: who is there all the time comes exactly
// once and in order, and what was never there does not come.
func TestList_PagesWhileItChanges(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		at := &clock{now: noon}
		s := sandbox.New(sandbox.Options{Now: at.Now})
		require.NoError(r, s.AddAccount(account(people(20)...)))
		stays := map[string]bool{}
		for i := range 20 {
			stays[fmt.Sprintf("emp_%04d", i+1)] = true
		}
		seen, last := map[string]int{}, ""
		limit := rapid.IntRange(1, 7).Draw(r, "limit")
		for path := fmt.Sprintf("/v1/employees?limit=%d", limit); path != ""; {
			page := serve(r, s, path)
			for _, id := range page.ids() {
				require.Greater(r, id, last)
				last = id
				seen[id]++
			}
			path = ""
			if page.Next != nil {
				path = fmt.Sprintf("/v1/employees?limit=%d&cursor=%s", limit, *page.Next)
			}
			gone := fmt.Sprintf("emp_%04d", rapid.IntRange(1, 20).Draw(r, "gone"))
			if s.RemoveEmployee(accountID, gone) == nil {
				delete(stays, gone)
			}
			came := fmt.Sprintf("emp_%04db", rapid.IntRange(0, 20).Draw(r, "came"))
			require.NoError(r, s.PutEmployee(accountID, person(came)))
		}
		for id := range stays {
			require.Equal(r, 1, seen[id], id)
		}
	})
}

func FuzzCursor(f *testing.F) {
	f.Add("")
	f.Add("AAAA")
	f.Add(base64.RawURLEncoding.EncodeToString([]byte(`12345678{"a":"acc_1","l":"listEmployees","k":"emp_0001"}`)))
	f.Fuzz(func(t *testing.T, text string) {
		at := &clock{now: noon}
		s := sandbox.New(sandbox.Options{Now: at.Now})
		require.NoError(t, s.AddAccount(account(people(1)...)))
		status, _ := request(s, "GET", "/v1/employees?cursor="+url.QueryEscape(text), "")
		require.Equal(t, 422, status)
	})
}

func FuzzQuery(f *testing.F) {
	f.Add("limit=5&modified_since=2026-11-22T00:00:00%2B01:00")
	f.Add("limit=-0")
	f.Add("modified_since=9999-12-31T23:59:59.999999999Z")
	f.Add(";&=%")
	f.Fuzz(func(t *testing.T, query string) {
		at := &clock{now: noon}
		s := sandbox.New(sandbox.Options{Now: at.Now})
		require.NoError(t, s.AddAccount(account(people(1)...)))
		status, body := request(s, "GET", "/v1/employees?"+(&url.URL{RawQuery: query}).RawQuery, "")
		require.Contains(t, []int{200, 422}, status, string(body))
	})
}
