package main

import (
	"encoding/csv"
	"fmt"
	"strings"
)

// sheet is a table for other programs: columns with stable names, quantities as plain
// decimals.
type sheet struct {
	columns []string
	rows    [][]string
}

// csv prints a sheet with a header, as RFC 4180 has it.
func (t *terminal) csv(s sheet) error {
	writer := csv.NewWriter(t.out)
	if err := writer.Write(s.columns); err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	if err := writer.WriteAll(s.rows); err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	return nil
}

// free is a cell of text that people, or other systems, have written. A spreadsheet
// takes one that begins like a formula for a formula: an apostrophe in front makes it
// text (https://owasp.org/www-community/attacks/CSV_Injection).
func free(text string) string {
	if strings.IndexAny(text, "=+-@\t\r\n") == 0 {
		return "'" + text
	}
	return text
}

// checkFormat refuses two forms of output at once.
func (t *terminal) checkFormat(csv bool) error {
	if csv && t.json {
		return usage("--csv and --json are two forms of one result: choose one")
	}
	return nil
}

// output prints a result in the form that was asked for: JSON, CSV, or for people.
func (t *terminal) output(csv bool, value any, table sheet, show func()) error {
	if csv {
		return t.csv(table)
	}
	t.result(value, show)
	return nil
}
