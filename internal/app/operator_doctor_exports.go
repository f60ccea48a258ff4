package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/eitje/connexie-worker/internal/store"
)

// exports looks at each connection for an export that does not come on, and for drafts
// that an export which ended has left in Connexie.
func (d *doctor) exports(ctx context.Context) {
	if d.store == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, callBound)
	defer cancel()
	connections, err := d.store.Connections(ctx)
	if err != nil {
		return // the schema has been reported
	}
	for _, connection := range connections {
		d.openExport(ctx, connection.ID)
		d.strayDrafts(ctx, connection.ID)
	}
}

func (d *doctor) openExport(ctx context.Context, connectionID string) {
	name := "export of " + connectionID
	export, err := d.store.OpenExportOf(ctx, connectionID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return
	case err != nil:
		d.note(CheckFailed, name, "Look at the database.", "%v", err)
		return
	}
	engine, gone := d.exportPending(ctx, export)
	if found := judgeExport(export, engine, gone, d.now()); found.status != CheckOK {
		d.note(found.status, name, found.next, "%s", found.detail)
	}
}

// exportPending is what the engine knows of an export that has not ended; nil where it
// does not tell, and gone where it has no such workflow.
func (d *doctor) exportPending(
	ctx context.Context, export store.Export,
) (described *workflowservice.DescribeWorkflowExecutionResponse, gone bool) {
	if d.temporal == nil {
		return nil, false
	}
	described, err := d.temporal.DescribeWorkflowExecution(ctx, export.WorkflowID, "")
	if err != nil {
		return nil, isNotFound(err)
	}
	return described, false
}

// judgeExport tells whether an export that is open needs somebody.
func judgeExport(
	export store.Export, engine *workflowservice.DescribeWorkflowExecutionResponse, gone bool, now time.Time,
) finding {
	stands := fmt.Sprintf("export %s stands at %s", export.ID, export.Stage)
	again := "Export the period again, which settles it: starter export --connection " + export.ConnectionID +
		fmt.Sprintf(" --from %s --to %s --kinds %s", export.Period.From, export.Period.To, joined(export.Kinds))
	ended := engine != nil && engine.GetWorkflowExecutionInfo().GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
	age := now.Sub(export.StartedAt).Round(time.Second)
	switch {
	case gone || ended:
		return finding{CheckFailed, stands + ", and its workflow has ended", again}
	case engine.GetPendingWorkflowTask().GetAttempt() > 1:
		return finding{CheckFailed, fmt.Sprintf("%s: its workflow task is at attempt %d", stands, engine.GetPendingWorkflowTask().GetAttempt()),
			"The worker's log says why. If another version runs than the one that began it, start that one again."}
	}
	if stuck := judgePending(engine, now); stuck != "" {
		return finding{CheckWarn, fmt.Sprintf("%s for %s: %s", stands, age, stuck), "It goes on by itself once the cause is gone."}
	}
	if age > runLasts {
		return finding{CheckWarn, fmt.Sprintf("%s for %s", stands, age),
			"Look at " + export.WorkflowID + " in the Temporal UI. End it with: " + cancelExportCommand(export.ConnectionID, export.Mode)}
	}
	return finding{status: CheckOK}
}

// strayDrafts tells of venues whose import an export that ended neither committed nor
// withdrew. Connexie may still hold the draft, which counts for nothing.
func (d *doctor) strayDrafts(ctx context.Context, connectionID string) {
	name := "drafts of " + connectionID
	drafts, err := d.store.StrayDrafts(ctx, connectionID)
	switch {
	case err != nil:
		d.note(CheckFailed, name, "Look at the database.", "%v", err)
	case len(drafts) > 0:
		d.note(CheckWarn, name, "The next export settles them: starter export --connection "+connectionID,
			"exports that have ended left %s unsettled in Connexie, the first at venue %s by export %s",
			amount(len(drafts), "import", "imports"), drafts[0].ConnexieVenueID, drafts[0].ExportID)
	}
}
