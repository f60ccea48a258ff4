package workflows

import (
	"go.temporal.io/sdk/worker"

	"github.com/eitje/connexie-worker/activities"
)

// Register makes a worker of QueueMain take the workflows and the activities that
// need the database alone.
func Register(r worker.Registry, syncing *activities.Syncing, nights *activities.Nights) {
	for _, workflow := range All() {
		r.RegisterWorkflow(workflow)
	}
	r.RegisterActivity(syncing)
	r.RegisterActivity(nights)
}

// RegisterCalls makes a worker of QueueCalls take the activities that call Connexie.
func RegisterCalls(r worker.Registry, reading *activities.Reading) {
	r.RegisterActivity(reading)
}

// All lists the workflows, for workers and replayers.
func All() []any {
	return []any{ActivateConnection, NightlySync, SyncTeamMembers}
}
