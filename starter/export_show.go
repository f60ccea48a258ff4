package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/eitje/connexie-worker/internal/app"
)

// showExportReport prints how an export ended: its rows, at most so many of each table,
// what needs somebody, and what comes next.
func (t *terminal) showExportReport(report app.ExportReport, most int) {
	t.showExportPeople(report.People, most)
	t.showDifferences(report.Differences, most)
	t.showReceipt(report.Receipt, most)
	t.showVenueProblems(report.Export)
	t.showCorrections(report.Corrections, most)
	t.showRejected(report.Rejected, most)
	t.showLeftOutCounts(report.LeftOutCounts)
	t.showUnmappedOf(report)
	t.say("")
	t.showExport(report.Export)
}

// showExport prints how an export stands: a line, its reason, the next step.
func (t *terminal) showExport(export app.Export) {
	took := ""
	if !export.ClosedAt.IsZero() {
		took = " in " + elapsed(export.ClosedAt.Sub(export.StartedAt))
	}
	t.say("%s %s: %s%s", t.bold(exportKind(export)), export.ExportID,
		t.outcome(words(string(export.Outcome)), exportStage(export.Stage)), took)
	t.say("%s to %s, %s%s", export.From, export.To, kindWords(export.Kinds), exportSize(export))
	if days := export.Counts["days_to_come"]; days > 0 {
		t.say("%s", t.alert(verbal(days, "day of the period is", "days of the period are")+
			" still to come: what is approved later is not in it (X10)."))
	}
	if export.Problem != "" {
		t.say("%s", t.alert("Reason:"))
		for sentence := range strings.Lines(export.Problem) {
			t.say("  %s", printable(strings.TrimSpace(sentence)))
		}
	}
	if export.Link != "" {
		t.say("Temporal UI: %s", export.Link)
	}
	t.say("Next: %s", printable(export.NextStep))
}

// exportSize tells how much an export is.
func exportSize(export app.Export) string {
	if export.Counts["lines"]+export.Counts["skipped"]+export.Counts["venues"] == 0 {
		return "" // nothing has been collected, or there was nothing
	}
	text := fmt.Sprintf(": %s of %s at %s", counted(export.Counts["lines"], "line"),
		verbal(export.Counts["entries"], "entry", "entries"), counted(export.Counts["venues"], "venue"))
	if left := export.Counts["skipped"]; left > 0 {
		text += fmt.Sprintf(", %d left out", left)
	}
	return text
}

// verbal writes a number with the words for one or for many.
func verbal(number int, one, many string) string {
	if number == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", number, many)
}

// cut prints the first rows of a table and says where there are more.
func (t *terminal) cut(title string, header row, rows []row, most int) {
	t.table(title, header, rows[:min(len(rows), most)]...)
	if more := len(rows) - most; more > 0 {
		t.say("And %d more: --limit %d, or --csv", more, maxItems)
	}
}

func (t *terminal) showExportPeople(people []app.ExportPerson, most int) {
	var rows []row
	for _, person := range people {
		rows = append(rows, row{
			printable(person.Name), person.ConnexieID, what(string(person.Kind), person.Type), orDash(person.Code), person.Lines,
			quantity(string(person.Kind), person.Quantity),
		})
	}
	t.cut("What would be sent", row{"name", "connexie id", "what", "code", "lines", "quantity"}, rows, most)
}

var differenceHeader = row{"", "name", "connexie id", "day", "what", "code", "was", "is"}

func (t *terminal) showDifferences(differences []app.Difference, most int) {
	t.cut("What that would change of what Connexie holds", differenceHeader, t.differenceRows(differences), most)
}

func (t *terminal) showCorrections(corrections []app.Difference, most int) {
	t.cut("Correction sheet: payroll has run, so this is corrected in Connexie by hand (X9)",
		differenceHeader, t.differenceRows(corrections), most)
}

func (t *terminal) differenceRows(differences []app.Difference) []row {
	var rows []row
	for _, d := range differences {
		rows = append(rows, row{
			t.change(d.Change), printable(d.Name), orDash(d.ConnexieID), d.Day.String(), what(string(d.Kind), d.Type), printable(d.Code),
			quantity(string(d.Kind), d.Was), quantity(string(d.Kind), d.Is),
		})
	}
	return rows
}

// change marks what is taken away.
func (t *terminal) change(word string) string {
	if word == app.ChangeRemoved {
		return t.alert(word)
	}
	return word
}

func (t *terminal) showReceipt(lines []app.ReceiptLine, most int) {
	var rows []row
	for _, line := range lines {
		equal := "yes"
		switch {
		case line.ReadBack == nil:
			equal = "-"
		case !line.Equal:
			equal = t.alert("NO")
		}
		rows = append(rows, row{
			orDash(line.Venue), line.ConnexieVenueID, t.venueState(string(line.State)), orDash(line.Code), known(line.Lines),
			sentOf(line), number(orDash(optional(line.ReadBack))), equal,
		})
	}
	t.cut("Receipt: what was sent, and what Connexie read back",
		row{"venue", "id", "state", "code", "lines", "sent", "read back", "equal"}, rows, most)
}

// sentOf is what was sent of a code: nothing where the venue was refused before.
func sentOf(line app.ReceiptLine) number {
	switch line.State {
	case "planned", "refused":
		return "-"
	}
	return number(total(line.Sent))
}

// known is a number that may not be known any more.
func known(lines *int) number {
	if lines == nil {
		return "-"
	}
	return number(strconv.Itoa(*lines))
}

func (t *terminal) venueState(state string) string {
	switch state {
	case "exported", "planned", "sending", "committed":
		return state
	}
	return t.alert(state)
}

// showVenueProblems prints the venues that were not exported, and why (X13).
func (t *terminal) showVenueProblems(export app.Export) {
	var rows []row
	for _, venue := range export.Venues {
		if venue.Problem != "" {
			rows = append(rows, row{venue.ConnexieVenueID, t.venueState(string(venue.State)), printable(venueProblem(venue.Problem))})
		}
	}
	t.table("Venues that need somebody", row{"venue", "state", "reason"}, rows...)
}

// showRejected prints the lines that Connexie rejected, with who they are about (X17).
func (t *terminal) showRejected(lines []app.RejectedLine, most int) {
	var rows []row
	for _, line := range lines {
		rows = append(rows, row{
			line.Line, printable(line.Name), line.ConnexieID, line.Day.String(), what(string(line.Kind), line.Type),
			quantity(string(line.Kind), line.Quantity), line.EntryID, orDash(line.Problem),
		})
	}
	t.cut("Lines that Connexie rejected: nothing of their venue counts until they are mended (X17)",
		row{"line", "name", "connexie id", "day", "what", "quantity", "entry", "Connexie says"}, rows, most)
}

func (t *terminal) showLeftOutCounts(counts []app.LeftOutCount) {
	var rows []row
	for _, count := range counts {
		rows = append(rows, row{count.Rule, reason(string(count.Reason)), count.Count})
	}
	t.table("Left out", row{"rule", "why", "how many"}, rows...)
}

// showUnmappedOf prints what has no code, with the two ways out (C6).
func (t *terminal) showUnmappedOf(report app.ExportReport) {
	if len(report.Unmapped) == 0 {
		return
	}
	t.showUnmappedKinds(report.Unmapped)
	if report.Outcome == "needs_acknowledgement" {
		t.say("Or leave them out: --acknowledge-unmapped")
	}
}

func (t *terminal) showLeftOut(left []app.LeftOut) {
	var rows []row
	for _, one := range left {
		rows = append(rows, row{
			printable(one.Name), one.Day.String(), what(string(one.Kind), one.Type), one.Rule, reason(string(one.Reason)), one.EntryID,
		})
	}
	t.table("Left out", row{"name", "day", "what", "rule", "why", "entry"}, rows...)
}

func (t *terminal) showExportLines(lines []app.ExportLine) {
	var rows []row
	for _, line := range lines {
		rows = append(rows, row{
			line.Line, line.ConnexieVenueID, line.ConnexieID, line.Day.String(), what(string(line.Kind), line.Type), printable(line.Code),
			quantity(string(line.Kind), line.Quantity), line.EntryID,
		})
	}
	t.table("Lines", row{"line", "venue", "connexie id", "day", "what", "code", "quantity", "entry"}, rows...)
}

func (t *terminal) showExports(exports []app.Export) {
	t.sayIfNone(len(exports), "There has been no export yet. Begin with: starter export -h")
	var rows []row
	for _, export := range exports {
		mode := "export"
		if export.Preview() {
			mode = "preview"
		}
		rows = append(rows, row{
			export.ExportID, when(export.StartedAt), mode, fmt.Sprintf("%s to %s", export.From, export.To), kindWords(export.Kinds),
			export.Counts["lines"], t.outcome(words(string(export.Outcome)), exportStage(export.Stage)), export.RequestedBy,
		})
	}
	t.table("", row{"export", "started", "", "period", "kinds", "lines", "outcome", "asked by"}, rows...)
	if len(rows) > 0 {
		t.say("One in full: starter export show --export ID")
	}
}
