package config

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
)

// Problem is one thing that is wrong with one variable.
type Problem struct {
	Variable string
	What     string // continues the sentence that the variable begins
	Example  string // a value that would do, "" where none can be given
}

func (p Problem) String() string {
	text := p.Variable + " " + p.What
	if p.Example != "" {
		text += " (example: " + p.Variable + "=" + p.Example + ")"
	}
	return text
}

// InvalidError lists every problem of a configuration, at most one per variable.
// It repeats no value.
type InvalidError struct {
	Problems []Problem
}

func (e *InvalidError) Error() string {
	var text strings.Builder
	if len(e.Problems) == 1 {
		text.WriteString("the configuration has a problem:\n")
	} else {
		fmt.Fprintf(&text, "the configuration has %d problems:\n", len(e.Problems))
	}
	for _, problem := range e.Problems {
		text.WriteString("  " + problem.String() + "\n")
	}
	text.WriteString("run with -h to see every variable")
	return text.String()
}

// problemList keeps the first problem of each variable: what comes later, such as
// a rule about a value that could not be read, would only confuse.
type problemList []Problem

func (l *problemList) add(problems ...Problem) {
	for _, problem := range problems {
		known := slices.ContainsFunc(*l, func(p Problem) bool { return p.Variable == problem.Variable })
		if !known {
			*l = append(*l, problem)
		}
	}
}

func (l problemList) err() error {
	if len(l) == 0 {
		return nil
	}
	return &InvalidError{Problems: l}
}

// between, oneOf and listenAddress are the rules that several parts share.

func between(name string, value, low, high int) []Problem {
	if low <= value && value <= high {
		return nil
	}
	return []Problem{{Variable: name, What: fmt.Sprintf("must be %d to %d", low, high)}}
}

func oneOf(name, value string, words ...string) []Problem {
	if slices.Contains(words, value) {
		return nil
	}
	last := len(words) - 1
	return []Problem{{Variable: name, What: "must be " + strings.Join(words[:last], ", ") + " or " + words[last]}}
}

func listenAddress(name, value string) []Problem {
	_, port, err := net.SplitHostPort(value)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err == nil {
		return nil
	}
	return []Problem{{Variable: name, What: "must be host:port with a port of 0 to 65535"}}
}
