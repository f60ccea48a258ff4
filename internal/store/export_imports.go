package store

import (
	"context"

	"github.com/govalues/decimal"

	"github.com/eitje/connexie-worker/internal/domain"
)

// HeldImport is a committed import that Connexie still holds for days of a venue, with
// the lines of those days.
type HeldImport struct {
	ConnexieVenueID string
	FromDay         domain.Date
	ToDay           domain.Date
	ExportID        string
	ImportID        string
	Kinds           []domain.ExportKind
	Lines           int
	Totals          map[string]decimal.Decimal
}

// Period is the run of days that it holds.
func (i HeldImport) Period() domain.Period { return domain.Period{From: i.FromDay, To: i.ToDay} }

// HeldImports lists what Connexie holds of a connection, by venue and day.
func (s *Store) HeldImports(ctx context.Context, connectionID string) ([]HeldImport, error) {
	const query = `
		select connexie_venue_id, lower(days) as from_day, upper(days) - 1 as to_day, export_id,
		       connexie_import_id as import_id, kinds, lines, totals
		  from connexie.current_imports
		 where connection_id = @connection_id
		 order by connexie_venue_id collate "C", lower(days)`
	return collect[HeldImport](ctx, s.pool, "list the imports of connection "+connectionID, query,
		args{"connection_id": connectionID})
}

// CurrentImports lists the same as the rules look at it (X7, X10).
func (s *Store) CurrentImports(ctx context.Context, connectionID string) ([]domain.CurrentImport, error) {
	held, err := s.HeldImports(ctx, connectionID)
	if err != nil {
		return nil, err
	}
	current := make([]domain.CurrentImport, 0, len(held))
	for _, one := range held {
		current = append(current, domain.CurrentImport{
			ConnexieVenueID: one.ConnexieVenueID, Period: one.Period(), Kinds: one.Kinds,
		})
	}
	return current, nil
}

// ExportPart lists the lines of an export by number, both ends included.
func (s *Store) ExportPart(ctx context.Context, exportID string, firstLine, lastLine int) ([]domain.ExportLine, error) {
	const query = `
		select line as number, connexie_venue_id, connexie_id, contract_id, team_member_id, entry_id, day, kind, type,
		       code, coalesce(minutes, 0) as minutes, trim_scale(quantity) as quantity
		  from connexie.export_lines
		 where export_id = @export_id and line between @first_line and @last_line
		 order by line`
	return collect[domain.ExportLine](ctx, s.pool, "list lines of export "+exportID, query,
		args{"export_id": exportID, "first_line": firstLine, "last_line": lastLine})
}
