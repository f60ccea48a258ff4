package activities_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// leaving is a bundle whose person p_1 is linked and about to leave.
type leaving struct {
	*bundle
	endings *activities.Endings
	asking  *activities.EndingInConnexie
	told    *tellings
	run     activities.EndingRun
}

// tellings notes which endings heard of a run.
type tellings struct {
	members []string
	fails   error
}

func (t *tellings) ConnexieChanged(_ context.Context, member string) error {
	if t.fails != nil {
		return t.fails
	}
	t.members = append(t.members, member)
	return nil
}

func newLeaving(t *testing.T) *leaving {
	t.Helper()
	l := &leaving{bundle: newBundle(t, person("p_1"), person("p_2")), told: &tellings{}}
	clock := func() time.Time { return now }
	l.endings = &activities.Endings{Store: l.db.Store, Now: clock}
	l.asking = &activities.EndingInConnexie{Store: l.db.Store, Accounts: l.reading.Accounts, Now: clock}
	l.syncing.Endings = l.told
	l.sync(l.newRun())
	member := l.profileOf("p_1")
	l.run = activities.EndingRun{
		ID: testkit.ID(t), ConnectionID: l.connection, TeamMemberID: member, WorkflowID: "end-employment/" + member,
		EndDate: today.AddDays(8), Reason: "own_request", RequestedBy: "user_1",
	}
	return l
}

// mayEnd lets the token end employments (E2).
func (l *leaving) mayEnd() {
	l.Helper()
	require.NoError(l, l.sandbox.SetPermissions(account, sandbox.EmployeesRead, sandbox.EmploymentWrite))
}

func (l *leaving) open() activities.EndingStanding {
	l.Helper()
	standing, err := run(l.bundle, l.endings.OpenEnding, l.run)
	require.NoError(l, err)
	return standing
}

func (l *leaving) ask(change ...func(*activities.AskConnexieInput)) activities.EndingStanding {
	l.Helper()
	in := activities.AskConnexieInput{Run: l.run}
	for _, edit := range change {
		edit(&in)
	}
	standing, err := run(l.bundle, l.asking.AskConnexie, in)
	require.NoError(l, err)
	return standing
}

func endThere(in *activities.AskConnexieInput) { in.EndThere = true }

func newDate(day domain.Date) func(*activities.AskConnexieInput) {
	return func(in *activities.AskConnexieInput) { in.EndThere, in.EndDate = true, day }
}

// lastDay is what Connexie has.
func (l *leaving) lastDay() string {
	l.Helper()
	found, err := l.sandbox.Employee(account, "p_1")
	require.NoError(l, err)
	end, _ := found.Employment.EndDate.Get()
	return string(end)
}

func TestEnding_E2_StepOneByTheTokenOrByAPerson(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	require.Equal(t, domain.EndingOpened, l.open().Stage)
	standing := l.ask(endThere)
	require.Equal(t, domain.EndingWaitsForConnexie, standing.Stage, "403 is a branch, not a failure")
	require.True(t, standing.ByHand)
	require.Empty(t, l.lastDay())
	l.mayEnd()
	for range 2 {
		standing = l.ask(endThere)
		require.Equal(t, domain.EndingWaitsForDate, standing.Stage)
		require.Equal(t, today.AddDays(9).At(0, 0).UTC(), standing.NextAt)
		require.Equal(t, l.run.EndDate.String(), l.lastDay())
	}
	require.Empty(t, slices.DeleteFunc(l.causes(), func(cause string) bool { return cause == "email_differs p_1" }))
}

// Whatever becomes of the answer, the employment is ended once, and the next attempt sees
// it.
func TestEnding_E2_N6_AnAnswerThatIsLostIsSettledByReading(t *testing.T) {
	t.Parallel()
	for _, afterEffect := range []bool{false, true} {
		l := newLeaving(t)
		l.mayEnd()
		l.open()
		l.fault(sandbox.Fault{Kind: sandbox.FaultStatus, Status: 502, Operation: "endEmployment", Times: 1, AfterEffect: afterEffect})
		_, err := run(l.bundle, l.asking.AskConnexie, activities.AskConnexieInput{Run: l.run, EndThere: true})
		requireFailure(t, err, activities.ErrorUnavailable, true)
		require.Equal(t, domain.EndingWaitsForDate, l.ask(endThere).Stage)
		require.Equal(t, l.run.EndDate.String(), l.lastDay())
	}
}

func TestEnding_ConnexiesEndDateIsNotOverwrittenUnlessSomebodyChangesIt(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	l.mayEnd()
	l.patch("p_1", `{"employment":{"end_date":"2026-12-24"}}`)
	l.open()
	standing := l.ask(endThere)
	require.Equal(t, domain.NewDate(2026, 12, 24), standing.EndDate, "Connexie's wins")
	require.Contains(t, l.causes(), "ending_date p_1")
	changed := l.ask(newDate(domain.NewDate(2026, 12, 31)))
	require.Equal(t, domain.NewDate(2026, 12, 31), changed.EndDate)
	require.Equal(t, "2026-12-31", l.lastDay())

	require.NoError(t, l.sandbox.SetPermissions(account, sandbox.EmployeesRead))
	refused := l.ask(newDate(domain.NewDate(2027, 1, 31)))
	require.Contains(t, refused.Problem, "Connexie has 2026-12-31 as the last day, and the token may not change that")
	require.Equal(t, domain.NewDate(2026, 12, 31), refused.EndDate)
	early := l.ask(newDate(domain.NewDate(2020, 1, 1)))
	require.Contains(t, early.Problem, "cannot end on 2020-01-01")
	require.Equal(t, "2026-12-31", l.lastDay())
}

func TestEnding_ADateIsChangedBeforeConnexieHasOne(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	l.open()
	l.ask(endThere)
	changed := l.ask(newDate(today.AddDays(20)))
	require.Equal(t, domain.EndingWaitsForConnexie, changed.Stage)
	require.Equal(t, today.AddDays(20), changed.EndDate)
	require.Empty(t, changed.Problem)
	require.True(t, changed.ByHand)
}

// An employment that was opened again is not ended there a second time (E5).
func TestEnding_E5_OpenedAgainIsNotEndedAgain(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	l.mayEnd()
	l.open()
	l.ask(endThere)
	l.patch("p_1", `{"employment":{"end_date":null}}`)
	standing := l.ask(newDate(today.AddDays(20)))
	require.Equal(t, domain.EndingReopened, standing.Reason)
	require.Empty(t, l.lastDay())
	require.Equal(t, standing.Outcome, l.ask(endThere).Outcome, "what is over is not asked about")
	require.Empty(t, l.lastDay())
}

func TestEnding_S14_WhoIsGoneFromConnexie(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	l.open()
	require.NoError(t, l.sandbox.RemoveEmployee(account, "p_1"))
	require.Equal(t, domain.EndingWaitsForConfirmation, l.ask(endThere).Stage)
	require.Contains(t, l.ask(newDate(today)).Problem, "no longer has this person")
	done, err := run(l.bundle, l.endings.EndInEitje, activities.EndInEitjeInput{Run: l.run, By: "user_1"})
	require.NoError(t, err)
	require.Equal(t, domain.EndingWatches, done.Stage)
}

func TestEnding_C8_N6_ErrorsAreTranslated(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	l.open()
	ask := func() error {
		_, err := run(l.bundle, l.asking.AskConnexie, activities.AskConnexieInput{Run: l.run})
		return err
	}
	l.fault(sandbox.Fault{Kind: sandbox.FaultMalformedJSON, Operation: "getEmployee", Times: 1})
	requireFailure(t, ask(), activities.ErrorProtocol, false)
	require.NoError(t, l.sandbox.SetPermissions(account))
	requireFailure(t, ask(), activities.ErrorForbidden, false)
	require.NoError(t, l.sandbox.SetToken(account, "other"))
	requireFailure(t, ask(), activities.ErrorTokenRefused, false)
	require.Contains(t, l.causes(), "token_refused connection")
	require.NoError(t, l.sandbox.SetToken(account, secret))
	l.fault(sandbox.Fault{Kind: sandbox.FaultRateLimited, Operation: "getEmployee", RetryAfterSeconds: 7, Times: 1})
	require.Equal(t, 7*time.Second, requireFailure(t, ask(), activities.ErrorRateLimited, true).NextRetryDelay())
	_, err := run(l.bundle, l.endings.OpenEnding, activities.EndingRun{ID: testkit.ID(t), ConnectionID: testkit.ID(t), TeamMemberID: "x"})
	requireFailure(t, err, activities.ErrorInvalidInput, false)
}

func TestEnding_ARefusalIsAResultWithTheNextStep(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	l.run.EndDate = domain.NewDate(2024, 12, 31)
	standing := l.open()
	require.Equal(t, domain.EndingRefused, standing.Outcome)
	require.Equal(t, domain.EndingBeforeStart, standing.Reason)
	require.Contains(t, standing.Problem, "began on 2025-01-01 and cannot end on 2024-12-31")
	require.NotEmpty(t, standing.OrganisationID)
}

// The record may have changed since the mirror was read: then the first look finds out,
// and Connexie is not asked to do what it cannot.
func TestEnding_ABeginningThatTheMirrorDidNotKnow(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	l.mayEnd()
	l.open()
	l.patch("p_1", `{"employment":{"start_date":"2027-03-01"}}`)
	standing := l.ask(endThere)
	require.Equal(t, domain.EndingBeforeStart, standing.Reason)
	require.Contains(t, standing.Problem, "began on 2027-03-01")
	require.Empty(t, l.lastDay())
}

func TestEnding_E1_StepTwoIsRefusedWithTheReason(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	l.open()
	l.ask(endThere)
	refused, err := run(l.bundle, l.endings.EndInEitje, activities.EndInEitjeInput{Run: l.run, By: "user_1"})
	require.NoError(t, err)
	require.Contains(t, refused.Problem, "E1: Connexie still shows the employment as active")
	withdrawn, err := run(l.bundle, l.endings.WithdrawEnding, activities.WithdrawEndingInput{Run: l.run, By: "user_1", Reason: "stays"})
	require.NoError(t, err)
	require.Equal(t, domain.EndingWithdrawn, withdrawn.Outcome)
}

func TestClose_E2_E3_E6_TheEndingsThatARunConcernsAreTold(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	told := func() int {
		number := len(l.told.members)
		l.told.members = nil
		return number
	}
	l.sync(l.newRun())
	require.Zero(t, told(), "no ending is open")
	l.open()
	l.ask(endThere)
	l.sync(l.newRun())
	require.Zero(t, told(), "nothing has changed")
	l.patch("p_1", `{"employment":{"end_date":"2026-11-21"}}`)
	l.read(l.newPreview())
	preview := l.newPreview()
	l.read(preview)
	l.plan(preview)
	require.Zero(t, told(), "a preview changes nothing")
	l.sync(l.oneRun("p_2"))
	require.Zero(t, told(), "a run of another person")
	l.sync(l.oneRun("p_1"))
	require.Equal(t, 1, told())

	l.told.fails = errors.New("the engine is away")
	full := l.newRun()
	l.read(full)
	_, err := run(l.bundle, l.syncing.PlanSync, activities.PlanInput{Run: full, Day: today})
	requireFailure(t, err, activities.ErrorEngine, true)
	l.told.fails = nil
	l.plan(full) // repeated, as the engine does
	require.Equal(t, 1, told(), "told at least once")

	_, err = run(l.bundle, l.endings.LookAtEnding, activities.LookAtEndingInput{Run: l.run})
	require.NoError(t, err)
	_, err = run(l.bundle, l.endings.EndInEitje, activities.EndInEitjeInput{Run: l.run, By: "user_1"})
	require.NoError(t, err)
	l.closeRun(l.newRun(), domain.SyncUnreachable, activities.ErrorUnavailable)
	require.Equal(t, 1, told(), "a look costs little, and finds that nobody was seen")
	standing, err := run(l.bundle, l.endings.LookAtEnding, activities.LookAtEndingInput{Run: l.run})
	require.NoError(t, err)
	require.Equal(t, domain.EndingWatches, standing.Stage)
	l.sync(l.newRun())
	require.Equal(t, 1, told())
	standing, err = run(l.bundle, l.endings.LookAtEnding, activities.LookAtEndingInput{Run: l.run})
	require.NoError(t, err)
	require.Equal(t, domain.EndingEnded, standing.Outcome)
}
