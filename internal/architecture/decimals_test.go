package architecture_test

import (
	"go/ast"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// paces are files whose floating point counts calls a second and starts a second,
// nothing that anybody is paid by.
var paces = []string{
	"activities/night.go", "workflows/nightly_sync.go", "internal/connexie/client.go", "internal/connexie/pace.go",
}

// Hours, quantities and wages are decimals from where they are read to where they are
// sent: no file on that way speaks of floating point (X5).
func TestDecimals_X5_NoFloatingPointWherePeopleArePaid(t *testing.T) {
	t.Parallel()
	way := []string{
		"internal/domain", "internal/store", "internal/connexie", "internal/sandbox", "internal/app", "activities", "workflows",
		"starter",
	}
	for _, file := range load(t, mainModule) {
		if file.test || !slices.Contains(way, file.dir) {
			continue
		}
		var floats []string
		ast.Inspect(file.syntax, func(node ast.Node) bool {
			name, is := node.(*ast.Ident)
			if is && (name.Name == "float64" || name.Name == "float32" || name.Name == "ParseFloat") {
				floats = append(floats, file.at(name))
			}
			return true
		})
		require.Equal(t, slices.Contains(paces, file.path), len(floats) > 0, "%s: floating point at %v", file.path, floats)
	}
}

func TestDecimals_X5_NoFloatingPointInTheTables(t *testing.T) {
	t.Parallel()
	migrations, err := filepath.Glob(filepath.Join(root, "internal/store/migrations/*.sql"))
	require.NoError(t, err)
	require.NotEmpty(t, migrations)
	for _, name := range migrations {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, word := range []string{"real", "float", "float4", "float8", "double"} {
			require.NotContains(t, strings.Fields(strings.ToLower(string(text))), word, name)
		}
	}
}
