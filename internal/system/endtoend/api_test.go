package endtoend

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/app"
	"github.com/eitje/connexie-worker/internal/config"
)

// program is what calls the API for one organisation.
type program struct {
	url, key string
}

// api serves the HTTP API and returns a program for each of the organisations.
func (s *system) api(t *testing.T, organisations ...*organisation) []program {
	t.Helper()
	var programs []program
	var keys []string
	for _, o := range organisations {
		key := "key-of-" + o.connection
		hash := sha256.Sum256([]byte(key))
		keys = append(keys, o.Organisation.ID+":"+hex.EncodeToString(hash[:]))
		programs = append(programs, program{key: key})
	}
	cfg := s.starter
	cfg.HTTP.Addr = net.JoinHostPort("127.0.0.1", "0")
	cfg.API.APIKeys = config.NewSecret(strings.Join(keys, ","))
	ctx, stop := context.WithCancel(context.Background())
	listening, ended := make(chan net.Addr, 1), make(chan error, 1)
	go func() {
		ended <- app.Serve(ctx, cfg, s.logger(), func(addr net.Addr) { listening <- addr })
	}()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-ended)
	})
	select {
	case addr := <-listening:
		for i := range programs {
			programs[i].url = "http://" + addr.String()
		}
	case err := <-ended:
		ended <- nil
		require.NoError(t, err)
	}
	return programs
}

// call asks for something and returns the status and the answer's members.
func (p program) call(t *testing.T, method, path, body string, header ...string) (status int, members map[string]any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, p.url+path, strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+p.key)
	request.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer answer.Body.Close()
	require.NoError(t, json.NewDecoder(answer.Body).Decode(&members))
	return answer.StatusCode, members
}

// ended asks for a run until it is closed.
func (p program) ended(t *testing.T, runID any) (run map[string]any) {
	t.Helper()
	id, told := runID.(string)
	require.True(t, told, "no run is named: no worker answered in time")
	require.Eventually(t, func() bool {
		_, run = p.call(t, http.MethodGet, "/v1/runs/"+id, "")
		return run["stage"] == "closed"
	}, patience, glance)
	return run
}

// programsOverHTTP is the story of two organisations whose handlers call the API.
func programsOverHTTP(t *testing.T, s *system) {
	o, stranger := s.small(t, "Programma eigen", 20), s.small(t, "Programma vreemd", 5)
	o.settle(t)
	programs := s.api(t, o, stranger)
	ours, theirs := programs[0], programs[1]
	connection := "/v1/connections/" + o.connection

	status, shown := ours.call(t, http.MethodGet, connection, "")
	require.Equal(t, http.StatusOK, status, shown)
	require.Equal(t, "active", shown["state"])
	require.Equal(t, "closed", shown["last_run"].(map[string]any)["stage"])
	require.NotEmpty(t, shown["people"])

	joinsOneRun(t, o, ours)
	heldAndAllowed(t, o, ours)
	alone(t, o, ours)

	for _, path := range []string{connection, "/v1/runs/" + shown["last_run"].(map[string]any)["run_id"].(string)} {
		status, problem := theirs.call(t, http.MethodGet, path, "")
		require.Equal(t, http.StatusNotFound, status, "N7: %v", problem)
	}
	status, _ = program{url: ours.url, key: "nobody's"}.call(t, http.MethodGet, connection, "")
	require.Equal(t, http.StatusUnauthorized, status)
	for _, p := range programs {
		require.NotContains(t, s.logs.String(), p.key)
	}
	require.Contains(t, s.logs.String(), `"/v1/connections/{connection_id}/sync"`, "the access log")
}

// joinsOneRun asks again and again while Connexie does not answer (S2).
func joinsOneRun(t *testing.T, o *organisation, p program) {
	t.Helper()
	path := "/v1/connections/" + o.connection + "/sync"
	reach, release := o.hold(t)
	status, first := p.call(t, http.MethodPost, path, `{"requested_by":"user_42"}`, "Idempotency-Key", "first")
	require.Equal(t, http.StatusAccepted, status, first)
	require.Equal(t, false, first["joined"])
	reach()
	_, again := p.call(t, http.MethodPost, path, `{"requested_by":"user_42"}`, "Idempotency-Key", "first")
	require.Equal(t, first, again, "the same key gets the first answer")
	_, second := p.call(t, http.MethodPost, path, "", "Idempotency-Key", "second")
	require.Equal(t, true, second["joined"])
	require.InDelta(t, 2, second["pass"], 0, "reading has begun, so one more pass is queued")
	_, third := p.call(t, http.MethodPost, path, "", "Idempotency-Key", "third")
	require.Equal(t, second["run_id"], third["run_id"], "until it begins to read, it is shared")
	release()
	require.Equal(t, "nothing", p.ended(t, first["run_id"])["outcome"])
	require.Equal(t, "nothing", p.ended(t, second["run_id"])["outcome"])
	require.Equal(t, "user_42", p.ended(t, first["run_id"])["requested_by"])
}

// heldAndAllowed previews more newcomers than anybody would believe, and lets them in
// (S16, S19).
func heldAndAllowed(t *testing.T, o *organisation, p program) {
	t.Helper()
	connection := "/v1/connections/" + o.connection
	decide := func(word string) (int, map[string]any) {
		return p.call(t, http.MethodPost, connection+"/guard-decision", `{"decision":"`+word+`","by":"user_42"}`)
	}
	status, problem := decide("allow")
	require.Equal(t, http.StatusConflict, status, problem)

	members := o.members(t)
	run := o.overflow(t)
	held := o.awaitHeld(t)
	_, shown := p.call(t, http.MethodGet, connection, "")
	require.Equal(t, "held", shown["last_run"].(map[string]any)["outcome"])
	require.Positive(t, shown["open_notifications"])

	status, ticket := p.call(t, http.MethodPost, connection+"/previews", "")
	require.Equal(t, http.StatusAccepted, status, ticket)
	require.Equal(t, "ok", p.ended(t, ticket["run_id"])["outcome"])
	require.Len(t, p.items(t, ticket["run_id"]), tooMany)
	require.Equal(t, members, o.members(t), "a preview does not wait for a held run, and writes nothing")

	status, decided := decide("allow")
	require.Equal(t, http.StatusOK, status, decided)
	require.Equal(t, held.ID, decided["run_id"])
	o.await(t, run)
	require.Equal(t, members+tooMany, o.members(t))
}

// items reads every page.
func (p program) items(t *testing.T, runID any) (items []any) {
	t.Helper()
	after := ""
	for {
		status, page := p.call(t, http.MethodGet, "/v1/runs/"+runID.(string)+"/items?limit=20"+after, "")
		require.Equal(t, http.StatusOK, status, page)
		items = append(items, page["items"].([]any)...)
		if page["next"] == nil {
			return items
		}
		after = "&after=" + page["next"].(string)
	}
}

// alone synchronises one person and is told which rules decided (S20).
func alone(t *testing.T, o *organisation, p program) {
	t.Helper()
	path := "/v1/connections/" + o.connection + "/people/" + o.employeeID(1) + "/sync"
	status, ticket := p.call(t, http.MethodPost, path, `{"requested_by":"user_42"}`)
	require.Equal(t, http.StatusAccepted, status, ticket)
	run := p.ended(t, ticket["run_id"])
	require.Equal(t, o.employeeID(1), run["connexie_id"])
	items := p.items(t, ticket["run_id"])
	require.Len(t, items, 1)
	require.NotEmpty(t, items[0].(map[string]any)["steps"])
}

// withoutAWorker asks while nobody is there to answer: the request waits in the
// engine (S2).
func withoutAWorker(t *testing.T, s *system) {
	o := s.small(t, "Programma zonder worker", 5)
	o.settle(t)
	p := s.api(t, o)[0]
	connection := "/v1/connections/" + o.connection
	_, before := p.call(t, http.MethodGet, connection, "")
	s.stop()
	begun := time.Now()
	status, ticket := p.call(t, http.MethodPost, connection+"/sync", "", "Idempotency-Key", "waits")
	require.Equal(t, http.StatusAccepted, status, ticket)
	require.Equal(t, map[string]any{"queued": true}, ticket)
	require.Less(t, time.Since(begun), 10*time.Second)
	status, problem := p.call(t, http.MethodPost, connection+"/guard-decision", `{"decision":"allow"}`)
	require.Equal(t, http.StatusServiceUnavailable, status, problem)

	s.runWorker()
	require.Eventually(t, func() bool {
		_, after := p.call(t, http.MethodGet, connection, "")
		last := after["last_run"].(map[string]any)
		return last["run_id"] != before["last_run"].(map[string]any)["run_id"] && last["stage"] == "closed"
	}, patience, glance)
}
