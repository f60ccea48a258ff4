package app

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.uber.org/zap"

	"github.com/eitje/connexie-worker/workflows"
)

// engine looks at Temporal: server, namespace, search attributes, schedule, workers.
func (d *doctor) engine(ctx context.Context, logger *zap.Logger) {
	opened, err := dial(ctx, d.cfg.Temporal, logger, nil)
	if err != nil {
		what, _, _ := strings.Cut(err.Error(), "; ") // behind it stands what the next step says
		d.note(CheckFailed, "Temporal", "Start it, or correct TEMPORAL_ADDRESS; on this machine: make up", "%s", what)
		return
	}
	d.temporal = opened
	d.ok("Temporal", "answers at %s", orLocal(d.cfg.Temporal.ClientOptions().HostPort))
	ctx, cancel := context.WithTimeout(ctx, engineBound)
	defer cancel()
	if !d.attributes(ctx) {
		return
	}
	d.schedule(ctx)
	d.workers(ctx)
}

// attributes reports whether the namespace is there.
func (d *doctor) attributes(ctx context.Context) bool {
	namespace := orDefaultNamespace(d.cfg.Temporal)
	missing, err := missingSearchAttributes(ctx, d.temporal, namespace)
	var unknown *serviceerror.NamespaceNotFound
	switch {
	case errors.As(err, &unknown):
		d.note(CheckFailed, "namespace", "Make it, or correct TEMPORAL_NAMESPACE.", "Temporal has no namespace %s", namespace)
		return false
	case err != nil:
		d.note(CheckFailed, "search attributes", "Look at the Temporal server and its database.", "%v", err)
	case len(missing) > 0:
		d.note(CheckFailed, "search attributes", "Run: starter migrate", "namespace %s lacks %s",
			namespace, strings.Join(slices.Sorted(maps.Keys(missing)), ", "))
	default:
		d.ok("search attributes", "namespace %s has all %d", namespace, len(searchAttributes()))
	}
	return true
}

func (d *doctor) schedule(ctx context.Context) {
	id := workflows.NightlySyncID
	described, err := d.temporal.ScheduleClient().GetHandle(ctx, id).Describe(ctx)
	switch {
	case isNotFound(err):
		d.note(CheckFailed, "schedule", "Run: starter migrate", "there is no schedule %s, so no night runs", id)
		return
	case err != nil:
		d.note(CheckFailed, "schedule", "Look at the Temporal server and its database.", "%v", err)
		return
	}
	if state := described.Schedule.State; state != nil && state.Paused {
		d.note(CheckWarn, "schedule", "When the reason is gone: starter nights resume",
			"%s is paused, with the note %q", id, state.Note)
		return
	}
	d.scheduledSince = described.Info.CreatedAt
	next := "never"
	if times := described.Info.NextActionTimes; len(times) > 0 {
		next = times[0].In(Amsterdam()).Format("Mon 2 Jan 2006 15:04 MST")
	}
	d.ok("schedule", "%s, next night %s", id, next)
}

// polledWithin is how recently a worker must have asked for work: a poll lasts a
// minute.
const polledWithin = 90 * time.Second

// workers looks for somebody who polls every queue.
func (d *doctor) workers(ctx context.Context) {
	for _, poll := range []struct {
		queue string
		kind  enumspb.TaskQueueType
		what  string
	}{
		{workflows.QueueMain, enumspb.TASK_QUEUE_TYPE_WORKFLOW, "workflows"},
		{workflows.QueueMain, enumspb.TASK_QUEUE_TYPE_ACTIVITY, "database activities"},
		{workflows.QueueCalls, enumspb.TASK_QUEUE_TYPE_ACTIVITY, "calls to Connexie"},
		{workflows.QueueDeliveries, enumspb.TASK_QUEUE_TYPE_ACTIVITY, "deliveries"},
	} {
		name := "worker for " + poll.what
		described, err := d.temporal.DescribeTaskQueue(ctx, poll.queue, poll.kind)
		if err != nil {
			d.note(CheckFailed, name, "Look at the Temporal server.", "%v", err)
			continue
		}
		polling, last := 0, polledWithin
		for _, poller := range described.GetPollers() {
			if ago := d.now().Sub(poller.GetLastAccessTime().AsTime()); ago < polledWithin {
				polling, last = polling+1, min(last, max(ago, 0))
			}
		}
		if polling == 0 {
			d.note(CheckFailed, name, "Start one: worker; on this machine: make up. What waits is done then.", "nobody asks queue %s for work", poll.queue)
			continue
		}
		d.ok(name, "%d on queue %s, heard of %s ago", polling, poll.queue, last.Round(time.Second))
	}
}
