package workflows_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/workflows"
)

var update = flag.Bool("update", false, "write what tests hold against files in testdata")

// Every name here stands in histories, in the database or in other people's programs.
// A change of this file is a change that breaks them: it needs a version, or a
// migration, and not just -update.
func TestNames_AreAWireFormat(t *testing.T) {
	t.Parallel()
	var lines []string
	say := func(format string, arguments ...any) { lines = append(lines, fmt.Sprintf(format, arguments...)) }
	for _, workflow := range workflows.All() {
		say("workflow %s", typeName(workflow))
	}
	for _, holder := range holders {
		for _, name := range methodNames(holder) {
			say("activity %s of %s", name, reflect.TypeOf(holder).Elem().Name())
		}
	}
	say("queue %s", workflows.QueueMain)
	say("queue %s", workflows.QueueCalls)
	say("queue %s", workflows.QueueDeliveries)
	for _, query := range []string{workflows.QueryProgress, workflows.QueryStatus, workflows.QueryPreview} {
		say("query %s", query)
	}
	for _, name := range []string{workflows.UpdateRequestSync, workflows.UpdateDecideGuard, workflows.UpdateCancel} {
		say("update %s", name)
	}
	for _, name := range []string{
		workflows.UpdateCheckConnexie, workflows.UpdateConfirmEnd, workflows.UpdateChangeEndDate, workflows.UpdateWithdraw,
	} {
		say("update %s", name)
	}
	for _, name := range []string{
		workflows.SignalJoinRequested, workflows.SignalConnexieChanged, workflows.UpdateConfirmEnd, workflows.UpdateWithdraw,
	} {
		say("signal %s", name)
	}
	for _, id := range []string{
		workflows.NightlySyncID, workflows.DeliverNotificationsID, workflows.TestChannelID("C"), workflows.ActivateID("C"), workflows.SyncID("C"), workflows.PreviewID("C"),
		workflows.SyncPersonID("C", "P"), workflows.PreviewPersonID("C", "P"), workflows.ExportID("C"), workflows.ExportPreviewID("C"),
		workflows.RemoveID("C"), workflows.RepairID("T"),
		workflows.EndEmploymentID("M"),
	} {
		say("id %s", id)
	}
	for _, attribute := range []attribute{
		workflows.AttributeOrganisation, workflows.AttributeConnection, workflows.AttributeTrigger, workflows.AttributeOutcome,
		workflows.AttributeStage, workflows.AttributePeriod, workflows.AttributeSpecHash, workflows.AttributeNeedsAttention,
		workflows.AttributeDueAt,
	} {
		say("search attribute %s %s", attribute.GetName(), attribute.GetValueType())
	}
	for _, word := range errorTypes {
		say("error %s", word)
	}
	for _, word := range venueProblems {
		say("venue problem %s", word)
	}
	requireGolden(t, "testdata/names.txt", strings.Join(lines, "\n")+"\n")
}

type attribute interface {
	GetName() string
	GetValueType() enumspb.IndexedValueType
}

var errorTypes = []string{
	activities.ErrorInvalidInput, activities.ErrorTokenRefused, activities.ErrorForbidden, activities.ErrorRateLimited,
	activities.ErrorUnavailable, activities.ErrorProtocol, activities.ErrorReading, activities.ErrorFenceLost,
	activities.ErrorDatabase, activities.ErrorConfiguration, activities.ErrorStopping,
	activities.ErrorEndingRefused, activities.ErrorEngine,
}

// venueProblems stand in connexie.export_venues.
var venueProblems = []string{
	activities.ProblemPayroll, activities.ProblemLinesRejected, activities.ProblemReadBackDiffers, activities.ProblemReplaced,
	activities.ProblemDiscarded, activities.ProblemVenueUnknown, activities.ProblemTotalsMismatch,
	activities.ProblemIdempotencyConflict, activities.ProblemImportState,
}

func TestNames_ActivitiesAreUniqueOverAllStructs(t *testing.T) {
	t.Parallel()
	var names []string
	for _, holder := range holders {
		names = append(names, methodNames(holder)...)
	}
	slices.Sort(names)
	require.Equal(t, slices.Compact(slices.Clone(names)), names)
}

func TestNames_ConstantsAreTheFunctionsNames(t *testing.T) {
	t.Parallel()
	var types []string
	for _, workflow := range workflows.All() {
		types = append(types, typeName(workflow))
	}
	require.Equal(t, []string{
		workflows.TypeActivateConnection, workflows.TypeDeliverNotifications, workflows.TypeEndEmployment, workflows.TypeExportHours, workflows.TypeHousekeeping, workflows.TypeNightlySync, workflows.TypeRemoveConnection,
		workflows.TypeRepairDuplicate,
		workflows.TypeSyncTeamMembers,
	}, types)
}

// typeName is the engine's default name: that of the function.
func typeName(workflow any) string {
	name := runtime.FuncForPC(reflect.ValueOf(workflow).Pointer()).Name()
	return name[strings.LastIndex(name, ".")+1:]
}

func methodNames(holder any) []string {
	var names []string
	for method := range reflect.TypeOf(holder).Methods() {
		names = append(names, method.Name)
	}
	return names
}

func requireGolden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}
