package architecture_test

import (
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/sandbox"
)

// The contract that the sandbox carries and that both sides are held to is itself
// well-formed, and has every operation that the client calls.
func TestContract_IsWellFormed(t *testing.T) {
	t.Parallel()
	document, err := openapi3.NewLoader().LoadFromData(sandbox.OpenAPI())
	require.NoError(t, err)
	require.NoError(t, document.Validate(t.Context()))
	require.Equal(t, "3.1.0", document.OpenAPI)
	operations := map[string]bool{}
	for path, item := range document.Paths.Map() {
		for method, operation := range item.Operations() {
			require.NotEmpty(t, operation.OperationID, "%s %s", method, path)
			require.False(t, operations[operation.OperationID], "%s twice", operation.OperationID)
			operations[operation.OperationID] = true
			require.NotNil(t, operation.Responses.Default(), "%s says nothing of errors", operation.OperationID)
		}
	}
	for _, needed := range []string{"getAccount", "listVenues", "listWageCodes", "listEmployees", "getEmployee"} {
		require.True(t, operations[needed], needed)
	}
}
