package rulebook_test

import (
	"flag"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the lists of tests in docs/rules.md anew, and follow what has moved")

// groups are the letters of the rules and how many of each there are.
var groups = []struct {
	letter string
	number int
}{{"C", 9}, {"S", 22}, {"E", 7}, {"X", 18}, {"N", 7}}

func ids() []string {
	var all []string
	for _, group := range groups {
		for i := range group.number {
			all = append(all, fmt.Sprintf("%s%d", group.letter, i+1))
		}
	}
	return all
}

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	var err error
	if programs, err = os.MkdirTemp("", "rulebook-*"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(programs) }()
	return m.Run()
}

func TestRules_EveryOneIsThereOnceInOrder(t *testing.T) {
	t.Parallel()
	var found []string
	for _, rule := range readBook(t) {
		found = append(found, rule.id)
		require.NotEmpty(t, rule.text, "%s says nothing", rule.id)
		require.NotEmpty(t, rule.built, "%s does not say whether it is built", rule.id)
	}
	require.Equal(t, ids(), found)
}

func TestRules_PlacesExist(t *testing.T) {
	t.Parallel()
	for _, rule := range readBook(t) {
		if rule.built != later {
			require.NotEmpty(t, rule.places, "%s is built and says nowhere", rule.id)
		}
		for _, place := range rule.places {
			require.True(t, declares(t, place), "%s: %s declares no %s%s", rule.id, place.file, place.name, movedTo(t, place))
		}
	}
}

// movedTo tells where in its package a declaration is now.
func movedTo(t *testing.T, p place) string {
	t.Helper()
	if file := fileOf(t, path.Dir(p.file), p.name); file != "" {
		return "; it is in " + file + " now: run go test ./internal/rulebook -update"
	}
	return ""
}

// following rewrites places whose declaration has moved within its package.
func following(t *testing.T, book string, rules []rule) string {
	t.Helper()
	for _, rule := range rules {
		for _, p := range rule.places {
			if file := fileOf(t, path.Dir(p.file), p.name); !declares(t, p) && file != "" {
				book = strings.ReplaceAll(book, "`"+p.file+"` (`"+p.name+"`)", "`"+file+"` (`"+p.name+"`)")
			}
		}
	}
	return book
}

// It runs before the parallel ones, because it may write what they read.
func TestRules_TestsExistAndNameTheRule(t *testing.T) {
	byRule, all := proofs(t)
	if *update {
		text, err := os.ReadFile(filepath.FromSlash(bookPath))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.FromSlash(bookPath), []byte(withTests(following(t, string(text), readBook(t)), byRule)), 0o600))
	}
	for _, rule := range readBook(t) {
		if rule.built != later {
			require.NotEmpty(t, rule.tests, "%s is built and no test proves it", rule.id)
		}
		for _, test := range rule.tests {
			require.True(t, slices.Contains(all, test),
				"%s: there is no %s in %s; run: go test ./internal/rulebook -update", rule.id, test.name, test.dir)
			require.True(t, slices.Contains(byRule[rule.id], test), "%s in %s does not name %s", test.name, test.dir, rule.id)
		}
	}
}

// A rule that a test names is in the book, and its proof too: none is forgotten.
func TestRules_WhatTestsNameIsInTheBook(t *testing.T) {
	t.Parallel()
	byRule, _ := proofs(t)
	known := map[string]bool{}
	for _, rule := range readBook(t) {
		known[rule.id] = true
		require.True(t, rule.built == later || len(byRule[rule.id]) > 0, "no test names %s", rule.id)
	}
	for id, tests := range byRule {
		require.True(t, known[id], "%v names %s, which is no rule", tests, id)
	}
}
