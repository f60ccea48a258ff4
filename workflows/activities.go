package workflows

import (
	"context"

	"go.temporal.io/sdk/workflow"

	"github.com/eitje/connexie-worker/activities"
)

// The activities are called by method reference on these nil pointers, so that a
// name cannot be misspelt.
var (
	reading    *activities.Reading
	syncing    *activities.Syncing
	nights     *activities.Nights
	sending    *activities.Sending
	exporting  *activities.Exporting
	delivering *activities.Delivering
	removing   *activities.Removing
	endings    *activities.Endings
	leaving    *activities.EndingInConnexie
	repairer   *activities.Repairing
	keeping    *activities.Keeping
)

// do runs an activity and waits for it; the compiler checks its argument and
// result.
func do[I, O any](ctx workflow.Context, fn func(context.Context, I) (O, error), in I) (O, error) {
	var out O
	err := workflow.ExecuteActivity(ctx, fn, in).Get(ctx, &out)
	return out, err
}
