package connexie_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/govalues/decimal"
	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/connexie"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox/contract"
)

func importOf(change edits) string {
	return object(edits{
		"id": `"imp_1"`, "venue_id": `"ven_1"`, "period_start": `"2026-11-01"`, "period_end": `"2026-11-30"`,
		"kinds": `["meals","hours"]`, "status": `"draft"`, "line_count": "0", "totals": "[]", "committed_at": "null",
	}, change)
}

var committed = edits{
	"status": `"committed"`, "line_count": "3", "committed_at": `"2026-12-01T09:00:00Z"`,
	"totals": `[{"code":"2000","quantity":"1"},{"code":"H100","quantity":"15.50"}]`,
}

func november() connexie.NewHourImport {
	return connexie.NewHourImport{
		VenueID: "ven_1", Start: domain.NewDate(2026, 11, 1), End: domain.NewDate(2026, 11, 30),
		Kinds:          []domain.ExportKind{domain.ExportHours, domain.ExportMeals},
		IdempotencyKey: "0193-7a/ven_1/1",
	}
}

func lineOf(number int) connexie.HourLine {
	return connexie.HourLine{
		Reference: fmt.Sprintf("ent-1.%d", number), EmployeeID: "emp_1", ContractID: "con_1",
		Date: domain.NewDate(2026, 11, 3), Code: "H100", Quantity: decimal.MustParse("7.50"),
	}
}

// expect answers one request and takes no other; the contract judges both sides.
func expect(t *testing.T, line, body string, answer http.HandlerFunc) *connexie.Account {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		sent, err := io.ReadAll(r.Body)
		if got := r.Method + " " + r.URL.Path; err != nil || got != line || string(sent) != body {
			http.Error(w, "not as asked for", http.StatusTeapot)
			return
		}
		answer(w, r)
	}, func(o *connexie.Options) { o.Transport = contract.Transport(t, nil) })
}

func TestConnexie_X8_DraftAsItGoesOut(t *testing.T) {
	t.Parallel()
	const body = `{"venue_id":"ven_1","period_start":"2026-11-01","period_end":"2026-11-30","kinds":["hours","meals"]}`
	account := expect(t, "POST /v1/hour-imports", body, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Idempotency-Key") != "0193-7a/ven_1/1" {
			http.Error(w, "another key", http.StatusTeapot)
			return
		}
		reply(http.StatusCreated, "application/json", importOf(nil))(w, r)
	})
	got, err := account.CreateHourImport(t.Context(), november())
	require.NoError(t, err)
	require.Equal(t, connexie.HourImport{
		ID: "imp_1", VenueID: "ven_1", Start: domain.NewDate(2026, 11, 1), End: domain.NewDate(2026, 11, 30),
		Kinds:  []domain.ExportKind{domain.ExportMeals, domain.ExportHours},
		Status: connexie.ImportDraft, Totals: map[string]decimal.Decimal{},
	}, got)
}

func TestConnexie_X8_KnownKeyAnswersTheImportInWhateverState(t *testing.T) {
	t.Parallel()
	for _, status := range []connexie.ImportStatus{
		connexie.ImportDraft, connexie.ImportCommitted, connexie.ImportReplaced, connexie.ImportDiscarded,
	} {
		t.Run(string(status), func(t *testing.T) {
			t.Parallel()
			body := importOf(edits{"status": `"` + string(status) + `"`})
			got, err := serve(t, replyJSON(body)).CreateHourImport(t.Context(), november())
			require.NoError(t, err)
			require.Equal(t, status, got.Status)

			_, err = serve(t, reply(http.StatusCreated, "application/json", body)).CreateHourImport(t.Context(), november())
			if status == connexie.ImportDraft {
				require.NoError(t, err)
				return
			}
			require.Equal(t, connexie.CodeProtocol, failure(t, err).Code)
			require.Equal(t, "status: no draft, though just created", failure(t, err).Reason)
		})
	}
}

func TestConnexie_X5_PartAsItGoesOut(t *testing.T) {
	t.Parallel()
	const fixed = `"employee_id":"emp_1","contract_id":"con_1","date":"2026-11-03","code":"H100","quantity":`
	tests := map[string]string{
		"7.50": "7.50", "0.3300": "0.3300", "0.33000000": "0.3300", "3": "3", "0.0001": "0.0001", "999999999999.9999": "999999999999.9999",
	}
	for quantity, written := range tests {
		t.Run(quantity, func(t *testing.T) {
			t.Parallel()
			line := lineOf(7)
			line.Quantity = decimal.MustParse(quantity)
			body := `{"lines":[{"reference":"ent-1.7",` + fixed + `"` + written + `"}]}`
			account := expect(t, "PUT /v1/hour-imports/imp_1/parts/2", body, reply(http.StatusNoContent, "", ""))
			require.NoError(t, account.PutHourImportPart(t.Context(), "imp_1", 2, []connexie.HourLine{line}))
		})
	}
	empty := expect(t, "PUT /v1/hour-imports/imp_1/parts/1000", `{"lines":[]}`, reply(http.StatusNoContent, "", ""))
	require.NoError(t, empty.PutHourImportPart(t.Context(), "imp_1", 1000, nil))
}

func TestConnexie_X11_CommitAsItGoesOut(t *testing.T) {
	t.Parallel()
	totals := map[string]decimal.Decimal{"H100": decimal.MustParse("15.50"), "2000": decimal.MustParse("1")}
	const body = `{"line_count":3,"totals":[{"code":"2000","quantity":"1"},{"code":"H100","quantity":"15.50"}]}`
	account := expect(t, "POST /v1/hour-imports/imp_1/commit", body, replyJSON(importOf(committed)))
	got, err := account.CommitHourImport(t.Context(), "imp_1", 3, totals)
	require.NoError(t, err)
	require.Equal(t, connexie.ImportCommitted, got.Status)
	require.Equal(t, 3, got.LineCount)
	require.Equal(t, totals, got.Totals)
	require.Equal(t, time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC), got.CommittedAt)

	empty := edits{"status": `"committed"`}
	account = expect(t, "POST /v1/hour-imports/imp_1/commit", `{"line_count":0,"totals":[]}`, replyJSON(importOf(empty)))
	got, err = account.CommitHourImport(t.Context(), "imp_1", 0, nil)
	require.NoError(t, err)
	require.Empty(t, got.Totals)
}

// Whoever compares what is read back must get what Connexie holds, also where it
// is not what was sent.
func TestConnexie_X11_OtherTotalsThanWereSentAreHandedOut(t *testing.T) {
	t.Parallel()
	one := map[string]decimal.Decimal{"H100": decimal.One}
	got, err := serve(t, replyJSON(importOf(committed))).CommitHourImport(t.Context(), "imp_1", 1, one)
	require.NoError(t, err)
	require.Equal(t, 3, got.LineCount)

	got, err = serve(t, replyJSON(importOf(committed))).GetHourImport(t.Context(), "imp_1")
	require.NoError(t, err)
	require.Equal(t, "15.50", got.Totals["H100"].String())
}

func TestConnexie_X8_DiscardIsContentWithGone(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"gone now": reply(http.StatusNoContent, "", ""), "gone before": replyProblem(404, "not_found"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			account := expect(t, "DELETE /v1/hour-imports/imp_1", "", answer)
			require.NoError(t, account.DiscardHourImport(t.Context(), "imp_1"))
		})
	}
	err := serve(t, replyProblem(409, "import_state")).DiscardHourImport(t.Context(), "imp_1")
	require.Equal(t, connexie.CodeImportState, failure(t, err).Code)
	err = serve(t, reply(404, "text/html", "<html></html>")).DiscardHourImport(t.Context(), "imp_1")
	require.Equal(t, connexie.CodeProtocol, failure(t, err).Code, "a 404 of some gateway is no answer")
}

func TestConnexie_X17_PartNamesItsBadLinesByOurReferences(t *testing.T) {
	t.Parallel()
	const body = `{"title":"Bad","status":422,"code":"validation_failed","errors":[
		{"reference":"ent-1.2","pointer":"/lines/1/date","code":"outside_period","detail":"Jan Jansen"}]}`
	account := serve(t, reply(422, "application/problem+json", body))
	err := account.PutHourImportPart(t.Context(), "imp_1", 1, []connexie.HourLine{lineOf(1), lineOf(2)})
	require.EqualError(t, err, "put hour import part imp_1: 422 validation_failed, 1 named")
	require.Equal(t, []connexie.LineError{
		{Reference: "ent-1.2", Pointer: "/lines/1/date", Code: "outside_period"},
	}, failure(t, err).Lines)
}

// importReaders are the three operations that answer with an import.
var importReaders = map[string]func(context.Context, *connexie.Account) (connexie.HourImport, error){
	"create": func(ctx context.Context, a *connexie.Account) (connexie.HourImport, error) {
		return a.CreateHourImport(ctx, november())
	},
	"get": func(ctx context.Context, a *connexie.Account) (connexie.HourImport, error) {
		return a.GetHourImport(ctx, "imp_1")
	},
	"commit": func(ctx context.Context, a *connexie.Account) (connexie.HourImport, error) {
		return a.CommitHourImport(ctx, "imp_1", 0, nil)
	},
}

func TestConnexie_X11_ImportThatCannotBeReadBreaksTheContract(t *testing.T) {
	t.Parallel()
	total := func(members string) edits { return edits{"status": `"committed"`, "totals": "[" + members + "]"} }
	tests := map[string]edits{
		"id: missing":                                  {"id": ""},
		"id: not an id":                                {"id": `"imp 1"`},
		"venue_id: null":                               {"venue_id": "null"},
		"period_start: not a calendar date":            {"period_start": `"2026-11-31"`},
		"period_end: before the start":                 {"period_end": `"2026-10-31"`},
		"kinds: missing":                               {"kinds": ""},
		"kinds[1]: not a word of the contract":         {"kinds": `["hours","leave"]`},
		"kinds[1]: the same as another kind":           {"kinds": `["hours","hours"]`},
		"status: missing":                              {"status": ""},
		"status: not a word of the contract":           {"status": `"open"`},
		"line_count: missing":                          {"line_count": ""},
		"line_count: not a number":                     {"line_count": `"3"`},
		"line_count: not a number # null":              {"line_count": "null"},
		"line_count: not a count":                      {"line_count": "-1"},
		"line_count: not a count # fraction":           {"line_count": "1.0"},
		"line_count: not a count # exponent":           {"line_count": "1e3"},
		"line_count: out of bounds":                    {"line_count": "1000001"},
		"line_count: out of bounds # endless":          {"line_count": strings.Repeat("9", 500)},
		"totals: not an array":                         {"totals": "null"},
		"totals[0]: not an object":                     total(`"H100"`),
		"totals[0].code: missing":                      total(`{"quantity":"1"}`),
		"totals[0].code: blank":                        total(`{"code":" ","quantity":"1"}`),
		"totals[0].code: too long":                     total(`{"code":"` + strings.Repeat("H", 17) + `","quantity":"1"}`),
		"totals[0].quantity: missing":                  total(`{"code":"H100"}`),
		"totals[0].quantity: null":                     total(`{"code":"H100","quantity":null}`),
		"totals[0].quantity: not a string":             total(`{"code":"H100","quantity":1.5}`),
		"totals[0].quantity: not a decimal":            total(`{"code":"H100","quantity":"1e3"}`),
		"totals[0].quantity: not a decimal # empty":    total(`{"code":"H100","quantity":""}`),
		"totals[0].quantity: negative":                 total(`{"code":"H100","quantity":"-1"}`),
		"totals[0].quantity: more than four decimals":  total(`{"code":"H100","quantity":"1.00000"}`),
		"totals[0].quantity: out of bounds":            total(`{"code":"H100","quantity":"1000000000000"}`),
		"totals[1].code: the same as of another total": total(`{"code":"H100","quantity":"1"},{"code":"H100","quantity":"1"}`),
		"totals: too many":                             total(manyTotals(10_001)),
		"committed_at: not an RFC 3339 instant":        {"committed_at": `"2026-12-01"`},
	}
	for reason, change := range tests {
		for name, ask := range importReaders {
			t.Run(name+"/"+reason, func(t *testing.T) {
				t.Parallel()
				_, err := ask(t.Context(), serve(t, replyJSON(importOf(change))))
				require.Equal(t, connexie.CodeProtocol, failure(t, err).Code)
				require.Equal(t, cutComment(reason), failure(t, err).Reason)
			})
		}
	}
}

func manyTotals(count int) string {
	all := make([]string, count)
	for i := range all {
		all[i] = fmt.Sprintf(`{"code":"H%d","quantity":"1"}`, i)
	}
	return strings.Join(all, ",")
}

func TestConnexie_X11_AnotherImportThanAskedFor(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		ask    string
		change edits
		reason string
	}{
		"get":          {"get", edits{"id": `"imp_2"`}, "id: another import than was asked for"},
		"commit":       {"commit", edits{"id": `"imp_2"`, "status": `"committed"`}, "id: another import than was asked for"},
		"still draft":  {"commit", nil, "status: not committed, though just committed"},
		"venue":        {"create", edits{"venue_id": `"ven_2"`}, "venue_id: another venue than was asked for"},
		"first day":    {"create", edits{"period_start": `"2026-11-02"`}, "period_start: another day than was asked for"},
		"last day":     {"create", edits{"period_end": `"2026-11-29"`}, "period_end: another day than was asked for"},
		"fewer kinds":  {"create", edits{"kinds": `["hours"]`}, "kinds: other kinds than were asked for"},
		"other kinds":  {"create", edits{"kinds": `["hours","allowances"]`}, "kinds: other kinds than were asked for"},
		"further kind": {"create", edits{"kinds": `["hours","meals","allowances"]`}, "kinds: other kinds than were asked for"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := importReaders[test.ask](t.Context(), serve(t, replyJSON(importOf(test.change))))
			require.Equal(t, connexie.CodeProtocol, failure(t, err).Code)
			require.Equal(t, test.reason, failure(t, err).Reason)
		})
	}
}

func TestConnexie_X10_BadDraftIsNotSent(t *testing.T) {
	t.Parallel()
	const (
		days  = "the days must be given, the first not after the last"
		kinds = "the kinds must be given, each once"
		key   = "the idempotency key must have 1 to 128 visible ASCII characters"
	)
	tests := map[string]struct {
		change func(*connexie.NewHourImport)
		reason string
	}{
		"no venue":     {func(n *connexie.NewHourImport) { n.VenueID = "" }, "the venue's id is not one of Connexie"},
		"venue's name": {func(n *connexie.NewHourImport) { n.VenueID = "De Zon" }, "the venue's id is not one of Connexie"},
		"no first day": {func(n *connexie.NewHourImport) { n.Start = domain.Date{} }, days},
		"no last day":  {func(n *connexie.NewHourImport) { n.End = domain.Date{} }, days},
		"reversed":     {func(n *connexie.NewHourImport) { n.Start, n.End = n.End, n.Start }, days},
		"63 days":      {func(n *connexie.NewHourImport) { n.End = n.Start.AddDays(62) }, "the period has more than 62 days"},
		"no kinds":     {func(n *connexie.NewHourImport) { n.Kinds = nil }, kinds},
		"unknown kind": {func(n *connexie.NewHourImport) { n.Kinds = []domain.ExportKind{"leave"} }, kinds},
		"kind twice":   {func(n *connexie.NewHourImport) { n.Kinds = []domain.ExportKind{"hours", "hours"} }, kinds},
		"no key":       {func(n *connexie.NewHourImport) { n.IdempotencyKey = "" }, key},
		"long key":     {func(n *connexie.NewHourImport) { n.IdempotencyKey = strings.Repeat("k", 129) }, key},
		"key of lines": {func(n *connexie.NewHourImport) { n.IdempotencyKey = "a\r\nb" }, key},
		"accented key": {func(n *connexie.NewHourImport) { n.IdempotencyKey = "é" }, key},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			draft := november()
			test.change(&draft)
			_, err := unsent(t).CreateHourImport(t.Context(), draft)
			requireInvalid(t, err, test.reason)
		})
	}
	widest := november()
	widest.End, widest.IdempotencyKey = widest.Start.AddDays(61), strings.Repeat("k", 128)
	_, err := serve(t, replyJSON(importOf(edits{"period_end": `"2027-01-01"`}))).CreateHourImport(t.Context(), widest)
	require.NoError(t, err, "bounds are inclusive")
}

func TestConnexie_X17_BadLineIsNotSent(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*connexie.HourLine)
		reason string
	}{
		"no reference":    {func(l *connexie.HourLine) { l.Reference = "" }, "reference: not a plain text of at most 64 characters"},
		"long reference":  {func(l *connexie.HourLine) { l.Reference = strings.Repeat("r", 65) }, "reference: not a plain text of at most 64 characters"},
		"prose":           {func(l *connexie.HourLine) { l.Reference = "Jan Jansen" }, "reference: not a plain text of at most 64 characters"},
		"same reference":  {func(l *connexie.HourLine) { l.Reference = "ent-1.1" }, "reference: the same as of another line"},
		"no employee":     {func(l *connexie.HourLine) { l.EmployeeID = "" }, "employee_id: not an id"},
		"contract":        {func(l *connexie.HourLine) { l.ContractID = "a/b" }, "contract_id: not an id"},
		"no day":          {func(l *connexie.HourLine) { l.Date = domain.Date{} }, "date: missing"},
		"no code":         {func(l *connexie.HourLine) { l.Code = "" }, "code: blank"},
		"long code":       {func(l *connexie.HourLine) { l.Code = strings.Repeat("1", 17) }, "code: too long"},
		"zero":            {func(l *connexie.HourLine) { l.Quantity = decimal.Zero }, "quantity: not above zero"},
		"negative":        {func(l *connexie.HourLine) { l.Quantity = decimal.MustParse("-1") }, "quantity: not above zero"},
		"five decimals":   {func(l *connexie.HourLine) { l.Quantity = decimal.MustParse("0.00001") }, "quantity: more than four decimals"},
		"thirteen digits": {func(l *connexie.HourLine) { l.Quantity = decimal.MustParse("1000000000000") }, "quantity: out of bounds"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bad := lineOf(2)
			test.change(&bad)
			err := unsent(t).PutHourImportPart(t.Context(), "imp_1", 1, []connexie.HourLine{lineOf(1), bad})
			requireInvalid(t, err, "lines[1]."+test.reason)
		})
	}
}

func TestConnexie_BadPartAndCommitAreNotSent(t *testing.T) {
	t.Parallel()
	tooMany := make([]connexie.HourLine, connexie.MaxPartLines+1)
	for _, part := range []int{-1, 0, connexie.MaxImportParts + 1} {
		requireInvalid(t, unsent(t).PutHourImportPart(t.Context(), "imp_1", part, nil), "the part must lie between 1 and 1000")
	}
	requireInvalid(t, unsent(t).PutHourImportPart(t.Context(), "imp_1", 1, tooMany), "more than 1000 lines in a part")

	type totals = map[string]decimal.Decimal
	commits := map[string]struct {
		lines  int
		totals totals
	}{
		"line_count: out of bounds":                                                {-1, nil},
		"line_count: out of bounds # many":                                         {1_000_001, totals{"H100": decimal.One}},
		"totals: either lines without a total, or a total without lines":           {1, nil},
		"totals: either lines without a total, or a total without lines # no line": {0, totals{"H100": decimal.One}},
		"totals: code: blank":                                                      {1, totals{"": decimal.One}},
		"totals: quantity: not above zero":                                         {1, totals{"H100": decimal.Zero}},
	}
	for reason, commit := range commits {
		_, err := unsent(t).CommitHourImport(t.Context(), "imp_1", commit.lines, commit.totals)
		requireInvalid(t, err, cutComment(reason))
	}
}

func TestConnexie_N4_BadImportIDIsNeitherSentNorNamed(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"", "..", "a/b", "Jan Jansen", strings.Repeat("i", 65)} {
		_, got := unsent(t).GetHourImport(t.Context(), id)
		_, committing := unsent(t).CommitHourImport(t.Context(), id, 0, nil)
		for _, err := range []error{
			got, committing, unsent(t).DiscardHourImport(t.Context(), id), unsent(t).PutHourImportPart(t.Context(), id, 1, nil),
		} {
			requireInvalid(t, err, "the id is not one of Connexie")
			require.Empty(t, failure(t, err).Subject)
		}
	}
}

// unsent is an account whose calls must not leave.
func unsent(t *testing.T) *connexie.Account {
	t.Helper()
	return connect(t, "https://api.connexie.example/v1", func(o *connexie.Options) {
		o.Transport = roundTrip(func(*http.Request) (*http.Response, error) {
			t.Error("a call was sent")
			return nil, io.ErrClosedPipe
		})
	})
}

func requireInvalid(t *testing.T, err error, reason string) {
	t.Helper()
	require.Equal(t, connexie.CodeInvalidArgument, failure(t, err).Code)
	require.Equal(t, reason, failure(t, err).Reason)
}

func TestConnexie_N6_ImportsAreAskedOnce(t *testing.T) {
	t.Parallel()
	calls := map[string]func(context.Context, *connexie.Account) error{
		"discard": func(ctx context.Context, a *connexie.Account) error { return a.DiscardHourImport(ctx, "imp_1") },
		"put":     func(ctx context.Context, a *connexie.Account) error { return a.PutHourImportPart(ctx, "imp_1", 1, nil) },
	}
	for name, ask := range importReaders {
		calls[name] = func(ctx context.Context, a *connexie.Account) error {
			_, err := ask(ctx, a)
			return err
		}
	}
	for name, ask := range calls {
		for code, handler := range map[connexie.Code]http.HandlerFunc{
			connexie.CodeServerError: replyProblem(500, "server_error"), connexie.CodeUnreachable: drop,
			connexie.CodePayrollAlreadyRun: replyProblem(409, "payroll_already_run"), connexie.CodeForbidden: replyProblem(403, "forbidden"),
		} {
			t.Run(name+"/"+string(code), func(t *testing.T) {
				t.Parallel()
				var attempts atomic.Int32
				err := ask(t.Context(), serve(t, func(w http.ResponseWriter, r *http.Request) {
					attempts.Add(1)
					handler(w, r)
				}))
				require.Equal(t, code, failure(t, err).Code)
				require.EqualValues(t, 1, attempts.Load())
			})
		}
	}
}
