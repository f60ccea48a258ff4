package workflows

import (
	"go.temporal.io/sdk/worker"

	"github.com/eitje/connexie-worker/activities"
)

// MainActivities need the database alone. Every field is set where a worker is made.
type MainActivities struct {
	Syncing   *activities.Syncing
	Nights    *activities.Nights
	Exporting *activities.Exporting
	Removing  *activities.Removing
}

// CallActivities call Connexie. Every field is set where a worker is made.
type CallActivities struct {
	Reading *activities.Reading
	Sending *activities.Sending
}

// Register makes a worker of QueueMain take the workflows and the activities that
// need the database alone.
func Register(r worker.Registry, a MainActivities) {
	for _, workflow := range All() {
		r.RegisterWorkflow(workflow)
	}
	r.RegisterActivity(a.Syncing)
	r.RegisterActivity(a.Nights)
	r.RegisterActivity(a.Exporting)
	r.RegisterActivity(a.Removing)
}

// RegisterCalls makes a worker of QueueCalls take the activities that call Connexie.
func RegisterCalls(r worker.Registry, a CallActivities) {
	r.RegisterActivity(a.Reading)
	r.RegisterActivity(a.Sending)
}

// All lists the workflows, for workers and replayers.
func All() []any {
	return []any{ActivateConnection, ExportHours, NightlySync, RemoveConnection, SyncTeamMembers}
}
