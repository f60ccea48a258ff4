package plain

import (
	"context"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// QueuePerPerson is the task queue of the way with one activity a person.
const QueuePerPerson = "one-activity-per-person"

// perPersonTimeout bounds one person.
const perPersonTimeout = 10 * time.Minute

// ServePerPerson runs a worker with the SDK's own settings until stop is called.
func (p Program) ServePerPerson(c client.Client) (stop func(), err error) {
	w := worker.New(c, QueuePerPerson, worker.Options{})
	w.RegisterWorkflow(SyncPerPerson)
	w.RegisterActivity(&PerPerson{program: p})
	return w.Stop, w.Start()
}

// PerPerson holds the activities.
type PerPerson struct{ program Program }

// ListEveryone connects the venues and reads the whole list.
func (a *PerPerson) ListEveryone(ctx context.Context) ([]Someone, error) {
	if err := a.program.connectVenues(ctx); err != nil {
		return nil, err
	}
	return a.program.everyone(ctx)
}

// SyncOne brings one person to Eitje.
func (a *PerPerson) SyncOne(ctx context.Context, one Someone) error {
	return a.program.SyncPerson(ctx, one)
}

// SyncPerPerson starts an activity for each person, all of them at once, and waits.
// What Connexie sent travels through the history, as it does where this is written
// first; an activity that looked the person up by itself would be slower still.
func SyncPerPerson(ctx workflow.Context) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: perPersonTimeout,
		RetryPolicy:         &temporal.RetryPolicy{MaximumAttempts: 1}, // a retry would hide a failure
	})
	var activities *PerPerson
	var everyone []Someone
	if err := workflow.ExecuteActivity(ctx, activities.ListEveryone).Get(ctx, &everyone); err != nil {
		return err
	}
	futures := make([]workflow.Future, 0, len(everyone))
	for _, one := range everyone {
		futures = append(futures, workflow.ExecuteActivity(ctx, activities.SyncOne, one))
	}
	for _, future := range futures {
		if err := future.Get(ctx, nil); err != nil {
			return err
		}
	}
	return nil
}
