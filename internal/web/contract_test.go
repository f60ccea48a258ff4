package web_test

import (
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

var update = flag.Bool("update", false, "write the golden files of this package anew")

// Whoever changes a type changes what other programs rely on, and sees it here.
func TestWeb_TheContractIsWhatOthersRelyOn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	got := b.ask(t, "GET", "/v1/openapi.yaml", "")
	require.Equal(t, "application/openapi+yaml", got.header.Get("Content-Type"))
	const golden = "testdata/openapi.yaml"
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(got.text), 0o600))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), got.text, "if this is meant: go test ./internal/web -update")

	var fromYAML, fromJSON any
	require.NoError(t, yaml.Unmarshal([]byte(got.text), &fromYAML))
	require.NoError(t, json.Unmarshal([]byte(b.ask(t, "GET", "/v1/openapi.json", "").text), &fromJSON))
	asJSON, err := json.Marshal(fromYAML)
	require.NoError(t, err)
	again, err := json.Marshal(fromJSON)
	require.NoError(t, err)
	require.JSONEq(t, string(again), string(asJSON))
}

func TestWeb_N7_TheContractIsValidAndEveryCallNeedsAKey(t *testing.T) {
	t.Parallel()
	b := setup(t)
	description, err := openapi3.NewLoader().LoadFromData([]byte(b.ask(t, "GET", "/v1/openapi.json", "").text))
	require.NoError(t, err)
	require.NoError(t, description.Validate(t.Context()))
	require.NotEmpty(t, description.Security)
	calls := 0
	for path, item := range description.Paths.Map() {
		for method, call := range item.Operations() {
			calls++
			require.Nil(t, call.Security, "%s %s: no exception from the key", method, path)
			require.NotEmpty(t, call.Summary)
			for _, status := range []string{"401", "404", "422", "500", "503"} {
				refusal := call.Responses.Value(status)
				require.NotNil(t, refusal, "%s %s answers with %s", method, path, status)
				require.Contains(t, refusal.Value.Content, "application/problem+json")
			}
		}
	}
	require.Equal(t, 7, calls, "every call is described")
}
