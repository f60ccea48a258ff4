package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/govalues/decimal"
	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/app"
	"github.com/eitje/connexie-worker/internal/domain"
)

var november = domain.Period{From: domain.NewDate(2026, time.November, 1), To: domain.NewDate(2026, time.November, 30)}

func amountOf(text string) decimal.Decimal { return decimal.MustParse(text) }

func exampleExport(mode string, outcome domain.ExportOutcome) app.Export {
	return app.Export{
		ExportID: runID, ConnectionID: connectionID, WorkflowID: "export/" + connectionID, From: november.From, To: november.To,
		Kinds: domain.ExportKinds(), Mode: mode, RequestedBy: "cli", Stage: "closed", Done: 3, Total: 3,
		Counts:  domain.Counts{"lines": 3, "entries": 2, "venues": 1, "skipped": 3, "skipped.X1.not_approved": 2, "skipped.X6.zero_length": 1},
		Outcome: outcome, StartedAt: begun, ClosedAt: begun.Add(2 * time.Second), Venues: []app.ExportVenue{},
		NextStep: "Nothing.",
	}
}

func exampleWho() app.Who {
	return app.Who{TeamMemberID: memberID, ConnexieID: "emp_0001", Name: "Noor van der Berg"}
}

func exampleReport(mode string, outcome domain.ExportOutcome) app.ExportReport {
	return app.ExportReport{
		Export: exampleExport(mode, outcome),
		LeftOutCounts: []app.LeftOutCount{
			{Rule: "X1", Reason: "not_approved", Count: 2}, {Rule: "X6", Reason: "zero_length", Count: 1},
		},
	}
}

func examplePreview() app.ExportReport {
	report := exampleReport("preview", domain.ExportOK)
	report.Counts["days_to_come"] = 8
	report.NextStep = "To send it: starter export --connection …"
	report.People = []app.ExportPerson{
		{Who: exampleWho(), Kind: "hours", Code: "1000", Lines: 2, Quantity: amountOf("16.5")},
		{Who: exampleWho(), Kind: "meal", Type: "dinner", Code: "2000", Lines: 1, Quantity: amountOf("1")},
	}
	report.Differences = []app.Difference{exampleDifference("changed", "8", "7.5"), exampleDifference("removed", "1.25", "0")}
	return report
}

func exampleDifference(change, was, is string) app.Difference {
	return app.Difference{
		Who: exampleWho(), Change: change, ConnexieVenueID: "ven_brug", Day: november.From, Kind: "hours", Code: "1000",
		Was: amountOf(was), Is: amountOf(is),
	}
}

func exampleSent() app.ExportReport {
	report := exampleReport("apply", domain.ExportPartly)
	report.Problem = "Venue ven_strand was not exported."
	report.Venues = []app.ExportVenue{
		{ConnexieVenueID: "ven_brug", State: domain.VenueExported, Lines: 2, Sent: 2},
		{ConnexieVenueID: "ven_strand", State: domain.VenueRejected, Lines: 1, Sent: 1, ImportID: "imp_2", Problem: "LinesRejected"},
	}
	report.Receipt = []app.ReceiptLine{
		{ConnexieVenueID: "ven_brug", Venue: "Grand Café De Brug", State: domain.VenueExported, ImportID: "imp_1", Code: "1000",
			Lines: new(2), Sent: amountOf("16.5"), ReadBack: new(amountOf("16.50")), Equal: true},
		{ConnexieVenueID: "ven_strand", Venue: "Strand", State: domain.VenueRejected, ImportID: "imp_2", Code: "2000",
			Lines: new(1), Sent: amountOf("1")},
	}
	report.Rejected = []app.RejectedLine{{
		Who: exampleWho(), Line: 3, ConnexieVenueID: "ven_strand", EntryID: memberID, Day: november.To, Kind: "meal", Type: "dinner",
		Code: "2000", Quantity: amountOf("1"), Problem: "contract_not_active",
	}}
	return report
}

func exampleRefused() app.ExportReport {
	report := exampleReport("apply", domain.ExportRefused)
	report.Problem = "Payroll has run for every venue (X9)."
	report.Venues = []app.ExportVenue{{ConnexieVenueID: "ven_brug", State: domain.VenueRefused, Lines: 3, Problem: "PayrollAlreadyRun"}}
	report.Corrections = []app.Difference{exampleDifference("added", "0", "4")}
	return report
}

func exampleUnmapped() app.ExportReport {
	report := exampleReport("apply", domain.ExportNeedsAcknowledgement)
	report.Unmapped = exampleMappings().Unmapped
	return report
}

func exampleTicket() app.ExportTicket {
	return app.ExportTicket{
		ConnectionID: connectionID, WorkflowID: "export/" + connectionID, Link: "l", ExportID: runID, From: november.From, To: november.To,
		Kinds: []domain.ExportKind{domain.ExportHours}, Mode: "apply", Joined: true, Answered: true,
	}
}

func exampleHours() []app.HoursLine {
	day := november.From
	return []app.HoursLine{
		{EntryID: memberID, TeamMemberID: memberID, Name: "Noor van der Berg", VenueID: memberID, Venue: "Bar", Day: day, StartsAt: day.At(22, 0),
			EndsAt: day.AddDays(1).At(6, 0), Minutes: new(450), Kind: "worked", State: "approved", Exported: "Exported", ExportID: runID, ExportedAt: begun},
		{EntryID: runID, TeamMemberID: memberID, Name: "Noor van der Berg", Day: day, Minutes: new(-90), Kind: "worked", State: "deleted",
			Exported: "Exported, changed since"},
		{EntryID: runID, TeamMemberID: memberID, Name: "Ali", Day: day, Kind: "sick", State: "open"},
	}
}

func exampleLeftOut() []app.LeftOut {
	return []app.LeftOut{{Who: exampleWho(), EntryID: memberID, Day: november.From, Kind: "hours", Rule: "X3", Reason: "contract_type"}}
}

func exampleLine() app.ExportLine {
	return app.ExportLine{
		Line: 7, ConnexieVenueID: "ven_brug", ConnexieID: "emp_0001", ContractID: "con_1", TeamMemberID: memberID, EntryID: memberID,
		Day: november.From, Kind: "hours", Code: "1000", Quantity: amountOf("7.5000"),
	}
}

func TestShow_WhatPeopleSeeOfAnExport(t *testing.T) {
	t.Parallel()
	open := exampleExport("apply", "")
	open.Stage, open.ClosedAt, open.Counts = "asking_payroll", time.Time{}, domain.Counts{}
	for name, show := range map[string]func(*terminal){
		"X16_preview":        func(t *terminal) { t.showExportReport(examplePreview(), 50) },
		"X16_preview_cut":    func(t *terminal) { t.showExportReport(examplePreview(), 1) },
		"X13_partly":         func(t *terminal) { t.showExportReport(exampleSent(), 50) },
		"X9_refused":         func(t *terminal) { t.showExportReport(exampleRefused(), 50) },
		"C6_unmapped":        func(t *terminal) { t.showExportReport(exampleUnmapped(), 50) },
		"open":               func(t *terminal) { t.showExport(open) },
		"list":               func(t *terminal) { t.showExports([]app.Export{open, exampleExport("preview", domain.ExportOK)}) },
		"none":               func(t *terminal) { t.showExports(nil) },
		"X14_joined":         func(t *terminal) { t.showExportTicket(exampleTicket()) },
		"left_out":           func(t *terminal) { t.showLeftOut(exampleLeftOut()) },
		"lines":              func(t *terminal) { t.showExportLines([]app.ExportLine{exampleLine()}) },
		"X11_X12_hours":      func(t *terminal) { t.showHours(exampleHours()) },
		"unanswered_request": func(t *terminal) { t.showExportTicket(app.ExportTicket{ExportID: runID}) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			terminal, printed := drawing()
			show(terminal)
			golden(t, "export_"+name+".txt", printed.String())
		})
	}
}

func TestJSON_MembersOfAnExportAreStable(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]any{
		"preview": exportReport{ExportReport: examplePreview()},
		"partly":  exportReport{ExportReport: exampleSent(), Joined: true},
		"refused": exampleRefused(),
		"ticket":  exampleTicket(),
		"list":    map[string]any{"exports": []app.Export{exampleExport("apply", domain.ExportOK)}},
		"hours":   map[string]any{"connection_id": connectionID, "hours": exampleHours()},
		"lines":   rowsOf(exampleExport("apply", domain.ExportOK), "lines", []app.ExportLine{exampleLine()}),
		"left":    rowsOf(exampleExport("apply", domain.ExportOK), "left_out", exampleLeftOut()),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			terminal, printed := drawing()
			terminal.json = true
			require.NoError(t, terminal.output(false, value, sheet{}, func() { t.Error("drawn for people") }))
			require.True(t, json.Valid(printed.Bytes()))
			golden(t, "json_export_"+name+".json", printed.String())
		})
	}
}

// The columns of --csv are what other programs rely on.
func TestCSV_ColumnsAreStable(t *testing.T) {
	t.Parallel()
	for name, table := range map[string]sheet{
		"people":   mainSheet(examplePreview()),
		"receipt":  mainSheet(exampleSent()),
		"refused":  mainSheet(exampleRefused()),
		"left_out": leftOutSheet(exampleLeftOut()),
		"lines":    lineSheet([]app.ExportLine{exampleLine()}),
		"hours":    hoursSheet(exampleHours()),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			terminal, printed := drawing()
			require.NoError(t, terminal.output(true, nil, table, func() { t.Error("drawn for people") }))
			golden(t, "export_"+name+".csv", printed.String())
		})
	}
}

// A spreadsheet that opens the file must run nothing that somebody typed as a name.
func TestCSV_TextIsNoFormulaAndNumbersStayNumbers(t *testing.T) {
	t.Parallel()
	for _, evil := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", `=HYPERLINK("http://x","a,b")`} {
		who := app.Who{TeamMemberID: memberID, ConnexieID: evil, Name: evil}
		cells := cellsOf(t, peopleSheet([]app.ExportPerson{{Who: who, Kind: "meal", Type: evil, Code: evil, Lines: 1, Quantity: amountOf("-2.50")}}))
		for _, column := range []string{"connexie_id", "name", "type", "code"} {
			require.Equal(t, "'"+evil, cells[column], column)
		}
		require.Equal(t, "-2.50", cells["quantity"])
		hours := exampleHours()[1:2]
		hours[0].Name, hours[0].Venue = evil, evil
		cells = cellsOf(t, hoursSheet(hours))
		require.Equal(t, "'"+evil, cells["name"])
		require.Equal(t, "'"+evil, cells["venue"])
		require.Equal(t, "-90", cells["minutes"])
	}
}

// cellsOf prints the one row of a sheet and reads it back by column.
func cellsOf(t *testing.T, table sheet) map[string]string {
	t.Helper()
	terminal, printed := drawing()
	require.NoError(t, terminal.csv(table))
	records, err := csv.NewReader(printed).ReadAll()
	require.NoError(t, err)
	require.Len(t, records, 2)
	cells := map[string]string{}
	for i, column := range records[0] {
		require.Regexp(t, `^[a-z_]+$`, column)
		cells[column] = records[1][i]
	}
	return cells
}

func TestCSV_QuantitiesArePlainDecimals(t *testing.T) {
	t.Parallel()
	for _, c := range [][3]string{
		{"hours", "7.5000", "7.50"}, {"hours", "8", "8.00"}, {"hours", "0.3333", "0.3333"}, {"hours", "100000.25", "100000.25"},
		{"meal", "2.0000", "2"}, {"meal", "0", "0"}, {"allowance", "12.5", "12.50"}, {"allowance", "1000000", "1000000"},
	} {
		require.Equal(t, c[2], plain(c[0], amountOf(c[1])), c)
	}
}

func TestExit_EveryOutcomeOfAnExportHasACode(t *testing.T) {
	t.Parallel()
	for outcome, code := range map[domain.ExportOutcome]int{
		domain.ExportOK: exitDone, domain.ExportNothing: exitDone, domain.ExportPartly: exitProblems,
		domain.ExportRefused: exitRefused, domain.ExportRejected: exitRefused, domain.ExportNeedsAcknowledgement: exitRefused,
		domain.ExportSuperseded: exitRefused, domain.ExportCancelled: exitRefused, domain.ExportFailed: exitFailed,
	} {
		require.Equal(t, code, exportCode(string(outcome)), outcome)
	}
}

// Names and words of the organisation must not steer the terminal.
func TestShow_DataOfAnExportDoesNotSteerTheTerminal(t *testing.T) {
	t.Parallel()
	const evil = "\x1b[2J\x1b]0;owned\x07\r\n"
	terminal, printed := drawing()
	for _, report := range []app.ExportReport{examplePreview(), exampleSent(), exampleRefused(), exampleUnmapped()} {
		report.Problem, report.NextStep = evil, evil
		for i := range report.People {
			report.People[i].Name, report.People[i].Type, report.People[i].Code = evil, evil, evil
		}
		for i := range report.Differences {
			report.Differences[i].Name, report.Differences[i].Type, report.Differences[i].Code = evil, evil, evil
		}
		for i := range report.Receipt {
			report.Receipt[i].Venue, report.Receipt[i].Code = evil, evil
		}
		for i := range report.Rejected {
			report.Rejected[i].Name, report.Rejected[i].Type, report.Rejected[i].Problem = evil, evil, evil
		}
		for i := range report.Unmapped {
			report.Unmapped[i].Type, report.Unmapped[i].ChooseWith = evil, evil
		}
		for i := range report.Venues {
			report.Venues[i].Problem = evil
		}
		terminal.showExportReport(report, 50)
	}
	left, line, hours := exampleLeftOut(), exampleLine(), exampleHours()
	left[0].Name, left[0].Type, line.Code, line.Type, hours[0].Name, hours[0].Venue = evil, evil, evil, evil, evil, evil
	terminal.showLeftOut(left)
	terminal.showExportLines([]app.ExportLine{line})
	terminal.showHours(hours)
	require.NotContains(t, printed.String(), "\x1b")
	require.NotContains(t, printed.String(), "\x07")
}

// Whoever reads what was left out reads why in plain words.
func TestShow_X16_EveryReasonHasPlainWords(t *testing.T) {
	t.Parallel()
	words := 0
	for _, file := range []string{"export_entry.go", "situation.go"} {
		text, err := os.ReadFile(filepath.Join("..", "internal", "domain", file))
		require.NoError(t, err)
		for _, match := range regexp.MustCompile(`Reason\w+ +Reason = "(\w+)"`).FindAllStringSubmatch(string(text), -1) {
			if file == "export_entry.go" || strings.Contains(match[1], "contract") || strings.HasPrefix(match[1], "venue_") {
				require.Contains(t, reasons, match[1])
				words++
			}
		}
	}
	require.Greater(t, words, 15)
}

func TestShow_X13_EveryProblemOfAVenueHasPlainWords(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "activities", "export_commit.go"))
	require.NoError(t, err)
	found := regexp.MustCompile(`Problem\w+ += "(\w+)"`).FindAllStringSubmatch(string(text), -1)
	require.Greater(t, len(found), 5)
	for _, match := range found {
		require.Contains(t, venueProblems, match[1])
	}
}

// commandsTold finds the commands in a sentence; each ends with a full stop.
var commandsTold = regexp.MustCompile(`starter .*?\.(?: |$)`)

// A command in a sentence of the export can be pasted: it has all that it needs.
func TestUsage_N1_WhatIsToldToBeRunRuns(t *testing.T) {
	bareEnvironment(t)
	const id = "0190a1b2-0000-7000-8000-000000000002"
	again := domain.ExportRequest{ConnectionID: id, Period: november, Kinds: domain.ExportKinds(), AcknowledgeUnmapped: true}
	undecided := domain.ExportConfiguration{Undecided: []string{"eitje:" + id, "connexie:ven_1"}, Vanished: []string{"1000"}}
	sentences := append(undecided.Problems(id, domain.ExportKinds()),
		domain.ExportChangedNotice(again, 2).NextStep,
		domain.ExportIncompleteNotice(again, id, domain.ExportPartly, "").NextStep)
	ran := 0
	for _, sentence := range sentences {
		for _, command := range commandsTold.FindAllString(sentence, -1) {
			got := typing(t, strings.Fields(strings.TrimRight(command, ". "))[1:]...)
			require.Contains(t, got.err, "DATABASE_URL is required and not set", command)
			ran++
		}
	}
	require.Equal(t, 11, ran)
}
