package endtoend

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/workflows"
)

// notBegun is a small organisation that was never activated.
func notBegun(t *testing.T, s *system) *organisation {
	t.Helper()
	return s.small(t, "Nog niet begonnen", 60)
}

// lookedFirstThenResumed previews the first synchronisation, and then makes it.
func lookedFirstThenResumed(t *testing.T, o *organisation) {
	t.Helper()
	run, err := o.temporal.ExecuteWorkflow(t.Context(), options(workflows.ActivateID(o.connection)),
		workflows.TypeActivateConnection, workflows.ActivateConnectionInput{ConnectionID: o.connection, PreviewFirst: true})
	require.NoError(t, err)
	require.Equal(t, workflows.ActivationOK, result[workflows.ActivationResult](t, run).Outcome)
	require.Equal(t, "paused", o.connectionState(t))
	require.Empty(t, o.links(t))
	_, err = o.store.ResumeConnection(t.Context(), o.connection, "test", time.Now())
	require.NoError(t, err)
	require.Equal(t, domain.SyncOK, o.settle(t).Outcome)
}

// removedWhileSending removes a connection whose export does not get a part through.
func removedWhileSending(t *testing.T, o *organisation) {
	t.Helper()
	away := o.fault(t, sandbox.Fault{Kind: sandbox.FaultStatus, Status: 503, Operation: "putHourImportPart"})
	export := o.startExport(t, o.allKinds())
	require.NoError(t, o.sandbox.AwaitFault(t.Context(), away))
	run, err := o.temporal.ExecuteWorkflow(t.Context(), options(workflows.RemoveID(o.connection)),
		workflows.TypeRemoveConnection, workflows.RemoveConnectionInput{ConnectionID: o.connection, RequestedBy: "test"})
	require.NoError(t, err)
	removed := result[workflows.RemovalResult](t, run)
	require.Equal(t, workflows.RemovalRemoved, removed.Outcome)
	require.Zero(t, removed.Counts["unsettled"])
	require.Error(t, export.Get(t.Context(), nil))
	require.Empty(t, o.drafts(t))
	require.Zero(t, value[int](t, o.system, `select count(*) from connexie.connection_tokens`))
	require.Equal(t, "removed", o.connectionState(t))
}

// quarantinedThenBack is a night on which a connection in quarantine does not answer its
// probe, and one on which it does.
func quarantinedThenBack(t *testing.T, o *organisation) {
	t.Helper()
	o.edit(t, `update connexie.connections set failed_nights = 3, last_failed_night = $2::text::date where id = $1`,
		o.connection, today().AddDays(-1).String())
	away := o.fault(t, sandbox.Fault{Kind: sandbox.FaultStatus, Status: 503})
	first := o.nightOf(t, today(), o.connection)
	require.Equal(t, domain.Counts{"unreachable": 1}, result[workflows.NightResult](t, first).Counts)
	require.Equal(t, 4, o.failedNights(t))
	require.NoError(t, o.sandbox.RemoveFault(away))
	second := o.nightOf(t, today().AddDays(1), o.connection)
	require.Equal(t, domain.Counts{"nothing": 1}, result[workflows.NightResult](t, second).Counts)
	require.Zero(t, o.failedNights(t))
}
