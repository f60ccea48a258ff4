package workflows

import (
	"fmt"
	"strings"

	"go.temporal.io/sdk/workflow"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
)

// DeliverNotificationsInput is what delivering is started with. The empty object
// delivers whatever is due.
type DeliverNotificationsInput struct {
	// TestChannelID sends a test to this one channel, and nothing else.
	TestChannelID string `json:"test_channel_id,omitempty"`

	unknown unknown
}

const (
	deliverExample = `{} or {"test_channel_id":"0190a1b2-0000-7000-8000-000000000009"}`
	// maxDeliverSlices ends a run that finds ever more to do; the next one goes on. It
	// keeps the history below 150 events, and the run below the schedule's timeout.
	maxDeliverSlices = 20
)

// UnmarshalJSON collects what the input does not know for the validation.
func (in *DeliverNotificationsInput) UnmarshalJSON(data []byte) error {
	in.unknown.decode(data, in)
	return nil
}

func (in DeliverNotificationsInput) validated(ctx workflow.Context) error {
	c := checks{in.unknown}
	c.optionalID("test_channel_id", in.TestChannelID)
	id := workflow.GetInfo(ctx).WorkflowExecution.ID
	if in.TestChannelID != "" {
		c.impliedID(id, TestChannelID(in.TestChannelID))
	} else {
		c.require(id == DeliverNotificationsID || strings.HasPrefix(id, DeliverNotificationsID+"-"),
			"delivering belongs under the workflow id %s, or one that begins with %s-", DeliverNotificationsID, DeliverNotificationsID)
	}
	return c.err(deliverExample)
}

// DeliverNotificationsResult tells what was delivered.
type DeliverNotificationsResult struct {
	// Outcome is ok, nothing or problems.
	Outcome string `json:"outcome"`
	// Counts has a number for events that were delivered, wait to be tried later or were
	// refused, and for notifications that are due again.
	Counts domain.Counts `json:"counts"`
	// Problem is why a test did not arrive.
	Problem string `json:"problem,omitempty"`
}

// The outcomes of delivering.
const (
	DeliveredOK       = "ok"
	DeliveredNothing  = "nothing"
	DeliveredProblems = "problems"
)

// DeliverNotifications brings what happened to notifications to the channels of their
// organisations (N1): whatever is due, in slices, each channel for itself. A receiver
// that does not take what it is sent is a result, and told by starter notifications
// channels; it becomes no notification, which could not be delivered either.
//
// The schedule deliver-notifications starts it every minute; its id begins with
// deliver-notifications. A test of one channel runs under test-channel/<channel_id>.
func DeliverNotifications(ctx workflow.Context, in DeliverNotificationsInput) (DeliverNotificationsResult, error) {
	if err := in.validated(ctx); err != nil {
		return DeliverNotificationsResult{}, err
	}
	if in.TestChannelID != "" {
		return testChannel(ctx, in.TestChannelID)
	}
	return deliver(ctx)
}

func deliver(ctx workflow.Context) (DeliverNotificationsResult, error) {
	total := domain.Counts{}
	for n := 1; n <= maxDeliverSlices; n++ {
		slice, err := do(withSummary(ctx, deliverOptions, fmt.Sprintf("Deliver what is due, slice %d", n)),
			delivering.DeliverEvents, activities.DeliverInput{})
		if err != nil {
			return DeliverNotificationsResult{}, err
		}
		for _, word := range workflow.DeterministicKeys(slice.Counts) {
			total[word] += slice.Counts[word]
		}
		if slice.Done {
			break
		}
	}
	outcome := DeliveredOK
	switch {
	case total["later"]+total["refused"] > 0:
		outcome = DeliveredProblems
	case total["delivered"] == 0:
		outcome = DeliveredNothing
	}
	return DeliverNotificationsResult{Outcome: outcome, Counts: total}, nil
}

func testChannel(ctx workflow.Context, channelID string) (DeliverNotificationsResult, error) {
	test, err := do(withSummary(ctx, testChannelOptions, "Send a test to the channel"), delivering.TestChannel,
		activities.TestChannelInput{ChannelID: channelID, EventID: derivedID(ctx, 1)})
	switch {
	case err != nil:
		return DeliverNotificationsResult{}, err
	case test.Delivered:
		return DeliverNotificationsResult{Outcome: DeliveredOK, Counts: domain.Counts{"delivered": 1}}, nil
	}
	return DeliverNotificationsResult{Outcome: DeliveredProblems, Counts: domain.Counts{}, Problem: test.Problem}, nil
}
