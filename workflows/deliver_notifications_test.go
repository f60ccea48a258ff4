package workflows_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/workflows"
)

// deliverySuite is a DeliverNotifications whose activities answer as a test wants.
type deliverySuite struct {
	suite
	slice func(activities.DeliverInput) (activities.DeliverResult, error)
	test  func(activities.TestChannelInput) (activities.TestChannelResult, error)

	slices []activities.DeliverInput
	tests  []activities.TestChannelInput
}

const deliveryID = "deliver-notifications-2026-11-22T22:00:00Z"

// newDelivery is one on which everything goes well and nothing is due.
func newDelivery(t *testing.T, workflowID string) *deliverySuite {
	t.Helper()
	s := &deliverySuite{
		suite: newSuite(t, workflowID),
		slice: func(activities.DeliverInput) (activities.DeliverResult, error) {
			return activities.DeliverResult{Done: true}, nil
		},
		test: func(activities.TestChannelInput) (activities.TestChannelResult, error) {
			return activities.TestChannelResult{Delivered: true}, nil
		},
	}
	answer(s.env, delivering.DeliverEvents, &s.slices, func(in activities.DeliverInput) (activities.DeliverResult, error) { return s.slice(in) })
	answer(s.env, delivering.TestChannel, &s.tests, func(in activities.TestChannelInput) (activities.TestChannelResult, error) { return s.test(in) })
	return s
}

func (s *deliverySuite) run(input any) {
	s.env.ExecuteWorkflow(workflows.TypeDeliverNotifications, input)
}

func TestDeliver_N1_SlicesUntilNothingIsDue(t *testing.T) {
	t.Parallel()
	s := newDelivery(t, deliveryID)
	s.slice = func(activities.DeliverInput) (activities.DeliverResult, error) {
		return activities.DeliverResult{Counts: domain.Counts{"delivered": 100, "due_again": 1}, Done: len(s.slices) == 3}, nil
	}
	s.run(struct{}{})
	require.JSONEq(t, `{"outcome":"ok","counts":{"delivered":300,"due_again":3}}`, s.result())
	require.Len(t, s.slices, 3)
	require.Empty(t, s.tests)
}

func TestDeliver_N1_TellsHowItWent(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		counts domain.Counts
		result string
	}{
		"nothing due": {nil, `{"outcome":"nothing","counts":{}}`},
		"away":        {domain.Counts{"delivered": 2, "later": 1}, `{"outcome":"problems","counts":{"delivered":2,"later":1}}`},
		"refused":     {domain.Counts{"refused": 1}, `{"outcome":"problems","counts":{"refused":1}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newDelivery(t, deliveryID)
			s.slice = func(activities.DeliverInput) (activities.DeliverResult, error) {
				return activities.DeliverResult{Counts: test.counts, Done: true}, nil
			}
			s.run(workflows.DeliverNotificationsInput{})
			require.JSONEq(t, test.result, s.result(), "a receiver that fails is a result")
		})
	}
}

// Its history stays bounded, and the schedule starts the next one.
func TestDeliver_N1_EndsAfterTwentySlicesAlsoWhereMoreIsDue(t *testing.T) {
	t.Parallel()
	s := newDelivery(t, workflows.DeliverNotificationsID)
	s.slice = func(activities.DeliverInput) (activities.DeliverResult, error) {
		return activities.DeliverResult{Counts: domain.Counts{"delivered": 1}}, nil
	}
	s.run(struct{}{})
	require.JSONEq(t, `{"outcome":"ok","counts":{"delivered":20}}`, s.result())
}

func TestDeliver_N1_ADatabaseThatIsBackInTimeIsNoFailure(t *testing.T) {
	t.Parallel()
	s := newDelivery(t, deliveryID)
	s.slice = func(activities.DeliverInput) (activities.DeliverResult, error) {
		if len(s.slices) < 8 {
			return activities.DeliverResult{}, temporal.NewApplicationError("away", activities.ErrorDatabase)
		}
		return activities.DeliverResult{Done: true}, nil
	}
	s.run(struct{}{})
	require.Contains(t, s.result(), `"nothing"`)
}

func TestDeliver_ATestOfAChannelSaysWhatHappened(t *testing.T) {
	t.Parallel()
	s := newDelivery(t, "test-channel/cha-1")
	s.test = func(activities.TestChannelInput) (activities.TestChannelResult, error) {
		return activities.TestChannelResult{Problem: "it answered 401"}, nil
	}
	s.run(workflows.DeliverNotificationsInput{TestChannelID: "cha-1"})
	require.JSONEq(t, `{"outcome":"problems","counts":{},"problem":"it answered 401"}`, s.result())
	require.Equal(t, "cha-1", s.tests[0].ChannelID)
	require.NotEmpty(t, s.tests[0].EventID)
	require.Empty(t, s.slices)

	s = newDelivery(t, "test-channel/cha-1")
	s.run(workflows.DeliverNotificationsInput{TestChannelID: "cha-1"})
	require.JSONEq(t, `{"outcome":"ok","counts":{"delivered":1}}`, s.result())
}

func TestDeliver_BadInputIsAnsweredAndNothingSent(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		id    string
		input any
		says  string
	}{
		"unknown member": {deliveryID, map[string]any{"channel": "x"}, `unknown member "channel"`},
		"no id":          {"test-channel/a b", workflows.DeliverNotificationsInput{TestChannelID: "a b"}, `must be an id`},
		"another id":     {deliveryID, workflows.DeliverNotificationsInput{TestChannelID: "cha-1"}, "test-channel/cha-1"},
		"a test's id":    {"test-channel/cha-1", struct{}{}, "deliver-notifications"},
		"no object":      {deliveryID, []string{"x"}, "one JSON object"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newDelivery(t, test.id)
			s.run(test.input)
			failure := s.failure()
			require.Equal(t, activities.ErrorInvalidInput, failure.Type())
			require.Contains(t, failure.Message(), test.says)
			require.Contains(t, failure.Message(), "Example: {}")
			require.Empty(t, s.slices)
			require.Empty(t, s.tests)
		})
	}
}

func TestDeliver_FailsWhereTheDatabaseStaysAway(t *testing.T) {
	t.Parallel()
	s := newDelivery(t, deliveryID)
	s.slice = func(activities.DeliverInput) (r activities.DeliverResult, _ error) { return r, errors.New("away") }
	s.run(struct{}{})
	require.Error(t, s.env.GetWorkflowError())
}

func deliveryCalls(t *testing.T) *callSuite {
	t.Helper()
	s, calls := newDelivery(t, deliveryID), &callSuite{}
	calls.watch(s.suite)
	s.run(struct{}{})
	return calls
}

func channelTestCalls(t *testing.T) *callSuite {
	t.Helper()
	s, calls := newDelivery(t, "test-channel/cha-1"), &callSuite{}
	calls.watch(s.suite)
	s.run(workflows.DeliverNotificationsInput{TestChannelID: "cha-1"})
	return calls
}
