package bench

import (
	"regexp"
	"strconv"
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
	// node is a line of a step, with the time of one loop and the number of loops.
	node = regexp.MustCompile(`\(actual time=\S+\.\.([0-9.]+) rows=\d+ loops=(\d+)\)`)
	// trigger is a line of what ran once a row, foreign keys among it.
	trigger = regexp.MustCompile(`^Trigger .*: time=([0-9.]+) calls=\d+$`)
	// label names the part that the next step belongs to.
	label = regexp.MustCompile(`^\s*(CTE|InitPlan|SubPlan)`)
	// detail are the lines that tell what a step had to do with.
	detail = regexp.MustCompile(`^\s*(Rows Removed|Sort Method|Buckets|Batches|Buffers|Conflicting|Tuples Inserted|JIT|Timing)`)
)

const (
	// leastShare is the share of a statement's time below which a step is left out.
	leastShare = 0.02
	// planLines bounds what is shown of one plan.
	planLines = 60
)

// essential are the steps and triggers of a plan that took a share of its time, without conditions
// and costs. Buffers are shown of the whole statement alone.
func essential(nodes []string, took float64) []string {
	var (
		lines   []string
		pending string
		shown   bool
	)
	for i, line := range nodes {
		switch found := node.FindStringSubmatch(line); {
		case label.MatchString(line):
			pending = line
			continue
		case found != nil:
			shown = i == 0 || milliseconds(found) >= leastShare*took
			if shown && pending != "" {
				lines = append(lines, pending)
			}
			pending = ""
		case trigger.MatchString(line):
			shown = milliseconds(append(trigger.FindStringSubmatch(line), "1")) >= leastShare*took
		case strings.Contains(line, "(never executed)"):
			shown, pending = false, ""
		case !detail.MatchString(line), isBuffers(line) && strings.Contains(strings.Join(lines, ""), "Buffers:"):
			continue
		}
		if shown {
			lines = append(lines, guesses.ReplaceAllString(line, "expected $1, "))
		}
	}
	if len(lines) > planLines {
		lines = append(lines[:planLines], "…")
	}
	return lines
}

func isBuffers(line string) bool { return strings.HasPrefix(strings.TrimSpace(line), "Buffers:") }

// milliseconds is what all loops of a step took.
func milliseconds(found []string) float64 {
	once, _ := strconv.ParseFloat(found[1], 64) // the pattern lets nothing else in
	loops, _ := strconv.ParseFloat(found[2], 64)
	return once * loops
}
