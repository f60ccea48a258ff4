package endtoend

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/eitje/connexie-worker/internal/sandbox/seed"
	"github.com/eitje/connexie-worker/internal/secrets"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/workflows"
)

func firstSync(t *testing.T, s *system) {
	scenario := seed.Demo(1, s.sandbox.Today())
	s.place(t, scenario)
	st, err := store.Open(t.Context(), s.url, 4)
	require.NoError(t, err)
	defer st.Close()
	connection, err := st.AddConnection(t.Context(), scenario.Organisation.ID, time.Now())
	require.NoError(t, err)
	keys, err := secrets.ParseKeyRing(s.starter.EncryptionKeys.Reveal())
	require.NoError(t, err)
	sealed, err := keys.Seal([]byte(scenario.Account.Token), []byte(connection.ID))
	require.NoError(t, err)
	require.NoError(t, st.SetToken(t.Context(), connection.ID, store.SealedToken(sealed), "test", time.Now()))
	run, err := s.temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: workflows.ActivateID(connection.ID), TaskQueue: workflows.QueueMain,
	}, workflows.TypeActivateConnection, workflows.ActivateConnectionInput{ConnectionID: connection.ID})
	require.NoError(t, err)
	var activated workflows.ActivationResult
	require.NoError(t, run.Get(t.Context(), &activated))
	t.Log(activated)
	var synced workflows.SyncResult
	require.NoError(t, s.temporal.GetWorkflow(t.Context(), workflows.SyncID(connection.ID), "").Get(t.Context(), &synced))
	t.Log(synced)
}
