package sandbox_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/sandbox"
)

func (b *bundle) employee(id string) sandbox.Employee {
	b.Helper()
	employee, err := b.sandbox.Employee(accountID, id)
	require.NoError(b, err)
	return employee
}

func (b *bundle) end(id, body string) reply {
	b.Helper()
	return b.do(http.MethodPut, "/v1/employees/"+id+"/employment-end", body)
}

func TestEndEmployment_CutsContractsAndIsIdempotent(t *testing.T) {
	t.Parallel()
	leaver := person("emp_1")
	open, past, later := leaver.Contracts[0], leaver.Contracts[0], leaver.Contracts[0]
	past.ID, past.EndDate = "con_past", sandbox.Some[sandbox.Date]("2025-12-31")
	later.ID, later.StartDate = "con_later", "2027-01-01"
	leaver.Contracts = []sandbox.Contract{open, past, later}
	b := setup(t, leaver)
	first := b.end("emp_1", `{"end_date":"2026-11-30","reason":"Verhuisd","unknown":1}`)
	require.Equal(t, 200, first.status, string(first.body))
	var now sandbox.Employee
	require.NoError(t, json.Unmarshal(first.body, &now))
	require.Equal(t, sandbox.EmploymentActive, now.Employment.Status, "the last day is still to come")
	require.Len(t, now.Contracts, 2, "a contract that would only begin later is dropped")
	require.Equal(t, sandbox.Some[sandbox.Date]("2026-11-30"), now.Contracts[0].EndDate)
	require.Equal(t, sandbox.Some[sandbox.Date]("2025-12-31"), now.Contracts[1].EndDate)
	b.clock.advance(time.Hour)
	require.Equal(t, string(first.body), string(b.end("emp_1", `{"end_date":"2026-11-30"}`).body))
	require.Equal(t, now, b.employee("emp_1"))
}

func TestEndEmployment_InThePastEndsAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t, people(1)...)
	require.Equal(t, 200, b.end("emp_0001", `{"end_date":"2026-11-21"}`).status)
	require.Equal(t, sandbox.EmploymentEnded, b.employee("emp_0001").Employment.Status)
	require.Equal(t, 200, b.end("emp_0001", `{"end_date":"2026-11-22"}`).status)
	require.Equal(t, sandbox.EmploymentActive, b.employee("emp_0001").Employment.Status, "the last day is worked")
}

func TestEndEmployment_RefusesWhatTheContractRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t, people(1)...)
	before := b.employee("emp_0001")
	for body, pointer := range map[string]string{
		`{}`: "/end_date", `{"end_date":null}`: "/end_date", `{"end_date":"2026-02-30"}`: "/end_date",
		`{"end_date":"2024-12-31"}`: "/end_date", `{"end_date":20261130}`: "body", `[]`: "body", `{`: "body", `null`: "/end_date",
		`{"end_date":"2026-11-30","reason":7}`:                                  "/reason",
		`{"end_date":"2026-11-30","reason":null}`:                               "/reason",
		`{"end_date":"2026-11-30","reason":"` + strings.Repeat("é", 201) + `"}`: "/reason",
	} {
		require.Equal(t, pointer, b.end("emp_0001", body).problem(t, 422, "validation_failed"), body)
	}
	b.end("emp_9", `{"end_date":"2026-11-30"}`).problem(t, 404, "not_found")
	text := b.do(http.MethodPut, "/v1/employees/emp_0001/employment-end", `{"end_date":"2026-11-30"}`, header{"Content-Type", "text/plain"})
	require.Equal(t, "Content-Type", text.problem(t, 422, "validation_failed"))
	require.Equal(t, before, b.employee("emp_0001"))
}

func TestDate_TheLastDayIsStillWorked(t *testing.T) {
	t.Parallel()
	leaver := person("emp_1")
	leaver.Employment.EndDate = sandbox.Some[sandbox.Date]("2026-11-23")
	b := setup(t, leaver)
	b.clock.advance(24 * time.Hour)
	require.Equal(t, sandbox.EmploymentActive, b.employee("emp_1").Employment.Status)
	b.clock.advance(24 * time.Hour)
	require.Equal(t, sandbox.EmploymentEnded, b.employee("emp_1").Employment.Status)
}

// An employment ends by the calendar of Amsterdam, and modified_at says when.
func TestDate_EndsAnEmploymentTheDayAfter(t *testing.T) {
	t.Parallel()
	leaver := person("emp_1")
	leaver.Employment.EndDate = sandbox.Some[sandbox.Date]("2026-11-22")
	b := setup(t, leaver, person("emp_2"))
	const path = "/v1/employees"
	before := b.get(path).header.Get("ETag")
	b.clock.advance(11*time.Hour + 59*time.Minute) // 23:59 in Amsterdam
	require.Equal(t, http.StatusNotModified, b.get(path, header{"If-None-Match", before}).status)
	b.clock.advance(time.Minute)
	page := b.get(path, header{"If-None-Match", before}).list(t)
	require.Equal(t, sandbox.EmploymentEnded, page.Items[0].Employment.Status)
	require.Equal(t, time.Date(2026, 11, 22, 23, 0, 0, 0, time.UTC), page.Items[0].ModifiedAt)
	require.Equal(t, []string{"emp_1"}, b.get(path+"?modified_since=2026-11-22T23:00:00Z").list(t).ids())
}

func TestModifiedAt_RisesWithEveryChangeAndOnlyThen(t *testing.T) {
	t.Parallel()
	b := setup(t, people(1)...)
	last := b.employee("emp_0001").ModifiedAt
	for _, name := range []string{"A", "B", "C"} { // the clock stands still
		changed, err := b.sandbox.PatchEmployee(accountID, "emp_0001", []byte(`{"last_name":"`+name+`"}`))
		require.NoError(t, err)
		require.Greater(t, changed.ModifiedAt, last)
		last = changed.ModifiedAt
	}
	b.clock.advance(time.Hour)
	same, err := b.sandbox.PatchEmployee(accountID, "emp_0001", []byte(`{"last_name":"C"}`))
	require.NoError(t, err)
	require.Equal(t, last, same.ModifiedAt)
}

func TestReset_GoesBackToTheSeedWhileModifiedAtRises(t *testing.T) {
	t.Parallel()
	leaver := person("emp_0003")
	leaver.Employment.EndDate = sandbox.Some[sandbox.Date]("2026-11-22")
	b := setup(t, append(people(2), leaver)...)
	untouched, etag := b.employee("emp_0001"), b.get("/v1/venues").header.Get("ETag")
	changed, err := b.sandbox.PatchEmployee(accountID, "emp_0002", []byte(`{"last_name":"Visser"}`))
	require.NoError(t, err)
	require.NoError(t, b.sandbox.RemoveEmployee(accountID, "emp_0003"))
	require.NoError(t, b.sandbox.PutEmployee(accountID, person("emp_0009")))
	require.NoError(t, b.sandbox.RemoveVenue(accountID, "ven_2"))
	require.NoError(t, b.sandbox.SetToken(accountID, "other"))
	b.fault(sandbox.Fault{Kind: sandbox.FaultInvalidToken})
	b.clock.advance(24 * time.Hour)
	b.sandbox.Reset()
	require.Equal(t, []string{"emp_0001", "emp_0002", "emp_0003"}, b.readAll("/v1/employees?limit=2"))
	require.Equal(t, etag, b.get("/v1/venues").header.Get("ETag"))
	require.Equal(t, untouched, b.employee("emp_0001"))
	require.Equal(t, "Bakker", b.employee("emp_0002").LastName)
	require.Greater(t, b.employee("emp_0002").ModifiedAt, changed.ModifiedAt)
	require.Equal(t, sandbox.EmploymentEnded, b.employee("emp_0003").Employment.Status, "its day has passed meanwhile")
	again := b.employee("emp_0002")
	b.sandbox.Reset()
	require.Equal(t, again, b.employee("emp_0002"), "nothing differed any more")
}

func TestEmployee_StoreHoldsOnlyWhatTheContractDescribes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	wrong := person("emp 1")
	wrong.Employment.StartDate = "2026-02-30"
	wrong.Contracts[0].HourlyWage = sandbox.Some("1e2")
	wrong.Contracts[0].Type = "zero"
	err := b.sandbox.PutEmployee(accountID, wrong)
	require.ErrorIs(t, err, sandbox.ErrInvalid)
	for _, member := range []string{"id:", "employment.start_date", "contracts.0.hourly_wage", "contracts.0.type"} {
		require.ErrorContains(t, err, member)
	}
}

func TestStampOnLoad_ModifiedAtRisesAcrossARestart(t *testing.T) {
	t.Parallel()
	at := &clock{now: noon}
	given := people(1)
	s := sandbox.New(sandbox.Options{Now: at.Now, StampOnLoad: true})
	require.NoError(t, s.AddAccount(account(given...)))
	loaded, err := s.Employee(accountID, "emp_0001")
	require.NoError(t, err)
	require.Equal(t, noon, loaded.ModifiedAt)
	require.True(t, given[0].ModifiedAt.Before(noon), "the caller's slice is left as it was")
}
