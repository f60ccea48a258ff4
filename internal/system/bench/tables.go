package bench

import (
	"fmt"
	"io"
	"slices"

	"github.com/jedib0t/go-pretty/v6/table"
)

// Print shows the tables on a terminal.
func (r *Report) Print(out io.Writer) {
	for _, t := range []table.Writer{rowTable(ofPeople, r.Rows), rowTable(ofEntries, r.Exports), r.naiveTable(), r.targetTable()} {
		if t.Length() == 0 {
			continue
		}
		t.SetStyle(table.StyleLight)
		fmt.Fprintln(out, t.Render())
		fmt.Fprintln(out)
	}
}

// rowTable shows rows of one kind of work, whose size is a number of something.
func rowTable(of string, rows []*Row) table.Writer {
	t := table.NewWriter()
	t.AppendHeader(table.Row{of, "scenario", "worker, s", "min to max", "floor, s", "min to max", "ratio", "events", "memory, MiB"})
	for _, row := range rows {
		t.AppendRow(table.Row{
			thousands(row.Size), row.Title, seconds(row.Worker.Median()), row.Worker.spread(),
			seconds(row.Floor.Median()), row.Floor.spread(), fmt.Sprintf("%.2f", row.Ratio()), row.Events,
			fmt.Sprintf("%.0f", row.Memory),
		})
	}
	return t
}

func (r *Report) naiveTable() table.Writer {
	t := table.NewWriter()
	t.AppendHeader(table.Row{"people", "way", "PostgreSQL", "seconds", "people a second", "events", "worker faster by"})
	for _, naive := range r.Naive {
		t.AppendRow(table.Row{
			thousands(naive.People), naive.Way, whereabouts(naive.Away), seconds(naive.Seconds), fmt.Sprintf("%.0f", naive.Rate()),
			orDash(naive.Events > 0, thousands(naive.Events)), orDash(naive.Factor > 0, fmt.Sprintf("%.1f x", naive.Factor)),
		})
	}
	return t
}

func whereabouts(away string) string {
	if away == "" {
		return "here"
	}
	return away + " away"
}

func orDash(there bool, text string) string {
	if !there {
		return "–"
	}
	return text
}

func (r *Report) targetTable() table.Writer {
	t := table.NewWriter()
	t.AppendHeader(table.Row{"size", "scenario", "target", "measured", "met"})
	for _, target := range r.Targets {
		met := "yes"
		if !target.Met {
			met = "no"
		}
		t.AppendRow(table.Row{target.Size, target.Title, target.Wanted, target.Measured, met})
	}
	return t
}

// spread shows the shortest and the longest.
func (s Seconds) spread() string {
	if len(s) < 2 {
		return "once"
	}
	return seconds(slices.Min(s)) + " to " + seconds(slices.Max(s))
}

// seconds writes three significant digits or so.
func seconds(s float64) string {
	switch {
	case s < 1:
		return fmt.Sprintf("%.3f", s)
	case s < 10:
		return fmt.Sprintf("%.2f", s)
	}
	return fmt.Sprintf("%.1f", s)
}
