package sandbox_test

import (
	"go/parser"
	gotoken "go/token"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/eitje/connexie-worker/"

// The sandbox is written from the contract alone: its packages import at most
// each other, or the tests would only agree with themselves.
func TestImports_NothingOfOurs(t *testing.T) {
	t.Parallel()
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".go" {
			return err
		}
		file, err := parser.ParseFile(gotoken.NewFileSet(), path, nil, parser.ImportsOnly)
		require.NoError(t, err)
		for _, imported := range file.Imports {
			name, err := strconv.Unquote(imported.Path.Value)
			require.NoError(t, err)
			within := name == module+"internal/sandbox" || strings.HasPrefix(name, module+"internal/sandbox/")
			require.True(t, within || !strings.HasPrefix(name, module), "%s imports %s", path, name)
			production := filepath.Dir(path) == "." && !strings.HasSuffix(path, "_test.go")
			require.False(t, production && within, "%s imports %s", path, name)
		}
		return nil
	})
	require.NoError(t, err)
}

func TestOpenAPI_ServedWithoutToken(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.token = ""
	carried, err := os.ReadFile("openapi.yaml")
	require.NoError(t, err)
	b.client = http.DefaultClient // the contract does not describe itself
	served := b.get("/v1/openapi.yaml")
	require.Equal(t, 200, served.status)
	require.Equal(t, string(carried), string(served.body))
}
