package workflows

import (
	"fmt"
	"regexp"

	"github.com/google/uuid"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// The task queues.
const (
	// QueueMain runs workflows and the activities that need the database alone.
	QueueMain = "connexie"
	// QueueCalls runs the activities that call Connexie, so that calls can be
	// limited or paused as a whole.
	QueueCalls = "connexie-calls"
	// QueueDeliveries runs the activities that call the receivers of notifications:
	// those that are slow take no slot of a synchronisation, and no part of what
	// Connexie allows.
	QueueDeliveries = "connexie-deliveries"
)

// The workflow types, which are the names of their functions.
const (
	TypeActivateConnection   = "ActivateConnection"
	TypeEndEmployment        = "EndEmployment"
	TypeDeliverNotifications = "DeliverNotifications"
	TypeExportHours          = "ExportHours"
	TypeHousekeeping         = "Housekeeping"
	TypeNightlySync          = "NightlySync"
	TypeRemoveConnection     = "RemoveConnection"
	TypeRepairDuplicate      = "RepairDuplicate"
	TypeSyncTeamMembers      = "SyncTeamMembers"
)

// The messages.
const (
	QueryProgress       = "progress"
	QueryStatus         = "status"
	QueryPreview        = "preview"
	UpdateRequestSync   = "requestSync"
	UpdateDecideGuard   = "decideGuard"
	UpdateCancel        = "cancel"
	SignalJoinRequested = "joinRequested"

	UpdateCheckConnexie = "checkConnexie"
	// UpdateConfirmEnd and UpdateWithdraw are signals too, for callers that do not wait.
	UpdateConfirmEnd      = "confirmEndInEitje"
	UpdateChangeEndDate   = "changeEndDate"
	UpdateWithdraw        = "withdraw"
	SignalConnexieChanged = "connexieChanged"
)

// NightlySyncID is the id of the schedule, and the first part of the ids of the
// nights that it starts.
const NightlySyncID = "nightly-sync"

// DeliverNotificationsID is the id of the schedule that delivers, and the first part of
// the ids of what it starts.
const DeliverNotificationsID = "deliver-notifications"

// TestChannelID is the id of a test of one channel.
func TestChannelID(channelID string) string { return "test-channel/" + channelID }

// HousekeepingID is the id of the schedule of housekeeping, and the first part of the ids
// of what it starts.
const HousekeepingID = "housekeeping"

// ActivateID is the id of a connection's activation.
func ActivateID(connectionID string) string { return "activate/" + connectionID }

// RemoveID is the id of a connection's removal.
func RemoveID(connectionID string) string { return "remove/" + connectionID }

// SyncID is the id of a connection's full run: the one lock for schedule, API and
// operators (S2).
func SyncID(connectionID string) string { return "sync/" + connectionID }

// PreviewID is the id of a connection's preview, which takes no lock.
func PreviewID(connectionID string) string { return "preview/" + connectionID }

// SyncPersonID is the id of a one-person run (S20).
func SyncPersonID(connectionID, connexieID string) string {
	return SyncID(connectionID) + "/" + connexieID
}

// PreviewPersonID is the id of a one-person preview.
func PreviewPersonID(connectionID, connexieID string) string {
	return PreviewID(connectionID) + "/" + connexieID
}

// ExportID is the id of a connection's export: the one lock for everyone who asks for
// one (X14).
func ExportID(connectionID string) string { return "export/" + connectionID }

// ExportPreviewID is the id of a connection's preview of an export, which takes no lock.
func ExportPreviewID(connectionID string) string { return "export-preview/" + connectionID }

// EndEmploymentID is the id of the end of a team member's employment: one at a time.
func EndEmploymentID(teamMemberID string) string { return "end-employment/" + teamMemberID }

// RepairID is the id of the repair of a duplicate: the one lock for whoever wants to move
// something to the profile that is kept (S22).
func RepairID(keepID string) string { return "repair/" + keepID }

// The search attributes. Ids only: they are never encrypted.
var (
	AttributeOrganisation   = temporal.NewSearchAttributeKeyKeyword("Organisation")
	AttributeConnection     = temporal.NewSearchAttributeKeyKeyword("Connection")
	AttributeTrigger        = temporal.NewSearchAttributeKeyKeyword("Trigger")
	AttributeOutcome        = temporal.NewSearchAttributeKeyKeyword("Outcome")
	AttributeStage          = temporal.NewSearchAttributeKeyKeyword("Stage")
	AttributePeriod         = temporal.NewSearchAttributeKeyKeyword("Period")
	AttributeSpecHash       = temporal.NewSearchAttributeKeyKeyword("SpecHash")
	AttributeNeedsAttention = temporal.NewSearchAttributeKeyBool("NeedsAttention")
	AttributeDueAt          = temporal.NewSearchAttributeKeyTime("DueAt")
)

// scheduledStart is set by the engine on what a schedule starts: the instant that
// the start was meant for.
var scheduledStart = temporal.NewSearchAttributeKeyTime("TemporalScheduledStartTime")

// idPattern is what an id must look like before it enters a workflow id.
var idPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// derived is the name space of the ids that are derived from workflows.
var derived = uuid.MustParse("6f0b6f4e-6d0a-5c51-9a7e-3f1f3b0f9d11")

// derivedID makes the id of a run, or of a night, from the workflow and the pass.
// The original run id survives a reset, so that a reset run finds what it wrote.
func derivedID(ctx workflow.Context, pass int) string {
	info := workflow.GetInfo(ctx)
	return DerivedID(info.WorkflowExecution.ID, info.OriginalRunID, pass)
}

// DerivedID is the id that a workflow gives to what it keeps of a pass, for whoever
// started it: from the engine's two ids, the second of which a reset does not change.
func DerivedID(workflowID, originalRunID string, pass int) string {
	return uuid.NewSHA1(derived, fmt.Appendf(nil, "%s|%s|%d", workflowID, originalRunID, pass)).String()
}
