package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Unknown returns a sentence for each variable in environ (as of os.Environ) that
// looks meant for this program and is not read by it: a warning, never an error,
// since other programs may share a prefix. Values are not repeated.
func Unknown(environ []string) []string {
	known := knownNames()
	var warnings []string
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		if slices.Contains(known, name) || readByOthers.MatchString(name) {
			continue
		}
		near := nearest(name, known)
		switch {
		case near != "":
			warnings = append(warnings, fmt.Sprintf("%s is not a variable of this program: did you mean %s?", name, near))
		case ownPrefix.MatchString(name):
			warnings = append(warnings, fmt.Sprintf("%s is not a variable of this program and has no effect", name))
		}
	}
	slices.Sort(warnings)
	return warnings
}

var (
	ownPrefix = regexp.MustCompile(`^(CONNEXIE|WORKER|ENCRYPTION|DATABASE|SMTP|TEMPORAL)_`)

	// readByOthers are gRPC headers, what Temporal's UI reads, and the
	// addresses that Kubernetes sets for every service it runs.
	readByOthers = regexp.MustCompile(`^TEMPORAL_(GRPC_META|CODEC)_|_SERVICE_(HOST|PORT)(_|$)|_PORT(_\d+_(TCP|UDP)|$)`)
)

// knownNames are those of both processes: what one reads is no mistake in the
// environment of the other.
func knownNames() []string {
	var names []string
	for _, part := range append(partsOf(Worker{}), partsOf(Starter{})...) {
		for _, v := range part {
			names = append(names, v.name)
		}
	}
	return names
}

// nearest returns the known name that name is a slip of the finger away from, ""
// for none. Under our own prefixes two slips are allowed.
func nearest(name string, known []string) string {
	slips := 1
	if ownPrefix.MatchString(name) {
		slips = 2
	}
	for _, candidate := range known {
		if distance(name, candidate) <= slips {
			return candidate
		}
	}
	return ""
}

// distance counts the insertions, deletions and replacements of a byte between a
// and b (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
