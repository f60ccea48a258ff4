package config

import (
	"fmt"
	"io"
	"strings"
)

// usageWidth leaves some sixty columns to the meaning, beside the long names of
// Temporal.
const usageWidth = 120

// maxFallback keeps one long default from pushing every meaning to the right; a
// longer one moves into the meaning.
const maxFallback = 14

// Usage prints every variable of spec, [Worker] or [Starter], as a table of name,
// default and meaning, a group per part. It reads no environment. The error is
// that of the writer.
func Usage(w io.Writer, spec any) error {
	parts := partsOf(spec)
	nameWidth := 0
	for _, part := range parts {
		for _, v := range part {
			nameWidth = max(nameWidth, len(v.name))
		}
	}
	var table strings.Builder
	table.WriteString("Environment variables. Blank counts as not set; \"required\" means by everything that uses it.\n")
	for _, part := range parts {
		table.WriteString("\n")
		for _, v := range part {
			writeRow(&table, v, nameWidth)
		}
	}
	_, err := io.WriteString(w, table.String())
	return err
}

// writeRow wraps the meaning within its own column.
func writeRow(table *strings.Builder, v variable, nameWidth int) {
	fallback, meaning := defaultAndMeaning(v)
	left := fmt.Sprintf("  %-*s  %-*s  ", nameWidth, v.name, maxFallback, fallback)
	for _, line := range wrap(meaning, usageWidth-len(left)) {
		table.WriteString(left + line + "\n")
		left = strings.Repeat(" ", len(left))
	}
}

func defaultAndMeaning(v variable) (fallback, meaning string) {
	switch {
	case v.required:
		return "required", v.meaning + " Example: " + v.example
	case v.fallback == "":
		return "-", v.meaning
	case len(v.fallback) > maxFallback:
		return "see there", v.meaning + " Default: " + v.fallback + "."
	default:
		return v.fallback, v.meaning
	}
}

// wrap breaks text at spaces into lines of at most width bytes; a longer word
// stays whole.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == "":
			line = word
		case len(line)+1+len(word) > width:
			lines = append(lines, line)
			line = word
		default:
			line += " " + word
		}
	}
	return append(lines, line)
}
