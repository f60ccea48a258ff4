package endtoend

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	enumspb "go.temporal.io/api/enums/v1"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/eitjeseed"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/sandbox/seed"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/workflows"
)

// organisation is one story's own, on both sides.
type organisation struct {
	*system
	seed.Scenario
	connection string
}

// small brings in an organisation of n people, whose venues have equal names.
func (s *system) small(t *testing.T, name string, n int) *organisation {
	t.Helper()
	return s.organisation(t, seed.Small(name, n, 1, s.sandbox.Today()))
}

// demo brings in the demonstration's organisation with every awkward case; another
// seed is another organisation.
func (s *system) demo(t *testing.T, number uint64) *organisation {
	t.Helper()
	scenario := seed.Demo(number, s.sandbox.Today())
	suffix := string(rune('a' + number%26))
	scenario.Account.ID += "-" + suffix
	scenario.Account.Token += "-" + suffix
	return s.organisation(t, scenario)
}

// organisation puts a scenario into Connexie and Eitje and gives it a connection
// with the account's token, which is not active yet.
func (s *system) organisation(t *testing.T, scenario seed.Scenario) *organisation {
	t.Helper()
	require.NoError(t, s.sandbox.AddAccount(scenario.Account))
	written, err := eitjeseed.Write(t.Context(), s.url, scenario.Account.ID, scenario.Organisation, time.Now())
	require.NoError(t, err)
	require.True(t, written, "two stories share the organisation %s", scenario.Organisation.Name)
	connection, err := s.store.AddConnection(t.Context(), scenario.Organisation.ID, time.Now())
	require.NoError(t, err)
	o := &organisation{system: s, Scenario: scenario, connection: connection.ID}
	o.setToken(t, scenario.Account.Token)
	return o
}

func (o *organisation) setToken(t *testing.T, token string) {
	t.Helper()
	sealed, err := o.keys.Seal([]byte(token), []byte(o.connection))
	require.NoError(t, err)
	require.NoError(t, o.store.SetToken(t.Context(), o.connection, store.SealedToken(sealed), "test", time.Now()))
}

// activate runs an activation to its end; the first synchronisation may be under
// way after it.
func (o *organisation) activate(t *testing.T) workflows.ActivationResult {
	t.Helper()
	run, err := o.temporal.ExecuteWorkflow(t.Context(), options(workflows.ActivateID(o.connection)),
		workflows.TypeActivateConnection, workflows.ActivateConnectionInput{ConnectionID: o.connection})
	require.NoError(t, err)
	return result[workflows.ActivationResult](t, run)
}

// settle activates the organisation and waits for the first synchronisation.
func (o *organisation) settle(t *testing.T) workflows.SyncResult {
	t.Helper()
	require.Equal(t, workflows.ActivationOK, o.activate(t).Outcome)
	return o.await(t, o.latest(workflows.SyncID(o.connection)))
}

// latest is the workflow that has the id now, or had it last.
func (s *system) latest(id string) client.WorkflowRun {
	return s.temporal.GetWorkflow(context.Background(), id, "")
}

// options are those of a start that fails where the id is taken, as in the Temporal
// UI.
func options(id string) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		ID: id, TaskQueue: workflows.QueueMain,
		WorkflowIDConflictPolicy:                 enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
	}
}

// start starts a synchronisation of the connection.
func (o *organisation) start(t *testing.T, id string, in workflows.SyncTeamMembersInput) client.WorkflowRun {
	t.Helper()
	in.ConnectionID = o.connection
	run, err := o.temporal.ExecuteWorkflow(t.Context(), options(id), workflows.TypeSyncTeamMembers, in)
	require.NoError(t, err)
	return run
}

func (o *organisation) startSync(t *testing.T) client.WorkflowRun {
	t.Helper()
	return o.start(t, workflows.SyncID(o.connection), workflows.SyncTeamMembersInput{})
}

func (o *organisation) await(t *testing.T, run client.WorkflowRun) workflows.SyncResult {
	t.Helper()
	return result[workflows.SyncResult](t, run)
}

// sync makes a full run and waits for it.
func (o *organisation) sync(t *testing.T) workflows.SyncResult {
	t.Helper()
	return o.await(t, o.startSync(t))
}

func (o *organisation) preview(t *testing.T) workflows.SyncResult {
	t.Helper()
	return o.await(t, o.start(t, workflows.PreviewID(o.connection), workflows.SyncTeamMembersInput{Mode: "preview"}))
}

// syncPerson synchronises one person alone.
func (o *organisation) syncPerson(t *testing.T, id string) workflows.SyncResult {
	t.Helper()
	return o.await(t, o.startPerson(t, id))
}

func (o *organisation) startPerson(t *testing.T, id string) client.WorkflowRun {
	t.Helper()
	return o.start(t, workflows.SyncPersonID(o.connection, id), workflows.SyncTeamMembersInput{OnlyConnexieID: id})
}

// decide takes every decision about venues that activation leaves (C3).
func (o *organisation) decide(t *testing.T) {
	t.Helper()
	for _, decision := range o.Decisions {
		var err error
		switch {
		case decision.EitjeVenueID == "":
			err = o.store.SetConnexieVenueInactive(t.Context(), o.connection, decision.ConnexieVenueID, time.Now())
		case decision.ConnexieVenueID == "":
			err = o.store.SetVenueNotUsed(t.Context(), o.connection, decision.EitjeVenueID, "test", time.Now())
		default:
			err = o.store.ConnectVenue(t.Context(), o.connection, decision.EitjeVenueID, decision.ConnexieVenueID, "test", time.Now())
		}
		require.NoError(t, err)
	}
}

// change changes a person in Connexie.
func (o *organisation) change(t *testing.T, id string, edit func(*sandbox.Employee)) {
	t.Helper()
	_, err := o.sandbox.UpdateEmployee(o.Account.ID, id, func(e *sandbox.Employee) error { edit(e); return nil })
	require.NoError(t, err)
}

// fault switches a fault of the organisation's account on and returns its id; it is
// gone when the test ends.
func (o *organisation) fault(t *testing.T, fault sandbox.Fault) string {
	t.Helper()
	fault.Account = o.Account.ID
	id, err := o.sandbox.AddFault(fault)
	require.NoError(t, err)
	t.Cleanup(func() { _ = o.sandbox.RemoveFault(id) })
	return id
}

// hold holds the next call that lists people; the answer lets it go. It returns
// once reach is called, that is once somebody is held.
func (o *organisation) hold(t *testing.T) (reach, release func()) {
	t.Helper()
	id := o.fault(t, sandbox.Fault{Kind: sandbox.FaultHold, Operation: "listEmployees", Times: 1})
	reach = func() { require.NoError(t, o.sandbox.AwaitFault(t.Context(), id)) }
	return reach, func() { require.NoError(t, o.sandbox.RemoveFault(id)) }
}

// employeeID is the id of the n-th person of a small organisation.
func (o *organisation) employeeID(n int) string { return o.Account.Employees[n-1].ID }

func today() domain.Date { return domain.DayOf(time.Now()) }
