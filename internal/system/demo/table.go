package demo

import (
	"strconv"

	"github.com/jedib0t/go-pretty/v6/table"
)

// table prints rows under a header, the way the starter does.
func (s *Story) table(header []string, lines [][]string) {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.AppendHeader(cells(header))
	for _, line := range lines {
		t.AppendRow(cells(line))
	}
	s.say("\n%s\n\n", indent(t.Render()))
}

func cells(texts []string) table.Row {
	row := make(table.Row, 0, len(texts))
	for _, text := range texts {
		row = append(row, text)
	}
	return row
}

func (s *Story) counts(header string, words []word) {
	lines := make([][]string, 0, len(words))
	for _, w := range words {
		lines = append(lines, []string{w.Word, strconv.Itoa(w.Number)})
	}
	s.table([]string{header, "number"}, lines)
}
