package workflows

import (
	"go.temporal.io/sdk/worker"

	"github.com/eitje/connexie-worker/activities"
)

// Register makes a worker of QueueMain take the workflows and the activities that
// need the database alone.
func Register(
	r worker.Registry, syncing *activities.Syncing, nights *activities.Nights, exporting *activities.Exporting,
) {
	for _, workflow := range All() {
		r.RegisterWorkflow(workflow)
	}
	r.RegisterActivity(syncing)
	r.RegisterActivity(nights)
	r.RegisterActivity(exporting)
}

// RegisterCalls makes a worker of QueueCalls take the activities that call Connexie.
func RegisterCalls(r worker.Registry, reading *activities.Reading, sending *activities.Sending) {
	r.RegisterActivity(reading)
	r.RegisterActivity(sending)
}

// All lists the workflows, for workers and replayers.
func All() []any {
	return []any{ActivateConnection, ExportHours, NightlySync, SyncTeamMembers}
}
