package bench

import (
	"regexp"
	"strings"
)

// splitPlan parts the statement's text from its plan, whose first line is the first
// one with costs.
func splitPlan(body []string) (query string, nodes []string) {
	for i, line := range body {
		if strings.Contains(line, "(cost=") {
			query := strings.TrimPrefix(strings.Join(body[:i], " "), "Query Text:")
			return strings.Join(strings.Fields(query), " "), body[i:]
		}
	}
	return "", nil
}

// statementStart is how much of a statement is shown.
const statementStart = 110

func beginning(query string) string {
	runes := []rune(query)
	if len(runes) <= statementStart {
		return query
	}
	return string(runes[:statementStart]) + " …"
}

var (
	// guesses are costs and widths; what was expected in rows stays.
	guesses = regexp.MustCompile(`cost=\S+ (rows=\d+) width=\d+\) \(`)
	// kept are the lines that tell where time and rows went.
	kept = regexp.MustCompile(`\(actual |\(never executed|^\s*(CTE|InitPlan|SubPlan|Rows Removed|Sort Method|Buckets|Buffers|Batches|Conflicting|Tuples Inserted|Trigger|JIT|Timing)`)
)

// planLines bounds what is shown of one plan.
const planLines = 70

// essential are the lines of a plan without conditions and costs. Buffers are shown
// of the whole statement alone.
func essential(nodes []string) []string {
	var lines []string
	buffers := false
	for _, line := range nodes {
		isBuffers := strings.HasPrefix(strings.TrimSpace(line), "Buffers:")
		if !kept.MatchString(line) || isBuffers && buffers {
			continue
		}
		buffers = buffers || isBuffers
		lines = append(lines, guesses.ReplaceAllString(line, "expected $1, "))
	}
	if len(lines) > planLines {
		lines = append(lines[:planLines], "…")
	}
	return lines
}
