package architecture_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// mayImport says which packages of ours a package may use, tests apart, and why no
// more. A package without a row is refused: a new one gets its place here first.
var mayImport = map[string]struct {
	ours []string
	why  string
}{
	"internal/domain":   {nil, "rules are pure: values in, values out"},
	"internal/connexie": {[]string{"internal/domain"}, "it alone knows the wire, and speaks domain"},
	"internal/store":    {[]string{"internal/domain"}, "it alone knows SQL, and speaks domain"},

	"activities": {
		[]string{"internal/domain", "internal/connexie", "internal/store"},
		"the boundary translates the errors of both sides, so it knows their types",
	},
	"workflows": {[]string{"activities", "internal/domain"}, "orchestration knows no technology but the engine"},

	"internal/webhook": {[]string{"internal/domain"}, "it alone knows how webhooks are signed and called, and speaks domain"},
	"internal/mail":    {[]string{"internal/domain"}, "it alone speaks SMTP, and speaks domain"},
	"internal/sink":    {nil, "it plays receivers, and must not agree with us by sharing our code"},

	"internal/secrets":          {nil, "a tool that could stand alone"},
	"internal/config":           {nil, "a tool that could stand alone"},
	"internal/telemetry":        {nil, "a tool that could stand alone"},
	"internal/localpg":          {[]string{"internal/localpg/filelock"}, "a tool that could stand alone"},
	"internal/localpg/filelock": {nil, "a tool that could stand alone"},

	"internal/sandbox":          {nil, "it is written from the contract alone, or tests only agree with themselves"},
	"internal/sandbox/contract": {[]string{"internal/sandbox"}, "it checks exchanges against the contract that the sandbox carries"},
	"internal/sandbox/seed":     {[]string{"internal/sandbox"}, "it draws the data of sandboxes"},
	"internal/eitjeseed":        {[]string{"internal/sandbox/seed"}, "Eitje's side of the same invented organisation"},

	"internal/testkit": {[]string{"internal/domain", "internal/store", "internal/localpg"}, "it prepares databases and data"},

	"internal/web": {[]string{"workflows", "internal/domain", "internal/store"}, "names of workflows, and what may be read"},

	"internal/app": {[]string{"*"}, "the composition root: it alone knows every other package"},
	"worker":       {[]string{"internal/app", "internal/config"}, "main reads the configuration and runs the graph"},
	"starter":      {[]string{"internal/app", "internal/config"}, "main reads the configuration and runs the graph"},

	"deploy":                {nil, "it holds tests alone"},
	"internal/architecture": {nil, "it holds tests alone"},
	"internal/rulebook":     {nil, "it holds tests alone"},
}

func TestImports_FollowTheTable(t *testing.T) {
	t.Parallel()
	for _, file := range load(t, mainModule) {
		rule, known := mayImport[file.dir]
		require.True(t, known, "%s: package %s has no row in mayImport: decide what it may import", file.path, file.dir)
		if file.test || slices.Contains(rule.ours, "*") {
			continue
		}
		for _, imported := range file.imports() {
			if dir, is := ours(imported); is {
				require.Contains(t, rule.ours, dir, "%s imports %s: %s", file.path, dir, rule.why)
			}
		}
	}
}

// A row that nobody needs would let in what nobody decided.
func TestImports_TableHasNoRowTooMany(t *testing.T) {
	t.Parallel()
	used := map[string][]string{}
	for _, file := range load(t, mainModule) {
		imports := used[file.dir]
		for _, imported := range file.imports() {
			if dir, is := ours(imported); is && !file.test {
				imports = append(imports, dir)
			}
		}
		used[file.dir] = imports
	}
	for dir, rule := range mayImport {
		imports, exists := used[dir]
		require.True(t, exists, "mayImport speaks of %s, which does not exist", dir)
		for _, allowed := range rule.ours {
			require.True(t, allowed == "*" || slices.Contains(imports, allowed), "%s may import %s and does not", dir, allowed)
		}
	}
}

// Few packages use many others: the composition root alone.
func TestImports_AtMostSixOfOurs(t *testing.T) {
	t.Parallel()
	used := map[string]map[string]bool{}
	for _, file := range load(t, everything) {
		for _, imported := range file.imports() {
			if dir, is := ours(imported); is && !file.test {
				if used[file.dir] == nil {
					used[file.dir] = map[string]bool{}
				}
				used[file.dir][dir] = true
			}
		}
	}
	for dir, imported := range used {
		if dir != "internal/app" {
			require.LessOrEqual(t, len(imported), 6, "%s imports %v", dir, imported)
		}
	}
}

// onlyIn says where a library may be used, tests apart: a technology stays behind
// one package.
var onlyIn = map[string][]string{
	"github.com/jackc/pgx/v5":              {"internal/store", "internal/localpg", "internal/testkit", "internal/eitjeseed"},
	"database/sql":                         {"internal/domain", "internal/store"}, // domain: values that scan themselves
	"github.com/pressly/goose/v3":          {"internal/store"},
	"github.com/tink-crypto/tink-go/v2":    {"internal/secrets"},
	"github.com/kelseyhightower/envconfig": {"internal/config"},
	"github.com/wneessen/go-mail":          {"internal/mail"},
	"github.com/emersion":                  {"internal/sink"},
	"github.com/standard-webhooks":         {"internal/webhook"},
	"github.com/getkin/kin-openapi":        {"internal/sandbox/contract"},
	"github.com/danielgtaylor/huma/v2":     {"internal/web"},
	"github.com/spf13/cobra":               {"starter"},
	"github.com/jedib0t/go-pretty/v6":      {"starter"},
	"go.uber.org/zap":                      {"internal/telemetry", "internal/app", "internal/testkit", "starter"},
	"go.temporal.io": {
		"workflows", "activities", "internal/app", "internal/config", "internal/telemetry", "starter",
	},
	"net/http": {
		"internal/connexie", "internal/sandbox", "internal/sandbox/contract", "internal/telemetry", "internal/web", "internal/app",
		"internal/webhook", "internal/sink",
	},
	"testing":                     {"internal/testkit", "internal/sandbox/contract"},
	"github.com/stretchr/testify": {"internal/testkit", "internal/sandbox/contract"},
}

func TestImports_LibrariesStayWhereTheyBelong(t *testing.T) {
	t.Parallel()
	for _, file := range load(t, mainModule) {
		if file.test {
			continue
		}
		for _, imported := range file.imports() {
			for library, places := range onlyIn {
				if imported == library || strings.HasPrefix(imported, library+"/") {
					require.Contains(t, places, file.dir, "%s imports %s", file.path, imported)
				}
			}
		}
	}
}

// The rules know the standard library and decimals, and nothing that does anything.
func TestImports_DomainIsPure(t *testing.T) {
	t.Parallel()
	allowed := []string{
		"cmp", "database/sql/driver", "encoding/json", "errors", "fmt", "maps", "slices", "strconv", "strings",
		"net/mail", "net/netip", "net/url", "regexp", "time", "time/tzdata", "unicode", "unicode/utf8", "github.com/govalues/decimal",
	}
	for _, file := range load(t, mainModule) {
		if file.dir == "internal/domain" && !file.test {
			require.Subset(t, allowed, file.imports(), file.path)
		}
	}
}
