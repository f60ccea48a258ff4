package sandbox_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/sandbox"
)

func TestHourImport_FromDraftToCommitted(t *testing.T) {
	t.Parallel()
	b := setupImports(t).asContract()
	created := b.create("k", november("ven_1"))
	require.Equal(t, 201, created.status)
	id := created.hourImport(t).ID
	require.JSONEq(t, `{"id":"`+id+`","venue_id":"ven_1","period_start":"2026-11-01","period_end":"2026-11-30",
		"kinds":["hours","meals"],"status":"draft","line_count":0,"totals":[],"committed_at":null}`, string(created.body))

	meal := sentLine{"a.2", "emp_0002", "con_emp_0002", "2026-11-30", "2000", "1"}
	b.stored(id, 1, worked("a.1", "2026-11-01", "7.50"))
	b.stored(id, 2, worked("a.3", "2026-11-02", "0.3333"), meal)
	require.Equal(t, []sandbox.CodeTotal{{Code: "1000", Quantity: "7.8333"}, {Code: "2000", Quantity: "1.00"}}, b.fetched(id).Totals)
	require.Empty(t, b.references("ven_1"), "a draft counts for nothing")

	receipt := b.commit(id, worked("", "", "7.8333"), meal) // as many totals, but one line too few
	receipt.problem(t, 422, "totals_mismatch")
	receipt = b.commit(id, worked("", "", "7.50"), worked("", "", "0.3333"), meal)
	require.JSONEq(t, `{"id":"`+id+`","venue_id":"ven_1","period_start":"2026-11-01","period_end":"2026-11-30",
		"kinds":["hours","meals"],"status":"committed","line_count":3,"committed_at":"2026-11-22T11:00:00Z",
		"totals":[{"code":"1000","quantity":"7.8333"},{"code":"2000","quantity":"1.00"}]}`, string(receipt.body))
	require.JSONEq(t, string(receipt.body), string(b.get("/v1/hour-imports/"+id).body))

	lines, err := b.sandbox.Ledger(accountID, "ven_1", "2026-11-02", "2026-11-29")
	require.NoError(t, err)
	require.Equal(t, []sandbox.LedgerLine{{
		ImportID: id, Reference: "a.3", VenueID: "ven_1", EmployeeID: "emp_0001", ContractID: "con_emp_0001",
		Date: "2026-11-02", Code: "1000", Quantity: "0.3333",
	}}, lines)
}

func TestCreateHourImport_SameKeySameBodyIsTheSameImportInWhateverState(t *testing.T) {
	t.Parallel()
	b := setupImports(t).asContract()
	id := b.draft("k", november("ven_1"))
	again := func() sandbox.HourImport {
		answered := b.create("k", november("ven_1"))
		require.Equal(t, 200, answered.status, string(answered.body))
		require.JSONEq(t, string(b.get("/v1/hour-imports/"+id).body), string(answered.body))
		return answered.hourImport(t)
	}
	require.Equal(t, sandbox.ImportDraft, again().Status)
	b.stored(id, 1, worked("a", "2026-11-01", "1"))
	require.Equal(t, 1, again().LineCount)
	b.commit(id, worked("a", "2026-11-01", "1"))
	require.Equal(t, sandbox.ImportCommitted, again().Status)
	b.committed("ven_1", "2026-11-01", "2026-11-30")
	require.Equal(t, sandbox.ImportReplaced, again().Status)
	b.payrollRuns("ven_1", "2026-11-30", "2026-11-30")
	require.NoError(t, b.sandbox.RemoveVenue(accountID, "ven_1"))
	require.Equal(t, id, again().ID)
	require.Len(t, b.held(), 2)
}

func TestCreateHourImport_DiscardedIsAnsweredAsDiscarded(t *testing.T) {
	t.Parallel()
	b := setupImports(t).asContract()
	id := b.draft("k", november("ven_1"))
	require.Equal(t, 204, b.do(http.MethodDelete, "/v1/hour-imports/"+id, "").status)
	answered := b.create("k", november("ven_1"))
	require.Equal(t, 200, answered.status)
	require.Equal(t, sandbox.ImportDiscarded, answered.hourImport(t).Status)
}

func TestCreateHourImport_SameKeyOtherBody(t *testing.T) {
	t.Parallel()
	b := setupImports(t).asContract()
	b.draft("k", november("ven_1"))
	for _, other := range []string{
		november("ven_2"), newImport("ven_1", "2026-11-02", "2026-11-30"), newImport("ven_1", "2026-11-01", "2026-11-29"),
		strings.Replace(november("ven_1"), `["hours","meals"]`, `["hours"]`, 1),
		november("ven_9"), // the key decides before the venue
	} {
		b.create("k", other).problem(t, 409, "idempotency_conflict")
	}
	spaced := strings.ReplaceAll(november("ven_1"), ",", " ,\n")
	require.Equal(t, 200, b.create("k", spaced).status, "a body is what it says, not how it is written")
	require.Len(t, b.held(), 1)
}

func TestCreateHourImport_KeyIsKeptFor30Days(t *testing.T) {
	t.Parallel()
	b := setupImports(t).asContract()
	id := b.draft("k", november("ven_1"))
	b.clock.advance(30*24*time.Hour - time.Microsecond)
	require.Equal(t, id, b.create("k", november("ven_1")).hourImport(t).ID)
	b.clock.advance(time.Microsecond)
	require.NotEqual(t, id, b.draft("k", november("ven_2")), "forgotten: any body will do")
}

func TestCreateHourImport_PayrollRunningOrRun(t *testing.T) {
	t.Parallel()
	for _, status := range []string{sandbox.PayrollRunning, sandbox.PayrollRan} {
		b := setupImports(t).asContract()
		require.NoError(t, b.sandbox.PutPayrollPeriod(accountID, sandbox.PayrollPeriod{
			ID: "per_b", VenueID: "ven_1", StartDate: "2026-11-01", EndDate: "2026-11-30", Status: status,
		}))
		for key, period := range map[string]string{
			"first day": newImport("ven_1", "2026-11-30", "2026-12-20"), "within": newImport("ven_1", "2026-11-12", "2026-11-12"),
			"last day": newImport("ven_1", "2026-10-31", "2026-11-01"), "all": november("ven_1"),
		} {
			b.create(key, period).problem(t, 409, "payroll_already_run")
		}
		b.draft("all", newImport("ven_1", "2026-12-01", "2026-12-31")) // a refused key opened nothing
		b.draft("other venue", november("ven_2"))
	}
}

func TestCreateHourImport_Invalid(t *testing.T) {
	t.Parallel()
	b := setupImports(t)
	for body, pointer := range map[string]string{
		november("ven_9"): "/venue_id",
		`{"period_start":"2026-11-01","period_end":"2026-11-30","kinds":["hours"]}`:                            "/venue_id",
		newImport("ven_1", "2026-11-31", "2026-12-01"):                                                         "/period_start",
		newImport("ven_1", "2026-11-01", ""):                                                                   "/period_end",
		newImport("ven_1", "2026-11-02", "2026-11-01"):                                                         "/period_end",
		newImport("ven_1", "2026-11-01", "2027-01-02"):                                                         "/period_end", // 63 days
		`{"venue_id":"ven_1","period_start":"2026-11-01","period_end":"2026-11-30"}`:                           "/kinds",
		`{"venue_id":"ven_1","period_start":"2026-11-01","period_end":"2026-11-30","kinds":[]}`:                "/kinds",
		`{"venue_id":"ven_1","period_start":"2026-11-01","period_end":"2026-11-30","kinds":["hours","leave"]}`: "/kinds/1",
		`{"venue_id":"ven_1","period_start":"2026-11-01","period_end":"2026-11-30","kinds":["hours","hours"]}`: "/kinds/1",
		`{"venue_id":7,"period_start":"2026-11-01","period_end":"2026-11-30","kinds":["hours"]}`:               "body",
		`[]`: "body",
		`{`:  "body",
	} {
		require.Equal(t, pointer, b.create("k", body).problem(t, 422, "validation_failed"), body)
	}
	for _, key := range []string{"", strings.Repeat("k", 129)} {
		require.Equal(t, "Idempotency-Key", b.create(key, november("ven_1")).problem(t, 422, "validation_failed"))
	}
	require.Equal(t, "Content-Type", b.do(http.MethodPost, "/v1/hour-imports", november("ven_1"),
		header{"Idempotency-Key", "k"}, header{"Content-Type", "text/plain"}).problem(t, 422, "validation_failed"))
	require.Empty(t, b.held())
	b.draft(strings.Repeat("é", 128), newImport("ven_1", "2026-11-01", "2027-01-01")) // 62 days
}

func TestHourImports_NeedThePermission(t *testing.T) {
	t.Parallel()
	b := setupImports(t).asContract()
	id := b.draft("k", november("ven_1"))
	require.NoError(t, b.sandbox.SetPermissions(accountID, sandbox.EmployeesRead, sandbox.EmploymentWrite))
	b.create("k2", november("ven_1")).problem(t, 403, "forbidden")
	b.get("/v1/hour-imports/"+id).problem(t, 403, "forbidden")
	b.part(id, 1).problem(t, 403, "forbidden")
	b.commit(id).problem(t, 403, "forbidden")
	b.do(http.MethodDelete, "/v1/hour-imports/"+id, "").problem(t, 403, "forbidden")
	b.token = "wrong"
	b.commit(id).problem(t, 401, "invalid_token")
}

func TestHourImports_BelongToOneAccount(t *testing.T) {
	t.Parallel()
	b := setupImports(t).asContract()
	id := b.draft("k", november("ven_1"))
	second := account()
	second.ID, second.Token = "acc_2", "token-2"
	require.NoError(t, b.sandbox.AddAccount(second))
	b.token = "token-2"
	b.get("/v1/hour-imports/"+id).problem(t, 404, "not_found")
	b.part(id, 1).problem(t, 404, "not_found")
	b.commit(id).problem(t, 404, "not_found")
	b.do(http.MethodDelete, "/v1/hour-imports/"+id, "").problem(t, 404, "not_found")
	require.NotEqual(t, id, b.draft("k", november("ven_2")), "a key is one account's")
}

func TestDiscardHourImport(t *testing.T) {
	t.Parallel()
	b := setupImports(t).asContract()
	discard := func(id string) reply { return b.do(http.MethodDelete, "/v1/hour-imports/"+id, "") }
	id := b.draft("k", november("ven_1"))
	b.stored(id, 1, worked("a", "2026-11-01", "1"))
	require.Equal(t, 204, discard(id).status)
	require.Equal(t, 204, discard(id).status, "gone before")
	gone := b.fetched(id)
	require.Equal(t, sandbox.ImportDiscarded, gone.Status)
	require.Equal(t, 0, gone.LineCount)
	b.part(id, 1).problem(t, 409, "import_state")
	b.commit(id).problem(t, 409, "import_state")
	discard("imp_9").problem(t, 404, "not_found")

	first := b.committed("ven_1", "2026-11-01", "2026-11-01", worked("a", "2026-11-01", "1"))
	discard(first).problem(t, 409, "import_state")
	b.committed("ven_1", "2026-11-01", "2026-11-01")
	discard(first).problem(t, 409, "import_state")
	require.Equal(t, sandbox.ImportReplaced, b.fetched(first).Status)
}

func TestReset_ForgetsImports(t *testing.T) {
	t.Parallel()
	b := setupImports(t)
	before := b.committed("ven_1", "2026-11-01", "2026-11-01", worked("a", "2026-11-01", "1"))
	b.sandbox.Reset()
	require.Empty(t, b.held())
	require.Empty(t, b.references(""))
	b.get("/v1/hour-imports/"+before).problem(t, 404, "not_found")
	require.NotEqual(t, before, b.draft("key 0", november("ven_1")), "ids are not used again")
}
