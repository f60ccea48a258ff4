package app

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	failurepb "go.temporal.io/api/failure/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
)

func TestDoctor_S1_ANightThatDidNotComeIsMissed(t *testing.T) {
	t.Parallel()
	eve := domain.NewDate(2026, time.November, 22)
	due := eve.At(23, 0)
	morning := due.Add(4 * time.Hour)
	long, never := due.AddDate(0, -1, 0), time.Time{}
	came := store.Night{Night: eve, StartedAt: due.Add(time.Minute), Outcome: domain.NightOK, Total: 1}
	before := store.Night{Night: eve.AddDays(-1), StartedAt: due.AddDate(0, 0, -1), Outcome: domain.NightOK, Total: 2}
	byHand := store.Night{Night: eve.AddDays(1), StartedAt: morning.Add(-time.Minute), Outcome: domain.NightOK}
	for name, c := range map[string]struct {
		nights []store.Night
		since  time.Time
		now    time.Time
		status CheckStatus
		says   string
	}{
		"it came":                             {[]store.Night{came, before}, long, morning, CheckOK, "2026-11-22: ok, 1 connection"},
		"it did not":                          {[]store.Night{before}, long, morning, CheckFailed, "the night of 2026-11-22 was due at Sun 22 Nov 23:00"},
		"none ever did":                       {nil, long, morning, CheckFailed, "has not begun"},
		"it has a moment":                     {[]store.Night{before}, long, due.Add(time.Minute), CheckOK, "2026-11-21"},
		"the schedule is paused":              {[]store.Night{before}, never, morning, CheckOK, "2026-11-21"},
		"the schedule is younger":             {nil, due.Add(time.Minute), morning, CheckOK, "there has been none yet"},
		"somebody made up for it by hand":     {[]store.Night{byHand, before}, long, morning, CheckOK, "2026-11-23"},
		"in the afternoon it is yesterday's":  {[]store.Night{before}, long, due.Add(-time.Hour), CheckOK, "2026-11-21"},
		"one that came late, after an outage": {[]store.Night{{Night: eve, StartedAt: morning}}, long, morning, CheckOK, "under way"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := judgeNights(c.nights, c.since, c.now)
			require.Equal(t, c.status, found.status, found.detail)
			require.Contains(t, found.detail, c.says)
			require.Equal(t, c.status == CheckOK, found.next == "")
		})
	}
}

func TestDoctor_ANightThatDidNotEndWellIsNamed(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	night := store.Night{Night: domain.NewDate(2026, time.November, 22), WorkflowID: "nightly-sync-x", StartedAt: now.Add(-10 * time.Hour)}
	require.Equal(t, CheckFailed, judgeNight(night, now).status)
	require.Contains(t, judgeNight(night, now).next, "nightly-sync-x")
	night.Outcome = domain.NightUnfinished
	require.Equal(t, CheckWarn, judgeNight(night, now).status)
	require.Contains(t, judgeNight(night, now).next, "starter nights --night 2026-11-22")
}

func TestDoctor_RunsThatNeedSomebodyAreNamed(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	summary := func(stage store.Stage, outcome domain.SyncOutcome, age time.Duration) store.ConnectionSummary {
		begun := now.Add(-age)
		return store.ConnectionSummary{ConnectionID: "c1", RunID: "r1", Stage: stage, Outcome: outcome, StartedAt: &begun}
	}
	running := enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
	for name, c := range map[string]struct {
		summary store.ConnectionSummary
		engine  *workflowservice.DescribeWorkflowExecutionResponse
		status  CheckStatus
		says    string
	}{
		"well":                               {summary(store.StageClosed, domain.SyncOK, time.Hour), nil, CheckOK, ""},
		"held":                               {summary(store.StageHeld, "", 9*time.Hour), nil, CheckWarn, "begun 9h0m0s ago, is held"},
		"failed":                             {summary(store.StageClosed, domain.SyncFailed, time.Hour), nil, CheckFailed, "failed"},
		"unreachable":                        {summary(store.StageClosed, domain.SyncUnreachable, time.Hour), nil, CheckWarn, "could not reach"},
		"under way":                          {summary(store.StageApplying, "", time.Minute), engineSays(running, 1, 1, now), CheckOK, ""},
		"nobody asked the engine":            {summary(store.StageReading, "", time.Minute), nil, CheckOK, ""},
		"slow":                               {summary(store.StageApplying, "", 7*time.Hour), engineSays(running, 1, 1, now), CheckWarn, "for 7h0m0s"},
		"retrying":                           {summary(store.StageReading, "", time.Minute), engineSays(running, 1, 4, now), CheckWarn, "ReadPeople is at attempt 4, the next in 30s; the last said: 503"},
		"a worker that cannot go on":         {summary(store.StageReading, "", time.Minute), engineSays(running, 3, 1, now), CheckFailed, "workflow task is at attempt 3"},
		"a decision that no worker can take": {summary(store.StageHeld, "", time.Minute), engineSays(running, 4, 1, now), CheckFailed, "workflow task is at attempt 4"},
		"ended without closing": {summary(store.StageReading, "", time.Minute),
			engineSays(enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED, 0, 1, now), CheckFailed, "its workflow has ended"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := judgeRun(c.summary, c.engine, now)
			require.Equal(t, c.status, found.status, found.detail)
			require.Contains(t, found.detail, c.says)
			require.Equal(t, c.status == CheckOK, found.next == "")
		})
	}
}

func TestDoctor_X14_ExportsThatNeedSomebodyAreNamed(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	export := func(age time.Duration) store.Export {
		return store.Export{
			ID: "x1", ConnectionID: "c1", WorkflowID: "export/c1", Mode: store.ModeApply, Stage: "sending", StartedAt: now.Add(-age),
			Period: domain.Period{From: domain.NewDate(2026, time.November, 1), To: domain.NewDate(2026, time.November, 30)},
			Kinds:  []domain.ExportKind{domain.ExportHours},
		}
	}
	running := enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
	for name, c := range map[string]struct {
		export store.Export
		engine *workflowservice.DescribeWorkflowExecutionResponse
		gone   bool
		status CheckStatus
		says   string
	}{
		"under way":               {export(time.Minute), engineSays(running, 1, 1, now), false, CheckOK, ""},
		"nobody asked the engine": {export(time.Minute), nil, false, CheckOK, ""},
		"its workflow has ended": {export(time.Minute), engineSays(enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED, 0, 1, now), false,
			CheckFailed, "stands at sending, and its workflow has ended"},
		"the engine has forgotten it":  {export(time.Minute), nil, true, CheckFailed, "its workflow has ended"},
		"retrying":                     {export(time.Minute), engineSays(running, 1, 4, now), false, CheckWarn, "at attempt 4"},
		"a worker that cannot go on":   {export(time.Minute), engineSays(running, 3, 1, now), false, CheckFailed, "workflow task is at attempt 3"},
		"it takes longer than a night": {export(7 * time.Hour), engineSays(running, 1, 1, now), false, CheckWarn, "for 7h0m0s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := judgeExport(c.export, c.engine, c.gone, now)
			require.Equal(t, c.status, found.status, found.detail)
			require.Contains(t, found.detail, c.says)
			require.Equal(t, c.status == CheckOK, found.next == "")
		})
	}
}

// engineSays describes a workflow with one activity, each at an attempt.
func engineSays(
	status enumspb.WorkflowExecutionStatus, task, activity int32, now time.Time,
) *workflowservice.DescribeWorkflowExecutionResponse {
	return &workflowservice.DescribeWorkflowExecutionResponse{
		WorkflowExecutionInfo: &workflowpb.WorkflowExecutionInfo{Status: status},
		PendingWorkflowTask:   &workflowpb.PendingWorkflowTaskInfo{Attempt: task},
		PendingActivities: []*workflowpb.PendingActivityInfo{{
			ActivityType: &commonpb.ActivityType{Name: "ReadPeople"}, Attempt: activity,
			State: enumspb.PENDING_ACTIVITY_STATE_SCHEDULED, ScheduledTime: timestamppb.New(now.Add(30 * time.Second)),
			LastFailure: &failurepb.Failure{Message: "503"},
		}},
	}
}

func TestDoctor_N5_AKeyThatRecognisesTheErasedIsMissed(t *testing.T) {
	t.Parallel()
	require.Equal(t, CheckOK, judgeErasures(map[string]int{"k1": 2}, []string{"k2", "k1"}).status)
	found := judgeErasures(map[string]int{"k1": 2, "k3": 1}, []string{"k2"})
	require.Equal(t, CheckFailed, found.status)
	require.Contains(t, found.detail, "k1 (2 erasures), k3 (1 erasures)")
	require.NotEmpty(t, found.next)
}

func TestDoctor_N5_AHousekeepingThatStaysAwayIsMissed(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)
	ended := func(ago time.Duration, outcome domain.HousekeepingOutcome) store.Housekeeping {
		return store.Housekeeping{StartedAt: now.Add(-ago), ClosedAt: now.Add(-ago), Outcome: outcome}
	}
	open := store.Housekeeping{StartedAt: now.Add(-time.Hour)}
	for name, c := range map[string]struct {
		latest []store.Housekeeping
		since  time.Time
		status CheckStatus
	}{
		"this morning's":             {[]store.Housekeeping{ended(5*time.Hour, domain.HousekeepingNothing)}, time.Time{}, CheckOK},
		"yesterday's":                {[]store.Housekeeping{open, ended(29*time.Hour, domain.HousekeepingOK)}, time.Time{}, CheckOK},
		"two days without":           {[]store.Housekeeping{open, ended(49*time.Hour, domain.HousekeepingOK)}, time.Time{}, CheckWarn},
		"something was left":         {[]store.Housekeeping{ended(5*time.Hour, domain.HousekeepingProblems)}, time.Time{}, CheckWarn},
		"none, on a new system":      {nil, now.Add(-time.Hour), CheckOK},
		"none, and it should have":   {nil, now.Add(-72 * time.Hour), CheckWarn},
		"none, and nobody knows":     {nil, time.Time{}, CheckOK},
		"one that hangs, and before": {[]store.Housekeeping{open}, now.Add(-72 * time.Hour), CheckWarn},
	} {
		found := judgeHousekeepings(c.latest, c.since, now)
		require.Equal(t, c.status, found.status, name)
		require.Equal(t, c.status == CheckOK, found.next == "", name)
	}
}
