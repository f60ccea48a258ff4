package workflows_test

import (
	"context"
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	sdkpb "go.temporal.io/api/sdk/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/workflows"
)

// Activities are named by these nil pointers, as the workflows do.
var (
	reading    *activities.Reading
	syncing    *activities.Syncing
	nights     *activities.Nights
	sending    *activities.Sending
	exporting  *activities.Exporting
	delivering *activities.Delivering
	removing   *activities.Removing
	ends       *activities.Endings
	asking     *activities.EndingInConnexie
	repairer   *activities.Repairing
	keeping    *activities.Keeping
)

// holders have the activities as methods.
var holders = []any{reading, syncing, nights, sending, exporting, removing, ends, asking, delivering, repairer, keeping}

const connection = "con-1"

// suite is one workflow in the SDK's test environment, where time is skipped.
type suite struct {
	*testing.T
	env *testsuite.TestWorkflowEnvironment
}

func newSuite(t *testing.T, workflowID string) suite {
	t.Helper()
	var tests testsuite.WorkflowTestSuite
	tests.SetLogger(quiet{})
	env := tests.NewTestWorkflowEnvironment()
	env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: workflowID, TaskQueue: workflows.QueueMain})
	env.SetTestTimeout(10 * time.Second) // of waiting for nothing; skipped time does not count
	for _, registered := range workflows.All() {
		env.RegisterWorkflow(registered)
	}
	for _, registered := range holders {
		env.RegisterActivity(registered)
	}
	return suite{T: t, env: env}
}

// after lets something happen once the workflow has been waiting for so long.
func (s suite) after(delay time.Duration, do func()) { s.env.RegisterDelayedCallback(do, delay) }

// metadata is what the Temporal UI shows about the workflow.
func (s suite) metadata() *sdkpb.WorkflowMetadata {
	s.Helper()
	answer, err := s.env.QueryWorkflow("__temporal_workflow_metadata")
	require.NoError(s, err)
	var metadata sdkpb.WorkflowMetadata
	require.NoError(s, answer.Get(&metadata))
	return &metadata
}

func (s suite) details() string { s.Helper(); return s.metadata().GetCurrentDetails() }

// query is the answer to a query as JSON, as other programs see it.
func (s suite) query(name string) string {
	s.Helper()
	answer, err := s.env.QueryWorkflow(name)
	require.NoError(s, err)
	return asJSON(s.T, answer)
}

// result is the workflow's result as JSON.
func (s suite) result() string {
	s.Helper()
	require.True(s, s.env.IsWorkflowCompleted())
	require.NoError(s, s.env.GetWorkflowError())
	var result json.RawMessage
	require.NoError(s, s.env.GetWorkflowResult(&result))
	return string(result)
}

// failure is the application error that ended the workflow.
func (s suite) failure() *temporal.ApplicationError {
	s.Helper()
	require.True(s, s.env.IsWorkflowCompleted())
	var failure *temporal.ApplicationError
	require.ErrorAs(s, s.env.GetWorkflowError(), &failure)
	return failure
}

type decodable interface{ Get(valuePtr any) error }

func asJSON(t *testing.T, value decodable) string {
	t.Helper()
	var text json.RawMessage
	require.NoError(t, value.Get(&text))
	return string(text)
}

// update sends an update and returns what becomes of it.
func (s suite) update(name, id string, argument any) *updated {
	outcome := &updated{}
	s.env.UpdateWorkflow(name, id, outcome, argument)
	return outcome
}

// updated is what an update's sender sees.
type updated struct {
	mutex    sync.Mutex
	answer   string
	rejected error
	failed   error
}

func (u *updated) Accept() {}

func (u *updated) Reject(err error) {
	u.mutex.Lock()
	defer u.mutex.Unlock()
	u.rejected = err
}

func (u *updated) Complete(success any, err error) {
	u.mutex.Lock()
	defer u.mutex.Unlock()
	u.failed = err
	encoded, _ := json.Marshal(success)
	u.answer = string(encoded)
}

// syncSuite is a SyncTeamMembers whose activities answer as a test wants and note
// what they were asked.
type syncSuite struct {
	suite
	read  func(activities.ReadPeopleInput) (activities.ReadPeopleResult, error)
	plan  func(activities.PlanInput) (activities.PlanResult, error)
	apply func(activities.ApplyInput) (activities.ApplyResult, error)
	close func(activities.CloseInput) (activities.Ending, error)

	reads   []activities.ReadPeopleInput
	plans   []activities.PlanInput
	applies []activities.ApplyInput
	closes  []activities.CloseInput
}

var (
	today   = domain.NewDate(2026, time.November, 22)
	readAll = activities.ReadPeopleResult{Done: true, Day: today, OrganisationID: "org-1"}
	twoLeft = activities.PlanResult{Total: 2, Guarded: domain.Guarded{Creations: 2}}
	ended   = activities.Ending{Outcome: domain.SyncOK, Counts: domain.Counts{"linked": 2}}
	nothing = activities.Ending{Outcome: domain.SyncNothing, Counts: domain.Counts{}}
)

// newSync is a sync on which everything goes well and two people are applied.
func newSync(t *testing.T, workflowID string) *syncSuite {
	t.Helper()
	s := &syncSuite{
		suite: newSuite(t, workflowID),
		read:  func(activities.ReadPeopleInput) (activities.ReadPeopleResult, error) { return readAll, nil },
		plan:  func(activities.PlanInput) (activities.PlanResult, error) { return twoLeft, nil },
		apply: func(in activities.ApplyInput) (activities.ApplyResult, error) {
			return activities.ApplyResult{Done: in.Total, Closed: &ended}, nil
		},
		close: func(in activities.CloseInput) (activities.Ending, error) {
			return activities.Ending{Outcome: in.Outcome, Counts: domain.Counts{}}, nil
		},
	}
	answer(s.env, reading.ReadPeople, &s.reads, func(in activities.ReadPeopleInput) (activities.ReadPeopleResult, error) { return s.read(in) })
	answer(s.env, syncing.PlanSync, &s.plans, func(in activities.PlanInput) (activities.PlanResult, error) { return s.plan(in) })
	answer(s.env, syncing.ApplySync, &s.applies, func(in activities.ApplyInput) (activities.ApplyResult, error) { return s.apply(in) })
	answer(s.env, syncing.CloseSync, &s.closes, func(in activities.CloseInput) (activities.Ending, error) { return s.close(in) })
	return s
}

func (s *syncSuite) run(input any) { s.env.ExecuteWorkflow(workflows.TypeSyncTeamMembers, input) }

// fullSync runs a connection's full run.
func (s *syncSuite) fullRun() {
	s.run(workflows.SyncTeamMembersInput{ConnectionID: connection, RequestedBy: "user_42"})
}

// progress is the answer to the query progress.
func (s *syncSuite) progress() workflows.SyncProgress {
	s.Helper()
	var progress workflows.SyncProgress
	require.NoError(s, json.Unmarshal([]byte(s.query(workflows.QueryProgress)), &progress))
	return progress
}

// answer lets an activity answer by a function and notes what it was asked.
func answer[I, O any](env *testsuite.TestWorkflowEnvironment, activity any, asked *[]I, respond func(I) (O, error)) {
	env.OnActivity(activity, mock.Anything, mock.Anything).Return(func(_ context.Context, in I) (O, error) {
		*asked = append(*asked, in)
		return respond(in)
	})
}

// quiet is a log that nobody reads.
type quiet struct{}

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(string, ...any) {}
