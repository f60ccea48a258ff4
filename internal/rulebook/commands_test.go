package rulebook_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// documents are the README and everything below docs.
func documents(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	read := func(name string) {
		text, err := os.ReadFile(filepath.Join(root, name))
		require.NoError(t, err)
		texts[filepath.ToSlash(name)] = string(text)
	}
	read("README.md")
	err := filepath.WalkDir(filepath.Join(root, "docs"), func(name string, _ fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(name) == ".md" {
			relative, _ := filepath.Rel(root, name)
			read(relative)
		}
		return err
	})
	require.NoError(t, err)
	return texts
}

var shellBlock = regexp.MustCompile("(?ms)^```sh\n(.*?)^```$")

var fence = regexp.MustCompile("(?m)^```(\\w*)")

// blocks are the kinds of blocks: commands stand in sh, where the next test sees them,
// what is shown on a screen in text, and what is pasted elsewhere in query and promql.
var blocks = []string{"sh", "mermaid", "text", "query", "promql"}

func TestDocuments_BlocksAreOfKnownKinds(t *testing.T) {
	t.Parallel()
	for name, text := range documents(t) {
		for i, match := range fence.FindAllStringSubmatch(text, -1) {
			if i%2 == 0 {
				require.Contains(t, blocks, match[1], name)
			}
		}
	}
}

// Every command that a document shows is one that exists, with flags that exist.
func TestDocuments_CommandsExist(t *testing.T) {
	t.Parallel()
	shown := 0
	for name, text := range documents(t) {
		for _, block := range shellBlock.FindAllStringSubmatch(text, -1) {
			for line := range strings.SplitSeq(block[1], "\n") {
				command, _, _ := strings.Cut(line, "  #")
				words := strings.Fields(command)
				if len(words) == 0 || strings.HasPrefix(words[0], "#") {
					continue
				}
				shown++
				checkCommand(t, name, words)
			}
		}
	}
	require.Greater(t, shown, 10)
}

// checkCommand holds one command line against what there is.
func checkCommand(t *testing.T, document string, words []string) {
	t.Helper()
	at := document + ": " + strings.Join(words, " ")
	for strings.Contains(words[0], "=") { // VARIABLE=value in front of it
		words = words[1:]
	}
	switch words[0] {
	case "make":
		checkMake(t, at, words[1:])
	case "starter", ".stack/bin/starter":
		checkStarter(t, at, words[1:])
	case "docker":
		checkCompose(t, at, words[1:])
	case "go":
		checkGoTest(t, at, words[1:])
	case "source":
		up, err := os.ReadFile(filepath.Join(root, "internal", "system", "cmd", "up", "main.go"))
		require.NoError(t, err)
		require.Equal(t, ".stack/env", words[1], at)
		require.Contains(t, string(up), `".stack", "env"`, at)
	case ".ci/run":
		require.FileExists(t, filepath.Join(root, ".ci", "run"), at)
	case "curl":
		require.Regexp(t, `^http://localhost:9464/(healthz|readyz|metrics)$`, words[1], at)
	case "cp":
		require.FileExists(t, filepath.Join(root, words[1]), at)
	case "grep":
		require.DirExists(t, filepath.Join(root, words[len(words)-1]), at)
	default:
		require.Fail(t, "no test knows this command", at)
	}
}

func checkMake(t *testing.T, at string, targets []string) {
	t.Helper()
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	require.NoError(t, err)
	for _, target := range targets {
		if !strings.Contains(target, "=") {
			require.Regexp(t, `(?m)^`+regexp.QuoteMeta(target)+`:`, string(makefile), at)
		}
	}
}

// programs is where starter is built; it outlives any one test.
var programs string

// starter builds the program once.
var starter = sync.OnceValues(func() (string, error) {
	program := filepath.Join(programs, "starter")
	build := exec.Command("go", "build", "-o", program, "./starter")
	build.Dir = root
	build.Stderr = os.Stderr
	return program, build.Run()
})

var longFlag = regexp.MustCompile(`--[a-z][a-z-]*`)

// checkStarter asks the program itself: each word that is a command must have help
// of its own, which must name every flag.
func checkStarter(t *testing.T, at string, words []string) {
	t.Helper()
	program, err := starter()
	require.NoError(t, err)
	first := slices.IndexFunc(words, func(word string) bool { return strings.HasPrefix(word, "-") })
	if first < 0 {
		first = len(words)
	}
	help, err := exec.Command(program, append(slices.Clone(words[:first]), "-h")...).Output()
	require.NoError(t, err, at)
	require.Contains(t, string(help), strings.Join(append([]string{"starter"}, words[:first]...), " "), at)
	known := longFlag.FindAllString(string(help), -1)
	for _, word := range words[first:] {
		if flag := longFlag.FindString(word); strings.HasPrefix(word, "--") {
			require.Contains(t, known, flag, at)
		}
	}
}

// checkCompose looks at verbs and services; the file itself is tested in deploy.
func checkCompose(t *testing.T, at string, words []string) {
	t.Helper()
	require.Equal(t, "compose", words[0], at)
	compose, err := os.ReadFile(filepath.Join(root, "docker-compose.yml"))
	require.NoError(t, err)
	plain := slices.DeleteFunc(slices.Clone(words[1:]), func(word string) bool { return strings.HasPrefix(word, "-") })
	require.Contains(t, []string{"up", "down", "logs", "run", "ps", "stop"}, plain[0], at)
	if len(plain) == 1 {
		return
	}
	require.Regexp(t, `(?m)^  `+regexp.QuoteMeta(plain[1])+`:$`, string(compose), at)
	if plain[0] == "run" {
		service := slices.Index(words, plain[1])
		require.Equal(t, "starter", plain[1], at)
		checkStarter(t, at, words[service+1:])
	}
}

func checkGoTest(t *testing.T, at string, words []string) {
	t.Helper()
	require.Equal(t, "test", words[0], at)
	for _, word := range words[1:] {
		if strings.HasPrefix(word, "./") {
			require.DirExists(t, filepath.Join(root, strings.TrimSuffix(word, "...")), at)
		}
	}
}

var (
	link     = regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`)
	codePath = regexp.MustCompile("`((?:internal|workflows|activities|starter|worker|docs|deploy)/[A-Za-z0-9_./-]*)`")
)

// Links between documents, and paths that they name, lead somewhere.
func TestDocuments_LinksAndPathsExist(t *testing.T) {
	t.Parallel()
	for name, text := range documents(t) {
		for _, match := range link.FindAllStringSubmatch(text, -1) {
			target := filepath.Join(root, filepath.Dir(name), match[1])
			_, err := os.Stat(target)
			require.NoError(t, err, "%s links to %s", name, match[1])
		}
		for _, match := range codePath.FindAllStringSubmatch(text, -1) {
			_, err := os.Stat(filepath.Join(root, match[1]))
			require.NoError(t, err, "%s names %s", name, match[1])
		}
	}
}

// Every decision is in the index, and has the same three parts.
func TestDocuments_DecisionsAreIndexed(t *testing.T) {
	t.Parallel()
	index := documents(t)["docs/adr/README.md"]
	number := 0
	for name, text := range documents(t) {
		base := filepath.Base(name)
		if filepath.Dir(name) != "docs/adr" || base == "README.md" {
			continue
		}
		number++
		require.Regexp(t, `^\d{4}-[a-z0-9-]+\.md$`, base)
		require.Contains(t, index, "("+base+")")
		for _, part := range []string{"\n## Context\n", "\n## Decision\n", "\n## Consequences\n"} {
			require.Contains(t, text, part, name)
		}
	}
	require.Equal(t, number, strings.Count(index, ".md)"), "the index names what does not exist")
}

// The documents are complete in themselves and written for people elsewhere.
func TestDocuments_NamePrivateThingsNowhere(t *testing.T) {
	t.Parallel()
	for name, text := range documents(t) {
		for _, word := range []string{"/work/", "/root/", "/home/", "TODO", "FIXME", "XXX"} {
			require.NotContains(t, text, word, name)
		}
	}
}
