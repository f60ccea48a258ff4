package app_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/app"
)

func TestSandbox_EqualOptionsGiveEqualOrganisations(t *testing.T) {
	t.Parallel()
	options := app.SandboxOptions{Seed: 7, Organisations: 7, People: 5, Today: "2026-11-22"}
	once, err := options.Scenarios()
	require.NoError(t, err)
	again, err := options.Scenarios()
	require.NoError(t, err)
	require.Equal(t, once, again)
	tokens := map[string]bool{}
	for _, scenario := range once {
		tokens[scenario.Account.Token] = true
	}
	require.Len(t, tokens, 7, "every organisation has a token of its own")
}

func TestSandbox_ServesEveryOrganisationUntilItIsEnded(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	served, ended := make(chan app.SandboxInfo, 1), make(chan error, 1)
	go func() {
		ended <- app.ServeSandbox(ctx, app.SandboxOptions{Addr: "127.0.0.1:0", Seed: 1, Organisations: 2, People: 3},
			func(info app.SandboxInfo) { served <- info })
	}()
	info := <-served
	require.Len(t, info.Organisations, 2)
	for _, organisation := range info.Organisations {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, info.BaseURL+"/account", nil)
		require.NoError(t, err)
		request.Header.Set("Authorization", "Bearer "+organisation.Token)
		answer, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, http.StatusOK, answer.StatusCode)
	}
	cancel()
	require.NoError(t, <-ended)
}

func TestSandbox_AnAddressThatIsTakenSaysToChooseAnother(t *testing.T) {
	t.Parallel()
	err := app.ServeSandbox(t.Context(), app.SandboxOptions{Addr: "256.0.0.1:1", Organisations: 1, People: 1}, func(app.SandboxInfo) {})
	requireProblem(t, err, app.KindUnavailable, "listen")
}
