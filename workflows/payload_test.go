package workflows_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/workflows"
)

// payloads are the types that travel through the engine, by the first part of the
// name of their files in testdata/payloads. What an earlier version wrote stands in
// histories and must be read for ever; so a member is never renamed or removed.
var payloads = map[string]func() any{
	"SyncTeamMembersInput":       func() any { return new(workflows.SyncTeamMembersInput) },
	"NightlySyncInput":           func() any { return new(workflows.NightlySyncInput) },
	"ActivateConnectionInput":    func() any { return new(workflows.ActivateConnectionInput) },
	"RequestSyncInput":           func() any { return new(workflows.RequestSyncInput) },
	"RequestSyncResult":          func() any { return new(workflows.RequestSyncResult) },
	"DecideGuardInput":           func() any { return new(workflows.DecideGuardInput) },
	"DecideGuardResult":          func() any { return new(workflows.DecideGuardResult) },
	"SyncResult":                 func() any { return new(workflows.SyncResult) },
	"NightResult":                func() any { return new(workflows.NightResult) },
	"ActivationResult":           func() any { return new(workflows.ActivationResult) },
	"ReadPeopleInput":            func() any { return new(activities.ReadPeopleInput) },
	"ReadPeopleResult":           func() any { return new(activities.ReadPeopleResult) },
	"PlanInput":                  func() any { return new(activities.PlanInput) },
	"PlanResult":                 func() any { return new(activities.PlanResult) },
	"ApplyInput":                 func() any { return new(activities.ApplyInput) },
	"ApplyResult":                func() any { return new(activities.ApplyResult) },
	"CloseInput":                 func() any { return new(activities.CloseInput) },
	"Ending":                     func() any { return new(activities.Ending) },
	"OpenNightInput":             func() any { return new(activities.OpenNightInput) },
	"OpenNightResult":            func() any { return new(activities.OpenNightResult) },
	"StartSyncsInput":            func() any { return new(activities.StartSyncsInput) },
	"StartSyncsResult":           func() any { return new(activities.StartSyncsResult) },
	"FollowNightInput":           func() any { return new(activities.FollowNightInput) },
	"FollowNightResult":          func() any { return new(activities.FollowNightResult) },
	"ProbeInput":                 func() any { return new(activities.ProbeInput) },
	"ProbeResult":                func() any { return new(activities.ProbeResult) },
	"ActivationInput":            func() any { return new(activities.ActivationInput) },
	"TokenCheck":                 func() any { return new(activities.TokenCheck) },
	"ExportHoursInput":           func() any { return new(workflows.ExportHoursInput) },
	"ExportResult":               func() any { return new(workflows.ExportResult) },
	"CancelInput":                func() any { return new(workflows.CancelInput) },
	"CancelResult":               func() any { return new(workflows.CancelResult) },
	"ExportRun":                  func() any { return new(activities.ExportRun) },
	"CheckExportResult":          func() any { return new(activities.CheckExportResult) },
	"SnapshotExportResult":       func() any { return new(activities.SnapshotExportResult) },
	"AskPayrollResult":           func() any { return new(activities.AskPayrollResult) },
	"VenueInput":                 func() any { return new(activities.VenueInput) },
	"VenueStanding":              func() any { return new(activities.VenueStanding) },
	"CompareExportResult":        func() any { return new(activities.CompareExportResult) },
	"CloseExportInput":           func() any { return new(activities.CloseExportInput) },
	"ExportEnding":               func() any { return new(activities.ExportEnding) },
	"RemoveConnectionInput":      func() any { return new(workflows.RemoveConnectionInput) },
	"RemovalResult":              func() any { return new(workflows.RemovalResult) },
	"RemovalInput":               func() any { return new(activities.RemovalInput) },
	"MarkRemovedResult":          func() any { return new(activities.MarkRemovedResult) },
	"EndWorkInput":               func() any { return new(activities.EndWorkInput) },
	"EndWorkResult":              func() any { return new(activities.EndWorkResult) },
	"DropTokensResult":           func() any { return new(activities.DropTokensResult) },
	"WithdrawStraysResult":       func() any { return new(activities.WithdrawStraysResult) },
	"EndEmploymentInput":         func() any { return new(workflows.EndEmploymentInput) },
	"EndingResult":               func() any { return new(workflows.EndingResult) },
	"EndingStatus":               func() any { return new(workflows.EndingStatus) },
	"CheckConnexieInput":         func() any { return new(workflows.CheckConnexieInput) },
	"ConfirmEndInput":            func() any { return new(workflows.ConfirmEndInput) },
	"ChangeEndDateInput":         func() any { return new(workflows.ChangeEndDateInput) },
	"WithdrawInput":              func() any { return new(workflows.WithdrawInput) },
	"EndingRun":                  func() any { return new(activities.EndingRun) },
	"EndingStanding":             func() any { return new(activities.EndingStanding) },
	"LookAtEndingInput":          func() any { return new(activities.LookAtEndingInput) },
	"EndInEitjeInput":            func() any { return new(activities.EndInEitjeInput) },
	"WithdrawEndingInput":        func() any { return new(activities.WithdrawEndingInput) },
	"AskConnexieInput":           func() any { return new(activities.AskConnexieInput) },
	"DeliverNotificationsInput":  func() any { return new(workflows.DeliverNotificationsInput) },
	"DeliverNotificationsResult": func() any { return new(workflows.DeliverNotificationsResult) },
	"DeliverInput":               func() any { return new(activities.DeliverInput) },
	"DeliverResult":              func() any { return new(activities.DeliverResult) },
	"TestChannelInput":           func() any { return new(activities.TestChannelInput) },
	"TestChannelResult":          func() any { return new(activities.TestChannelResult) },
	"RepairDuplicateInput":       func() any { return new(workflows.RepairDuplicateInput) },
	"WorkflowRepairResult":       func() any { return new(workflows.RepairResult) },
	"RepairInput":                func() any { return new(activities.RepairInput) },
	"RepairResult":               func() any { return new(activities.RepairResult) },
	"CatalogueResult":            func() any { return new(activities.CatalogueResult) },
}

// Read and written again, every member of a golden payload is still there and says the
// same; a later version may have members of its own beside them.
func TestPayloads_WrittenByAnEarlierVersionAreStillRead(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/payloads/*.json")
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, file := range files {
		kind, _, _ := strings.Cut(strings.TrimSuffix(filepath.Base(file), ".json"), "-")
		seen[kind] = true
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			golden, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Contains(t, payloads, kind)
			payload := payloads[kind]()
			require.NoError(t, json.Unmarshal(golden, payload))
			again, err := json.Marshal(payload)
			require.NoError(t, err)
			requireKept(t, decoded(t, golden), decoded(t, again))
		})
	}
	for kind := range payloads {
		require.True(t, seen[kind], "no golden payload of %s", kind)
	}
}

func decoded(t *testing.T, text []byte) any {
	t.Helper()
	var value any
	require.NoError(t, json.Unmarshal(text, &value))
	return value
}

func requireKept(t *testing.T, before, after any) {
	t.Helper()
	members, isObject := before.(map[string]any)
	if !isObject {
		require.Equal(t, before, after)
		return
	}
	kept, isObject := after.(map[string]any)
	require.True(t, isObject)
	for name, value := range members {
		require.Contains(t, kept, name)
		requireKept(t, value, kept[name])
	}
}
