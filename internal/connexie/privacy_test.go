package connexie_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/eitje/connexie-worker/internal/connexie"
	"github.com/eitje/connexie-worker/internal/sandbox"
)

// forbidden are the members of the contract that nothing here may know (N2).
var forbidden = []string{"bsn", "iban"}

func TestConnexie_N2_WireTypesDeclareTheContractButBSNAndIBAN(t *testing.T) {
	t.Parallel()
	var document struct {
		Components struct {
			Schemas map[string]struct{ Properties map[string]any }
		}
	}
	require.NoError(t, yaml.Unmarshal(sandbox.OpenAPI(), &document))
	require.Contains(t, document.Components.Schemas["Employee"].Properties, "bsn", "the contract still has what is left out")
	for schema, wire := range connexie.WireTypes() {
		declared := memberNames(t, wire)
		for _, name := range forbidden {
			require.NotContains(t, declared, name)
		}
		if schema == "Problem" {
			continue // its prose is left out on purpose (N4)
		}
		properties := document.Components.Schemas[schema].Properties
		maps.DeleteFunc(properties, func(name string, _ any) bool { return slices.Contains(forbidden, name) })
		require.ElementsMatch(t, slices.Collect(maps.Keys(properties)), declared, schema)
	}
}

func memberNames(t *testing.T, wire reflect.Type) []string {
	t.Helper()
	var names []string
	for field := range wire.Fields() {
		require.Equal(t, strings.ToLower(strings.ReplaceAll(field.Tag.Get("json"), "_", "")), strings.ToLower(field.Name))
		names = append(names, field.Tag.Get("json"))
	}
	return names
}

// Reflection sees the types that it is shown; the source has them all.
func TestConnexie_N2_SourceNamesNeitherBSNNorIBAN(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	require.Contains(t, files, "person.go")
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.Inspect(parsed, func(node ast.Node) bool {
			switch found := node.(type) {
			case *ast.Ident:
				requireUnforbidden(t, found.Name)
			case *ast.BasicLit:
				requireUnforbidden(t, found.Value)
			}
			return true
		})
	}
}

func requireUnforbidden(t *testing.T, text string) {
	t.Helper()
	for _, name := range forbidden {
		require.NotContains(t, strings.ToLower(text), name)
	}
}

func TestConnexie_N2_BSNAndIBANLeaveNoTrace(t *testing.T) {
	t.Parallel()
	const bsn, iban = "123456782", "NL91ABNA0417164300"
	private := edits{"bsn": `"` + bsn + `"`, "iban": `"` + iban + `"`, "BSN": bsn, "Iban": `["` + iban + `"]`}
	with := func(more edits) string {
		both := maps.Clone(private)
		maps.Copy(both, more)
		return personOf(both)
	}
	body := page(strings.Join([]string{
		with(nil),
		with(edits{"contracts": `[` + contractOf(private) + `]`}),
		with(edits{"employment": object(edits{"status": `"active"`, "start_date": `"2024-01-01"`}, private)}),
		with(edits{"address": object(edits{"city": `"Delft"`}, private)}),
		with(edits{"modified_at": `"` + bsn + `"`}),
		with(edits{"date_of_birth": `"` + iban + `"`}),
		with(edits{"contracts": `[` + contractOf(edits{"type": `"` + iban + `"`}) + `]`}),
	}, ","))
	got, err := serve(t, replyJSON(body)).ListEmployees(t.Context(), connexie.PageRequest{})
	require.NoError(t, err)
	require.Len(t, got.People, 4)
	require.Len(t, got.Bad, 3)

	_, cutOff := serve(t, replyJSON(body[:len(body)-2])).ListEmployees(t.Context(), connexie.PageRequest{})
	_, refused := serve(t, reply(404, "application/problem+json",
		`{"title":"`+bsn+`","status":404,"code":"not_found","detail":"`+iban+`","errors":[{"code":"x","detail":"`+iban+`"}]}`,
		"X-Request-Id", iban+" "+bsn)).GetEmployee(t.Context(), "emp_1")
	_, unread := serve(t, replyJSON(with(edits{"modified_at": `"` + bsn + `"`}))).GetEmployee(t.Context(), "emp_1")
	for _, value := range []any{got, cutOff, refused, unread} {
		requireNoTrace(t, value, bsn, iban)
	}
}

func requireNoTrace(t *testing.T, value any, private ...string) {
	t.Helper()
	marshalled, err := json.Marshal(value)
	require.NoError(t, err)
	var report failureReport
	assert.Equal(&report, value, &value)
	for _, text := range []string{string(marshalled), string(report), fmt.Sprintf("%#v", value), fmt.Sprint(value)} {
		for _, secret := range private {
			require.NotContains(t, text, secret)
		}
	}
}
