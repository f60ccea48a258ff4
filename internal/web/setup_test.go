package web_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
	"github.com/eitje/connexie-worker/internal/web"
)

const (
	ourKey   = "key-of-our-organisation"
	theirKey = "key-of-another-organisation"
)

// bundle is an API on a database of its own with two organisations, each with a
// connection and a run.
type bundle struct {
	db            *testkit.DB
	engine        *engine
	log           *journal
	handler       http.Handler
	ours, theirs  store.Connection
	ourRun, thRun string
}

func setup(t *testing.T) *bundle {
	t.Helper()
	b := &bundle{db: testkit.New(t), engine: &engine{}, log: &journal{}}
	b.ours = b.db.Connection(t, b.db.Organisation(t))
	b.theirs = b.db.Connection(t, b.db.Organisation(t))
	b.ourRun, b.thRun = b.openRun(t, b.ours.ID), b.openRun(t, b.theirs.ID)
	b.handler = b.newHandler(t, b.db.Store, nil)
	return b
}

func (b *bundle) newHandler(t *testing.T, reader web.Reader, checks map[string]web.Check) http.Handler {
	t.Helper()
	handler, err := web.New(web.Options{
		Reader: reader, Engine: b.engine, Log: b.log, Checks: checks,
		Keys: []web.Key{
			{OrganisationID: b.ours.OrganisationID, Hash: sha256.Sum256([]byte(ourKey))},
			{OrganisationID: b.theirs.OrganisationID, Hash: sha256.Sum256([]byte(theirKey))},
		},
	})
	require.NoError(t, err)
	return handler
}

func (b *bundle) openRun(t *testing.T, connectionID string) string {
	t.Helper()
	run, err := b.db.Store.OpenRun(t.Context(), store.RunOpening{
		ID: testkit.ID(t), ConnectionID: connectionID, WorkflowID: "sync/" + connectionID, Pass: 1,
		Trigger: store.TriggerManual, Mode: store.ModeApply, RequestedBy: "user_42", Day: domain.DayOf(testkit.Now),
	}, testkit.Now)
	require.NoError(t, err)
	return run.ID
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	text   string
}

func (a answer) into(t *testing.T, value any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(a.text), value), a.text)
}

// problem reads an answer that must be a problem of this status.
func (a answer) problem(t *testing.T, status int) web.Problem {
	t.Helper()
	require.Equal(t, status, a.status, a.text)
	require.Equal(t, "application/problem+json", a.header.Get("Content-Type"))
	var problem web.Problem
	a.into(t, &problem)
	require.Equal(t, status, problem.Status)
	require.NotEmpty(t, problem.Title)
	require.NotEmpty(t, problem.Detail)
	require.NotEmpty(t, problem.NextStep)
	require.Equal(t, a.header.Get("X-Request-Id"), problem.RequestID)
	return problem
}

// ask sends a request with our key; header lines are given as name and value in turn,
// an empty value takes the line out.
func (b *bundle) ask(t *testing.T, method, path, body string, header ...string) answer {
	t.Helper()
	return ask(t, b.handler, method, path, body, header...)
}

func ask(t *testing.T, handler http.Handler, method, path, body string, header ...string) answer {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	request.Header.Set("Authorization", "Bearer "+ourKey)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	return do(handler, request)
}

func do(handler http.Handler, request *http.Request) answer {
	recorded := httptest.NewRecorder()
	handler.ServeHTTP(recorded, request)
	return answer{status: recorded.Code, header: recorded.Header(), text: recorded.Body.String()}
}

// engine notes what it is asked for and answers as the test wants.
type engine struct {
	sync   func(context.Context, web.SyncRequest) (web.SyncTicket, error)
	decide func(connectionID, decision, by string) (string, error)
}

func (e *engine) RequestSync(ctx context.Context, request web.SyncRequest) (web.SyncTicket, error) {
	return e.sync(ctx, request)
}

func (e *engine) DecideGuard(_ context.Context, connectionID, decision, by string) (string, error) {
	return e.decide(connectionID, decision, by)
}

// journal keeps what is logged.
type journal struct {
	mutex     sync.Mutex
	exchanges []web.Exchange
	failures  []string
}

func (j *journal) Answered(exchange web.Exchange) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	j.exchanges = append(j.exchanges, exchange)
}

func (j *journal) Failed(_ string, err error) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	j.failures = append(j.failures, err.Error())
}
