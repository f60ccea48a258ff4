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
	Endings   *activities.Endings
	Repairing *activities.Repairing
	Keeping   *activities.Keeping
}

// CallActivities call Connexie. Every field is set where a worker is made.
type CallActivities struct {
	Reading *activities.Reading
	Sending *activities.Sending
	Leaving *activities.EndingInConnexie
}

// DeliveryActivities call the receivers of notifications. Every field is set where a
// worker is made.
type DeliveryActivities struct {
	Delivering *activities.Delivering
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
	r.RegisterActivity(a.Endings)
	r.RegisterActivity(a.Repairing)
	r.RegisterActivity(a.Keeping)
}

// RegisterCalls makes a worker of QueueCalls take the activities that call Connexie.
func RegisterCalls(r worker.Registry, a CallActivities) {
	r.RegisterActivity(a.Reading)
	r.RegisterActivity(a.Sending)
	r.RegisterActivity(a.Leaving)
}

// RegisterDeliveries makes a worker of QueueDeliveries take the activities that call the
// receivers of notifications.
func RegisterDeliveries(r worker.Registry, a DeliveryActivities) {
	r.RegisterActivity(a.Delivering)
}

// All lists the workflows, for workers and replayers.
func All() []any {
	return []any{ActivateConnection, DeliverNotifications, EndEmployment, ExportHours, Housekeeping, NightlySync, RemoveConnection, RepairDuplicate, SyncTeamMembers}
}
