package rulebook_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	// idsInName finds the rules in TestPlan_S8_S9_AmountsAreChangedIffTheyDiffer.
	idsInName = regexp.MustCompile(`_([A-Z]\d{1,2})(?:_|$)`)
	// idOfRow finds the rule in the name of a table's row: "S8_same_start".
	idOfRow  = regexp.MustCompile(`^([CSEXN]\d{1,2})[_: ]`)
	testName = regexp.MustCompile(`^(Test|Fuzz|Benchmark)[A-Z]`)
)

// proofs reads every test of the checkout, nested modules included: which rules it
// names, in its own name or in those of its rows. all has every test once.
func proofs(t *testing.T) (byRule map[string][]namedTest, all []namedTest) {
	t.Helper()
	byRule = map[string][]namedTest{}
	for dir, syntax := range testFiles(t) {
		for _, declaration := range syntax {
			function, is := declaration.(*ast.FuncDecl)
			if !is || function.Recv != nil || !testName.MatchString(function.Name.Name) {
				continue
			}
			test := namedTest{dir: dir, name: function.Name.Name}
			all = append(all, test)
			for _, id := range idsOf(function) {
				byRule[id] = append(byRule[id], test)
			}
		}
	}
	require.Greater(t, len(all), 200)
	return byRule, all
}

// testFiles are the declarations of each folder's test files.
func testFiles(t *testing.T) map[string][]ast.Decl {
	t.Helper()
	found := map[string][]ast.Decl{}
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name != root && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, "_test.go") {
			return nil
		}
		syntax, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		dir, err := filepath.Rel(root, filepath.Dir(name))
		dir = filepath.ToSlash(dir)
		found[dir] = append(found[dir], syntax.Decls...)
		return err
	})
	require.NoError(t, err)
	return found
}

// idsOf lists the rules that a test names.
func idsOf(function *ast.FuncDecl) []string {
	ids := idsIn(function.Name.Name)
	ast.Inspect(function.Body, func(node ast.Node) bool {
		if literal, is := node.(*ast.BasicLit); is && literal.Kind == token.STRING {
			if text, err := strconv.Unquote(literal.Value); err == nil {
				if match := idOfRow.FindStringSubmatch(text); match != nil {
					ids = append(ids, match[1])
				}
			}
		}
		return true
	})
	slices.Sort(ids)
	return slices.Compact(ids)
}

func idsIn(name string) []string {
	var ids []string
	for {
		at := idsInName.FindStringSubmatchIndex(name)
		if at == nil {
			return ids
		}
		ids = append(ids, name[at[2]:at[3]])
		name = name[at[3]:] // the underscore may begin the next one
	}
}

// declares reports whether a file declares a name: a function, Type.Method, a type,
// a constant or a variable; in SQL, a word.
func declares(t *testing.T, p place) bool {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(p.file)))
	if err != nil {
		return false
	}
	if strings.HasSuffix(p.file, ".sql") {
		return regexp.MustCompile(`\b` + regexp.QuoteMeta(p.name) + `\b`).Match(text)
	}
	syntax, err := parser.ParseFile(token.NewFileSet(), p.file, text, parser.SkipObjectResolution)
	require.NoError(t, err)
	return slices.Contains(declared(syntax), p.name)
}

func declared(syntax *ast.File) []string {
	var names []string
	for _, declaration := range syntax.Decls {
		switch declaration := declaration.(type) {
		case *ast.FuncDecl:
			names = append(names, receiver(declaration)+declaration.Name.Name)
		case *ast.GenDecl:
			for _, spec := range declaration.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					names = append(names, spec.Name.Name)
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						names = append(names, name.Name)
					}
				}
			}
		}
	}
	return names
}

func receiver(function *ast.FuncDecl) string {
	if function.Recv == nil {
		return ""
	}
	of := function.Recv.List[0].Type
	if pointer, is := of.(*ast.StarExpr); is {
		of = pointer.X
	}
	if name, is := of.(*ast.Ident); is {
		return name.Name + "."
	}
	return "?."
}
