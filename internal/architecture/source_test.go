package architecture_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	root   = "../.."
	module = "github.com/eitje/connexie-worker"
)

// source is one Go file, parsed with its comments.
type source struct {
	// path is relative to the checkout, with slashes; dir is its folder, which is
	// the name of its package here, such as internal/domain.
	path, dir string
	test      bool
	lines     int
	syntax    *ast.File
	files     *token.FileSet
}

// imports lists what a file imports, by full path.
func (s source) imports() []string {
	var paths []string
	for _, spec := range s.syntax.Imports {
		name, _ := strconv.Unquote(spec.Path.Value) // it was parsed
		paths = append(paths, name)
	}
	return paths
}

// ours cuts an import path down to a package of this module.
func ours(imported string) (dir string, ok bool) {
	return strings.CutPrefix(imported, module+"/")
}

func (s source) at(node ast.Node) string {
	return s.path + ":" + strconv.Itoa(s.files.Position(node.Pos()).Line)
}

// mainModule reads every file of the main module, once.
var mainModule = sync.OnceValues(func() ([]source, error) { return read(root, false) })

// everything also reads the nested modules.
var everything = sync.OnceValues(func() ([]source, error) { return read(root, true) })

func load(t *testing.T, from func() ([]source, error)) []source {
	t.Helper()
	sources, err := from()
	require.NoError(t, err)
	require.Greater(t, len(sources), 100)
	return sources
}

func read(base string, nested bool) ([]source, error) {
	var found []source
	files := token.NewFileSet()
	err := filepath.WalkDir(base, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return whetherToEnter(base, name, nested)
		}
		if filepath.Ext(name) != ".go" {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		syntax, err := parser.ParseFile(files, name, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(base, name)
		if err != nil {
			return err
		}
		relative = filepath.ToSlash(relative)
		found = append(found, source{
			path: relative, dir: path.Dir(relative), test: strings.HasSuffix(relative, "_test.go"),
			lines: bytes.Count(text, []byte("\n")), syntax: syntax, files: files,
		})
		return nil
	})
	return found, err
}

func whetherToEnter(base, name string, nested bool) error {
	if name == base {
		return nil
	}
	hidden := strings.HasPrefix(filepath.Base(name), ".")
	_, err := os.Stat(filepath.Join(name, "go.mod"))
	if hidden || filepath.Base(name) == "testdata" || (err == nil && !nested) {
		return filepath.SkipDir
	}
	return nil
}
