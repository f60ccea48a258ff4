package connexie_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/connexie"
	"github.com/eitje/connexie-worker/internal/domain"
)

func TestConnexie_S14_TheEndOfAListIsOnlyWhatSaysSo(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ body, reason string }{
		"no next_cursor":    {`{"items":[]}`, "next_cursor: missing"},
		"other letters":     {`{"items":[],"Next_Cursor":null}`, "next_cursor: missing"},
		"empty cursor":      {`{"items":[],"next_cursor":""}`, "next_cursor: empty, neither null nor a cursor"},
		"number as cursor":  {`{"items":[],"next_cursor":2}`, "next_cursor: not a string"},
		"false as cursor":   {`{"items":[],"next_cursor":false}`, "next_cursor: not a string"},
		"two cursors":       {`{"items":[],"next_cursor":"a","next_cursor":null}`, "next_cursor: comes twice"},
		"the same page":     {`{"items":[],"next_cursor":"here"}`, "next_cursor: leads to the same page"},
		"endless cursor":    {`{"items":[],"next_cursor":"` + strings.Repeat("c", 2049) + `"}`, "next_cursor: too long"},
		"no items":          {`{"next_cursor":null}`, "items: missing"},
		"items null":        {`{"items":null,"next_cursor":null}`, "items: not an array"},
		"items an object":   {`{"items":{},"next_cursor":null}`, "items: not an array"},
		"an array":          {`[]`, "not an object"},
		"null":              {`null`, "not an object"},
		"a problem in 200":  {`{"title":"x","status":500,"code":"server_error"}`, "items: missing"},
		"next page, but it": {`{"items":"[]","next_cursor":"n"}`, "items: not an array"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			account, request := serve(t, replyJSON(test.body)), connexie.PageRequest{Cursor: "here"}
			_, err := account.ListEmployees(t.Context(), request)
			require.Equal(t, connexie.CodeProtocol, failure(t, err).Code)
			require.Equal(t, test.reason, failure(t, err).Reason)
			_, err = account.ListVenues(t.Context(), request)
			require.Equal(t, test.reason, failure(t, err).Reason)
			_, err = account.ListWageCodes(t.Context(), request)
			require.Equal(t, test.reason, failure(t, err).Reason)
		})
	}
}

func TestConnexie_S15_BadRecordsAreSetAside(t *testing.T) {
	t.Parallel()
	items := strings.Join([]string{
		personOf(nil), `5`, `null`, `[]`,
		personOf(edits{"id": `"emp_2"`, "contracts": `[` + contractOf(nil) + `,` + contractOf(edits{"id": `"con_2"`, "start_date": `"2026-02-30"`}) + `]`}),
		personOf(edits{"id": `"../emp"`}),
		personOf(edits{"id": `"emp_3"`}),
	}, ",")
	got, err := serve(t, replyJSON(`{"items":[`+items+`],"next_cursor":"more"}`)).ListEmployees(t.Context(), connexie.PageRequest{})
	require.NoError(t, err)
	require.Equal(t, "more", got.Next)
	require.Len(t, got.People, 2)
	require.Equal(t, "emp_1", got.People[0].ID)
	require.Equal(t, "emp_3", got.People[1].ID)
	require.Equal(t, []connexie.BadRecord{
		{Position: 1, Reason: "not an object"},
		{Position: 2, Reason: "not an object"},
		{Position: 3, Reason: "not an object"},
		{ID: "emp_2", Position: 4, Reason: "contracts[1].start_date: not a calendar date"},
		{Position: 5, Reason: "id: not an id"},
	}, got.Bad)
}

func TestConnexie_S15_BadVenuesAndCodesAreSetAside(t *testing.T) {
	t.Parallel()
	venues, err := serve(t, replyJSON(page(`
		{"id":"ven_1","name":"Café De Zon","active":true,"colour":"red"},
		{"id":"ven_2","name":"Bar","active":"yes"},
		{"id":"ven_3","name":"Kelder","active":false},
		{"id":"ven_4","active":true},
		{"id":"ven_5","name":"Dak","Active":true}`))).ListVenues(t.Context(), connexie.PageRequest{})
	require.NoError(t, err)
	require.Equal(t, []domain.Venue{
		{ID: "ven_1", Name: "Café De Zon", Active: true}, {ID: "ven_3", Name: "Kelder"},
	}, venues.Venues)
	require.Equal(t, []connexie.BadRecord{
		{ID: "ven_2", Position: 1, Reason: "active: neither true nor false"},
		{ID: "ven_4", Position: 3, Reason: "name: missing"},
		{ID: "ven_5", Position: 4, Reason: "active: missing"},
	}, venues.Bad)

	codes, err := serve(t, replyJSON(page(`
		{"code":"H 100","description":"Uren","kind":"hours","unit":"hours"},
		{"code":"H200","description":"","kind":"overtime","unit":"hours"},
		{"code":"H300","description":"Km","kind":"allowance","unit":"miles"},
		{"code":" ","description":"Leeg","kind":"meal","unit":"pieces"},
		{"code":"12345678901234567","description":"Lang","kind":"meal","unit":"pieces"}`))).ListWageCodes(t.Context(), connexie.PageRequest{})
	require.NoError(t, err)
	require.Equal(t, []domain.WageCode{{Code: "H 100", Description: "Uren", Kind: "hours", Unit: "hours"}}, codes.WageCodes)
	require.Equal(t, []connexie.BadRecord{
		{ID: "H200", Position: 1, Reason: "kind: not a word of the contract"},
		{ID: "H300", Position: 2, Reason: "unit: not a word of the contract"},
		{Position: 3, Reason: "code: blank"},
		{Position: 4, Reason: "code: too long"},
	}, codes.Bad)
}

func TestConnexie_ListsAreAskedForByTheContract(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, 11, 22, 23, 0, 0, 5_000_000, time.FixedZone("CET", 3600))
	tests := map[string]struct {
		request connexie.PageRequest
		query   string
		etag    string
	}{
		"first page":       {connexie.PageRequest{}, "", ""},
		"conditional":      {connexie.PageRequest{Limit: 500, ETag: `W/"a-1"`}, "limit=500", `W/"a-1"`},
		"following page":   {connexie.PageRequest{Cursor: "a+b/c=&d", ETag: `"a"`}, "cursor=a%2Bb%2Fc%3D%26d", ""},
		"changed since":    {connexie.PageRequest{ModifiedSince: since}, "modified_since=2026-11-22T22%3A00%3A00.005Z", ""},
		"one at a time":    {connexie.PageRequest{Limit: 1}, "limit=1", ""},
		"everything asked": {connexie.PageRequest{Cursor: "c", Limit: 2, ModifiedSince: since}, "cursor=c&limit=2&modified_since=2026-11-22T22%3A00%3A00.005Z", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			account := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/v1/employees" || r.URL.RawQuery != test.query || r.Header.Get("If-None-Match") != test.etag ||
					r.Header.Get("Authorization") != "Bearer "+secret || r.Header.Get("User-Agent") == "" {
					http.Error(w, "not as asked for", http.StatusTeapot)
					return
				}
				replyJSON(page(""))(w, r)
			})
			_, err := account.ListEmployees(t.Context(), test.request)
			require.NoError(t, err)
		})
	}
}

func TestConnexie_ConditionalReading(t *testing.T) {
	t.Parallel()
	got, err := serve(t, reply(304, "", "", "ETag", `"other"`)).ListEmployees(t.Context(), connexie.PageRequest{ETag: `"a"`})
	require.NoError(t, err)
	require.Equal(t, connexie.PeoplePage{NotModified: true, ETag: `"a"`}, got)

	_, err = serve(t, reply(304, "", "")).ListVenues(t.Context(), connexie.PageRequest{ETag: `"a"`, Cursor: "c"})
	require.Equal(t, connexie.CodeProtocol, failure(t, err).Code, "a later page is not asked for conditionally")

	for header, etag := range map[string]string{
		`"a"`: `"a"`, `W/"a"`: `W/"a"`, `""`: `""`, ``: ``, `a`: ``, `"a`: ``, `"`: ``, `"a b"`: ``, `"a"b"`: ``,
		`"` + strings.Repeat("a", 300) + `"`: ``,
	} {
		account := serve(t, replyJSON(page(""), "ETag", header))
		got, err := account.ListVenues(t.Context(), connexie.PageRequest{})
		require.NoError(t, err)
		require.Equal(t, etag, got.ETag, "header %s", header)
		got, err = account.ListVenues(t.Context(), connexie.PageRequest{Cursor: "c"})
		require.NoError(t, err)
		require.Empty(t, got.ETag, "an ETag stands for the whole list and comes with its first page")
	}
}

func TestConnexie_WrongArgumentsAreNotSent(t *testing.T) {
	t.Parallel()
	account := connect(t, "http://127.0.0.1:1/v1")
	day := domain.NewDate(2026, 11, 22)
	calls := map[string]func() error{
		"negative limit": func() error {
			_, err := account.ListEmployees(t.Context(), connexie.PageRequest{Limit: -1})
			return err
		},
		"limit beyond the contract": func() error {
			_, err := account.ListVenues(t.Context(), connexie.PageRequest{Limit: 501})
			return err
		},
		"ETag with a line break": func() error {
			_, err := account.ListWageCodes(t.Context(), connexie.PageRequest{ETag: "\"a\r\nX: 1\""})
			return err
		},
		"endless cursor": func() error {
			_, err := account.ListEmployees(t.Context(), connexie.PageRequest{Cursor: strings.Repeat("c", 3000)})
			return err
		},
		"venues by when they changed": func() error {
			_, err := account.ListVenues(t.Context(), connexie.PageRequest{ModifiedSince: time.Now()})
			return err
		},
		"no id":       func() error { _, err := account.GetEmployee(t.Context(), ""); return err },
		"path as id":  func() error { _, err := account.GetEmployee(t.Context(), "../account"); return err },
		"query as id": func() error { _, err := account.GetEmployee(t.Context(), "a?b=c"); return err },
		"end of nobody": func() error {
			_, err := account.EndEmployment(t.Context(), "", connexie.EmploymentEnd{Day: day})
			return err
		},
		"end without a day": func() error {
			_, err := account.EndEmployment(t.Context(), "emp_1", connexie.EmploymentEnd{})
			return err
		},
		"endless reason": func() error {
			_, err := account.EndEmployment(t.Context(), "emp_1", connexie.EmploymentEnd{Day: day, Reason: strings.Repeat("é", 201)})
			return err
		},
		"periods of no venue": func() error {
			_, err := account.ListPayrollPeriods(t.Context(), connexie.PayrollPeriodsRequest{From: day, To: day})
			return err
		},
		"periods backwards": func() error {
			_, err := account.ListPayrollPeriods(t.Context(), connexie.PayrollPeriodsRequest{VenueID: "ven_1", From: day, To: day.AddDays(-1)})
			return err
		},
		"periods without days": func() error {
			_, err := account.ListPayrollPeriods(t.Context(), connexie.PayrollPeriodsRequest{VenueID: "ven_1"})
			return err
		},
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, connexie.CodeInvalidArgument, failure(t, call()).Code)
		})
	}
}
