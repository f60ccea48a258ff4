package sandbox_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/eitje/connexie-worker/internal/sandbox"
)

func TestFault_StatusBeforeAndAfterEffect(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} {
		b := setup(t, people(1)...)
		b.fault(sandbox.Fault{Kind: sandbox.FaultStatus, Status: 503, RetryAfterSeconds: 7, AfterEffect: after, Operation: "endEmployment"})
		answered := b.end("emp_0001", `{"end_date":"2026-11-30"}`)
		answered.problem(t, 503, "server_error")
		require.Equal(t, "7", answered.header.Get("Retry-After"))
		_, ended := b.employee("emp_0001").Employment.EndDate.Get()
		require.Equal(t, after, ended)
	}
}

func TestFault_ConnectionDroppedBeforeAndAfterEffect(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} {
		b := setup(t, people(1)...)
		b.fault(sandbox.Fault{Kind: sandbox.FaultDropConnection, AfterEffect: after, Times: 1})
		_, err := b.try(http.MethodPut, "/v1/employees/emp_0001/employment-end", `{"end_date":"2026-11-30"}`)
		require.Error(t, err)
		_, ended := b.employee("emp_0001").Employment.EndDate.Get()
		require.Equal(t, after, ended)
		require.Equal(t, 1, b.sandbox.Counter(accountID, "endEmployment").Statuses[0])
	}
}

func TestFault_StrikesTheNthCallOfItsOperationAndAccount(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.fault(sandbox.Fault{Kind: sandbox.FaultRateLimited, Account: accountID, Operation: "listVenues", FromCall: 2, Times: 2})
	var statuses []int
	for range 5 {
		require.Equal(t, 200, b.get("/v1/wage-codes").status)
		answered := b.get("/v1/venues")
		statuses = append(statuses, answered.status)
		if answered.status == 429 {
			answered.problem(t, 429, "rate_limited")
			require.Equal(t, "1", answered.header.Get("Retry-After"))
		}
	}
	require.Equal(t, []int{200, 429, 429, 200, 200}, statuses)
	state := b.sandbox.Faults()[0]
	require.Equal(t, []any{id, 5, 2}, []any{state.ID, state.Seen, state.Struck})
	require.NoError(t, b.sandbox.RemoveFault(id))
	require.ErrorIs(t, b.sandbox.RemoveFault(id), sandbox.ErrUnknown)
}

func TestFault_ByChanceStrikesTheSameCallsForTheSameSeed(t *testing.T) {
	t.Parallel()
	strikes := func(seed uint64) (struck []int) {
		b := setup(t)
		b.fault(sandbox.Fault{Kind: sandbox.FaultInvalidToken, OneIn: 3, Seed: seed})
		for range 30 {
			struck = append(struck, b.get("/v1/account").status)
		}
		return struck
	}
	first, again := strikes(1), strikes(1)
	require.Equal(t, first, again)
	require.NotEqual(t, strikes(1), strikes(2))
	require.Contains(t, strikes(1), 200)
	require.Contains(t, strikes(1), 401)
}

func TestFault_DelayWaitsAndGivesUpWithTheCaller(t *testing.T) {
	t.Parallel()
	var waited time.Duration
	s := sandbox.New(sandbox.Options{Wait: func(_ context.Context, delay time.Duration) error {
		waited = delay
		return nil
	}})
	require.NoError(t, s.AddAccount(account()))
	_, err := s.AddFault(sandbox.Fault{Kind: sandbox.FaultDelay, DelayMilliseconds: 1500})
	require.NoError(t, err)
	status, _ := request(s, http.MethodGet, "/v1/account", "")
	require.Equal(t, 200, status)
	require.Equal(t, 1500*time.Millisecond, waited)

	b := setup(t)
	id := b.fault(sandbox.Fault{Kind: sandbox.FaultDelay, DelayMilliseconds: 3_600_000})
	impatient, giveUp := context.WithCancel(t.Context())
	var group errgroup.Group
	group.Go(func() error {
		asked, _ := http.NewRequestWithContext(impatient, http.MethodGet, b.url+"/v1/account", nil)
		_, err := b.client.Do(asked)
		return err
	})
	require.NoError(t, b.sandbox.AwaitFault(t.Context(), id))
	giveUp()
	require.ErrorIs(t, group.Wait(), context.Canceled)
}

func TestFault_HoldLetsATestActInTheMiddle(t *testing.T) {
	t.Parallel()
	b := setup(t, people(4)...)
	id := b.fault(sandbox.Fault{Kind: sandbox.FaultHold, Operation: "listEmployees", FromCall: 2, Times: 1})
	read := make(chan []string, 1)
	go func() { read <- b.readAll("/v1/employees?limit=2") }()
	require.NoError(t, b.sandbox.AwaitFault(t.Context(), id))
	require.NoError(t, b.sandbox.RemoveEmployee(accountID, "emp_0003"))
	require.NoError(t, b.sandbox.RemoveFault(id))
	require.Equal(t, []string{"emp_0001", "emp_0002", "emp_0004"}, <-read)
}

func TestFault_AwaitEndsWhenTheFaultIsRemoved(t *testing.T) {
	t.Parallel()
	b := setup(t)
	require.ErrorIs(t, b.sandbox.AwaitFault(t.Context(), "fault_9"), sandbox.ErrUnknown)
	id := b.fault(sandbox.Fault{Kind: sandbox.FaultHold})
	awaited := make(chan error, 1)
	go func() { awaited <- b.sandbox.AwaitFault(t.Context(), id) }()
	b.sandbox.ClearFaults()
	require.Error(t, <-awaited)
}

func TestFault_BodyCutInTheMiddle(t *testing.T) {
	t.Parallel()
	b := setup(t, people(50)...)
	b.fault(sandbox.Fault{Kind: sandbox.FaultCutBody, Times: 1})
	cut, err := b.try(http.MethodGet, "/v1/employees", "")
	require.Error(t, err)
	require.Equal(t, 200, cut.status)
	require.NotEmpty(t, cut.body)
	require.Len(t, b.get("/v1/employees").list(t).Items, 50)
}

func TestFault_CursorExpired(t *testing.T) {
	t.Parallel()
	b := setup(t, people(3)...)
	b.fault(sandbox.Fault{Kind: sandbox.FaultCursorExpired, Times: 1})
	first := b.get("/v1/employees?limit=1").list(t)
	b.get("/v1/employees?cursor="+*first.Next).problem(t, 410, "cursor_expired")
	require.Len(t, b.get("/v1/employees?cursor="+*first.Next).list(t).Items, 2)
}

func TestFault_PersonComesTwice(t *testing.T) {
	t.Parallel()
	b := setup(t, people(4)...)
	b.fault(sandbox.Fault{Kind: sandbox.FaultRepeat})
	require.Equal(t, []string{"emp_0001", "emp_0002", "emp_0002", "emp_0003", "emp_0004"}, b.readAll("/v1/employees?limit=2"))
}

func TestFault_ChangedBetweenPages(t *testing.T) {
	t.Parallel()
	b := setup(t, people(4)...)
	b.fault(sandbox.Fault{Kind: sandbox.FaultChange, Operation: "listEmployees", Times: 1, Changes: []sandbox.Change{
		{EmployeeID: "emp_0001", Patch: json.RawMessage(`{"last_name":"Visser"}`)},
		{EmployeeID: "emp_0003", Remove: true},
		{EmployeeID: "emp_0099", Remove: true},
	}})
	first := b.get("/v1/employees?limit=2").list(t)
	require.Equal(t, "Bakker", first.Items[0].LastName)
	require.Equal(t, []string{"emp_0004"}, b.get("/v1/employees?limit=2&cursor="+*first.Next).list(t).ids())
	require.Equal(t, "Visser", b.employee("emp_0001").LastName)
}

// A list that a fault emptied is not to be taken for the true one, nor the true
// one for unchanged.
func TestFault_EmptyListHasAnETagOfItsOwn(t *testing.T) {
	t.Parallel()
	b := setup(t, people(3)...)
	before := b.get("/v1/employees").header.Get("ETag")
	b.fault(sandbox.Fault{Kind: sandbox.FaultEmptyList, Operation: "listEmployees", Times: 2})
	empty := b.get("/v1/employees", header{"If-None-Match", before})
	require.Empty(t, empty.list(t).Items)
	again := b.get("/v1/employees", header{"If-None-Match", empty.header.Get("ETag")})
	require.Empty(t, again.list(t).Items, "a fault is always seen, never answered with 304")
	require.Len(t, b.get("/v1/employees", header{"If-None-Match", empty.header.Get("ETag")}).list(t).Items, 3)
}

func TestFault_HidesPeople(t *testing.T) {
	t.Parallel()
	b := setup(t, people(4)...)
	b.fault(sandbox.Fault{Kind: sandbox.FaultHide, IDs: []string{"emp_0002", "emp_0003"}})
	require.Equal(t, []string{"emp_0001", "emp_0004"}, b.readAll("/v1/employees?limit=2"))
}

func TestFault_BadRecords(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault sandbox.Fault
		holds string
		lacks string
	}{
		"wrong date":     {sandbox.Fault{}, `"start_date":"2026-02-30"`, ""},
		"missing member": {sandbox.Fault{Member: "employment"}, `"last_name"`, `"employment"`},
		"wage as number": {sandbox.Fault{Member: "contracts.0.hourly_wage", Value: json.RawMessage(`15.2`)}, `"hourly_wage":15.2`, ""},
		"of one person":  {sandbox.Fault{Member: "first_name", Value: json.RawMessage(`null`), IDs: []string{"emp_0001"}}, `"first_name":null`, ""},
		"leads nowhere":  {sandbox.Fault{Member: "contracts.5.type"}, `"type":"flex"`, ""},
		"item of a list": {sandbox.Fault{Member: "contracts.0", Value: json.RawMessage(`7`)}, `"contracts":[7]`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, people(1)...)
			b.client = http.DefaultClient // the answer breaks the contract on purpose
			c.fault.Kind = sandbox.FaultBadRecord
			b.fault(c.fault)
			body := string(b.get("/v1/employees").body)
			require.Contains(t, body, c.holds)
			if c.lacks != "" {
				require.NotContains(t, body, c.lacks)
			}
		})
	}
}

func TestFault_MalformedJSON(t *testing.T) {
	t.Parallel()
	b := setup(t, people(1)...)
	b.client = http.DefaultClient
	b.fault(sandbox.Fault{Kind: sandbox.FaultMalformedJSON})
	for _, path := range []string{"/v1/account", "/v1/employees", "/v1/employees/emp_0001"} {
		require.False(t, json.Valid(b.get(path).body), path)
	}
}

func TestFault_SenselessOnesAreRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, senseless := range []sandbox.Fault{
		{}, {Kind: "meteor"}, {Kind: sandbox.FaultStatus}, {Kind: sandbox.FaultStatus, Status: 200},
		{Kind: sandbox.FaultDelay}, {Kind: sandbox.FaultHide}, {Kind: sandbox.FaultChange},
		{Kind: sandbox.FaultRepeat, Operation: "getAccount"}, {Kind: sandbox.FaultCutBody, Operation: "listPeople"},
		{Kind: sandbox.FaultPayrollRun}, {Kind: sandbox.FaultPayrollRun, Payroll: &sandbox.PayrollRun{VenueID: "ven_1", From: "2026-11-01"}},
		{Kind: sandbox.FaultHide, IDs: []string{"ven_1"}, Venue: "ven_1"}, {Kind: sandbox.FaultCutBody, Venue: "ven_1", Operation: "listEmployees"},
		{Kind: sandbox.FaultCutBody, Times: -1}, {Kind: sandbox.FaultBadRecord, Member: "id", Value: json.RawMessage(`{`)},
	} {
		_, err := b.sandbox.AddFault(senseless)
		require.ErrorIs(t, err, sandbox.ErrInvalid, "%+v", senseless)
	}
	_, err := b.sandbox.AddFault(sandbox.Fault{Kind: sandbox.FaultCutBody, Account: "acc_9"})
	require.ErrorIs(t, err, sandbox.ErrUnknown)
}
