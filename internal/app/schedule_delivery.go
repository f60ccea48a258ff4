package app

import (
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/eitje/connexie-worker/workflows"
)

const (
	// deliverEvery is how long a notification waits for its delivery at most.
	deliverEvery = time.Minute
	// deliverTimeout bounds a run: twenty slices of a minute, one of which waits for the
	// database.
	deliverTimeout = 40 * time.Minute
)

// deliverySchedule delivers notifications (N1). What was missed is due at the next
// minute anyway, so nothing is caught up.
func deliverySchedule() client.ScheduleOptions {
	return client.ScheduleOptions{
		ID:   workflows.DeliverNotificationsID,
		Spec: client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: deliverEvery}}},
		Action: &client.ScheduleWorkflowAction{
			ID:                       workflows.DeliverNotificationsID,
			Workflow:                 workflows.TypeDeliverNotifications,
			Args:                     []any{workflows.DeliverNotificationsInput{}},
			TaskQueue:                workflows.QueueMain,
			WorkflowExecutionTimeout: deliverTimeout,
			Priority:                 temporal.Priority{PriorityKey: workflows.PriorityHousekeeping},
			StaticSummary:            "Deliver what happened to notifications",
		},
		Overlap:       enumspb.SCHEDULE_OVERLAP_POLICY_SKIP,
		CatchupWindow: deliverEvery,
	}
}
