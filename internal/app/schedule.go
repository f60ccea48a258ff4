package app

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/workflows"
)

// nightTimeout bounds a night as a whole: under SKIP a stuck one would block every
// later one.
const nightTimeout = 20 * time.Hour

// catchUp is how late a night may still begin after an outage of the engine.
const catchUp = 6 * time.Hour

// nightlySchedule is the night: 23:00 in Amsterdam, on the days the clock changes
// exactly once too (S1).
func nightlySchedule() client.ScheduleOptions {
	return client.ScheduleOptions{
		ID: workflows.NightlySyncID,
		Spec: client.ScheduleSpec{
			TimeZoneName: domain.Zone,
			Calendars: []client.ScheduleCalendarSpec{{
				Comment: "Every night at 23:00",
				Hour:    []client.ScheduleRange{{Start: domain.NightHour}},
				Minute:  []client.ScheduleRange{{Start: domain.NightMinute}},
			}},
		},
		Action: &client.ScheduleWorkflowAction{
			ID:                       workflows.NightlySyncID,
			Workflow:                 workflows.TypeNightlySync,
			Args:                     []any{workflows.NightlySyncInput{}},
			TaskQueue:                workflows.QueueMain,
			WorkflowExecutionTimeout: nightTimeout,
			Priority:                 temporal.Priority{PriorityKey: workflows.PriorityNightly},
			StaticSummary:            "The night: synchronise every active connection",
		},
		Overlap:       enumspb.SCHEDULE_OVERLAP_POLICY_SKIP,
		CatchupWindow: catchUp,
	}
}

// Housekeeping begins when the night has ended, and in no hour that a change of the clock
// skips or repeats. It may come as late in the day as it will; one that takes half a day
// is stuck.
const (
	housekeepingHour    = 4
	housekeepingTimeout = 12 * time.Hour
	housekeepingCatchUp = 18 * time.Hour
)

// housekeepingSchedule is the daily removal of what nothing needs any more (N5).
func housekeepingSchedule() client.ScheduleOptions {
	return client.ScheduleOptions{
		ID: workflows.HousekeepingID,
		Spec: client.ScheduleSpec{
			TimeZoneName: domain.Zone,
			Calendars: []client.ScheduleCalendarSpec{{
				Comment: "Every morning at 04:00",
				Hour:    []client.ScheduleRange{{Start: housekeepingHour}},
			}},
		},
		Action: &client.ScheduleWorkflowAction{
			ID:                       workflows.HousekeepingID,
			Workflow:                 workflows.TypeHousekeeping,
			Args:                     []any{workflows.HousekeepingInput{}},
			TaskQueue:                workflows.QueueMain,
			WorkflowExecutionTimeout: housekeepingTimeout,
			Priority:                 temporal.Priority{PriorityKey: workflows.PriorityHousekeeping},
			StaticSummary:            "Housekeeping: remove what nothing needs any more",
		},
		Overlap:       enumspb.SCHEDULE_OVERLAP_POLICY_SKIP,
		CatchupWindow: housekeepingCatchUp,
	}
}

// specHash tells one version of the schedule from another. The engine gives back a
// canonical form that cannot be compared with what was asked for.
func specHash(options client.ScheduleOptions) (string, error) {
	encoded, err := json.Marshal(options)
	if err != nil {
		return "", fmt.Errorf("hash the schedule %s: %w", options.ID, err)
	}
	return fmt.Sprintf("%x", sha256.Sum256(encoded))[:16], nil
}

// ScheduleChange tells what ensuring the schedule did.
type ScheduleChange string

// What ensuring the schedule can come to.
const (
	ScheduleCreated   ScheduleChange = "created"
	ScheduleUpdated   ScheduleChange = "updated"
	ScheduleUnchanged ScheduleChange = "unchanged"
)

// schedules lists what is begun by the clock, the night first.
func schedules() []client.ScheduleOptions {
	return []client.ScheduleOptions{nightlySchedule(), deliverySchedule(), housekeepingSchedule()}
}

// ensureSchedules brings every schedule up to date and tells what became of each, by
// its id.
func ensureSchedules(ctx context.Context, c client.Client) (map[string]ScheduleChange, error) {
	changes := map[string]ScheduleChange{}
	for _, want := range schedules() {
		change, err := ensureSchedule(ctx, c, want)
		if err != nil {
			return changes, err
		}
		changes[want.ID] = change
	}
	return changes, nil
}

// ensureSchedule creates a schedule, or brings it up to date. What an operator set by
// hand — a pause and its note — stays: a deployment must not undo it.
func ensureSchedule(ctx context.Context, c client.Client, want client.ScheduleOptions) (ScheduleChange, error) {
	hash, err := specHash(want)
	if err != nil {
		return "", err
	}
	want.TypedSearchAttributes = temporal.NewSearchAttributes(workflows.AttributeSpecHash.ValueSet(hash))
	_, err = c.ScheduleClient().Create(ctx, want)
	if err == nil {
		return ScheduleCreated, nil
	}
	if !errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		return "", fmt.Errorf("create the schedule %s: %w", want.ID, err)
	}
	return updateSchedule(ctx, c, want, hash)
}

func updateSchedule(ctx context.Context, c client.Client, want client.ScheduleOptions, hash string) (ScheduleChange, error) {
	change := ScheduleUnchanged
	err := c.ScheduleClient().GetHandle(ctx, want.ID).Update(ctx, client.ScheduleUpdateOptions{
		DoUpdate: func(in client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
			have, _ := in.Description.TypedSearchAttributes.GetKeyword(workflows.AttributeSpecHash)
			if have == hash {
				change = ScheduleUnchanged
				return nil, temporal.ErrSkipScheduleUpdate
			}
			change = ScheduleUpdated
			schedule := in.Description.Schedule // keeps State.Paused and State.Note
			schedule.Spec, schedule.Action = &want.Spec, want.Action
			schedule.Policy = &client.SchedulePolicies{Overlap: want.Overlap, CatchupWindow: want.CatchupWindow}
			return &client.ScheduleUpdate{Schedule: &schedule, TypedSearchAttributes: &want.TypedSearchAttributes}, nil
		},
	})
	if err != nil {
		return "", fmt.Errorf("update the schedule %s: %w", want.ID, err)
	}
	return change, nil
}
