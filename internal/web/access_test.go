package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/testkit"
)

// calls are every call that is about something of an organisation.
func calls(connectionID, runID string) map[string]string {
	connection := "/v1/connections/" + connectionID
	return map[string]string{
		"GET " + connection:                                  "",
		"POST " + connection + "/sync":                       "",
		"POST " + connection + "/previews":                   "{}",
		"POST " + connection + "/people/emp_0001/sync":       `{"requested_by":"user_42"}`,
		"POST " + connection + "/guard-decision":             `{"decision":"allow"}`,
		"GET /v1/runs/" + runID:                              "",
		"GET /v1/runs/" + runID + "/items?after=x_1&limit=3": "",
	}
}

func TestWeb_N7_AnotherOrganisationsThingsAreNotThere(t *testing.T) {
	t.Parallel()
	b := setup(t) // its engine panics when it is asked for anything
	missing := testkit.ID(t)
	for call, body := range calls(b.theirs.ID, b.thRun) {
		method, path, _ := strings.Cut(call, " ")
		theirs := b.ask(t, method, path, body, "X-Request-Id", "same")
		theirs.problem(t, http.StatusNotFound)
		nobodys := b.ask(t, method, strings.NewReplacer(b.theirs.ID, missing, b.thRun, missing).Replace(path), body, "X-Request-Id", "same")
		require.Equal(t, nobodys.text, theirs.text, "%s: an answer must not tell that it exists", call)
		require.Equal(t, nobodys.header, theirs.header, call)
	}
	require.Empty(t, b.log.failures)
}

func TestWeb_N7_NoKeyNoAnswer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	everything := calls(b.ours.ID, b.ourRun)
	everything["GET /v1/openapi.json"] = ""
	everything["GET /v1/openapi.yaml"] = ""
	everything["GET /"] = ""
	everything["DELETE /v1/nothing"] = ""
	for call, body := range everything {
		method, path, _ := strings.Cut(call, " ")
		for _, authorization := range []string{
			"", "Bearer", "Bearer ", ourKey, "Basic " + ourKey, "Bearer " + ourKey + "x", "Bearer " + ourKey[1:],
			"Bearer " + ourKey + "," + ourKey, "bearer\t" + ourKey,
		} {
			refused := b.ask(t, method, path, body, "Authorization", authorization)
			problem := refused.problem(t, http.StatusUnauthorized)
			require.Equal(t, "Bearer", refused.header.Get("WWW-Authenticate"))
			require.NotContains(t, refused.text, ourKey)
			require.Contains(t, problem.NextStep, "Authorization: Bearer")
		}
	}
}

func TestWeb_N7_EachKeySeesItsOwn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	require.Equal(t, 200, b.ask(t, "GET", "/v1/connections/"+b.ours.ID, "").status)
	require.Equal(t, 200, b.ask(t, "GET", "/v1/runs/"+b.ourRun, "").status)
	require.Equal(t, 200, b.ask(t, "GET", "/v1/connections/"+b.theirs.ID, "", "Authorization", "bearer "+theirKey).status)
	b.ask(t, "GET", "/v1/connections/"+b.ours.ID, "", "Authorization", "Bearer "+theirKey).problem(t, http.StatusNotFound)
}

func TestWeb_N7_WhatIsNoIDIsNotThere(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, id := range []string{"x", "%00", "1%2F2", "%FF", strings.Repeat("9", 5000), b.ours.ID + "%20", "%7B" + b.ours.ID + "%7D"} {
		b.ask(t, "GET", "/v1/connections/"+id, "").problem(t, http.StatusNotFound)
		b.ask(t, "GET", "/v1/runs/"+id, "").problem(t, http.StatusNotFound)
	}
	require.Empty(t, b.log.failures)
}

func TestWeb_N4_LogsHoldIDsAndRoutesAlone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.ask(t, "GET", "/v1/runs/"+b.ourRun+"/items?limit=3", "", "X-Request-Id", "req_1")
	b.ask(t, "GET", "/v1/connections/jan@example.com?token=hunter2", "", "X-Request-Id", "Jan Jansen")
	b.ask(t, "HUNTER2", "/jan@example.com?token=hunter2", "")
	b.ask(t, "GET", "/v1/connections/"+b.ours.ID, "", "Authorization", "Bearer hunter2")

	require.Len(t, b.log.exchanges, 4)
	first := b.log.exchanges[0]
	require.Equal(t, "req_1", first.RequestID)
	require.Equal(t, "/v1/runs/{run_id}/items", first.Route)
	require.Equal(t, b.ourRun, first.RunID)
	require.Equal(t, b.ours.OrganisationID, first.OrganisationID)
	require.Equal(t, 200, first.Status)
	require.Positive(t, first.Bytes)
	require.Equal(t, "other", b.log.exchanges[2].Method)
	require.Empty(t, b.log.exchanges[3].OrganisationID)
	for _, exchange := range b.log.exchanges {
		for _, text := range []string{exchange.RequestID, exchange.Method, exchange.Route, exchange.ConnectionID, exchange.RunID} {
			require.NotContains(t, strings.ToLower(text), "jan")
			require.NotContains(t, strings.ToLower(text), "hunter2")
		}
		require.NotEmpty(t, exchange.RequestID)
	}
}

func TestWeb_ProbesNeedNoKeyAndTellNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, path := range []string{"/healthz", "/readyz"} {
		open := b.ask(t, "GET", path, "", "Authorization", "")
		require.Equal(t, 200, open.status)
		require.Equal(t, "application/json", open.header.Get("Content-Type"))
		b.ask(t, "POST", path, "", "Authorization", "").problem(t, http.StatusMethodNotAllowed)
	}
}
