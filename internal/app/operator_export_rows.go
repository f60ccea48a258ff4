package app

import (
	"context"

	"github.com/govalues/decimal"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
)

// Who is a person as both sides know them. Names come from the database to the
// operator's own screen or file, and go nowhere else (N4).
type Who struct {
	TeamMemberID string `json:"team_member_id"`
	ConnexieID   string `json:"connexie_id,omitempty"`
	Name         string `json:"name"`
}

// ExportPerson is what goes out, or would, for one person of one kind (X16).
type ExportPerson struct {
	Who

	Kind     domain.LineKind `json:"kind"`
	Type     string          `json:"type,omitempty"`
	Code     string          `json:"code"`
	Lines    int             `json:"lines"`
	Quantity decimal.Decimal `json:"quantity"`
}

// ExportPeople lists what an export sends, or would, per person and kind. Needs the
// database.
func (o *Operator) ExportPeople(ctx context.Context, exportID string) ([]ExportPerson, error) {
	rows, err := o.store.ExportPeople(ctx, exportID)
	people := make([]ExportPerson, 0, len(rows))
	for _, row := range rows {
		people = append(people, ExportPerson{
			Who: Who{row.TeamMemberID, row.ConnexieID, row.Name}, Kind: row.Kind, Type: row.Type, Code: row.Code,
			Lines: row.Lines, Quantity: row.Quantity,
		})
	}
	return people, err
}

// ReceiptLine is what was sent under one code for one Connexie venue, and what
// Connexie read back (X18).
type ReceiptLine struct {
	ConnexieVenueID string            `json:"connexie_venue_id"`
	Venue           string            `json:"venue"`
	State           domain.VenueState `json:"state"`
	ImportID        string            `json:"import_id,omitempty"`
	// Code is empty for a venue that has no lines.
	Code string `json:"code"`
	// Lines is null where the lines have been deleted since.
	Lines *int            `json:"lines"`
	Sent  decimal.Decimal `json:"sent"`
	// ReadBack is null where nothing was read back.
	ReadBack *decimal.Decimal `json:"read_back"`
	Equal    bool             `json:"equal"`
}

// Receipt lists what an export sent per venue and code, and what was read back. Needs
// the database.
func (o *Operator) Receipt(ctx context.Context, exportID string) ([]ReceiptLine, error) {
	rows, err := o.store.Receipt(ctx, exportID)
	lines := make([]ReceiptLine, 0, len(rows))
	for _, row := range rows {
		lines = append(lines, ReceiptLine{
			ConnexieVenueID: row.ConnexieVenueID, Venue: row.VenueName, State: row.State, ImportID: row.ImportID,
			Code: row.Code, Lines: row.Lines, Sent: row.Sent, ReadBack: row.Read, Equal: row.Read != nil && row.Read.Equal(row.Sent),
		})
	}
	return lines, err
}

// Difference is what Connexie holds of a person's day otherwise than an export has it:
// what repeating it adds, changes or removes (X16), or, where payroll has run, what
// somebody must correct there by hand (X9).
type Difference struct {
	Who

	// Change is added, changed or removed.
	Change          string          `json:"change"`
	ConnexieVenueID string          `json:"connexie_venue_id"`
	Day             domain.Date     `json:"day"`
	Kind            domain.LineKind `json:"kind"`
	Type            string          `json:"type,omitempty"`
	Code            string          `json:"code"`
	// Was is what Connexie holds, and Is what it would be; zero where nothing.
	Was decimal.Decimal `json:"was"`
	Is  decimal.Decimal `json:"is"`
}

// What repeating an export does to what Connexie holds.
const (
	ChangeAdded   = store.ChangeAdded
	ChangeChanged = store.ChangeChanged
	ChangeRemoved = store.ChangeRemoved
)

// Differences lists what an export adds, changes and removes against what was last
// committed (X16). Needs the database.
func (o *Operator) Differences(ctx context.Context, exportID string) ([]Difference, error) {
	rows, err := o.store.Differences(ctx, exportID)
	return differencesOf(rows), err
}

// Corrections is the correction sheet of an export: what differs from what was exported
// where payroll has run (X9). Needs the database.
func (o *Operator) Corrections(ctx context.Context, exportID string) ([]Difference, error) {
	rows, err := o.store.Corrections(ctx, exportID)
	return differencesOf(rows), err
}

func differencesOf(rows []store.DifferenceRow) []Difference {
	differences := make([]Difference, 0, len(rows))
	for _, row := range rows {
		differences = append(differences, Difference{
			Who: Who{row.TeamMemberID, row.ConnexieID, row.Name}, Change: row.Change, ConnexieVenueID: row.ConnexieVenueID,
			Day: row.Day, Kind: row.Kind, Type: row.Type, Code: row.Code, Was: row.Was, Is: row.Is,
		})
	}
	return differences
}

// LeftOut is a part of an entry that is not sent, with the rule that decided (X16).
type LeftOut struct {
	Who

	EntryID string          `json:"entry_id"`
	Day     domain.Date     `json:"day"`
	Kind    domain.LineKind `json:"kind"`
	Type    string          `json:"type,omitempty"`
	Rule    string          `json:"rule"`
	Reason  domain.Reason   `json:"reason"`
}

// LeftOut lists what an export leaves out, at most so many. Needs the database.
func (o *Operator) LeftOut(ctx context.Context, exportID string, limit int) ([]LeftOut, error) {
	rows, err := o.store.ExportSkips(ctx, exportID, limit)
	left := make([]LeftOut, 0, len(rows))
	for _, row := range rows {
		left = append(left, LeftOut{
			Who: Who{TeamMemberID: row.TeamMemberID, Name: row.Name}, EntryID: row.EntryID, Day: row.Day,
			Kind: row.Kind, Type: row.Type, Rule: row.Rule, Reason: row.Reason,
		})
	}
	return left, err
}

// RejectedLine is a line that Connexie rejected, with its word and the entry that it
// came from (X17).
type RejectedLine struct {
	Who

	Line            int             `json:"line"`
	ConnexieVenueID string          `json:"connexie_venue_id"`
	EntryID         string          `json:"entry_id"`
	Day             domain.Date     `json:"day"`
	Kind            domain.LineKind `json:"kind"`
	Type            string          `json:"type,omitempty"`
	Code            string          `json:"code"`
	Quantity        decimal.Decimal `json:"quantity"`
	// Problem is Connexie's word.
	Problem string `json:"problem"`
}

// RejectedLines lists the lines of an export that Connexie rejected. Needs the database.
func (o *Operator) RejectedLines(ctx context.Context, exportID string) ([]RejectedLine, error) {
	rows, err := o.store.RejectedLines(ctx, exportID)
	lines := make([]RejectedLine, 0, len(rows))
	for _, row := range rows {
		lines = append(lines, RejectedLine{
			Who: Who{row.TeamMemberID, row.ConnexieID, row.Name}, Line: row.Line, ConnexieVenueID: row.ConnexieVenueID,
			EntryID: row.EntryID, Day: row.Day, Kind: row.Kind, Type: row.Type, Code: row.Code,
			Quantity: row.Quantity, Problem: row.Problem,
		})
	}
	return lines, err
}

// ExportLine is one line as it is sent; ids alone.
type ExportLine struct {
	Line            int             `json:"line"`
	ConnexieVenueID string          `json:"connexie_venue_id"`
	ConnexieID      string          `json:"connexie_id"`
	ContractID      string          `json:"contract_id"`
	TeamMemberID    string          `json:"team_member_id"`
	EntryID         string          `json:"entry_id"`
	Day             domain.Date     `json:"day"`
	Kind            domain.LineKind `json:"kind"`
	Type            string          `json:"type,omitempty"`
	Code            string          `json:"code"`
	Quantity        decimal.Decimal `json:"quantity"`
}

// ExportLines lists the lines of an export by their numbers, from the one behind after.
// Needs the database.
func (o *Operator) ExportLines(ctx context.Context, exportID string, after, limit int) ([]ExportLine, error) {
	rows, err := o.store.ExportPart(ctx, exportID, after+1, after+limit)
	lines := make([]ExportLine, 0, len(rows))
	for _, row := range rows {
		lines = append(lines, ExportLine{
			Line: row.Number, ConnexieVenueID: row.ConnexieVenueID, ConnexieID: row.ConnexieID, ContractID: row.ContractID,
			TeamMemberID: row.TeamMemberID, EntryID: row.EntryID, Day: row.Day, Kind: row.Kind, Type: row.Type,
			Code: row.Code, Quantity: row.Quantity,
		})
	}
	return lines, err
}
