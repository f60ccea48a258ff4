package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// Retries are bounded by time, not by count: attempts that are told to wait (429)
// must not use up what a healthy run needs. Types of error that no repetition mends
// say so themselves.

// databaseOptions are for short work on the database.
var databaseOptions = workflow.ActivityOptions{
	TaskQueue:              QueueMain,
	StartToCloseTimeout:    15 * time.Second, // the slowest statement here takes well under a second
	ScheduleToCloseTimeout: 30 * time.Minute, // outlives a failover of the database
	RetryPolicy:            databaseRetry,
}

// sliceOptions are for planning and for one slice of applying.
var sliceOptions = workflow.ActivityOptions{
	TaskQueue:              QueueMain,
	StartToCloseTimeout:    10 * time.Minute, // planning 100,000 people is one slice; applying ends itself after a minute
	HeartbeatTimeout:       30 * time.Second, // a batch of 500 takes about a second
	ScheduleToCloseTimeout: 2 * time.Hour,
	RetryPolicy:            databaseRetry,
}

// databaseRetry is quick, since most failures are a lost connection or a deadlock.
var databaseRetry = &temporal.RetryPolicy{
	InitialInterval:    200 * time.Millisecond,
	BackoffCoefficient: 2,
	MaximumInterval:    15 * time.Second,
}

// readOptions are for one slice of reading Connexie. until bounds how long Connexie
// may be out of reach (N6).
func readOptions(until time.Duration) workflow.ActivityOptions {
	return workflow.ActivityOptions{
		TaskQueue:              QueueCalls,
		StartToCloseTimeout:    5 * time.Minute, // a slice ends itself after a minute; a slow last page fits in
		HeartbeatTimeout:       30 * time.Second,
		ScheduleToCloseTimeout: until,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval:    2 * time.Second,
			BackoffCoefficient: 2,
			MaximumInterval:    2 * time.Minute,
		},
		DisableEagerExecution: true, // eager activities bypass the limits of the queue
	}
}

const (
	// readUntilNightly lets an outage of the evening pass and still ends the run an
	// hour before the night stops following it.
	readUntilNightly = 5 * time.Hour
	// readUntilManual is how long somebody may be expected to watch.
	readUntilManual = 30 * time.Minute
)

// checkOptions are for asking Connexie about a token: one call.
var checkOptions = workflow.ActivityOptions{
	TaskQueue:              QueueCalls,
	StartToCloseTimeout:    25 * time.Second, // above the client's wait for its turn (5 s) and timeout (15 s)
	ScheduleToCloseTimeout: 2 * time.Minute,  // somebody is waiting
	RetryPolicy: &temporal.RetryPolicy{
		InitialInterval:    time.Second,
		BackoffCoefficient: 2,
		MaximumInterval:    10 * time.Second,
	},
	DisableEagerExecution: true,
}

// startOptions are for one slice of starting the night's connections.
var startOptions = workflow.ActivityOptions{
	TaskQueue:              QueueMain,
	StartToCloseTimeout:    10 * time.Minute, // 100 starts at one a second fit five times over
	HeartbeatTimeout:       30 * time.Second,
	ScheduleToCloseTimeout: 2 * time.Hour,
	RetryPolicy:            databaseRetry,
}

// probeOptions are for asking about all the night's refused tokens.
var probeOptions = workflow.ActivityOptions{
	TaskQueue:              QueueCalls,
	StartToCloseTimeout:    10 * time.Minute,
	HeartbeatTimeout:       30 * time.Second, // above one call with its wait for the rate limit: 20 s
	ScheduleToCloseTimeout: time.Hour,
	RetryPolicy:            databaseRetry,
	DisableEagerExecution:  true,
}

// followOptions are for watching the night's runs.
var followOptions = workflow.ActivityOptions{
	TaskQueue:              QueueMain,
	StartToCloseTimeout:    nightLasts + time.Hour,
	HeartbeatTimeout:       30 * time.Second,
	ScheduleToCloseTimeout: nightLasts + 2*time.Hour,
	RetryPolicy:            databaseRetry,
}

// nightLasts is when the night stops following its runs; the rest are unfinished.
const nightLasts = 6 * time.Hour

// The priorities of what is started; 1 goes first and 3 is the engine's default.
const (
	PriorityManual  = 2
	PriorityNightly = 4
)

// withSummary says in the UI what an activity does.
func withSummary(ctx workflow.Context, options workflow.ActivityOptions, summary string) workflow.Context {
	options.Summary = summary
	return workflow.WithActivityOptions(ctx, options)
}
