package workflows

import "go.temporal.io/sdk/workflow"

// The changes of workflow code that a history may have been recorded before. One goes
// once no workflow that began before it can still be running, and its histories with
// it.
const (
	// changeFailedAttributes sets the search attributes also of a run that fails.
	changeFailedAttributes = "failed-attributes"
)

// changed reports whether the workflow has, or makes, the change at this place.
func changed(ctx workflow.Context, change string) bool {
	return workflow.GetVersion(ctx, change, workflow.DefaultVersion, 1) > workflow.DefaultVersion
}
