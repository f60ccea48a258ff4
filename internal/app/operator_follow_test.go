package app

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
	"github.com/eitje/connexie-worker/workflows"
)

func openedRun(t *testing.T, db *testkit.DB, connectionID string) string {
	t.Helper()
	id := testkit.ID(t)
	_, err := db.Store.OpenRun(t.Context(), store.RunOpening{
		ID: id, ConnectionID: connectionID, WorkflowID: workflows.SyncID(connectionID), Pass: 1, Trigger: store.TriggerManual,
		Mode: store.ModeApply, RequestedBy: "cli", Day: domain.DayOf(testkit.Now),
	}, testkit.Now)
	require.NoError(t, err)
	return id
}

// A request that joins a held run gets the pass behind it, which does not begin until
// somebody has decided: whoever waits must hear of that.
func TestFollow_S16_ATicketBehindAHeldRunFindsTheHeldOne(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	connection := db.Connection(t, db.Organisation(t))
	o := &Operator{store: db.Store}
	ticket := SyncTicket{ConnectionID: connection.ID, WorkflowID: workflows.SyncID(connection.ID), RunID: testkit.ID(t), Pass: 2, Joined: true}
	held := openedRun(t, db, connection.ID)

	_, waits, err := o.heldBefore(t.Context(), ticket)
	require.NoError(t, err)
	require.False(t, waits, "it is reading")

	require.NoError(t, db.Store.SetStage(t.Context(), held, store.StageHeld, 0, 40))
	found, waits, err := o.heldBefore(t.Context(), ticket)
	require.NoError(t, err)
	require.True(t, waits)
	require.Equal(t, held, found.ID)
}

func TestFollow_ATicketWithoutARunFindsTheOneThatWasNotThereBefore(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	connection := db.Connection(t, db.Organisation(t))
	o := &Operator{store: db.Store}
	ticket := SyncTicket{ConnectionID: connection.ID, WorkflowID: workflows.SyncID(connection.ID)}
	earlier := openedRun(t, db, connection.ID)
	var err error
	ticket.earlier, err = o.knownRuns(t.Context(), connection.ID, ticket.WorkflowID)
	require.NoError(t, err)

	_, found, err := o.findRun(t.Context(), ticket)
	require.NoError(t, err)
	require.False(t, found, "that one was there before")

	ticket.Joined = true
	run, found, err := o.findRun(t.Context(), ticket)
	require.NoError(t, err)
	require.True(t, found, "it is still open, so it is the one that was joined")
	require.Equal(t, earlier, run.ID)

	ticket.Joined = false
	fresh := openedRun(t, db, connection.ID)
	run, found, err = o.findRun(t.Context(), ticket)
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, fresh, run.ID)
}
