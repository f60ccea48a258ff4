package rulebook_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/eitje/connexie-worker/internal/telemetry"
)

const (
	reference = "docs/operations/reference.md"
	incidents = "docs/operations/incidents.md"
)

// firstCells are the words in code in the first column of the tables of a section.
func firstCells(t *testing.T, document, section string) []string {
	t.Helper()
	_, text, found := strings.Cut(documents(t)[document], "\n## "+section+"\n")
	require.True(t, found, "%s has no section %s", document, section)
	text, _, _ = strings.Cut(text, "\n## ")
	var cells []string
	for _, match := range regexp.MustCompile("(?m)^\\| `?([A-Za-z0-9_/]+)`? \\|").FindAllStringSubmatch(text, -1) {
		cells = append(cells, match[1])
	}
	return cells
}

// wordsIn finds what a pattern captures in a file of the code.
func wordsIn(t *testing.T, file, pattern string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, file))
	require.NoError(t, err)
	var words []string
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(text), -1) {
		words = append(words, match[1])
	}
	require.NotEmpty(t, words, "%s has none of %s", file, pattern)
	return words
}

// blocksOf are the lines of every block of a kind, in all documents.
func blocksOf(t *testing.T, kind string) []string {
	t.Helper()
	var lines []string
	for _, text := range documents(t) {
		for _, block := range regexp.MustCompile("(?ms)^```"+kind+"\n(.*?)^```$").FindAllStringSubmatch(text, -1) {
			lines = append(lines, strings.Split(strings.TrimSpace(block[1]), "\n")...)
		}
	}
	require.NotEmpty(t, lines, kind)
	return lines
}

func TestRunbook_N1_TellsOfEveryCauseAndOfNoOther(t *testing.T) {
	t.Parallel()
	causes := wordsIn(t, "internal/domain/notice.go", `Cause = "(\w+)"`)
	told := slices.DeleteFunc(firstCells(t, reference, "Notifications"), func(cell string) bool { return cell == "cause" })
	require.ElementsMatch(t, causes, told)
}

func TestRunbook_ReasonsOfAFailureAreThoseOfTheCode(t *testing.T) {
	t.Parallel()
	reasons := wordsIn(t, "activities/errors.go", `(?m)^\tError\w+ += "(\w+)"`)
	told := slices.DeleteFunc(firstCells(t, incidents, "A run that failed"), func(cell string) bool { return cell == "reason" })
	require.Subset(t, append(reasons, "Timeout", "Terminated"), told)
	for _, constant := range wordsIn(t, "activities/steps.go", `(?m)^\t(Error\w+): `) {
		word := wordsIn(t, "activities/errors.go", constant+` += "(\w+)"`)[0]
		require.Contains(t, told, word, "a reason with a next step of its own")
	}
}

func TestRunbook_ExitCodesAreThoseOfTheProgram(t *testing.T) {
	t.Parallel()
	told := slices.DeleteFunc(firstCells(t, reference, "Exit codes"), func(cell string) bool { return cell == "code" })
	require.Equal(t, wordsIn(t, "starter/exit.go", `(?m)^\texit\w+ += (\d+)`), told)
}

var (
	compared = regexp.MustCompile(`(\w+) (?:=|in|>|<) `)
	typed    = regexp.MustCompile(`WorkflowType = "(\w+)"`)
)

// What somebody pastes into the Temporal UI uses attributes that there are: the engine's
// own, or those that the workflows set.
func TestRunbook_QueriesUseAttributesThatThereAre(t *testing.T) {
	t.Parallel()
	known := append(wordsIn(t, "workflows/names.go", `NewSearchAttributeKey\w+\("(\w+)"\)`),
		"ExecutionStatus", "WorkflowType", "CloseTime")
	types := wordsIn(t, "workflows/names.go", `(?m)^\tType\w+ += "(\w+)"`)
	for _, query := range blocksOf(t, "query") {
		attributes := compared.FindAllStringSubmatch(query, -1)
		require.NotEmpty(t, attributes, query)
		for _, attribute := range attributes {
			require.Contains(t, known, attribute[1], query)
		}
		for _, name := range typed.FindAllStringSubmatch(query, -1) {
			require.Contains(t, types, name[1], query)
		}
	}
}

var metric = regexp.MustCompile(`\b(?:temporal|process|go|connexie)_[a-z_]+`)

// The metrics of an alert exist: those of the process are gathered here, those of the
// SDK, which show when they first count, stand in its list of names.
func TestRunbook_MetricsExist(t *testing.T) {
	t.Parallel()
	metrics, err := telemetry.NewMetrics("test", zap.NewNop())
	require.NoError(t, err)
	families, err := metrics.Registry.Gather()
	require.NoError(t, err)
	var known []string
	for _, family := range families {
		known = append(known, family.GetName())
	}
	for _, name := range sdkMetrics(t) {
		known = append(known, name, name+"_total", name+"_seconds", name+"_failure_total")
	}
	alerted := 0
	for _, expression := range blocksOf(t, "promql") {
		for _, name := range metric.FindAllString(expression, -1) {
			require.True(t, slices.Contains(known, name), "there is no metric %s: %s", name, expression)
			alerted++
		}
	}
	require.Greater(t, alerted, 5)
}

// sdkMetrics reads the names from the SDK's own sources, as the module was built with.
func sdkMetrics(t *testing.T) []string {
	t.Helper()
	list := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "go.temporal.io/sdk")
	list.Dir = root
	dir, err := list.Output()
	require.NoError(t, err)
	text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "internal", "common", "metrics", "constants.go"))
	require.NoError(t, err)
	var names []string
	for _, match := range regexp.MustCompile(`TemporalMetricsPrefix \+ "(\w+)"`).FindAllStringSubmatch(string(text), -1) {
		names = append(names, "temporal_"+match[1])
	}
	require.Greater(t, len(names), 20)
	return names
}

var (
	anchored     = regexp.MustCompile(`\]\(([^)#:]*)#([^)]+)\)`)
	sectionTitle = regexp.MustCompile(`(?m)^#+ (.+)$`)
	unslug       = regexp.MustCompile(`[^a-z0-9 _-]`)
)

// A link to a section leads to one: at night nobody searches the page for it.
func TestDocuments_LinksToSectionsLeadToOne(t *testing.T) {
	t.Parallel()
	texts, followed := documents(t), 0
	for name, text := range texts {
		for _, match := range anchored.FindAllStringSubmatch(text, -1) {
			target := name
			if match[1] != "" {
				target = filepath.ToSlash(filepath.Join(filepath.Dir(name), match[1]))
			}
			var sections []string
			for _, title := range sectionTitle.FindAllStringSubmatch(texts[target], -1) {
				sections = append(sections, strings.ReplaceAll(unslug.ReplaceAllString(strings.ToLower(title[1]), ""), " ", "-"))
			}
			require.Contains(t, sections, match[2], "%s links to %s#%s", name, target, match[2])
			followed++
		}
	}
	require.Greater(t, followed, 10)
}
