package web_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/web"
)

func TestWeb_S2_ARequestIsAnsweredWithItsRunAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.engine.sync = func(_ context.Context, request web.SyncRequest) (web.SyncTicket, error) {
		require.Equal(t, web.SyncRequest{ConnectionID: b.ours.ID, RequestedBy: "user_42", RequestID: "key_1"}, request)
		return web.SyncTicket{RunID: b.ourRun, Pass: 2, Joined: true}, nil
	}
	got := b.ask(t, "POST", "/v1/connections/"+b.ours.ID+"/sync", `{"requested_by":"user_42"}`, "Idempotency-Key", "key_1")

	require.Equal(t, http.StatusAccepted, got.status, got.text)
	require.JSONEq(t, `{"run_id":"`+b.ourRun+`","pass":2,"joined":true}`, got.text)
	require.Equal(t, "/v1/runs/"+b.ourRun, got.header.Get("Location"))
	require.Equal(t, "no-store", got.header.Get("Cache-Control"))
}

func TestWeb_S2_WithoutAWorkerARequestIsQueued(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.engine.sync = func(_ context.Context, request web.SyncRequest) (web.SyncTicket, error) {
		require.Equal(t, web.SyncRequest{ConnectionID: b.ours.ID, RequestedBy: "api"}, request)
		return web.SyncTicket{}, nil
	}
	for _, body := range []string{"", "{}"} {
		got := b.ask(t, "POST", "/v1/connections/"+b.ours.ID+"/sync", body)
		require.Equal(t, http.StatusAccepted, got.status, got.text)
		require.JSONEq(t, `{"queued":true}`, got.text)
		require.NotContains(t, got.header, "Location")
	}
}

func TestWeb_S19_S20_PreviewsAndOnePersonHaveRunsOfTheirOwn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var asked []web.SyncRequest
	b.engine.sync = func(_ context.Context, request web.SyncRequest) (web.SyncTicket, error) {
		asked = append(asked, request)
		return web.SyncTicket{RunID: b.ourRun, Pass: 1}, nil
	}
	for _, path := range []string{"/previews", "/people/emp_0001/sync"} {
		got := b.ask(t, "POST", "/v1/connections/"+strings.ToUpper(b.ours.ID)+path, "")
		require.Equal(t, http.StatusAccepted, got.status, got.text)
		require.JSONEq(t, `{"run_id":"`+b.ourRun+`","pass":1,"joined":false}`, got.text)
	}
	require.Equal(t, []web.SyncRequest{
		{ConnectionID: b.ours.ID, RequestedBy: "api", Preview: true},
		{ConnectionID: b.ours.ID, RequestedBy: "api", OnlyConnexieID: "emp_0001"},
	}, asked)
}

func TestWeb_S16_ADecisionReachesTheHeldRun(t *testing.T) {
	t.Parallel()
	b := setup(t)
	path := "/v1/connections/" + b.ours.ID + "/guard-decision"
	b.engine.decide = func(connectionID, decision, by string) (string, error) {
		require.Equal(t, []string{b.ours.ID, "reject", "user_42"}, []string{connectionID, decision, by})
		return b.ourRun, nil
	}
	got := b.ask(t, "POST", path, `{"decision":"reject","by":"user_42"}`)
	require.Equal(t, 200, got.status, got.text)
	require.JSONEq(t, `{"run_id":"`+b.ourRun+`","decision":"reject"}`, got.text)

	b.engine.decide = func(string, string, string) (string, error) {
		return "", web.NewProblem(http.StatusConflict, "no run is held", "Look again.")
	}
	problem := b.ask(t, "POST", path, `{"decision":"allow"}`).problem(t, http.StatusConflict)
	require.Equal(t, "no run is held", problem.Detail)
	require.Empty(t, b.log.failures, "a refusal is no failure of ours")
}

func TestWeb_N3_ErrorsOfOursAreLoggedAndNotTold(t *testing.T) {
	t.Parallel()
	b := setup(t)
	path := "/v1/connections/" + b.ours.ID + "/sync"
	b.engine.sync = func(context.Context, web.SyncRequest) (web.SyncTicket, error) {
		return web.SyncTicket{}, errors.New("dial db.internal: hunter2")
	}
	failed := b.ask(t, "POST", path, "")
	failed.problem(t, http.StatusInternalServerError)
	require.NotContains(t, failed.text, "db.internal")
	require.Equal(t, []string{"dial db.internal: hunter2"}, b.log.failures)

	b.engine.sync = func(context.Context, web.SyncRequest) (web.SyncTicket, error) { panic("hunter2") }
	got := b.ask(t, "POST", path, "")
	got.problem(t, http.StatusInternalServerError)
	require.NotContains(t, got.text, "hunter2")
	require.Contains(t, b.log.failures[1], "a handler panicked: hunter2")
	require.Equal(t, http.StatusInternalServerError, b.log.exchanges[1].Status)

	b.engine.sync = func(context.Context, web.SyncRequest) (web.SyncTicket, error) {
		return web.SyncTicket{}, context.DeadlineExceeded
	}
	require.Contains(t, b.ask(t, "POST", path, "").problem(t, http.StatusServiceUnavailable).NextStep, "same Idempotency-Key")
}

func TestWeb_BadInputIsAnsweredWithWhatIsWrong(t *testing.T) {
	t.Parallel()
	b := setup(t) // its engine panics when it is asked for anything
	connection := "/v1/connections/" + b.ours.ID
	for name, c := range map[string]struct {
		method, path, body string
		header             []string
		status             int
		location           string
	}{
		"no body":            {"POST", connection + "/guard-decision", "", nil, 400, ""},
		"null":               {"POST", connection + "/guard-decision", "null", nil, 422, "body"},
		"another word":       {"POST", connection + "/guard-decision", `{"decision":"maybe"}`, nil, 422, "body.decision"},
		"missing":            {"POST", connection + "/guard-decision", `{"by":"user_42"}`, nil, 422, "body"},
		"unknown member":     {"POST", connection + "/guard-decision", `{"decision":"allow","x":1}`, nil, 422, "body.x"},
		"another case":       {"POST", connection + "/guard-decision", `{"decision":"allow","Decision":"reject"}`, nil, 422, "body.Decision"},
		"given twice":        {"POST", connection + "/guard-decision", `{"decision":"reject","decision":"allow"}`, nil, 400, "body"},
		"of another type":    {"POST", connection + "/guard-decision", `{"decision":1}`, nil, 422, "body.decision"},
		"a list":             {"POST", connection + "/guard-decision", `[]`, nil, 422, "body"},
		"no JSON":            {"POST", connection + "/guard-decision", `{"decision":"allow"} x`, nil, 400, "body"},
		"a name":             {"POST", connection + "/sync", `{"requested_by":"Jan Jansen"}`, nil, 422, "body.requested_by"},
		"too long":           {"POST", connection + "/sync", `{"requested_by":"` + strings.Repeat("x", 65) + `"}`, nil, 422, "body.requested_by"},
		"a night":            {"POST", connection + "/sync", `{"night":"2026-11-22"}`, nil, 422, "body.night"},
		"idempotency key":    {"POST", connection + "/sync", "", []string{"Idempotency-Key", "a b"}, 422, "header.Idempotency-Key"},
		"a form":             {"POST", connection + "/sync", "requested_by=x", []string{"Content-Type", "application/x-www-form-urlencoded"}, 415, "body"},
		"much too long":      {"POST", connection + "/sync", strings.Repeat(" ", 5000), nil, 413, ""},
		"a person's name":    {"POST", connection + "/people/Jan%20Jansen/sync", "", nil, 422, "path.connexie_id"},
		"limit of zero":      {"GET", "/v1/runs/" + b.ourRun + "/items?limit=0", "", nil, 422, "query.limit"},
		"limit of a million": {"GET", "/v1/runs/" + b.ourRun + "/items?limit=1000000", "", nil, 422, "query.limit"},
		"limit of words":     {"GET", "/v1/runs/" + b.ourRun + "/items?limit=all", "", nil, 422, "query.limit"},
		"after":              {"GET", "/v1/runs/" + b.ourRun + "/items?after=%00", "", nil, 422, "query.after"},
		"unknown parameter":  {"GET", "/v1/runs/" + b.ourRun + "?expand=items", "", nil, 422, "query.expand"},
		"unknown path":       {"GET", "/v1/connections", "", nil, 404, ""},
		"another method":     {"PUT", connection, "", nil, 405, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := b.ask(t, c.method, c.path, c.body, c.header...)
			problem := got.problem(t, c.status)
			require.NotContains(t, got.text, "Jan", "what was sent is not repeated")
			if c.location != "" {
				require.Len(t, problem.Errors, 1, got.text)
				require.Equal(t, c.location, problem.Errors[0].Location)
				require.NotEmpty(t, problem.Errors[0].Message)
			}
		})
	}
}

func TestWeb_AMethodThatIsNotTakenIsToldWhichAre(t *testing.T) {
	t.Parallel()
	b := setup(t)
	got := b.ask(t, "DELETE", "/v1/connections/"+b.ours.ID, "")
	got.problem(t, http.StatusMethodNotAllowed)
	require.Equal(t, "GET, HEAD", got.header.Get("Allow"))
	require.Equal(t, "POST", b.ask(t, "GET", "/v1/connections/"+b.ours.ID+"/sync", "").header.Get("Allow"))
}

func TestWeb_ManyFaultsStayReadable(t *testing.T) {
	t.Parallel()
	b := setup(t)
	body := `{"` + strings.Repeat("x", 500) + `":1`
	for i := range 200 {
		body += `,"m` + strings.Repeat("i", i%7) + string(rune('a'+i%26)) + `":1`
	}
	got := b.ask(t, "POST", "/v1/connections/"+b.ours.ID+"/sync", body+"}")
	require.Contains(t, []int{400, 422}, got.status)
	require.Less(t, len(got.text), 10_000)
}
