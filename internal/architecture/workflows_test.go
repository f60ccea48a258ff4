package architecture_test

import (
	"go/ast"
	"testing"

	"github.com/stretchr/testify/require"
)

// nondeterministic is what workflow code must not touch, by package and name; the
// engine's own replaces it. workflowcheck follows calls into other packages; this
// also sees what it lets pass, such as zones.
var nondeterministic = map[string]map[string]string{
	"time": {
		"Now": "workflow.Now", "Since": "workflow.Now", "Until": "workflow.Now", "Sleep": "workflow.Sleep",
		"After": "workflow.NewTimer", "AfterFunc": "workflow.NewTimer", "NewTimer": "workflow.NewTimer",
		"NewTicker": "workflow.NewTimer", "Tick": "workflow.NewTimer",
		"LoadLocation": "an activity that answers with a date", "Local": "an activity that answers with a date",
	},
	"context": {"Background": "workflow.Context", "TODO": "workflow.Context"},
	"uuid": {
		"New": "an id derived from the workflow", "NewString": "an id derived from the workflow",
		"NewV7": "an id derived from the workflow", "NewRandom": "an id derived from the workflow",
	},
}

// notImported are packages whose every use is nondeterministic there.
var notImported = []string{"os", "math/rand", "math/rand/v2", "crypto/rand", "net", "net/http", "sync", "runtime", "log", "log/slog"}

func TestWorkflows_AreDeterministic(t *testing.T) {
	t.Parallel()
	for _, file := range load(t, mainModule) {
		if file.dir != "workflows" || file.test {
			continue
		}
		for _, imported := range file.imports() {
			require.NotContains(t, notImported, imported, "%s imports %s", file.path, imported)
		}
		for _, found := range forbidden(file) {
			t.Error(found)
		}
	}
}

func TestWorkflows_ForbiddenCallsAreFound(t *testing.T) {
	t.Parallel()
	sources, err := read("testdata/src", false)
	require.NoError(t, err)
	require.Len(t, sources, 1)
	require.Equal(t, []string{
		"nondeterministic.go:11: time.Now: use workflow.Now instead",
		"nondeterministic.go:12: time.LoadLocation: use an activity that answers with a date instead",
		"nondeterministic.go:13: go: use workflow.Go instead",
		"nondeterministic.go:14: select: use workflow.Selector instead",
	}, forbidden(sources[0]))
}

func forbidden(file source) []string {
	var found []string
	report := func(node ast.Node, what, instead string) {
		found = append(found, file.at(node)+": "+what+": use "+instead+" instead")
	}
	ast.Inspect(file.syntax, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.GoStmt:
			report(node, "go", "workflow.Go")
		case *ast.SelectStmt:
			report(node, "select", "workflow.Selector")
		case *ast.SelectorExpr:
			if of, ok := node.X.(*ast.Ident); ok {
				if instead := nondeterministic[of.Name][node.Sel.Name]; instead != "" {
					report(node, of.Name+"."+node.Sel.Name, instead)
				}
			}
		}
		return true
	})
	return found
}
