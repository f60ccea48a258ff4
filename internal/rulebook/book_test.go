package rulebook_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	root     = "../.."
	bookPath = root + "/docs/rules.md"
)

// rule is one section of the rule book.
type rule struct {
	id    string
	text  string
	built status
	// places are where it is decided; tests prove it.
	places []place
	tests  []namedTest
}

type status string

const (
	built  status = "**Built.**"
	inPart status = "**In part**:"
	later  status = "**A later issue.**"
)

// place is a declaration in a file.
type place struct{ file, name string }

// namedTest is a test in a package.
type namedTest struct{ dir, name string }

var (
	heading    = regexp.MustCompile(`(?m)^### (.+)$`)
	placeEntry = regexp.MustCompile("`([^`]+)` \\(`([^`]+)`\\)")
	testsEntry = regexp.MustCompile("(?m)^- `([^`]+)`: (.+)$")
	quoted     = regexp.MustCompile("`([^`]+)`")
)

// readBook parses docs/rules.md.
func readBook(t *testing.T) []rule {
	t.Helper()
	text, err := os.ReadFile(filepath.FromSlash(bookPath))
	require.NoError(t, err)
	var rules []rule
	for id, section := range sections(string(text)) {
		rules = append(rules, parseRule(t, id, section))
	}
	return rules
}

// sections yields each rule's id and the text below it.
func sections(book string) func(yield func(string, string) bool) {
	return func(yield func(string, string) bool) {
		headings := heading.FindAllStringSubmatchIndex(book, -1)
		for i, at := range headings {
			end := len(book)
			if i+1 < len(headings) {
				end = headings[i+1][0]
			}
			section, _, _ := strings.Cut(book[at[1]:end], "\n## ")
			if !yield(book[at[2]:at[3]], section) {
				return
			}
		}
	}
}

func parseRule(t *testing.T, id, section string) rule {
	t.Helper()
	r := rule{id: id}
	for line := range strings.SplitSeq(section, "\n") {
		if quote, is := strings.CutPrefix(line, "> "); is && !strings.HasPrefix(quote, "*") {
			r.text += quote
		}
		for _, s := range []status{built, inPart, later} {
			if strings.HasPrefix(line, string(s)) {
				require.Empty(t, r.built, "%s has two states", id)
				r.built = s
			}
		}
	}
	for _, match := range placeEntry.FindAllStringSubmatch(section, -1) {
		r.places = append(r.places, place{file: match[1], name: match[2]})
	}
	for _, match := range testsEntry.FindAllStringSubmatch(section, -1) {
		for _, name := range quoted.FindAllStringSubmatch(match[2], -1) {
			r.tests = append(r.tests, namedTest{dir: match[1], name: name[1]})
		}
	}
	return r
}

// withTests writes the lists of tests of a book anew.
func withTests(book string, proofs map[string][]namedTest) string {
	begin := heading.FindStringIndex(book)[0]
	text := strings.Builder{}
	text.WriteString(book[:begin])
	for id, section := range sections(book) {
		_, group, hasGroup := strings.Cut(book, "### "+id+"\n"+strings.TrimPrefix(section, "\n"))
		section = listOfTests.ReplaceAllString(section, "")
		text.WriteString("### " + id + "\n\n" + strings.TrimSpace(section) + "\n\n" + testList(proofs[id]))
		if title, is := strings.CutPrefix(group, "\n## "); hasGroup && is {
			line, _, _ := strings.Cut(title, "\n")
			text.WriteString("## " + line + "\n\n")
		}
	}
	return strings.TrimRight(text.String(), "\n") + "\n"
}

var listOfTests = regexp.MustCompile("(?m)^(Proven by:|- `.*)\n?")

func testList(tests []namedTest) string {
	if len(tests) == 0 {
		return ""
	}
	byDir := map[string][]string{}
	var dirs []string
	for _, test := range tests {
		if byDir[test.dir] == nil {
			dirs = append(dirs, test.dir)
		}
		byDir[test.dir] = append(byDir[test.dir], "`"+test.name+"`")
	}
	slices.Sort(dirs)
	var text strings.Builder
	text.WriteString("Proven by:\n\n")
	for _, dir := range dirs {
		slices.Sort(byDir[dir])
		text.WriteString("- `" + dir + "`: " + strings.Join(slices.Compact(byDir[dir]), ", ") + "\n")
	}
	return text.String() + "\n"
}
