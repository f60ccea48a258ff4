package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// RecordCommit notes that Connexie has committed a venue's import: from now on that is
// what it holds of the venue on these days, in place of what earlier imports brought
// there (X8). One that reaches beyond the period is cut to its other days (X10).
//
// Recording an import again changes nothing, also after a newer one has replaced it.
// The errors are ErrExportClosed where the export has ended, and ErrVenueMovedOn where
// the venue has ended otherwise or with another import.
func (s *Store) RecordCommit(ctx context.Context, exportID, connexieVenueID, importID string, now time.Time) error {
	return s.inVenue(ctx, "record the commit", exportID, connexieVenueID,
		func(tx pgx.Tx, export Export, venue ExportVenue) error {
			return commitVenue(ctx, tx, export, venue, importID, now)
		})
}

func commitVenue(
	ctx context.Context, tx pgx.Tx, export Export, venue ExportVenue, importID string, now time.Time,
) error {
	switch venue.State {
	case domain.VenueSending:
	case domain.VenueCommitted, domain.VenueExported:
		if venue.ImportID == importID {
			return nil
		}
		return ErrVenueMovedOn
	default:
		return ErrVenueMovedOn
	}
	if err := cutImports(ctx, tx, export, venue); err != nil {
		return err
	}
	if err := insertImport(ctx, tx, export, venue, importID, now); err != nil {
		return err
	}
	return updateVenue(ctx, tx, venue,
		`state = @state, connexie_import_id = @import_id, sent = lines, committed_at = @now`,
		args{"state": domain.VenueCommitted, "import_id": importID, "now": now})
}

// cutImports leaves of the venue's current imports the days outside the period, with the
// lines of those days: none, one or two runs of each.
func cutImports(ctx context.Context, tx pgx.Tx, export Export, venue ExportVenue) error {
	const query = `
		with cut as (
		    delete from connexie.current_imports
		     where connection_id = @connection_id and connexie_venue_id = @connexie_venue_id
		       and days && daterange(@from::date, @to::date, '[]')
		    returning *)
		select c.export_id, c.connexie_import_id as import_id, lower(left_over) as from_day,
		       upper(left_over) - 1 as to_day, c.kinds, c.committed_at
		  from cut c
		 cross join unnest(datemultirange(c.days) - datemultirange(daterange(@from::date, @to::date, '[]'))) left_over
		 order by lower(left_over)`
	left, err := collect[leftOver](ctx, tx, "cut the current imports", query, args{
		"connection_id": export.ConnectionID, "connexie_venue_id": venue.ConnexieVenueID,
		"from": export.Period.From, "to": export.Period.To,
	})
	if err != nil {
		return err
	}
	for _, run := range left {
		if err := insertLeftOver(ctx, tx, export.ConnectionID, venue.ConnexieVenueID, run); err != nil {
			return err
		}
	}
	return nil
}

// leftOver is a run of days that an import still holds.
type leftOver struct {
	ExportID    string
	ImportID    string
	FromDay     domain.Date
	ToDay       domain.Date
	Kinds       []domain.ExportKind
	CommittedAt time.Time
}

func insertLeftOver(ctx context.Context, tx pgx.Tx, connectionID, connexieVenueID string, run leftOver) error {
	const query = `
		insert into connexie.current_imports (connection_id, connexie_venue_id, days, export_id, connexie_import_id,
		       kinds, lines, totals, committed_at)
		select @connection_id, @connexie_venue_id, daterange(@from::date, @to::date, '[]'), @export_id, @import_id,
		       @kinds, coalesce(sum(lines), 0), coalesce(jsonb_object_agg(code, total), '{}'), @committed_at
		  from (select code, count(*) as lines, trim_scale(sum(quantity))::text as total
		          from connexie.export_lines
		         where export_id = @export_id and connexie_venue_id = @connexie_venue_id
		           and day between @from::date and @to::date
		         group by code) by_code`
	_, err := execute(ctx, tx, "keep what is left of an import", query, args{
		"connection_id": connectionID, "connexie_venue_id": connexieVenueID, "from": run.FromDay, "to": run.ToDay,
		"export_id": run.ExportID, "import_id": run.ImportID, "kinds": run.Kinds, "committed_at": run.CommittedAt,
	})
	return err
}

func insertImport(
	ctx context.Context, tx pgx.Tx, export Export, venue ExportVenue, importID string, now time.Time,
) error {
	const query = `
		insert into connexie.current_imports (connection_id, connexie_venue_id, days, export_id, connexie_import_id,
		       kinds, lines, totals, committed_at)
		values (@connection_id, @connexie_venue_id, daterange(@from::date, @to::date, '[]'), @export_id, @import_id,
		       @kinds, @lines, @totals, @now)`
	_, err := execute(ctx, tx, "keep the import", query, args{
		"connection_id": export.ConnectionID, "connexie_venue_id": venue.ConnexieVenueID,
		"from": export.Period.From, "to": export.Period.To, "export_id": export.ID, "import_id": importID,
		"kinds": export.Kinds, "lines": venue.Lines, "totals": venue.Totals, "now": now,
	})
	return err
}
