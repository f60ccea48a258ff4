package connexie_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/connexie"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/sandbox/contract"
)

// bundle is a sandbox with one account and a client whose every exchange is held
// to the contract, both sides.
type bundle struct {
	sandbox *sandbox.Sandbox
	account *connexie.Account
}

const accountID = "acc_1"

func setup(t *testing.T) bundle {
	t.Helper()
	service := sandbox.New(sandbox.Options{
		Now: func() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) },
	})
	require.NoError(t, service.AddAccount(sandbox.Account{
		ID: accountID, Name: "Café De Zon", Token: secret,
		Permissions: []sandbox.Permission{sandbox.EmployeesRead, sandbox.EmploymentWrite},
		Venues: []sandbox.Venue{
			{ID: "ven_1", Name: "De Zon", Active: true}, {ID: "ven_2", Name: "De Maan", Active: false},
		},
		WageCodes: []sandbox.WageCode{{Code: "H100", Description: "Uren", Kind: "hours", Unit: "hours"}},
		PayrollPeriods: []sandbox.PayrollPeriod{
			{ID: "per_1", VenueID: "ven_1", StartDate: "2026-10-01", EndDate: "2026-10-31", Status: "run"},
			{ID: "per_2", VenueID: "ven_1", StartDate: "2026-11-01", EndDate: "2026-11-30", Status: "open"},
		},
		Employees: []sandbox.Employee{worker("emp_1"), worker("emp_2"), worker("emp_3")},
	}))
	server := httptest.NewServer(service)
	t.Cleanup(server.Close)
	account := connect(t, server.URL+"/v1", func(o *connexie.Options) {
		o.Transport = contract.Transport(t, nil)
	})
	return bundle{sandbox: service, account: account}
}

func worker(id string) sandbox.Employee {
	return sandbox.Employee{
		ID: id, FirstName: "Jan", LastName: "Berg",
		Email:   sandbox.Some("jan@example.nl"),
		Address: sandbox.Some(sandbox.Address{Street: "Kade", City: "Delft"}),
		Phone:   sandbox.Null[string](),
		BSN:     sandbox.Some("123456782"), IBAN: sandbox.Some("NL91ABNA0417164300"),
		Employment: sandbox.Employment{Status: sandbox.EmploymentActive, StartDate: "2024-01-01"},
		Contracts: []sandbox.Contract{{
			ID: "con_" + id, Type: sandbox.FixedHours, StartDate: "2024-01-01",
			HoursPerWeek: sandbox.Some("24.00"), HourlyWage: sandbox.Some("15.25"), VenueID: "ven_1",
		}},
	}
}

func (b bundle) fault(t *testing.T, fault sandbox.Fault) {
	t.Helper()
	_, err := b.sandbox.AddFault(fault)
	require.NoError(t, err)
}

func TestConnexie_Sandbox_Account(t *testing.T) {
	t.Parallel()
	b := setup(t)
	got, err := b.account.GetAccount(t.Context())
	require.NoError(t, err)
	require.Equal(t, connexie.AccountInfo{
		ID: accountID, Name: "Café De Zon",
		Permissions: []string{connexie.PermissionReadEmployees, connexie.PermissionWriteEmployment},
	}, got)

	require.NoError(t, b.sandbox.SetToken(accountID, "another"))
	_, err = b.account.GetAccount(t.Context())
	require.Equal(t, connexie.CodeInvalidToken, failure(t, err).Code)
	require.NotEmpty(t, failure(t, err).RequestID)
}

func TestConnexie_Sandbox_VenuesAndCodes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	venues, err := b.account.ListVenues(t.Context(), connexie.PageRequest{})
	require.NoError(t, err)
	require.Equal(t, []domain.Venue{{ID: "ven_1", Name: "De Zon", Active: true}, {ID: "ven_2", Name: "De Maan"}}, venues.Venues)
	codes, err := b.account.ListWageCodes(t.Context(), connexie.PageRequest{})
	require.NoError(t, err)
	require.Equal(t, []domain.WageCode{{Code: "H100", Description: "Uren", Kind: "hours", Unit: "hours"}}, codes.WageCodes)

	venues, err = b.account.ListVenues(t.Context(), connexie.PageRequest{ETag: venues.ETag})
	require.NoError(t, err)
	require.True(t, venues.NotModified)
	codes, err = b.account.ListWageCodes(t.Context(), connexie.PageRequest{ETag: codes.ETag})
	require.NoError(t, err)
	require.True(t, codes.NotModified)
}

func TestConnexie_Sandbox_PeoplePageByPage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	request := connexie.PageRequest{Limit: 2}
	first, err := b.account.ListEmployees(t.Context(), request)
	require.NoError(t, err)
	require.Len(t, first.People, 2)
	require.NotEmpty(t, first.ETag)

	request.Cursor = first.Next
	second, err := b.account.ListEmployees(t.Context(), request)
	require.NoError(t, err)
	require.Len(t, second.People, 1)
	require.Empty(t, second.Next)
	require.Empty(t, second.ETag)

	quiet, err := b.account.ListEmployees(t.Context(), connexie.PageRequest{Limit: 2, ETag: first.ETag})
	require.NoError(t, err)
	require.True(t, quiet.NotModified)

	since := first.People[0].ModifiedAt.Add(time.Microsecond)
	changed, err := b.account.ListEmployees(t.Context(), connexie.PageRequest{ModifiedSince: since})
	require.NoError(t, err)
	require.Empty(t, changed.People)
}

func TestConnexie_Sandbox_OnePerson(t *testing.T) {
	t.Parallel()
	b := setup(t)
	got, err := b.account.GetEmployee(t.Context(), "emp_2")
	require.NoError(t, err)
	require.Equal(t, domain.Sent("Delft"), got.City)
	require.Equal(t, domain.Field[string]{}, got.Country)
	require.Equal(t, domain.Sent(""), got.Phone)
	requireNoTrace(t, got, "123456782", "NL91ABNA0417164300")

	_, err = b.account.GetEmployee(t.Context(), "emp_9")
	require.Equal(t, connexie.CodeNotFound, failure(t, err).Code)
}

func TestConnexie_Sandbox_E2_EndEmployment(t *testing.T) {
	t.Parallel()
	b := setup(t)
	end := connexie.EmploymentEnd{Day: domain.NewDate(2026, 11, 30), Reason: "eigen verzoek"}
	for range 2 {
		got, err := b.account.EndEmployment(t.Context(), "emp_1", end)
		require.NoError(t, err)
		require.Equal(t, end.Day, got.Employment.End)
		require.Equal(t, end.Day, got.Contracts[0].End)
	}
	require.NoError(t, b.sandbox.SetPermissions(accountID, sandbox.EmployeesRead))
	_, err := b.account.EndEmployment(t.Context(), "emp_1", end)
	require.Equal(t, connexie.CodeForbidden, failure(t, err).Code)
}

func TestConnexie_Sandbox_X9_PayrollPeriods(t *testing.T) {
	t.Parallel()
	b := setup(t)
	got, err := b.account.ListPayrollPeriods(t.Context(), connexie.PayrollPeriodsRequest{
		VenueID: "ven_1", From: domain.NewDate(2026, 10, 31), To: domain.NewDate(2026, 11, 1),
	})
	require.NoError(t, err)
	require.Equal(t, []connexie.PayrollPeriod{
		{ID: "per_1", VenueID: "ven_1", Start: domain.NewDate(2026, 10, 1), End: domain.NewDate(2026, 10, 31), Status: connexie.PayrollRun},
		{ID: "per_2", VenueID: "ven_1", Start: domain.NewDate(2026, 11, 1), End: domain.NewDate(2026, 11, 30), Status: connexie.PayrollOpen},
	}, got)
}

func TestConnexie_Sandbox_N6_Faults(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault sandbox.Fault
		code  connexie.Code
	}{
		"status":     {sandbox.Fault{Kind: sandbox.FaultStatus, Status: 503, RetryAfterSeconds: 2}, connexie.CodeServerError},
		"rate":       {sandbox.Fault{Kind: sandbox.FaultRateLimited, RetryAfterSeconds: 2}, connexie.CodeRateLimited},
		"token":      {sandbox.Fault{Kind: sandbox.FaultInvalidToken}, connexie.CodeInvalidToken},
		"dropped":    {sandbox.Fault{Kind: sandbox.FaultDropConnection}, connexie.CodeUnreachable},
		"cut":        {sandbox.Fault{Kind: sandbox.FaultCutBody}, connexie.CodeUnreachable},
		"cursor":     {sandbox.Fault{Kind: sandbox.FaultCursorExpired}, connexie.CodeCursorExpired},
		"after all":  {sandbox.Fault{Kind: sandbox.FaultStatus, Status: 502, AfterEffect: true}, connexie.CodeServerError},
		"after drop": {sandbox.Fault{Kind: sandbox.FaultDropConnection, AfterEffect: true}, connexie.CodeUnreachable},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			first, err := b.account.ListEmployees(t.Context(), connexie.PageRequest{Limit: 1})
			require.NoError(t, err)
			b.fault(t, test.fault)
			_, err = b.account.ListEmployees(t.Context(), connexie.PageRequest{Limit: 1, Cursor: first.Next})
			require.Equal(t, test.code, failure(t, err).Code)
			if test.fault.RetryAfterSeconds > 0 {
				require.Equal(t, 2*time.Second, failure(t, err).RetryAfter)
			}
		})
	}
}

// Faults that break the contract go past the check of the sandbox's side.
func TestConnexie_Sandbox_FaultsAgainstTheContract(t *testing.T) {
	t.Parallel()
	b := setup(t)
	server := httptest.NewServer(b.sandbox)
	t.Cleanup(server.Close)
	account := connect(t, server.URL+"/v1")

	b.fault(t, sandbox.Fault{Kind: sandbox.FaultMalformedJSON, Times: 1})
	_, err := account.ListEmployees(t.Context(), connexie.PageRequest{})
	require.Equal(t, connexie.CodeProtocol, failure(t, err).Code)

	b.fault(t, sandbox.Fault{Kind: sandbox.FaultBadRecord, Operation: "listEmployees", IDs: []string{"emp_2"}, Times: 1})
	got, err := account.ListEmployees(t.Context(), connexie.PageRequest{})
	require.NoError(t, err)
	require.Len(t, got.People, 2)
	require.Equal(t, []connexie.BadRecord{
		{ID: "emp_2", Position: 1, Reason: "contracts[0].start_date: not a calendar date"},
	}, got.Bad)
}
