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

// repairOptions are for a repair, or its undo: one transaction that takes well under a
// second and may have to wait for a batch of a sync or the snapshot of an export.
var repairOptions = workflow.ActivityOptions{
	TaskQueue:              QueueMain,
	StartToCloseTimeout:    2 * time.Minute, // the snapshot of 100,000 entries takes seconds
	HeartbeatTimeout:       30 * time.Second,
	ScheduleToCloseTimeout: 30 * time.Minute, // outlives a failover of the database
	RetryPolicy:            databaseRetry,
}

// readOptions are for one slice of reading Connexie. until bounds how long Connexie
// may be out of reach (N6).
func readOptions(until time.Duration) workflow.ActivityOptions {
	return workflow.ActivityOptions{
		TaskQueue:              QueueCalls,
		StartToCloseTimeout:    5 * time.Minute, // a slice ends itself after a minute; a slow last page fits in
		HeartbeatTimeout:       30 * time.Second,
		ScheduleToCloseTimeout: until,
		RetryPolicy:            callRetry,
		DisableEagerExecution:  true, // eager activities bypass the limits of the queue
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

// probeOptions are for asking about all the night's refused tokens and connections in
// quarantine. An attempt goes on where the one before stopped.
var probeOptions = workflow.ActivityOptions{
	TaskQueue:              QueueCalls,
	StartToCloseTimeout:    10 * time.Minute, // 600 that wait for the timeout, 20 at a time
	HeartbeatTimeout:       30 * time.Second, // above one call with its wait for the rate limit: 20 s
	ScheduleToCloseTimeout: time.Hour,
	RetryPolicy:            databaseRetry,
	DisableEagerExecution:  true,
}

// checkExportOptions are for what an export asks Connexie before it sends anything:
// a few calls, and one for each venue.
var checkExportOptions = workflow.ActivityOptions{
	TaskQueue:              QueueCalls,
	StartToCloseTimeout:    10 * time.Minute, // a hundred venues at one call a second, five times over
	HeartbeatTimeout:       30 * time.Second, // above one call with its wait for the rate limit: 20 s
	ScheduleToCloseTimeout: 30 * time.Minute, // somebody is waiting, and nothing has been sent
	RetryPolicy:            callRetry,
	WaitForCancellation:    true, // what is asked writes the export's row
	DisableEagerExecution:  true,
}

// snapshotOptions are for collecting what is exported: one transaction.
var snapshotOptions = workflow.ActivityOptions{
	TaskQueue:              QueueMain,
	StartToCloseTimeout:    10 * time.Minute, // 100,000 entries take seconds
	HeartbeatTimeout:       30 * time.Second,
	ScheduleToCloseTimeout: time.Hour,
	RetryPolicy:            databaseRetry,
	WaitForCancellation:    true,
}

// sendOptions are for one slice of sending a venue's lines. until bounds how long
// Connexie may be out of reach (N6). A cancelled slice is waited for, so that nobody
// sends beside whoever withdraws the draft.
func sendOptions(until time.Duration) workflow.ActivityOptions {
	return workflow.ActivityOptions{
		TaskQueue:              QueueCalls,
		StartToCloseTimeout:    5 * time.Minute, // a slice ends itself after a minute; a slow commit fits in
		HeartbeatTimeout:       30 * time.Second,
		ScheduleToCloseTimeout: until,
		RetryPolicy:            callRetry,
		WaitForCancellation:    true,
		DisableEagerExecution:  true,
	}
}

const (
	// sendUntil lets an outage of an afternoon's maintenance pass (X13).
	sendUntil = 2 * time.Hour
	// sendUntilAfterOutage is for the venues after one that was out of reach that long:
	// they find out whether Connexie is back, and do not wait two hours each.
	sendUntilAfterOutage = 10 * time.Minute
)

// markOptions are for marking a venue's entries, and closeExportOptions for closing:
// one transaction over all lines of a venue, or of an export.
var (
	markOptions        = sliceOptions
	closeExportOptions = sliceOptions
)

// withdrawOptions are for settling what was being sent when an export was cancelled.
// What cannot be settled in time is settled by the next export.
var withdrawOptions = workflow.ActivityOptions{
	TaskQueue:              QueueCalls,
	StartToCloseTimeout:    time.Minute, // three calls, each with its wait for a turn
	ScheduleToCloseTimeout: 5 * time.Minute,
	RetryPolicy:            callRetry,
	DisableEagerExecution:  true,
}

// endOptions are for ending what is under way for a connection that is removed: an
// export needs up to six minutes where Connexie does not answer.
var endOptions = workflow.ActivityOptions{
	TaskQueue:              QueueMain,
	StartToCloseTimeout:    10 * time.Minute,
	HeartbeatTimeout:       30 * time.Second,
	ScheduleToCloseTimeout: 15 * time.Minute,
	RetryPolicy:            databaseRetry,
}

// endingOptions are for short work on the database for an ending. It may wait for months,
// so that an outage of the database does not end it.
var endingOptions = workflow.ActivityOptions{
	TaskQueue:              QueueMain,
	StartToCloseTimeout:    15 * time.Second,
	ScheduleToCloseTimeout: 7 * 24 * time.Hour,
	RetryPolicy:            databaseRetry,
}

// askOptions are for asking Connexie about one person while somebody waits, and for ending
// an employment there: two calls, each with its wait for a turn.
var askOptions = workflow.ActivityOptions{
	TaskQueue:              QueueCalls,
	StartToCloseTimeout:    50 * time.Second,
	ScheduleToCloseTimeout: 2 * time.Minute,
	RetryPolicy:            checkOptions.RetryPolicy,
	DisableEagerExecution:  true,
}

// askPatientlyOptions are for the same while nobody waits; messages to the ending wait
// meanwhile. Afterwards it goes by what the last sync saw.
var askPatientlyOptions = workflow.ActivityOptions{
	TaskQueue:              QueueCalls,
	StartToCloseTimeout:    50 * time.Second,
	ScheduleToCloseTimeout: 10 * time.Minute,
	RetryPolicy:            callRetry,
	DisableEagerExecution:  true,
}

// keepOptions are for one slice of housekeeping.
var keepOptions = workflow.ActivityOptions{
	TaskQueue:              QueueMain,
	StartToCloseTimeout:    10 * time.Minute, // a slice ends itself after a minute; a slow batch fits in
	HeartbeatTimeout:       time.Minute,      // a batch that deletes the lines of three exports
	ScheduleToCloseTimeout: 2 * time.Hour,
	RetryPolicy:            databaseRetry,
}

// settleOptions are for discarding the drafts that exports left: a few calls each.
var settleOptions = workflow.ActivityOptions{
	TaskQueue:              QueueCalls,
	StartToCloseTimeout:    10 * time.Minute,
	HeartbeatTimeout:       time.Minute, // above three calls with their wait for the rate limit
	ScheduleToCloseTimeout: time.Hour,
	RetryPolicy:            databaseRetry, // what Connexie does not answer is counted, not repeated
	DisableEagerExecution:  true,
}

// callRetry is for calls to Connexie; what it asks us to wait replaces an interval.
var callRetry = &temporal.RetryPolicy{
	InitialInterval:    2 * time.Second,
	BackoffCoefficient: 2,
	MaximumInterval:    2 * time.Minute,
}

// deliverOptions are for one slice of delivering notifications.
var deliverOptions = workflow.ActivityOptions{
	TaskQueue:              QueueDeliveries,
	StartToCloseTimeout:    3 * time.Minute,  // a slice ends itself after 50 s, and a turn 20 s and one attempt later
	HeartbeatTimeout:       30 * time.Second, // it beats every 5 s, whoever is slow to answer
	ScheduleToCloseTimeout: 15 * time.Minute, // the next run, a minute later, takes up what is left
	RetryPolicy:            databaseRetry,
}

// testChannelOptions are for sending one test: somebody is waiting.
var testChannelOptions = workflow.ActivityOptions{
	TaskQueue:              QueueDeliveries,
	StartToCloseTimeout:    time.Minute, // above the six steps of a mail, 10 s each at most
	ScheduleToCloseTimeout: 2 * time.Minute,
	RetryPolicy:            databaseRetry,
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
	PriorityExport       = 1
	PriorityManual       = 2
	PriorityRepair       = 3
	PriorityNightly      = 4
	PriorityHousekeeping = 5
)

// withSummary says in the UI what an activity does.
func withSummary(ctx workflow.Context, options workflow.ActivityOptions, summary string) workflow.Context {
	options.Summary = summary
	return workflow.WithActivityOptions(ctx, options)
}
