package activities_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/connexie"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

const (
	account = "acc_1"
	secret  = "token-1"
)

var (
	now   = testkit.Now
	today = domain.DayOf(now)
)

// bundle is an organisation in a PostgreSQL of its own, its account in a sandbox, and
// the activities between the two.
type bundle struct {
	*testing.T
	db           *testkit.DB
	sandbox      *sandbox.Sandbox
	organisation string
	bar, kitchen string // venues of Eitje
	connection   string

	reading *activities.Reading
	syncing *activities.Syncing
	passes  int
}

// newBundle is an active connection whose venues are decided.
func newBundle(t *testing.T, people ...sandbox.Employee) *bundle {
	t.Helper()
	b := newUnchecked(t, people...)
	check, err := run(b, b.reading.CheckToken, b.activation())
	require.NoError(t, err)
	require.True(t, check.Accepted)
	catalogue, err := run(b, b.reading.FetchCatalogue, b.activation())
	require.NoError(t, err)
	require.Zero(t, catalogue.Undecided)
	return b
}

// newUnchecked is a connection with a token about which Connexie has not been asked.
func newUnchecked(t *testing.T, people ...sandbox.Employee) *bundle {
	t.Helper()
	b := &bundle{T: t, db: testkit.New(t), sandbox: sandbox.New(sandbox.Options{Now: func() time.Time { return now }})}
	require.NoError(t, b.sandbox.AddAccount(sandbox.Account{
		ID: account, Name: "Proef", Token: secret, Permissions: []sandbox.Permission{sandbox.EmployeesRead},
		Venues:    []sandbox.Venue{{ID: "ven_1", Name: "Bar", Active: true}, {ID: "ven_2", Name: "Keuken", Active: true}},
		WageCodes: []sandbox.WageCode{{Code: "H100", Description: "Uren", Kind: "hours", Unit: "hours"}},
		Employees: people,
	}))
	server := httptest.NewServer(b.sandbox)
	t.Cleanup(server.Close)
	client, err := connexie.New(connexie.Options{BaseURL: server.URL + "/v1", RequestsPerSecond: 1e5, Timeout: 5 * time.Second})
	require.NoError(t, err)
	t.Cleanup(client.Close)

	b.organisation = b.db.Organisation(t)
	b.bar, b.kitchen = b.db.Venue(t, b.organisation, "Bar"), b.db.Venue(t, b.organisation, "Keuken")
	connection, err := b.db.Store.AddConnection(t.Context(), b.organisation, now)
	require.NoError(t, err)
	b.connection = connection.ID
	b.setToken(secret)
	clock := func() time.Time { return now }
	b.reading = &activities.Reading{Store: b.db.Store, Accounts: openTokens{b.db.Store, client}, Now: clock}
	b.syncing = &activities.Syncing{Store: b.db.Store, Now: clock}
	return b
}

func (b *bundle) setToken(text string) {
	b.Helper()
	token := store.SealedToken{KeyID: "open", Ciphertext: []byte(text)}
	require.NoError(b, b.db.Store.SetToken(b.Context(), b.connection, token, "cli", now))
}

// openTokens binds the client to tokens that lie in the store unsealed.
type openTokens struct {
	store  *store.Store
	client *connexie.Client
}

func (o openTokens) Account(ctx context.Context, id string) (activities.Account, store.SealedToken, error) {
	sealed, err := o.store.Token(ctx, id)
	return o.bind(sealed, err)
}

func (o openTokens) AccountToCheck(ctx context.Context, id string) (activities.Account, store.SealedToken, error) {
	sealed, err := o.store.TokenToCheck(ctx, id)
	return o.bind(sealed, err)
}

func (o openTokens) bind(sealed store.SealedToken, err error) (activities.Account, store.SealedToken, error) {
	if err != nil {
		return nil, sealed, err
	}
	token, err := connexie.NewToken(string(sealed.Ciphertext))
	return o.client.For(token), sealed, err
}

// run executes an activity as a worker does, its input and result as JSON.
func run[I, O any](b *bundle, fn func(context.Context, I) (O, error), in I, prepare ...func(*testsuite.TestActivityEnvironment)) (O, error) {
	b.Helper()
	var (
		suite testsuite.WorkflowTestSuite
		out   O
	)
	suite.SetLogger(quiet{})
	env := suite.NewTestActivityEnvironment()
	env.SetTestTimeout(time.Minute)
	env.RegisterActivity(fn)
	for _, change := range prepare {
		change(env)
	}
	value, err := env.ExecuteActivity(fn, in)
	if err == nil {
		err = value.Get(&out)
	}
	return out, err
}

// requireFailure requires an error of a type, retried or not.
func requireFailure(t *testing.T, err error, kind string, retried bool) *temporal.ApplicationError {
	t.Helper()
	var failure *temporal.ApplicationError
	require.ErrorAs(t, err, &failure)
	require.Equal(t, kind, failure.Type(), failure.Message())
	require.Equal(t, retried, !failure.NonRetryable(), failure.Message())
	require.NotContains(t, failure.Message(), secret)
	return failure
}

func (b *bundle) activation() activities.ActivationInput {
	return activities.ActivationInput{ConnectionID: b.connection, RequestedBy: "user_42"}
}

// newRun is a full run that has not been opened.
func (b *bundle) newRun() activities.Run {
	b.passes++
	return activities.Run{
		ID: testkit.ID(b), ConnectionID: b.connection, WorkflowID: "sync/" + b.connection, Pass: b.passes,
		Trigger: "manual", Mode: activities.ModeApply, RequestedBy: "user_42",
	}
}

func (b *bundle) newPreview() activities.Run {
	preview := b.newRun()
	preview.Mode = activities.ModePreview
	return preview
}

func (b *bundle) oneRun(id string) activities.Run {
	one := b.newRun()
	one.OnlyConnexieID = id
	return one
}

// read reads everything, slice by slice.
func (b *bundle) read(of activities.Run) activities.ReadPeopleResult {
	b.Helper()
	in := activities.ReadPeopleInput{Run: of}
	for {
		slice, err := run(b, b.reading.ReadPeople, in)
		require.NoError(b, err)
		if slice.Done {
			return slice
		}
		in.Position = slice.Position
	}
}

func (b *bundle) plan(of activities.Run) activities.PlanResult {
	b.Helper()
	plan, err := run(b, b.syncing.PlanSync, activities.PlanInput{Run: of, Day: today})
	require.NoError(b, err)
	return plan
}

func (b *bundle) apply(of activities.Run, total int) activities.Ending {
	b.Helper()
	slice, err := run(b, b.syncing.ApplySync, activities.ApplyInput{Run: of, Day: today, Total: total})
	require.NoError(b, err)
	require.NotNil(b, slice.Closed)
	return *slice.Closed
}

// sync does what the workflow does on a run that nothing holds up.
func (b *bundle) sync(of activities.Run) activities.Ending {
	b.Helper()
	b.read(of)
	plan := b.plan(of)
	require.False(b, plan.Held)
	if plan.Closed != nil {
		return *plan.Closed
	}
	return b.apply(of, plan.Total)
}

func (b *bundle) fault(fault sandbox.Fault) {
	b.Helper()
	_, err := b.sandbox.AddFault(fault)
	require.NoError(b, err)
}

func (b *bundle) patch(id, patch string) {
	b.Helper()
	_, err := b.sandbox.PatchEmployee(account, id, json.RawMessage(patch))
	require.NoError(b, err)
}

// causes lists the open notifications as "cause subject".
func (b *bundle) causes() []string {
	b.Helper()
	return testkit.Value[[]string](b, b.db, `
		select coalesce(array_agg(cause || ' ' || replace(subject, $1, 'connection') order by cause, subject), '{}')
		  from connexie.notifications where closed_at is null`, b.connection)
}

func (b *bundle) state() store.ConnectionState {
	b.Helper()
	connection, err := b.db.Store.Connection(b.Context(), b.connection)
	require.NoError(b, err)
	return connection.State
}

// profileOf is the team member that a person is linked to.
func (b *bundle) profileOf(id string) string {
	b.Helper()
	return testkit.Value[string](b, b.db, `
		select coalesce((select team_member_id::text from connexie.links where connection_id = $1 and connexie_id = $2), '')`,
		b.connection, id)
}

// person has one open flex contract at the bar and an e-mail address of their own.
func person(id string) sandbox.Employee {
	return sandbox.Employee{
		ID: id, FirstName: "Noor", LastName: "Bakker", Email: sandbox.Some(id + "@example.com"),
		Employment: sandbox.Employment{Status: sandbox.EmploymentActive, StartDate: "2025-01-01"},
		Contracts: []sandbox.Contract{{
			ID: "con_" + id, Type: sandbox.Flex, StartDate: "2025-01-01", HourlyWage: sandbox.Some("15.20"), VenueID: "ven_1",
		}},
		ModifiedAt: now.Add(-24 * time.Hour),
	}
}

func people(n int) []sandbox.Employee {
	all := make([]sandbox.Employee, n)
	for i := range all {
		all[i] = person(fmt.Sprintf("p_%04d", i+1))
	}
	return all
}

// quiet is a log that nobody reads.
type quiet struct{}

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(string, ...any) {}
