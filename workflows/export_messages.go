package workflows

import (
	"fmt"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/eitje/connexie-worker/activities"
)

// CancelInput asks to end an export; it is the body of the update cancel.
type CancelInput struct {
	unknown unknown
}

// UnmarshalJSON collects what the input does not know for the validation.
func (in *CancelInput) UnmarshalJSON(data []byte) error {
	in.unknown.decode(data, in)
	return nil
}

const cancelExample = `{}`

// CancelResult names the export that ends.
type CancelResult struct {
	ExportID string `json:"export_id"`
}

// listen registers the messages, before anything is waited for.
func (e *exportRun) listen(ctx workflow.Context) error {
	err := workflow.SetQueryHandlerWithOptions(ctx, QueryProgress,
		func() (ExportProgress, error) { return e.progress, nil },
		workflow.QueryHandlerOptions{Description: "How far the export is, and what to do next."})
	if err != nil {
		return fmt.Errorf("register the query %s: %w", QueryProgress, err)
	}
	err = workflow.SetUpdateHandlerWithOptions(ctx, UpdateCancel, e.cancel, workflow.UpdateHandlerOptions{
		Description: "End the export: what is being sent is withdrawn, venues that Connexie has committed stay. " + cancelExample,
		Validator:   e.validateCancel,
	})
	if err != nil {
		return fmt.Errorf("register the update %s: %w", UpdateCancel, err)
	}
	return nil
}

func (e *exportRun) validateCancel(_ workflow.Context, in CancelInput) error {
	c := checks{in.unknown}
	if err := c.err(cancelExample); err != nil {
		return err
	}
	if e.closing {
		return temporal.NewNonRetryableApplicationError(
			"this export is ending, so there is nothing to cancel", activities.ErrorInvalidInput, nil)
	}
	return nil
}

// cancel ends the work; what was begun is settled by the workflow itself.
func (e *exportRun) cancel(workflow.Context, CancelInput) (CancelResult, error) {
	e.cancelled = true
	e.stop()
	return CancelResult{ExportID: e.run.ID}, nil
}
