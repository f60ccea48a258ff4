package domain

import "fmt"

// The notices of an export; the subject is its period.

// ExportChangedNotice tells that entries changed after they were exported (X12).
// Exporting again is what mends it.
func ExportChangedNotice(again ExportRequest, entries int) Notice {
	return Notice{
		Cause:    CauseExportedChanged,
		Subject:  again.Period.String(),
		Severity: SeverityWarning,
		NextStep: fmt.Sprintf("%s changed since the export of %s to %s, and nothing is sent by itself (X12). "+
			"See what is different with: %s --preview. Then export the period again with: %s.",
			countOf(entries, "entry", "entries"), again.Period.From, again.Period.To, again.Command(), again.Command()),
	}
}

// ExportIncompleteNotice tells that an export did not bring everything to Connexie
// (X9, X13, X17). The problem is a sentence of the rule that stopped it, with ids
// alone, or empty.
func ExportIncompleteNotice(again ExportRequest, exportID string, outcome ExportOutcome, problem string) Notice {
	if problem != "" {
		problem = " " + problem
	}
	return Notice{
		Cause:    CauseExportIncomplete,
		Subject:  again.Period.String(),
		Severity: SeverityWarning,
		NextStep: fmt.Sprintf("The export of %s to %s %s.%s "+
			"See what became of each venue with: starter export show --export %s. When it is mended, complete it with: %s.",
			again.Period.From, again.Period.To, incompleteWords[outcome], problem, exportID, again.Command()),
	}
}

var incompleteWords = map[ExportOutcome]string{
	ExportPartly:     "reached only some of the venues (X13)",
	ExportRefused:    "brought nothing to Connexie",
	ExportRejected:   "was rejected by Connexie, and nothing of it counts (X17)",
	ExportFailed:     "ended without a result",
	ExportSuperseded: "was replaced in Connexie by another one (X8)",
}

func countOf(number int, one, several string) string {
	if number == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", number, several)
}
