package workflows_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/workflows"
)

func TestOptions_AreComplete(t *testing.T) {
	t.Parallel()
	for name, options := range workflows.ActivityOptions() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Positive(t, options.StartToCloseTimeout, "an attempt that hangs is never given up")
			require.Greater(t, options.ScheduleToCloseTimeout, options.StartToCloseTimeout, "leave room for another attempt")
			require.Zero(t, options.ScheduleToStartTimeout, "it does not retry, and limited queues wait rightly")
			if options.StartToCloseTimeout > time.Minute {
				require.NotZero(t, options.HeartbeatTimeout, "a lost worker would be noticed late")
			}
			if options.HeartbeatTimeout > 0 {
				require.Less(t, options.HeartbeatTimeout, options.StartToCloseTimeout)
				require.Greater(t, options.HeartbeatTimeout, 20*time.Second, "one call to Connexie, with its wait for a turn, takes as long")
			}
			require.NotNil(t, options.RetryPolicy)
			require.Zero(t, options.RetryPolicy.MaximumAttempts, "attempts that are told to wait (429) would use it up")
			require.Empty(t, options.RetryPolicy.NonRetryableErrorTypes, "the errors say so themselves")
			require.Positive(t, options.RetryPolicy.InitialInterval)
			require.GreaterOrEqual(t, options.RetryPolicy.BackoffCoefficient, 2.0)
			require.Less(t, options.RetryPolicy.MaximumInterval, options.ScheduleToCloseTimeout)
			require.Contains(t, []string{workflows.QueueMain, workflows.QueueCalls, workflows.QueueDeliveries}, options.TaskQueue)
		})
	}
}

func TestOptions_CallsHaveAQueueOfTheirOwnThatNothingBypasses(t *testing.T) {
	t.Parallel()
	calling := map[string]bool{
		"check": true, "probe": true, "read nightly": true, "read manual": true,
		"check export": true, "send": true, "send after outage": true, "withdraw": true,
		"ask": true, "ask patiently": true,
	}
	for name, options := range workflows.ActivityOptions() {
		require.Equal(t, calling[name], options.TaskQueue == workflows.QueueCalls, name)
		require.Equal(t, calling[name], options.DisableEagerExecution, name)
	}
}

// An outage of the whole evening must end the run before the night looks away.
func TestOptions_TheNightOutlastsItsRuns(t *testing.T) {
	t.Parallel()
	options := workflows.ActivityOptions()
	require.Less(t, options["read nightly"].ScheduleToCloseTimeout, options["follow"].StartToCloseTimeout-time.Hour)
}

// Every activity and nothing else is called on the queue whose worker has it.
func TestOptions_ActivitiesAreCalledOnTheQueueThatTakesThem(t *testing.T) {
	t.Parallel()
	queues := map[string]string{}
	for _, s := range []*callSuite{syncCalls(t), nightCalls(t), activationCalls(t), removalCalls(t), housekeepingCalls(t), exportCalls(t), previewCalls(t), endingCalls(t), deliveryCalls(t), channelTestCalls(t), repairCalls(t)} {
		maps.Copy(queues, s.queues)
	}
	var called []string
	for name, queue := range queues {
		called = append(called, name)
		onCalls := slices.Contains(slices.Concat(methodNames(reading), methodNames(sending), methodNames(asking)), name)
		require.Equal(t, onCalls, queue == workflows.QueueCalls, name)
		require.Equal(t, slices.Contains(methodNames(delivering), name), queue == workflows.QueueDeliveries, name)
	}
	var all []string
	for _, holder := range holders {
		all = append(all, methodNames(holder)...)
	}
	require.ElementsMatch(t, all, called)
}
