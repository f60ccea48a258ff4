package app

import (
	"context"
	"errors"
	"time"

	"github.com/govalues/decimal"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
)

// Export is one export, or a preview of one, for people and programs to look at.
type Export struct {
	ExportID            string              `json:"export_id"`
	ConnectionID        string              `json:"connection_id"`
	WorkflowID          string              `json:"workflow_id"`
	Link                string              `json:"link,omitempty"`
	From                domain.Date         `json:"from"`
	To                  domain.Date         `json:"to"`
	Kinds               []domain.ExportKind `json:"kinds"`
	Mode                string              `json:"mode"`
	AcknowledgeUnmapped bool                `json:"acknowledge_unmapped"`
	RequestedBy         string              `json:"requested_by"`
	Stage               string              `json:"stage"`
	// Done and Total count lines: those that Connexie has taken, of those to send.
	Done    int                  `json:"done"`
	Total   int                  `json:"total"`
	Counts  domain.Counts        `json:"counts"`
	Outcome domain.ExportOutcome `json:"outcome,omitempty"`
	// Problem says in sentences why not everything was exported.
	Problem   string        `json:"problem,omitempty"`
	StartedAt time.Time     `json:"started_at"`
	ClosedAt  time.Time     `json:"closed_at,omitzero"`
	Venues    []ExportVenue `json:"venues"`
	NextStep  string        `json:"next_step"`
}

// Closed reports whether the export has ended.
func (e Export) Closed() bool { return e.Outcome != "" }

// Preview reports whether the export sends nothing (X16).
func (e Export) Preview() bool { return e.Mode == store.ModePreview }

// ExportVenue is how far the import of one Connexie venue is (X13).
type ExportVenue struct {
	ConnexieVenueID string                     `json:"connexie_venue_id"`
	State           domain.VenueState          `json:"state"`
	Lines           int                        `json:"lines"`
	Sent            int                        `json:"sent"`
	Totals          map[string]decimal.Decimal `json:"totals"`
	ImportID        string                     `json:"import_id,omitempty"`
	Problem         string                     `json:"problem,omitempty"`
}

func exportVenue(venue store.ExportVenue) ExportVenue {
	return ExportVenue{
		ConnexieVenueID: venue.ConnexieVenueID, State: venue.State, Lines: venue.Lines, Sent: venue.Sent,
		Totals: venue.Totals, ImportID: venue.ImportID, Problem: venue.Problem,
	}
}

func (o *Operator) describeExport(export store.Export) Export {
	described := Export{
		ExportID: export.ID, ConnectionID: export.ConnectionID, WorkflowID: export.WorkflowID,
		Link: o.workflowLink(export.WorkflowID), From: export.Period.From, To: export.Period.To, Kinds: export.Kinds,
		Mode: export.Mode, AcknowledgeUnmapped: export.AcknowledgeUnmapped, RequestedBy: export.RequestedBy,
		Stage: export.Stage, Counts: export.Counts, Outcome: export.Outcome, Problem: export.Problem,
		StartedAt: export.StartedAt, ClosedAt: export.ClosedAt, Venues: []ExportVenue{},
	}
	described.NextStep = nextAfterExport(described)
	return described
}

// nextAfterExport is what somebody can do about an export.
func nextAfterExport(export Export) string {
	again := exportCommand(export)
	switch export.Outcome {
	case "":
		return "Nothing: it goes on by itself. End it with: " + cancelExportCommand(export.ConnectionID, export.Mode)
	case domain.ExportOK:
		if export.Preview() {
			return "To send it: " + again
		}
		return "Nothing: Connexie holds exactly what was approved. The receipt: starter export receipt --export " + export.ExportID
	case domain.ExportNothing:
		return "Nothing. What was left out, and by which rule: starter export left-out --export " + export.ExportID
	case domain.ExportPartly:
		return "What was exported stays. Mend what the other venues name, then complete it: " + again
	case domain.ExportRejected:
		return "Mend the lines that Connexie rejected, then: " + again
	case domain.ExportNeedsAcknowledgement:
		return "Choose codes: starter mappings list --connection " + export.ConnectionID +
			". Or leave them out: " + again + " --acknowledge-unmapped"
	case domain.ExportCancelled:
		return "Venues that were exported stay. To do the rest: " + again
	case domain.ExportSuperseded:
		return "Find out who else imports hours into Connexie, then: " + again
	case domain.ExportFailed:
		return "Open the failed workflow in the Temporal UI: its error says what happened. What was exported stays. Then: " + again
	}
	return "Do what the reason says. To ask again: " + again
}

// exportCommand is the command that exports the same again, or what a preview showed.
func exportCommand(export Export) string {
	return domain.ExportRequest{
		ConnectionID: export.ConnectionID, Period: domain.Period{From: export.From, To: export.To},
		Kinds: export.Kinds, AcknowledgeUnmapped: export.AcknowledgeUnmapped,
	}.Command()
}

// Exports lists the latest exports of a connection and their previews, the last one
// first. Needs the database.
func (o *Operator) Exports(ctx context.Context, connectionID string, limit int) ([]Export, error) {
	connection, err := o.connection(ctx, connectionID)
	if err != nil {
		return nil, err
	}
	found, err := o.store.Exports(ctx, connection.ID, limit)
	exports := make([]Export, 0, len(found))
	for _, export := range found {
		exports = append(exports, o.describeExport(export))
	}
	return exports, err
}

// Export finds an export, with its venues. Needs the database.
func (o *Operator) Export(ctx context.Context, exportID string) (Export, error) {
	const list = "The latest exports are in: starter export list --connection ID"
	if !isRecordID(exportID) {
		return Export{}, malformed(list, "an export", exportID)
	}
	found, err := o.store.Export(ctx, exportID)
	if errors.Is(err, store.ErrNotFound) {
		return Export{}, notFound(list, "there is no export %q", exportID)
	}
	if err != nil {
		return Export{}, err
	}
	return o.exportWithLines(ctx, found)
}
