package deploy_test

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func dockerfile(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "Dockerfile"))
	require.NoError(t, err)
	return string(text)
}

// Every target is one that the compose file builds, and every program that is built
// is a command of this module.
func TestDockerfile_TargetsAndProgramsExist(t *testing.T) {
	t.Parallel()
	text := dockerfile(t)
	var targets []string
	for _, match := range regexp.MustCompile(`(?m)^FROM \S.* AS (\w+)$`).FindAllStringSubmatch(text, -1) {
		targets = append(targets, match[1])
	}
	require.Equal(t, []string{"build", "base", "worker", "starter"}, targets)
	for name, service := range load(t).Services {
		if service.Build != nil {
			require.Contains(t, targets, service.Build.Target, name)
		}
	}
	for _, program := range []string{"worker", "starter"} {
		require.Contains(t, text, " ./"+program)
		require.Contains(t, text, "--from=build /out/"+program+" ")
		require.Equal(t, "main", packageName(t, filepath.Join(root, program)), program)
	}
}

func packageName(t *testing.T, dir string) string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, "main.go"), nil, parser.PackageClauseOnly)
	require.NoError(t, err)
	return file.Name.Name
}

func TestDockerfile_IsStaticAndNotRoot(t *testing.T) {
	t.Parallel()
	text := dockerfile(t)
	require.Contains(t, text, "CGO_ENABLED=0")
	zones, err := os.ReadFile(filepath.Join(root, "internal", "domain", "date.go"))
	require.NoError(t, err)
	require.Contains(t, string(zones), `"time/tzdata"`, "the image has no zone files")
	require.Regexp(t, `(?m)^USER [1-9]\d*:[1-9]\d*$`, text)
	require.NotContains(t, text, "ARG ENCRYPTION")
	for _, stage := range regexp.MustCompile(`(?m)^FROM .*$`).FindAllString(text, -1) {
		require.Regexp(t, `FROM (--platform=\S+ )?(base|[a-z]+:\d+(\.\d+)+) AS`, stage, "every base is pinned")
	}
}

// The compiler is at least the one that go.mod asks for.
func TestDockerfile_CompilerFitsTheModule(t *testing.T) {
	t.Parallel()
	module, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	wanted := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(string(module))[1]
	require.Contains(t, dockerfile(t), " golang:"+wanted+".")
}

// What the build needs enters its context, and nothing else does: neither data of
// the development stack nor anything of git.
func TestDockerfile_ContextHoldsTheSource(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, ".dockerignore"))
	require.NoError(t, err)
	lines := strings.Split(string(text), "\n")
	require.Contains(t, lines, "*")
	for _, needed := range []string{"go.mod", "go.sum", "activities", "internal", "starter", "worker", "workflows"} {
		require.Contains(t, lines, "!"+needed)
		_, err := os.Stat(filepath.Join(root, needed))
		require.NoError(t, err)
	}
}
