package workflows

import (
	"fmt"
	"strings"

	"go.temporal.io/sdk/workflow"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
)

// ExportProgress is the answer to the query progress.
type ExportProgress struct {
	Stage Stage `json:"stage"`
	// Done and Total count lines: those that Connexie has taken, of those to send.
	Done   int           `json:"done"`
	Total  int           `json:"total"`
	Counts domain.Counts `json:"counts"`
	// NextStep says what somebody can do, in a sentence.
	NextStep string `json:"next_step"`
	// Period has the form 2026-11-01_2026-11-30.
	Period  string               `json:"period"`
	Kinds   []domain.ExportKind  `json:"kinds"`
	Mode    string               `json:"mode"`
	Outcome domain.ExportOutcome `json:"outcome,omitempty"`
}

// The stages of an export, besides closed.
const (
	StageChecking      Stage = "checking"
	StageCollecting    Stage = "collecting"
	StageAskingPayroll Stage = "asking_payroll"
	StageComparing     Stage = "comparing"
	StageSending       Stage = "sending"
)

// show notes how far the export is, for the query and for the UI.
func (e *exportRun) show(ctx workflow.Context, stage Stage) {
	e.progress.Stage = stage
	e.progress.Done, e.progress.Total = e.lines()
	e.progress.NextStep = e.nextStep()
	workflow.SetCurrentDetails(ctx, e.details())
}

// lines counts what Connexie has taken, and all that is to be sent.
func (e *exportRun) lines() (done, total int) {
	for _, venue := range e.venues {
		done += venue.Sent
		total += venue.Lines
	}
	return done, max(total, e.progress.Total)
}

func (e *exportRun) nextStep() string {
	switch {
	case e.progress.Outcome != "":
		return exportSteps[e.progress.Outcome]
	case e.cancelled:
		return "Nothing: what is being sent is withdrawn, then the export ends."
	}
	return "Nothing: the export goes on by itself. End it with the update " + UpdateCancel + "."
}

var exportSteps = map[domain.ExportOutcome]string{
	domain.ExportOK:                   "Nothing. The receipt: starter export receipt.",
	domain.ExportNothing:              "Nothing: there was nothing to send. What was left out, and why: starter export left-out.",
	domain.ExportPartly:               "Some venues were not exported. See why with: starter export show. Then export again, which completes it.",
	domain.ExportRefused:              "Nothing was exported. See why with: starter export show.",
	domain.ExportRejected:             "Connexie rejected lines. See them with: starter export lines. Mend them, then export again.",
	domain.ExportNeedsAcknowledgement: "Meals or allowances have no code and would be left out (C6). Choose codes with: starter mappings code. Or export again with --acknowledge-unmapped.",
	domain.ExportCancelled:            "Venues that were exported stay. Export again, which does the rest.",
	domain.ExportSuperseded:           "Another import took over a venue's days in Connexie. Find out who imports beside Eitje, then export again.",
}

// maxVenuesShown keeps the details below the engine's limit.
const maxVenuesShown = 100

// details shows the export in the Temporal UI, ids and counts alone (N4).
func (e *exportRun) details() string {
	var text strings.Builder
	fmt.Fprintf(&text, "**%s** · %s of %s · %s · asked by `%s`\n\n",
		e.progress.Stage, words(e.in.Kinds), e.progress.Period, e.in.Mode, e.in.RequestedBy)
	if e.progress.Total > 0 {
		fmt.Fprintf(&text, "%d of %d lines\n\n", e.progress.Done, e.progress.Total)
	}
	if e.progress.Outcome != "" {
		fmt.Fprintf(&text, "Outcome: **%s**\n\n", e.progress.Outcome)
	}
	if e.problem != "" {
		fmt.Fprintf(&text, "%s\n\n", shownProblem(e.problem))
	}
	text.WriteString(venuesTable(e.venues))
	text.WriteString(wordsTable("lines", e.progress.Counts))
	fmt.Fprintf(&text, "**What you can do:** %s\n", e.progress.NextStep)
	return text.String()
}

// maxProblemShown leaves room for the rest of the details; the whole text is with the
// export.
const maxProblemShown = 4000

func shownProblem(problem string) string {
	if len(problem) <= maxProblemShown {
		return problem
	}
	return strings.ToValidUTF8(problem[:maxProblemShown], "") + "…"
}

func venuesTable(venues []activities.VenueStanding) string {
	if len(venues) == 0 {
		return ""
	}
	var text strings.Builder
	text.WriteString("| venue | lines | sent | state |\n| --- | ---: | ---: | --- |\n")
	for _, venue := range venues[:min(len(venues), maxVenuesShown)] {
		fmt.Fprintf(&text, "| `%s` | %d | %d | %s |\n", venue.VenueID, venue.Lines, venue.Sent, venue.State)
	}
	if more := len(venues) - maxVenuesShown; more > 0 {
		fmt.Fprintf(&text, "| and %d more | | | |\n", more)
	}
	return text.String() + "\n"
}
