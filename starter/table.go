package main

import (
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// row is one line of a table.
type row = table.Row

// number is one that is written already, such as 7.50; it is aligned as numbers are.
type number string

// table prints rows under a title, which may be empty, as a table for people. Where
// there are no rows it prints nothing.
func (t *terminal) table(title string, header row, rows ...row) {
	if t.json || len(rows) == 0 {
		return
	}
	writer := table.NewWriter()
	style := table.StyleRounded
	style.Format.Header = text.FormatDefault
	if t.colour {
		style.Color.Header = text.Colors{text.Bold}
	}
	writer.SetStyle(style)
	writer.AppendHeader(header)
	for _, line := range rows {
		writer.AppendRow(line)
	}
	writer.SetColumnConfigs(t.columns(header, rows))
	if title != "" {
		t.say("\n%s", t.bold(title))
	}
	t.say("%s", writer.Render())
}

// Where the text of a cell is broken into lines: never within an id, and nothing is
// cut off, however narrow the terminal.
const (
	widestCell = 60
	longestID  = 36
)

func (t *terminal) cellWidth() int {
	if t.width == 0 {
		return widestCell
	}
	return min(widestCell, max(longestID, t.width/3))
}

// columns align numbers to the right and break long texts.
func (t *terminal) columns(header row, rows []row) []table.ColumnConfig {
	configs := make([]table.ColumnConfig, len(header))
	for i := range header {
		configs[i] = table.ColumnConfig{Number: i + 1, WidthMax: t.cellWidth(), WidthMaxEnforcer: text.WrapSoft}
		switch rows[0][i].(type) {
		case int, number:
			configs[i].Align, configs[i].AlignHeader = text.AlignRight, text.AlignRight
		}
	}
	return configs
}

func (t *terminal) bold(words string) string { return t.paint(words, text.Bold) }

// alert marks what somebody must do.
func (t *terminal) alert(words string) string { return t.paint(words, text.FgYellow, text.Bold) }

func (t *terminal) paint(words string, colors ...text.Color) string {
	if !t.colour || words == "" {
		return words
	}
	return text.Colors(colors).Sprint(words)
}

// orDash shows that there is nothing. What comes from data is kept from steering the
// terminal.
func orDash(words string) string {
	if strings.TrimSpace(words) == "" {
		return "-"
	}
	return printable(words)
}
