package telemetry_test

import (
	"errors"
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	sdklog "go.temporal.io/sdk/log"

	"github.com/eitje/connexie-worker/internal/telemetry"
)

func TestSDKLogger_WritesPairsAtTheirLevel(t *testing.T) {
	t.Parallel()
	log := record(t, "info")
	sdk := telemetry.NewSDKLogger(log.Logger)

	sdk.Debug("off")
	sdk.Info("one", "RunID", "r1")
	sdk.Warn("two", "Attempt", 2)
	sdk.Error("three", "Error", errors.New("boom"))

	entries := log.entries(t)
	require.Len(t, entries, 3)
	require.Equal(t, "r1", entries[0]["RunID"])
	require.Equal(t, "warn", entries[1]["level"])
	require.EqualValues(t, 2, entries[1]["Attempt"])
	require.Equal(t, "boom", entries[2]["Error"])
}

func TestSDKLogger_KeepsOddArguments(t *testing.T) {
	t.Parallel()
	log := record(t, "info")

	telemetry.NewSDKLogger(log.Logger).Info("odd", 7, "seven", "alone")

	entry := log.entry(t)
	require.Equal(t, "seven", entry["7"])
	require.Equal(t, "alone", entry["value_without_key"])
}

func TestSDKLogger_WithLeavesTheOriginalAlone(t *testing.T) {
	t.Parallel()
	log := record(t, "info")
	sdk := telemetry.NewSDKLogger(log.Logger)

	sdklog.With(sdk, "WorkflowID", "w1").Info("with")
	sdk.Info("without")

	entries := log.entries(t)
	require.Equal(t, "w1", entries[0]["WorkflowID"])
	require.NotContains(t, entries[1], "WorkflowID")
}

func TestSDKLogger_NamesTheCaller(t *testing.T) {
	t.Parallel()
	log := record(t, "info")
	sdk := telemetry.NewSDKLogger(log.Logger)

	var want []string
	sdk.Info("direct")
	want = append(want, lineAbove())
	logThroughHelper(sdklog.Skip(sdk, 1))
	want = append(want, lineAbove())
	sdklog.With(sdk, "k", "v").Info("with")
	want = append(want, lineAbove())

	for i, entry := range log.entries(t) {
		require.Equal(t, want[i], entry["caller"], entry["message"])
	}
}

// lineAbove is the line before its caller's, as zap writes it.
func lineAbove() string {
	_, _, line, _ := runtime.Caller(1)
	return fmt.Sprintf("telemetry/sdklogger_test.go:%d", line-1)
}

// logThroughHelper stands for a wrapper whose own line is of no interest.
func logThroughHelper(logger sdklog.Logger) {
	logger.Info("through a helper")
}

func TestSDKLogger_N4_MasksErrorTexts(t *testing.T) {
	t.Parallel()
	log := record(t, "info")
	sdk := telemetry.NewSDKLogger(log.Logger)

	sdk.Error("Activity error.", "Error", errors.New("duplicate key: jan.de.vries@example.nl"), "WorkerID", "7@host.example.nl")

	entry := log.entry(t)
	require.Equal(t, "duplicate key: [redacted]", entry["Error"])
	require.Equal(t, "7@host.example.nl", entry["WorkerID"], "process@host is no person")
}
